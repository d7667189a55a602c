"""The tokenizer that vectors were trained with, from their record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from firth.corpus.tokenizers import Sentences, Whitespace, Words
from firth.errors import SettingsError

if TYPE_CHECKING:
    from firth.corpus.tokenizers import Tokenizer

__all__ = ["trained_tokenizer"]


def trained_tokenizer(record: Mapping[str, object]) -> Tokenizer:
    """Return the tokenizer that a record of vectors tells of; `Words()` where it tells of none.

    Args:
        record: how the vectors were made, see `WordVectors.record`.

    Raises:
        SettingsError: they were trained with a tokenizer that a record cannot hold.
    """
    described = record.get("tokenizer")
    return Words() if described is None else _tokenizer(described)


def _tokenizer(described: Any) -> Tokenizer:
    fields = dict(described) if isinstance(described, Mapping) else {}
    kind = fields.pop("kind", None)
    try:
        if kind == "Words":
            return Words(**_settings(fields))
        if kind == "Whitespace":
            return Whitespace(**_settings(fields))
        if kind == "Sentences" and fields["words"]["kind"] != "Sentences":
            return Sentences(**{**fields, "words": _tokenizer(fields["words"])})
    except (TypeError, KeyError):
        pass  # a record of other settings than this version has
    raise SettingsError(
        "expected a record of the tokenizer that the vectors were trained with, got "
        f"{kind or 'none'}, which cannot be made again from it; give it as tokenizer="
    )


def _settings(fields: dict[str, Any]) -> dict[str, Any]:
    stop_words = fields.get("stop_words", ())
    return {**fields, "stop_words": stop_words if isinstance(stop_words, str) else frozenset(stop_words)}
