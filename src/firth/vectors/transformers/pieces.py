"""How a transformer's tokenizer cuts a word into pieces, by the tokenizers library."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from firth.errors import FormatError, MissingExtraError, SettingsError, UnknownWordError
from firth.vectors.words import shown

if TYPE_CHECKING:
    from pathlib import Path

    from firth.vectors.transformers.sources import Source
    from firth.vectors.transformers.tokens import Tokens

__all__ = ["Cut", "Cutter"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cut:
    """A word as the model reads it.

    Args:
        pieces: the word's tokens.
        token_ids: all that the model is given, with the special tokens that it puts before and after ([CLS], <s>).
        places: where in token_ids the pieces stand.
    """

    pieces: tuple[str, ...]
    token_ids: tuple[int, ...]
    places: tuple[int, ...]


class Cutter:
    """Cuts words as they are cut inside a text, after a blank.

    Args:
        source: the model's files.
        tokens: its tokenizer's.

    Raises:
        MissingExtraError: the extra `tokenizers` is not installed.
        FormatError: the tokenizers library cannot read the tokenizer.
    """

    def __init__(self, source: Source, tokens: Tokens) -> None:
        self._tokens = tokens
        self._tokenizer = _tokenizer(source, tokens)

    def cut(self, word: str) -> Cut:
        """Cut a word, or several with blanks between them.

        Raises:
            SettingsError: no text.
            UnknownWordError: the tokenizer has no pieces for it.
        """
        if not isinstance(word, str) or not word.strip():
            raise SettingsError(f"expected a word as str, got {word!r}")
        word = word.strip()
        # Byte-level BPE sees the blank before a word as part of it. SentencePiece's tokenizers put one there, or not.
        texts = {"Ġ": (f" {word}",), "▁": (word, f" {word}")}.get(self._tokens.marking, (word,))
        cuts = [self._cut(text) for text in texts]
        cut = next((cut for cut in cuts if cut.pieces[:1] and cut.pieces[0].startswith("▁")), cuts[0])
        if not cut.pieces or any(piece not in self._tokens.ids for piece in cut.pieces):
            raise UnknownWordError(f'expected a word that the model\'s tokenizer has pieces for, got "{shown(word)}"')
        return cut

    def can_cut(self, word: str) -> bool:
        """Return whether the tokenizer has pieces for a word; there may be tokens that no text is ever cut into."""
        try:
            self.cut(word)
        except UnknownWordError:
            return False
        return True

    def _cut(self, text: str) -> Cut:
        encoded = self._tokenizer.encode(text)
        places = [place for place, special in enumerate(encoded.special_tokens_mask) if not special]
        return Cut(
            pieces=tuple(encoded.tokens[place] for place in places),
            token_ids=tuple(encoded.ids),
            places=tuple(places),
        )


def _tokenizer(source: Source, tokens: Tokens) -> Any:
    try:
        import tokenizers  # noqa: PLC0415  (an extra)
    except ImportError:
        raise MissingExtraError.of("tokenizers", "Cutting a word into a transformer's pieces") from None
    path = source.find("tokenizer.json")
    try:
        if path is not None:
            tokenizer = tokenizers.Tokenizer.from_str(path.read_text(encoding="utf-8"))
        elif (path := source.find("vocab.txt")) is not None:
            tokenizer = tokenizers.BertWordPieceTokenizer(str(path), lowercase=_lowercase(source, tokens))
        else:
            path, merges = source.need("vocab.json"), source.need("merges.txt")
            tokenizer = tokenizers.ByteLevelBPETokenizer(str(path), str(merges))
    except (OSError, FormatError):
        raise
    except Exception as error:  # the library raises Exception itself
        raise FormatError(f"expected a tokenizer that the tokenizers library reads in {path}, got {error}") from error
    # A tokenizer.json may ask for sentences of one length: words are short, and need none.
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _lowercase(source: Source, tokens: Tokens) -> bool:
    """Return whether a WordPiece vocabulary is of lower-cased text: as its settings say, else as its words look."""
    path: Path | None = source.find("tokenizer_config.json")
    if path is not None:
        try:
            held = json.loads(path.read_bytes())
        except (ValueError, RecursionError) as error:
            raise FormatError(f"expected JSON in {path}, got other text ({error})") from None
        if isinstance(held, dict) and isinstance(lowercase := held.get("do_lower_case"), bool):
            return lowercase
    return all(token == token.lower() for token in tokens.ids)
