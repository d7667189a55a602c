"""The runs of a bootstrap beside the vectors they belong to: files in a run's folder, opened when first asked for.

A run's folder may hold `bootstrap/b01.safetensors`, `b02.safetensors` …, each the vectors that the same training gave
on the text drawn again, with the counts that its words had there. Each is a file of vectors like any other; its record
says under "bootstrap" which corpus was drawn from, and how. As long as `bootstrap.json` lies beside them, some runs
are still to come: see `firth.begun_bootstrap`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, overload

from firth.errors import FormatError, StorageError
from firth.vectors.formats import safetensors
from firth.vectors.store import WordVectors

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["BEGUN_NAME", "FOLDER", "Replicas", "remove_replicas", "replica_name", "with_replicas"]

FOLDER = "bootstrap"
BEGUN_NAME = "bootstrap.json"
_NAME = re.compile(r"b\d{2,6}\.safetensors")


def replica_name(run: int, runs: int) -> str:
    """Return a file's name.

    Args:
        run: int ≥ 1, which run.
        runs: int ≥ 1, of how many.
    """
    return f"b{run:0{max(2, len(str(runs)))}}.safetensors"


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in (folder / FOLDER).iterdir() if _NAME.fullmatch(path.name))
    except (FileNotFoundError, NotADirectoryError):
        return []


def remove_replicas(folder: Path) -> None:
    """Take away the runs of an earlier bootstrap; other files stay.

    Args:
        folder: of the run.

    Raises:
        StorageError: one of them cannot be removed.
    """
    try:
        for path in _files(folder):
            path.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(
            f"could not remove the earlier runs in {folder / FOLDER}: {error.strerror or error}; choose another folder"
        ) from None


class Replicas(Sequence[WordVectors]):
    """The runs of a bootstrap as they lie in a run's folder; how many is known at once, the rest when first asked for.

    Args:
        folder: the run's.
        words: those of the vectors that they belong to.
        record: of these vectors.
        limit: int ≥ 1, only so many words from the first; None for all.

    Raises:
        FormatError: when first asked for: a file is broken, or belongs to other vectors.
    """

    def __init__(
        self, folder: Path, words: Sequence[str], record: Mapping[str, object], *, limit: int | None = None
    ) -> None:
        self._folder, self._paths = folder, _files(folder)
        self._words, self._record, self._limit = words, record, limit

    def __len__(self) -> int:
        return len(self._paths)

    @overload
    def __getitem__(self, position: int) -> WordVectors: ...
    @overload
    def __getitem__(self, position: slice) -> Sequence[WordVectors]: ...
    def __getitem__(self, position: int | slice) -> WordVectors | Sequence[WordVectors]:
        return self._opened[position]

    def __repr__(self) -> str:
        return f"<Replicas: {len(self):,} runs>"

    @cached_property
    def _opened(self) -> tuple[WordVectors, ...]:
        return tuple(self._open(path) for path in self._paths)

    def _open(self, path: Path) -> WordVectors:
        try:
            held = safetensors.read(path, limit=self._limit)
        except OSError as error:
            raise FormatError(
                f"could not open {path}, a run of the bootstrap: {error.strerror or error}; remove the folder "
                f"{path.parent}, or train again"
            ) from None
        except FormatError as error:
            raise FormatError(f"{error}; {self._remedy()}") from None
        if held.words != self._words or not self._are_of_one_training(held.record):
            raise FormatError(
                f"expected a run of the same training on the same corpus in {path}, got one that belongs to other "
                f"vectors; {self._remedy()}"
            )
        return WordVectors(held.words, held.matrix, held.counts, record=held.record)

    def _remedy(self) -> str:
        """Return what to do about a file that is no run: a bootstrap that has not ended makes it anew."""
        if (self._folder / BEGUN_NAME).exists():
            return f"firth train --resume {self._folder} trains this run of the bootstrap anew"
        return f"remove the folder {self._folder / FOLDER}, or train again"

    def _are_of_one_training(self, record: Mapping[str, object]) -> bool:
        told, corpus = record.get("bootstrap"), self._record.get("corpus")
        if not isinstance(told, dict) or not isinstance(corpus, dict):
            return False
        same = all(record.get(name) == self._record.get(name) for name in ("objective", "epochs"))
        return same and told.get("corpus") == corpus.get("fingerprint")


def with_replicas(wv: WordVectors, replicas: Sequence[WordVectors]) -> WordVectors:
    """Return the same vectors with the runs of a bootstrap.

    Args:
        wv: the vectors.
        replicas: of the same words.
    """
    return WordVectors(
        wv.words,
        wv.matrix,
        wv.counts,
        output_matrix=wv.output_matrix,
        subwords=wv.subwords,
        record=wv.record,
        replicas=replicas,
    )
