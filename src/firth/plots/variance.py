"""How much of the variance the principal components keep: whether vectors use all their dimensions, or few."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from firth.errors import SettingsError
from firth.plots.canvas import drawing, plain, whole
from firth.plots.colours import GREY, INK, kind
from firth.plots.planes import principal_components
from firth.vectors.moments import covariance
from firth.vectors.queries import some_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure, SubFigure

    from firth.events import Listener
    from firth.vectors.metric import Wide
    from firth.vectors.store import WordVectors

__all__ = ["explained_variance"]


def explained_variance(
    wv: WordVectors,
    words: Sequence[str] | None = None,
    *,
    title: str | None = None,
    figure: Figure | SubFigure | None = None,
    on_event: Listener | None = None,
) -> Figure:
    """Draw the share of the variance that each principal component keeps, and that the first k keep together.

        shares: λ_k / Σ λ,  λ the eigenvalues of the covariance, by falling size

    A dashed line shows what vectors alike in all directions would keep together: k / D, or k / (n − 1) of n words.

    Args:
        wv: the vectors.
        words: of these alone, at least two; None for all.
        title: of the picture; None for one that tells how many words there are.
        figure: a Matplotlib figure or subfigure to draw in; None for a new one.
        on_event: told nothing here; as for the other pictures.

    Returns:
        the figure; the whole of it where a subfigure was given.

    Raises:
        UnknownWordError: there is no vector for a word.
        SettingsError: fewer than two words, or vectors that are all alike.
        FormatError: a vector holds NaN or infinity.
        MissingExtraError: Matplotlib is not installed.
    """
    shares = _shares(wv, words)
    together = np.cumsum(shares)
    count = len(shares)
    with drawing(figure, [], (6.4, 4.0), on_event) as drawn:
        from matplotlib.ticker import MaxNLocator  # noqa: PLC0415 - the extra `plots`

        axes = drawn.subplots()
        number = np.arange(1, count + 1)
        many = len(wv) if words is None else len(set(words))
        axes.set_title(f"{many:,} words, {wv.dim:,} dimensions" if title is None else title, fontsize=11, wrap=True)
        axes.stairs(shares, np.arange(count + 1) + 0.5, fill=True, color=kind(0).colour, label="each component")
        axes.plot(number, together, color=INK, linewidth=1.5, label="the first k together")
        axes.plot([0, count], [0, 1], color=GREY, linewidth=1, linestyle="--", label="alike in all directions")
        for share in (0.5, 0.9):
            first = int(np.searchsorted(together, share - 1e-12)) + 1
            axes.plot([first], [together[first - 1]], marker="o", color=INK, markersize=5)
            axes.annotate(
                f"{share:.0%}: {first} of {count}", (first, float(together[first - 1])), (8, -4),
                textcoords="offset points", va="top", fontsize=9, color=INK,
                bbox={"facecolor": "white", "alpha": 0.85, "edgecolor": "none", "pad": 1},
            )  # fmt: skip
        axes.set_xlim(0, count + 0.6)
        axes.set_ylim(0, 1.02)
        axes.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
        axes.set_xlabel("principal component, k")
        axes.set_ylabel("share of the variance")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        # Of few words the bars are wide, and what is written over them needs a ground of its own.
        axes.legend(
            frameon=True, framealpha=0.85, edgecolor="none", fontsize=9, loc="lower right", bbox_to_anchor=(1.0, 0.08)
        )
        plain(axes)
    return whole(drawn)


def _shares(wv: WordVectors, words: Sequence[str] | None) -> Wide:
    """Return the share of the variance along each principal component, by falling size."""
    if words is not None:
        each, _ = some_words(wv, words, least=2)
        return principal_components(np.stack([wv[word] for word in each]).astype(np.float64))[1]
    variances = np.maximum(np.linalg.eigvalsh(covariance(wv.matrix, wv.norms))[::-1], 0.0)
    if not variances.sum() > 0:
        raise SettingsError("expected words whose vectors differ, got one or some that are all alike")
    return np.asarray(variances / variances.sum())
