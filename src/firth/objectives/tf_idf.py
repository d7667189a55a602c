"""Term frequency times inverse document frequency: words by the documents that they stand in.

    M_wd = tf(w, d) · idf(w)
    tf  = n_wd, or 1 + log n_wd                      n_wd: how often w stands in d
    idf = log(N / N_w), or log((1 + N) / (1 + N_w)) + 1     N documents, N_w of them with w

and each document's column is scaled to length 1, so that long documents count no more than short ones. With the
singular value decomposition, this is latent semantic analysis (LSA): words are alike that stand in the same documents.

Source: Spärck Jones 1972 (idf); Salton and Buckley 1988; Deerwester et al. 1990 (LSA).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from firth.errors import SettingsError
from firth.objectives.count_based import CountBased, check_counts
from firth.objectives.svd import SVD

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from firth.objectives.factorize import Factorization

__all__ = ["TfIdf", "inverse_document_frequency", "tf_idf"]

Double = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class TfIdf(CountBased):
    """tf-idf of words in documents; factorised by `SVD(p=1)`, the default, it is latent semantic analysis.

    Args:
        dim: D, int in [1, 10000], numbers per word; 100.
        factorization: `SVD()`, `PCA()` or `NMF()`; None keeps a number for each document.
        sublinear: whether a word's tenth occurrence in a document counts less than its first (1 + log n).
        smooth: whether idf is that of a text with one more document that holds every word, plus 1: else words that
            stand in every document are 0.
        unit_documents: whether each document's column is scaled to length 1.
    """

    needs: ClassVar[Literal["cooccurrences", "documents", "vocabulary"]] = "documents"

    factorization: Factorization | None = field(default_factory=lambda: SVD(p=1.0))
    sublinear: bool = True
    smooth: bool = True
    unit_documents: bool = True

    def __post_init__(self) -> None:
        """Refuse settings that no vectors can be made with."""
        CountBased.__post_init__(self)
        for name in ("sublinear", "smooth", "unit_documents"):
            if not isinstance(getattr(self, name), bool):
                raise SettingsError(f"expected {name} to be True or False, got {getattr(self, name)!r}")

    def check_shape(self, shape: tuple[int, int]) -> None:
        """Refuse a matrix that these settings cannot be used with: see `CountBased.check_shape`.

        Raises:
            SettingsError: there are fewer than two documents, too, or none that tells words apart.
        """
        if shape[1] < 2:
            raise SettingsError(
                f"expected two documents or more, as words are told apart by the documents they stand in, got "
                f"{shape[1]:,}; give each document as a file or row of its own, or take PPMI() (--model ppmi), which "
                "looks at windows"
            )
        CountBased.check_shape(self, shape)

    def weighted(self, counts: csr_array) -> csr_array:
        """Return the matrix of tf-idf, without the columns of empty documents.

        Args:
            counts: n, `scipy.sparse.csr_array` (V, N), each entry ≥ 0.

        Returns:
            `scipy.sparse.csr_array` (V, documents that hold a word), float32.

        Raises:
            SettingsError: fewer than two documents hold a word.
        """
        from scipy.sparse import csr_array  # noqa: PLC0415 - SciPy is loaded when it is needed

        counts = check_counts(counts)
        holds = np.bincount(counts.indices[counts.data > 0], minlength=counts.shape[1]) > 0
        documents = int(holds.sum())
        if documents < 2:
            raise SettingsError(
                f"expected two documents or more that hold a word of the vocabulary, got {documents:,} of "
                f"{counts.shape[1]:,}; lower min_count, or give more text"
            )
        columns = (np.cumsum(holds) - 1)[counts.indices].astype(counts.indices.dtype)
        matrix = csr_array(
            (counts.data.astype(np.float64), columns, counts.indptr.copy()), (len(counts.indptr) - 1, documents)
        )
        matrix.eliminate_zeros()
        if self.sublinear:
            matrix.data = 1 + np.log(matrix.data)
        occurrences = np.diff(matrix.indptr)
        matrix.data *= np.repeat(inverse_document_frequency(occurrences, documents, smooth=self.smooth), occurrences)
        if self.unit_documents:
            lengths = np.sqrt(np.bincount(matrix.indices, weights=matrix.data**2, minlength=documents))
            matrix.data /= np.where(lengths > 0, lengths, 1.0)[matrix.indices]
        return matrix.astype(np.float32)


def inverse_document_frequency(documents_with: npt.NDArray[np.integer], documents: int, *, smooth: bool) -> Double:
    """Return idf for each word.

    Args:
        documents_with: N_w, int (V,), in [0, N].
        documents: N ≥ 1.
        smooth: which of the two formulas.

    Returns:
        float64 (V,), ≥ 0; 0 for a word in no document, unless smooth.
    """
    if smooth:
        return np.asarray(np.log((1 + documents) / (1 + documents_with)) + 1)
    return np.asarray(np.log(documents / np.maximum(documents_with, 1)) * (documents_with > 0))


def tf_idf(counts: Double, *, sublinear: bool = True, smooth: bool = True, unit_documents: bool = True) -> Double:
    """Return tf-idf by its definition, from a matrix with all its zeros.

    Args:
        counts: n, float64 (V, N), ≥ 0, no column empty.
        sublinear: whether tf is 1 + log n.
        smooth: which idf.
        unit_documents: whether columns are scaled to length 1.

    Returns:
        float64 (V, N).
    """
    frequency = np.where(counts > 0, 1 + np.log(np.maximum(counts, 1e-300)), 0) if sublinear else counts
    inverse = inverse_document_frequency((counts > 0).sum(axis=1), counts.shape[1], smooth=smooth)
    matrix = frequency * inverse[:, np.newaxis]
    if unit_documents:
        lengths = np.linalg.norm(matrix, axis=0)
        matrix = matrix / np.where(lengths > 0, lengths, 1.0)
    return np.asarray(matrix)
