"""Vectors of texts: weighted means of their words' vectors, less what the texts have in common."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from firth.corpus.phrases import PhraseModel
from firth.corpus.tokenizers import Tokenizer
from firth.errors import SettingsError
from firth.events import Notice, Progress, Stage
from firth.sentences.components import principal_components, without_components
from firth.sentences.coverage import Coverage
from firth.sentences.mean import Mean
from firth.sentences.trained_tokenizer import trained_tokenizer
from firth.sentences.weighted_means import weighted_means
from firth.sentences.weighting import Weighting
from firth.sentences.word_ids import TextBlock, TextReader
from firth.vectors.store import WordVectors
from firth.vectors.words import PackedWords

if TYPE_CHECKING:
    from firth.events import Listener

__all__ = ["SentenceVectors", "Texts"]

Texts = Iterable[str | Sequence[str]]
"""Texts: each a str, or a list of words, which are looked up as they are."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Learned:
    """What a weighting takes from the texts it was fitted on.

    Args:
        weights: float64 (V,), each word's.
        components: float64 (k, D), orthonormal.
        shares: float64 (k,), how much of the projection on each is taken away.
    """

    weights: npt.NDArray[np.float64]
    components: npt.NDArray[np.float64]
    shares: npt.NDArray[np.float64]


class SentenceVectors:
    """Turns texts, of a sentence or of many, into vectors.

    v(s) = 1/|s| Σ_{w ∈ s} weight(w) v(w), less shares of the projections on the components that the texts of `fit` have
    in common. Words without a vector are left out, and |s| counts the others; a text without a known word is a vector
    of zeros. Sums run in float64.

    Args:
        word_vectors: whose words are known.
        weighting: `Mean()`, `SIF()` or `USIF()` with their settings; None is `Mean()`.
        tokenizer: what a word is; None takes the one that the vectors were trained with, `Words()` where that is not
            known.
        phrases: the phrases to join in each sentence, as in training; None joins nothing.
        counts: int (V,), how often each word comes, for p(w) = count / Σ counts; "texts" to count the words of the
            texts of `fit`; None takes the counts of the vectors.

    Raises:
        SettingsError: a weighting that needs counts where there are none, or a setting that cannot be.
    """

    def __init__(
        self,
        word_vectors: WordVectors,
        weighting: Weighting | None = None,
        *,
        tokenizer: Tokenizer | None = None,
        phrases: PhraseModel | None = None,
        counts: npt.NDArray[np.int64] | Literal["texts"] | None = None,
    ) -> None:
        if not isinstance(word_vectors, WordVectors):
            raise SettingsError(f"expected word vectors, as firth.load gives them, got {word_vectors!r}")
        self._word_vectors = word_vectors
        self._weighting = Mean() if weighting is None else weighting
        if isinstance(weighting, type) or not isinstance(self._weighting, Weighting):
            raise SettingsError(f"expected a weighting such as Mean(), SIF() or USIF(), got {weighting!r}")
        self._tokenizer = trained_tokenizer(word_vectors.record) if tokenizer is None else tokenizer
        if isinstance(tokenizer, type) or not isinstance(self._tokenizer, Tokenizer):
            raise SettingsError(f"expected a tokenizer such as Words() or Whitespace(), got {tokenizer!r}")
        if phrases is not None and not isinstance(phrases, PhraseModel):
            raise SettingsError(f"expected phrases as a PhraseModel, which learn_phrases gives, got {phrases!r}")
        self._phrases = phrases
        # None where they are counted in the texts of `fit`.
        self._probabilities = (
            self._known_probabilities(counts) if self._weighting.needs_counts else np.zeros(len(word_vectors))
        )
        self._coverage: Coverage | None = None
        self._learned: _Learned | None = None
        if not self.needs_fit:
            self._learned = self._learn([])

    def __repr__(self) -> str:
        fitted = "" if self.is_fitted else ", not fitted yet"
        return f"<SentenceVectors: {self._weighting!r} over {self._word_vectors!r}{fitted}>"

    @property
    def word_vectors(self) -> WordVectors:
        """The vectors of the words."""
        return self._word_vectors

    @property
    def weighting(self) -> Weighting:
        """How words are weighted."""
        return self._weighting

    @property
    def tokenizer(self) -> Tokenizer:
        """What a word is."""
        return self._tokenizer

    @property
    def needs_fit(self) -> bool:
        """Whether `fit` must come before `transform`."""
        return self._weighting.needs_texts or self._probabilities is None

    @property
    def is_fitted(self) -> bool:
        """Whether `transform` may be called."""
        return self._learned is not None

    @property
    def components(self) -> npt.NDArray[np.float64]:
        """The common components of the texts of `fit`, largest first: float64 (k, D), orthonormal."""
        return self._whole().components

    @property
    def shares(self) -> npt.NDArray[np.float64]:
        """How much of the projection on each component is taken away: float64 (k,), from 0 to 1."""
        return self._whole().shares

    @property
    def coverage(self) -> Coverage | None:
        """What the last call of `fit` or `transform` left out; None before the first."""
        return self._coverage

    def weight(self, word: str) -> float:
        """Return a word's weight.

        Raises:
            UnknownWordError: there is no vector for it.
        """
        return float(self._whole().weights[self._word_vectors.index(word)])

    def fit(self, texts: Texts, *, on_event: Listener | None = None) -> SentenceVectors:
        """Learn what the weighting takes from texts: their mean length, their common components.

        While it runs, 4 bytes a word of the texts are kept in memory.

        Args:
            texts: each a str, or a list of words, which are looked up as they are.
            on_event: told how far it has come, and what was left out.

        Returns:
            itself.

        Raises:
            SettingsError: they are no texts, none of them has a known word, or the components would take everything
                away.
            FormatError: the vector of one of their words holds NaN or infinity.
        """
        self._fit(texts, on_event)
        return self

    def transform(self, texts: Texts, *, on_event: Listener | None = None) -> npt.NDArray[np.float32]:
        """Return a vector for each text.

        Args:
            texts: each a str, or a list of words, which are looked up as they are.
            on_event: told how far it has come, and what was left out.

        Returns:
            float32 (n, D), in the order of the texts.

        Raises:
            SettingsError: they are no texts, or `fit` has not been called and must be.
            FormatError: the vector of one of their words holds NaN or infinity.
        """
        learned = self._whole()
        return self._vectors(self._read(texts, on_event), learned, len(texts) if isinstance(texts, Sized) else None)

    def fit_transform(self, texts: Texts, *, on_event: Listener | None = None) -> npt.NDArray[np.float32]:
        """Return what `fit` and then `transform` on the same texts give, but read them once."""
        blocks = self._fit(texts, on_event)
        return self._vectors(blocks, self._whole(), sum(len(block.lengths) for block in blocks))

    def similarity(self, a: str | Sequence[str], b: str | Sequence[str]) -> float:
        """Return the cosine of two texts' vectors: float in [−1, 1], 0 where one of them is zero.

        Raises:
            SettingsError: one of them is no text, or `fit` has not been called and must be.
        """
        first, second = self.transform([a, b]).astype(np.float64)
        lengths = float(np.linalg.norm(first) * np.linalg.norm(second))
        return min(1.0, max(-1.0, float(first @ second) / lengths)) if lengths > 0 else 0.0

    def _known_probabilities(
        self, counts: npt.NDArray[np.int64] | Literal["texts"] | None
    ) -> npt.NDArray[np.float64] | None:
        if isinstance(counts, str):
            if counts != "texts":
                raise SettingsError(f'expected counts as one number a word or as "texts", got {counts!r}')
            return None
        given = self._word_vectors.counts if counts is None else np.asarray(counts)
        if given is None:
            raise SettingsError(
                f"expected word counts, which {type(self._weighting).__name__} weights words by, but these vectors "
                'have none; give them as counts=, or counts="texts" to count the words of the texts it is fitted on'
            )
        if given.dtype.kind not in "iu" or given.shape != (len(self._word_vectors),) or bool(np.any(given < 0)):
            raise SettingsError(
                f"expected a count of 0 or more for each of {len(self._word_vectors):,} words, got {given.dtype} of "
                f"shape {given.shape}"
            )
        return _probabilities(given)

    def _whole(self) -> _Learned:
        if self._learned is None:
            raise SettingsError(f"expected fit(texts) before this, as {self._weighting!r} learns from texts")
        return self._learned

    def _read(self, texts: Texts, on_event: Listener | None) -> Iterator[TextBlock]:
        if on_event is not None:
            on_event(Stage(name="reading the texts"))
            if self._phrases is None and self._word_vectors.record.get("phrases") is not None:
                on_event(
                    Notice(
                        text="the vectors were trained on joined phrases, which are not joined in these texts; give "
                        "phrases= to join them"
                    )
                )
        reader = TextReader(PackedWords.of(self._word_vectors.words), self._tokenizer, self._phrases)
        start, seen = time.perf_counter(), Coverage()
        total = len(texts) if isinstance(texts, Sized) else None
        for block in reader.blocks(texts):
            yield block
            seen += block.coverage
            if on_event is not None:
                on_event(Progress(done=seen.texts, total=total, unit="texts", seconds=time.perf_counter() - start))
        self._coverage = seen
        if on_event is not None:
            for text in seen.notices:
                on_event(Notice(text=text))

    def _fit(self, texts: Texts, on_event: Listener | None) -> list[TextBlock]:
        blocks = list(self._read(texts, on_event))
        self._learned = self._learn(blocks, on_event)
        return blocks

    def _learn(self, blocks: Sequence[TextBlock], on_event: Listener | None = None) -> _Learned:
        """Return what the weighting takes from texts; without any, what it is where it takes nothing."""
        weighting = self._weighting
        words = sum(len(block.word_ids) for block in blocks)
        if self.needs_fit and words == 0:
            raise SettingsError(
                "expected texts with words that have a vector, but none has; look at how the vectors write words "
                "(small letters, for one), and give the tokenizer that they were trained with"
            )
        probabilities = self._probabilities
        if probabilities is None:
            counts = np.zeros(len(self._word_vectors), np.int64)
            for block in blocks:
                np.add.at(counts, block.word_ids, 1)
            probabilities = _probabilities(counts)
        texts = sum(int(np.count_nonzero(block.lengths)) for block in blocks)
        weights = weighting.word_weights(probabilities, words / max(texts, 1))
        nothing = np.zeros((0, self._word_vectors.dim))
        learned = _Learned(weights=weights, components=nothing, shares=np.zeros(0))
        if weighting.components == 0:
            return learned
        components, shares = self._common(blocks, learned, on_event)
        return _Learned(weights=weights, components=components, shares=shares)

    def _common(
        self, blocks: Sequence[TextBlock], learned: _Learned, on_event: Listener | None
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Return the common components of texts, (k, D), and the share of each that is taken away, (k,)."""
        if on_event is not None:
            on_event(Stage(name="finding the texts' common components"))
        wanted = self._weighting.components
        moment = np.zeros((self._word_vectors.dim, self._word_vectors.dim))
        for block in blocks:
            means = self._means(block, learned)
            moment += means.T @ means
        directions, squares = principal_components(moment)
        shares = self._weighting.shares(squares[:wanted])
        if len(directions) <= wanted and bool(np.all(shares == 1)):
            raise SettingsError(
                f"expected texts whose vectors differ in more than {len(directions)} "
                f"direction{'s' if len(directions) != 1 else ''}, as else nothing is left of them when "
                f"{wanted} common component{'s are' if wanted > 1 else ' is'} taken away; fit on more texts, or take "
                "away fewer components"
            )
        if len(directions) < wanted and on_event is not None:
            on_event(Notice(text=f"the texts have {len(directions)} common components, not {wanted}"))
        return directions[:wanted].copy(), shares

    def _means(self, block: TextBlock, learned: _Learned) -> npt.NDArray[np.float64]:
        vectors = self._word_vectors
        return weighted_means(
            block, vectors.matrix, vectors.norms, learned.weights, unit_length=self._weighting.unit_length
        )

    def _vectors(self, blocks: Iterable[TextBlock], learned: _Learned, texts: int | None) -> npt.NDArray[np.float32]:
        """Return the vectors of blocks of texts; where their number is known, they are never held twice."""
        whole = np.empty((0 if texts is None else texts, self._word_vectors.dim), np.float32)
        parts = []
        done = 0
        for block in blocks:
            means = without_components(self._means(block, learned), learned.components, learned.shares)
            if texts is None:
                parts.append(means.astype(np.float32))
            else:
                whole[done : done + len(means)] = means
            done += len(means)
        return np.concatenate([whole, *parts])[:done] if texts is None else whole


def _probabilities(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return count / Σ counts: float64 (V,)."""
    total = counts.sum(dtype=np.float64)
    if total == 0:
        raise SettingsError("expected word counts of which some are above 0, got zeros alone")
    probabilities: npt.NDArray[np.float64] = counts / total
    return probabilities
