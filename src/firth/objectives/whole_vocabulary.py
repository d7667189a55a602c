"""A model that asks about the whole vocabulary: its two matrices, and the step that learns them by matrix products.

For the centres of a batch, all at one state of the matrices:

    h_r = the vector of a distinct centre (skip-gram), or the mean of a window (CBOW)
    z = H · Oᵀ,  error = ∂L/∂z,  ∂L/∂H = error · O,  ∂L/∂O = errorᵀ · H
    s += (∂L/∂θ)²,  θ −= rate · ∂L/∂θ / √s          (AdaGrad, element by element)

Summed over a batch, the gradients of frequent words are many times those of rare ones; AdaGrad gives each number a step
of its own, so that no batch is too large for the one and too small for the other.

Source: of AdaGrad, Duchi, Hazan and Singer 2011, "Adaptive subgradient methods", §1.1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from firth.kernels import whole_vocabulary as kernels
from firth.objectives.batches import Batches, company_of
from firth.objectives.binary_cross_entropy import BinaryCrossEntropy
from firth.objectives.full_softmax import log_probabilities
from firth.objectives.held_out import HeldOutTally, HeldOutText, first_windows, most_inputs
from firth.objectives.sampled import first_vectors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from firth.contexts.subsampling import Subsampling
    from firth.contexts.window import Window
    from firth.objectives.full_softmax import FullSoftmax
    from firth.objectives.sampled import Sentences

__all__ = ["BatchTally", "Gradients", "WholeVocabularyModel"]

_LOGITS = 1 << 23
"""Logits held at a time, 32 MiB of them: beyond that a batch goes through in pieces, whatever the vocabulary."""

Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class BatchTally:
    """What a block of text came to.

    Args:
        loss: float64, the summed loss in nats.
        decisions: pairs of a softmax; sets of targets of a binary cross entropy.
        words: what became of each of the block's words.
    """

    loss: float
    decisions: int
    words: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gradients:
    """The gradients of a batch's summed loss.

    Args:
        words: int32 (n,), whose input vectors took part, each once.
        inputs: float32 (n, D), of their input vectors.
        outputs: float32 (V, D), of all output vectors.
        loss: in nats.
    """

    words: npt.NDArray[np.int32]
    inputs: Matrix
    outputs: Matrix
    loss: float


@dataclass(frozen=True, slots=True)
class _Scratch:
    """Working memory.

    Args:
        batches: the questions.
        logits: float32 (rows at a time, V).
        outputs: float32 (V, D), the output vectors' gradient.
    """

    batches: Batches
    logits: Matrix
    outputs: Matrix


class WholeVocabularyModel:
    """Input and output vectors, and the step that learns them from questions about every word.

    Beside its two matrices it holds AdaGrad's two, one of gradients, and up to 32 MiB of logits.

    Args:
        dim: D ≥ 1.
        window: where a centre's company lies.
        subsampling: how frequent words are thinned out.
        loss: what is asked.
        counts: int64 (V,), each ≥ 1, most frequent first.
        averages: whether the company's mean is asked for the centre (CBOW), else the centre for its company.
        divides_gradient: whether a context gets 1 / M of the mean's gradient.
        seed: int ≥ 0, of the first input vectors; the output vectors begin at zero.
    """

    def __init__(
        self,
        *,
        dim: int,
        window: Window,
        subsampling: Subsampling,
        loss: FullSoftmax | BinaryCrossEntropy,
        counts: npt.NDArray[np.int64],
        averages: bool,
        divides_gradient: bool,
        seed: int,
    ) -> None:
        self._loss = loss
        self._as_sets = isinstance(loss, BinaryCrossEntropy)
        self._biases = np.zeros(len(counts), dtype=np.float32)
        if isinstance(loss, BinaryCrossEntropy):
            kept = counts * subsampling.keep_probabilities(counts)
            self._biases[:] = loss.biases(kept, 1 if averages else window.mean_reach)
        self._inputs = first_vectors(len(counts), dim, seed=seed)
        self._outputs = np.zeros((len(counts), dim), dtype=np.float32)
        self._input_squares, self._output_squares = np.zeros_like(self._inputs), np.zeros_like(self._outputs)
        self._company = company_of(window, subsampling, counts, averages=averages, divides_gradient=divides_gradient)
        self._frozen: npt.NDArray[np.bool_] | None = None

    def freeze(self, words: npt.NDArray[np.bool_]) -> None:
        """Keep the input vectors of some words as they are; their output vectors learn.

        Args:
            words: bool (V,).
        """
        self._frozen = words

    def begin_sums(self, material: Sentences, blocks: Iterable[tuple[range, int]], *, old: int) -> None:
        """Set AdaGrad's sums to those of the text's gradients where the model is now; new words' to zero.

        Args:
            material: the text.
            blocks: which sentences, a range with step 1, and the seed of what is drawn there: in order.
            old: int ≥ 0, words of the model that goes on, which come first.
        """
        scratch = self.scratch(0)
        for groups, seed in blocks:
            self.train_block(material, groups, rates=(0.0, 0.0), seed=seed, scratch=scratch)
        self._input_squares[old:], self._output_squares[old:] = 0.0, 0.0

    @property
    def input_vectors(self) -> Matrix:
        """float32 (V, D), a view: the word vectors."""
        return self._inputs

    @property
    def output_vectors(self) -> Matrix:
        """float32 (V, D), a view: one row for each word."""
        return self._outputs

    @property
    def tree(self) -> None:
        """None: only hierarchical softmax has a tree."""
        return

    def log_scores(self, vectors: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        """Return log p(w | v) of every word, but for a constant of each input's own.

            log p = z + …              full softmax
            log p = log σ(z) + …       binary cross entropy

        Args:
            vectors: float (n, D), inputs.

        Returns:
            float64 (n, V), in nats.
        """
        logits = vectors.astype(np.float64) @ self._outputs.T.astype(np.float64) + self._biases
        return np.asarray(-np.logaddexp(0, -logits) if self._as_sets else logits)

    def has_diverged(self) -> bool:
        """Return whether a vector holds what is no number."""
        # One number that is none, or infinite, makes the whole sum so.
        with np.errstate(over="ignore", invalid="ignore"):
            return not all(np.isfinite(matrix.sum(dtype=np.float64)) for matrix in (self._inputs, self._outputs))

    def scratch(self, longest_group: int) -> _Scratch:  # noqa: ARG002 - a batch may cut sentences
        """Return working memory for one thread.

        Args:
            longest_group: int ≥ 1, in words.
        """
        size, dim = self._inputs.shape
        batch = self._loss.batch
        return _Scratch(
            batches=Batches(self._company, batch, as_sets=self._as_sets),
            logits=np.zeros((max(1, min(batch, _LOGITS // size)), size), dtype=np.float32),
            outputs=np.zeros((size, dim), dtype=np.float32),
        )

    def train_block(
        self, material: Sentences, groups: range, *, rates: tuple[float, float], seed: int, scratch: _Scratch
    ) -> BatchTally:
        """Learn from some sentences.

        Args:
            material: the text.
            groups: which sentences, a range with step 1.
            rates: the learning rate at the block's start and end.
            seed: int in [0, 2⁶⁴), of everything that is drawn.
            scratch: the thread's own working memory.
        """
        loss, decisions = 0.0, 0
        for progress in scratch.batches.over(material, groups, seed=seed):
            gradients = self._gradients(scratch)
            self._learn(gradients, rates[0] + (rates[1] - rates[0]) * progress)
            loss, decisions = loss + gradients.loss, decisions + scratch.batches.met
        return BatchTally(loss=loss, decisions=decisions, words=dict(scratch.batches.words_met))

    def held_out_tally(self, text: HeldOutText, *, threads: int) -> HeldOutTally:  # noqa: ARG002 - as of every model
        """Return the loss on as many held-out windows as take little time; see `firth.objectives.held_out`.

        Args:
            text: the sentences.
            threads: not used: the matrix products bring their own.
        """
        size, dim = self._inputs.shape
        windows = first_windows(text, most_inputs(size, dim), self._company, 0)
        outputs, biases = self._outputs.T.astype(np.float64), self._biases.astype(np.float64)
        loss, decisions, pairs, start = 0.0, 0, 0, 0
        for centre, end in zip(windows.targets.tolist(), windows.ends.tolist(), strict=True):
            contexts, start = windows.contexts[start:end], end
            if self._company.averages:
                hidden, targets = self._inputs[contexts].mean(axis=0, dtype=np.float64), np.array([centre])
            else:
                hidden = self._inputs[centre].astype(np.float64)
                targets = np.unique(contexts) if self._as_sets else contexts
            logits = hidden @ outputs + biases
            if self._as_sets:
                loss += float(np.logaddexp(0, logits).sum() - logits[targets].sum())
                decisions += 1
            else:
                loss -= float(log_probabilities(logits[None])[0, targets].sum())
                decisions += len(targets)
            pairs += len(targets)
        return HeldOutTally(loss=loss, decisions=decisions, centres=len(windows.targets), inputs=pairs)

    def perplexity(self, text: HeldOutText, tally: HeldOutTally) -> float | None:  # noqa: ARG002 - as of every model
        """Return a softmax's perplexity of held-out words; None of a binary cross entropy, which asks about sets.

        Args:
            text: the sentences.
            tally: what `held_out_tally` gave.
        """
        with np.errstate(over="ignore"):
            return None if self._as_sets or not tally.inputs else float(np.exp(tally.loss / tally.inputs))

    def state(self) -> dict[str, Matrix]:
        """Return all that learning changes, AdaGrad's sums among it, as views: what `restore` takes."""
        return {
            "inputs": self._inputs,
            "outputs": self._outputs,
            "input_squares": self._input_squares,
            "output_squares": self._output_squares,
        }

    def restore(self, state: Mapping[str, Matrix]) -> None:
        """Go back to a state of a model with the same settings.

        Args:
            state: what `state` gave.
        """
        for name, matrix in self.state().items():
            matrix[:] = state[name]

    def _gradients(self, scratch: _Scratch) -> Gradients:
        """Return the gradients of the batch in the scratch; those of the outputs lie in the scratch."""
        batches, step = scratch.batches, len(scratch.logits)
        vectors = self._inputs[batches.words]
        hidden = batches.inputs(vectors)
        gradient, loss = np.empty_like(hidden), 0.0
        for first in range(0, len(hidden), step):
            piece = hidden[first : first + step]
            logits = np.matmul(piece, self._outputs.T, out=scratch.logits[: len(piece)])
            if self._as_sets:
                loss += kernels.logistic_errors(logits, self._biases, first, len(piece), batches.batch, batches.pairs)
            else:
                loss += kernels.softmax_errors(logits, first, len(piece), batches.batch, batches.pairs)
            np.matmul(logits, self._outputs, out=gradient[first : first + step])
            if first == 0:
                np.matmul(logits.T, piece, out=scratch.outputs)
            else:
                np.add(scratch.outputs, logits.T @ piece, out=scratch.outputs)
        if self._company.averages:
            shares, batch = np.zeros_like(vectors), batches.batch
            divides = self._company.divides_gradient
            kernels.spread_to_members(gradient, batch.members, batch.member_ends, len(hidden), divides, shares)
            gradient = shares
        return Gradients(words=batches.words, inputs=gradient, outputs=scratch.outputs, loss=loss)

    def _learn(self, gradients: Gradients, rate: float) -> None:
        """Take AdaGrad's step."""
        step, words, inputs = np.float32(rate), gradients.words, gradients.inputs
        if self._frozen is not None:
            learn = ~self._frozen[words]
            words, inputs = words[learn], inputs[learn]
        kernels.adagrad(self._inputs, self._input_squares, words, len(words), inputs, step)
        kernels.adagrad(self._outputs, self._output_squares, words, -1, gradients.outputs, step)
