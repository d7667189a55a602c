"""Vectors in two or three dimensions: PCA here, t-SNE, UMAP and PaCMAP by their own libraries.

PCA is a projection: distances in it are at most those of the vectors, and the shares of the variance say what is lost.
The others bend space so that near words stay near; how far apart groups lie, and how large they are, says nothing in
them. All are given centred vectors: without centring the first component would be the mean that all words share, which
is mostly how frequent they are.

Source: Pearson 1901 (PCA); van der Maaten and Hinton 2008 (t-SNE); McInnes, Healy and Melville 2018 (UMAP); Wang,
Huang, Rudin and Shaposhnik 2021 (PaCMAP).
"""

from __future__ import annotations

import logging
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.errors import MissingExtraError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firth.vectors.metric import Wide

__all__ = ["METHODS", "Places", "placed", "principal_components"]

METHODS = {"pca": "PCA", "tsne": "t-SNE", "umap": "UMAP", "pacmap": "PaCMAP"}
"""By the names that are asked for, the names that are shown."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Places:
    """Where vectors lie in few dimensions.

    Args:
        coordinates: float64 (n, d).
        shares: float64 (d,), the share of the variance along each axis; None where axes mean nothing.
        method: as shown: "PCA", "t-SNE", "UMAP", "PaCMAP".
    """

    coordinates: Wide
    shares: Wide | None
    method: str


def principal_components(vectors: Wide) -> tuple[Wide, Wide]:
    """Return vectors along their principal components, and the share of the variance along each.

        X − x̄ = U S Vᵀ,  coordinates U S,  shares S² / Σ S²

    Args:
        vectors: X, float64 (n, D), n ≥ 2, not all alike.

    Returns:
        float64 (n, r) and (r,), r = min(n − 1, D), by falling share; each component points to where its largest number
        is > 0.

    Raises:
        SettingsError: all vectors are alike.
    """
    centred = vectors - vectors.mean(axis=0)
    U, S, Vt = np.linalg.svd(centred, full_matrices=False)
    rank = min(len(vectors) - 1, vectors.shape[1])
    variances = S[:rank] ** 2
    if not variances.sum() > np.finfo(np.float64).eps * (vectors**2).sum():
        raise SettingsError("expected words whose vectors differ, got some that are all alike; choose others")
    signs = np.sign(Vt[np.arange(rank), np.abs(Vt[:rank]).argmax(axis=1)])
    return U[:, :rank] * S[:rank] * signs, variances / variances.sum()


def placed(vectors: Wide, method: str, dimensions: int, seed: int) -> Places:
    """Return vectors in two or three dimensions; the same vectors and seed give the same places.

    Args:
        vectors: float64 (n, D).
        method: "pca", "tsne", "umap" or "pacmap".
        dimensions: 2 or 3.
        seed: int ≥ 0, of what is drawn; PCA draws nothing.

    Raises:
        SettingsError: an unknown method, another number of dimensions, too few vectors, or all alike.
        MissingExtraError: the method's library is not installed.
    """
    if method not in METHODS:
        raise SettingsError(f"expected {', '.join(METHODS)} as method, got {method!r}")
    if isinstance(dimensions, bool) or dimensions not in (2, 3):
        raise SettingsError(f"expected 2 or 3 dimensions to draw in, got {dimensions!r}")
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or not 0 <= seed < 2**32:
        raise SettingsError(f"expected a seed from 0 to 2³² − 1, got {seed!r}")
    least = dimensions + 1 if method == "pca" else 5
    if len(vectors) < least or vectors.shape[1] < dimensions:
        raise SettingsError(
            f"expected at least {least} words of at least {dimensions} dimensions for {METHODS[method]} in "
            f"{dimensions}, got {len(vectors)} of {vectors.shape[1]}; name more words"
        )
    components, shares = principal_components(vectors)
    if method == "pca":
        return Places(coordinates=components[:, :dimensions], shares=shares[:dimensions], method=METHODS[method])
    with _quiet(METHODS[method]):
        # Turned to their components, the vectors have the same distances, and so the same maps on every machine.
        found = _BENT[method](components, dimensions, int(seed))
    return Places(coordinates=np.asarray(found, dtype=np.float64), shares=None, method=METHODS[method])


def _tsne(vectors: Wide, dimensions: int, seed: int) -> Any:
    from sklearn.manifold import TSNE  # noqa: PLC0415 - the extra `maps`

    perplexity = min(30.0, (len(vectors) - 1) / 3)
    init = "pca" if vectors.shape[1] >= dimensions else "random"
    return TSNE(dimensions, perplexity=perplexity, init=init, random_state=seed).fit_transform(vectors)


def _umap(vectors: Wide, dimensions: int, seed: int) -> Any:
    from umap import UMAP  # noqa: PLC0415 - the extra `maps`

    # With a seed it uses one thread, and says so unless one was asked for.
    neighbours = min(15, len(vectors) - 1)
    model = UMAP(n_components=dimensions, n_neighbors=neighbours, init="pca", random_state=seed, n_jobs=1)
    return model.fit_transform(vectors)


def _pacmap(vectors: Wide, dimensions: int, seed: int) -> Any:
    from pacmap import PaCMAP  # noqa: PLC0415 - the extra `maps`

    neighbours = min(10, len(vectors) - 1)
    model = PaCMAP(n_components=dimensions, n_neighbors=neighbours, random_state=seed)
    return model.fit_transform(vectors.astype(np.float32), init="pca")


_BENT = {"tsne": _tsne, "umap": _umap, "pacmap": _pacmap}


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Tell a missing library by its extra, and keep to itself what the libraries say of settings that are meant."""
    logger = logging.getLogger("pacmap")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except ImportError as error:
        raise MissingExtraError.of("maps", name) from error
    finally:
        logger.setLevel(level)
