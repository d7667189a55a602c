"""Rounds: several readers learn from parts of one block at once, and the same comes of it whoever reads when.

A block's words, thinned out, are cut into as many equal parts as there are readers. In a **round** every reader goes on
by a stretch of so many places in its own part. A row that one reader alone touches in the round is changed in place,
one centre after the other, as ever. Of a row r that several touch, each of them changes a copy of its own, and when all
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
from firth.kernels.simd import LANES, add, load, multiply_add, prefetch, prefetch_row, splat, store, zeros
from firth.kernels.windows import is_held_out, reach, subsample

__all__ = ["BREAK", "SHARED", "copy_rows", "lay_places", "merge_rows", "plan_round", "stretch_of"]

BREAK = -2
"""What stands between two sentences."""

SHARED = 15
"""In place of a reader's number: several touch the row."""

_AHEAD = 4
"""How many rows ahead the next ones to be copied are asked for."""


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
            kept += count
            if company.before_subsampling:
                for other in range(place, place + count):
                    kept -= np.int64(1) if places[other] < 0 else np.int64(0)
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
def _next_break(places, place, beyond):
    """Return where the sentence of a place ends, or `beyond` if that is first."""
    while place < beyond and places[place] != BREAK:
        place += 1
    return place


@kernel_part
def _has_company(places, place, first, end):
    """Return whether a window holds a word besides its centre."""
    count = 0
    for other in range(first, end):
        count += 1 if other != place and places[other] >= 0 else 0
    return count > 0


@kernel_part
def _lay_windows(company, block, line, start, end, state):
    """Write the windows of a stretch's centres, empty ones of all other places; return the places they cover."""
    places, windows = block.places, block.windows
    beyond = min(end + company.right, block.facts[0])
    begin, after = start, _next_break(places, start, beyond)
    while begin > start - company.left and places[begin - 1] != BREAK:
        begin -= 1
    low, high = end, start
    for place in range(start, end):
        if place > after:
            begin, after = place, _next_break(places, place, beyond)
        state = advance(state)
        left, right = reach(company, bits_of(state))
        first, last = max(begin, place - left), min(after, place + right + 1)
        # Where nothing is left out of a window, its length tells whether there is anybody.
        if places[place] < 0 or last - first < 2 or (
            company.before_subsampling and not _has_company(places, place, first, last)
        ):  # fmt: skip
            first = last = place
        else:
            low, high = min(low, first), max(high, last)
        windows[line, place - start, 0], windows[line, place - start, 1] = first, last
    return low, high, state


@kernel_part
def _ask_noise(decisions, block, line, start, end, state, bits):
    """Write each centre of a stretch and its noise."""
    asked, width, at = block.asked, np.int64(1 + decisions.negatives), np.int64(0)
    for place in range(start, end):
        # No branch: what has no window is written too, and then written over.
        asked[line, at] = block.places[place]
        at += width * np.int64(block.windows[line, place - start, 0] < block.windows[line, place - start, 1])
        block.asked_ends[line, place - start + 1] = at
    draws = at - at // width
    for number in range(draws):
        bits[number] = nth_bits(state, number)
    number = np.int64(0)
    for centre in range(0, at, width):
        for place in range(centre + 1, centre + width):
            asked[line, place] = np.int32(draw_alias(decisions.noise, bits[number]))
            number += 1


@kernel_part
def _ask_paths(decisions, block, line, start, end):
    """Write the nodes that each centre of a stretch asks."""
    places, asked, at = block.places, block.asked, np.int64(0)
    # Where a path stands, and then the path itself, are asked for early.
    for place in range(start, end):
        prefetch(decisions.path_ends, max(0, np.int64(places[place])))
    for place in range(start, end):
        prefetch(decisions.path_steps, decisions.path_ends[max(0, np.int64(places[place]))])
    for place in range(start, end):
        if block.windows[line, place - start, 0] < block.windows[line, place - start, 1]:
            target = np.int64(places[place])
            for n in range(decisions.path_ends[target], decisions.path_ends[target + 1]):
                asked[line, at] = decisions.path_steps[n]
                at += 1
        block.asked_ends[line, place - start + 1] = at


@kernel_part
def _mark(tags, row, reader, tag, copies, slot, shared):
    """Mark a row as touched by a reader; note it where it is shared from now on; return how many are."""
    # No branch: whose row it was is as good as random.
    found, mine, several = np.int64(tags[row]), tag + reader, tag + SHARED
    others = (found >= tag) & (found != mine)
    tags[row] = np.uint8(several if others else mine)
    copies.rows[slot, shared] = np.int32(row)
    return shared + np.int64(others & (found != several))


@kernel_part
def _mark_stretch(block, line, start, end, low, high, reader, marks, tag, twice, copies, slot):
    """Mark all rows that a reader touches; `twice` is 1 where the rows asked are written times two, else 0."""
    input_marks, output_marks = marks
    input_copies, output_copies = copies
    shared = input_copies.shared[slot]
    for place in range(low, high):
        word = np.int64(block.places[place])
        if word >= 0:
            shared = _mark(input_marks.tags, word, reader, tag, input_copies, slot, shared)
    input_copies.shared[slot] = shared
    shared = output_copies.shared[slot]
    for n in range(np.int64(block.asked_ends[line, end - start])):
        row = np.int64(block.asked[line, n] >> twice)
        shared = _mark(output_marks.tags, row, reader, tag, output_copies, slot, shared)
    output_copies.shared[slot] = shared


@kernel_part
def _number(numbers, copies, slot):
    """Number the shared rows, none of which has a copy yet."""
    shared = copies.shared[slot]
    for n in range(shared):
        numbers[copies.rows[slot, n]] = np.int32(n)
    for reader in range(copies.made.shape[1]):
        for n in range(shared):
            copies.made[slot, reader, n] = 0


@kernel_part
def _touch(numbers, row, copies, slot, reader, end):
    """Count a reader's touch of a shared row; return its copy, and where the copies end, as one may be new."""
    number = np.int64(numbers[row])
    before = copies.made[slot, reader, number]
    # No branch here either. A new copy's row is written in any case, and written over where it is none.
    is_new = np.int64(before == 0)
    after = before + 1 + (is_new * end << 32)
    copies.made[slot, reader, number] = after
    copies.sources[slot, end] = np.int32(row)
    return after >> 32, end + is_new


@kernel_part
def _choose_inputs(block, line, shift, low, high, slot, reader, marks, tag, copies, first_copy, found):
    """Write which input row the reader changes at each place: the model's own, or a copy."""
    shared, end = 0, copies.ends[slot, reader]
    for place in range(low, high):
        row = np.int64(block.places[place])
        block.rows[line, place + shift] = np.int32(row)
        found[shared] = place
        shared += np.int64(1) if (row >= 0) & (np.int64(marks.tags[max(row, 0)]) == tag + SHARED) else np.int64(0)
    for i in range(shared):
        place = found[i]
        copy, end = _touch(marks.numbers, np.int64(block.places[place]), copies, slot, reader, end)
        block.rows[line, place + shift] = np.int32(first_copy + copy)
    copies.ends[slot, reader + 1] = end


@kernel_part
def _choose_outputs(block, line, count, slot, reader, marks, tag, twice, copies, first_copy, found):
    """Replace each output row asked that is shared by the reader's copy."""
    shared, end = 0, copies.ends[slot, reader]
    # Which of them are shared is as good as random too: they are picked out without a branch.
    for n in range(count):
        found[shared] = n
        row = np.int64(block.asked[line, n] >> twice)
        shared += np.int64(1) if np.int64(marks.tags[row]) == tag + SHARED else np.int64(0)
    for i in range(shared):
        row = np.int64(block.asked[line, found[i]])
        copy, end = _touch(marks.numbers, row >> twice, copies, slot, reader, end)
        block.asked[line, found[i]] = np.int32(((first_copy + copy) << twice) + (row & twice))
    copies.ends[slot, reader + 1] = end


@kernel_part
def plan_round(company, decisions, block, length, number, seed, first_copies, thread, tag, copies):
    """Plan a round: windows, noise, and which rows are shared.

    first_copies: the row of the first copy, of inputs and of outputs. thread: who plans. tag: larger than any in the
    thread's marks.
    """
    slot, readers = number % 2, block.windows.shape[0] // 2
    twice = np.int64(1) if decisions.uses_paths else np.int64(0)
    input_copies, output_copies = copies
    input_copies.shared[slot] = output_copies.shared[slot] = 0
    for reader in range(readers):
        line = slot * readers + reader
        start, end = stretch_of(block, length, reader, number)
        state = nth_bits(seed, number * readers + reader)
        low, high, state = _lay_windows(company, block, line, start, end, state)
        thread.covered[reader, 0], thread.covered[reader, 1] = low, high
        if decisions.uses_paths:
            _ask_paths(decisions, block, line, start, end)
        else:
            _ask_noise(decisions, block, line, start, end, state, thread.bits)
        _mark_stretch(
            block, line, start, end, low, high, reader, (thread.input_marks, thread.output_marks), tag, twice, copies,
            slot,
        )  # fmt: skip
    _number(thread.input_marks.numbers, input_copies, slot)
    _number(thread.output_marks.numbers, output_copies, slot)
    for reader in range(readers):
        line = slot * readers + reader
        start, end = stretch_of(block, length, reader, number)
        _choose_inputs(
            block, line, company.left - start, thread.covered[reader, 0], thread.covered[reader, 1], slot, reader,
            thread.input_marks, tag, input_copies, first_copies[0], thread.found,
        )  # fmt: skip
        _choose_outputs(
            block, line, np.int64(block.asked_ends[line, end - start]), slot, reader, thread.output_marks, tag, twice,
            output_copies, first_copies[1], thread.found,
        )  # fmt: skip


@kernel_part
def copy_rows(matrix, copies, slot, reader, first_copy):
    """Make a reader's copies."""
    stride, last = matrix.shape[1], copies.ends[slot, reader + 1]
    for copy in range(copies.ends[slot, reader], last):
        prefetch_row(matrix, np.int64(copies.sources[slot, min(copy + _AHEAD, last - 1)]) * stride)
        source, target = np.int64(copies.sources[slot, copy]) * stride, (first_copy + copy) * stride
        for d in range(0, stride, LANES):
            store(matrix, target + d, load(matrix, source + d))


@kernel_part
def _copies_of(copies, slot, number, damping, first_copy, stride, found):
    """Write the row offsets of a row's copies; return how many there are, and g, how much of their changes it gets."""
    count, touches, singly = 0, 0, 0.0
    for reader in range(copies.made.shape[1]):
        found[count] = copies.made[slot, reader, number]
        count += np.int64(found[count] > 0)
    for i in range(count):
        n = found[i] & 0xFFFFFFFF
        touches += n
        singly += n / (1.0 + damping * n)
        found[i] = (first_copy + (found[i] >> 32)) * stride
    return count, np.float32(touches / (1.0 + damping * touches) / singly)


@kernel_part
def merge_rows(matrix, copies, slot, part, parts, first_copy, damping, found):
    """Merge the copies of one part of the shared rows."""
    stride, shared = matrix.shape[1], copies.shared[slot]
    last = shared * (part + 1) // parts
    for number in range(shared * part // parts, last):
        prefetch_row(matrix, np.int64(copies.rows[slot, min(number + _AHEAD, last - 1)]) * stride)
        row = np.int64(copies.rows[slot, number]) * stride
        count, factor = _copies_of(copies, slot, number, damping, first_copy, stride, found)
        share = splat(factor)
        for d in range(0, stride, LANES):
            before, change = load(matrix, row + d), zeros()
            less = multiply_add(splat(np.float32(-1.0)), before, zeros())
            for i in range(count):
                change = add(change, add(load(matrix, found[i] + d), less))
            store(matrix, row + d, multiply_add(share, change, before))
