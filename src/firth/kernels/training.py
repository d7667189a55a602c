"""One block of sentences through skip-gram or CBOW: subsample, lay windows, ask the decisions, learn.

Everything that differs between objectives is data here: which output rows are asked for a target (its own and those of
its noise, or the nodes on its way through a tree), with which labels and which offsets.
firth.kernels.arguments says what `weights`, `company`, `decisions` and `scratch` hold.
"""

import numpy as np

from firth.kernels.decisions import tile_gradients, tile_logits
from firth.kernels.hidden import (
    add_to_rows,
    hidden_gradients,
    hidden_logits,
    mean_and_logits_6,
    mean_gradients_6,
    mean_of_rows,
)
from firth.kernels.jit import kernel, kernel_part
from firth.kernels.logistic import logistic, scaled_logistic, softplus
from firth.kernels.random import advance, bits_of, draw_alias
from firth.kernels.simd import LANES, load, multiply, multiply_add, prefetch, prefetch_row, splat
from firth.kernels.windows import is_held_out, reach, subsample

__all__ = [
    "FAR_NODES",
    "cbow_step",
    "draw_noise",
    "find_contexts",
    "follow_path",
    "frozen_last",
    "skip_gram_step",
    "train_block",
]

FAR_NODES = 4
"""How many nodes at a path's end are asked for early."""


@kernel_part
def find_contexts(sentence, length, position, company, bits, stride, rows):
    """Write the row offsets of a centre's contexts, left to right; return how many there are."""
    left, right = reach(company, bits)
    count = 0
    for other in range(max(0, position - left), min(length, position + right + 1)):
        if other != position and sentence[other] >= 0:
            rows[count] = np.int64(sentence[other]) * stride
            count += 1
    return count


@kernel_part
def frozen_last(company, rows, count, stride):
    """Put the rows of frozen words behind the others; return how many learn."""
    learning = 0
    for i in range(count):
        row = rows[i]
        if not company.frozen[row // stride]:
            rows[i] = rows[learning]
            rows[learning] = row
            learning += 1
    return learning


@kernel_part
def draw_noise(decisions, outputs, stride, rows, third, state):
    """Draw a coming target's noise into one third of `rows`, and ask for those rows early."""
    for k in range(decisions.negatives):
        state = advance(state)
        row = draw_alias(decisions.noise, bits_of(state)) * stride
        rows[third + 1 + k] = row
        prefetch_row(outputs, row)
    return state


@kernel_part
def follow_path(decisions, target, outputs, rows, labels):
    """Write the rows and labels of a target's path; return how many, filled up to an even number with the zero row."""
    stride = outputs.shape[1]
    start = decisions.path_ends[target]
    length = decisions.path_ends[target + 1] - start
    for n in range(length):
        step = decisions.path_steps[start + n]
        rows[n] = np.int64(step >> 1) * stride
        labels[n] = np.float32(step & 1)
    rows[length] = np.int64(outputs.shape[0] - 1) * stride
    labels[length] = np.float32(-1.0)
    return length + length % 2


@kernel_part
def _subtract_offsets(decisions, asked, first, stride, errors, count, width):
    """Subtract each drawn row's log(k · q) from its logits (noise-contrastive estimation)."""
    for j in range(1 + decisions.negatives):
        offset = decisions.offsets[asked[first + j] // stride]
        for i in range(count):
            errors[i * width + j] -= offset


@kernel_part
def _label(decisions, asked, first, labels, j):
    """Return column j's label: 1 yes, 0 no, -1 where nothing is asked (filling, or a noise word that is the target)."""
    if decisions.uses_paths:
        return labels[j]
    if j == 0:
        return np.float32(1.0)
    # A noise word that is the target itself would be told both yes and no.
    left_out = j > decisions.negatives or asked[first + j] == asked[first]
    return np.float32(-1.0) if left_out else np.float32(0.0)


@kernel_part
def _loss(decisions, asked, first, labels, errors, count, width, tally):
    """Add the tile's summed loss and number of decisions to the tally: −log σ(z) for yes, −log σ(−z) for no."""
    for j in range(width):
        label = _label(decisions, asked, first, labels, j)
        if label >= 0:
            for i in range(count):
                z = np.float64(errors[i * width + j])
                tally[0] += softplus(-z if label > 0 else z)
            tally[1] += count


@kernel_part
def _errors(decisions, asked, first, labels, errors, count, width, rate):
    """Turn logits into errors = (label − σ(logit)) · rate, zero where nothing was asked."""
    scaled_logistic(errors, count * width, -rate)
    if decisions.uses_paths:
        # Labels are as good as random: adding rate · label costs less than guessing wrong which of them are 1.
        for i in range(count):
            for j in range(width):
                errors[i * width + j] += rate * labels[j]
        if labels[width - 1] < 0:
            for i in range(count):
                errors[i * width + width - 1] = np.float32(0.0)
        return
    for i in range(count):
        errors[i * width] += rate
    for j in range(1, width):
        if _label(decisions, asked, first, labels, j) < 0:
            for i in range(count):
                errors[i * width + j] = np.float32(0.0)


@kernel_part
def _learn_errors(decisions, asked, first, stride, scratch, count, width, rate, measure, tally):
    """Turn the tile's logits into errors, and where wanted add their loss to the tally first."""
    labels, errors = scratch.labels, scratch.errors
    if decisions.has_offsets:
        _subtract_offsets(decisions, asked, first, stride, errors, count, width)
    if measure:
        _loss(decisions, asked, first, labels, errors, count, width, tally)
    _errors(decisions, asked, first, labels, errors, count, width, rate)


@kernel_part
def skip_gram_step(weights, decisions, asked, first, count, learning, width, rate, scratch, measure, tally):
    """Every context on its own is asked the target's decisions, all of them in one tile."""
    inputs, outputs = weights.inputs, weights.outputs
    rows, errors = scratch.input_rows, scratch.errors
    stride = inputs.shape[1]
    rows[count] = np.int64(inputs.shape[0] - 1) * stride
    tile_logits(inputs, rows, count, outputs, asked, first, width, stride, errors)
    _learn_errors(decisions, asked, first, stride, scratch, count, width, rate, measure, tally)
    tile_gradients(inputs, rows, count, learning, outputs, asked, first, width, stride, errors, scratch.gradient)


@kernel_part
def _fits_registers(decisions, asked, first, width):
    """Return whether just the word and five noise words are asked, all different from it, without offsets."""
    if LANES < 8 or width != 6 or decisions.uses_paths or decisions.has_offsets or decisions.negatives != 5:
        return False
    target = asked[first]
    return not (
        (asked[first + 1] == target) | (asked[first + 2] == target) | (asked[first + 3] == target)
        | (asked[first + 4] == target) | (asked[first + 5] == target)
    )  # fmt: skip


@kernel_part
def _cbow_step_in_registers(weights, company, asked, first, count, learning, rate, scratch):
    """Do `cbow_step` for the usual five noise words, the logits and errors staying in one register."""
    inputs, outputs, rows, hidden = weights.inputs, weights.outputs, scratch.input_rows, scratch.hidden
    stride = inputs.shape[1]
    share = np.float32(1.0) / np.float32(count)
    logits = mean_and_logits_6(inputs, rows, count, share, stride, outputs, asked, first, hidden)
    labels = load(scratch.first_label, 0)
    errors = multiply(splat(rate), multiply_add(splat(np.float32(-1.0)), logistic(logits), labels))
    share = share if company.divides_gradient else np.float32(1.0)
    mean_gradients_6(inputs, rows, learning, share, stride, outputs, asked, first, hidden, errors)


@kernel_part
def cbow_step(weights, company, decisions, asked, first, count, learning, width, rate, scratch, measure, tally):
    """The mean of the contexts is asked once; each context gets its share of the mean's gradient, or all of it."""
    if not measure and _fits_registers(decisions, asked, first, width):
        _cbow_step_in_registers(weights, company, asked, first, count, learning, rate, scratch)
        return
    inputs, outputs = weights.inputs, weights.outputs
    rows, errors, hidden, gradient = scratch.input_rows, scratch.errors, scratch.hidden, scratch.gradient
    stride = inputs.shape[1]
    share = np.float32(1.0) / np.float32(count)
    mean_of_rows(inputs, rows, count, share, stride, hidden)
    hidden_logits(hidden, outputs, asked, first, width, stride, errors)
    _learn_errors(decisions, asked, first, stride, scratch, 1, width, rate, measure, tally)
    hidden_gradients(hidden, outputs, asked, first, width, stride, errors, gradient)
    add_to_rows(inputs, rows, learning, share if company.divides_gradient else np.float32(1.0), stride, gradient)


@kernel_part
def _prefetch_coming(weights, sentence, length, position, company, decisions):
    """Ask early for the rows that the next centre needs and this one has not touched."""
    stride = weights.inputs.shape[1]
    if position + 1 < length and sentence[position + 1] >= 0:
        target = np.int64(sentence[position + 1])
        if decisions.uses_paths:
            # The nodes near the root are asked all the time; those near the leaf are not.
            start, end = decisions.path_ends[target], decisions.path_ends[target + 1]
            for n in range(max(start, end - FAR_NODES), end):
                prefetch_row(weights.outputs, np.int64(decisions.path_steps[n] >> 1) * stride)
        else:
            prefetch_row(weights.outputs, target * stride)
    if decisions.uses_paths and position + 2 < length and sentence[position + 2] >= 0:
        prefetch(decisions.path_steps, decisions.path_ends[sentence[position + 2]])
        prefetch(decisions.path_steps, decisions.path_ends[sentence[position + 2] + 1])
    coming = position + 1 + company.right
    if coming < length and sentence[coming] >= 0:
        prefetch_row(weights.inputs, np.int64(sentence[coming]) * stride)


@kernel
def train_block(
    weights, token_ids, sentence_ends, first_sentence, last_sentence, held_out, company, decisions,
    first_rate, last_rate, seed, loss_every, scratch, tally,
):  # fmt: skip
    """Learn from sentences [first_sentence, last_sentence), all but those held out.

    The rate falls linearly over the block. tally: float64 (5,), gets summed loss, decisions measured, centres with
    company, words that subsampling kept, words held out; the loss is taken from one centre in `loss_every`.
    """
    stride = weights.inputs.shape[1]
    sentence, rows, asked = scratch.sentence, scratch.input_rows, scratch.asked_rows
    begin = sentence_ends[first_sentence - 1] if first_sentence > 0 else np.int64(0)
    block_begin, block_length = begin, max(np.int64(1), sentence_ends[last_sentence - 1] - begin)
    width = np.int64(1 + decisions.negatives + (1 + decisions.negatives) % 2)
    size, first = np.int64(decisions.negatives + 2), np.int64(0)
    state = np.uint64(seed)
    for third in range(0, 3 * size, size):
        asked[third + size - 1] = np.int64(weights.outputs.shape[0] - 1) * stride
    for third in range(0, 2 * size, size):
        state = draw_noise(decisions, weights.outputs, stride, asked, third, state)
    centres, kept, left_out = 0, 0, 0
    for s in range(first_sentence, last_sentence):
        if is_held_out(held_out, s):
            left_out += sentence_ends[s] - begin
            begin = sentence_ends[s]
            continue
        rate = np.float32(first_rate + (last_rate - first_rate) * ((begin - block_begin) / block_length))
        length, state = subsample(token_ids, begin, sentence_ends[s], company, sentence, np.int64(0), state)
        begin = sentence_ends[s]
        for position in range(length):
            target = np.int64(sentence[position])
            if target < 0:
                continue
            kept += 1
            state = advance(state)
            count = find_contexts(sentence, length, position, company, bits_of(state), stride, rows)
            if count == 0:
                continue
            learning = frozen_last(company, rows, count, stride) if company.freezes else count
            if decisions.uses_paths:
                width = follow_path(decisions, target, weights.outputs, asked, scratch.labels)
            else:
                first = (centres % 3) * size
                asked[first] = target * stride
                state = draw_noise(decisions, weights.outputs, stride, asked, ((centres + 2) % 3) * size, state)
            _prefetch_coming(weights, sentence, length, position, company, decisions)
            measure = centres % loss_every == 0
            if company.averages:
                cbow_step(
                    weights, company, decisions, asked, first, count, learning, width, rate, scratch, measure, tally
                )
            else:
                skip_gram_step(weights, decisions, asked, first, count, learning, width, rate, scratch, measure, tally)
            centres += 1
    tally[2] += centres
    tally[3] += kept
    tally[4] += left_out
