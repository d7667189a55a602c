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
def _ask(decisions, block, line, start, end, state):
    """Write the rows that each centre of a stretch asks."""
    asked, at = block.asked, np.int64(0)
    for place in range(start, end):
        if block.windows[line, place - start, 0] < block.windows[line, place - start, 1]:
            target = np.int64(block.places[place])
            if decisions.uses_paths:
                for n in range(decisions.path_ends[target], decisions.path_ends[target + 1]):
                    asked[line, at] = decisions.path_steps[n]
                    at += 1
            else:
                asked[line, at] = np.int32(target)
                for k in range(1, 1 + decisions.negatives):
                    state = advance(state)
                    asked[line, at + k] = np.int32(draw_alias(decisions.noise, bits_of(state)))
                at += 1 + decisions.negatives
        block.asked_ends[line, place - start + 1] = at


@kernel_part
def _mark(tags, row, reader, tag):
    """Mark a row as touched by a reader."""
    # No branch: whose row it was is as good as random.
    found, mine = np.int64(tags[row]), tag + reader
    tags[row] = np.uint8(mine if (found < tag) | (found == mine) else tag + SHARED)


@kernel_part
def _mark_stretch(block, line, start, end, low, high, reader, marks, tag, twice):
    """Mark all rows that a reader touches; `twice` is 1 where the rows asked are written times two, else 0."""
    input_marks, output_marks = marks
    for place in range(low, high):
        word = np.int64(block.places[place])
        if word >= 0:
            _mark(input_marks.tags, word, reader, tag)
    for n in range(np.int64(block.asked_ends[line, end - start])):
        _mark(output_marks.tags, np.int64(block.asked[line, n] >> twice), reader, tag)


@kernel_part
def _copy_of(newest, copies, slot, row, plan, start, end):
    """Return a reader's copy of a shared row, and where its copies end: a new one stands there.

    newest: int64 (rows,), of each row the number of the plan in which it was last shared, times 2³², plus its newest
    copy. start: the reader's first copy.
    """
    found = newest[row]
    known, copy = found >> 32 == plan, found & 0xFFFFFFFF
    if known and copy >= start:
        copies.touches[slot, copy] += np.int32(1)
        return copy, end
    copies.sources[slot, end] = np.int32(row)
    copies.following[slot, end] = np.int32(-1)
    copies.touches[slot, end] = np.int32(1)
    if known:
        copies.following[slot, copy] = np.int32(end)
    else:
        copies.firsts[slot, copies.shared[slot]] = np.int32(end)
        copies.shared[slot] += 1
    newest[row] = (plan << 32) + end
    return end, end + 1


@kernel_part
def _choose_inputs(block, line, shift, low, high, slot, reader, marks, tag, plan, copies, first_copy, found):
    """Write which input row the reader changes at each place: the model's own, or a copy."""
    count = 0
    for place in range(low, high):
        row = np.int64(block.places[place])
        block.rows[line, place + shift] = np.int32(row)
        found[count] = place
        count += np.int64(1) if (row >= 0) & (np.int64(marks.tags[max(row, 0)]) == tag + SHARED) else np.int64(0)
    start = end = copies.ends[slot, reader]
    for n in range(count):
        place = found[n]
        copy, end = _copy_of(marks.newest, copies, slot, np.int64(block.places[place]), plan, start, end)
        block.rows[line, place + shift] = np.int32(first_copy + copy)
    copies.ends[slot, reader + 1] = end


@kernel_part
def _choose_outputs(block, line, count, slot, reader, marks, tag, plan, twice, copies, first_copy, found):
    """Replace each output row asked that is shared by the reader's copy."""
    shared = 0
    # Which of them are shared is as good as random too: they are picked out without a branch.
    for n in range(count):
        found[shared] = n
        row = np.int64(block.asked[line, n] >> twice)
        shared += np.int64(1) if np.int64(marks.tags[row]) == tag + SHARED else np.int64(0)
    start = end = copies.ends[slot, reader]
    for i in range(shared):
        row = np.int64(block.asked[line, found[i]])
        copy, end = _copy_of(marks.newest, copies, slot, row >> twice, plan, start, end)
        block.asked[line, found[i]] = np.int32(((first_copy + copy) << twice) + (row & twice))
    copies.ends[slot, reader + 1] = end


@kernel_part
def plan_round(
    company, decisions, block, length, number, seed, first_copies, marks, tag, plan, copies, covered, found
):  # fmt: skip
    """Plan a round: windows, noise, and which rows are shared.

    first_copies: the row of the first copy, of inputs and of outputs. marks: the thread's, of inputs and of outputs.
    tag: the plan's, larger than any in the marks. plan: its number, never the same twice. covered: int64 (readers, 2);
    found: int64, as many as a stretch has places or rows asked, and one; both the thread's.
    """
    slot, readers = number % 2, block.windows.shape[0] // 2
    twice = np.int64(1) if decisions.uses_paths else np.int64(0)
    input_copies, output_copies = copies
    input_marks, output_marks = marks
    for reader in range(readers):
        line = slot * readers + reader
        start, end = stretch_of(block, length, reader, number)
        state = nth_bits(seed, number * readers + reader)
        low, high, state = _lay_windows(company, block, line, start, end, state)
        covered[reader, 0], covered[reader, 1] = low, high
        _ask(decisions, block, line, start, end, state)
        _mark_stretch(block, line, start, end, low, high, reader, marks, tag, twice)
    input_copies.shared[slot] = output_copies.shared[slot] = 0
    for reader in range(readers):
        line = slot * readers + reader
        start, end = stretch_of(block, length, reader, number)
        _choose_inputs(
            block, line, company.left - start, covered[reader, 0], covered[reader, 1], slot, reader, input_marks, tag,
            plan, input_copies, first_copies[0], found,
        )  # fmt: skip
        _choose_outputs(
            block, line, np.int64(block.asked_ends[line, end - start]), slot, reader, output_marks, tag, plan, twice,
            output_copies, first_copies[1], found,
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
