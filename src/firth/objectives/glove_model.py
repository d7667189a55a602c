"""GloVe's model: the rows of words and contexts, and how a block of entries is put through the kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
import numpy.typing as npt

from firth.kernels.alignment import aligned_zeros, padded
from firth.objectives.held_out_entries import held_out_loss
from firth.objectives.sampled import first_vectors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from firth.objectives.tiles import Tiles

__all__ = ["EntryTally", "GloVeModel"]

_ENTRIES_FOR_BIASES = 1 << 21
_PRODUCTS_AT_ONCE = 1 << 14
_TURNS = 5


class HeldOut(Protocol):
    """What has entries that are not learned from."""

    @property
    def held_out(self) -> npt.NDArray[np.void]:
        """(h,) of `firth.objectives.tiles.ENTRY`."""
        ...


@dataclass(frozen=True, slots=True)
class EntryTally:
    """What one block of entries came to.

    Args:
        loss: float64, Σ f(X) · error² over them, each taken before its step.
        decisions: how many entries there were.
    """

    loss: float
    decisions: int

    @property
    def words(self) -> dict[str, int]:
        """What became of the block's words: entries are no words, so nothing can be said."""
        return {}


class GloVeModel:
    """Words' and contexts' vectors and biases, and the step that learns them from entries.

    The vectors begin uniform in [−1 / 2D, 1 / 2D), the biases at zero, AdaGrad's sums at one. How the rows are laid out
    is said in `firth.kernels.glove`.

    Args:
        words: V ≥ 1.
        dim: D ≥ 1.
        vectors: what a word's vector is: "sum", "separate" or "concatenated".
        seed: int ≥ 0, of the first vectors.
    """

    def __init__(
        self, *, words: int, dim: int, vectors: Literal["sum", "separate", "concatenated"] = "sum", seed: int
    ) -> None:
        from firth.kernels import glove  # noqa: PLC0415 - loads Numba

        self._train_entries = glove.train_entries
        self._dim, self._vectors = dim, vectors
        stride = padded(dim + 2)
        first = first_vectors(2 * words, dim, seed=seed)
        self._words, self._contexts = aligned_zeros(words, 2 * stride), aligned_zeros(words, 2 * stride)
        # The place of the number that is always 1: where the other side has its bias.
        for rows, values, one in ((self._words, first[:words], dim + 1), (self._contexts, first[words:], dim)):
            rows[:, :dim] = values
            rows[:, one] = 1.0
            rows[:, stride:] = 1.0
            rows[:, stride + one] = glove.FROZEN
        self._frozen: list[tuple[npt.NDArray[np.float32], npt.NDArray[np.int64], npt.NDArray[np.float32]]] = []

    def begin_at(
        self,
        words: npt.NDArray[np.float32],
        contexts: npt.NDArray[np.float32],
        *,
        frozen: npt.NDArray[np.bool_],
        freezes_contexts: bool,
    ) -> None:
        """Begin at vectors instead of small ones; what is frozen does not learn, biases always do.

        Args:
            words: float32 (V, D), w.
            contexts: float32 (V, D), w̃.
            frozen: bool (V,), which words' vectors stay.
            freezes_contexts: whether those of these words as contexts stay, too.
        """
        from firth.kernels.glove import FROZEN  # noqa: PLC0415 - loads Numba

        stride = self._words.shape[1] // 2
        self.word_vectors[:], self.context_vectors[:] = words, contexts
        for rows in (self._words, self._contexts) if freezes_contexts else (self._words,):
            rows[frozen, stride : stride + self._dim] = FROZEN
            self._frozen.append((rows, np.flatnonzero(frozen), rows[frozen, : self._dim]))

    def restore_frozen(self) -> None:
        """Give frozen vectors back every bit: a number next to zero can be moved by next to nothing."""
        for rows, frozen, values in self._frozen:
            rows[frozen, : self._dim] = values

    def fit_biases(self, material: Tiles) -> None:
        """Set the biases to those that go best with the vectors and the counts, by a part of the entries.

            b_i = (Σ_j f(X_ij) (r_ij − b̃_j) + μ / 2) / (Σ_j f(X_ij) + 1),   r_ij = log X_ij − w_i · w̃_j

        and b̃_j likewise, in turns; μ is the mean of r weighed by f, of which each has the half to begin with.

        Args:
            material: the entries.
        """
        some = material.entries[:: max(1, len(material.entries) // _ENTRIES_FOR_BIASES)]
        i, j, weights = some["row"], some["column"], some["weight"].astype(np.float64)
        products = np.empty(len(some))
        for start in range(0, len(some), _PRODUCTS_AT_ONCE):
            part = slice(start, start + _PRODUCTS_AT_ONCE)
            np.einsum("nd,nd->n", self.word_vectors[i[part]], self.context_vectors[j[part]], out=products[part])
        rests = some["log_count"] - products
        half = float(weights @ rests) / max(float(weights.sum()), 1e-12) / 2
        size = len(self._words)
        biases, other = np.full(size, half), np.full(size, half)
        sums = [np.bincount(places, weights, size) + 1 for places in (i, j)]
        for _ in range(_TURNS):
            biases = (np.bincount(i, weights * (rests - other[j]), size) + half) / sums[0]
            other = (np.bincount(j, weights * (rests - biases[i]), size) + half) / sums[1]
        self.word_biases[:], self.context_biases[:] = biases, other

    @property
    def word_vectors(self) -> npt.NDArray[np.float32]:
        """float32 (V, D), a view: w."""
        return self._words[:, : self._dim]

    @property
    def context_vectors(self) -> npt.NDArray[np.float32]:
        """float32 (V, D), a view: w̃."""
        return self._contexts[:, : self._dim]

    @property
    def word_biases(self) -> npt.NDArray[np.float32]:
        """float32 (V,), a view: b."""
        return self._words[:, self._dim]

    @property
    def context_biases(self) -> npt.NDArray[np.float32]:
        """float32 (V,), a view: b̃."""
        return self._contexts[:, self._dim + 1]

    @property
    def input_vectors(self) -> npt.NDArray[np.float32]:
        """float32 (V, D), or (V, 2D) where they are concatenated: the words' vectors, as the settings want them."""
        return self.vectors_of(slice(None))

    def vectors_of(self, rows: npt.NDArray[np.int64] | slice) -> npt.NDArray[np.float32]:
        """Return some words' vectors, as the settings want them: float32 (n, D), or (n, 2D) where concatenated.

        Args:
            rows: int64 (n,), or a slice, which gives a view where the words' vectors stand alone.
        """
        words, contexts = self.word_vectors[rows], self.context_vectors[rows]
        if self._vectors == "separate":
            return words
        if self._vectors == "sum":
            return words + contexts
        return np.concatenate((words, contexts), axis=1)

    @property
    def output_vectors(self) -> npt.NDArray[np.float32] | None:
        """float32 (V, D), a view: the contexts' vectors; None where the words' vectors hold them already."""
        return self.context_vectors if self._vectors == "separate" else None

    def has_diverged(self) -> bool:
        """Return whether a row holds what is no number."""
        # One number that is none, or infinite, makes the whole sum so.
        with np.errstate(over="ignore", invalid="ignore"):
            return not all(np.isfinite(rows.sum(dtype=np.float64)) for rows in (self._words, self._contexts))

    def scratch(self, longest_group: int) -> None:
        """Return the working memory of one thread: none is needed.

        Args:
            longest_group: int ≥ 1, in entries.
        """

    def train_block(
        self,
        material: Tiles,
        groups: range,
        *,
        rates: tuple[float, float],
        seed: int,  # noqa: ARG002 - the signature of every model
        scratch: None,  # noqa: ARG002
    ) -> EntryTally:
        """Learn from some groups of entries, in their order; gives up the interpreter's lock meanwhile.

        Args:
            material: the entries.
            groups: which of them, a range with step 1.
            rates: the learning rate at the block's start and end.
            seed: not used: nothing is drawn.
            scratch: None.
        """
        start = int(material.ends[groups.start - 1]) if groups.start else 0
        stop = int(material.ends[groups.stop - 1])
        tally = np.zeros(1)
        self._train_entries(self._words, self._contexts, material.entries, start, stop, *rates, tally)
        return EntryTally(loss=float(tally[0]), decisions=stop - start)

    def held_out_loss(self, material: HeldOut) -> float:
        """Return the mean weighted loss of the entries that are held out, in float64.

        Args:
            material: the entries, one or more of them held out.
        """
        parameters = self.word_vectors, self.context_vectors, self.word_biases, self.context_biases
        return held_out_loss(parameters, material.held_out)

    def state(self) -> dict[str, npt.NDArray[np.float32]]:
        """Return all that learning changes, AdaGrad's sums among it, as views: what `restore` takes."""
        return {"words": self._words, "contexts": self._contexts}

    def restore(self, state: Mapping[str, npt.NDArray[np.float32]]) -> None:
        """Go back to a state of a model with the same settings.

        Args:
            state: what `state` gave.
        """
        for name, matrix in self.state().items():
            matrix[:] = state[name]
