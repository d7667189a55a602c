"""A text in the words of a model: those that the model has keep their ids, new ones come behind them, counts add up."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from firth.corpus import cache as corpora
from firth.corpus.encoded import (
    COUNTS,
    DOCUMENTS,
    MANIFEST,
    NAMES,
    SENTENCES,
    TOKENS,
    WORDS,
    EncodedCorpus,
    check,
    found,
    put_in_place,
)
from firth.corpus.tokenizers import Words
from firth.errors import EmptyCorpusError, SettingsError, StorageError
from firth.events import Notice

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from firth.events import Listener

__all__ = ["KnownWords", "check_words", "continued"]

_WORDS_AT_ONCE = 1 << 22
_FILES = (TOKENS, SENTENCES, DOCUMENTS, NAMES, COUNTS, WORDS)


class KnownWords:
    """The words that a model has.

    Args:
        words: (V,) str, in the order of their ids; a `PackedWords` finds them fast.
        counts: int64 (V,), ≥ 0, how often each came so far; None where that is not known.
    """

    def __init__(self, words: Sequence[str], counts: npt.NDArray[np.int64] | None) -> None:
        self.words = words
        self.counts = np.zeros(len(words), np.int64) if counts is None else np.asarray(counts, dtype=np.int64)

    def __len__(self) -> int:
        return len(self.words)

    def ids(self, words: Sequence[str]) -> npt.NDArray[np.int64]:
        """Return the ids of some words: int64 (n,), −1 for those that are not known."""
        places = {word: place for place, word in enumerate(words)}
        ids = np.full(len(words), -1, dtype=np.int64)
        for word_id, word in enumerate(self.words):
            if (place := places.get(word)) is not None:
                ids[place] = word_id
        return ids

    def digest(self) -> str:
        """Return what tells these words and counts from all others."""
        digest = hashlib.sha256()
        for word in self.words:
            digest.update(word.encode() + b"\0")
        digest.update(np.ascontiguousarray(self.counts).tobytes())
        return digest.hexdigest()[:16]


def continued(
    corpus: EncodedCorpus,
    known: KnownWords,
    *,
    min_count: int = 5,
    max_words: int | None = None,
    cache: Path | str | None = None,
    on_event: Listener | None = None,
) -> EncodedCorpus:
    """Return a text whose vocabulary is that of a model and what is new in the text: from the cache, or made.

    Args:
        corpus: the text, encoded with all its words, the rare ones too.
        known: the model's words. All stay, whether they come in the text or not.
        min_count: int ≥ 1; new words that come less often in the text are left out.
        max_words: int ≥ the words known; how many there may be, the most frequent of the new ones with them; or None.
        cache: the folder of encoded corpora; None is Firth's own.
        on_event: told how many words are new.

    Returns:
        The text; its vocabulary's counts are those of the model and of the text together.

    Raises:
        SettingsError: a setting that cannot be.
        EmptyCorpusError: no two known or frequent words stand together.
        StorageError: it cannot be written.
    """
    check_words(len(known), min_count=min_count, max_words=max_words)
    folder = corpora.corpora_folder() if cache is None else Path(cache)
    name = hashlib.sha256(
        json.dumps(["continued", corpus.path.name, corpus.fingerprint, known.digest(), min_count, max_words]).encode()
    ).hexdigest()[:32]
    whole = found(folder / name)
    if whole is None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            part = Path(tempfile.mkdtemp(dir=folder, prefix=".", suffix=".part"))
            try:
                _write(corpus, known, part, name, min_count=min_count, max_words=max_words)
                whole = put_in_place(part, folder / name)
            finally:
                shutil.rmtree(part, ignore_errors=True)
            if cache is None:
                corpora.prune(folder, corpora.LIMIT_BYTES, keep=whole.path)
        except OSError as error:
            raise StorageError(
                f"could not write the text in the model's words to {folder}: {error.strerror or error}; free some "
                "space, or choose another folder (cache=, or the environment's FIRTH_CACHE)"
            ) from error
    if on_event:
        for text in whole.notices[len(corpus.notices) :]:
            on_event(Notice(text=text))
    return whole


def check_words(known: int, *, min_count: int, max_words: int | None) -> None:
    """Refuse numbers that cannot be.

    Args:
        known: words of the model.
        min_count: as for `continued`.
        max_words: as for `continued`.

    Raises:
        SettingsError: one of them cannot be.
    """
    check(Words(), min_count=(min_count, 1), max_words=(max_words, 1))
    if max_words is not None and max_words < known:
        raise SettingsError(
            f"expected max_words to be {known:,} or more, as so many words the model has and keeps, got {max_words:,}"
        )


def _write(
    corpus: EncodedCorpus, known: KnownWords, folder: Path, name: str, *, min_count: int, max_words: int | None
) -> None:
    """Choose the new words, give all words their ids, write everything."""
    words, counts = corpus.vocabulary.words, corpus.vocabulary.counts
    ids = known.ids(words)
    frequent = np.flatnonzero((ids < 0) & (counts >= min_count))
    new = frequent if max_words is None else frequent[: max_words - len(known)]
    new_ids = ids.astype(np.int32)
    # A vocabulary is in the order of its counts, and so are the new words.
    new_ids[new] = np.arange(len(known), len(known) + len(new), dtype=np.int32)
    together = np.concatenate([known.counts, np.zeros(len(new), np.int64)])
    kept = new_ids >= 0
    together[new_ids[kept]] += counts[kept]
    if _write_text(corpus, new_ids, folder) < 2:
        raise EmptyCorpusError(
            "expected sentences with two words or more that the model knows or that come "
            f"{min_count:,} times or more, but the text has none; lower min_count or give more text"
        )
    shutil.copyfile(corpus.path / NAMES, folder / NAMES)
    together.tofile(folder / COUNTS)
    everyone = [*known.words, *(words[place] for place in new.tolist())]
    (folder / WORDS).write_text(json.dumps(everyone), encoding="utf-8")
    rare = int(counts[(ids < 0) & (counts < min_count)].sum())
    over = int(counts[~kept].sum()) - rare
    dropped = dict(corpus.dropped)
    for reason, count in (("min_count", rare), ("max_words", over)):
        dropped[reason] = dropped.get(reason, 0) + count
    notice = (
        f"{int((ids >= 0).sum()):,} of the model's {len(known):,} words come in the text, and {len(new):,} others are "
        f"new; {int(np.count_nonzero(~kept)):,} more are too rare to join them"
    )
    manifest = json.loads((corpus.path / MANIFEST).read_text(encoding="utf-8")) | {
        "fingerprint": name,
        "dropped": dropped,
        "notices": [*corpus.notices, notice],
        "bytes": {file: (folder / file).stat().st_size for file in _FILES},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False), encoding="utf-8")


def _write_text(corpus: EncodedCorpus, new_ids: npt.NDArray[np.int32], folder: Path) -> int:
    """Write token ids, sentence ends and document ends; return the words of the longest sentence."""
    from firth.kernels.bigrams import keep  # noqa: PLC0415 - loads Numba

    written = longest = 0
    # Where each sentence ends, those without a word among them, as documents end where sentences do.
    ends_now = np.zeros(len(corpus.sentence_ends) + 1, np.int64)
    with (folder / TOKENS).open("xb") as tokens, (folder / SENTENCES).open("xb") as sentences:
        for some, places in _runs(corpus.sentence_ends):
            ids, ends = corpus.token_ids[places], corpus.sentence_ends[some]
            kept, kept_ends = np.empty(len(ids), np.int32), np.empty(len(ends), np.int64)
            size = int(keep(ids, ends, places.start, new_ids, kept, kept_ends))
            tokens.write(kept[:size].data)
            ends_now[some.start + 1 : some.stop + 1] = kept_ends + written
            lengths = np.diff(kept_ends, prepend=0)
            sentences.write((kept_ends[lengths > 0] + written).data)
            written, longest = written + size, max(longest, int(lengths.max(initial=0)))
    ends_now[np.searchsorted(corpus.sentence_ends, corpus.document_ends, side="right")].tofile(folder / DOCUMENTS)
    return longest


def _runs(ends: npt.NDArray[np.int64]) -> Iterator[tuple[slice, slice]]:
    """Yield the sentences in runs of about so many words, and at least one: their places, their words'."""
    sentence = first = 0
    while sentence < len(ends):
        stop = max(sentence + 1, int(np.searchsorted(ends, first + _WORDS_AT_ONCE, side="right")))
        yield slice(sentence, stop), slice(first, int(ends[stop - 1]))
        sentence, first = stop, int(ends[stop - 1])
