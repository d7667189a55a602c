"""One block of sentences through skip-gram or CBOW: subsample, lay windows, ask the decisions, learn.

Everything that differs between objectives is data here: which output rows are asked for a target (`DRAWN`: the target
and its noise; `PATH`: the nodes on its way through a tree), with which labels and which offsets.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from firth.kernels.decisions import (
    add_to_rows,
    hidden_gradients,
    hidden_logits,
    mean_of_rows,
    tile_gradients,
    tile_logits,
)
from firth.kernels.jit import kernel, kernel_part
from firth.kernels.logistic import scaled_logistic, softplus
from firth.kernels.random import advance, bits_of, draw_alias, uniform
from firth.kernels.simd import ROW_ALIGNMENT, prefetch

__all__ = ["DROPPED", "Company", "Decisions", "Scratch", "Weights", "train_block"]

DROPPED = -1
"""What stands in a sentence for a word that subsampling left out, where windows are laid before it."""

LOSS_EVERY = 64
"""The running loss is taken from one centre in this many: exact for those, and cheap."""


class Weights(NamedTuple):
    """The two matrices, float32 (rows + 1, stride), rows padded with zeros, the last row zero and never learned."""

    inputs: npt.NDArray[np.float32]
    outputs: npt.NDArray[np.float32]


class Company(NamedTuple):
    """How contexts are found, and how they become inputs.

    keep_probability: float32 (V,); left, right: the window's reach, then its two choices.
    averages: whether the contexts' mean is the one input (CBOW), else each is an input (skip-gram).
    divides_gradient: whether a context gets its share of the mean's gradient, else all of it.
    """

    keep_probability: npt.NDArray[np.float32]
    left: int
    right: int
    soft: bool
    before_subsampling: bool
    averages: bool
    divides_gradient: bool


class Decisions(NamedTuple):
    """What is asked for a target.

    uses_paths: whether the rows are the nodes on a path, else the target and `negatives` drawn words.
    negatives: k ≥ 0.
    noise: uint32 (V, 2), the alias table.
    offsets: float32 (V,), subtracted from a row's logit; all zero but for NCE.
    path_ends: int64 (V + 1,), where each word's path begins and ends in the next two.
    path_nodes: int32, inner nodes; path_turns: float32, their labels.
    """

    uses_paths: bool
    negatives: int
    has_offsets: bool
    noise: npt.NDArray[np.uint32]
    offsets: npt.NDArray[np.float32]
    path_ends: npt.NDArray[np.int64]
    path_nodes: npt.NDArray[np.int32]
    path_turns: npt.NDArray[np.float32]


class Scratch(NamedTuple):
    """Working memory of one thread (sizes: firth.training's `scratch_for`)."""

    sentence: npt.NDArray[np.int32]
    input_rows: npt.NDArray[np.int64]
    output_rows: npt.NDArray[np.int64]
    noise_words: npt.NDArray[np.int64]
    next_noise_words: npt.NDArray[np.int64]
    errors: npt.NDArray[np.float32]
    gradient: npt.NDArray[np.float32]
    hidden: npt.NDArray[np.float32]


@kernel_part
def _prefetch_row(matrix, row):
    for d in range(0, matrix.shape[1], ROW_ALIGNMENT):
        prefetch(matrix, row + d)


@kernel_part
def _subsample(token_ids, start, end, company, sentence, state):
    """Copy a sentence's kept words; return how many places it has now and the generator's state."""
    length = 0
    for t in range(start, end):
        word = token_ids[t]
        keep = company.keep_probability[word]
        if keep < np.float32(1.0):
            state = advance(state)
            if uniform(bits_of(state)) > keep:
                if company.before_subsampling:
                    sentence[length] = DROPPED
                    length += 1
                continue
        sentence[length] = word
        length += 1
    return length, state


@kernel_part
def _find_contexts(sentence, length, position, company, bits, stride, rows):
    """Write the row offsets of a centre's contexts, left to right; return how many there are."""
    left, right = company.left, company.right
    if company.soft:
        draw = uniform(bits)
        left, right = np.int64(np.ceil(draw * np.float32(left))), np.int64(np.ceil(draw * np.float32(right)))
    count = 0
    for other in range(max(0, position - left), min(length, position + right + 1)):
        if other != position and sentence[other] >= 0:
            rows[count] = np.int64(sentence[other]) * stride
            count += 1
    return count


@kernel_part
def _draw_noise(decisions, outputs, stride, noise_words, state):
    """Draw the next target's noise words and ask for their rows early."""
    for k in range(decisions.negatives):
        state = advance(state)
        word = draw_alias(decisions.noise, bits_of(state))
        noise_words[k] = word
        _prefetch_row(outputs, word * stride)
    return state


@kernel_part
def _ask(decisions, target, outputs, scratch):
    """Write the rows asked for a target; return how many, rounded up to even."""
    stride = outputs.shape[1]
    rows = scratch.output_rows
    if decisions.uses_paths:
        start = decisions.path_ends[target]
        count = decisions.path_ends[target + 1] - start
        for n in range(count):
            rows[n] = np.int64(decisions.path_nodes[start + n]) * stride
    else:
        count = 1 + decisions.negatives
        rows[0] = np.int64(target) * stride
        for k in range(decisions.negatives):
            rows[k + 1] = scratch.noise_words[k] * stride
    rows[count] = np.int64(outputs.shape[0] - 1) * stride
    return count + count % 2


@kernel_part
def _subtract_offsets(decisions, scratch, input_count, width):
    """Subtract each drawn row's log(k · q) from its logits (noise-contrastive estimation)."""
    stride = scratch.hidden.shape[0]
    for j in range(1 + decisions.negatives):
        offset = decisions.offsets[scratch.output_rows[j] // stride]
        for i in range(input_count):
            scratch.errors[i * width + j] -= offset


@kernel_part
def _is_asked(decisions, target, scratch, j):
    """Return whether column j is a decision: neither a noise word that is the target itself nor the filling."""
    if decisions.uses_paths:
        return j < decisions.path_ends[target + 1] - decisions.path_ends[target]
    return j == 0 or (j <= decisions.negatives and scratch.noise_words[j - 1] != target)


@kernel_part
def _loss(decisions, target, scratch, input_count, width, tally):
    """Add the tile's summed loss and number of decisions to the tally: −log σ(z) for yes, −log σ(−z) for no."""
    for j in range(width):
        if not _is_asked(decisions, target, scratch, j):
            continue
        yes = decisions.path_turns[decisions.path_ends[target] + j] > 0 if decisions.uses_paths else j == 0
        for i in range(input_count):
            z = np.float64(scratch.errors[i * width + j])
            tally[0] += softplus(-z if yes else z)
        tally[1] += input_count


@kernel_part
def _errors(decisions, target, scratch, input_count, width, rate):
    """Turn logits into errors = (label − σ(logit)) · rate, zero where nothing was asked."""
    errors = scratch.errors
    scaled_logistic(errors, input_count * width, -rate)
    if decisions.uses_paths:
        start = decisions.path_ends[target]
        for j in range(decisions.path_ends[target + 1] - start):
            if decisions.path_turns[start + j] > 0:
                for i in range(input_count):
                    errors[i * width + j] += rate
    else:
        for i in range(input_count):
            errors[i * width] += rate
        for k in range(decisions.negatives):
            # A noise word that is the target itself would be told both yes and no: it is not asked.
            if scratch.noise_words[k] == target:
                for i in range(input_count):
                    errors[i * width + k + 1] = np.float32(0.0)
    # The last column may be filling; its row is zero and must stay so.
    if not _is_asked(decisions, target, scratch, width - 1):
        for i in range(input_count):
            errors[i * width + width - 1] = np.float32(0.0)


@kernel_part
def _learn_errors(decisions, target, scratch, input_count, width, rate, measure, tally):
    """Turn the tile's logits into errors, and where asked add their loss to the tally first."""
    if decisions.has_offsets:
        _subtract_offsets(decisions, scratch, input_count, width)
    if measure:
        _loss(decisions, target, scratch, input_count, width, tally)
    _errors(decisions, target, scratch, input_count, width, rate)


@kernel_part
def _skip_gram_step(weights, decisions, target, input_count, width, rate, scratch, measure, tally):
    """Every context on its own is asked the target's decisions, all of them in one tile."""
    inputs, outputs = weights.inputs, weights.outputs
    rows, asked, errors = scratch.input_rows, scratch.output_rows, scratch.errors
    stride = inputs.shape[1]
    rows[input_count] = np.int64(inputs.shape[0] - 1) * stride
    tile_logits(inputs, rows, input_count, outputs, asked, width, stride, errors)
    _learn_errors(decisions, target, scratch, input_count, width, rate, measure, tally)
    tile_gradients(inputs, rows, input_count, outputs, asked, width, stride, errors, scratch.gradient)


@kernel_part
def _cbow_step(weights, company, decisions, target, input_count, width, rate, scratch, measure, tally):
    """The mean of the contexts is asked once; each context gets its share of the mean's gradient, or all of it."""
    inputs, outputs = weights.inputs, weights.outputs
    rows, asked, errors = scratch.input_rows, scratch.output_rows, scratch.errors
    hidden, gradient = scratch.hidden, scratch.gradient
    stride = inputs.shape[1]
    share = np.float32(1.0) / np.float32(input_count)
    mean_of_rows(inputs, rows, input_count, share, stride, hidden)
    hidden_logits(hidden, outputs, asked, width, stride, errors)
    _learn_errors(decisions, target, scratch, 1, width, rate, measure, tally)
    hidden_gradients(hidden, outputs, asked, width, stride, errors, gradient)
    add_to_rows(inputs, rows, input_count, share if company.divides_gradient else np.float32(1.0), stride, gradient)


@kernel_part
def _prefetch_coming(weights, sentence, length, position, company, decisions):
    """Ask early for the rows that the next centre needs and this one has not touched."""
    stride = weights.inputs.shape[1]
    if position + 1 < length and sentence[position + 1] >= 0 and not decisions.uses_paths:
        _prefetch_row(weights.outputs, np.int64(sentence[position + 1]) * stride)
    coming = position + 1 + company.right
    if coming < length and sentence[coming] >= 0:
        _prefetch_row(weights.inputs, np.int64(sentence[coming]) * stride)


@kernel
def train_block(
    weights, token_ids, sentence_ends, first_sentence, last_sentence, company, decisions,
    first_rate, last_rate, seed, scratch, tally,
):  # fmt: skip
    """Learn from sentences [first_sentence, last_sentence).

    The rate falls linearly over the block. tally: float64 (3,), gets summed loss, decisions measured, centres.
    """
    stride = weights.inputs.shape[1]
    sentence, rows, noise, next_noise = scratch.sentence, scratch.input_rows, scratch.noise_words, scratch.next_noise_words
    begin = sentence_ends[first_sentence - 1] if first_sentence > 0 else np.int64(0)
    block_begin, block_length = begin, max(np.int64(1), sentence_ends[last_sentence - 1] - begin)
    state = _draw_noise(decisions, weights.outputs, stride, noise, np.uint64(seed))
    centres = 0
    for s in range(first_sentence, last_sentence):
        rate = np.float32(first_rate + (last_rate - first_rate) * ((begin - block_begin) / block_length))
        length, state = _subsample(token_ids, begin, sentence_ends[s], company, sentence, state)
        begin = sentence_ends[s]
        for position in range(length):
            target = np.int64(sentence[position])
            if target < 0:
                continue
            state = advance(state)
            count = _find_contexts(sentence, length, position, company, bits_of(state), stride, rows)
            if count == 0:
                continue
            width = _ask(decisions, target, weights.outputs, scratch)
            state = _draw_noise(decisions, weights.outputs, stride, next_noise, state)
            _prefetch_coming(weights, sentence, length, position, company, decisions)
            measure = centres % LOSS_EVERY == 0
            if company.averages:
                _cbow_step(weights, company, decisions, target, count, width, rate, scratch, measure, tally)
            else:
                _skip_gram_step(weights, decisions, target, count, width, rate, scratch, measure, tally)
            for k in range(decisions.negatives):
                noise[k] = next_noise[k]
            centres += 1
    tally[2] += centres
