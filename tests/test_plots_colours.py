"""Colours: in grey, and for eyes that do not tell red from green, more is still more."""

from __future__ import annotations

import itertools

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from firth.plots.colours import KINDS, SEQUENTIAL, SIGNED, kind, signed_image

Array = npt.NDArray[np.float64]

# Linear RGB as people see it without the long, or without the medium wavelengths: Machado, Oliveira and Fernandes 2009
# (IEEE TVCG), severity 1.
PROTANOPIA = [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
DEUTERANOPIA = [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
EYES = {"all colours": np.eye(3), "no red": np.array(PROTANOPIA), "no green": np.array(DEUTERANOPIA)}


def linear(colours: Array) -> Array:
    return np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)


def lightness(colours: Array, eye: Array | None = None) -> Array:
    """CIE L*, from 0 (black) to 100 (white), of sRGB colours."""
    seen = np.clip(linear(colours) @ (np.eye(3) if eye is None else eye).T, 0, 1)
    luminance = seen @ [0.2126, 0.7152, 0.0722]
    return np.where(luminance > 216 / 24389, 116 * np.cbrt(luminance) - 16, luminance * 24389 / 27)


def shades(name: str) -> Array:
    return np.asarray(mpl.colormaps[name](np.linspace(0, 1, 256)))[:, :3]


@pytest.mark.parametrize("eye", EYES)
def test_the_sequential_map_grows_lighter_all_the_way(eye: str) -> None:
    steps = np.diff(lightness(shades(SEQUENTIAL), EYES[eye]))
    assert (steps > -0.05).all()
    assert steps.sum() > 60


@pytest.mark.parametrize("eye", EYES)
def test_the_signed_map_grows_darker_from_white_to_both_sides(eye: str) -> None:
    light = lightness(shades(SIGNED), EYES[eye])
    assert light[127:129].min() > 95
    assert (np.diff(light[:128]) > -0.2).all()
    assert (np.diff(light[128:]) < 0.2).all()
    assert light[[0, -1]].max() < 45


@pytest.mark.parametrize("eye", EYES)
def test_the_signed_map_s_sides_differ_for_all_eyes(eye: str) -> None:
    colours = shades(SIGNED)
    seen = np.clip(linear(colours[[40, 215]]) @ EYES[eye].T, 0, 1)
    # Blue against yellow, which both kinds of colour blindness leave.
    bluer = seen[:, 2] - seen[:, :2].mean(axis=1)
    assert bluer[0] > 0.1
    assert bluer[1] < -0.05


def test_kinds_differ_in_shape_and_neighbours_in_lightness() -> None:
    some = [kind(number) for number in range(28)]
    assert len({(style.colour, style.marker) for style in some}) == 28
    assert len({style.marker for style in KINDS}) == len(KINDS)
    light = lightness(np.array([to_rgb(style.colour) for style in KINDS]))
    assert all(abs(a - b) > 8 for a, b in itertools.pairwise(light[:5]))


def test_zero_is_white_and_a_dash_marks_what_is_below() -> None:
    values = np.array([[0.0, 1.0, -0.2], [-4.0, 2.0, 3.0]])
    axes = Figure().subplots()
    image = signed_image(axes, values, dashes=True)
    assert image.get_clim() == (-4.0, 4.0)
    np.testing.assert_array_equal(image.get_array(), values)
    red, green, blue, _ = image.cmap(image.norm(0.0))
    assert min(red, green, blue) > 0.95
    marks = {(x, y, line.get_color()) for line in axes.lines for x, y in zip(*line.get_data(), strict=True)}
    assert marks == {(0, 1, "white")}, "−0.2 is too near zero beside 4 for a dash"
    assert not Figure().subplots().lines
    assert signed_image(Figure().subplots(), np.zeros((2, 2))).get_clim() == (-1.0, 1.0)
