"""Alignment: one run's vectors turned so that they lie over another's, and how far each word then is from itself.

Two runs give every word other numbers even where they learned the same: a rotation of all vectors changes no cosine.
The rotation (or reflection) that brings the words of one run nearest to the same words of the other is Procrustes':

    R = argmin ‖A R − B‖_F  over orthogonal R  =  U Vᵀ        where Aᵀ B = U S Vᵀ

A and B hold the anchors, words that both runs have, each scaled to length 1. Words that changed their company between
two texts should not be anchors; which ones did is what one wants to know. So of all candidates the share `stable` is
chosen that fits best: align, keep those words that moved least, align by them again, until the same words are kept.
No step of this makes the kept words' distance larger, so it ends (Rousseeuw and Van Driessen's concentration steps).

Sources: Schönemann 1966, "A generalized solution of the orthogonal Procrustes problem"; Hamilton, Leskovec and
Jurafsky 2016 (ACL), "Diachronic word embeddings reveal statistical laws of semantic change", §3; Rousseeuw and Van
Driessen 1999, "A fast algorithm for the minimum covariance determinant estimator", §2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from firth.errors import SettingsError
from firth.events import Notice, Stage
from firth.vectors.analogy import units
from firth.vectors.neighbours import finite_rows, ids_of, most_frequent_ids
from firth.vectors.norms import BLOCK
from firth.vectors.product_metrics import cosines
from firth.vectors.queries import some_words
from firth.vectors.store import WordVectors
from firth.vectors.table import Column, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from firth.events import Listener
    from firth.vectors.closeness import Ids
    from firth.vectors.metric import Wide

__all__ = ["Alignment", "Moves", "align", "procrustes"]

STABLE = 0.5
"""The share of the shared words that become anchors, unless said otherwise."""
_MOST_ROUNDS = 100


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Moves(Table):
    """How far each shared word moved, the farthest first; of equals the first in the vectors that were turned.

    Args:
        words: the words that both have.
        distances: float each in [0, 2], 1 − cosine of the turned vector with the other.
        counts: how often each came in the text of the vectors that were turned; None where that is not known.
        onto_counts: the same of those that they were turned onto.
        anchors: whether each word was an anchor.
    """

    words: tuple[str, ...]
    distances: tuple[float, ...]
    counts: tuple[int, ...] | None
    onto_counts: tuple[int, ...] | None
    anchors: tuple[bool, ...]

    def data(self) -> list[Column]:
        """Return (word, distance, counts where they are known, anchor)."""
        counted = [("count", self.counts), ("onto_count", self.onto_counts)]
        return [
            Column("word", "text", self.words),
            Column("distance", "number", self.distances),
            *(Column(name, "count", entries) for name, entries in counted if entries is not None),
            Column("anchor", "flag", self.anchors),
        ]

    def most(self, k: int = 20, *, min_count: int = 1) -> Moves:
        """Return the words that moved most.

        Args:
            k: int ≥ 1, how many.
            min_count: int ≥ 1, leave out words that came less often in either text; rare words' vectors are mostly
                chance, and chance moves far. Words whose counts are not known stay.

        Raises:
            SettingsError: one of them is below 1.
        """
        for name, number in (("k", k), ("min_count", min_count)):
            if not isinstance(number, int | np.integer) or isinstance(number, bool) or number < 1:
                raise SettingsError(f"expected {name} as a whole number of 1 or more, got {number!r}")
        known = [counts for counts in (self.counts, self.onto_counts) if counts is not None]
        frequent = [place for place in range(len(self.words)) if all(counts[place] >= min_count for counts in known)]
        kept = frequent[:k]
        return Moves(
            words=tuple(self.words[place] for place in kept),
            distances=tuple(self.distances[place] for place in kept),
            counts=None if self.counts is None else tuple(self.counts[place] for place in kept),
            onto_counts=None if self.onto_counts is None else tuple(self.onto_counts[place] for place in kept),
            anchors=tuple(self.anchors[place] for place in kept),
        )


@dataclass(frozen=True, kw_only=True, slots=True, repr=False, eq=False)
class Alignment:
    """Vectors that were turned onto others.

    Args:
        vectors: all words of the vectors that were turned, where they now lie.
        moves: how far each shared word is from itself.
        anchors: the words that the rotation was fitted to.
        rotation: R, float64 (D, D), orthogonal, read-only.
        rounds: int ≥ 1, how often it was fitted until the anchors stayed the same.
    """

    vectors: WordVectors
    moves: Moves
    anchors: tuple[str, ...]
    rotation: Wide
    rounds: int

    @property
    def anchor_distance(self) -> float:
        """The anchors' mean distance, 1 − cosine."""
        pairs = zip(self.moves.distances, self.moves.anchors, strict=True)
        return float(np.mean([distance for distance, anchor in pairs if anchor]))

    def __repr__(self) -> str:
        return (
            f"<Alignment by {len(self.anchors):,} of {len(self.moves):,} shared words, whose mean distance is "
            f"{self.anchor_distance:.4f}>"
        )


def procrustes(a: Wide, b: Wide) -> Wide:
    """Return the orthogonal R that makes ‖a R − b‖_F least.

    Args:
        a: A, float64 (n, D).
        b: B, float64 (n, D).

    Returns:
        float64 (D, D).

    Source: Schönemann 1966.
    """
    return _rotation(a.T @ b)[0]


def _rotation(products: Wide) -> tuple[Wide, Wide]:
    """Return R for Aᵀ B, and the singular values, largest first."""
    left, strengths, right = np.linalg.svd(products)
    return left @ right, strengths


def align(
    wv: WordVectors,
    onto: WordVectors,
    *,
    anchors: Sequence[str] | None = None,
    stable: float | None = None,
    most_frequent: int | None = None,
    centred: bool = False,
    on_event: Listener | None = None,
) -> Alignment:
    """Turn vectors so that they lie over others, and say how far each word then is from itself.

        x' = x R;  centred: x' = (x/|x| − ā) R + b̄,  ā and b̄ the anchors' means

    Without centring all cosines among the turned vectors stay what they were. The same vectors give the same answer.

    Args:
        wv: the vectors that are turned; they stay as they are. Output vectors are left out of what is returned.
        onto: those that they are turned onto, of as many dimensions; the words may be others.
        anchors: words to fit the rotation to; None to choose from all that both have, but for zero vectors.
        stable: float in (0, 1], the share of these that is kept: those that move least. None is 0.5, and 1 where
            `anchors` are given.
        most_frequent: int ≥ 1, choose from words alone that are among so many most frequent ones of both.
        centred: take the anchors' means off before the rotation is fitted; what is returned is then near length 1.
        on_event: told of stages, and of what is not certain.

    Raises:
        SettingsError: the dimensions differ, or there are fewer anchors than dimensions, which fix no rotation; a
            setting that cannot be.
        UnknownWordError: one of the two has no vector for an anchor.
        FormatError: a vector holds NaN or infinity.
    """
    if wv.dim != onto.dim:
        raise SettingsError(
            f"expected vectors of the same number of dimensions to align, got {wv.dim:,} and {onto.dim:,}; bring them "
            f'to one number first, such as by the step "pca:{min(wv.dim, onto.dim)}" of postprocess'
        )
    share = _checked_share(stable, given=anchors is not None)
    tell: Listener = (lambda _: None) if on_event is None else on_event
    tell(Stage(name="aligning"))
    shared = _shared(wv, onto)
    candidates = _candidates(wv, onto, shared, anchors, most_frequent)
    fitted = _Fit(shared.among(candidates), centred=centred).stable(share)
    if fitted.is_uncertain:
        tell(Notice(text="the anchors span fewer dimensions than the vectors have; the rest is turned arbitrarily"))
    if wv.output_matrix is not None:
        tell(Notice(text="the output vectors are left out: they belong to the vectors as they were trained"))
    chosen = candidates[fitted.kept]
    moved = np.concatenate([1 - cosines(fitted.turned(rows), other) for rows, other in shared.raw_blocks()])
    order = np.argsort(-moved, kind="stable")
    is_anchor = np.zeros(len(moved), dtype=bool)
    is_anchor[chosen] = True
    ids, onto_ids = shared.ids[order], shared.onto_ids[order]
    fitted.rotation.flags.writeable = False
    record = {
        "anchors": len(chosen), "shared_words": len(moved), "stable": share, "centred": centred,
        "rounds": fitted.rounds, "anchor_distance": float(moved[chosen].mean()),
    }  # fmt: skip
    return Alignment(
        vectors=WordVectors(wv.words, _turned(wv, fitted), wv.counts, record={**wv.record, "alignment": record}),
        moves=Moves(
            words=tuple(wv.words[word_id] for word_id in ids.tolist()),
            distances=tuple(moved[order].tolist()),
            counts=None if wv.counts is None else tuple(wv.counts[ids].tolist()),
            onto_counts=None if onto.counts is None else tuple(onto.counts[onto_ids].tolist()),
            anchors=tuple(is_anchor[order].tolist()),
        ),
        anchors=tuple(wv.words[word_id] for word_id in shared.ids[chosen].tolist()),
        rotation=fitted.rotation,
        rounds=fitted.rounds,
    )


class _Shared(NamedTuple):
    """Words that two sets of vectors have in common: int64 (n,) row numbers of each, in the order of the first."""

    wv: WordVectors
    onto: WordVectors
    ids: Ids
    onto_ids: Ids

    def among(self, places: Ids) -> _Shared:
        """Return some of them, by their places."""
        return self._replace(ids=self.ids[places], onto_ids=self.onto_ids[places])

    def raw_blocks(self) -> Iterator[tuple[Wide, Wide]]:
        """Yield both vectors of each word, block by block, float64 (B, D)."""
        for start in range(0, len(self.ids), BLOCK):
            some = slice(start, start + BLOCK)
            yield (
                finite_rows(self.wv.matrix, self.wv.norms, self.ids[some]),
                finite_rows(self.onto.matrix, self.onto.norms, self.onto_ids[some]),
            )

    def blocks(self) -> Iterator[tuple[Wide, Wide]]:
        """Yield the same scaled to length 1."""
        for rows, other in self.raw_blocks():
            yield units(rows), units(other)


def _shared(wv: WordVectors, onto: WordVectors) -> _Shared:
    """Return the words that both have, zero vectors left out: they point nowhere."""
    of_onto = {word: word_id for word_id, word in enumerate(onto.words)}
    pairs = [(word_id, of_onto[word]) for word_id, word in enumerate(wv.words) if word in of_onto]
    ids, onto_ids = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    every = _Shared(wv, onto, ids, onto_ids)
    point = [rows.any(axis=1) & other.any(axis=1) for rows, other in every.raw_blocks()]
    return every.among(np.flatnonzero(np.concatenate([np.zeros(0, bool), *point])))


def _candidates(
    wv: WordVectors, onto: WordVectors, shared: _Shared, anchors: Sequence[str] | None, most_frequent: int | None
) -> Ids:
    """Return the places, among the shared words, of those that may be anchors."""
    if anchors is not None:
        if most_frequent is not None:
            raise SettingsError("expected either anchors= or most_frequent=, got both")
        words, ids = some_words(wv, anchors, "anchors")
        some_words(onto, words, "anchors")
        return np.flatnonzero(np.isin(shared.ids, ids))
    if most_frequent is None:
        return np.arange(len(shared.ids))
    frequent = [ids_of(most_frequent_ids(each.counts, most_frequent), len(each)) for each in (wv, onto)]
    return np.flatnonzero(np.isin(shared.ids, frequent[0]) & np.isin(shared.onto_ids, frequent[1]))


def _checked_share(stable: float | None, *, given: bool) -> float:
    if stable is None:
        return 1.0 if given else STABLE
    if not isinstance(stable, int | float) or isinstance(stable, bool) or not 0 < stable <= 1:
        raise SettingsError(f"expected the share of stable words above 0 and up to 1, got {stable!r}; 0.5 is usual")
    return float(stable)


class _Fit:
    """A rotation fitted to words, some of which are kept.

    Args:
        words: the candidates.
        centred: whether means are taken off.
    """

    def __init__(self, words: _Shared, *, centred: bool) -> None:
        self.words, self.centred = words, centred
        self.kept: Ids = np.arange(len(words.ids))
        """The places of those that are kept, rising."""
        self.rounds = 0
        self.mean: Wide = np.zeros(words.wv.dim)
        self.onto_mean: Wide = np.zeros(words.wv.dim)
        self.rotation: Wide = np.eye(words.wv.dim)
        self.is_uncertain = False

    def stable(self, share: float) -> _Fit:
        """Fit, keep the share of words that fits best, and fit again, until it is the same words."""
        dim = self.words.wv.dim
        count = round(share * len(self.kept))
        least = dim + self.centred
        if count < least:
            raise SettingsError(
                f"expected at least {least:,} anchors to fix a rotation in {dim:,} dimensions, got {count:,} of "
                f"{len(self.kept):,} words that both have and that may be anchors; give more words, or fewer dimensions"
            )
        self._fit()
        while count < len(self.words.ids) and self.rounds < _MOST_ROUNDS:
            nearest = np.sort(np.argsort(self._residuals(), kind="stable")[:count])
            if np.array_equal(nearest, self.kept):
                break
            self.kept = nearest
            self._fit()
        return self

    def _fit(self) -> None:
        """Fit means and rotation to the words that are kept."""
        self.rounds += 1
        kept, dim = self.words.among(self.kept), self.words.wv.dim
        if self.centred:
            sums = np.zeros((2, dim))
            for rows, other in kept.blocks():
                sums += rows.sum(axis=0), other.sum(axis=0)
            self.mean, self.onto_mean = sums / len(self.kept)
        products = np.zeros((dim, dim))
        for rows, other in kept.blocks():
            products += (rows - self.mean).T @ (other - self.onto_mean)
        self.rotation, strengths = _rotation(products)
        self.is_uncertain = bool(strengths[-1] <= 1e-9 * strengths[0])

    def _residuals(self) -> Wide:
        """Return |a R − b|² of every candidate."""
        found = []
        for rows, other in self.words.blocks():
            apart = (rows - self.mean) @ self.rotation - (other - self.onto_mean)
            found.append((apart * apart).sum(axis=1))
        return np.concatenate(found)

    def turned(self, rows: Wide) -> Wide:
        """Return vectors as the fit turns them: float64 (n, D)."""
        if not self.centred:
            return rows @ self.rotation
        turned: Wide = (units(rows) - self.mean) @ self.rotation + self.onto_mean
        # A zero vector points nowhere, and shall not point to the mean.
        turned[~rows.any(axis=1)] = 0.0
        return turned


def _turned(wv: WordVectors, fitted: _Fit) -> npt.NDArray[np.float32]:
    matrix = np.empty((len(wv), wv.dim), dtype=np.float32)
    for start in range(0, len(wv), BLOCK):
        wv.norms.block(start)
        with np.errstate(over="ignore"):
            matrix[start : start + BLOCK] = fitted.turned(wv.matrix[start : start + BLOCK].astype(np.float64))
    return matrix
