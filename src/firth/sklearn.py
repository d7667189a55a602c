"""Texts as vectors in scikit-learn: a transformer for pipelines.

>>> from firth.sklearn import WordVectorizer
>>> from sklearn.linear_model import LogisticRegression
>>> from sklearn.pipeline import make_pipeline
>>> model = make_pipeline(WordVectorizer("novels", weighting="sif"), LogisticRegression())  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from firth.errors import MissingExtraError, SettingsError
from firth.sentences.mean import Mean
from firth.sentences.sentence_vectors import SentenceVectors
from firth.sentences.sif import SIF
from firth.sentences.usif import USIF
from firth.vectors.load import load
from firth.vectors.store import WordVectors

try:
    from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
    from sklearn.utils.validation import check_is_fitted
except ImportError:
    raise MissingExtraError.of("sklearn", "firth.sklearn") from None

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt

    from firth.corpus.phrases import PhraseModel
    from firth.corpus.tokenizers import Tokenizer
    from firth.sentences.sentence_vectors import Texts
    from firth.sentences.weighting import Weighting

__all__ = ["WordVectorizer"]

_SETTINGS: dict[str, tuple[Callable[..., Weighting], frozenset[str]]] = {
    "mean": (Mean, frozenset()),
    "sif": (SIF, frozenset({"a", "components"})),
    "usif": (USIF, frozenset({"components", "length"})),
}


class WordVectorizer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Texts to weighted means of word vectors, see `firth.SentenceVectors`.

    The word vectors themselves are not trained here; `fit` learns only what the weighting takes from the texts: their
    common components and, for uSIF, their mean length. Components are learned from the training texts alone, so that
    cross-validation stays honest.

    Args:
        model: the word vectors, or the path of their file or run, which `fit` then opens.
        weighting: "mean", "sif", "usif", or one of `firth.Mean()`, `firth.SIF()`, `firth.USIF()` with its settings.
        a: SIF's `a`; None takes its default. This and the next two go with a weighting by name alone.
        components: how many common components are taken away; None takes the weighting's default.
        length: uSIF's mean text length; None measures it on the texts.
        tokenizer: what a word is; None takes the one that the vectors were trained with, `Words()` where that is not
            known.
        phrases: the phrases to join, as in training; None joins nothing.
        counts: int (V,), how often each word comes; "texts" to count them in the training texts; None takes the counts
            of the vectors.

    Attributes:
        sentence_vectors_: the fitted `firth.SentenceVectors`; its `coverage` tells how many words of the last texts
            are unknown.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | WordVectors,
        weighting: Literal["mean", "sif", "usif"] | Weighting = "mean",
        *,
        a: float | None = None,
        components: int | None = None,
        length: float | None = None,
        tokenizer: Tokenizer | None = None,
        phrases: PhraseModel | None = None,
        counts: npt.NDArray[np.int64] | Literal["texts"] | None = None,
    ) -> None:
        self.model = model
        self.weighting = weighting
        self.a = a
        self.components = components
        self.length = length
        self.tokenizer = tokenizer
        self.phrases = phrases
        self.counts = counts

    def fit(self, X: Texts, y: object = None) -> WordVectorizer:  # noqa: ARG002  (as every transformer)
        """Open the word vectors, and learn what the weighting takes from texts.

        Args:
            X: texts, each a str or a list of words.
            y: passed over.

        Raises:
            FirthError: a setting, a file or a text that cannot be.
        """
        self._opened().fit(X)
        return self

    def fit_transform(self, X: Texts, y: object = None) -> npt.NDArray[np.float32]:  # noqa: ARG002
        """Return what `fit` and then `transform` on the same texts give, but read them once."""
        return self._opened().fit_transform(X)

    def transform(self, X: Texts) -> npt.NDArray[np.float32]:
        """Return a vector for each text: float32 (n, D).

        Args:
            X: texts, each a str or a list of words.

        Raises:
            FirthError: they are no texts, or a word's vector holds NaN.
        """
        check_is_fitted(self)
        return self.sentence_vectors_.transform(X)

    def _opened(self) -> SentenceVectors:
        word_vectors = self.model if isinstance(self.model, WordVectors) else load(self.model)
        self.sentence_vectors_ = SentenceVectors(
            word_vectors, self._weighting(), tokenizer=self.tokenizer, phrases=self.phrases, counts=self.counts
        )
        self._n_features_out = word_vectors.dim
        return self.sentence_vectors_

    def _weighting(self) -> Weighting:
        named = {"a": self.a, "components": self.components, "length": self.length}
        given = {name: value for name, value in named.items() if value is not None}
        if not isinstance(self.weighting, str):
            if given:
                raise SettingsError(
                    f"expected {' and '.join(given)} as settings of the weighting itself, got them beside "
                    f"{self.weighting!r}; set them there, or name the weighting"
                )
            return self.weighting
        if self.weighting not in _SETTINGS:
            raise SettingsError(f'expected the weighting "mean", "sif" or "usif", got {self.weighting!r}')
        kind, known = _SETTINGS[self.weighting]
        if strange := sorted(set(given) - known):
            raise SettingsError(f'expected no {" and no ".join(strange)} with the weighting "{self.weighting}"')
        return kind(**given)

    def __sklearn_tags__(self) -> Any:
        """Say that texts are what it takes."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags
