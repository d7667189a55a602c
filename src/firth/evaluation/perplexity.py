"""Perplexity: among how many equally likely words a model still hesitates, on text it has not seen.

    log p(w | v) = s_w − log Z,  Z = Σ_u exp(s_u)
    H = −mean log p(target | input),  perplexity = exp(H)

s are the model's scores, `log_scores`. Z is summed over the whole vocabulary, whatever the model was trained with, so
that models of different losses can be compared.

Source: Jelinek et al. 1977; of NCE's and negative sampling's distributions, `firth.objectives.negative_sampling`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from firth.contexts.subsampling import Subsampling
from firth.contexts.window import Window
from firth.errors import EmptyCorpusError, SettingsError
from firth.objectives.cbow import CBOW
from firth.objectives.skipgram import SkipGram

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from firth.corpus.vocabulary import Vocabulary

__all__ = ["Perplexity", "Predictor", "Unigrams", "evaluate"]

_SCORES = 1 << 22
"""Scores held at a time, 32 MiB of them."""


class Predictor(Protocol):
    """A model that says how likely each word is, given an input."""

    @property
    def input_vectors(self) -> npt.NDArray[np.float32]:
        """float32 (V, D), one row for each word."""

    def log_scores(self, vectors: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        """Return float64 (n, V), log p(w | v) of every word, but for a constant of each input's own.

        Args:
            vectors: float (n, D), inputs.
        """


class Unigrams:
    """The baseline: each word as likely as it was in the training text, whatever the input.

    Args:
        counts: int64 (V,), each ≥ 1.
        subsample: how frequent words were thinned out, a threshold in [0, 1] or a `Subsampling`.
    """

    def __init__(self, counts: npt.NDArray[np.int64], subsample: float | Subsampling = 0) -> None:
        kept = counts * Subsampling.of(subsample).keep_probabilities(counts)
        self._logs = np.log(kept / kept.sum())

    @property
    def input_vectors(self) -> npt.NDArray[np.float32]:
        """float32 (V, 1), zeros: the input says nothing."""
        return np.zeros((len(self._logs), 1), dtype=np.float32)

    def log_scores(self, vectors: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        """Return float64 (n, V), log p(w).

        Args:
            vectors: float (n, D), inputs.
        """
        return np.tile(self._logs, (len(vectors), 1))


@dataclass(frozen=True, kw_only=True, slots=True)
class Perplexity:
    """How well a model guesses held-out text; prints as a table.

    Args:
        cross_entropy: H, in nats per pair.
        pairs: (input, target) pairs that were asked.
        log_partition: mean of log Z over the inputs; 0 where the scores are probabilities as they stand.
        log_partition_spread: its standard deviation over the inputs.
        words: of the text.
        known: how many of them the vocabulary holds; the others were left out.
    """

    cross_entropy: float
    pairs: int
    log_partition: float
    log_partition_spread: float
    words: int
    known: int

    @property
    def perplexity(self) -> float:
        """Exp(H): the number of equally likely words among which the choice would be as hard."""
        return math.exp(self.cross_entropy) if self.cross_entropy < 700 else math.inf

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain numbers and names, ready for JSON."""
        return {
            "perplexity": self.perplexity if math.isfinite(self.perplexity) else None,
            "cross_entropy": self.cross_entropy, "pairs": self.pairs, "log_partition": self.log_partition,
            "log_partition_spread": self.log_partition_spread, "words": self.words, "known": self.known,
        }  # fmt: skip

    def __str__(self) -> str:
        return "\n".join(
            (
                f"perplexity     {self.perplexity:,.1f}",
                f"cross entropy  {self.cross_entropy:.4f} nats a pair",
                f"pairs          {self.pairs:,}",
                f"log Z          {self.log_partition:.3f} ± {self.log_partition_spread:.3f}",
                f"known          {self.known:,} of {self.words:,} words",
            )
        )


@dataclass(frozen=True, slots=True)
class _HeldOut:
    """A text as ids of the training vocabulary."""

    token_ids: npt.NDArray[np.int32]
    sentence_ends: npt.NDArray[np.int64]
    # None of its own sentences is left out.
    key: int = 0
    below: int = 0


def evaluate(
    model: Predictor,
    objective: SkipGram | CBOW,
    vocabulary: Vocabulary,
    sentences: Iterable[Sequence[str]],
    *,
    seed: int = 1,
) -> Perplexity:
    """Return a model's perplexity on a text.

    The text is read as in training: unknown words leave, frequent ones are thinned out, windows are drawn. Whoever
    compares models gives all of them the same text, window, subsampling and seed, and so the same pairs.

    Args:
        model: trained on other text.
        objective: the window and subsampling, and whether a centre is asked for its company (skip-gram) or the mean of
            the company for the centre (CBOW).
        vocabulary: of the training.
        sentences: each a sequence of words.
        seed: int ≥ 0, of what subsampling and soft windows draw.

    Raises:
        SettingsError: the objective is neither skip-gram nor CBOW, or the model's words are others.
        EmptyCorpusError: no two known words stand together.
    """
    from firth.objectives.batches import Batches, company_of  # noqa: PLC0415 - loads Numba

    if not isinstance(objective, SkipGram | CBOW):
        raise SettingsError(f"expected the objective SkipGram() or CBOW(), got {objective!r}")
    if len(model.input_vectors) != len(vocabulary):
        raise SettingsError(
            f"expected a model of the vocabulary's {len(vocabulary):,} words, got one of {len(model.input_vectors):,}; "
            "give the vocabulary that it was trained with"
        )
    text, words = _encoded(vocabulary, sentences)
    company = company_of(
        Window.of(objective.window), Subsampling.of(objective.subsample), vocabulary.counts,
        averages=isinstance(objective, CBOW),
    )  # fmt: skip
    batches = Batches(company, max(1, min(4096, _SCORES // len(vocabulary))), as_sets=False)
    loss, pairs, partitions = 0.0, 0, []
    for _ in batches.over(text, range(len(text.sentence_ends)), seed=seed):
        scores = model.log_scores(batches.inputs(model.input_vectors[batches.words]))
        partition = _log_partition(scores)
        rows, targets = batches.batch.asked_rows[: batches.pairs], batches.batch.asked_words[: batches.pairs]
        loss += float((partition[rows] - scores[rows, targets]).sum())
        pairs += batches.pairs
        partitions.append(partition)
    if pairs == 0:
        raise EmptyCorpusError(
            f"expected held-out text with known words in company, but of {words:,} words {len(text.token_ids):,} are "
            "known and none has another beside it; give more text"
        )
    inputs = np.concatenate(partitions)
    return Perplexity(
        cross_entropy=loss / pairs, pairs=pairs, log_partition=float(inputs.mean()),
        log_partition_spread=float(inputs.std()), words=words, known=len(text.token_ids),
    )  # fmt: skip


def _encoded(vocabulary: Vocabulary, sentences: Iterable[Sequence[str]]) -> tuple[_HeldOut, int]:
    """Return a text's known words as ids, and how many words it has."""
    ids: list[int] = []
    ends, words = [0], 0
    for sentence in sentences:
        words += len(sentence)
        ids += [vocabulary.index(word) for word in sentence if word in vocabulary]
        ends.append(len(ids))
    kept = np.unique(np.array(ends, dtype=np.int64))[1:]
    return _HeldOut(np.array(ids, dtype=np.int32), kept), words


def _log_partition(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return log Z of each row, without leaving exp's range."""
    highest = scores.max(axis=1)
    return np.asarray(highest + np.log(np.exp(scores - highest[:, None]).sum(axis=1)))
