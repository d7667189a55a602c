"""A picture as a file: SVG, PNG or PDF by the name's ending; the same figure gives the same bytes."""

from __future__ import annotations

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
    if file.suffix.lower() not in _ENDINGS:
        raise SettingsError(f"expected a picture's name to end in .svg, .png or .pdf, got {str(path)!r}")
    if find_spec("matplotlib") is None:
        raise MissingExtraError.of("plots", "Drawing")
    return file


def save(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write a figure to a file; it replaces one that is there.

    Letters are written as outlines (SVG) or with their fonts (PDF), so that they look the same on every machine.

    Args:
        figure: a Matplotlib figure.
        path: the file, ending in .svg, .png or .pdf.

    Raises:
        SettingsError: another ending.
        StorageError: it cannot be written.
        MissingExtraError: Matplotlib is not installed.
    """
    file = checked(path)
    import matplotlib as mpl  # noqa: PLC0415 - the extra `plots`

    form = _ENDINGS[file.suffix.lower()]
    # Without a salt, SVG's names for its parts are drawn at random; type 42 is what publishers ask of a PDF's fonts.
    held: Any = {"svg.hashsalt": "firth", "svg.fonttype": "path", "pdf.fonttype": 42}
    with mpl.rc_context(held), warnings.catch_warnings(), written_whole(file) as part:
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure.savefig(part, format=form, dpi=200, metadata=_NO_DATE[form])
