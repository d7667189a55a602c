"""What a vector file holds, whatever its format."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from firth.errors import FormatError, SettingsError
from firth.vectors.words import shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy.typing as npt

    from firth.vectors.subwords import Subwords
    from firth.vectors.words import PackedWords

__all__ = ["Contents", "record_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """The words of a file and what it says about them.

    Args:
        words: V ≥ 1 words, each once.
        matrix: float32 (V, D), D ≥ 1: the vectors, the input vectors of a run.
        counts: int64 (V,), how often each word came; None where the format does not keep it.
        output_matrix: float32 (V, D'), the output vectors; None where there are none.
        subwords: the vectors of n-grams, from which unknown words get theirs; None where there are none.
        record: how the vectors were made; what JSON can hold.
    """

    words: PackedWords
    matrix: npt.NDArray[np.float32]
    counts: npt.NDArray[np.int64] | None = None
    output_matrix: npt.NDArray[np.float32] | None = None
    subwords: Subwords | None = None
    record: Mapping[str, object] = field(default_factory=dict)

    def refuse_not_finite(self, rows: range) -> None:
        """Refuse vectors that no file shall hold; writers ask for some rows at a time.

        Args:
            rows: word ids; those from V on are passed over.

        Raises:
            FormatError: one of these vectors has NaN or infinity in it.
        """
        finite = np.isfinite(self.matrix[rows.start : rows.stop]).all(axis=1)
        if not finite.all():
            bad = self.words[rows.start + int(np.argmin(finite))]
            raise FormatError(
                f'expected finite numbers to write, got NaN or infinity in the vector of "{shown(bad)}"; the training '
                "diverged (a lower rate may help) or the file is broken"
            )

    def record_as_json(self) -> str:
        """Return the record as JSON.

        Raises:
            SettingsError: it holds what JSON cannot.
        """
        try:
            text = json.dumps(dict(self.record), ensure_ascii=False)
            text.encode()
        except (TypeError, ValueError, RecursionError) as error:
            raise SettingsError(f"expected a record that JSON can hold, got one that it cannot ({error})") from None
        return text


def record_of(path: Path, text: str | bytes) -> Mapping[str, object]:
    """Return the record that a file holds as JSON.

    Args:
        path: the file, for messages.
        text: the JSON.

    Raises:
        FormatError: it is none, or no object.
    """
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"expected the record in {path} as JSON, got other text ({error})") from None
    if not isinstance(record, dict):
        raise FormatError(f"expected the record in {path} as a JSON object, got {type(record).__name__}")
    return record
