"""One block of sentences through skip-gram or CBOW by several threads, to the same bits whatever their number.

What is learned from a centre is what `firth.kernels.training` learns; the order is that of `firth.kernels.rounds`.
"""

import numpy as np

from firth.kernels.arguments import ROW_ALIGNMENT
from firth.kernels.jit import kernel, kernel_part
from firth.kernels.random import nth_bits
from firth.kernels.rounds import copy_rows, lay_places, merge_rows, plan_round, stretch_of
from firth.kernels.simd import prefetch
from firth.kernels.tickets import DONE, say_done, take_ticket, wait_for
from firth.kernels.training import FAR_NODES, _cbow_step, _skip_gram_step

__all__ = ["MERGES", "train_together"]

MERGES = 4
"""Into how many tasks a round's merging is cut."""

_MOST_TAGS = 15


@kernel_part
def _prefetch_row(matrix, row):
    for d in range(0, matrix.shape[1], ROW_ALIGNMENT):
        prefetch(matrix, row + d)


@kernel_part
def _gather_inputs(block, company, line, start, place, stride, rows):
    """Write the row offsets of a centre's contexts; return how many there are."""
    count, shift = 0, company.left - start
    for other in range(block.windows[line, place - start, 0], block.windows[line, place - start, 1]):
        row = np.int64(block.rows[line, other + shift])
        if other != place and row >= 0:
            rows[count] = row * stride
            count += 1
    return count


@kernel_part
def _gather_asked(decisions, block, line, first, last, outputs, asked, labels):
    """Write the rows and labels of what a centre is asked; return how many, filled up with the zero row."""
    stride, width = outputs.shape[1], last - first
    for n in range(width):
        row = np.int64(block.asked[line, first + n])
        if decisions.uses_paths:
            labels[n] = np.float32(row & 1)
            row >>= 1
        asked[n] = row * stride
    asked[width] = np.int64(outputs.shape[0] - 1) * stride
    if decisions.uses_paths:
        labels[width] = np.float32(-1.0)
    return width + width % 2


@kernel_part
def _prefetch_coming(weights, company, decisions, block, line, start, end, place):
    """Ask early for the rows that the coming centres need."""
    stride = weights.inputs.shape[1]
    ahead = min(place + 2 - start, end - start - 1)
    first, last = np.int64(block.asked_ends[line, ahead]), np.int64(block.asked_ends[line, ahead + 1])
    if decisions.uses_paths:
        for n in range(max(first, last - FAR_NODES), last):
            _prefetch_row(weights.outputs, np.int64(block.asked[line, n] >> 1) * stride)
    else:
        for n in range(first, last):
            _prefetch_row(weights.outputs, np.int64(block.asked[line, n]) * stride)
    coming = place + 2 + company.right
    if coming < end:
        row = np.int64(block.rows[line, coming - start + company.left])
        if row >= 0:
            _prefetch_row(weights.inputs, row * stride)


@kernel_part
def _read(weights, company, decisions, block, length, slot, reader, number, rate, loss_every, scratch, tally):
    """Learn from a reader's stretch, one centre after the other."""
    stride = weights.inputs.shape[1]
    line = slot * (block.windows.shape[0] // 2) + reader
    start, end = stretch_of(block, length, reader, number)
    for place in range(start, end):
        first = np.int64(block.asked_ends[line, place - start])
        last = np.int64(block.asked_ends[line, place - start + 1])
        _prefetch_coming(weights, company, decisions, block, line, start, end, place)
        if first == last:
            continue
        count = _gather_inputs(block, company, line, start, place, stride, scratch.input_rows)
        width = _gather_asked(decisions, block, line, first, last, weights.outputs, scratch.asked_rows, scratch.labels)
        measure = place % loss_every == 0
        if company.averages:
            _cbow_step(
                weights, company, decisions, scratch.asked_rows, np.int64(0), count, width, rate, scratch, measure,
                tally[reader],
            )  # fmt: skip
        else:
            _skip_gram_step(
                weights, decisions, scratch.asked_rows, np.int64(0), count, width, rate, scratch, measure, tally[reader]
            )
        tally[reader, 2] += 1


@kernel_part
def _offsets_of_copies(decisions, copies, slot, reader, first_copy):
    for copy in range(copies.ends[slot, reader], copies.ends[slot, reader + 1]):
        decisions.offsets[first_copy + copy] = decisions.offsets[copies.sources[slot, copy]]


@kernel_part
def _clear(tags):
    for row in range(len(tags)):
        tags[row] = np.uint8(0)


@kernel
def train_together(
    weights, token_ids, sentence_ends, first_sentence, last_sentence, held_out, company, decisions, first_rate,
    last_rate, seed, loss_every, length, damping, first_copies, block, copies, counts, yield_address, scratch, marks,
    plans, covered, found, tally,
):  # fmt: skip
    """Do a thread's share of learning from sentences [first_sentence, last_sentence), all but those held out.

    The threads of one block share all but `scratch`, `marks`, `plans` and `covered`.
    """
    readers = block.windows.shape[0] // 2
    tasks = 1 + readers + MERGES
    input_copies, output_copies = copies
    while True:
        ticket = take_ticket(counts)
        if ticket == 0:
            lay_places(
                token_ids, sentence_ends, first_sentence, last_sentence, held_out, company, length,
                nth_bits(np.uint64(seed), 0), block,
            )  # fmt: skip
            say_done(counts)
            continue
        wait_for(counts, np.int64(1), yield_address)
        rounds = block.facts[3]
        # Ticket 1 plans the first round; then each round has a task to plan the next, one for each reader, and the
        # merges.
        number, task = (ticket - 2) // tasks, (ticket - 2) % tasks
        if ticket == 1:
            number, task = np.int64(-1), np.int64(0)
        if number >= rounds:
            return
        wait_for(
            counts, 1 if ticket == 1 else 2 + number * tasks + (0 if task <= readers else 1 + readers), yield_address
        )
        slot = number % 2
        if task == 0:
            if number + 1 < rounds:
                if plans[0] == _MOST_TAGS:
                    _clear(marks[0].tags)
                    _clear(marks[1].tags)
                    plans[0] = 0
                plans[0] += 1
                plan_round(
                    company, decisions, block, length, number + 1, nth_bits(np.uint64(seed), 1), first_copies,
                    marks, plans[0] * 16, copies, covered, found,
                )  # fmt: skip
        elif task <= readers:
            reader = task - 1
            copy_rows(weights.inputs, input_copies, slot, reader, first_copies[0])
            copy_rows(weights.outputs, output_copies, slot, reader, first_copies[1])
            if decisions.has_offsets:
                _offsets_of_copies(decisions, output_copies, slot, reader, first_copies[1])
            rate = np.float32(first_rate + (last_rate - first_rate) * (number / rounds))
            _read(weights, company, decisions, block, length, slot, reader, number, rate, loss_every, scratch, tally)
        else:
            part = task - 1 - readers
            merge_rows(weights.inputs, input_copies, slot, part, MERGES, first_copies[0], damping[0])
            merge_rows(weights.outputs, output_copies, slot, part, MERGES, first_copies[1], damping[1])
        say_done(counts)
