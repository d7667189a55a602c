"""Analogies: how many questions “a is to b as c is to …?” vector arithmetic answers with the right word.

Source: Mikolov et al. 2013 (arXiv:1301.3781), §4; the methods: Levy & Goldberg 2014 (CoNLL), §3 and §6.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from firth.errors import SettingsError
from firth.evaluation.analogy_files import Question, read_questions
from firth.evaluation.analogy_pairs import Pair, answerable_pairs, pairs_of, right_by_others
from firth.evaluation.known_words import KnownWords
from firth.vectors.analogy import EPSILON, METHODS, PAIR_METHODS, method_named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firth.vectors.store import WordVectors

__all__ = ["AnalogyResult", "AnalogyScore", "Question", "evaluate", "read_questions"]

Questions = Mapping[str, Sequence[Question]]

_MOST_PRODUCTS = 2**25
"""Products of words held at once: 128 MB, those of a thousand words with 30,000."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AnalogyScore:
    """How the questions of one category were answered.

    Args:
        category: its name.
        asked: questions in the category.
        answerable: those of which all four words are known.
        right: those answered with the expected word.
    """

    category: str
    asked: int
    answerable: int
    right: int

    @property
    def accuracy(self) -> float | None:
        """Right answers / answerable questions; None where none is answerable."""
        return self.right / self.answerable if self.answerable else None

    @property
    def coverage(self) -> float | None:
        """Answerable questions / questions asked; None where none was asked."""
        return self.answerable / self.asked if self.asked else None


@dataclass(frozen=True, kw_only=True, slots=True)
class AnalogyResult:
    """The answers to a set of analogy questions; prints as a table.

    Args:
        scores: one per category, in the order of the questions.
        words: int, how many of the most frequent words took part as query words and as answers.
        ignore_case: whether words that differ in case alone were one.
        answers: (category, question or pair), of those answerable → whether it was answered with an expected word.
        method: what answered.
    """

    scores: tuple[AnalogyScore, ...]
    words: int
    ignore_case: bool
    answers: Mapping[tuple[str, Question | Pair], bool] = field(default_factory=dict, repr=False)
    method: str = METHODS[0]

    @property
    def total(self) -> AnalogyScore:
        """All questions together, each counting alike."""
        return AnalogyScore(
            category="total",
            asked=sum(score.asked for score in self.scores),
            answerable=sum(score.answerable for score in self.scores),
            right=sum(score.right for score in self.scores),
        )

    @property
    def accuracy(self) -> float | None:
        """The total's accuracy."""
        return self.total.accuracy

    @property
    def coverage(self) -> float | None:
        """The total's coverage."""
        return self.total.coverage

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain numbers and names, ready for JSON."""
        rows = [
            {
                "category": score.category, "asked": score.asked, "answerable": score.answerable,
                "right": score.right, "accuracy": score.accuracy, "coverage": score.coverage,
            }
            for score in (*self.scores, self.total)
        ]  # fmt: skip
        return {"total": rows[-1], "categories": rows[:-1], "words": self.words, "ignore_case": self.ignore_case,
                "method": self.method}  # fmt: skip

    def __str__(self) -> str:
        rows = [*self.scores, self.total]
        width = max(len("category"), *(len(score.category) for score in rows))
        lines = [f"{'category':<{width}}  accuracy    right  answerable    asked  coverage"]
        lines += [
            f"{score.category:<{width}}  {_percent(score.accuracy)}  {score.right:>7,}  {score.answerable:>10,}"
            f"  {score.asked:>7,}  {_percent(score.coverage)}"
            for score in rows
        ]
        lines.append(
            f"asked by {self.method} of the {self.words:,} most frequent words; "
            + (
                "each pair by what the category's other pairs teach; the word asked about was not taken as answer"
                if self.method in PAIR_METHODS
                else "the query words were not taken as answers"
            )
        )
        return "\n".join(lines)


def _percent(share: float | None) -> str:
    """Return a share as a right-aligned percentage of eight characters."""
    return f"{'—':>8}" if share is None else f"{100 * share:>6.1f} %"


def evaluate(
    wv: WordVectors,
    questions: str | Path | Questions,
    *,
    most_frequent: int | None = 30_000,
    ignore_case: bool = True,
    method: str = METHODS[0],
) -> AnalogyResult:
    """Ask analogy questions: the answer to “a : b = c : ?” is the word x ∉ {a, b, c} with the largest

        3CosAdd        cos(x, b − a + c)
        3CosMul        s(x, b) · s(x, c) / (s(x, a) + ε),  s = (cos + 1) / 2,  ε = 0.001
        PairDirection  cos(x − c, b − a)

    where each word stands for its vector scaled to length 1. By "3CosAvg" and "LRCos" the pairs of which a category's
    questions are made are asked about instead, each once, by what the others teach: `firth.evaluation.analogy_pairs`.

    Only questions of which all four words are among the most frequent are asked; the others lower the coverage, not
    the accuracy.

    Args:
        wv: the vectors.
        questions: a file as `read_questions` reads it, or category → questions (a, b, c, expected).
        most_frequent: int ≥ 1, how many words take part; None for all.
        ignore_case: whether words that differ in case alone are one.
        method: "3CosAdd", "3CosMul", "PairDirection", "3CosAvg" or "LRCos", which needs the extra `sklearn`.

    Raises:
        SourceError, FormatError: the file cannot be read; a vector holds NaN or infinity.
        SettingsError: a question does not consist of four words, or there is no such method.
        MissingExtraError: the library that LRCos needs is not installed.
    """
    method = method_named(method, by_pairs=None)
    asked = read_questions(questions) if isinstance(questions, str | Path) else questions
    for question in itertools.chain(*asked.values()):
        if isinstance(question, str) or len(question) != 4:
            raise SettingsError(f"expected each question to be four words (a, b, c, expected), got {question!r}")
    known = KnownWords(wv, most_frequent=most_frequent, ignore_case=ignore_case)
    unit = known.unit_vectors()
    scores, answers = [], dict[tuple[str, Question | Pair], bool]()
    for category, questions_of_it in asked.items():
        items: Sequence[Question | Pair]
        if method in PAIR_METHODS:
            whole = pairs_of(questions_of_it)
            items = pairs = answerable_pairs(known, whole, method)
            right, number = right_by_others(wv, known, unit, pairs, method), len(whole)
        else:
            items = some = _answerable(known, questions_of_it)
            parts = (_right_answers(known, unit, part, method) for part in _parts(known, some))
            right, number = list(itertools.chain(*parts)), len(questions_of_it)
        answers.update(zip(((category, item) for item in items), right, strict=True))
        scores.append(AnalogyScore(category=category, asked=number, answerable=len(items), right=sum(right)))
    return AnalogyResult(
        scores=tuple(scores), words=len(known), ignore_case=ignore_case, answers=answers, method=method
    )


def _answerable(known: KnownWords, questions: Sequence[Question]) -> list[Question]:
    """Return the questions of which every word is known, of several expected ones at least one."""
    return [
        (a, b, c, expected)
        for a, b, c, expected in questions
        if all(known.rank(word) is not None for word in (a, b, c))
        and any(known.rank(word) is not None for word in _expected(expected))
    ]


def _expected(expected: str | tuple[str, ...]) -> tuple[str, ...]:
    return (expected,) if isinstance(expected, str) else expected


_Floats = npt.NDArray[np.float32]
_ByDirection = Callable[[_Floats, npt.NDArray[np.int64]], _Floats]
"""From the cosines of words c with all words, float32 (n, V), and their ids, int64 (n,), to how well each word answers;
may write over the cosines."""


def _cos_add(to_a: _Floats, to_b: _Floats) -> _ByDirection:
    """Return 3CosAdd for one pair, whose cosines with all words are float32 (V,): ranked as cos(x, b − a + c)."""
    direction = to_b - to_a

    def closeness(to_c: _Floats, ids: npt.NDArray[np.int64]) -> _Floats:  # noqa: ARG001 - of every method
        to_c += direction
        return to_c

    return closeness


def _cos_mul(to_a: _Floats, to_b: _Floats) -> _ByDirection:
    """Return 3CosMul for one pair."""
    ratio = (to_b + np.float32(1)) / ((to_a + np.float32(1)) / np.float32(2) + np.float32(EPSILON))

    def closeness(to_c: _Floats, ids: npt.NDArray[np.int64]) -> _Floats:  # noqa: ARG001 - of every method
        to_c += np.float32(1)
        to_c *= ratio
        return to_c

    return closeness


def _pair_direction(to_a: _Floats, to_b: _Floats) -> _ByDirection:
    """Return PairDirection for one pair; the length of b − a, the same for all words, is left out."""
    direction = to_b - to_a

    def closeness(to_c: _Floats, ids: npt.NDArray[np.int64]) -> _Floats:
        # |x − c|² = 2 − 2 cos(x, c); what is no further from c than float32 can tell has no direction.
        squares = 2 - 2 * to_c
        along = direction - direction[ids][:, np.newaxis]
        along /= np.sqrt(np.maximum(squares, _NO_DIRECTION))
        along[squares <= _NO_DIRECTION] = 0
        return along

    return closeness


_METHODS = {"3CosAdd": _cos_add, "3CosMul": _cos_mul, "PairDirection": _pair_direction}
_NO_DIRECTION = np.float32(1e-6)


def _right_answers(
    known: KnownWords, unit: npt.NDArray[np.float32], questions: Sequence[Question], method: str
) -> list[bool]:
    """Return which questions are answered with an expected word.

    x · (b − a + c) is x·b − x·a + x·c, and a few words stand in thousands of questions: each one's products with all
    words are taken once.

    Args:
        known: the words.
        unit: float32 (V, D), their unit vectors.
        questions: all answerable.
        method: its name.
    """
    ranks = np.array([[known.rank(word) for word in (a, b, c)] for a, b, c, _ in questions], dtype=np.int64)
    asked, places = np.unique(ranks, return_inverse=True)
    products = unit[asked] @ unit.T
    right: list[bool] = []
    # Files ask a : b with many c in turn, which then share a direction.
    for (a, b), group in itertools.groupby(zip(questions, places.reshape(-1, 3), strict=True), lambda one: one[0][:2]):
        with_direction = list(group)
        first = with_direction[0][1]
        by_direction = _METHODS[method](products[first[0]], products[first[1]])
        excluded = [*known.alike(a), *known.alike(b)]
        step = max(1, _MOST_PRODUCTS // len(known))
        for start in range(0, len(with_direction), step):
            some = with_direction[start : start + step]
            asked_words = [place[2] for _, place in some]
            similarity = by_direction(products[asked_words], asked[asked_words])
            similarity[:, excluded] = -np.inf
            for row, ((*_, c, _), _) in zip(similarity, some, strict=True):
                row[known.alike(c)] = -np.inf
            right += (
                any(answer in known.alike(word) for word in _expected(question[3]))
                for answer, (question, _) in zip(similarity.argmax(axis=1).tolist(), some, strict=True)
            )
    return right


def _parts(known: KnownWords, questions: Sequence[Question]) -> Iterator[Sequence[Question]]:
    """Yield the questions in parts of few different words, so that their products with all words fit."""
    most = max(4, _MOST_PRODUCTS // len(known))
    words: set[str] = set()
    start = 0
    for place, (a, b, c, _) in enumerate(questions):
        if len(words) + len({a, b, c} - words) > most:
            yield questions[start:place]
            words, start = set(), place
        words |= {a, b, c}
    if start < len(questions):
        yield questions[start:]
