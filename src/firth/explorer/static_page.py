"""The page as one file that opens without a server: the page's files, the words, and their vectors, all inside.

Whatever comes from a model stands in one element as JSON whose every `<`, `>` and `&` is written as an escape, so that
no word can end the element; the page reads it from there and puts it into the document as text alone. The file asks
the network for nothing, and its policy forbids it to.
"""

from __future__ import annotations

import base64
import json
import re
from importlib.metadata import version
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.errors import SettingsError
from firth.explorer.record import curve_of, record_of
from firth.machine import shown as shown_bytes
from firth.storage import written_whole
from firth.vectors.neighbours import finite_rows, ids_of, most_frequent_ids

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy.typing as npt

    from firth.explorer.models import OpenedModel

__all__ = ["LARGEST", "SCRIPT", "STYLE", "WORDS", "export", "page_files", "static_page"]

LARGEST = 256 * 2**20
"""Bytes of vectors that one file carries; browsers open no text of more than half a gigabyte."""

WORDS = 20_000
"""Words that one file carries unless told otherwise."""

STYLE = '<link rel="stylesheet" href="page/style.css">'
SCRIPT = '<script type="module" src="page/main.js"></script>'
_IMPORT = re.compile(r'^(import \{[^}]*\} from ")\./([\w.-]+\.js)(";)$', re.MULTILINE)
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' data:; style-src 'unsafe-inline'; img-src blob: data:; "
    "base-uri 'none'; form-action 'none'"
)


def page_files() -> dict[str, bytes]:
    """Return the page's files by their names."""
    return {file.name: file.read_bytes() for file in files("firth.explorer").joinpath("page").iterdir()}


def export(model: OpenedModel, path: Path, *, words: int = WORDS) -> int:
    """Write the one file; a map by UMAP is in it where it has been computed before.

    Args:
        model: whose words it shows.
        path: the file.
        words: int ≥ 1, how many at most, the most frequent.

    Returns:
        How many words are in it.

    Raises:
        StorageError: it cannot be written.
        SettingsError: the vectors are too many for one file.
        FormatError: a vector holds NaN or infinity.
    """
    made = static_page(page_files(), model, words=words, layout=model.layouts.best())
    with written_whole(path) as part:
        part.write_bytes(made)
    return min(words, len(model.wv))


def static_page(page: Mapping[str, bytes], model: OpenedModel, *, words: int, layout: str = "pca") -> bytes:
    """Return the one file.

    Args:
        page: the page's files by their names: index.html, style.css, and main.js with the modules that it imports.
        model: whose words it shows.
        words: int ≥ 1, how many at most, the most frequent.
        layout: the map that it shows beside the principal plane.

    Raises:
        SettingsError: the vectors are too many for one file, or the layout is not computed yet.
        FormatError: a vector holds NaN or infinity.
    """
    data = _data(model, words, layout)
    written = json.dumps(data, ensure_ascii=False, allow_nan=False)
    # JSON allows each of its characters to be escaped, and HTML then finds no tag in it.
    for mark in "<>&\u2028\u2029":
        written = written.replace(mark, f"\\u{ord(mark):04x}")
    html = page["index.html"].decode()
    style = page.get("style.css", b"").decode()
    if "</style" in style.lower():
        raise SettingsError("expected a style sheet that can stand inside a page, got one that ends its element")
    policy = f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    html = _put(html, "<head>", f"<head>\n{policy}")
    html = _put(html, STYLE, f"<style>\n{style}\n</style>")
    scripts = (
        f'<script type="application/json" id="firth-data">{written}</script>\n'
        f'<script type="importmap">{json.dumps({"imports": _modules(page)})}</script>\n'
        '<script type="module">import "firth/main.js";</script>'
    )
    return _put(html, SCRIPT, scripts).encode()


def _put(html: str, place: str, what: str) -> str:
    """Return a page with something at the one place for it."""
    if html.count(place) != 1:
        raise SettingsError(f"expected a page with {place} once, got {html.count(place)}")
    return html.replace(place, what)


def _modules(page: Mapping[str, bytes]) -> dict[str, str]:
    """Return each module's address, which holds the module itself.

    A module that has no address of its own cannot import others by where they lie, so they are called by name.
    """
    return {
        f"firth/{name}": "data:text/javascript;base64,"
        + _base64(_IMPORT.sub(r"\1firth/\2\3", source.decode()).encode())
        for name, source in sorted(page.items())
        if name.endswith(".js")
    }


def _data(model: OpenedModel, words: int, layout: str) -> dict[str, Any]:
    wv = model.wv
    rows = ids_of(most_frequent_ids(wv.counts, words), len(wv))
    if wv.counts is not None:
        rows = rows[np.argsort(-wv.counts[rows], kind="stable")]
    if (size := len(rows) * wv.dim * 4) > LARGEST:
        most = LARGEST // (wv.dim * 4)
        raise SettingsError(
            f"expected at most {shown_bytes(LARGEST)} of vectors in one file, got {shown_bytes(size)}; take "
            f"{most:,} words or fewer of {wv.dim:,} numbers each"
        )
    layouts = {"pca": _of(model.layouts.principal().places, rows)}
    if layout != "pca":
        places = model.layouts.places(layout)
        if places is None:
            raise SettingsError(f"expected a map that is ready, but {layout} is still being computed; wait for it")
        layouts[layout] = _of(places, rows)
    return {
        "version": version("firth"),
        "model": {**model.described(0), "words": len(rows), "confidence": False, "runs": 0},
        "words": [wv.words[row] for row in rows.tolist()],
        "counts": None if wv.counts is None else wv.counts[rows].tolist(),
        "record": record_of(wv),
        "curve": curve_of(wv),
        "matrix": _base64(finite_rows(wv.matrix, wv.norms, rows).astype("<f4").tobytes()),
        "layouts": layouts,
        "clusters": _base64(model.clusters()[rows].tobytes()),
        "left_out": len(wv) - len(rows),
    }


def _of(places: npt.NDArray[np.float32], rows: npt.NDArray[np.int64]) -> str:
    return _base64(np.ascontiguousarray(places[rows], dtype="<f4").tobytes())


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
