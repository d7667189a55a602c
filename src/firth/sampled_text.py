"""A sample of a text as word ids, its phrases joined and in a model's words where that is wanted, and what it tells."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.corpus.encoded import encode
from firth.corpus.expected_words import QUARTER, ExpectedWords, PhraseGrowth
from firth.corpus.phrases import PhraseModel
from firth.corpus.sources import open_source
from firth.corpus.vocabulary_growth import VocabularyGrowth
from firth.errors import EmptyCorpusError, SettingsError

if TYPE_CHECKING:
    import numpy.typing as npt

    from firth.corpus.continued import KnownWords
    from firth.corpus.encoded import EncodedCorpus
    from firth.corpus.reading import Reading
    from firth.corpus.sample import Sample

__all__ = ["SampledText"]


class SampledText:
    """The sample as word ids.

    Args:
        sample: of the text.
        reading: how the text is read.
        known: the words of the model that the training goes on from, or None.
        folder: a temporary one.

    Raises:
        EmptyCorpusError: it has no two words that stand together.
        SettingsError: the whole text was read, and no phrase scores above the threshold.
    """

    def __init__(self, sample: Sample, reading: Reading, *, known: KnownWords | None, folder: Path) -> None:
        self._sample, self._tokenizer, self._max_sentence = sample, reading.tokenizer, reading.max_sentence
        self._phrases, self._known, self._folder = reading.phrases, known, folder
        self.times = 1 / sample.share if sample.share else 1.0
        """How many times the sample the text is."""
        self.finds_phrases = reading.phrases is not None
        """Whether the sample has phrases to join."""
        # The first call loads what is needed; what a short text takes then is no matter of its length.
        self.all_words = self._plain(sample.pieces)
        if self.finds_phrases:
            self._find_phrases()
        tiny = self._seconds(sample.pieces[:1])
        self.seconds = max(0.0, self._seconds(sample.pieces) - tiny)
        """What reading the sample took, its phrases joined."""

    def encoded(
        self, min_count: int, max_words: int | None, pieces: Any = None, *, folder: Path | None = None
    ) -> EncodedCorpus:
        """Return the sample, or some pieces, as it is learned from, with other settings of the vocabulary."""
        pieces, folder = self._sample.pieces if pieces is None else pieces, folder or self._folder
        if not self.finds_phrases:
            return self._plain(pieces, min_count, max_words, folder=folder)
        from firth.corpus.phrase_learning import encode_with_phrases  # noqa: PLC0415 - loads Numba

        return encode_with_phrases(
            self._source(pieces), self._tokenizer, self._phrases, min_count=min_count, max_words=max_words,
            max_sentence=self._max_sentence, cache=folder,
        )[0]  # fmt: skip

    def expected(self) -> ExpectedWords:
        """Return the vocabulary that the training will have."""
        corpus, phrases = self.all_words, None
        if self.finds_phrases:
            joined, quarter = self.encoded(1, None), self._quarter()
            if self.times <= 1:
                corpus = joined  # all is known: words that stand in phrases alone are none of their own
            else:
                phrases = PhraseGrowth(
                    self._phrase_counts(joined),
                    np.zeros(0, np.int64) if quarter is None else self._phrase_counts(quarter),
                    joined=len(corpus.token_ids) - len(joined.token_ids),
                    times=self.times,
                    most=len(self._phrases) if isinstance(self._phrases, PhraseModel) else None,
                )
        ids, ends = corpus.token_ids, corpus.document_ends
        tokens = len(self.all_words.token_ids) * self.times
        if self._known is None:
            return ExpectedWords(VocabularyGrowth(ids, ends, self.times), phrases, tokens=tokens)
        new = (self._known.ids(corpus.vocabulary.words) < 0)[ids]
        ends = np.concatenate(([0], np.cumsum(new)))[ends]
        return ExpectedWords(
            VocabularyGrowth(ids[new], ends, self.times), phrases, tokens=tokens, known=len(self._known),
            known_occurrences=float(np.count_nonzero(~new)) * self.times,
        )  # fmt: skip

    def _find_phrases(self) -> None:
        """See whether there are any; kernels are loaded by it."""
        try:
            self.encoded(1, None)
        except SettingsError:
            # In a sample a pair is rarer than in the whole text, and may score too low.
            if self.times <= 1:
                raise
            self.finds_phrases = False

    def _quarter(self) -> EncodedCorpus | None:
        """Return every fourth piece, its phrases joined; None where it has none, or no words."""
        with suppress(EmptyCorpusError, SettingsError):
            return self.encoded(1, None, self._sample.pieces[::QUARTER])
        return None

    def _phrase_counts(self, joined: EncodedCorpus) -> npt.NDArray[np.int64]:
        """Return how often each phrase stands in a text that is joined, and is no word of a model."""
        own = self.all_words.vocabulary
        words = joined.vocabulary.words
        is_phrase = np.array(["_" in word and word not in own for word in words], dtype=np.bool_)
        if self._known is not None:
            is_phrase &= self._known.ids(words) < 0
        return joined.vocabulary.counts[is_phrase]

    def _plain(
        self, pieces: Any, min_count: int = 1, max_words: int | None = None, *, folder: Path | None = None
    ) -> EncodedCorpus:
        return encode(
            self._source(pieces), self._tokenizer, min_count=min_count, max_words=max_words,
            max_sentence=self._max_sentence, cache=folder or self._folder,
        )  # fmt: skip

    def _source(self, pieces: Any) -> Any:
        source = open_source(iter(pieces))
        source.name = self._sample.name
        return source

    def _seconds(self, pieces: Any) -> float:
        # A folder of its own: what lies in the other is not joined again.
        with TemporaryDirectory(dir=self._folder) as folder, suppress(EmptyCorpusError, SettingsError):
            start = time.perf_counter()
            self.encoded(1, None, pieces, folder=Path(folder))
        return time.perf_counter() - start
