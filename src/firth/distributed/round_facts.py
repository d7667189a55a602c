"""What the record of a run says of the rounds in which copies, or tiles, were learned apart and brought together."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firth.events import Round

__all__ = ["round_facts"]


def round_facts(rounds: Sequence[Round]) -> dict[str, Any]:
    """Return the sums over all rounds, and what is usual for one: numbers, bytes and seconds.

    Args:
        rounds: at least one.
    """
    return {
        "rounds": len(rounds),
        "bytes_sent": sum(one.sent for one in rounds),
        "bytes_received": sum(one.received for one in rounds),
        "rows_a_round": round(statistics.median(one.rows for one in rounds)),
        "bytes_a_round": round(statistics.median(one.sent + one.received for one in rounds)),
        "learning_seconds_a_round": statistics.median(one.learning for one in rounds),
        "merging_seconds_a_round": statistics.median(one.merging for one in rounds),
    }
