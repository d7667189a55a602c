"""The loss of sentences that were not learned from: the training kernel's questions in float64, nothing changed."""

from __future__ import annotations

import numpy as np

from firth.kernels.jit import kernel, kernel_part
from firth.kernels.logistic import softplus
from firth.kernels.random import advance, bits_of, nth_bits
from firth.kernels.training import draw_noise, find_contexts, follow_path
from firth.kernels.windows import subsample

__all__ = ["held_out_loss", "held_out_windows"]


@kernel_part
def _product(inputs, row, outputs, asked):
    total = np.float64(0.0)
    for d in range(inputs.shape[1]):
        total += np.float64(inputs[row, d]) * np.float64(outputs[asked, d])
    return total


@kernel_part
def _answer(weights, decisions, scratch, stride, j, first, last):
    """Return the mean logit that asked row j has for inputs [first, last), less the row's offset."""
    row = scratch.asked_rows[j] // stride
    total = np.float64(0.0)
    for i in range(first, last):
        total += _product(weights.inputs, scratch.input_rows[i] // stride, weights.outputs, row)
    total /= last - first
    return total - np.float64(decisions.offsets[row]) if decisions.has_offsets else total


@kernel_part
def _centre_loss(weights, company, decisions, scratch, stride, count, width, tally):
    """Add what a centre's decisions come to: asked of the contexts' mean (CBOW), or of each context."""
    asked, labels = scratch.asked_rows, scratch.labels
    step = count if company.averages else 1
    for j in range(width):
        # A noise word that is the target itself is not asked, as in training.
        if not decisions.uses_paths and j > 0 and asked[j] == asked[0]:
            continue
        says_yes = labels[j] > 0 if decisions.uses_paths else j == 0
        for i in range(0, count, step):
            z = _answer(weights, decisions, scratch, stride, j, i, i + step)
            tally[0] += softplus(-z if says_yes else z)
            tally[1] += 1
    tally[2] += 1
    tally[3] += count // step


@kernel
def held_out_loss(weights, token_ids, sentence_ends, sentences, company, decisions, key, scratch, tally):
    """Ask what the training kernel asks, of some sentences, and learn nothing.

    sentences: int64, their numbers. key: uint64; a sentence's stream of random numbers depends on it and on the
    sentence's number alone, so the questions are the same each time, whoever asks them in whatever order. tally:
    float64 (4,), gets summed loss, decisions, centres with company, inputs that were asked.
    """
    stride = weights.inputs.shape[1]
    for place in range(len(sentences)):
        s = sentences[place]
        begin = sentence_ends[s - 1] if s > 0 else np.int64(0)
        state = nth_bits(key, s)
        length, state = subsample(token_ids, begin, sentence_ends[s], company, scratch.sentence, np.int64(0), state)
        for position in range(length):
            target = np.int64(scratch.sentence[position])
            if target < 0:
                continue
            state = advance(state)
            count = find_contexts(
                scratch.sentence, length, position, company, bits_of(state), stride, scratch.input_rows
            )
            if count == 0:
                continue
            if decisions.uses_paths:
                follow_path(decisions, target, weights.outputs, scratch.asked_rows, scratch.labels)
                width = decisions.path_ends[target + 1] - decisions.path_ends[target]
            else:
                scratch.asked_rows[0] = target * stride
                state = draw_noise(decisions, weights.outputs, stride, scratch.asked_rows, 0, state)
                width = np.int64(1 + decisions.negatives)
            _centre_loss(weights, company, decisions, scratch, stride, count, width, tally)


@kernel
def held_out_windows(token_ids, sentence_ends, sentences, company, skipped, key, scratch, windows):
    """Write down the first windows of which `held_out_loss` asks; return how many.

    skipped: how many numbers are drawn for a centre's noise. windows: `Windows`; the next centre's company would not
    fit, where there are fewer than its arrays could hold.
    """
    centres, end = np.int64(0), np.int64(0)
    for place in range(len(sentences)):
        s = sentences[place]
        begin = sentence_ends[s - 1] if s > 0 else np.int64(0)
        state = nth_bits(key, s)
        length, state = subsample(token_ids, begin, sentence_ends[s], company, scratch.sentence, np.int64(0), state)
        for position in range(length):
            target = np.int64(scratch.sentence[position])
            if target < 0:
                continue
            state = advance(state)
            count = find_contexts(scratch.sentence, length, position, company, bits_of(state), 1, scratch.input_rows)
            if count == 0:
                continue
            if centres == len(windows.targets) or end + count > len(windows.contexts):
                return centres
            for _ in range(skipped):
                state = advance(state)
            windows.targets[centres] = target
            for i in range(count):
                windows.contexts[end + i] = scratch.input_rows[i]
            end += count
            windows.ends[centres] = end
            centres += 1
    return centres
