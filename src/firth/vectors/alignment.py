"""Alignment: one run's vectors turned so that they lie over another's, and how far each word then is from itself.

Two runs give every word other numbers even where they learned the same: a rotation of all vectors changes no cosine.
Procrustes' rotation (or reflection) brings the words of one run nearest to the same words of the other. It is fitted to
anchors, words that both runs have, each scaled to length 1. Words that changed their company between two texts should
not be anchors, and which ones did is what one wants to know: so anchors are those words that move least.

Source: Hamilton, Leskovec and Jurafsky 2016 (ACL), "Diachronic word embeddings reveal statistical laws of semantic
change", §3; stable anchors as in `firth.vectors.procrustes`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from firth.errors import SettingsError
from firth.events import Notice, Stage
from firth.vectors.neighbours import ids_of, most_frequent_ids
from firth.vectors.norms import BLOCK
from firth.vectors.procrustes import Fit, Shared
from firth.vectors.product_metrics import cosines
from firth.vectors.queries import some_words
from firth.vectors.store import WordVectors
from firth.vectors.table import Column, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firth.events import Listener
    from firth.vectors.closeness import Ids
    from firth.vectors.metric import Wide

__all__ = ["Alignment", "Moves", "align"]

STABLE = 0.5
"""The share of the shared words that become anchors, unless said otherwise."""


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
    fitted = Fit(shared.among(candidates), centred=centred).stable(share)
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


def _shared(wv: WordVectors, onto: WordVectors) -> Shared:
    """Return the words that both have, zero vectors left out: they point nowhere."""
    of_onto = {word: word_id for word_id, word in enumerate(onto.words)}
    pairs = [(word_id, of_onto[word]) for word_id, word in enumerate(wv.words) if word in of_onto]
    ids, onto_ids = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    every = Shared(wv, onto, ids, onto_ids)
    point = [rows.any(axis=1) & other.any(axis=1) for rows, other in every.raw_blocks()]
    return every.among(np.flatnonzero(np.concatenate([np.zeros(0, bool), *point])))


def _candidates(
    wv: WordVectors, onto: WordVectors, shared: Shared, anchors: Sequence[str] | None, most_frequent: int | None
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


def _turned(wv: WordVectors, fitted: Fit) -> npt.NDArray[np.float32]:
    matrix = np.empty((len(wv), wv.dim), dtype=np.float32)
    for start in range(0, len(wv), BLOCK):
        wv.norms.block(start)
        with np.errstate(over="ignore"):
            matrix[start : start + BLOCK] = fitted.turned(wv.matrix[start : start + BLOCK].astype(np.float64))
    return matrix
