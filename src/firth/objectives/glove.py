"""GloVe: vectors whose products are the logarithms of how often words stand together.

    J = Σ_{i,j: X_ij > 0} f(X_ij) · (w_i · w̃_j + b_i + b̃_j − log X_ij)²,    f(x) = min(1, (x / x_max)^α)

X_ij says how often the context j stood in the company of the word i; w_i and b_i are the word's vector and bias, w̃_j
and b̃_j the context's. The entries are learned from one at a time, each parameter θ by AdaGrad:

    s = η · f(X_ij) · error · ∂error/∂θ        (half the gradient of J, times the rate)
    θ ← θ − s / √G_θ,    G_θ ← G_θ + s²,       G_θ = 1 at first

Source: Pennington, Socher and Manning 2014, "GloVe: Global vectors for word representation", §3 and §4.2; Duchi, Hazan
and Singer 2011, "Adaptive subgradient methods", for AdaGrad.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from firth.contexts.distance_weights import Weighting
from firth.contexts.window import Window
from firth.errors import SettingsError
from firth.objectives import tiles
from firth.objectives.room import IN_MEMORY
from firth.objectives.tiles import Order

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from firth.events import Listener
    from firth.objectives.glove_model import GloVeModel
    from firth.objectives.tiles import Counts, Tiles

__all__ = ["GloVe", "Parameters", "Vectors", "gradients", "learn_entry", "loss", "weight"]

Floats = npt.NDArray[np.floating]

Vectors = Literal["sum", "separate", "concatenated"]


@dataclass(frozen=True, kw_only=True, slots=True)
class GloVe:
    """The GloVe model.

    Args:
        dim: D, int in [1, 10000], numbers per word; 100.
        window: int ≥ 1, the words to either side that are company, or a `Window`; 10.
        weighting: what a context at distance d counts: "harmonic", 1 / d; "flat", 1; "soft", (R − d + 1) / R.
        x_max: float > 0, the count from which on an entry has the full weight; 10, as fits texts of some million words,
            where the paper's 100 is for some billion.
        alpha: α, float in [0, 10], the exponent of the weight below it; 0.75.
        rate: η, float in (0, 10], the learning rate at the start; 0.05.
        min_rate: float ≥ 0, the rate at the end; None keeps the first, as AdaGrad lowers each parameter's by itself.
        vectors: what a word's vector is: "sum", w + w̃; "separate", w, with w̃ as its output vector; "concatenated", both
            one after the other, 2D numbers.
        order: in which order the entries are learned from: "tiles", block by block, or "random".

    Raises:
        SettingsError: a setting that cannot be trained with.
    """

    dim: int = 100
    window: int | Window = 10
    weighting: Weighting = "harmonic"
    x_max: float = 10
    alpha: float = 0.75
    rate: float = 0.05
    min_rate: float | None = None
    vectors: Vectors = "sum"
    order: Order = "tiles"

    def __post_init__(self) -> None:
        """Refuse settings that cannot be trained with."""
        if not isinstance(self.dim, int) or isinstance(self.dim, bool) or not 1 <= self.dim <= 10_000:
            raise SettingsError(f"expected from 1 to 10000 dimensions, got {self.dim!r}; 100 to 300 are usual")
        Window.of(self.window)
        if not _is_number(self.x_max) or not 0 < self.x_max < np.inf:
            raise SettingsError(
                f"expected x_max, the count from which on a pair of words has the full weight, to be above 0, got "
                f"{self.x_max!r}; 10 is usual, and 100 for texts of a billion words"
            )
        if not _is_number(self.alpha) or not 0 <= self.alpha <= 10:
            raise SettingsError(f"expected the weight's exponent alpha to be from 0 to 10, got {self.alpha!r}")
        if not _is_number(self.rate) or not 0 < self.rate <= 10:
            raise SettingsError(f"expected a learning rate above 0 and at most 10, got {self.rate!r}; 0.05 is usual")
        if self.min_rate is not None and not (_is_number(self.min_rate) and 0 <= self.min_rate <= self.rate):
            raise SettingsError(
                f"expected a last learning rate from 0 to the first one, which is {self.rate}, got {self.min_rate!r}"
            )
        for name, value, known in (
            ("weighting", self.weighting, get_args(Weighting)),
            ("vectors", self.vectors, get_args(Vectors)),
            ("order", self.order, get_args(Order)),
        ):
            if value not in known:
                raise SettingsError(f"expected {name} to be one of {', '.join(known)}, got {value!r}")

    @property
    def default_epochs(self) -> int:
        """Passes over the entries where nothing else is said."""
        return 15

    @property
    def default_rate(self) -> float:
        """The learning rate with which these settings were found to learn best."""
        return 0.05

    @property
    def rates(self) -> tuple[float, float]:
        """The learning rate at the start and at the end."""
        return self.rate, self.rate if self.min_rate is None else self.min_rate

    def arranged(
        self,
        counts: Counts,
        *,
        seed: int,
        threads: int = 1,
        shares: int = 1,
        folder: Path | None = None,
        in_memory: int = IN_MEMORY,
        held_out: float = 0.0,
        on_event: Listener | None = None,
    ) -> Tiles:
        """Return a table's entries as the model takes them; see `firth.objectives.tiles.arrange`.

        Args:
            counts: X, the table.
            seed: int ≥ 0, of the order.
            threads: int ≥ 1.
            shares: int ≥ 1, of which a row of tiles has at most one.
            folder: where a large table's entries go meanwhile; None for the cache folder.
            in_memory: int ≥ 0, bytes up to which they are held in memory.
            held_out: float in [0, 0.5], the share of the entries, about, that is not learned from.
            on_event: told of the stage and its progress.
        """
        return tiles.arrange(
            counts,
            x_max=self.x_max,
            alpha=self.alpha,
            order=self.order,
            shares=shares,
            seed=seed,
            threads=threads,
            folder=folder,
            in_memory=in_memory,
            held_out=held_out,
            on_event=on_event,
        )

    def over(self, words: Sequence[str], counts: npt.NDArray[np.int64], *, seed: int) -> GloVeModel:  # noqa: ARG002
        """Return an untrained model of a vocabulary.

        Args:
            words: (V,) str.
            counts: int64 (V,), the words' occurrences; not needed here.
            seed: int ≥ 0, of the first vectors.
        """
        from firth.objectives.glove_model import GloVeModel  # noqa: PLC0415 - settings must not load Numba

        return GloVeModel(words=len(words), dim=self.dim, vectors=self.vectors, seed=seed)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


class Parameters(NamedTuple):
    """What is learned, or the same numbers' gradients or sums of squares.

    Args:
        words: w, float (V, D).
        contexts: w̃, float (V, D).
        word_biases: b, float (V,).
        context_biases: b̃, float (V,).
    """

    words: Floats
    contexts: Floats
    word_biases: Floats
    context_biases: Floats


def weight(x: npt.ArrayLike, x_max: float, alpha: float) -> Floats:
    """Return f(x) = min(1, (x / x_max)^α).

    Args:
        x: float, any shape, ≥ 0.
        x_max: float > 0.
        alpha: α ≥ 0.
    """
    ratios: Floats = np.asarray(x) / x_max
    # Only below x_max is there anything to raise to a power, which might not be a float64 any more.
    return np.minimum(ratios, 1.0) ** alpha


def _errors(parameters: Parameters, x: Floats) -> Floats:
    """Return w_i · w̃_j + b_i + b̃_j − log X_ij where X_ij > 0, else 0; float (V, V)."""
    w, w_tilde, b, b_tilde = parameters
    there = x > 0
    errors: Floats = w @ w_tilde.T + b[:, None] + b_tilde - np.log(x, where=there, out=np.zeros_like(x))
    return np.where(there, errors, 0.0)


def loss(parameters: Parameters, x: Floats, x_max: float, alpha: float) -> float:
    """Return J.

    Args:
        parameters: the vectors and biases.
        x: X, float (V, V), ≥ 0.
        x_max: float > 0.
        alpha: α ≥ 0.
    """
    return float(np.sum(weight(x, x_max, alpha) * _errors(parameters, x) ** 2))


def gradients(parameters: Parameters, x: Floats, x_max: float, alpha: float) -> Parameters:
    """Return the gradients of J.

    Args:
        parameters: the vectors and biases.
        x: X, float (V, V), ≥ 0.
        x_max: float > 0.
        alpha: α ≥ 0.
    """
    outer = 2 * weight(x, x_max, alpha) * _errors(parameters, x)
    return Parameters(
        words=outer @ parameters.contexts,
        contexts=outer.T @ parameters.words,
        word_biases=outer.sum(axis=1),
        context_biases=outer.sum(axis=0),
    )


def learn_entry(
    parameters: Parameters, squares: Parameters, i: int, j: int, x_ij: float, *, x_max: float, alpha: float, rate: float
) -> float:
    """Learn from one entry, in place, and return its part of J from before.

    Args:
        parameters: the vectors and biases; changed.
        squares: G, AdaGrad's sums, all 1 at first; changed.
        i: the word.
        j: the context.
        x_ij: float > 0.
        x_max: float > 0.
        alpha: α ≥ 0.
        rate: η > 0.
    """
    w, w_tilde, b, b_tilde = parameters
    error = w[i] @ w_tilde[j] + b[i] + b_tilde[j] - np.log(x_ij)
    weighted = weight(x_ij, x_max, alpha) * error
    steps = (rate * weighted * w_tilde[j], rate * weighted * w[i], rate * weighted, rate * weighted)
    for values, sums, row, step in zip(parameters, squares, (i, j, i, j), steps, strict=True):
        values[row] -= step / np.sqrt(sums[row])
        sums[row] += step**2
    return float(weighted * error)
