"""What training did: the same words before and after, or in two models, as maps and as matrices of cosines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.errors import SettingsError
from firth.objectives.sampled import first_vectors
from firth.plots.canvas import drawing, whole
from firth.plots.colours import GREY
from firth.plots.scatter_map import scatter
from firth.plots.similarity_matrix import matrix_image, span, tree_of
from firth.vectors.queries import some_words
from firth.vectors.store import WordVectors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure, SubFigure

    from firth.events import Listener

__all__ = ["trained_beside_untrained", "untrained"]


def untrained(wv: WordVectors) -> WordVectors:
    """Return the same words with the vectors that a training with the same seed begins with.

    Args:
        wv: from a training of Firth's, whose record holds the seed.

    Raises:
        SettingsError: the record holds none, as of vectors that others made; or it tells of a training that went on
            from another model, or of vectors that were brought to other dimensions since.
    """
    seed, objective = wv.record.get("seed"), wv.record.get("objective")
    dim = objective.get("dim") if isinstance(objective, Mapping) else None
    if wv.record.get("start") is not None or dim not in (None, wv.dim):
        raise SettingsError(
            "expected vectors as a training from random ones left them, got some that went on from another model or "
            "were brought to other dimensions; name the model to draw beside them (other=, --other)"
        )
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise SettingsError(
            "expected vectors whose record holds the training's seed, from which those before it are made, got some "
            "without; name another model to draw beside them (other=, --other)"
        )
    return WordVectors(wv.words, first_vectors(len(wv), wv.dim, seed=seed), wv.counts, record={"untrained": True})


def trained_beside_untrained(
    wv: WordVectors,
    words: Sequence[str],
    *,
    other: WordVectors | None = None,
    titles: tuple[str, str] | None = None,
    title: str | None = None,
    keep_lengths: bool = False,
    figure: Figure | SubFigure | None = None,
    on_event: Listener | None = None,
) -> Figure:
    """Draw words in two models: on the first two principal components of each, and every two words' cosine.

    Both matrices have the same order, that of the first model's tree of average linkage, and the same colours.

    Args:
        wv: the vectors, on the left.
        words: at least three different ones.
        other: on the right; None for those that the training of `wv` began with.
        titles: of the two; None for "trained" and "untrained", or "first model" and "second model".
        title: of the whole picture; None for none.
        keep_lengths: leave the vectors' lengths as they are in the maps; else each is scaled to length 1.
        figure: a Matplotlib figure or subfigure to draw in; None for a new one.
        on_event: told of labels that cover one another, and of scripts for which there is no font.

    Returns:
        the figure; the whole of it where a subfigure was given.

    Raises:
        UnknownWordError: one of the models has no vector for a word.
        SettingsError: fewer than three words, or vectors that do not tell how they began.
        FormatError: a word's vector holds NaN or infinity.
        MissingExtraError: Matplotlib is not installed.
    """
    each, _ = some_words(wv, words, least=3)
    if titles is None:
        titles = ("trained", "untrained") if other is None else ("first model", "second model")
    if len(titles) != 2:
        raise SettingsError(f"expected two titles, got {len(titles)}")
    beside = untrained(wv) if other is None else other
    tables = [model.distances(each).values for model in (wv, beside)]
    order = tree_of(1 - tables[0])[0]
    lows, highs = zip(*(span(table) for table in tables), strict=True)
    side = max(4.0, 1.6 + 0.28 * len(each))
    upper = max(3.8, 0.7 * side)
    with drawing(figure, [*each, *titles], (2 * side + 0.6, upper + side), on_event) as drawn:
        if title is not None:
            drawn.suptitle(title, wrap=True)
        parts: Any = drawn.subfigures(2, 1, height_ratios=[upper, side])
        maps, matrices = parts[0].subfigures(1, 2), parts[1].subplots(1, 2)
        names = [each[place] for place in order]
        for above, below, model, table, name in zip(maps, matrices, (wv, beside), tables, titles, strict=True):
            scatter(model, each, keep_lengths=keep_lengths, title=name, figure=above, on_event=on_event)
            limits = (min(lows), max(highs))
            image = matrix_image(below, table[np.ix_(order, order)], names, numbers=False, limits=limits)
            bar = parts[1].colorbar(image, cax=below.inset_axes((1.03, 0.0, 0.03, 1.0)))
            bar.set_label("cosine", fontsize=9)
            bar.ax.tick_params(labelsize=8, colors=GREY)
            bar.outline.set_visible(False)
    return whole(drawn)
