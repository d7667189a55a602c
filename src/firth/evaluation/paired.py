"""Paired tests: are two models' scores on the same items different by more than chance?

Yes-or-no items (a question answered or not) are compared by McNemar's exact test: of the b + c items on which the
models differ, b went to one and c to the other; were both as good, each would go either way with probability ½,

    p = P(|X − (b + c)/2| ≥ |b − c|/2),  X ~ Binomial(b + c, ½)

Correlations are compared by the paired bootstrap: the same pairs are drawn again for both models, and p is twice the
share of samples in which the difference lies on the other side of zero.

Source: McNemar 1947; Efron & Tibshirani 1993, ch. 16; Koehn 2004 (EMNLP).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.errors import SettingsError
from firth.evaluation.bootstrap import Interval, resampled
from firth.evaluation.correlation import spearman

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    import numpy.typing as npt

__all__ = ["PairedTest", "compare_correlations", "compare_shares"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PairedTest:
    """Two models on the items that both know.

    Args:
        items: how many these are; only they were compared.
        first: the first model's score on them; None where it is not defined.
        second: the second's.
        interval: of first − second over resampled items.
        p: how often so great a difference comes by chance alone, in [0, 1]; None where the scores are not defined.
    """

    items: int
    first: float | None
    second: float | None
    interval: Interval | None
    p: float | None

    @property
    def difference(self) -> float | None:
        """First − second; None where one is not defined."""
        return None if self.first is None or self.second is None else self.first - self.second

    def to_dict(self) -> dict[str, Any]:
        """Return the test as plain numbers, ready for JSON."""
        return {
            "items": self.items, "first": self.first, "second": self.second, "difference": self.difference,
            "low": None if self.interval is None else self.interval.low,
            "high": None if self.interval is None else self.interval.high, "p": self.p,
        }  # fmt: skip


def compare_shares(
    first: Mapping[Hashable, bool],
    second: Mapping[Hashable, bool],
    *,
    level: float = 0.95,
    samples: int = 1000,
    seed: int = 1,
) -> PairedTest:
    """Compare two models' shares of right answers.

    Args:
        first: item → whether the first model was right.
        second: the same of the second; items that only one of them has take no part.
        level: float in (0, 1), of the interval.
        samples: int ≥ 100, of the bootstrap.
        seed: int ≥ 0.
    """
    common = [item for item in first if item in second]
    one, two = (np.array([outcomes[item] for item in common], dtype=np.float64) for outcomes in (first, second))
    if not common:
        return PairedTest(items=0, first=None, second=None, interval=None, p=None)
    from scipy.stats import binomtest  # noqa: PLC0415 - takes a while to load

    ahead, behind = int(np.sum(one > two)), int(np.sum(two > one))
    p = 1.0 if ahead + behind == 0 else float(binomtest(ahead, ahead + behind, 0.5).pvalue)
    differences = _differences(lambda drawn: float(np.mean(one[drawn] - two[drawn])), len(common), samples, seed)
    return PairedTest(
        items=len(common), first=float(one.mean()), second=float(two.mean()), interval=_middle(differences, level), p=p
    )


def compare_correlations(
    first: Mapping[Hashable, tuple[float, float]],
    second: Mapping[Hashable, tuple[float, float]],
    *,
    level: float = 0.95,
    samples: int = 1000,
    seed: int = 1,
) -> PairedTest:
    """Compare two models' rank correlations with the same ratings.

    Args:
        first: pair → (rating, the first model's similarity).
        second: the same of the second; pairs that only one of them has take no part.
        level: float in (0, 1), of the interval.
        samples: int ≥ 100, of the bootstrap.
        seed: int ≥ 0.
    """
    common = [item for item in first if item in second]
    one, two = (np.array([outcomes[item] for item in common]).reshape(-1, 2) for outcomes in (first, second))

    def difference(drawn: npt.NDArray[np.int64]) -> float | None:
        scores = spearman(one[drawn, 0], one[drawn, 1]), spearman(two[drawn, 0], two[drawn, 1])
        return None if scores[0] is None or scores[1] is None else scores[0] - scores[1]

    everything = np.arange(len(common))
    if difference(everything) is None:
        return PairedTest(
            items=len(common), first=spearman(one[:, 0], one[:, 1]), second=spearman(two[:, 0], two[:, 1]),
            interval=None, p=None,
        )  # fmt: skip
    differences = _differences(difference, len(common), samples, seed)
    other_side = min(float(np.mean(differences <= 0)), float(np.mean(differences >= 0)))
    return PairedTest(
        items=len(common),
        first=spearman(one[:, 0], one[:, 1]),
        second=spearman(two[:, 0], two[:, 1]),
        interval=_middle(differences, level),
        # A sample of n cannot tell less than one in n.
        p=float(min(1.0, 2 * max(other_side, 1 / len(differences)))),
    )


def _differences(
    statistic: Callable[[npt.NDArray[np.int64]], float | None], items: int, samples: int, seed: int
) -> npt.NDArray[np.float64]:
    if not isinstance(samples, int) or samples < 100:
        raise SettingsError(f"expected 100 or more bootstrap samples, got {samples!r}; 1000 are usual")
    return resampled(statistic, items, samples=samples, seed=seed)


def _middle(differences: npt.NDArray[np.float64], level: float) -> Interval | None:
    if not len(differences):
        return None
    low, high = np.quantile(differences, [(1 - level) / 2, (1 + level) / 2])
    return Interval(low=float(low), high=float(high), level=level)
