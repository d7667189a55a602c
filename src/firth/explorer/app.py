"""The explorer's addresses, and what answers at each; every answer is made in a thread, so that none waits for another.

Nothing here opens a file by a name from outside: the page's files are read when the app is made, and are looked up
among those.
"""

from __future__ import annotations

from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from firth.errors import FirthError, FormatError, MissingExtraError, SettingsError, UnknownWordError
from firth.explorer.axes import axis, in_plane
from firth.explorer.colours import along, frequency, lengths
from firth.explorer.completion import beginning_with, holding, most_frequent_first
from firth.explorer.guard import Guard
from firth.explorer.heat_map import heat_map
from firth.explorer.layouts import LAYOUTS
from firth.explorer.nearest import analogy, counted, neighbours
from firth.explorer.parameters import Asked
from firth.explorer.record import curve_of, record_of
from firth.explorer.static_page import WORDS, page_files, static_page
from firth.explorer.training_pairs import pairs_by_place
from firth.explorer.two_models import compare, moved
from firth.vectors.analogy import METHODS

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from firth.explorer.models import Models

__all__ = ["METRICS", "app_of"]

METRICS = (
    "cosine", "euclidean", "dot", "correlation", "manhattan", "chebyshev", "canberra", "braycurtis", "seuclidean",
    "mahalanobis", "csls",
)  # fmt: skip
"""The metrics that the page offers; every other that the library knows is answered, too."""

_KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_MOST_ANSWERS = 1000
_MOST_IN_PLANE = 2000

Answer = dict[str, Any] | Response


def app_of(models: Models, *, host: str = "127.0.0.1", token: str | None = None, cookie: str = "firth") -> Guard:
    """Return the application of the explorer.

    Args:
        models: those that are open.
        host: that the server is bound to.
        token: without which nothing is answered; None for none.
        cookie: the name of the cookie that carries the token.
    """
    page = page_files()
    answers: dict[str, Callable[[Asked], Answer]] = {
        "models": partial(_models, models),
        "words": _words,
        "labels": _labels,
        "search": _search,
        "layouts": _layouts,
        "map": _map,
        "colour": _colour,
        "neighbors": _neighbors,
        "analogy": _analogy,
        "axis": _axis,
        "plane": _plane,
        "compare": _compare,
        "moved": partial(_moved, models),
        "heatmap": _heatmap,
        "record": _record,
        "pairs": _pairs,
        "live": partial(_live, models),
    }
    routes = [
        Route("/", partial(_page, page, "index.html")),
        Route("/page/{name}", partial(_page, page, None)),
        Route("/export.html", partial(_answered, models, partial(_export, page))),
        *(Route(f"/api/{name}", partial(_answered, models, answer)) for name, answer in answers.items()),
    ]
    handlers: dict[Any, Any] = {HTTPException: _not_here, Exception: _unforeseen}
    app = Starlette(routes=routes, exception_handlers=handlers)
    app.router.redirect_slashes = False
    return Guard(app, host=host, token=token, cookie=cookie)


def _page(page: dict[str, bytes], name: str | None, request: Request) -> Response:
    wanted = name or request.path_params["name"]
    kind = _KINDS.get("." + wanted.rpartition(".")[2])
    if wanted not in page or kind is None:
        raise HTTPException(404)
    return Response(page[wanted], media_type=f"{kind}; charset=utf-8")


def _answered(models: Models, answer: Callable[[Asked], Answer], request: Request) -> Response:
    """Answer a request, or say in a sentence why not."""
    try:
        given = answer(Asked(request.query_params, models))
    except FirthError as error:
        status = (
            404
            if isinstance(error, UnknownWordError)
            else 422
            if isinstance(error, FormatError | MissingExtraError)
            else 400
        )
        return JSONResponse({"error": " ".join(str(error).split())}, status)
    except MemoryError:
        return JSONResponse({"error": "expected enough memory for this answer, but there is none; ask for less"}, 503)
    return given if isinstance(given, Response) else JSONResponse(given)


def _not_here(request: Request, error: Exception) -> Response:  # noqa: ARG001 - Starlette's signature
    status = error.status_code if isinstance(error, HTTPException) else 404
    return JSONResponse({"error": "expected one of the explorer's addresses, but there is nothing at this one"}, status)


def _unforeseen(request: Request, error: Exception) -> Response:  # noqa: ARG001
    return JSONResponse({"error": "expected an answer, but the explorer failed; what happened is in its terminal"}, 500)


def _models(models: Models, asked: Asked) -> Answer:  # noqa: ARG001
    return {
        "version": version("firth"),
        "live": models.live is not None,
        "metrics": list(METRICS),
        "methods": list(METHODS),
        "models": [model.described(number) for number, model in enumerate(models)],
    }


def _words(asked: Asked) -> Answer:
    wv = asked.model().wv
    rows = beginning_with(wv, asked.text("prefix", ""), asked.whole("k", 20, 1, _MOST_ANSWERS)).tolist()
    return {"words": [{"word": wv.words[row], "row": row, "count": counted(wv, row)} for row in rows]}


def _labels(asked: Asked) -> Answer:
    wv = asked.model().wv
    if asked.has("first") == asked.has("row"):
        raise SettingsError("expected either row=… or first=… for labels, got both or neither")
    rows = asked.wholes("row", 2000, len(wv))
    if asked.has("first"):
        first = asked.whole("first", 0, 0, 5000)
        rows = most_frequent_first(wv, np.arange(len(wv)), first).tolist()
    return {"rows": rows, "labels": [wv.words[row] for row in rows]}


def _search(asked: Asked) -> Answer:
    text = asked.text("text")
    if not text:
        raise SettingsError("expected a text to look for, got an empty one")
    rows, total = holding(asked.model().wv, text, asked.whole("k", 5000, 1, 100_000))
    return {"rows": rows.tolist(), "total": total}


def _layouts(asked: Asked) -> Answer:
    return {"layouts": asked.model().layouts.described()}


def _map(asked: Asked) -> Answer:
    places = asked.model().layouts.places(asked.choice("layout", LAYOUTS))
    return JSONResponse({"state": "running"}, 202) if places is None else _numbers(places)


def _colour(asked: Asked) -> Answer:
    model = asked.model()
    by = asked.choice("by", ("count", "cluster", "norm", "axis"))
    if by == "axis":
        return _numbers(along(model.wv, asked.texts("positive", 1), asked.texts("negative", 1)))
    if by == "cluster":
        return _numbers(model.clusters())
    return _numbers(frequency(model.wv) if by == "count" else lengths(model.wv))


def _neighbors(asked: Asked) -> Answer:
    return neighbours(
        asked.model(),
        asked.text("word"),
        k=asked.whole("k", 20, 1, _MOST_ANSWERS),
        metric=asked.text("metric", "cosine", 100),
        centred=asked.flag("centred"),
        first=_first(asked),
    )


def _analogy(asked: Asked) -> Answer:
    return analogy(
        asked.model(),
        asked.text("expression"),
        k=asked.whole("k", 10, 1, _MOST_ANSWERS),
        method=asked.text("method", METHODS[0], 100),
        keep=asked.choice("queries", ("leave", "keep")) == "keep",
        centred=asked.flag("centred"),
        first=_first(asked),
    )


def _axis(asked: Asked) -> Answer:
    return axis(
        asked.model().wv,
        asked.texts("positive", 1),
        asked.texts("negative", 1),
        asked.texts("word"),
        k=asked.whole("k", 20, 1, _MOST_ANSWERS),
        first=_first(asked),
    )


def _plane(asked: Asked) -> Answer:
    wv = asked.model().wv
    words = asked.texts("word", most=_MOST_IN_PLANE)
    if bool(words) == asked.has("first"):
        raise SettingsError("expected either word=… or first=… for a plane, got both or neither")
    if asked.has("first"):
        rows = most_frequent_first(wv, np.arange(len(wv)), asked.whole("first", 0, 1, _MOST_IN_PLANE))
        words = [wv.words[row] for row in rows.tolist()]
    ends = [(asked.texts(f"{name}_positive", 1), asked.texts(f"{name}_negative", 1)) for name in ("x", "y")]
    if asked.has("first"):
        # The words that make the axes have their places among the most frequent ones.
        words = list(dict.fromkeys([*words, *(word for both in ends for end in both for word in end)]))
    return in_plane(wv, ends[0], ends[1], words)


def _compare(asked: Asked) -> Answer:
    return compare(
        asked.model("left"),
        asked.model("right"),
        asked.text("word"),
        k=asked.whole("k", 10, 1, _MOST_ANSWERS),
        metric=asked.text("metric", "cosine", 100),
    )


def _moved(models: Models, asked: Asked) -> Answer:
    left, right = (asked.model_number(name) for name in ("left", "right"))
    k, least = asked.whole("k", 50, 1, _MOST_ANSWERS), asked.whole("least_count", 1, 1, 10**12 - 1)
    return moved(models.moves(left, right), k=k, least_count=least)


def _heatmap(asked: Asked) -> Answer:
    model = asked.model()
    words = asked.texts("word", 1)
    return heat_map(model.wv, words, asked.whole("components", 20, 1, 10_000), model.principal())


def _record(asked: Asked) -> Answer:
    wv = asked.model().wv
    return {"record": record_of(wv), "curve": curve_of(wv)}


def _pairs(asked: Asked) -> Answer:
    return pairs_by_place(asked.text("text", longest=5000), asked.whole("window", 5, 1, 20))


def _live(models: Models, asked: Asked) -> Answer:
    after, words = asked.whole("after", 0, 0, 10**12 - 1), asked.texts("word")
    if models.live is None:
        return {"state": "none", "stage": "", "frames": [], "words": []}
    return models.live.told(after, words)


def _export(page: dict[str, bytes], asked: Asked) -> Answer:
    model = asked.model()
    words, layout = asked.whole("words", WORDS, 1, 1_000_000), asked.choice("layout", LAYOUTS)
    made = static_page(page, model, words=words, layout=layout)
    # The name of a model may hold anything; that of the file does not.
    name = "".join(char if char.isascii() and char.isalnum() else "-" for char in model.name)[:60].strip("-")
    return Response(
        made,
        media_type="text/html; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name or "words"}.html"'},
    )


def _first(asked: Asked) -> int | None:
    return asked.whole("first", 0, 1, 10**9) if asked.has("first") else None


def _numbers(array: Any) -> Response:
    """Return an array's float32 numbers, little endian."""
    return Response(np.ascontiguousarray(array, dtype="<f4").tobytes(), media_type="application/octet-stream")
