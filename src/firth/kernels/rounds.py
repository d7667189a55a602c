"""Rounds: several readers learn from parts of one block at once, and the same comes of it whoever reads when.

A block's words, thinned out, are cut into as many equal parts as there are readers. In a **round** every reader goes on
by a stretch of so many places in its own part. A row that one reader alone touches in the round is changed in place, one
centre after the other, as ever. Of a row r that several touch, each of them changes a copy of its own, and when all
have read their stretch,

    r ← r + g · Σ (copy − r),   g = s(Σ n) / Σ s(n),   s(n) = n / (1 + damping · n)

where n is how often the row stands in a reader's stretch. What many readers all tell a frequent row is much the same,
and each of them has moved it most of the way: it gets their mean. What they tell rare rows is not: those get the sum.

Nothing of this depends on how many threads there are. The plan, which rows are shared in a round, needs none of the
weights and is made while the round before is learned.
"""

import numpy as np

from firth.kernels.jit import kernel_part
from firth.kernels.random import advance, bits_of, draw_alias, nth_bits
from firth.kernels.simd import LANES, add, load, multiply_add, splat, store, zeros
from firth.kernels.windows import is_held_out, reach, subsample

__all__ = ["BREAK", "SHARED", "copy_rows", "lay_places", "merge_rows", "plan_round", "stretch_of"]

BREAK = -2
"""What stands between two sentences."""

SHARED = 15
"""In place of a reader's number: several touch the row."""


@kernel_part
def lay_places(token_ids, sentence_ends, first_sentence, last_sentence, held_out, company, length, state, block):
    """Write the block's words as places; tell `block.facts` how many, and into how many rounds they are cut."""
    places, facts = block.places, block.facts
    begin = sentence_ends[first_sentence - 1] if first_sentence > 0 else np.int64(0)
    places[0] = BREAK
    place, kept, left_out = np.int64(1), np.int64(0), np.int64(0)
    for s in range(first_sentence, last_sentence):
        end = sentence_ends[s]
        if is_held_out(held_out, s):
            left_out += end - begin
        else:
            count, state = subsample(token_ids, begin, end, company, places, place, state)
            for other in range(place, place + count):
                kept += np.int64(1) if places[other] >= 0 else np.int64(0)
            place += count
            places[place] = BREAK
            place += 1
        begin = end
    readers = block.windows.shape[0] // 2
    longest = (place - 1 + readers - 1) // readers
    facts[0], facts[1], facts[2], facts[3] = place, kept, left_out, (longest + length - 1) // length
    return state


@kernel_part
def stretch_of(block, length, reader, number):
    """Return a reader's first place in a round, and the one after its last."""
    readers, count = block.windows.shape[0] // 2, block.facts[0] - 1
    begin, end = 1 + count * reader // readers, 1 + count * (reader + 1) // readers
    return min(end, begin + number * length), min(end, begin + (number + 1) * length)


@kernel_part
def _window(places, place, company, bits):
    """Return a centre's window, which ends where its sentence does, and how many words there are besides the centre."""
    left, right = reach(company, bits)
    first, end, count = place, place + 1, 0
    while first > place - left and places[first - 1] != BREAK:
        first -= 1
        count += 1 if places[first] >= 0 else 0
    while end <= place + right and places[end] != BREAK:
        count += 1 if places[end] >= 0 else 0
        end += 1
    return first, end, count


@kernel_part
def _mark(marks, row, reader, tag):
    """Mark a row as touched by a reader."""
    found = np.int64(marks.tags[row])
    if found < tag:
        marks.tags[row] = np.uint16(tag + reader)
    elif found != tag + reader and found != tag + SHARED:
        marks.tags[row] = np.uint16(tag + SHARED)
        marks.copies[row] = np.int32(-1)


@kernel_part
def _own_row(marks, copies, slot, row, reader, tag, first_copy):
    """Return the row that a reader changes for `row`: itself, or where it is shared, the reader's copy."""
    if np.int64(marks.tags[row]) != tag + SHARED:
        return row
    copy = np.int64(marks.copies[row])
    if copy < copies.ends[slot, reader]:
        new = copies.ends[slot, reader + 1]
        copies.ends[slot, reader + 1] = new + 1
        copies.sources[slot, new] = np.int32(row)
        copies.following[slot, new] = np.int32(-1)
        copies.touches[slot, new] = np.int32(0)
        if copy < 0:
            copies.firsts[slot, copies.shared[slot]] = np.int32(new)
            copies.shared[slot] += 1
        else:
            copies.following[slot, copy] = np.int32(new)
        marks.copies[row] = np.int32(new)
        copy = new
    copies.touches[slot, copy] += np.int32(1)
    return first_copy + copy


@kernel_part
def _ask(decisions, target, asked, line, at, state):
    """Write the rows asked for a target; return the place after the last, and the generator's state."""
    if decisions.uses_paths:
        for n in range(decisions.path_ends[target], decisions.path_ends[target + 1]):
            asked[line, at] = decisions.path_steps[n]
            at += 1
        return at, state
    asked[line, at] = np.int32(target)
    for k in range(decisions.negatives):
        state = advance(state)
        asked[line, at + 1 + k] = np.int32(draw_alias(decisions.noise, bits_of(state)))
    return at + 1 + decisions.negatives, state


@kernel_part
def _plan_stretch(company, decisions, block, length, line, reader, number, seed, input_marks, output_marks, tag):
    """Lay a reader's windows and draw its noise, and mark all rows it touches; return the places its windows cover."""
    places, asked = block.places, block.asked
    start, end = stretch_of(block, length, reader, number)
    state = nth_bits(seed, number * (block.windows.shape[0] // 2) + reader)
    low, high, at = end, start, np.int64(0)
    for place in range(start, end):
        target, count = np.int64(places[place]), 0
        state = advance(state)
        if target >= 0:
            first, after, count = _window(places, place, company, bits_of(state))
        if count > 0:
            low, high = min(low, first), max(high, after)
            block.windows[line, place - start, 0], block.windows[line, place - start, 1] = first, after
            before = at
            at, state = _ask(decisions, target, asked, line, at, state)
            for n in range(before, at):
                row = np.int64(asked[line, n] >> 1) if decisions.uses_paths else np.int64(asked[line, n])
                _mark(output_marks, row, reader, tag)
        block.asked_ends[line, place - start + 1] = at
    for place in range(low, high):
        if places[place] >= 0:
            _mark(input_marks, np.int64(places[place]), reader, tag)
    return low, high


@kernel_part
def _choose_rows(decisions, block, length, company, slot, line, reader, number, low, high, first_copies, marked, copies):
    """Write for each place and each row asked which row the reader changes: the model's own or a copy."""
    input_marks, output_marks, tag = marked
    input_copies, output_copies = copies
    start, end = stretch_of(block, length, reader, number)
    input_copies.ends[slot, reader + 1] = input_copies.ends[slot, reader]
    output_copies.ends[slot, reader + 1] = output_copies.ends[slot, reader]
    for place in range(low, high):
        row = np.int64(block.places[place])
        if row >= 0:
            row = _own_row(input_marks, input_copies, slot, row, reader, tag, first_copies[0])
        block.rows[line, place - start + company.left] = np.int32(row)
    for n in range(np.int64(block.asked_ends[line, end - start])):
        row = np.int64(block.asked[line, n])
        if decisions.uses_paths:
            own = _own_row(output_marks, output_copies, slot, row >> 1, reader, tag, first_copies[1])
            block.asked[line, n] = np.int32(own * 2 + (row & 1))
        else:
            own = _own_row(output_marks, output_copies, slot, row, reader, tag, first_copies[1])
            block.asked[line, n] = np.int32(own)


@kernel_part
def plan_round(company, decisions, block, length, number, seed, first_copies, marked, covered, copies):
    """Plan a round: windows, noise, and which rows are shared.

    first_copies: the row of the first copy, of inputs and of outputs, in the slot of this round.
    marked: the thread's marks of inputs and of outputs, and the plan's tag, larger than any before.
    covered: int64 (readers, 2), working memory.
    """
    input_marks, output_marks, tag = marked
    slot, readers = number % 2, block.windows.shape[0] // 2
    input_copies, output_copies = copies
    input_copies.shared[slot] = output_copies.shared[slot] = input_copies.ends[slot, 0] = output_copies.ends[slot, 0] = 0
    for reader in range(readers):
        low, high = _plan_stretch(
            company, decisions, block, length, slot * readers + reader, reader, number, seed, input_marks, output_marks, tag
        )
        covered[reader, 0], covered[reader, 1] = low, high
    for reader in range(readers):
        _choose_rows(
            decisions, block, length, company, slot, slot * readers + reader, reader, number,
            covered[reader, 0], covered[reader, 1], first_copies, marked, copies,
        )  # fmt: skip


@kernel_part
def copy_rows(matrix, copies, slot, reader, first_copy):
    """Make a reader's copies."""
    stride = matrix.shape[1]
    for copy in range(copies.ends[slot, reader], copies.ends[slot, reader + 1]):
        source, target = np.int64(copies.sources[slot, copy]) * stride, (first_copy + copy) * stride
        for d in range(0, stride, LANES):
            store(matrix, target + d, load(matrix, source + d))


@kernel_part
def _share(copies, slot, first, damping):
    """Return g, how much of the readers' changes a row gets."""
    touches, singly, copy = 0, 0.0, first
    while copy >= 0:
        n = np.int64(copies.touches[slot, copy])
        touches += n
        singly += n / (1.0 + damping * n)
        copy = np.int64(copies.following[slot, copy])
    return np.float32(touches / (1.0 + damping * touches) / singly)


@kernel_part
def merge_rows(matrix, copies, slot, part, parts, first_copy, damping):
    """Merge the copies of one part of the shared rows."""
    stride, shared = matrix.shape[1], copies.shared[slot]
    for place in range(shared * part // parts, shared * (part + 1) // parts):
        first = np.int64(copies.firsts[slot, place])
        row = np.int64(copies.sources[slot, first]) * stride
        share = splat(_share(copies, slot, first, damping))
        for d in range(0, stride, LANES):
            before, change, copy = load(matrix, row + d), zeros(), first
            less = multiply_add(splat(np.float32(-1.0)), before, zeros())
            while copy >= 0:
                change = add(change, add(load(matrix, (first_copy + copy) * stride + d), less))
                copy = np.int64(copies.following[slot, copy])
            store(matrix, row + d, multiply_add(share, change, before))
