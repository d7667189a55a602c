"""Pictures as files: the formats, the same bytes again, whole or not at all."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest

from firth import plots
from firth.errors import MissingExtraError, SettingsError, StorageError
from firth.plots.picture_file import _compact
from firth.vectors.store import WordVectors

WORDS = ["king", "queen", 'd="1.23456789"', "三"]
WV = WordVectors(WORDS, np.random.default_rng(1).normal(size=(4, 6)))


@pytest.mark.parametrize(("ending", "begins"), [("svg", b"<?xml"), ("PNG", b"\x89PNG\r\n"), ("pdf", b"%PDF-1")])
def test_the_same_words_give_the_same_bytes(tmp_path: Path, ending: str, begins: bytes) -> None:
    first, again = tmp_path / f"a.{ending}", tmp_path / f"b.{ending}"
    for path in (first, again):
        plots.save(plots.scatter(WV, WORDS), path)
    assert first.read_bytes() == again.read_bytes()
    assert first.read_bytes().startswith(begins)
    assert str(datetime.now(tz=UTC).year).encode() not in first.read_bytes() or ending == "PNG"
    assert sorted(path.name for path in tmp_path.iterdir()) == [first.name, again.name]


def test_an_svg_is_well_formed_and_stands_alone(tmp_path: Path) -> None:
    path = tmp_path / "p.svg"
    plots.save(plots.heatmap(WV, WORDS), path)
    drawing = ET.parse(path).getroot()  # noqa: S314 - our own
    tags = {element.tag.split("}")[1] for element in drawing.iter()}
    assert "text" not in tags, "letters are outlines"
    assert "script" not in tags
    links = [value for element in drawing.iter() for name, value in element.attrib.items() if name.endswith("href")]
    assert links
    assert all(link.startswith(("#", "data:image/png;base64,")) for link in links)


def test_letters_as_text_can_be_searched(tmp_path: Path) -> None:
    outlines, text = tmp_path / "outlines.svg", tmp_path / "text.svg"
    figure = plots.similarity(WV, WORDS)
    plots.save(figure, outlines)
    plots.save(figure, text, letters="text")
    drawing = ET.parse(text).getroot()  # noqa: S314 - our own
    found = {element.text for element in drawing.iter() if element.tag.endswith("}text")}
    assert set(WORDS) <= found
    assert text.stat().st_size < outlines.stat().st_size


def test_places_are_rounded_and_words_are_not() -> None:
    drawing = (
        '<path id="a0.12345" d="M 1.23456 2.5 \nL 3 4 \n" style="x: 0.12345"/>\n <text x="1.239">d="1.23456"</text>\n'
    )
    assert _compact(drawing) == (
        '<path id="a0.12345" d="M 1.23 2.5 L 3 4 " style="x: 0.12345"/>\n<text x="1.23">d="1.23456"</text>\n'
    )


@pytest.mark.parametrize("name", ["p", "p.jpg", "p.svg.gz", ".svg", "p.eps", "p\0.svg"])
def test_other_endings_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match=r"\.svg, \.png or \.pdf"):
        plots.save(plots.heatmap(WV, WORDS), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_figure_that_cannot_be_drawn_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "p.svg"
    path.write_text("an old picture")
    figure = plots.heatmap(WV, WORDS)

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(figure, "savefig", fail)
    with pytest.raises(StorageError, match="No space left"):
        plots.save(figure, path)
    assert path.read_text() == "an old picture"
    assert [found.name for found in tmp_path.iterdir()] == ["p.svg"]


def test_what_cannot_be_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    figure = plots.heatmap(WV, WORDS)
    with pytest.raises(SettingsError, match="outlines or text"):
        plots.save(figure, tmp_path / "p.svg", letters="bold")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"firth\[plots\]"):
        plots.save(figure, tmp_path / "p.svg")


def test_the_user_s_own_settings_stay_as_they_were(tmp_path: Path) -> None:
    before = dict(mpl.rcParams)
    plots.save(plots.scatter(WV, WORDS), tmp_path / "p.svg", letters="text")
    assert dict(mpl.rcParams) == before
