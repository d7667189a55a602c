"""The models that are open in the explorer, and what is computed of each once and then kept."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from firth.demands import free_memory, shown
from firth.errors import SettingsError
from firth.explorer.layouts import Layouts
from firth.explorer.once import Once
from firth.vectors.postprocess import centre
from firth.vectors.store import WordVectors
from firth.vectors.words import PackedWords

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from firth.events import Listener

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
        self._centred = Once(self._centre)

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
        }


class Models:
    """The models in their order; a training adds its own at its end.

    Args:
        models: those that are open from the beginning.
    """

    def __init__(self, models: Sequence[OpenedModel] = ()) -> None:
        self._models = list(models)

    def __len__(self) -> int:
        return len(self._models)

    def __getitem__(self, number: int) -> OpenedModel:
        return self._models[number]

    def __iter__(self) -> Iterator[OpenedModel]:
        return iter(list(self._models))

    def add(self, model: OpenedModel) -> None:
        """Open one more."""
        self._models.append(model)


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
