"""A model that learns by sampled decisions: its two matrices, and how a block of text is put through the kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from firth.kernels.alignment import aligned_zeros, padded
from firth.kernels.arguments import ROW_ALIGNMENT, Company, Decisions, HeldOut, Scratch, Weights
from firth.objectives.held_out import HeldOutTally, HeldOutText, held_out_tally, perplexity
from firth.objectives.negative_sampling import DrawnRows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from firth.contexts.subsampling import Subsampling
    from firth.contexts.window import Window
    from firth.objectives.hierarchical_softmax import PathRows
    from firth.objectives.tree import Tree

__all__ = ["BlockTally", "SampledModel", "Sentences", "first_vectors", "loss_every"]


class Sentences(Protocol):
    """A text as word ids: int32 (T,), and where its sentences end: int64 (S,), exclusive; both read-only.

    A share of a larger text has the attribute `total`, too: how many words the whole has.
    Those sentences are left out whose number, hashed with `key`, is below a bound: see `firth.training.held_out`.
    """

    @property
    def token_ids(self) -> npt.NDArray[np.int32]: ...  # noqa: D102
    @property
    def sentence_ends(self) -> npt.NDArray[np.int64]: ...  # noqa: D102
    @property
    def key(self) -> int: ...  # noqa: D102
    @property
    def below(self) -> int: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class BlockTally:
    """What one block of text came to.

    Args:
        loss: float64, the summed loss in nats of the decisions measured.
        decisions: how many were measured.
        centres: how many centres had company.
        alone: how many words had none.
        subsampled: how many words subsampling left out.
        held_out: how many words were in sentences that are held out.
    """

    loss: float
    decisions: int
    centres: int
    alone: int = 0
    subsampled: int = 0
    held_out: int = 0

    @property
    def words(self) -> dict[str, int]:
        """What became of each of the block's words."""
        return {
            "trained": self.centres,
            "alone": self.alone,
            "subsampled": self.subsampled,
            "held_out": self.held_out,
        }


class SampledModel:
    """Input and output vectors, and the step that learns them from decisions.

    Args:
        dim: D ≥ 1.
        window: where an input's targets lie.
        subsampling: how frequent words are thinned out.
        rows: the loss made ready for the vocabulary.
        counts: int64 (V,), each ≥ 1, most frequent first.
        averages: whether the contexts' mean is the input (CBOW), else each context (skip-gram).
        divides_gradient: whether a context gets 1 / M of the mean's gradient.
        seed: int ≥ 0, of the first input vectors; the output vectors begin at zero.
    """

    def __init__(
        self,
        *,
        dim: int,
        window: Window,
        subsampling: Subsampling,
        rows: DrawnRows | PathRows,
        counts: npt.NDArray[np.int64],
        averages: bool,
        divides_gradient: bool,
        seed: int,
    ) -> None:
        from firth.kernels.training import train_block  # noqa: PLC0415 - loads Numba

        self._train_block = train_block
        self._dim = dim
        self._rows = rows
        self.most_asked: int = rows.most_asked
        self.window = window
        self._weights = Weights(inputs=_padded_zeros(len(counts), dim), outputs=_padded_zeros(rows.row_count, dim))
        self._weights.inputs[:-1, :dim] = first_vectors(len(counts), dim, seed=seed)
        self.company = Company(
            keep_probability=subsampling.keep_probabilities(counts).astype(np.float32),
            left=window.left,
            right=window.right,
            soft=window.soft,
            before_subsampling=window.before_subsampling,
            averages=averages,
            divides_gradient=divides_gradient,
        )
        self.decisions = _kernel_decisions(rows)

    @property
    def dim(self) -> int:
        """D, the numbers in each vector."""
        return self._dim

    @property
    def input_vectors(self) -> npt.NDArray[np.float32]:
        """float32 (V, D), a view: the word vectors."""
        return self._weights.inputs[:-1, : self._dim]

    @property
    def output_vectors(self) -> npt.NDArray[np.float32]:
        """float32 (rows, D), a view: one row for each word, or for each inner node of a tree."""
        return self._weights.outputs[:-1, : self._dim]

    @property
    def tree(self) -> Tree | None:
        """The tree of hierarchical softmax; None for a loss that draws noise words."""
        return getattr(self._rows, "tree", None)

    @property
    def frozen(self) -> npt.NDArray[np.bool_] | None:
        """bool (V,), the words whose input vectors stay as they are; None where all are learned."""
        return self.company.frozen.astype(np.bool_) if self.company.freezes else None

    def freeze(self, frozen: npt.NDArray[np.bool_]) -> None:
        """Keep some words' input vectors as they are, bit for bit, whatever is learned from now on.

        Args:
            frozen: bool (V,), which words'.
        """
        self.company = self.company._replace(freezes=bool(frozen.any()), frozen=frozen.astype(np.uint8))

    def log_scores(self, vectors: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        """Return log p(w | v) of every word as the loss implies it, but for a constant of each input's own.

        The constant, −log Z with Z the sum of what is returned, exp'ed, is 0 for hierarchical softmax; for negative
        sampling and NCE it is the nearer to 0 the better they have learned.

        Args:
            vectors: float (n, D), inputs.

        Returns:
            float64 (n, V), in nats.
        """
        return self._rows.log_scores(vectors.astype(np.float64) @ self.output_vectors.T.astype(np.float64))

    def has_diverged(self) -> bool:
        """Return whether a vector holds what is no number."""
        # One number that is none, or infinite, makes the whole sum so.
        with np.errstate(over="ignore", invalid="ignore"):
            return not all(np.isfinite(matrix.sum(dtype=np.float64)) for matrix in self._weights)

    def widened(self, inputs: int, outputs: int) -> Weights:
        """Move the matrices to where room is left behind them, and return both with it; the model's own are views.

        Args:
            inputs: int ≥ 1, rows to be had after the inputs' zero row; the last of them is to stay zero.
            outputs: int ≥ 1, the same for the outputs.
        """
        wide = Weights(*(
            aligned_zeros(len(matrix) + rows, matrix.shape[1])
            for matrix, rows in zip(self._weights, (inputs, outputs), strict=True)
        ))  # fmt: skip
        for matrix, room in zip(self._weights, wide, strict=True):
            room[: len(matrix)] = matrix
        self._weights = Weights(*(room[: len(matrix)] for matrix, room in zip(self._weights, wide, strict=True)))
        return wide

    def scratch(self, longest_sentence: int) -> Scratch:
        """Return working memory for one thread.

        Args:
            longest_sentence: int ≥ 1, in words.
        """
        reach = self.window.left + self.window.right + 1
        asked = self._rows.most_asked + 2
        negatives = self.decisions.negatives
        stride = self._weights.inputs.shape[1]
        return Scratch(
            sentence=np.zeros(longest_sentence + 1, dtype=np.int32),
            input_rows=np.zeros(reach + 1, dtype=np.int64),
            asked_rows=np.zeros(max(3 * (negatives + 2), asked), dtype=np.int64),
            labels=np.zeros(asked, dtype=np.float32),
            # Pairs of rows and whole registers: a little more than the tile itself.
            errors=np.zeros((reach + 1) * asked + 2 * ROW_ALIGNMENT, dtype=np.float32),
            gradient=np.zeros(asked * stride, dtype=np.float32),
            hidden=np.zeros(stride, dtype=np.float32),
            first_label=np.eye(1, ROW_ALIGNMENT, dtype=np.float32)[0],
        )

    def train_block(
        self,
        material: Sentences,
        groups: range,
        *,
        rates: tuple[float, float],
        seed: int,
        scratch: Scratch,
    ) -> BlockTally:
        """Learn from some sentences; gives up the interpreter's lock meanwhile.

        Args:
            material: the text.
            groups: which of its sentences, a range with step 1.
            rates: the learning rate at the block's start and end.
            seed: int in [0, 2⁶⁴), of everything that is drawn.
            scratch: the thread's own working memory.
        """
        tally, token_ids, ends = np.zeros(5), material.token_ids, material.sentence_ends
        self._train_block(
            self._weights, token_ids, ends, groups.start, groups.stop,
            HeldOut(np.uint64(material.key), np.uint64(material.below)), self.company, self.decisions,
            rates[0], rates[1], np.uint64(seed), loss_every(getattr(material, "total", len(token_ids))), scratch, tally,
        )  # fmt: skip
        centres, kept, held_out = (int(count) for count in tally[2:])
        words = int(ends[groups.stop - 1]) - (int(ends[groups.start - 1]) if groups.start else 0)
        return BlockTally(
            loss=float(tally[0]),
            decisions=int(tally[1]),
            centres=centres,
            alone=kept - centres,
            subsampled=words - held_out - kept,
            held_out=held_out,
        )

    def held_out_tally(self, text: HeldOutText, *, threads: int) -> HeldOutTally:
        """Return the loss on sentences that are not learned from; see `firth.objectives.held_out`.

        Args:
            text: the sentences.
            threads: int ≥ 1.
        """
        return held_out_tally(
            text, weights=self._weights, company=self.company, decisions=self.decisions, scratch=self.scratch,
            threads=threads,
        )  # fmt: skip

    def perplexity(self, text: HeldOutText, tally: HeldOutTally) -> float | None:
        """Return the perplexity of held-out words, or None where it would take long; see `firth.objectives.held_out`.

        Args:
            text: the sentences.
            tally: what `held_out_tally` gave: all that a tree needs.
        """
        if not isinstance(self._rows, DrawnRows):
            # −log p is the loss itself, of an input and a target on average.
            with np.errstate(over="ignore"):
                return float(np.exp(tally.loss / tally.inputs)) if tally.inputs else None
        return perplexity(
            text,
            inputs=self.input_vectors,
            log_scores=self.log_scores,
            company=self.company,
            skipped=self.decisions.negatives,
        )

    def state(self) -> dict[str, npt.NDArray[np.float32]]:
        """Return all that learning changes, as views: what `restore` takes."""
        return {"inputs": self._weights.inputs, "outputs": self._weights.outputs}

    def restore(self, state: Mapping[str, npt.NDArray[np.float32]]) -> None:
        """Go back to a state of a model with the same settings.

        Args:
            state: what `state` gave.
        """
        for name, matrix in self.state().items():
            matrix[:] = state[name]


def loss_every(tokens: int) -> int:
    """Return in how many centres one shows its loss: every one of a small text, fewer of a large one.

    Args:
        tokens: int ≥ 0, words in the corpus.

    Returns:
        From 1, up to 20,000 words, to 256, from five million words on.
    """
    return min(256, max(1, tokens // 20_000))


def first_vectors(rows: int, dim: int, *, seed: int) -> npt.NDArray[np.float32]:
    """Return vectors to begin with, uniform in [−1 / 2D, 1 / 2D) as in word2vec.

    Args:
        rows: V ≥ 1.
        dim: D ≥ 1.
        seed: int ≥ 0.

    Returns:
        float32 (V, D).
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    return (generator.random((rows, dim), dtype=np.float32) - np.float32(0.5)) / np.float32(dim)


def _padded_zeros(rows: int, dim: int) -> npt.NDArray[np.float32]:
    """Return a zero matrix with one row more, rows padded to whole registers, each beginning at a cache line."""
    return aligned_zeros(rows + 1, padded(dim))


def _kernel_decisions(rows: DrawnRows | PathRows) -> Decisions:
    """Return the loss as the kernel takes it: every array there, those of the other kind of loss empty."""
    if isinstance(rows, DrawnRows):
        return Decisions(
            uses_paths=False,
            negatives=rows.negatives,
            has_offsets=bool(np.any(rows.offsets)),
            noise=np.ascontiguousarray(rows.table).view(np.uint64)[:, 0],
            offsets=rows.offsets.astype(np.float32),
            path_ends=np.zeros(1, dtype=np.int64),
            path_steps=np.zeros(1, dtype=np.int32),
        )
    paths = rows.paths
    return Decisions(
        uses_paths=True,
        negatives=0,
        has_offsets=False,
        noise=np.zeros(1, dtype=np.uint64),
        offsets=np.zeros(1, dtype=np.float32),
        path_ends=paths.ends,
        path_steps=paths.nodes * 2 + paths.turns.astype(np.int32),
    )
