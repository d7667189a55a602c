"""How near two vectors are: every metric by its name, its aliases and, where it has one, its number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firth.errors import SettingsError
from firth.vectors.cdist_metrics import CDIST_METRICS, minkowski
from firth.vectors.product_metrics import PRODUCT_METRICS

if TYPE_CHECKING:
    from firth.vectors.metric import Metric

__all__ = ["ALIASES", "METRICS", "metric_named", "name_and_number"]

METRICS: dict[str, Metric] = {metric.name: metric for metric in (*PRODUCT_METRICS, *CDIST_METRICS)}
"""All metrics without a number; "minkowski:3" is beside them."""

ALIASES = {"pearson": "correlation", "cityblock": "manhattan", "minkowski": "minkowski:2"}
"""Other names: Pearson's, and SciPy's where it differs."""


def metric_named(name: str) -> Metric:
    """Return a metric by its name.

    Args:
        name: one in `METRICS` or `ALIASES`, or "minkowski:" and a power, such as "minkowski:3".

    Raises:
        SettingsError: there is none of that name.
    """
    if isinstance(name, str):
        name = ALIASES.get(name, name)
        if name in METRICS:
            return METRICS[name]
        base, number = name_and_number(name)
        if base == "minkowski" and number is not None:
            return minkowski(number)
    known = ", ".join(f'"{known}"' for known in (*METRICS, *ALIASES, "minkowski:3"))
    raise SettingsError(f"expected a metric of {known}, got {name!r}")


def name_and_number(name: str) -> tuple[str, float | None]:
    """Return what stands before the last colon of a name, and the number behind it; None where there is no number."""
    base, colon, number = name.rpartition(":")
    try:
        return (base, float(number)) if colon else (name, None)
    except ValueError:
        return name, None
