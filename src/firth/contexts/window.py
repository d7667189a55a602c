"""The window: which words around a centre are its company."""

from __future__ import annotations

from dataclasses import dataclass

from firth.errors import SettingsError

__all__ = ["Window"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """How far a centre's company reaches.

    A soft window draws a reach r uniformly from 1…R for every centre, so that a context at distance d takes part
    with probability (R − d + 1) / R. Where the two sides differ, each side's reach is scaled: the draw u ∈ (0, 1]
    gives ⌈u · left⌉ and ⌈u · right⌉.

    Args:
        left: int ≥ 0, words before the centre.
        right: int ≥ 0, words after the centre; left + right ≥ 1.
        soft: whether the reach is drawn anew for each centre (word2vec) or always the whole.
        before_subsampling: lay the window over the sentence as written, so that dropped words leave gaps; else
            (word2vec) the dropped words leave first and the window reaches further.

    Source: Mikolov et al. 2013 (arXiv:1301.3781), §3.2.
    """

    left: int = 5
    right: int = 5
    soft: bool = True
    before_subsampling: bool = False

    def __post_init__(self) -> None:
        """Refuse windows without any word in them."""
        for side, reach in (("left", self.left), ("right", self.right)):
            if not isinstance(reach, int) or isinstance(reach, bool) or not 0 <= reach <= 1000:
                raise SettingsError(
                    f"expected the window's {side} reach to be a whole number from 0 to 1000, got {reach!r}"
                )
        if self.left + self.right == 0:
            raise SettingsError("expected a window of at least one word, got 0 on both sides; give window=1 or more")

    @classmethod
    def of(cls, window: int | Window) -> Window:
        """Return `window` itself, or the soft window that reaches as many words to both sides.

        Args:
            window: a Window, or int ≥ 1, the reach to each side.
        """
        if isinstance(window, Window):
            return window
        if not isinstance(window, int) or isinstance(window, bool) or window < 1:
            raise SettingsError(
                f"expected a window of 1 or more words to each side, got {window!r}; word2vec's usual window is 5"
            )
        return cls(left=window, right=window)

    @property
    def mirrored(self) -> Window:
        """The window as the contexts see it: what lies left of a centre has the centre on its right."""
        return Window(left=self.right, right=self.left, soft=self.soft, before_subsampling=self.before_subsampling)

    @property
    def mean_reach(self) -> float:
        """How many words a centre sees on average, in the midst of a long sentence."""
        if not self.soft:
            return float(self.left + self.right)
        # The sides of the window share one draw; where they differ, so do the scaled reaches, but not their means.
        return sum((side + 1) / 2 for side in (self.left, self.right) if side)

    def reach(self, draw: float) -> tuple[int, int]:
        """Return how many words to the left and right a centre sees.

        Args:
            draw: float in (0, 1], the centre's random number; not used by a fixed window.
        """
        if not self.soft:
            return self.left, self.right
        return -int(-draw * self.left // 1), -int(-draw * self.right // 1)

    def contexts(self, position: int, length: int, draw: float = 1.0) -> list[int]:
        """Return the positions of a centre's contexts in a sentence, left to right.

        Args:
            position: int in [0, length), the centre's.
            length: int ≥ 1, words in the sentence.
            draw: float in (0, 1], see `reach`.
        """
        left, right = self.reach(draw)
        around = range(max(0, position - left), min(length, position + right + 1))
        return [other for other in around if other != position]
