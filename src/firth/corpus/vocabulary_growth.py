"""How many different words a text has, and how often each comes, told from a sample of its pieces.

A word comes again where it has just come, so a sample of pieces has fewer words than one of single words would have.
What is random is which pieces were taken. So the words' **spread** is modelled, in how many pieces each stands, and a
piece that has a word has it b times, b drawn from the distribution B that is found in the sample.

    f_k   words that stand in k pieces of the sample, k = 1 … K
    g(λ)  how many words stand in λ pieces of such a sample on average:  log g = c₀ − c₁ log λ + c₂ (log λ)²  (d log λ)
    E f_k = ∫ g(λ) Poisson(k; λ) d log λ                                    c by maximum likelihood

A text that is t times the sample has t − 1 samples more. A word of k pieces in the sample has the rate λ with a
probability ∝ g(λ) Poisson(k; λ); in the rest it stands in Poisson((t − 1) λ) pieces, and its occurrences are compound
Poisson: Panjer's recursion gives their probabilities. Unseen words are those with k = 0. For t = 1 all is exact.

Source: Good and Toulmin 1956, "The number of new species, and the increase in population coverage, when a sample is
increased"; Baayen 2001, "Word frequency distributions", §3.2 and ch. 5 (underdispersion); Panjer 1981, "Recursive
evaluation of a family of compound distributions".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["MOST", "VocabularyGrowth"]

MOST = 100
"""The highest min_count for which the model is asked; higher ones are scaled from the sample."""

_SPREAD = 30
"""K: words that stand in more pieces have a rate that needs no model."""

_LOW_SPREAD = 3
"""Words in so few pieces show how often a rare word comes again in its piece."""

_STRAIGHT_BELOW = 0.05
"""A rate below which hardly a word was seen: from there on, log g goes straight on."""

_FEWEST_PIECES = 10 * _SPREAD

_FEWEST = 20
"""With fewer words of k ≤ K than this no model is fitted: the sample says nothing about unseen words."""


class VocabularyGrowth:
    """The vocabulary of a text of which a sample was read.

    Args:
        word_ids: int (n,), ≥ 0, the sample's words.
        piece_ends: int64 (P,), increasing, exclusive: where the pieces end that were taken apart.
        times: t, float ≥ 1, how many times the sample the whole text is.
    """

    def __init__(self, word_ids: npt.NDArray[np.integer], piece_ends: npt.NDArray[np.int64], times: float) -> None:
        self.times = max(1.0, float(times))
        self.tokens = len(word_ids) * self.times
        """Words in the whole text, every occurrence."""
        spread, counts, bursts = _spread(word_ids, _enough(piece_ends))
        self._counts = counts
        grid, density = _density(spread, self.times)
        self._kinds = _Extrapolation(grid, density, bursts, self.times).kinds(spread, counts)
        # No text has more different words than words.
        np.minimum(self._kinds, self.tokens, out=self._kinds)

    def kinds(self, min_count: int) -> float:
        """Return how many different words come `min_count` times or more.

        Args:
            min_count: int ≥ 1.
        """
        if min_count <= MOST:
            return float(self._kinds[min_count])
        scaled = float(np.count_nonzero(self._counts * self.times >= min_count))
        return min(scaled, float(self._kinds[MOST]))

    def occurrences(self, min_count: int) -> float:
        """Return how many words of the text are such words, every occurrence counted.

        Args:
            min_count: int ≥ 1.
        """
        if min_count > MOST:
            kept = self._counts[self._counts * self.times >= min_count]
            return float(kept.sum()) * self.times
        # Σ over rarer words of their count = Σ_{j < m} (words that come j times or more) − (m − 1) · those kept.
        rarer = float(self._kinds[1:min_count].sum()) - (min_count - 1) * float(self._kinds[min_count])
        return max(0.0, self.tokens - rarer)

    def least_count(self, kinds: int) -> int:
        """Return the lowest min_count that keeps no more than so many different words.

        Args:
            kinds: int ≥ 0.
        """
        for min_count in range(1, MOST + 1):
            if self._kinds[min_count] <= kinds:
                return min_count
        scaled = np.sort(self._counts)[::-1] * self.times
        return int(scaled[kinds]) + 1 if 0 <= kinds < len(scaled) else MOST

    def occurrences_of_most_frequent(self, kinds: int) -> float:
        """Return how many words of the text are one of the `kinds` most frequent, every occurrence counted."""
        return float(np.sort(self._counts)[::-1][: max(0, kinds)].sum()) * self.times


def _enough(piece_ends: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the ends of pieces, cut into parts where there are few: no word may stand in a large share of them."""
    parts = -(-_FEWEST_PIECES // max(1, len(piece_ends)))
    if parts == 1 or len(piece_ends) == 0:
        return piece_ends
    starts = np.concatenate(([0], piece_ends[:-1]))
    steps = np.arange(1, parts + 1)
    return np.unique(starts[:, None] + (piece_ends - starts)[:, None] * steps // parts)


def _spread(
    word_ids: npt.NDArray[np.integer], piece_ends: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return each seen word's pieces and occurrences, and B: float64 (MOST + 1,), P(b times in a piece that has it)."""
    if len(word_ids) == 0:
        nothing = np.zeros(0, np.int64)
        return nothing, nothing, np.eye(1, MOST + 1, 1)[0]
    words = int(word_ids.max()) + 1
    pieces = np.repeat(np.arange(len(piece_ends), dtype=np.int64), np.diff(piece_ends, prepend=0))
    keys, here = np.unique(pieces * words + word_ids, return_counts=True)
    of_word = keys % words
    spread = np.bincount(of_word, minlength=words)
    counts = np.bincount(word_ids, minlength=words)
    rare = here[spread[of_word] <= _LOW_SPREAD]
    if len(rare) == 0:
        rare = here
    bursts = np.bincount(np.minimum(rare, MOST), minlength=MOST + 1) / len(rare)
    seen = spread > 0
    return spread[seen], counts[seen], bursts


def _density(spread: npt.NDArray[np.int64], times: float) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return rates λ, float64 (G,), and how many words have each: g(λ) · d log λ."""
    from scipy.optimize import minimize  # noqa: PLC0415 - SciPy takes a while to load
    from scipy.special import gammaln  # noqa: PLC0415

    found = np.bincount(np.minimum(spread, _SPREAD + 1), minlength=_SPREAD + 2)[1 : _SPREAD + 1].astype(np.float64)
    logs = np.linspace(np.log(1e-2 / times), np.log(4 * _SPREAD), 300)
    if found.sum() < _FEWEST or times <= 1:
        return np.exp(logs), np.zeros(len(logs))
    k = np.arange(1, _SPREAD + 1)[:, None]
    near = np.linspace(np.log(1e-4), np.log(4 * _SPREAD), 300)
    poisson = np.exp(k * near - np.exp(near) - gammaln(k + 1))

    def shape(c: npt.NDArray[np.float64], x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        below = np.minimum(x - np.log(_STRAIGHT_BELOW), 0)
        bent = np.maximum(x, np.log(_STRAIGHT_BELOW))
        slope = -c[1] + 2 * c[2] * np.log(_STRAIGHT_BELOW)
        return np.asarray(np.exp(np.clip(c[0] - c[1] * bent + c[2] * bent**2 + slope * below, -700, 300)))

    def unlikelihood(c: npt.NDArray[np.float64]) -> float:
        expected = np.maximum(poisson @ shape(c, near) * (near[1] - near[0]), 1e-12)
        return float(np.sum(expected - found * np.log(expected)))

    begin = np.array([np.log(found[0] + 1), 0.5, -0.02])
    best = minimize(unlikelihood, begin, method="Nelder-Mead", options={"maxiter": 4000, "xatol": 1e-5, "fatol": 1e-3})
    return np.exp(logs), shape(best.x, logs) * (logs[1] - logs[0])


class _Extrapolation:
    """What words of each rate come to in the whole text.

    Args:
        rates: λ, float64 (G,).
        density: float64 (G,), how many words have each.
        bursts: B, float64 (MOST + 1,).
        times: t ≥ 1.
    """

    def __init__(
        self,
        rates: npt.NDArray[np.float64],
        density: npt.NDArray[np.float64],
        bursts: npt.NDArray[np.float64],
        times: float,
    ) -> None:
        self._rates, self._density, self._bursts, self._more = rates, density, bursts, times - 1
        self._reach = _reach(bursts, self._more * rates)

    def kinds(self, spread: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return how many words come m times or more in the whole text: float64 (MOST + 1,), by m.

        Args:
            spread: int64 (V,), pieces of the sample in which each seen word stands.
            counts: int64 (V,), how often each comes in the sample.
        """
        total = self._unseen()
        pairs, words = np.unique(np.stack((spread, np.minimum(counts, MOST))), axis=1, return_counts=True)
        m = np.arange(MOST + 1)
        reach: dict[int, npt.NDArray[np.float64]] = {}
        for (pieces, count), number in zip(pairs.T.tolist(), words.tolist(), strict=True):
            if pieces not in reach:
                reach[pieces] = self._seen(pieces)
            total += number * reach[pieces][np.maximum(0, m - count)]
        return total

    def _unseen(self) -> npt.NDArray[np.float64]:
        return np.asarray(self._reach @ (self._density * np.exp(-self._rates)))

    def _seen(self, pieces: int) -> npt.NDArray[np.float64]:
        """Return P(a word of so many pieces in the sample comes r times or more in the rest): float64, by r."""
        logs = pieces * np.log(self._rates) - self._rates
        weights = self._density * np.exp(logs - logs.max())
        if pieces > _SPREAD or weights.sum() <= 0:
            return _reach(self._bursts, np.array([self._more * pieces]))[:, 0]
        return np.asarray(self._reach @ (weights / weights.sum()))


def _reach(bursts: npt.NDArray[np.float64], rates: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return P(S ≥ r) of compound Poisson sums S, float64 (MOST + 1, n), by r, where pieces come at these rates.

    P(S = 0) = exp(−λ),    P(S = j) = λ / j · Σ_i i B(i) P(S = j − i)
    """
    exactly = np.zeros((MOST, len(rates)))
    exactly[0] = np.exp(-rates)
    weighted = np.arange(MOST + 1) * bursts
    for j in range(1, MOST):
        exactly[j] = rates / j * (weighted[1 : j + 1] @ exactly[j - 1 :: -1])
    reach = np.ones((MOST + 1, len(rates)))
    reach[1:] = np.maximum(0.0, 1 - np.cumsum(exactly, axis=0))
    return reach
