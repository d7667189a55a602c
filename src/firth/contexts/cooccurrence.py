"""Co-occurrence counts: how often each word stands near each other word, as a sparse matrix on disk, memory-mapped."""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from firth import storage
from firth.contexts.distance_weights import distance_weights
from firth.contexts.sorted_runs import mapped
from firth.contexts.window import Window
from firth.corpus import cache as corpora
from firth.corpus.encoded import EncodedCorpus
from firth.errors import FormatError, SettingsError, StorageError, UnknownWordError

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt
    import scipy.sparse

    from firth.contexts.distance_weights import DistanceWeights, Weighting
    from firth.events import Listener

__all__ = ["MEMORY", "Cooccurrences", "count_cooccurrences"]

ROW_ENDS, COLUMNS, VALUES, MANIFEST = "row_ends.i64", "columns.i32", "values.f32", "manifest.json"
MEMORY = 1 << 30
"""Bytes that counting works in, unless another number is named."""
_KIND = "co-occurrence counts"
_FORMAT = 1
_LEAST_MEMORY = 1 << 20


class Cooccurrences:
    """A V × V matrix of counts X, read from its folder row by row; nothing in it can be changed.

    Args:
        path: the folder.

    Raises:
        FormatError: the folder does not hold whole counts.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        try:
            manifest = json.loads((self.path / MANIFEST).read_text(encoding="utf-8"))
            kind = manifest["kind"], manifest["format"]
            self.fingerprint = str(manifest["fingerprint"])
            """What tells these counts from those of another text or with other settings."""
            left, right = manifest["settings"]["window"]
            self.settings = {"window": [int(left), int(right)], "weighting": str(manifest["settings"]["weighting"])}
            """`window`, its reach to the left and right, and `weighting`."""
            self.total = float(manifest["total"])
            """Σ X, before values were rounded to float32."""
            self.row_ends: npt.NDArray[np.int64] = mapped(self.path / ROW_ENDS, np.int64)
            """int64 (V,): row i holds the entries row_ends[i − 1] … row_ends[i] − 1; row 0 begins at 0."""
            self.columns: npt.NDArray[np.int32] = mapped(self.path / COLUMNS, np.int32)
            """int32 (n,), ascending in a row."""
            self.values: npt.NDArray[np.float32] = mapped(self.path / VALUES, np.float32)
            """float32 (n,), > 0."""
            promised = manifest["words"], manifest["entries"]
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise FormatError(f"{self.path} does not hold whole {_KIND}: {error}") from None
        if kind != (_KIND, _FORMAT):
            raise FormatError(f"expected {_KIND} of format {_FORMAT} in {self.path}, got {kind[0]!r} of {kind[1]!r}")
        if promised != (len(self.row_ends), len(self.columns)) or not self._is_sound():
            raise FormatError(
                f"expected the matrix that {self.path / MANIFEST} promises, but the files beside it are damaged; "
                "remove the folder and count again"
            )

    def _is_sound(self) -> bool:
        """Look at every entry: what trains on them addresses memory by their columns."""
        from firth.kernels.cooccurrence import is_sound  # noqa: PLC0415  Numba takes half a second

        if len(self.columns) != len(self.values) or not math.isfinite(self.total):
            return False
        return bool(is_sound(self.row_ends, self.columns, self.values.view(np.int32)))

    @property
    def shape(self) -> tuple[int, int]:
        """(V, V)."""
        return len(self.row_ends), len(self.row_ends)

    def __len__(self) -> int:
        return len(self.columns)

    def __repr__(self) -> str:
        left, right = self.settings["window"]
        return (
            f"<Cooccurrences of {self.shape[0]:,} words: {len(self):,} entries, window {left}, {right}, "
            f"{self.settings['weighting']}, in {self.path}>"
        )

    def row(self, word_id: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """Return the words that one word was counted with, ascending, and how much each.

        Args:
            word_id: int in [0, V).

        Raises:
            UnknownWordError: no word has that id.
        """
        if not 0 <= word_id < len(self.row_ends):
            raise UnknownWordError(f"expected a word id from 0 to {len(self.row_ends) - 1}, got {word_id}")
        start = int(self.row_ends[word_id - 1]) if word_id else 0
        end = int(self.row_ends[word_id])
        return self.columns[start:end], self.values[start:end]

    def to_scipy(self) -> scipy.sparse.csr_array:
        """Return X as a SciPy sparse array, over the mapped files.

        Nothing is copied but the rows' ends, unless there are 2³¹ entries or more, for which SciPy wants wider columns.
        """
        import scipy.sparse  # noqa: PLC0415  only who asks for it waits for it

        # Ends of another type than the columns would have SciPy copy these.
        fitting = self.columns.dtype if len(self) <= np.iinfo(self.columns.dtype).max else self.row_ends.dtype
        ends = np.zeros(len(self.row_ends) + 1, fitting)
        ends[1:] = self.row_ends
        return scipy.sparse.csr_array((self.values, self.columns, ends), shape=self.shape)


def count_cooccurrences(
    corpus: EncodedCorpus,
    *,
    window: int | Window = 10,
    weighting: Weighting = "harmonic",
    threads: int | None = None,
    memory: int = MEMORY,
    folder: Path | str | None = None,
    on_event: Listener | None = None,
    counter: Callable[..., Any] | None = None,
) -> Cooccurrences:
    """Count how often words stand near one another.

        X[i, j] = Σ over places of the word i, Σ over contexts j of that place, of weight(distance)

    A context stands in the same sentence, at most `window.left` words before or `window.right` words after the centre.
    Where the sides are equal, X is symmetric. Sums are exact, so the result has the same bits for any number of
    threads and any memory.

    Args:
        corpus: what `firth.corpus.encoded.encode` gives.
        window: int ≥ 1, how many words to both sides, or a Window, of which only the reach is looked at.
        weighting: "harmonic" (1/d, as GloVe does), "flat" (1) or "soft" ((R − d + 1)/R, as word2vec does on average).
        threads: int ≥ 1; None takes all of the processor's cores.
        memory: bytes, int ≥ 2²⁰, to work in; what is more goes to disk. A vocabulary of V words takes about
            180 · V bytes at the least. More threads than there is memory for are not used.
        folder: where the counts shall lie, which must be new, empty, or hold other counts, which are replaced; or
            None, beside the encoded corpus, where they are found again.
        on_event: told of stages and progress.
        counter: who counts, made as `firth.contexts.cooccurrence_counter.Counter` is; None is that one.

    Raises:
        SettingsError: a setting that cannot be.
        StorageError: the counts cannot be written; nothing is left behind.

    Source: Pennington et al. 2014, "GloVe: Global Vectors for Word Representation", §3 and §4.2.
    """
    window = Window.of(window)
    _check(corpus, threads, memory)
    weights = distance_weights(window, weighting, len(corpus.token_ids))
    settings = {"window": [window.left, window.right], "weighting": weighting}
    fingerprint = _hash([_KIND, _FORMAT, corpus.fingerprint, settings])
    target = corpus.path.parent / fingerprint if folder is None else _checked(Path(folder))
    whole = _found(target, fingerprint)
    if whole is None:
        from firth.contexts.cooccurrence_counter import Counter, Plan  # noqa: PLC0415  Numba takes half a second

        plan = Plan(
            tokens=len(corpus.token_ids),
            words=len(corpus.vocabulary),
            weight=weights.total,
            threads=threads or os.cpu_count() or 1,
            memory=memory,
        )
        part: Path | None = None
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            part = Path(tempfile.mkdtemp(dir=target.parent, prefix=".", suffix=".part"))
            runs = part / "runs"
            runs.mkdir()
            make = Counter if counter is None else counter
            counting = make(corpus, window=window, weights=weights, plan=plan, folder=runs, on_event=on_event)
            _write(part, counting, weights, {"fingerprint": fingerprint, "settings": settings})
            shutil.rmtree(runs)
            whole = storage.put_in_place(part, target, lambda path: _found(path, fingerprint))
            if target.parent == corpora.corpora_folder():
                corpora.prune(target.parent, corpora.LIMIT_BYTES, keep=target)
        except OSError as error:
            raise StorageError(
                f"could not write the co-occurrence counts to {target}: {error.strerror or error}; free some space, or "
                "choose another folder (folder=)"
            ) from error
        finally:
            if part is not None:
                shutil.rmtree(part, ignore_errors=True)
    return whole


def _check(corpus: object, threads: object, memory: object) -> None:
    """Refuse what cannot be counted, or cannot be counted so."""
    if not isinstance(corpus, EncodedCorpus):
        raise SettingsError(f"expected an encoded corpus, as firth.corpus.encoded.encode gives, got {corpus!r}")
    if threads is not None and (not isinstance(threads, int) or isinstance(threads, bool) or not 1 <= threads <= 1024):
        raise SettingsError(
            f"expected from 1 to 1024 threads, got {threads!r}; leave it out to use all of the processor's cores"
        )
    if not isinstance(memory, int) or isinstance(memory, bool) or memory < _LEAST_MEMORY:
        raise SettingsError(
            f"expected the memory to count in as a number of bytes from {_LEAST_MEMORY:,} up, got {memory!r}; "
            f"{MEMORY:,} is usual"
        )


def _checked(folder: Path) -> Path:
    """Refuse a folder that holds anything but counts: it would be replaced."""
    try:
        empty = not folder.exists() or not any(folder.iterdir())
    except OSError as error:
        raise StorageError(f"could not look into {folder}: {error.strerror or error}; choose another folder") from None
    if not empty:
        try:
            Cooccurrences(folder)
        except FormatError:
            raise SettingsError(
                f"expected a folder that is new, empty or holds co-occurrence counts, but {folder} holds something "
                "else; choose another"
            ) from None
    return folder


def _found(path: Path, fingerprint: str) -> Cooccurrences | None:
    """Return the counts in a folder, or None where there are none, or others, or damaged ones."""
    try:
        counts = Cooccurrences(path)
    except FormatError:
        return None
    if counts.fingerprint != fingerprint:
        return None
    with suppress(OSError):  # counts that may only be read are as good
        os.utime(path / MANIFEST)
    return counts


def _write(part: Path, counter: Any, weights: DistanceWeights, record: dict[str, Any]) -> None:
    """Count, and write all files of the result."""
    with (part / COLUMNS).open("xb") as columns, (part / VALUES).open("xb") as values:
        counter.write(columns, values)
    row_ends = np.cumsum(counter.row_sizes)
    with (part / ROW_ENDS).open("xb") as ends:
        ends.write(row_ends.data)
    manifest = {
        "kind": _KIND,
        "format": _FORMAT,
        **record,
        "unit": weights.unit,
        "words": len(row_ends),
        "entries": int(row_ends[-1]),
        "total": counter.sum / weights.unit,
    }
    (part / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]
