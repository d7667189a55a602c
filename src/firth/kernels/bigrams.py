"""Pairs of neighbouring words: counted in a hash table, and joined to one id where they are a phrase.

A **pair** is two words that stand together in one sentence, or with at most LONGEST_RUN connectors (*of*, *the*)
between them. Every word has a **role**, int32: 0 … n − 1, its number among the n words that can be part of a pair;
BREAK, which ends whatever is open; or −1 − c for the connector c = 1 … radix − 1. A pair (a, run, b) is one **key**,

    key = (run · n + a) · n + b,     run = the digits c of the connectors between, to the base radix, 0 for none

which must stay below 2⁶². The **table** is open-addressed: two int64 a slot, the key and what is kept with it (a count,
or an id), 0 where the slot is empty. Its number of slots is a power of two, and it must never become full.
"""

from __future__ import annotations

import numpy as np

from firth.kernels.jit import kernel, kernel_part

__all__ = ["BREAK", "LONGEST_RUN", "count", "enter", "join", "keep", "move"]

BREAK = -1
LONGEST_RUN = 3

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_THIRTY_TWO = np.uint64(32)


@kernel_part
def _slot(table, key):
    """Return the slot that holds a key, or the empty one where it belongs."""
    last = len(table) // 2 - 1
    # The multiplication mixes upwards: its upper half depends on every bit of the key.
    mixed = np.uint64(key) * _GOLDEN
    slot = np.int64((mixed ^ (mixed >> _THIRTY_TWO)) & np.uint64(last))
    while table[2 * slot + 1] != 0 and table[2 * slot] != key:
        slot = (slot + 1) & last
    return slot


@kernel
def count(token_ids, sentence_ends, first, roles, words, radix, table):
    """Count each pair of some sentences, and each word; return how many pairs are new to the table.

    Args:
        token_ids: int32 (T,), of these sentences.
        sentence_ends: int64 (S,), their ends in the whole corpus.
        first: where the first of them begins there.
        roles: int32 (V,), each id's role.
        words: n, how many words can be part of a pair.
        radix: the connectors' number, and one.
        table: int64 (2 · slots,), key and count; has room for T more keys.
    """
    new = 0
    position = 0
    for sentence in range(len(sentence_ends)):
        end = sentence_ends[sentence] - first
        left = np.int64(-1)
        run = np.int64(0)
        between = 0
        while position < end:
            role = np.int64(roles[token_ids[position]])
            position += 1
            if role >= 0:
                if left >= 0:
                    key = (run * words + left) * words + role
                    slot = _slot(table, key)
                    if table[2 * slot + 1] == 0:
                        table[2 * slot] = key
                        new += 1
                    table[2 * slot + 1] += 1
                left = role
                run = np.int64(0)
                between = 0
            elif role == BREAK or between == LONGEST_RUN:
                left = np.int64(-1)
            elif left >= 0:
                run = run * radix - role - 1
                between += 1
    return new


@kernel
def move(table, other, least):
    """Enter a table's keys whose count is `least` or more in another, which comes empty; return how many they are."""
    moved = 0
    for old in range(0, len(table), 2):
        if table[old + 1] >= least:
            slot = _slot(other, table[old])
            other[2 * slot] = table[old]
            other[2 * slot + 1] = table[old + 1]
            moved += 1
    return moved


@kernel
def enter(keys, values, table):
    """Enter keys, each once, with their values (not 0) in a table that has room for them."""
    for place in range(len(keys)):
        slot = _slot(table, keys[place])
        table[2 * slot] = keys[place]
        table[2 * slot + 1] = values[place]


@kernel
def join(token_ids, sentence_ends, first, roles, words, radix, table, counts, joined, joined_ends):
    """Write sentences anew, each pair that the table holds as one id: from left to right, the first that fits.

    Args:
        token_ids: int32 (T,), of these sentences.
        sentence_ends: int64 (S,), their ends in the whole corpus.
        first: where the first of them begins there.
        roles: int32 (V,), each id's role.
        words: n, how many words can be part of a pair.
        radix: the connectors' number, and one.
        table: int64 (2 · slots,), key and the pair's new id.
        counts: int64, by new and old id; what is written is added.
        joined: int32 (T,), room for the result.
        joined_ends: int64 (S,), set to the sentences' ends in `joined`.

    Returns:
        how many ids were written.
    """
    written = 0
    position = np.int64(0)
    for sentence in range(len(sentence_ends)):
        end = sentence_ends[sentence] - first
        while position < end:
            token = np.int64(token_ids[position])
            left = np.int64(roles[token])
            position += 1
            if left >= 0:
                run = np.int64(0)
                other = position
                role = np.int64(BREAK)
                while other < end:
                    role = np.int64(roles[token_ids[other]])
                    if role >= BREAK or other - position == LONGEST_RUN:
                        break
                    run = run * radix - role - 1
                    other += 1
                if other < end and role >= 0:
                    slot = _slot(table, (run * words + left) * words + role)
                    if table[2 * slot + 1] != 0:
                        token = table[2 * slot + 1]
                        position = other + 1
            joined[written] = token
            counts[token] += 1
            written += 1
        joined_ends[sentence] = written
    return written


@kernel
def keep(token_ids, sentence_ends, first, new_ids, kept, kept_ends):
    """Write sentences anew with other ids, without the words whose new id is negative.

    Args:
        token_ids: int32 (T,), of these sentences.
        sentence_ends: int64 (S,), their ends in the whole corpus.
        first: where the first of them begins there.
        new_ids: int32 (V,), by old id.
        kept: int32 (T,), room for the result.
        kept_ends: int64 (S,), set to the sentences' ends in `kept`.

    Returns:
        how many ids were written.
    """
    written = 0
    position = np.int64(0)
    for sentence in range(len(sentence_ends)):
        end = sentence_ends[sentence] - first
        while position < end:
            new_id = new_ids[token_ids[position]]
            position += 1
            if new_id >= 0:
                kept[written] = new_id
                written += 1
        kept_ends[sentence] = written
    return written
