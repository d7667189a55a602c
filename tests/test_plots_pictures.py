"""Each kind of picture: what it draws, where, and what it says."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from sklearn.decomposition import PCA

from firth import plots
from firth.errors import FormatError, MissingExtraError, SettingsError, UnknownWordError
from firth.objectives.sampled import first_vectors
from firth.vectors.postprocess import pca
from firth.vectors.store import WordVectors

WORDS = ["king", "queen", "man", "woman", "apple", "pear", "plum", "dog"]
RNG = np.random.default_rng(3)
MATRIX = RNG.normal(size=(8, 12)) + 0.4
MATRIX[4:7] += 3.0
WV = WordVectors(WORDS, MATRIX, [80, 70, 60, 50, 40, 30, 20, 10], record={"seed": 5})
ROWS = WV.matrix.astype(np.float64)
UNITS = ROWS / np.linalg.norm(ROWS, axis=1, keepdims=True)


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def points(axes: Any) -> npt.NDArray[np.float64]:
    return np.concatenate([np.asarray(some.get_offsets()) for some in axes.collections if len(some.get_offsets())])


def test_the_heat_map_shows_the_numbers_themselves_and_their_components() -> None:
    some = ["king", "apple", "pear", "dog"]
    figure = plots.heatmap(WV, some, title="four words")
    raw, shares, turned = figure.axes[:3]
    rows = ROWS[[WORDS.index(word) for word in some]]
    np.testing.assert_array_equal(raw.images[0].get_array(), rows)
    known = PCA(n_components=3).fit(rows)
    drawn = np.asarray(turned.images[0].get_array())
    np.testing.assert_allclose(np.abs(drawn), np.abs(known.transform(rows)), atol=1e-6)
    np.testing.assert_allclose([bar.get_height() for bar in shares.patches], known.explained_variance_ratio_, atol=1e-9)
    assert [text.get_text() for text in shares.texts] == [f"{share:.0%}" for share in known.explained_variance_ratio_]
    # White is zero, and the colours wash out to the right.
    for axes in (raw, turned):
        low, high = axes.images[0].get_clim()
        assert low == -high
        assert [label.get_text() for label in axes.get_yticklabels()] == some
    spread = (drawn**2).sum(axis=0)
    assert (np.diff(spread) < 0).all()
    assert "four words" in texts(figure)


def test_a_dash_marks_what_is_below_zero() -> None:
    figure = plots.heatmap(WV, WORDS)
    axes = figure.axes[2]
    values = np.asarray(axes.images[0].get_array())
    marks = {(int(x), int(y)) for line in axes.lines for x, y in zip(*line.get_data(), strict=True)}
    assert marks == {(column, row) for row, column in np.argwhere(values < -0.1 * np.abs(values).max()).tolist()}


def test_the_map_stands_on_the_components_of_unit_vectors() -> None:
    figure = plots.scatter(WV, WORDS, title="a map")
    axes = figure.axes[0]
    known = PCA(n_components=2).fit(UNITS)
    at = points(axes)
    np.testing.assert_allclose(np.abs(at), np.abs(known.transform(UNITS)), atol=1e-5)
    assert {label.get_text() for label in axes.texts if label.get_text()} == set(WORDS)
    share = known.explained_variance_ratio_[0]
    assert axes.get_xlabel() == f"component 1 ({share:.0%} of the variance)"
    assert axes.get_title() == "a map"
    assert axes.get_aspect() == 1
    as_they_are = plots.scatter(WV, WORDS, keep_lengths=True).axes[0]
    np.testing.assert_allclose(np.abs(points(as_they_are)), np.abs(PCA(2).fit_transform(ROWS)), atol=1e-4)


def test_each_label_is_beside_its_own_point() -> None:
    axes = plots.scatter(WV, WORDS).axes[0]
    labelled = {label.get_text(): label.xy for label in axes.texts if label.get_text()}
    for word, place in zip(WORDS, points(axes), strict=True):
        np.testing.assert_allclose(labelled[word], place)


def test_groups_have_colours_shapes_and_names() -> None:
    figure = plots.scatter(WV, {"people": WORDS[:4], "fruit": [*WORDS[4:7], "king"]})
    axes = figure.axes[0]
    people, fruit = axes.collections[:2]
    assert len(people.get_offsets()) == 4
    assert len(fruit.get_offsets()) == 3, "a word of two groups is drawn in the first"
    assert tuple(people.get_facecolor()[0]) != tuple(fruit.get_facecolor()[0])
    assert len(people.get_paths()[0].vertices) != len(fruit.get_paths()[0].vertices)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["people", "fruit"]


def test_three_dimensions_have_three_axes_and_labels() -> None:
    figure = plots.scatter(WV, WORDS, dimensions=3)
    axes: Any = figure.axes[0]
    shown = np.array(axes.collections[0]._offsets3d).T
    np.testing.assert_allclose(np.abs(shown), np.abs(PCA(3).fit_transform(UNITS)), atol=1e-5)
    assert axes.get_zlabel().startswith("component 3")
    labels = [text for text in axes.texts if text.get_text()]
    assert {label.get_text() for label in labels} == set(WORDS)
    boxes = np.array([label.get_window_extent().extents for label in labels])
    apart = (boxes[:, None, :2] >= boxes[None, :, 2:]).any(2) | (boxes[:, None, 2:] <= boxes[None, :, :2]).any(2)
    assert apart[~np.eye(len(labels), dtype=bool)].all()


def test_a_background_is_placed_with_the_words_and_not_labelled() -> None:
    axes = plots.scatter(WV, ["king", "queen", "man"], background=6).axes[0]
    assert len(points(axes)) == 6
    assert {label.get_text() for label in axes.texts if label.get_text()} == {"king", "queen", "man"}


def test_an_analogy_is_a_parallelogram() -> None:
    figure = plots.analogy(WV, [("man", "king"), ("woman", "queen")])
    axes = figure.axes[0]
    at = {label.get_text(): np.array(label.xy) for label in axes.texts if label.get_text()}
    np.testing.assert_allclose(at["king − man + woman"], at["king"] - at["man"] + at["woman"])
    ways = [(arrow.xyann, arrow.xy) for arrow in axes.texts if not arrow.get_text() and arrow.arrow_patch]
    for start, end in (("man", "king"), ("woman", "queen")):
        assert any(np.allclose(way[0], at[start]) and np.allclose(way[1], at[end]) for way in ways)
    row = {word: UNITS[WORDS.index(word)] for word in WORDS}
    one, other = row["king"] - row["man"], row["queen"] - row["woman"]
    cosine = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
    assert f"mean cosine between the differences: {cosine:.2f}" in axes.get_xlabel()
    # Arrows run to the right.
    assert (at["king"] - at["man"] + at["queen"] - at["woman"])[0] > 0


def test_along_the_difference_no_plane_shows_longer_arrows() -> None:
    pairs = [("man", "king"), ("woman", "queen"), ("apple", "pear")]

    def length(plane: str) -> float:
        axes = plots.analogy(WV, pairs, plane=plane).axes[0]
        at = {label.get_text(): np.array(label.xy) for label in axes.texts if label.get_text()}
        assert len(at) == 6, "of three pairs no corner is drawn"
        return float(np.linalg.norm(np.mean([at[end] - at[start] for start, end in pairs], axis=0)))

    row = {word: UNITS[WORDS.index(word)] for word in WORDS}
    whole = np.linalg.norm(np.mean([row[end] - row[start] for start, end in pairs], axis=0))
    assert length("difference") == pytest.approx(whole, rel=1e-5)
    assert length("pca") < whole


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_the_matrix_is_ordered_by_its_tree(metric: str) -> None:
    figure = plots.similarity(WV, WORDS, metric=metric)
    tree, axes = figure.axes[:2]
    order = [label.get_text() for label in axes.get_yticklabels()]
    assert sorted(order) == sorted(WORDS)
    assert order == [label.get_text() for label in axes.get_xticklabels()]
    table = WV.distances(order, metric)
    np.testing.assert_array_equal(axes.images[0].get_array(), table.values)
    between = table.values[~np.eye(len(order), dtype=bool)]
    assert axes.images[0].get_clim() == (between.min(), between.max()), "a word beside itself takes no colours away"
    places = sorted(order.index(word) for word in ("apple", "pear", "plum"))
    assert places[2] - places[0] == 2, "words of a kind stand together"
    assert len(tree.lines) == len(WORDS) - 1
    assert axes.images[0].get_cmap().name == ("cividis" if metric == "cosine" else "cividis_r")
    ends = [line.get_ydata()[[0, -1]] for line in tree.lines]
    leaves = {float(place) for pair in ends for place in pair if float(place).is_integer()}
    assert set(range(len(WORDS))) <= leaves, "each branch ends at a row of the matrix"
    assert f"{table.values[0, 1]:.2f}".replace("-", "−") in texts(figure)


def test_trained_stands_beside_untrained() -> None:
    figure = plots.trained_beside_untrained(WV, WORDS)
    found = texts(figure)
    assert found.count("trained") == found.count("untrained") == 1
    assert [part.axes[0].get_title() for part in figure.subfigs[0].subfigs] == ["trained", "untrained"]
    images = [axes.images[0] for axes in figure.subfigs[1].axes if axes.images]
    assert len(images) == 2
    before = WordVectors(WORDS, first_vectors(8, 12, seed=5))
    order = [label.get_text() for label in images[0].axes.get_yticklabels()]
    np.testing.assert_allclose(images[0].get_array(), WV.distances(order).values)
    np.testing.assert_allclose(images[1].get_array(), before.distances(order).values)
    assert images[0].get_clim() == images[1].get_clim()
    other = plots.trained_beside_untrained(WV, WORDS, other=WV, titles=("1850", "1950"))
    assert {"1850", "1950"} <= set(texts(other))


def test_vectors_of_others_do_not_tell_how_they_began() -> None:
    strange = WordVectors(WORDS, MATRIX)
    with pytest.raises(SettingsError, match="seed"):
        plots.trained_beside_untrained(strange, WORDS)
    with pytest.raises(SettingsError, match="seed"):
        plots.untrained(WordVectors(WORDS, MATRIX, record={"seed": True}))
    for record in ({"seed": 1, "start": {"model": "?"}}, {"seed": 1, "objective": {"dim": 300}}):
        with pytest.raises(SettingsError, match="another model"):
            plots.untrained(WordVectors(WORDS, MATRIX, record=record))


def test_the_components_keep_what_pca_says() -> None:
    figure = plots.explained_variance(WV)
    axes = figure.axes[0]
    together = axes.lines[0].get_ydata()
    for kept in (1, 3, 8):
        steps: Any = pca(WV, dim=kept).record["postprocessing"]
        assert together[kept - 1] == pytest.approx(steps[-1]["variance_kept"])
    assert len(together) == 12
    first = int(np.searchsorted(together, 0.5)) + 1
    assert f"50%: {first} of 12" in texts(figure)
    assert "8 words, 12 dimensions" in texts(figure)
    some = plots.explained_variance(WV, ["king", "apple", "dog", "king"]).axes[0]
    assert len(some.lines[0].get_ydata()) == 2
    assert some.get_title() == "3 words, 12 dimensions"
    assert all(float(tick).is_integer() for tick in some.get_xticks())


CALLS = {
    "heatmap": plots.heatmap,
    "scatter": plots.scatter,
    "similarity": plots.similarity,
    "untrained": plots.trained_beside_untrained,
    "analogy": lambda wv, words: plots.analogy(wv, [tuple(words[:2]), tuple(words[2:4])]),
    "variance": plots.explained_variance,
}


@pytest.mark.parametrize("kind", CALLS)
def test_unknown_words_are_told_with_near_spellings(kind: str) -> None:
    with pytest.raises(UnknownWordError, match='"qeen"; did you mean "queen"'):
        CALLS[kind](WV, ["king", "qeen", "man", "dog"])


@pytest.mark.parametrize("kind", CALLS)
def test_vectors_that_are_no_numbers_are_refused(kind: str) -> None:
    broken = MATRIX.copy()
    broken[1, 3] = np.nan
    with pytest.raises(FormatError, match="finite"):
        CALLS[kind](WordVectors(WORDS, broken, record={"seed": 1}), WORDS)


@pytest.mark.parametrize("kind", CALLS)
def test_without_matplotlib_the_extra_is_told(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"firth\[plots\]"):
        CALLS[kind](WV, WORDS)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: plots.heatmap(WV, "king"), "list of words"),
        (lambda: plots.heatmap(WV, ["king"]), "at least 2"),
        (lambda: plots.heatmap(WordVectors(["a", "b"], np.ones((2, 3))), ["a", "b"]), "alike"),
        (lambda: plots.scatter(WV, WORDS, background=-1), "background"),
        (lambda: plots.scatter(WV, {}), "groups"),
        (lambda: plots.scatter(WV, WORDS, figure=plots), "Figure"),  # type: ignore[arg-type]
        (lambda: plots.similarity(WV, ["king"]), "at least 2"),
        (lambda: plots.analogy(WV, [("man", "king")]), "at least 2"),
        (lambda: plots.analogy(WV, ["man"]), "pairs"),  # type: ignore[list-item]
        (lambda: plots.analogy(WV, [("man", "man"), ("king", "queen")]), "different"),
        (lambda: plots.analogy(WV, [("man", "king"), ("king", "man")], plane="difference"), "cancel out"),
        (lambda: plots.analogy(WV, [("man", "king"), ("woman", "queen")], plane="up"), "plane"),
        (lambda: plots.explained_variance(WordVectors(["a"], np.ones((1, 3)))), "alike"),
        (lambda: plots.trained_beside_untrained(WV, WORDS, titles=("a",)), "two titles"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_is_refused(call: Any, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        call()


def test_pictures_can_stand_within_a_figure_of_the_caller_s() -> None:
    figure = Figure(figsize=(9, 5), layout="constrained")
    left, right = figure.subfigures(1, 2)
    assert plots.scatter(WV, WORDS, figure=left) is figure
    assert plots.heatmap(WV, WORDS, figure=right) is figure
    assert len(left.axes) == 1
    assert len(right.axes) == 5


def test_pyplot_is_left_alone() -> None:
    program = (
        "import numpy as np, sys\n"
        "from firth import plots, WordVectors\n"
        "wv = WordVectors(list('abcd'), np.random.default_rng(1).normal(size=(4, 5)))\n"
        "plots.scatter(wv, list('abcd')); plots.similarity(wv, list('abcd'))\n"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout == "False\n"


@pytest.mark.parametrize(
    "draw",
    [plots.scatter, plots.heatmap, plots.similarity, plots.trained_beside_untrained],
    ids=lambda draw: draw.__name__,
)
def test_a_title_longer_than_the_picture_is_wide_goes_on_below(draw: Any) -> None:
    title = "what stood near the words of kings and of fruit in all of the books of that long century " * 2
    figure = draw(WV, WORDS, title=title)
    figure.draw_without_rendering()
    box = next(text for text in figure.findobj(Text) if text.get_text() == title).get_window_extent()
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.width
    assert box.y1 <= figure.bbox.height
