"""A picture as a file: SVG, PNG or PDF by the name's ending; the same figure gives the same bytes."""

from __future__ import annotations

import re
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firth.errors import MissingExtraError, SettingsError
from firth.storage import written_whole

if TYPE_CHECKING:
    import os

    from matplotlib.figure import Figure

__all__ = ["checked", "save"]

_ENDINGS = {".svg": "svg", ".png": "png", ".pdf": "pdf"}

_LETTERS = {"outlines": "path", "text": "none"}

_TAG = re.compile("<[^>]*>")
_PLACES = re.compile(r'\b(?:d|x|y|x1|x2|y1|y2)="[^"]*"|translate\([^)]*\)')
_DECIMALS = re.compile(r"(\.\d\d)\d+")

_NO_DATE = {"svg": {"Date": None}, "png": {"Software": None}, "pdf": {"CreationDate": None}}


def checked(path: str | os.PathLike[str]) -> Path:
    """Return a picture's path, before any work: that it can be drawn, and in which format.

    Args:
        path: the file.

    Raises:
        SettingsError: its ending is none of .svg, .png, .pdf.
        MissingExtraError: Matplotlib is not installed.
    """
    file = Path(path)
    if file.suffix.lower() not in _ENDINGS or "\0" in str(path):
        raise SettingsError(f"expected a picture's name to end in .svg, .png or .pdf, got {str(path)!r}")
    if find_spec("matplotlib") is None:
        raise MissingExtraError.of("plots", "Drawing")
    return file


def save(figure: Figure, path: str | os.PathLike[str], *, letters: str = "outlines") -> None:
    """Write a figure to a file; it replaces one that is there.

    Args:
        figure: a Matplotlib figure.
        path: the file, ending in .svg, .png or .pdf.
        letters: in SVG: "outlines", which look the same on every machine, or "text", which is about half the size and
            can be searched, but is drawn with the reader's fonts. PDF has its fonts in it.

    Raises:
        SettingsError: another ending, or other letters.
        StorageError: it cannot be written.
        MissingExtraError: Matplotlib is not installed.
    """
    file = checked(path)
    if letters not in _LETTERS:
        raise SettingsError(f"expected letters as {' or '.join(_LETTERS)}, got {letters!r}")
    import matplotlib as mpl  # noqa: PLC0415 - the extra `plots`

    form = _ENDINGS[file.suffix.lower()]
    # Without a salt, SVG's names for its parts are drawn at random; type 42 is what publishers ask of a PDF's fonts.
    held: Any = {"svg.hashsalt": "firth", "svg.fonttype": _LETTERS[letters], "pdf.fonttype": 42}
    if letters == "text":
        # Each word names the fonts to try; Verdana's letters are nearly as wide as those of Matplotlib's own font.
        held["font.sans-serif"] = [*mpl.rcParams["font.sans-serif"][:1], "Verdana", "Arial"]
    with mpl.rc_context(held), warnings.catch_warnings(), written_whole(file) as part:
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure.savefig(part, format=form, dpi=200, metadata=_NO_DATE[form])
        if form == "svg":
            part.write_text(_compact(part.read_text(encoding="utf-8")), encoding="utf-8")


def _compact(drawing: str) -> str:
    """Return an SVG with places in hundredths of a point and without line breaks in paths: a third fewer bytes."""

    def shortened(tag: re.Match[str]) -> str:
        return _PLACES.sub(lambda found: _DECIMALS.sub(r"\1", " ".join(found[0].split())), tag[0])

    rounded = _TAG.sub(shortened, drawing)
    return "\n".join(line.strip() for line in rounded.splitlines()) + "\n"
