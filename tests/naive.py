"""Slow, obvious twins of what the kernels do, written from the definitions alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from types import ModuleType

import numpy as np
import numpy.typing as npt

from firth.contexts.window import Window
from firth.objectives import binary_cross_entropy, cbow, skipgram
from firth.objectives.decisions import Asked
from firth.objectives.reproducible import merged

MASK = (1 << 64) - 1


def split_mix(seed: int) -> Iterator[int]:
    """Yield SplitMix64's numbers."""
    state = seed
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        bits = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & MASK
        yield bits ^ (bits >> 31)


def nth_bits(state: int, number: int) -> int:
    """Return SplitMix64's number after so many others."""
    return next(split_mix((state + number * 0x9E3779B97F4A7C15) & MASK))


@dataclass(frozen=True)
class Rows:
    """A table as compressed rows."""

    row_ends: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int32]
    values: npt.NDArray[np.float32]

    @classmethod
    def of(cls, table: npt.NDArray[np.floating]) -> Rows:
        """Return the entries of a square array that are not zero."""
        rows, columns = np.nonzero(table)
        ends = np.searchsorted(rows, np.arange(len(table)), side="right").astype(np.int64)
        return cls(ends, columns.astype(np.int32), table[rows, columns].astype(np.float32))


def uniform(bits: int) -> float:
    """Return a float32 in (0, 1]."""
    return float(np.float32((bits >> 40) + 1) * np.float32(2.0**-24))


def draw_alias(table: npt.NDArray[np.uint32], bits: int) -> int:
    """Return a word drawn from an alias table."""
    column = ((bits >> 32) * len(table)) >> 32
    return column if (bits & 0xFFFFFFFF) < int(table[column, 0]) else int(table[column, 1])


def train_block(
    inputs: npt.NDArray[np.float64],
    outputs: npt.NDArray[np.float64],
    sentences: list[list[int]],
    *,
    window: Window,
    keep: npt.NDArray[np.float32],
    asked: Callable[[int, npt.NDArray[np.int64]], Asked],
    noise_table: npt.NDArray[np.uint32] | None,
    negatives: int,
    architecture: str,
    rates: tuple[float, float],
    seed: int,
    frozen: frozenset[int] = frozenset(),
) -> list[float]:
    """Train in place, one centre after the other; return each centre's loss before its step.

    The input vectors of frozen words stay; they are asked all the same, and the output vectors learn from them.
    """
    bits = split_mix(seed)
    total = sum(map(len, sentences))

    def noise() -> npt.NDArray[np.int64]:
        return np.array([draw_alias(noise_table, next(bits)) for _ in range(negatives)], dtype=np.int64)

    # Drawn two centres ahead, so that the rows can be fetched early.
    coming = [noise(), noise()]
    losses, begin = [], 0
    for sentence in sentences:
        rate = rates[0] + (rates[1] - rates[0]) * begin / max(1, total)
        begin += len(sentence)
        kept: list[int | None] = []
        for word in sentence:
            if uniform(next(bits)) > keep[word]:
                if window.before_subsampling:
                    kept.append(None)
            else:
                kept.append(word)
        for position, target in enumerate(kept):
            if target is None:
                continue
            draw = uniform(next(bits))
            contexts = [kept[p] for p in window.contexts(position, len(kept), draw) if kept[p] is not None]
            if not contexts:
                continue
            question = asked(target, coming.pop(0))
            coming.append(noise())
            losses.append(step(inputs, outputs, contexts, question, architecture, rate, frozen))
    return losses


def train_block_in_rounds(
    inputs: npt.NDArray[np.float64],
    outputs: npt.NDArray[np.float64],
    sentences: list[list[int]],
    *,
    window: Window,
    keep: npt.NDArray[np.float32],
    asked: Callable[[int, npt.NDArray[np.int64]], Asked],
    noise_table: npt.NDArray[np.uint32] | None,
    negatives: int,
    architecture: str,
    rates: tuple[float, float],
    seed: int,
    readers: int,
    length: int,
    damping: float,
    frozen: frozenset[int] = frozenset(),
) -> dict[int, float]:
    """Train in place, every reader of a round with a model of its own; return each centre's loss by its place."""
    places = laid_out(sentences, keep, window, split_mix(nth_bits(seed, 0)))
    count = len(places) - 1
    parts = [(1 + count * reader // readers, 1 + count * (reader + 1) // readers) for reader in range(readers)]
    rounds = -(-max(end - start for start, end in parts) // length)
    losses: dict[int, float] = {}

    def questions(
        places: list[tuple[int, int | None]], stretch: range, bits: Iterator[int], touches: npt.NDArray[np.int64]
    ) -> Iterator[tuple[int, list[int], Asked, list[int]]]:
        """Yield each centre of a stretch, its contexts, what is asked, and the rows that are drawn for it."""
        windows = {place: window_in(places, place, window, uniform(next(bits))) for place in stretch}
        windows = {place: around for place, around in windows.items() if any(word_at(places, p) for p in around)}
        covered = [place for centre, around in windows.items() for place in (centre, *around)]
        for place in range(min(covered, default=0), max(covered, default=-1) + 1):
            if word_at(places, place):
                touches[places[place][1]] += 1
        for centre, around in windows.items():
            noise = [draw_alias(noise_table, next(bits)) for _ in range(negatives)]
            question = asked(places[centre][1], np.array(noise, dtype=np.int64))
            contexts = [places[place][1] for place in around if word_at(places, place)]
            # A noise word that is the target is drawn and touched, but not asked.
            yield centre, contexts, question, question.rows if noise_table is None else [places[centre][1], *noise]

    for number in range(rounds):
        rate = rates[0] + (rates[1] - rates[0]) * number / rounds
        models, touched = [], []
        for reader, (start, end) in enumerate(parts):
            stretch = range(min(end, start + number * length), min(end, start + (number + 1) * length))
            bits = split_mix(nth_bits(nth_bits(seed, 1), number * readers + reader))
            own, counts = (inputs.copy(), outputs.copy()), (np.zeros(len(inputs), int), np.zeros(len(outputs), int))
            for centre, contexts, question, asked_rows in questions(places, stretch, bits, counts[0]):
                np.add.at(counts[1], asked_rows, 1)
                losses[centre] = step(*own, contexts, question, architecture, rate, frozen)
            models.append(own)
            touched.append(counts)
        for which, matrix in enumerate((inputs, outputs)):
            copies = np.array([model[which] for model in models])
            merge_all(matrix, copies, np.array([counts[which] for counts in touched]), damping)
    return losses


def merge_all(
    matrix: npt.NDArray[np.float64], copies: npt.NDArray[np.float64], touches: npt.NDArray[np.int64], damping: float
) -> None:
    """Merge every row's copies, (readers, rows, D), those of readers that touched it."""
    for row in range(len(matrix)):
        some = np.flatnonzero(touches[:, row])
        if len(some) == 1:
            matrix[row] = copies[some[0], row]
        elif len(some):
            matrix[row] = merged(matrix[row], copies[some, row], touches[some, row], damping)


def laid_out(
    sentences: list[list[int]], keep: npt.NDArray[np.float32], window: Window, bits: Iterator[int]
) -> list[tuple[int, int | None]]:
    """Return each place's sentence and word; None for the gap before and after a sentence and for a word left out."""
    places: list[tuple[int, int | None]] = [(-1, None)]
    for number, sentence in enumerate(sentences):
        for word in sentence:
            if uniform(next(bits)) <= keep[word]:
                places.append((number, word))
            elif window.before_subsampling:
                places.append((number, None))
        places.append((-1, None))
    return places


def word_at(places: list[tuple[int, int | None]], place: int) -> bool:
    """Return whether a word stands at a place."""
    return places[place][1] is not None


def window_in(places: list[tuple[int, int | None]], place: int, window: Window, draw: float) -> list[int]:
    """Return the places around a centre; none around what is no word."""
    sentence = [other for other in range(len(places)) if places[other][0] == places[place][0]]
    if not word_at(places, place):
        return []
    return [sentence[other] for other in window.contexts(sentence.index(place), len(sentence), draw)]


def step(
    inputs: npt.NDArray[np.float64],
    outputs: npt.NDArray[np.float64],
    contexts: list[int],
    question: Asked,
    architecture: str,
    rate: float,
    frozen: frozenset[int] = frozenset(),
) -> float:
    """Learn from one centre, in place; return its loss before."""
    vectors, rows = inputs[contexts], outputs[question.rows]
    if architecture == "skip-gram":
        loss = skipgram.loss(vectors, rows, question)
        inner, outer = skipgram.gradients(vectors, rows, question)
    else:
        loss = cbow.loss(vectors, rows, question)
        inner, outer = cbow.gradients(vectors, rows, question, gradient=architecture)
    inner[[context in frozen for context in contexts]] = 0
    np.subtract.at(inputs, contexts, rate * inner)
    np.subtract.at(outputs, question.rows, rate * outer)
    return loss


def company(
    sentences: list[list[int]], *, window: Window, keep: npt.NDArray[np.float32], seed: int
) -> list[tuple[int | None, list[int]]]:
    """Return every place's word, None where it left a gap, and its contexts."""
    bits, found = split_mix(seed), []
    for sentence in sentences:
        kept: list[int | None] = []
        for word in sentence:
            if uniform(next(bits)) <= keep[word]:
                kept.append(word)
            elif window.before_subsampling:
                kept.append(None)
        for position, centre in enumerate(kept):
            around = [] if centre is None else window.contexts(position, len(kept), uniform(next(bits)))
            found.append((centre, [kept[other] for other in around if kept[other] is not None]))
    return found


def whole_vocabulary_block(
    inputs: npt.NDArray[np.float64],
    outputs: npt.NDArray[np.float64],
    places: list[tuple[int | None, list[int]]],
    *,
    definition: ModuleType,
    biases: npt.NDArray[np.float64],
    architecture: str,
    batch: int,
    rates: tuple[float, float],
) -> list[float]:
    """Train in place, one question after the other put into the batch's gradients; return each question's loss."""
    input_squares, output_squares = np.zeros_like(inputs), np.zeros_like(outputs)
    losses = []
    for start in range(0, len(places), batch):
        rate = rates[0] + (rates[1] - rates[0]) * start / len(places)
        inner, outer = np.zeros_like(inputs), np.zeros_like(outputs)
        for centre, contexts in places[start : start + batch]:
            if not contexts:
                continue
            asked, targets = ([centre], contexts) if architecture == "skip-gram" else (contexts, [centre])
            hidden = inputs[asked].mean(axis=0, keepdims=True)
            counts = np.bincount(targets, minlength=len(outputs)).astype(np.float64)[None]
            if definition is binary_cross_entropy:
                question = hidden, outputs, np.minimum(counts, 1), biases
            else:
                question = hidden, outputs, counts
            losses.append(definition.loss(*question))
            gradient, gradient_of_outputs = definition.gradients(*question)
            share = 1 if architecture == "historical" else len(asked)
            np.add.at(inner, asked, gradient / share)
            outer += gradient_of_outputs
        for matrix, squares, gradient in ((inputs, input_squares, inner), (outputs, output_squares, outer)):
            squares[:] += gradient**2
            matrix[:] -= rate * gradient / np.sqrt(squares + 1e-12)
    return losses


def contexts_of(sentence: list[str], position: int, left: int, right: int) -> list[str]:
    """Return the words around a position, by looking at each."""
    return [
        word
        for other, word in enumerate(sentence)
        if other != position and position - left <= other <= position + right
    ]


def cooccurrences(
    sentences: list[list[int]], left: int, right: int, weigh: Callable[[int, int], Fraction]
) -> dict[tuple[int, int], Fraction]:
    """Return X[i, j], by looking at all pairs of places; `weigh` is given a distance and a side's reach."""
    counts: dict[tuple[int, int], Fraction] = defaultdict(Fraction)
    for sentence in sentences:
        for centre, word in enumerate(sentence):
            for place, context in enumerate(sentence):
                reach = left if place < centre else right
                if place != centre and abs(place - centre) <= reach:
                    counts[word, context] += weigh(abs(place - centre), reach)
    return counts


def optimal_code_length(counts: list[int]) -> int:
    """Return the least Σ count · length of a prefix-free binary code: the sum of all merges, cheapest first."""
    weights, cost = sorted(counts), 0
    while len(weights) > 1:
        merged = weights[0] + weights[1]
        weights = sorted([*weights[2:], merged])
        cost += merged
    return cost
