"""Subsampling and windows: from sentences of word ids to each word's company."""

import numpy as np

from firth.kernels.jit import kernel, kernel_part
from firth.kernels.random import advance, bits_of, nth_bits, uniform

__all__ = ["DROPPED", "is_held_out", "lay_windows", "reach", "subsample"]

DROPPED = -1
"""What stands in a sentence for a word that subsampling left out, where windows are laid before it."""


@kernel_part
def is_held_out(held_out, sentence):
    """Return whether a sentence is not learned from."""
    return nth_bits(held_out.key, sentence) < held_out.below


@kernel_part
def subsample(token_ids, start, end, company, sentence, place, state):
    """Copy a sentence's kept words to `place` on; return how many places it has now and the generator's state."""
    length = np.int64(0)
    places_left = np.int64(1) if company.before_subsampling else np.int64(0)
    # No branch: which words are kept is as good as random, and a wrong guess costs more than a number drawn in vain.
    for t in range(start, end):
        word = token_ids[t]
        state = advance(state)
        kept = uniform(bits_of(state)) <= company.keep_probability[word]
        sentence[place + length] = word if kept else np.int32(DROPPED)
        length += np.int64(1) if kept else places_left
    return length, state


@kernel_part
def reach(company, bits):
    """Return how many places to the left and right a centre sees, by 64 random bits where its window is soft."""
    left, right = company.left, company.right
    if company.soft:
        draw = uniform(bits)
        left, right = np.int64(np.ceil(draw * np.float32(left))), np.int64(np.ceil(draw * np.float32(right)))
    return left, right


@kernel
def lay_windows(
    token_ids, sentence_ends, first_sentence, last_sentence, held_out, company, seed, places, firsts, ends
):  # fmt: skip
    """Write the words of sentences [first_sentence, last_sentence) and each one's window.

    Returns how many places there are, and how many words lie in sentences that are held out, which have none. Random
    numbers are taken in the order of `firth.kernels.training.train_block`. places: int32, a place more than words, word
    ids or DROPPED; firsts, ends: int64, the window's first place and the one after its last, the centre's own among
    them.
    """
    begin = sentence_ends[first_sentence - 1] if first_sentence > 0 else np.int64(0)
    state = np.uint64(seed)
    start, left_out = np.int64(0), np.int64(0)
    for s in range(first_sentence, last_sentence):
        if is_held_out(held_out, s):
            left_out += sentence_ends[s] - begin
            begin = sentence_ends[s]
            continue
        length, state = subsample(token_ids, begin, sentence_ends[s], company, places, start, state)
        begin = sentence_ends[s]
        for place in range(start, start + length):
            firsts[place] = ends[place] = place
            if places[place] >= 0:
                state = advance(state)
                left, right = reach(company, bits_of(state))
                firsts[place] = max(start, place - left)
                ends[place] = min(start + length, place + right + 1)
        start += length
    return start, left_out
