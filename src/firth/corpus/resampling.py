"""A text drawn again from its own documents: as many as there were, with replacement, as an encoded corpus on disk.

What is drawn stays in the order of the text, a document drawn twice comes twice in a row, and one that was not drawn is
missing. The words, their ids and the counts that a training is set up with (what is thinned out, what noise is drawn
from, trees) stay those of the whole text: so only the company that words keep is drawn again.

Source: Efron 1979, "Bootstrap methods: another look at the jackknife"; for word vectors Antoniak and Mimno 2018
(TACL 6), "Evaluating the stability of embedding-based word similarities", §4.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from firth.corpus.encoded import COUNTS, DOCUMENTS, MANIFEST, NAMES, SENTENCES, TOKENS, WORDS, EncodedCorpus
from firth.errors import EmptyCorpusError, StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy.typing as npt

__all__ = ["Drawn", "Resample", "resampled"]

Drawn = Literal["documents", "sentences"]
"""What is drawn from a text."""

_TOKENS_AT_ONCE = 1 << 22


class Resample(NamedTuple):
    """A text drawn again.

    Args:
        corpus: the text; its vocabulary tells the whole text's counts.
        counts: int64 (V,), how often each word came in what was drawn; 0 where it did not.
    """

    corpus: EncodedCorpus
    counts: npt.NDArray[np.int64]


def resampled(
    corpus: EncodedCorpus, folder: Path, *, drawn: Drawn, seed: int, tokens_at_once: int = _TOKENS_AT_ONCE
) -> Resample:
    """Draw a text's documents, or its sentences, as often as there are, with replacement.

    Args:
        corpus: the text.
        folder: where the drawn one is written; must not be there yet.
        drawn: "documents", or "sentences", which stay in their documents.
        seed: int ≥ 0.
        tokens_at_once: int ≥ 1, which bounds the memory.

    Returns:
        The text that was drawn, and how often each word came in it.

    Raises:
        EmptyCorpusError: only documents without a word were drawn.
        StorageError: it cannot be written.
    """
    ends = corpus.document_ends if drawn == "documents" else corpus.sentence_ends
    units = len(ends)
    picks = np.sort(np.random.Generator(np.random.PCG64(seed)).integers(units, size=units))
    starts = np.concatenate(([0], ends[:-1])).astype(np.int64)
    sizes = ends[picks] - starts[picks]
    if not sizes.sum():
        raise EmptyCorpusError(
            f"expected words in what was drawn from the text's {units:,} {drawn}, got none; give more text"
        )
    counts = np.zeros(len(corpus.vocabulary), np.int64)
    try:
        folder.mkdir(parents=True)
        with (folder / TOKENS).open("xb") as file:
            for tokens in _gathered(corpus.token_ids, starts[picks], sizes, tokens_at_once):
                counts += np.bincount(tokens, minlength=len(counts))
                file.write(np.ascontiguousarray(tokens, dtype=np.int32).data)
        _write_ends(corpus, folder, drawn=drawn, picks=picks, ends=np.cumsum(sizes), at_once=tokens_at_once)
        (folder / COUNTS).write_bytes(corpus.vocabulary.counts.data)
        (folder / WORDS).write_text(json.dumps(corpus.vocabulary.words), encoding="utf-8")
        (folder / NAMES).touch()
        _write_manifest(corpus, folder, picks, drawn, int(sizes.sum()))
    except OSError as error:
        raise StorageError(
            f"could not write the text that was drawn to {folder}: {error.strerror or error}; free some space, or "
            "choose another folder (the environment's FIRTH_CACHE)"
        ) from error
    return Resample(EncodedCorpus(folder), counts)


def _gathered(
    numbers: npt.NDArray[np.int32] | npt.NDArray[np.int64],
    starts: npt.NDArray[np.int64],
    sizes: npt.NDArray[np.int64],
    at_once: int,
    shifts: npt.NDArray[np.int64] | None = None,
) -> Iterator[npt.NDArray[np.int64]]:
    """Yield stretches numbers[start : start + size], one after the other, in pieces of about `at_once` numbers.

    Args:
        numbers: what is read from.
        starts: int64 (n,).
        sizes: int64 (n,), ≥ 0.
        at_once: int ≥ 1.
        shifts: int64 (n,), added to all numbers of each stretch; None adds nothing.
    """
    totals = np.cumsum(sizes)
    first, before = 0, 0
    while first < len(starts):
        # Whole stretches; one that is longer than a piece comes in pieces of its own.
        last = max(first + 1, int(np.searchsorted(totals, before + at_once, side="right")))
        if last == first + 1:
            start, shift = int(starts[first]), 0 if shifts is None else int(shifts[first])
            for place in range(start, start + int(sizes[first]), at_once):
                yield numbers[place : min(place + at_once, start + int(sizes[first]))].astype(np.int64) + shift
        else:
            some = slice(first, last)
            lengths = sizes[some]
            within = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
            taken = numbers[np.repeat(starts[some], lengths) + within].astype(np.int64)
            yield taken if shifts is None else taken + np.repeat(shifts[some], lengths)
        first, before = last, int(totals[last - 1])


def _write_ends(
    corpus: EncodedCorpus,
    folder: Path,
    *,
    drawn: Drawn,
    picks: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
    at_once: int,
) -> None:
    """Write where the drawn sentences and documents end.

    Args:
        corpus: the whole text.
        folder: where to.
        drawn: what was drawn.
        picks: int64 (n,), which, rising.
        ends: int64 (n,), where each of them ends in what was drawn.
        at_once: int ≥ 1.
    """
    whole = corpus.sentence_ends
    if drawn == "sentences":
        (folder / SENTENCES).write_bytes(ends.data)
        # A document holds those of its sentences that were drawn.
        sentences = np.searchsorted(whole, corpus.document_ends, side="right")
        held = np.searchsorted(picks, sentences, side="left")
        (folder / DOCUMENTS).write_bytes(np.concatenate(([0], ends))[held].data)
        return
    (folder / DOCUMENTS).write_bytes(ends.data)
    starts = np.concatenate(([0], corpus.document_ends[:-1])).astype(np.int64)[picks]
    first = np.searchsorted(whole, starts, side="right")
    last = np.searchsorted(whole, corpus.document_ends[picks], side="right")
    shifts = ends - corpus.document_ends[picks]
    with (folder / SENTENCES).open("xb") as file:
        for piece in _gathered(whole, first, last - first, at_once, shifts):
            file.write(piece.data)


def _write_manifest(
    corpus: EncodedCorpus, folder: Path, picks: npt.NDArray[np.int64], drawn: Drawn, tokens: int
) -> None:
    known = hashlib.sha256(json.dumps([corpus.fingerprint, drawn]).encode())
    known.update(picks.data)
    files = (TOKENS, SENTENCES, DOCUMENTS, NAMES, COUNTS, WORDS)
    manifest = json.loads((corpus.path / MANIFEST).read_text(encoding="utf-8")) | {
        "fingerprint": known.hexdigest()[:32],
        "source": f"{drawn} drawn from {corpus.fingerprint}",
        # The words that were left out of the whole text are not known by document: their share is taken to be even.
        "dropped": {},
        "word_total": max(tokens, round(corpus.word_total * (tokens / len(corpus.token_ids)))),
        "has_document_ids": False,
        "notices": [],
        "bytes": {name: (folder / name).stat().st_size for name in files},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
