"""Where a training begins that goes on from a model: the rows of old words and new, as each kind of model has them.

Vectors are one thing, and what an objective keeps beside them another. Sampled losses keep nothing. The losses over the
whole vocabulary, and GloVe, keep AdaGrad's sums, and GloVe biases, which no file of vectors holds:

- The sums of the losses over the whole vocabulary are those of one pass over the new text in which nothing moves; those
  of new words are 0. Were all of them 0, the first step would move each number of an old vector as far as the learning
  rate is, however little the text asks for it.
- GloVe's begin at 1, as in any training, and its steps are small from the first on. Its biases are those that go best
  with the vectors and the new text's counts: they hold how long a text is, and so are another with each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from firth.contexts.context_means import context_means
from firth.contexts.subsampling import Subsampling
from firth.contexts.window import Window
from firth.objectives.sampled import first_vectors

if TYPE_CHECKING:
    import numpy.typing as npt

    from firth.corpus.encoded import EncodedCorpus
    from firth.objectives.glove import GloVe
    from firth.objectives.glove_model import GloVeModel

__all__ = ["put_into_glove", "vectors_of_all"]


def vectors_of_all(
    matrix: npt.NDArray[np.float32],
    corpus: EncodedCorpus,
    objective: Any,
    counts: npt.NDArray[np.int64],
    *,
    by_contexts: bool,
    seed: int,
) -> npt.NDArray[np.float32]:
    """Return the input vectors before the first step: float32 (V, D), those of old words as they are.

    Args:
        matrix: float32 (old words, D).
        corpus: the new text, in the model's words.
        objective: with which the model goes on.
        counts: int64 (V,), by which words are thinned out.
        by_contexts: whether new words begin at the mean of what stands around them, as training would meet it.
        seed: int ≥ 0, of what is drawn.
    """
    from firth.objectives.batches import company_of  # noqa: PLC0415 - loads Numba

    old = len(matrix)
    vectors = first_vectors(len(corpus.vocabulary), matrix.shape[1], seed=seed)
    vectors[:old] = matrix
    if by_contexts and len(vectors) > old:
        subsampling = Subsampling.of(getattr(objective, "subsample", 0))
        company = company_of(Window.of(objective.window), subsampling, counts, averages=False)
        means, has_any = context_means(
            corpus.token_ids, corpus.sentence_ends, first_new=old, company=company, vectors=vectors
        )
        vectors[old:][has_any] = means[has_any]
    return vectors


def put_into_glove(
    model: GloVeModel,
    vectors: npt.NDArray[np.float32],
    objective: GloVe,
    *,
    contexts: npt.NDArray[np.float32] | None,
    frozen: npt.NDArray[np.bool_],
) -> None:
    """Let a GloVe model begin at vectors, whatever a word's vector is to it.

    Where it is w + w̃, both begin at its half, and a little apart, as they would else stay one; those of frozen words do
    not. Where it is w, the contexts' vectors begin at the model's, or small, as in any training.

    Args:
        model: over the words of the new text.
        vectors: float32 (V, D), or (V, 2D) where w and w̃ are concatenated.
        objective: its settings.
        contexts: float32 (old words, D), w̃ of the model that goes on; None where it has none.
        frozen: bool (V,), which words' vectors stay.
    """
    if objective.vectors == "concatenated":
        model.begin_at(*np.split(vectors, 2, axis=1), frozen=frozen, freezes_contexts=True)
    elif objective.vectors == "sum":
        half, apart = vectors * np.float32(0.5), model.word_vectors.copy()
        apart[frozen] = 0
        model.begin_at(half + apart, half - apart, frozen=frozen, freezes_contexts=True)
    else:
        begun = model.context_vectors.copy()
        if contexts is not None:
            begun[: len(contexts)] = contexts
        model.begin_at(vectors, begun, frozen=frozen, freezes_contexts=False)
