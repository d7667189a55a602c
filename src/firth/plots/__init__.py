"""Pictures of word vectors, as people put them in papers; each function returns a Matplotlib figure.

>>> import firth.plots
>>> figure = firth.plots.heatmap(wv, ["pink", "blue", "king", "duke"])  # doctest: +SKIP
>>> firth.plots.save(figure, "words.svg")  # doctest: +SKIP
"""

from firth.plots.analogy_map import analogy
from firth.plots.heat_map import heatmap
from firth.plots.loss import loss_curves
from firth.plots.picture_file import save
from firth.plots.scatter_map import scatter
from firth.plots.similarity_matrix import similarity
from firth.plots.softmax_tree import tree
from firth.plots.trained_beside_untrained import trained_beside_untrained, untrained
from firth.plots.variance import explained_variance

__all__ = [
    "analogy",
    "explained_variance",
    "heatmap",
    "loss_curves",
    "save",
    "scatter",
    "similarity",
    "trained_beside_untrained",
    "tree",
    "untrained",
]
