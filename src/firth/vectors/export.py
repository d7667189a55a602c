"""Word vectors as other libraries hold them in memory: gensim, PyTorch, Keras, spaCy.

The libraries are the caller's own; none is installed with Firth. Each copy is the caller's to change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from firth.errors import MissingExtraError

if TYPE_CHECKING:
    import numpy.typing as npt

    from firth.vectors.store import WordVectors

__all__ = ["to_gensim", "to_keras", "to_spacy", "to_torch"]


def to_gensim(wv: WordVectors) -> Any:  # a gensim.models.KeyedVectors; gensim brings no types
    """Return the vectors as gensim's KeyedVectors, with the counts where they are known.

    Raises:
        MissingExtraError: gensim is not installed.
    """
    try:
        from gensim.models import KeyedVectors  # noqa: PLC0415 (the caller's)
    except ImportError:
        raise MissingExtraError("KeyedVectors need gensim: pip install gensim") from None
    keyed = KeyedVectors(wv.dim, count=len(wv), dtype=np.float32)
    keyed.index_to_key = list(wv.words)
    keyed.key_to_index = {word: row for row, word in enumerate(keyed.index_to_key)}
    keyed.vectors = np.array(wv.matrix)
    if wv.counts is not None:
        keyed.expandos["count"] = wv.counts.astype(np.int64)
    return keyed


def to_torch(wv: WordVectors, *, padding: bool = False, freeze: bool = True) -> tuple[Any, dict[str, int]]:
    """Return a torch.nn.Embedding with the vectors as weights, and each word's row in it.

    Args:
        wv: the vectors.
        padding: whether row 0 is zero and stands for padding, so that word i has row i + 1.
        freeze: whether training leaves the weights alone.

    Raises:
        MissingExtraError: PyTorch is not installed.
    """
    try:
        import torch  # noqa: PLC0415 (the caller's)
    except ImportError:
        raise MissingExtraError("An Embedding needs PyTorch: pip install torch") from None
    if padding:
        matrix, rows = to_keras(wv)
    else:
        matrix, rows = np.array(wv.matrix), {word: row for row, word in enumerate(wv.words)}
    embedding: Any = torch.nn.Embedding
    padding_row = 0 if padding else None
    return embedding.from_pretrained(torch.from_numpy(matrix), freeze=freeze, padding_idx=padding_row), rows


def to_keras(wv: WordVectors) -> tuple[npt.NDArray[np.float32], dict[str, int]]:
    """Return a matrix for an Embedding layer, float32 (V + 1, D), and each word's row in it, from 1 on.

    Row 0 is zero: Keras' tokenizers and masks keep it for padding.

    Args:
        wv: the vectors.
    """
    matrix = np.zeros((len(wv) + 1, wv.dim), dtype=np.float32)
    matrix[1:] = wv.matrix
    return matrix, {word: row for row, word in enumerate(wv.words, 1)}


def to_spacy(wv: WordVectors, vocabulary: Any) -> Any:
    """Give a spaCy vocabulary the vectors, and return its table of them.

    Args:
        wv: the vectors.
        vocabulary: the vocab of a pipeline: `spacy.blank("en").vocab`; `nlp.to_disk(folder)` then keeps them.

    Raises:
        MissingExtraError: spaCy is not installed.
    """
    try:
        from spacy.vectors import Vectors  # noqa: PLC0415 (the caller's)
    except ImportError:
        raise MissingExtraError("A spaCy vocabulary needs spaCy: pip install spacy") from None
    words = list(wv.words)
    vocabulary.vectors = Vectors(strings=vocabulary.strings, data=np.array(wv.matrix), keys=words)
    for word in words:
        vocabulary.strings.add(word)
    return vocabulary.vectors
