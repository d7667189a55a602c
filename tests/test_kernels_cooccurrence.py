"""The kernels add up what a few lines of Python do, also where a sum is written in several entries."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firth.kernels import cooccurrence as kernels
from firth.kernels.jit import JIT_IS_OFF

EXAMPLES = 25 if JIT_IS_OFF else 200


def workspace(words: int, entries: int) -> tuple[kernels.Row, kernels.Entries]:
    row = kernels.Row(
        np.zeros(words, np.int64),
        np.zeros(words + 1, np.int32),
        np.zeros(-(-words // 32), np.int64),
        np.zeros(-(-words // 1024), np.int64),
    )
    return row, kernels.Entries(np.zeros(entries, np.int32), np.zeros(entries, np.int64), np.zeros(words, np.int64))


def is_zero(row: kernels.Row) -> bool:
    return not (row.sums.any() or row.flags.any() or row.summary.any())


@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.data(), words=st.sampled_from([1, 31, 32, 33, 1024, 1025, 3000]), largest=st.integers(1, 9))
def test_rows_are_counted_split_and_merged(data: st.DataObject, words: int, largest: int) -> None:
    ids = st.integers(0, words - 1) | st.sampled_from([0, words - 1])
    runs = data.draw(st.lists(st.lists(ids, min_size=1, max_size=20), min_size=1, max_size=3))
    left, right = np.array([5, 2], np.int64), np.array([3], np.int64)
    truth: Counter[tuple[int, int]] = Counter()
    columns, sums, ends = [], [], []
    row, entries = workspace(words, 2000)
    for run in runs:
        for place, word in enumerate(run):
            for weights, side in ((left, -1), (right, 1)):
                for distance, weight in enumerate(weights.tolist(), start=1):
                    if 0 <= place + side * distance < len(run):
                        truth[word, run[place + side * distance]] += weight
        tokens = np.array(run, np.int32)
        counts = np.zeros(words, np.int64)
        kernels.count_words(tokens, counts)
        assert counts.tolist() == np.bincount(tokens, minlength=words).tolist()
        occurrences = np.zeros(len(run), np.int64)
        next_places = np.cumsum(counts) - counts
        kernels.invert(tokens, 0, np.array([len(run)]), 0, len(run), 0, 2, 1, next_places, occurrences)
        assert next_places.tolist() == np.cumsum(counts).tolist()
        size = kernels.count_rows(
            tokens, occurrences, np.cumsum(counts), 0, words, left, right, largest, row, entries
        )  # fmt: skip
        assert is_zero(row)
        assert 0 <= entries.sums[:size].max(initial=0) <= largest
        columns.append(entries.columns[:size].copy())
        sums.append(entries.sums[:size].astype(np.uint32))
        ends.append(sum(map(len, columns[:-1])) + np.cumsum(entries.row_sizes))
    first, last = words // 3, words
    size = kernels.merge_rows(
        np.concatenate(columns), np.concatenate(sums), np.concatenate(ends), words, first, last, row, entries
    )
    assert is_zero(row)
    rows = np.repeat(np.arange(first, last), entries.row_sizes[: last - first])
    got = list(zip(rows.tolist(), entries.columns[:size].tolist(), entries.sums[:size].tolist(), strict=True))
    assert got == sorted((i, j, count) for (i, j), count in truth.items() if i >= first)


def test_a_stretch_may_begin_and_end_within_sentences() -> None:
    tokens = np.zeros(10, np.int32)
    occurrences = np.zeros(5, np.int64)
    kernels.invert(tokens, 2, np.array([6, 7, 10]), 4, 9, 1, 3, 3, np.zeros(1, np.int64), occurrences)
    found = [(int(o) >> 20, (int(o) >> 10) & 1023, int(o) & 1023) for o in occurrences]
    assert found == [(3, 2, 1), (4, 3, 0), (5, 0, 0), (6, 0, 2), (7, 1, 1)]


@pytest.mark.parametrize(
    ("ends", "columns", "values", "sound"),
    [
        ([1, 1, 3], [2, 0, 1], [1, 2, 3], True),
        ([], [], [], True),
        ([0, 0], [], [], True),
        ([1, 1, 2], [2, 0, 1], [1, 2, 3], False),
        ([1, 0, 3], [2, 0, 1], [1, 2, 3], False),
        ([1, 1, 4], [2, 0, 1], [1, 2, 3], False),
        ([1, 1, 3], [3, 0, 1], [1, 2, 3], False),
        ([1, 1, 3], [2, 1, 1], [1, 2, 3], False),
        ([1, 1, 3], [-1, 0, 1], [1, 2, 3], False),
        ([1, 1, 3], [2, 0, 1], [1, 0, 3], False),
        ([1, 1, 3], [2, 0, 1], [1, -2, 3], False),
        ([1, 1, 3], [2, 0, 1], [1, float("nan"), 3], False),
        ([1, 1, 3], [2, 0, 1], [1, float("inf"), 3], False),
    ],
)
def test_only_a_matrix_is_sound(ends: list[int], columns: list[int], values: list[float], sound: bool) -> None:
    bits = np.array(values, np.float32).view(np.int32)
    assert bool(kernels.is_sound(np.array(ends, np.int64), np.array(columns, np.int32), bits)) is sound
