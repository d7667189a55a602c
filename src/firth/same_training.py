"""Whether a training that shall go on is the one that was broken off: the same settings, the same text."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.errors import SettingsError
from firth.run import described

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from firth.corpus.encoded import EncodedCorpus

__all__ = ["about_training", "differences", "refuse_other", "told_apart"]


def about_training(text: Any, corpus: EncodedCorpus, settings: Mapping[str, Any], *, threads: int) -> dict[str, Any]:
    """Return what a checkpoint keeps of a training besides how far it is.

    Args:
        text: as it was given.
        corpus: the same, encoded.
        settings: all that decides what comes of the training.
        threads: int ≥ 1.
    """
    return {
        "settings": {name: described(value) for name, value in settings.items()},
        "text": _paths(text),
        "corpus": {
            "path": str(corpus.path.absolute()),
            "fingerprint": corpus.fingerprint,
            "words read": corpus.word_total,
            "words kept": len(corpus.token_ids),
            "different words": len(corpus.vocabulary),
            "sentences": len(corpus.sentence_ends),
        },
        "threads": threads,
        "versions": {
            "Firth": version("firth"),
            "NumPy": np.__version__,
            "Numba": version("numba"),
            "processor": platform.machine(),
        },
    }


def refuse_other(begun: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Refuse to go on with other settings or another text than a training was begun with, and name the difference.

    Args:
        begun: what the checkpoint keeps.
        now: the same of the training that shall go on.

    Raises:
        SettingsError: they are different.
    """
    for name, before, after in differences(begun["settings"], now["settings"]):
        raise SettingsError(
            f"expected the settings that the training was begun with, where {name} is {before!r}, got {after!r}; "
            "leave it as it was, or begin anew (--force)"
        )
    before, after = begun["corpus"], now["corpus"]
    if before["fingerprint"] == after["fingerprint"]:
        return
    counts = [name for name in before if name not in ("path", "fingerprint") and before[name] != after.get(name)]
    change = ", ".join(f"{before[name]:,} {name} became {after[name]:,}" for name in counts)
    raise SettingsError(
        "expected the text that the training was begun with, but it has changed: "
        f"{change or 'as many words, but not the same'}; put it back as it was, or begin anew (--force)"
    )


def told_apart(begun: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is different and may change the vectors' last digits, a sentence each.

    Args:
        begun: what the checkpoint keeps.
        now: the same of the training that goes on.
    """
    for name, before, after in differences(begun["versions"], now["versions"]):
        yield f"the training was begun with {name} {before} and goes on with {after}: last digits may differ"
    if begun["threads"] != now["threads"] and not now["settings"].get("reproducible"):
        yield f"the training was begun with {begun['threads']} threads and goes on with {now['threads']}"


def differences(before: Any, after: Any, name: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield the settings in which two descriptions differ: name, before, after.

    Args:
        before: what `firth.run.described` gave.
        after: likewise.
        name: of the whole.
    """
    if isinstance(before, dict) and isinstance(after, dict) and before.get("kind") == after.get("kind"):
        for key in sorted(before.keys() | after.keys()):
            yield from differences(before.get(key), after.get(key), f"{name}.{key}" if name else key)
    elif before != after:
        yield name, _short(before), _short(after)


def _short(value: Any) -> Any:
    return value.get("kind", value) if isinstance(value, dict) else value


def _paths(text: Any) -> list[str] | None:
    """Return the files, folders and patterns that a text is read from, whole; None where it comes from elsewhere."""
    if isinstance(text, str | os.PathLike):
        return None if os.fspath(text) == "-" else [str(Path(text).absolute())]
    if isinstance(text, list | tuple) and text and all(isinstance(path, os.PathLike) for path in text):
        return [str(Path(path).absolute()) for path in text]
    return None
