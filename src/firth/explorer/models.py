"""The models that are open in the explorer, and what is computed of each once and then kept."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from firth.errors import SettingsError
from firth.explorer.colours import clusters
from firth.explorer.layouts import Layouts
from firth.explorer.once import Once
from firth.explorer.two_models import moves
from firth.machine import free_memory, shown
from firth.vectors.plane import principal
from firth.vectors.postprocess import centre
from firth.vectors.store import WordVectors
from firth.vectors.words import PackedWords

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    import numpy as np
    import numpy.typing as npt

    from firth.events import Listener
    from firth.explorer.live import LiveTraining
    from firth.vectors.alignment import Moves
    from firth.vectors.metric import Wide

__all__ = ["Models", "OpenedModel", "opened"]


class OpenedModel:
    """One model.

    Args:
        wv: the vectors.
        name: how the page calls it.
        path: the file or folder it was opened from; None where it was given as vectors.
    """

    def __init__(self, wv: WordVectors, name: str, path: Path | None = None) -> None:
        self.wv, self.name, self.path = wv, name, path
        self.layouts = Layouts(wv, path)
        self._centred: Once[WordVectors] = Once(self._centre)
        self.clusters: Once[npt.NDArray[np.uint8]] = Once(lambda: clusters(wv))
        """Each word's cluster."""
        self.principal: Once[tuple[Wide, Wide, Wide]] = Once(lambda: principal(wv.matrix, units=False))
        """The mean, the principal components and what they keep, of the vectors as they are."""

    def vectors(self, *, centred: bool) -> WordVectors:
        """Return the vectors, or the same less their mean.

        Raises:
            SettingsError: there is no room for a centred copy.
            FormatError: a vector holds NaN or infinity.
        """
        return self._centred() if centred else self.wv

    def _centre(self) -> WordVectors:
        needed, free = self.wv.matrix.nbytes, free_memory()
        if free is not None and needed > free // 2:
            raise SettingsError(
                f"expected room for a centred copy of the vectors, {shown(needed)}, but {shown(free)} are free; open "
                "fewer words (--limit), or centre the file once (firth postprocess … centre)"
            )
        return centre(self.wv)

    def warm(self) -> None:
        """Make what the first questions need: the map, and the dictionary of the words."""
        self.layouts.principal()
        if isinstance(self.wv.words, PackedWords):
            self.wv.words.prepare()

    def described(self, number: int) -> dict[str, Any]:
        """Return what the page is told of it.

        Args:
            number: its place among the models.
        """
        return {
            "id": number,
            "name": self.name,
            "words": len(self.wv),
            "dim": self.wv.dim,
            "counts": self.wv.counts is not None,
            "confidence": len(self.wv.replicas) > 0,
            "runs": len(self.wv.replicas),
        }


class Models:
    """The models in their order; what a training makes comes behind those that were open before.

    Args:
        models: those that are open from the beginning.
        live: a training that is looked at; None where there is none.
    """

    def __init__(self, models: Sequence[OpenedModel] = (), live: LiveTraining | None = None) -> None:
        self._models, self.live = tuple(models), live
        self._result: Once[OpenedModel] = Once(self._opened_result)
        self._moves: dict[tuple[int, int], Once[Moves]] = {}

    def __len__(self) -> int:
        return len(self._all())

    def __getitem__(self, number: int) -> OpenedModel:
        return self._all()[number]

    def __iter__(self) -> Iterator[OpenedModel]:
        return iter(self._all())

    def moves(self, left: int, right: int) -> Moves:
        """Return how far words moved between two models.

        Args:
            left: the number of the one.
            right: that of the other.

        Raises:
            SettingsError: they differ in dimensions, or share too few words.
            FormatError: a vector holds NaN or infinity.
        """
        pair = self[left], self[right]
        return self._moves.setdefault((left, right), Once(lambda: moves(*pair)))()

    def close(self) -> None:
        """End what is being computed of them."""
        for model in self:
            model.layouts.close()

    def _all(self) -> tuple[OpenedModel, ...]:
        if self.live is None or self.live.result is None:
            return self._models
        return (*self._models, self._result())

    def _opened_result(self) -> OpenedModel:
        return opened(self.live.result)[0] if self.live is not None else self._models[0]


def opened(
    models: Any, *, limit: int | None = None, untrained: bool = False, on_event: Listener | None = None
) -> list[OpenedModel]:
    """Open models.

    Args:
        models: a path, vectors, a run, or several of them; a dictionary gives them names of their own.
        limit: int ≥ 1, only so many words of each file from the first; None for all.
        untrained: show beside each model the same words with the vectors that its training began with.
        on_event: told how far the reading has come.

    Raises:
        SettingsError: there is none, or one is no model.
        SourceError, FormatError: as from `firth.load`.
    """
    named = _named(models)
    if not named:
        raise SettingsError("expected at least one model to explore, got none")
    found = [_opened(name, model, limit, on_event) for name, model in named]
    if untrained:
        found = [each for model in found for each in (model, _untrained(model))]
    return found


def _named(models: Any) -> list[tuple[str, Any]]:
    """Return each model with a name; those that would have the same name get longer ones."""
    if isinstance(models, dict):
        return [(str(name), model) for name, model in models.items()]
    each = list(models) if isinstance(models, list | tuple) else [models]
    names = [_name(model, number) for number, model in enumerate(each, 1)]
    return [
        (str(model) if names.count(name) > 1 and isinstance(model, str | os.PathLike) else name, model)
        for name, model in zip(names, each, strict=True)
    ]


def _name(model: Any, number: int) -> str:
    path = model if isinstance(model, str | os.PathLike) else getattr(model, "path", None)
    return (Path(path).resolve().name if path is not None else "") or f"model {number}"


def _opened(name: str, model: Any, limit: int | None, on_event: Listener | None) -> OpenedModel:
    from firth.vectors.load import load  # noqa: PLC0415 - every format's reader is loaded with it

    if isinstance(model, str | os.PathLike):
        return OpenedModel(load(model, limit=limit, on_event=on_event), name, Path(model))
    if isinstance(model, WordVectors):
        return OpenedModel(model, name)
    if isinstance(getattr(model, "vectors", None), WordVectors):
        return OpenedModel(model.vectors, name, model.path)
    raise SettingsError(f"expected a model's path, vectors or a run, got {model!r}")


def _untrained(model: OpenedModel) -> OpenedModel:
    """Return the words of a model with the vectors they had before the first step, drawn again from the seed."""
    from firth.objectives.sampled import first_vectors  # noqa: PLC0415 - loads Numba

    record: Mapping[str, object] = model.wv.record
    seed = record.get("seed")
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise SettingsError(
            f"expected the record of a training with its seed in {model.name}, got none: what its vectors began with "
            "is not known"
        )
    first = first_vectors(len(model.wv), model.wv.dim, seed=seed)
    wv = WordVectors(model.wv.words, first, model.wv.counts, record={"untrained": True})
    return OpenedModel(wv, f"{model.name}, untrained")
