"""Changing vectors after training: mean-centring, all-but-the-top, unit length, PCA; each step stands in the record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from firth.errors import SettingsError
from firth.events import Notice, Stage
from firth.vectors.distances import name_and_number
from firth.vectors.moments import covariance, mean
from firth.vectors.norms import BLOCK
from firth.vectors.store import WordVectors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from firth.events import Listener
    from firth.vectors.metric import Wide

__all__ = ["STEPS", "all_but_the_top", "centre", "pca", "postprocess", "steps_of", "unit_length"]

STEPS = {"centre": False, "all-but-the-top": True, "unit-length": False, "pca": True}
"""Each step by its name, and whether a number may follow it."""


def postprocess(wv: WordVectors, *steps: str, on_event: Listener | None = None) -> WordVectors:
    """Return vectors changed step by step, in the order given; the record tells what was done, under "postprocessing".

    Args:
        wv: the vectors, which stay as they are. Output vectors are left out of what is returned: they belong to the
            vectors as they were trained.
        steps: "centre", "all-but-the-top" or "all-but-the-top:3", "unit-length", "pca:100" (dimensions) or "pca:0.9"
            (at least this share of the variance).
        on_event: told each step, and what was left out.

    Raises:
        SettingsError: no step, an unknown one, or a number that cannot be.
        FormatError: a vector holds NaN or infinity.
    """
    if not steps:
        raise SettingsError(f"expected at least one step of {', '.join(STEPS)}, got none")
    planned = [_planned(step) for step in steps]
    if on_event is not None and wv.output_matrix is not None:
        on_event(Notice(text="the output vectors are left out: they belong to the vectors as they were trained"))
    for step, change in zip(steps, planned, strict=True):
        if on_event is not None:
            on_event(Stage(name=step))
        wv = change(wv)
    return wv


def steps_of(wv: WordVectors) -> list[dict[str, Any]]:
    """Return the steps that vectors have gone through, as their record tells: each with its name under "step".

    Args:
        wv: the vectors.
    """
    told = wv.record.get("postprocessing", [])
    return [dict(step) for step in told if isinstance(step, dict)] if isinstance(told, list) else []


def _planned(step: object) -> Callable[[WordVectors], WordVectors]:
    """Return what a step does; every step is read before the first one is done."""
    if isinstance(step, str):
        name, number = (step, None) if step in STEPS else name_and_number(step)
        if name in STEPS and (number is None or STEPS[name]):
            if name == "centre":
                return centre
            if name == "unit-length":
                return unit_length
            whole = number is not None and number.is_integer()
            if name == "all-but-the-top" and (number is None or whole):
                return lambda wv: all_but_the_top(wv, None if number is None else int(number))
            if name == "pca" and number is not None and (whole or 0 < number < 1):
                return lambda wv: pca(wv, dim=int(number)) if whole else pca(wv, variance=number)
    raise SettingsError(
        "expected steps of centre, all-but-the-top (or all-but-the-top:3), unit-length and pca:100 (dimensions) or "
        f"pca:0.9 (share of the variance), got {step!r}"
    )


def centre(wv: WordVectors) -> WordVectors:
    """Return vectors less their mean, x − x̄, so that no direction is common to all.

    Args:
        wv: the vectors.

    Raises:
        FormatError: a vector holds NaN or infinity.
    """
    middle = mean(wv.matrix, wv.norms)
    return _changed(wv, wv.dim, lambda rows: rows - middle, {"step": "centre"})


def all_but_the_top(wv: WordVectors, components: int | None = None) -> WordVectors:
    """Return vectors less their mean and less what they have along the few directions in which they differ most.

        x' = x − x̄ − Σᵢ (uᵢ·(x − x̄)) uᵢ        u₁ … u_n: the first principal components

    Args:
        wv: the vectors.
        components: n, int from 1 to D − 1; None for D / 100, at least 1.

    Raises:
        SettingsError: n is not in its range, or all vectors are alike.
        FormatError: a vector holds NaN or infinity.

    Source: Mu and Viswanath 2018 (ICLR; arXiv:1702.01417), algorithm 1.
    """
    n = max(1, round(wv.dim / 100)) if components is None else components
    if not _is_whole(n) or not 1 <= n < wv.dim:
        raise SettingsError(
            f"expected from 1 to {wv.dim - 1} components to take away from {wv.dim:,} dimensions, got {n!r}"
        )
    middle = mean(wv.matrix, wv.norms)
    variances, directions = _principal(wv)
    top = directions[:, :n]

    def change(rows: Wide) -> Wide:
        apart = rows - middle
        return apart - (apart @ top) @ top.T

    removed = float(variances[:n].sum() / variances.sum())
    return _changed(wv, wv.dim, change, {"step": "all-but-the-top", "components": int(n), "variance_removed": removed})


def unit_length(wv: WordVectors) -> WordVectors:
    """Return vectors of length 1, x / |x|; zero vectors stay zero.

    Args:
        wv: the vectors.

    Raises:
        FormatError: a vector holds NaN or infinity.
    """

    def change(rows: Wide) -> Wide:
        norms = np.sqrt((rows * rows).sum(axis=1, keepdims=True))
        scaled: Wide = np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0)
        return scaled

    return _changed(wv, wv.dim, change, {"step": "unit-length"})


def pca(wv: WordVectors, dim: int | None = None, *, variance: float | None = None) -> WordVectors:
    """Return vectors of fewer dimensions: their coordinates along the directions in which they differ most.

        x' = Uᵀ (x − x̄)        U: the first principal components, each pointing to where its largest number is > 0

    Args:
        wv: the vectors.
        dim: int from 1 to D, how many dimensions are kept.
        variance: instead, float in (0, 1): as few as keep this share of the variance. The share that is kept stands in
            the record.

    Raises:
        SettingsError: both or neither are given, one is not in its range, or all vectors are alike.
        FormatError: a vector holds NaN or infinity.
    """
    if (dim is None) == (variance is None):
        raise SettingsError("expected either dim= or variance= for PCA")
    if dim is not None and (not _is_whole(dim) or not 1 <= dim <= wv.dim):
        raise SettingsError(f"expected from 1 to {wv.dim:,} dimensions to keep, got {dim!r}")
    if variance is not None and not 0 < variance < 1:
        raise SettingsError(f"expected a share of the variance between 0 and 1 to keep, got {variance!r}")
    middle = mean(wv.matrix, wv.norms)
    variances, directions = _principal(wv)
    shares = np.cumsum(variances) / variances.sum()
    n = int(dim) if dim is not None else min(int(np.searchsorted(shares, variance or 0.0)) + 1, wv.dim)
    basis = directions[:, :n]
    # An eigenvector's sign is arbitrary; this one is the same on every machine.
    basis = basis * np.sign(basis[np.abs(basis).argmax(axis=0), np.arange(n)])
    return _changed(
        wv,
        n,
        lambda rows: (rows - middle) @ basis,
        {"step": "pca", "dimensions": n, "variance_kept": min(1.0, float(shares[n - 1]))},
    )


def _principal(wv: WordVectors) -> tuple[Wide, Wide]:
    """Return the variances along the principal components, largest first, and the components as columns."""
    variances, directions = np.linalg.eigh(covariance(wv.matrix, wv.norms))
    variances = np.maximum(variances[::-1], 0.0)
    if not variances.sum() > 0:
        raise SettingsError("expected vectors that differ, got none or all alike: there are no principal components")
    return variances, directions[:, ::-1]


def _changed(wv: WordVectors, dim: int, change: Callable[[Wide], Wide], step: Mapping[str, object]) -> WordVectors:
    """Return new vectors, each block of rows put through `change` in float64, and the step added to the record."""
    matrix = np.empty((len(wv), dim), dtype=np.float32)
    for start in range(0, len(wv), BLOCK):
        wv.norms.block(start)
        with np.errstate(over="ignore"):
            matrix[start : start + BLOCK] = change(wv.matrix[start : start + BLOCK].astype(np.float64))
    steps = [*steps_of(wv), dict(step)]
    return WordVectors(wv.words, matrix, wv.counts, record={**wv.record, "postprocessing": steps})


def _is_whole(number: object) -> bool:
    return isinstance(number, int | np.integer) and not isinstance(number, bool)
