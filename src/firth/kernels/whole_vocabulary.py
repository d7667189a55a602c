"""What surrounds the matrix products of the losses over the whole vocabulary: grouping, errors, AdaGrad's step.

firth.objectives.whole_vocabulary says how the parts follow one another; `Batch` is their working memory.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from firth.kernels.jit import kernel, kernel_part

__all__ = ["Batch", "adagrad", "gather", "logistic_errors", "mean_of_members", "softmax_errors", "spread_to_members"]


class Batch(NamedTuple):
    """Some centres' questions. A row is one input, asked once about the whole vocabulary.

    slots: int32 (V,), where a word stands among those touched; −1 between batches.
    seen: int64 (V,), the last place whose company a word was found in; −1 between blocks.
    touched: int32, the words whose input vectors take part, each once.
    members: int32, slots of a window's words, row after row; member_ends: int64, exclusive (CBOW only).
    asked_rows, asked_words: int32, (row, target) of each pair.
    weights: float32, for each row how often the vocabulary was met: its pairs, or its sets of targets.
    """

    slots: npt.NDArray[np.int32]
    seen: npt.NDArray[np.int64]
    touched: npt.NDArray[np.int32]
    members: npt.NDArray[np.int32]
    member_ends: npt.NDArray[np.int64]
    asked_rows: npt.NDArray[np.int32]
    asked_words: npt.NDArray[np.int32]
    weights: npt.NDArray[np.float32]


@kernel_part
def _slot_of(batch, word, touched):
    """Return a word's slot, a new one where it has none, and how many there are then."""
    slot = batch.slots[word]
    if slot < 0:
        slot = np.int32(touched)
        batch.slots[word] = slot
        batch.touched[touched] = word
        touched += 1
    return slot, touched


@kernel_part
def _ask_centre(places, firsts, ends, place, as_sets, batch, sizes):
    """Ask a centre, one row wherever it stands, for the words of its company; return how many were asked."""
    first_pair, pairs, row = sizes[2], sizes[2], np.int32(0)
    for other in range(firsts[place], ends[place]):
        word = places[other]
        if other == place or word < 0 or (as_sets and batch.seen[word] == place):
            continue
        if pairs == first_pair:
            row, sizes[1] = _slot_of(batch, places[place], sizes[1])
            if sizes[1] > sizes[0]:
                batch.weights[row] = np.float32(0.0)
                sizes[0] = sizes[1]
        batch.seen[word] = place
        batch.asked_rows[pairs], batch.asked_words[pairs] = row, word
        pairs += 1
    sizes[2] = pairs
    return row, pairs - first_pair


@kernel_part
def _ask_window(places, firsts, ends, place, batch, sizes):
    """Ask the mean of a window, a row of its own, for its centre; return how many words were asked, one or none."""
    row, first = np.int32(sizes[0]), (batch.member_ends[sizes[0] - 1] if sizes[0] > 0 else np.int64(0))
    members = first
    for other in range(firsts[place], ends[place]):
        if other != place and places[other] >= 0:
            batch.members[members], sizes[1] = _slot_of(batch, places[other], sizes[1])
            members += 1
    if members == first:
        return row, np.int64(0)
    batch.member_ends[row], batch.weights[row] = members, np.float32(0.0)
    batch.asked_rows[sizes[2]], batch.asked_words[sizes[2]] = row, places[place]
    sizes[0] += 1
    sizes[2] += 1
    return row, np.int64(1)


@kernel
def gather(places, firsts, ends, start, stop, averages, as_sets, batch, sizes):
    """Fill a batch from places [start, stop): skip-gram's rows are distinct centres, CBOW's are windows.

    averages: whether a window's mean is asked for its centre (CBOW), else a centre for its company.
    as_sets: whether a company counts as a set of words, met once, else each of its words is a pair of its own.
    sizes: int64 (4,), gets rows, words touched, pairs, and how often the vocabulary was met.
    """
    for n in range(4):
        sizes[n] = 0
    for place in range(start, stop):
        if places[place] < 0:
            continue
        if averages:
            row, asked = _ask_window(places, firsts, ends, place, batch, sizes)
        else:
            row, asked = _ask_centre(places, firsts, ends, place, as_sets, batch, sizes)
        if asked > 0:
            met = np.int64(1) if as_sets else asked
            batch.weights[row] += np.float32(met)
            sizes[3] += met


@kernel
def mean_of_members(vectors, members, member_ends, rows, means):
    """Write each row's mean. vectors: float32 (slots, D); means: float32 (rows, D)."""
    first = np.int64(0)
    for row in range(rows):
        end = member_ends[row]
        share = np.float32(1.0) / np.float32(end - first)
        for d in range(means.shape[1]):
            means[row, d] = np.float32(0.0)
        for m in range(first, end):
            slot = members[m]
            for d in range(means.shape[1]):
                means[row, d] += share * vectors[slot, d]
        first = end


@kernel
def spread_to_members(gradients, members, member_ends, rows, divides, vectors):
    """Add each row's gradient to its members: its share of it, or all of it. vectors: float32 (slots, D)."""
    first = np.int64(0)
    for row in range(rows):
        end = member_ends[row]
        share = np.float32(1.0) / np.float32(end - first) if divides else np.float32(1.0)
        for m in range(first, end):
            slot = members[m]
            for d in range(gradients.shape[1]):
                vectors[slot, d] += share * gradients[row, d]
        first = end


@kernel_part
def _exponential(x):
    """Return eˣ of a float32 ≤ 0, within 2e-7 of itself; below −87 it is e⁻⁸⁷.

    eˣ = 2ᵏ · 2ᶠ with k whole and |f| ≤ ½; 2ᶠ by its series, 2ᵏ written as a float's exponent. Unlike np.exp, this
    becomes vector instructions.
    """
    y = max(x, np.float32(-87.0)) * np.float32(1.4426950408889634)
    k = np.floor(y + np.float32(0.5))
    g = (y - k) * np.float32(0.6931471805599453)
    series = np.float32(1 / 24) + g * (np.float32(1 / 120) + g * (np.float32(1 / 720) + g * np.float32(1 / 5040)))
    series = np.float32(1.0) + g * (np.float32(1.0) + g * (np.float32(0.5) + g * (np.float32(1 / 6) + g * series)))
    exponent = np.int32((np.int32(k) + np.int32(127)) * np.int32(1 << 23))
    return series * exponent.view(np.float32)


@kernel_part
def _log_1_plus(e):
    """Return log(1 + e) of a float32 in [0, 1], within 2e-7 of itself: 2 · artanh(e / (2 + e)) by its series."""
    t = e / (np.float32(2.0) + e)
    y = t * t
    series = np.float32(1 / 7) + y * (np.float32(1 / 9) + y * (np.float32(1 / 11) + y * np.float32(1 / 13)))
    series = np.float32(1.0) + y * (np.float32(1 / 3) + y * (np.float32(1 / 5) + y * series))
    return np.float32(2.0) * t * series


@kernel
def softmax_errors(logits, first_row, rows, batch, pairs):
    """Replace logits by n · p − (count of each target), the loss's gradient; return the summed loss, −log p.

    p is the row's softmax, n its weight. logits: float32 (rows, V), of the batch's rows from `first_row` on.
    """
    loss, size = 0.0, logits.shape[1]
    for pair in range(pairs):
        row = batch.asked_rows[pair] - first_row
        if 0 <= row < rows:
            loss -= np.float64(logits[row, batch.asked_words[pair]])
    for row in range(rows):
        highest, weight = logits[row, 0], batch.weights[first_row + row]
        for w in range(size):
            highest = max(highest, logits[row, w])
        total = np.float32(0.0)
        for w in range(size):
            e = _exponential(logits[row, w] - highest)
            logits[row, w] = e
            total += e
        loss += np.float64(weight) * (np.float64(highest) + np.log(np.float64(total)))
        scale = weight / total
        for w in range(size):
            logits[row, w] *= scale
    for pair in range(pairs):
        row = batch.asked_rows[pair] - first_row
        if 0 <= row < rows:
            logits[row, batch.asked_words[pair]] -= np.float32(1.0)
    return loss


@kernel
def logistic_errors(logits, biases, first_row, rows, batch, pairs):
    """Replace products by n · σ(z) − (count of each target), the loss's gradient; return the summed loss.

    z is the product and its word's bias, float32 (V,). The loss is Σ −log σ(z) of targets and −log σ(−z) of all others,
    n times over; the products are as the logits of `softmax_errors`.
    """
    loss, size = 0.0, logits.shape[1]
    for pair in range(pairs):
        row = batch.asked_rows[pair] - first_row
        if 0 <= row < rows:
            word = batch.asked_words[pair]
            loss -= np.float64(logits[row, word] + biases[word])
    for row in range(rows):
        weight, total = batch.weights[first_row + row], np.float32(0.0)
        for w in range(size):
            z = logits[row, w] + biases[w]
            e = _exponential(-abs(z))
            total += max(z, np.float32(0.0)) + _log_1_plus(e)
            logits[row, w] = weight * (np.float32(1.0) if z > 0 else e) / (np.float32(1.0) + e)
        loss += np.float64(weight) * np.float64(total)
    for pair in range(pairs):
        row = batch.asked_rows[pair] - first_row
        if 0 <= row < rows:
            logits[row, batch.asked_words[pair]] -= np.float32(1.0)
    return loss


@kernel
def adagrad(weights, squares, words, count, gradients, rate):
    """Take AdaGrad's step on the rows `words[:count]` of a matrix, or on all of them where `count` is negative.

        s += g²,  w −= rate · g / √s

    weights, squares: float32 (V, D); words: int32; gradients: float32 (count, D), or (V, D).
    """
    for n in range(weights.shape[0] if count < 0 else count):
        row = np.int64(n) if count < 0 else np.int64(words[n])
        for d in range(weights.shape[1]):
            g = gradients[n, d]
            s = squares[row, d] + g * g
            squares[row, d] = s
            weights[row, d] -= rate * g / np.sqrt(s + np.float32(1e-12))
