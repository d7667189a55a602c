"""One block of sentences through skip-gram or CBOW by several threads, to the same bits whatever their number.

A centre's step is that of firth.kernels.training; who reads what when is said in firth.kernels.rounds. The tasks of a
block are numbered: first its words are laid out, then the first round is planned; each round has one task that plans
the next, then one for each reader; and when all these are done, as many that merge.
"""

import numpy as np

from firth.kernels.jit import kernel, kernel_part
from firth.kernels.random import nth_bits
from firth.kernels.rounds import copy_rows, lay_places, merge_rows, plan_round, stretch_of
from firth.kernels.simd import prefetch_row
from firth.kernels.tickets import say_done, take_ticket, wait_for
from firth.kernels.training import FAR_NODES, cbow_step, frozen_last, skip_gram_step

__all__ = ["train_together"]

_MOST_PLANS = 15
"""How many plans the marks can tell apart."""


@kernel_part
def _gather_inputs(block, company, line, start, place, stride, rows):
    """Write the row offsets of a centre's contexts; return how many there are."""
    count, shift = 0, company.left - start
    for other in range(block.windows[line, place - start, 0], block.windows[line, place - start, 1]):
        row = np.int64(block.rows[line, other + shift])
        rows[count] = row * stride
        # No branch, which would be guessed wrong once in every window.
        count += np.int64((other != place) & (row >= 0))
    return count


@kernel_part
def _gather_asked(decisions, block, line, first, last, outputs, asked, labels):
    """Write the row offsets and labels of what a centre is asked; return how many, made even with the zero row."""
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
    """Ask early for the rows that the next centre but one needs."""
    stride, ahead = weights.inputs.shape[1], min(place + 2, end - 1) - start
    first, last = np.int64(block.asked_ends[line, ahead]), np.int64(block.asked_ends[line, ahead + 1])
    if decisions.uses_paths:
        # The nodes near the root are asked all the time; those near the leaf are not.
        for n in range(max(first, last - FAR_NODES), last):
            prefetch_row(weights.outputs, np.int64(block.asked[line, n] >> 1) * stride)
    else:
        for n in range(first, last):
            prefetch_row(weights.outputs, np.int64(block.asked[line, n]) * stride)
    coming = place + 2 + company.right
    if coming < end and block.rows[line, coming - start + company.left] >= 0:
        prefetch_row(weights.inputs, np.int64(block.rows[line, coming - start + company.left]) * stride)


@kernel_part
def _read_stretch(weights, company, decisions, block, length, reader, number, rate, loss_every, scratch, tally):
    """Learn from a reader's stretch, one centre after the other."""
    stride, asked = weights.inputs.shape[1], scratch.asked_rows
    line = number % 2 * (block.windows.shape[0] // 2) + reader
    start, end = stretch_of(block, length, reader, number)
    for place in range(start, end):
        _prefetch_coming(weights, company, decisions, block, line, start, end, place)
        first = np.int64(block.asked_ends[line, place - start])
        last = np.int64(block.asked_ends[line, place - start + 1])
        if first == last:
            continue
        count = _gather_inputs(block, company, line, start, place, stride, scratch.input_rows)
        learning = frozen_last(company, scratch.input_rows, count, stride) if company.freezes else count
        width = _gather_asked(decisions, block, line, first, last, weights.outputs, asked, scratch.labels)
        measure = place % loss_every == 0
        if company.averages:
            cbow_step(
                weights, company, decisions, asked, np.int64(0), count, learning, width, rate, scratch, measure,
                tally[reader],
            )  # fmt: skip
        else:
            skip_gram_step(
                weights, decisions, asked, np.int64(0), count, learning, width, rate, scratch, measure, tally[reader]
            )
        tally[reader, 2] += 1


@kernel_part
def _make_copies(weights, company, decisions, copies, slot, reader, first_copies):
    """Make a reader's copies, and copies of what else is known of their rows."""
    input_copies, output_copies = copies
    copy_rows(weights.inputs, input_copies, slot, reader, first_copies[0])
    copy_rows(weights.outputs, output_copies, slot, reader, first_copies[1])
    if company.freezes:
        for copy in range(input_copies.ends[slot, reader], input_copies.ends[slot, reader + 1]):
            company.frozen[first_copies[0] + copy] = company.frozen[input_copies.sources[slot, copy]]
    if decisions.has_offsets:
        for copy in range(output_copies.ends[slot, reader], output_copies.ends[slot, reader + 1]):
            decisions.offsets[first_copies[1] + copy] = decisions.offsets[output_copies.sources[slot, copy]]


@kernel_part
def _clear(tags):
    for row in range(len(tags)):
        tags[row] = np.uint8(0)


@kernel_part
def _plan(company, decisions, block, length, number, seed, first_copies, thread, copies):
    """Plan a round with a thread's own marks."""
    input_marks, output_marks = thread.input_marks, thread.output_marks
    if thread.plans[0] == _MOST_PLANS:
        _clear(input_marks.tags)
        _clear(output_marks.tags)
        thread.plans[0] = 0
    thread.plans[0] += 1
    plan_round(company, decisions, block, length, number, seed, first_copies, thread, thread.plans[0] * 16, copies)


@kernel
def train_together(
    weights, token_ids, sentence_ends, first_sentence, last_sentence, held_out, company, decisions, first_rate,
    last_rate, seed, loss_every, length, damping, first_copies, block, copies, counts, yield_address, thread, tally,
):  # fmt: skip
    """Do a thread's share of learning from sentences [first_sentence, last_sentence), all but those held out.

    The threads of one block share all but `thread`.

    length: places in a stretch. damping: of the merging. first_copies: int64 (2,), the row of the first copy, of inputs
    and of outputs. copies: of inputs and of outputs. counts: of tickets, zero. yield_address: see
    firth.kernels.tickets. tally: float64 (readers, 8), gets each reader's summed loss, decisions measured, and centres.
    """
    readers = block.windows.shape[0] // 2
    tasks = 1 + 2 * readers
    while True:
        ticket = take_ticket(counts)
        if ticket == 0:
            lay_places(
                token_ids, sentence_ends, first_sentence, last_sentence, held_out, company, length,
                nth_bits(np.uint64(seed), 0), block,
            )  # fmt: skip
            say_done(counts)
            continue
        wait_for(counts, 1, yield_address)
        rounds = block.facts[3]
        # The plan of the first round counts as the first task of a round before it.
        number, task = (ticket - 2) // tasks if ticket > 1 else -1, (ticket - 2) % tasks if ticket > 1 else 0
        if number >= rounds:
            return
        if ticket > 1:
            wait_for(counts, 2 + number * tasks + (1 + readers if task > readers else 0), yield_address)
        if task == 0:
            if number + 1 < rounds:
                _plan(
                    company, decisions, block, length, number + 1, nth_bits(np.uint64(seed), 1), first_copies, thread,
                    copies,
                )  # fmt: skip
        elif task <= readers:
            reader, rate = task - 1, np.float32(first_rate + (last_rate - first_rate) * (number / rounds))
            _make_copies(weights, company, decisions, copies, number % 2, reader, first_copies)
            _read_stretch(
                weights, company, decisions, block, length, reader, number, rate, loss_every, thread.scratch, tally
            )
        else:
            input_copies, output_copies = copies
            slot, part = number % 2, task - 1 - readers
            merge_rows(weights.inputs, input_copies, slot, part, readers, first_copies[0], damping, thread.found)
            merge_rows(weights.outputs, output_copies, slot, part, readers, first_copies[1], damping, thread.found)
        say_done(counts)
