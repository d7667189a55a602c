"""Where words lie on the map: the principal plane at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firth.explorer.once import Once
from firth.vectors.plane import Plane, plane

if TYPE_CHECKING:
    from pathlib import Path

    from firth.vectors.store import WordVectors

__all__ = ["LAYOUTS", "Layouts"]

LAYOUTS = ("pca",)


class Layouts:
    """The layouts of one model.

    Args:
        wv: the vectors.
        path: the file or folder that they were opened from, beside which layouts are cached; None where there is none.
    """

    def __init__(self, wv: WordVectors, path: Path | None = None) -> None:  # noqa: ARG002
        self._wv = wv
        self.principal: Once[Plane] = Once(lambda: plane(wv.matrix, wv.norms))

    def described(self) -> list[dict[str, Any]]:
        """Return each layout's name and state."""
        return [{"name": "pca", "state": "ready", "kept": list(self.principal().kept), "why": None}]

    def places(self, name: str) -> Any:  # noqa: ARG002
        """Return a layout's places."""
        return self.principal().places
