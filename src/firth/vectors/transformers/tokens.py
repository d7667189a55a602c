"""A tokenizer's tokens, and which of them are whole words.

    WordPiece           king  ##ing          a piece that goes on a word begins with ##
    byte-level BPE      Ġking  ing           a word begins with the blank before it, written Ġ; each byte is a character
    SentencePiece       ▁king  ing           a word begins with the blank before it, written ▁
    BPE with an end     king</w>  ing        a word ends with </w>

Source: WordPiece: Schuster and Nakajima 2012 (ICASSP); Wu et al. 2016, §4.1. BPE: Sennrich, Haddow, Birch 2016 (ACL),
on bytes: Radford et al. 2019, §2.2. SentencePiece: Kudo and Richardson 2018 (EMNLP).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from firth.errors import FormatError
from firth.vectors.words import shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from firth.vectors.transformers.sources import Source

__all__ = ["Marking", "Tokens", "read_tokens"]

Marking = Literal["##", "Ġ", "▁", "</w>", ""]
"""What tells a whole word from a piece; "" where every token is a word."""

_LONGEST = 512 * 2**20
_UNUSED = re.compile(r"\[unused\d+\]|<unused\d+>|<0x[0-9A-Fa-f]{2}>|<\|[^|]*\|>")


@dataclass(frozen=True, kw_only=True, slots=True)
class Tokens:
    """The tokens of a tokenizer.

    Args:
        ids: each token's id, in the order of the ids; special tokens ([CLS], <s>) are not among them.
        marking: what tells a whole word from a piece.
        count: the highest id + 1, special tokens among them.
    """

    ids: Mapping[str, int]
    marking: Marking
    count: int

    def words(self) -> dict[str, int]:
        """Return the tokens that are whole words, as people write them: word → token id, in the order of the ids."""
        found: dict[str, int] = {}
        for token, token_id in self.ids.items():
            word = self.word(token)
            if word is not None:
                found.setdefault(word, token_id)
        return found

    def word(self, token: str) -> str | None:
        """Return the word that a token is; None where it is a piece of one, a blank or no text."""
        if self.marking == "##":
            word = None if token.startswith("##") and len(token) > 2 else token
        elif self.marking == "Ġ":
            word = _of_bytes(token[1:]) if token.startswith("Ġ") else None
        elif self.marking == "▁":
            word = token[1:] if token.startswith("▁") and "▁" not in token[1:] else None
        elif self.marking == "</w>":
            word = token.removesuffix("</w>") if token.endswith("</w>") else None
        else:
            word = token
        return word if word and word.isprintable() and not any(char.isspace() for char in word) else None


def _bytes_of_characters() -> dict[str, int]:
    """Return byte-level BPE's writing of bytes: those that Latin-1 prints as themselves, the others from U+0100 on."""
    plain = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in set(plain)]
    return {chr(byte): byte for byte in plain} | {chr(256 + place): byte for place, byte in enumerate(others)}


_BYTES = _bytes_of_characters()


def _of_bytes(token: str) -> str | None:
    """Return the text that a token of byte-level BPE stands for; None where its bytes are no whole characters."""
    try:
        return bytes(_BYTES[char] for char in token).decode()
    except (KeyError, UnicodeDecodeError):
        return None


def read_tokens(source: Source) -> Tokens:
    """Read a tokenizer's tokens from tokenizer.json, or else from vocab.txt or vocab.json.

    Raises:
        SourceError: the model has none of them.
        FormatError: the file is not what its name says.
    """
    if (path := source.find("tokenizer.json")) is not None:
        return _of_tokenizer(path)
    if (path := source.find("vocab.txt")) is not None:
        ids = {}
        for token_id, token in enumerate(_text(path).split("\n")):
            if token:
                ids[token.removesuffix("\r")] = token_id
        special = {token for token in ids if token.startswith("[") and token.endswith("]") and token[1:-1].isupper()}
        return _tokens(path, ids, special, "##")
    if (path := source.find("vocab.json")) is not None:
        ids = _ids(path, _json(path))
        special = {token for token in ids if re.fullmatch(r"</?[a-z]+>|<\|[^|]*\|>", token)}
        return _tokens(path, ids, special, _bpe_marking(ids))
    raise source.without("tokenizer.json")


def _of_tokenizer(path: Path) -> Tokens:
    """Return the tokens of a tokenizer.json, the form that the tokenizers library writes."""
    held = _json(path)
    wrong = FormatError(f"expected a tokenizer with a model and its vocab in {path}, got other content")
    if not isinstance(held, dict) or not isinstance(model := held.get("model"), dict) or "vocab" not in model:
        raise wrong
    vocab = model["vocab"]
    if isinstance(vocab, list):
        # Unigram: pairs of token and score, in the order of the ids.
        if not all(isinstance(entry, list) and len(entry) == 2 and isinstance(entry[0], str) for entry in vocab):
            raise wrong
        vocab = {entry[0]: token_id for token_id, entry in enumerate(vocab)}
    ids = _ids(path, vocab)
    special: set[str] = set()
    added = held.get("added_tokens") or []
    if not isinstance(added, list):
        raise wrong
    for entry in added:
        if not isinstance(entry, dict) or not isinstance(token := entry.get("content"), str):
            raise wrong
        ids |= _ids(path, {token: entry.get("id")})
        if entry.get("special"):
            special.add(token)
    return _tokens(path, ids, special, _marking(model, ids))


def _marking(model: Mapping[str, object], ids: Mapping[str, int]) -> Marking:
    """Return what tells whole words in a tokenizer.json's model."""
    kind = model.get("type") or ("WordPiece" if model.get("continuing_subword_prefix") == "##" else "BPE")
    markings: dict[object, Marking] = {"WordPiece": "##", "WordLevel": "", "Unigram": "▁"}
    if kind in markings:
        return markings[kind]
    return "</w>" if model.get("end_of_word_suffix") == "</w>" else _bpe_marking(ids)


def _bpe_marking(ids: Mapping[str, int]) -> Marking:
    """Return the marking that most tokens have."""
    markings: tuple[Marking, ...] = ("Ġ", "▁", "</w>")
    most = {
        marking: sum(token.endswith(marking) if marking == "</w>" else token.startswith(marking) for token in ids)
        for marking in markings
    }
    best = max(markings, key=lambda marking: most[marking])
    return best if most[best] else ""


def _ids(path: Path, vocab: object) -> dict[str, int]:
    if not isinstance(vocab, dict):
        raise FormatError(f"expected tokens and their ids in {path}, got {type(vocab).__name__}")
    for token, token_id in vocab.items():
        if not isinstance(token_id, int) or isinstance(token_id, bool) or not 0 <= token_id < 2**31:
            raise FormatError(f'expected a token id of 0 or more in {path}, got {token_id!r} for "{shown(token)}"')
    return vocab


def _tokens(path: Path, ids: Mapping[str, int], special: set[str], marking: Marking) -> Tokens:
    if not ids:
        raise FormatError(f"expected tokens in {path}, got none")
    ordered = sorted(ids.items(), key=lambda item: item[1])
    kept = {token: token_id for token, token_id in ordered if token not in special and not _UNUSED.fullmatch(token)}
    return Tokens(ids=kept, marking=marking, count=ordered[-1][1] + 1)


def _text(path: Path) -> str:
    if (size := path.stat().st_size) > _LONGEST:
        raise FormatError(f"expected a tokenizer of at most {_LONGEST >> 20} MiB in {path}, got {size:,} bytes")
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise FormatError(f"expected UTF-8 in {path}, got other bytes at {error.start:,}") from None


def _json(path: Path) -> Any:
    try:
        return json.loads(_text(path))
    except (ValueError, RecursionError) as error:
        raise FormatError(f"expected JSON in {path}, got other text ({error})") from None
