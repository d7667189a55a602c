"""The kernels count and join as a few lines of Python do."""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st

from firth.kernels import bigrams
from firth.kernels.jit import JIT_IS_OFF

EXAMPLES = 25 if JIT_IS_OFF else 200
ROLES = np.array([0, 1, 2, bigrams.BREAK, -2, -3], np.int32)  # three words, a rare one, two connectors
WORDS, RADIX = 3, 3
SENTENCES = st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=15), min_size=1, max_size=6)

Pair = tuple[int, tuple[int, ...], int]


def pair_at(sentence: list[int], place: int) -> tuple[Pair, int] | None:
    """Return the pair that begins at a place, and where it ends."""
    if sentence[place] > 2:
        return None
    other = place + 1
    while other < len(sentence) and sentence[other] in {4, 5}:
        other += 1
    between = tuple(sentence[place + 1 : other])
    if other == len(sentence) or sentence[other] > 2 or len(between) > bigrams.LONGEST_RUN:
        return None
    return (sentence[place], between, sentence[other]), other + 1


def key(pair: Pair) -> int:
    left, between, right = pair
    run = 0
    for connector in between:
        run = run * RADIX + connector - 3
    return (run * WORDS + left) * WORDS + right


def arrays(sentences: list[list[int]], first: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    return np.concatenate(sentences).astype(np.int32), first + np.cumsum([len(sentence) for sentence in sentences])


def entries(table: npt.NDArray[np.int64]) -> dict[int, int]:
    return {k: v for k, v in table.reshape(-1, 2).tolist() if v}


@settings(max_examples=EXAMPLES, deadline=None)
@given(sentences=SENTENCES, first=st.integers(0, 1000), least=st.integers(1, 4))
def test_pairs_are_counted_and_moved(sentences: list[list[int]], first: int, least: int) -> None:
    wanted: Counter[int] = Counter()
    for sentence in sentences:
        wanted.update(key(found[0]) for place in range(len(sentence)) if (found := pair_at(sentence, place)))
    token_ids, ends = arrays(sentences, first)
    table = np.zeros(2 * 128, np.int64)
    with np.errstate(over="ignore"):
        assert bigrams.count(token_ids, ends, first, ROLES, WORDS, RADIX, table) == len(wanted)
        assert entries(table) == wanted
        assert bigrams.count(token_ids, ends, first, ROLES, WORDS, RADIX, table) == 0
        assert entries(table) == {k: 2 * v for k, v in wanted.items()}
        other = np.zeros(2 * 256, np.int64)
        kept = {k: 2 * v for k, v in wanted.items() if 2 * v >= least}
        assert bigrams.move(table, other, least) == len(kept)
    assert entries(other) == kept


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    sentences=SENTENCES,
    first=st.integers(0, 1000),
    phrases=st.lists(
        st.tuples(st.integers(0, 2), st.lists(st.integers(4, 5), max_size=3).map(tuple), st.integers(0, 2)),
        unique=True,
        max_size=12,
    ),
)
def test_pairs_are_joined_from_left_to_right(sentences: list[list[int]], first: int, phrases: list[Pair]) -> None:
    ids = {pair: 6 + place for place, pair in enumerate(phrases)}
    wanted: list[list[int]] = []
    for sentence in sentences:
        wanted.append([])
        place = 0
        while place < len(sentence):
            found = pair_at(sentence, place)
            if found and found[0] in ids:
                wanted[-1].append(ids[found[0]])
                place = found[1]
            else:
                wanted[-1].append(sentence[place])
                place += 1
    token_ids, ends = arrays(sentences, first)
    table, counts = np.zeros(2 * 32, np.int64), np.zeros(6 + len(phrases), np.int64)
    joined, joined_ends = np.empty_like(token_ids), np.empty_like(ends)
    with np.errstate(over="ignore"):
        bigrams.enter(np.array([key(p) for p in phrases], np.int64), np.array(list(ids.values()), np.int64), table)
        size = bigrams.join(token_ids, ends, first, ROLES, WORDS, RADIX, table, counts, joined, joined_ends)
    flat = [token for sentence in wanted for token in sentence]
    assert joined[:size].tolist() == flat
    assert joined_ends.tolist() == np.cumsum([len(sentence) for sentence in wanted]).tolist()
    assert counts.tolist() == np.bincount(flat, minlength=len(counts)).tolist()


@settings(max_examples=EXAMPLES, deadline=None)
@given(sentences=SENTENCES, first=st.integers(0, 1000))
def test_words_left_out_leave_their_sentences(sentences: list[list[int]], first: int) -> None:
    new_ids = np.array([2, -1, 0, 1, -1, -1], np.int32)
    token_ids, ends = arrays(sentences, first)
    kept, kept_ends = np.empty_like(token_ids), np.empty_like(ends)
    size = bigrams.keep(token_ids, ends, first, new_ids, kept, kept_ends)
    wanted = [[int(new_ids[token]) for token in sentence if new_ids[token] >= 0] for sentence in sentences]
    assert kept[:size].tolist() == [token for sentence in wanted for token in sentence]
    assert kept_ends.tolist() == np.cumsum([len(sentence) for sentence in wanted]).tolist()
