"""Reading: from a text, whatever it lies in, to word ids; columns, encoding, tokenizer, the words to keep, phrases."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from firth.corpus.encoded import EncodedCorpus, check, encode
from firth.corpus.phrases import joined_phrases
from firth.corpus.sources import open_source
from firth.corpus.tokenizers import Tokenizer, Words

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from firth.corpus.encoded import Encoder
    from firth.corpus.phrases import PhraseModel, Phrases
    from firth.events import Listener

__all__ = ["Reading", "read"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """How a text is read; the settings are those of `firth.train`, where each is told.

    Args:
        tokenizer: what a word and a sentence are.
        min_count: int ≥ 1, rarer words are left out.
        max_words: int ≥ 1, keep only so many words, the most frequent; None keeps all.
        max_sentence: int ≥ 2, longer sentences are cut into pieces of so many words.
        phrases: how phrases are found, or those that were found before; None joins nothing.
        text_column: where the text is, in JSONL, CSV, Parquet and tables.
        id_column: where each document's name is; None gives none.
        encoding: of text files.
        errors: what is done with bytes that the encoding does not allow.
        unreadable: what is done with a file that cannot be read to its end.
        cache: the folder in which encoded texts are kept; None is Firth's own cache folder.

    Raises:
        SettingsError: a number that cannot be, or a tokenizer that is none.
    """

    tokenizer: Tokenizer = field(default_factory=Words)
    min_count: int = 5
    max_words: int | None = None
    max_sentence: int = 10_000
    phrases: Phrases | PhraseModel | None = None
    text_column: str | None = None
    id_column: str | None = None
    encoding: str = "utf-8"
    errors: Literal["replace", "strict"] = "replace"
    unreadable: Literal["refuse", "skip"] = "refuse"
    cache: Path | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be; columns and encodings are looked at when the text is opened."""
        check(
            self.tokenizer,
            min_count=(self.min_count, 1),
            max_words=(self.max_words, 1),
            max_sentence=(self.max_sentence, 2),
        )

    def of_all_words(self) -> Reading:
        """Return the same, but that no word is left out."""
        return dataclasses.replace(self, min_count=1, max_words=None)


def read(
    text: Any,
    reading: Reading,
    *,
    encoder: Callable[..., Encoder] | None = None,
    on_event: Listener | None = None,
) -> tuple[EncodedCorpus, PhraseModel | None]:
    """Return a text as word ids, and the phrases that were joined in it, if any.

    Args:
        text: as `firth.train` takes it; one that is encoded already is given back as it is.
        reading: how it is read.
        encoder: as for `firth.corpus.encoded.encode`.
        on_event: told of stages, progress and notices.

    Raises:
        SettingsError: a column, an encoding or phrases that cannot be.
        SourceError: the text cannot be read.
        EmptyCorpusError: the text leaves nothing to train on.
        StorageError: the corpus cannot be written; nothing is left behind.
    """
    if isinstance(text, EncodedCorpus):
        return text, joined_phrases(text)
    source = open_source(
        text, text_column=reading.text_column, id_column=reading.id_column, encoding=reading.encoding,
        errors=reading.errors, unreadable=reading.unreadable, on_event=on_event,
    )  # fmt: skip
    settings: dict[str, Any] = {
        "min_count": reading.min_count, "max_words": reading.max_words, "max_sentence": reading.max_sentence,
        "cache": reading.cache, "encoder": encoder, "on_event": on_event,
    }  # fmt: skip
    if reading.phrases is None:
        return encode(source, reading.tokenizer, **settings), None
    from firth.corpus.phrase_learning import encode_with_phrases  # noqa: PLC0415 - loads Numba

    return encode_with_phrases(source, reading.tokenizer, reading.phrases, **settings)
