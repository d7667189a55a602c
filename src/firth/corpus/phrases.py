"""Phrases: which words stand together so often that they are one, and how a text is written with them joined.

`PhraseModel.parts` is the readable definition of joining; `firth.kernels.bigrams` does the same on a whole corpus, and
a property test holds the two together. `firth.corpus.phrase_learning` learns a model from a text.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from firth.errors import FormatError, SettingsError
from firth.storage import written_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Set

    import numpy.typing as npt

    from firth.corpus.encoded import EncodedCorpus

__all__ = [
    "ENGLISH_CONNECTORS",
    "LONGEST_RUN",
    "Phrase",
    "PhraseModel",
    "Phrases",
    "joined_phrases",
    "npmi",
    "phrases_from",
    "word2phrase",
]

IN_CORPUS = "phrases.json"
"""The file in an encoded corpus that tells which phrases were joined in it."""

ENGLISH_CONNECTORS = frozenset(
    {"a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with", "without"}
)
"""What often stands inside an English name, and never is the name."""

LONGEST_RUN = 3
"""So many connectors may stand between two words of a phrase (as in `firth.kernels.bigrams`)."""

_FORMAT, _VERSION = "firth phrases", 1


def word2phrase(
    pairs: npt.NDArray[np.int64],
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    words: int,
    discount: float,
) -> npt.NDArray[np.float64]:
    """Return how much more often pairs come than their words would meet by chance.

    score = (count(ab) − δ) / (count(a) · count(b)) · words

    Args:
        pairs: int64, count(ab).
        left: int64, count(a) ≥ count(ab).
        right: int64, count(b) ≥ count(ab).
        words: in the corpus.
        discount: δ ≥ 0, keeps pairs of rare words from scoring high by accident.

    Source: Mikolov et al. 2013, arXiv:1310.4546, equation 6; the factor `words` as in word2phrase.c.
    """
    scores: npt.NDArray[np.float64] = (pairs - discount) / left / right * words
    return scores


def npmi(
    pairs: npt.NDArray[np.int64], left: npt.NDArray[np.int64], right: npt.NDArray[np.int64], words: int
) -> npt.NDArray[np.float64]:
    """Return pairs' normalised pointwise mutual information: −1 never together, 0 by chance, 1 never apart.

    npmi = ln(p(ab) / (p(a) · p(b))) / −ln p(ab) = (ln p(a) + ln p(b)) / ln p(ab) − 1,   p(x) = count(x) / words

    All counts are of one and the same text, in which each occurrence of a pair has an occurrence of each word to
    itself; so p(ab) ≤ p(a), p(b) ≤ 1, from which −1 ≤ npmi ≤ 1 follows, and in the second form of the fraction
    rounding cannot break it.

    Args:
        pairs: int64, count(ab), 0 < count(ab) < words.
        left: int64, count(a) ≥ count(ab).
        right: int64, count(b) ≥ count(ab).
        words: in the corpus.

    Source: Bouma 2009, "Normalized (pointwise) mutual information in collocation extraction", GSCL.
    """
    scores: npt.NDArray[np.float64] = (np.log(left / words) + np.log(right / words)) / np.log(pairs / words) - 1
    return scores


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


@dataclass(frozen=True, kw_only=True)
class Phrases:
    """How phrases are found.

    The first pass joins pairs of words, and each later one pairs of what the one before has made: two passes find
    phrases of up to four words (*new york times*), three of up to eight.

    Args:
        passes: int from 1 to 10.
        score: "word2phrase" or "npmi": see the functions of these names.
        threshold: a pair that scores higher is joined. One number is for the first pass, and falls from pass to pass:
            word2phrase's by half, npmi's by 0.1 (and stays above −1); several numbers are one for each pass and must
            not rise. None is 200 for word2phrase, 0.6 for npmi.
        discount: δ ≥ 0 of word2phrase's score.
        min_count: int ≥ 1; rarer words and rarer pairs are no parts of phrases. Rarer words stay where they are
            and keep the words around them apart.
        connectors: words that may stand inside a phrase but not at its edge, up to three together, and do not count
            in its score: a set, or "english" for `ENGLISH_CONNECTORS`.
        max_pairs: int ≥ 1000; when so many different pairs are known, the rarest are forgotten, and it is said.
    """

    passes: int = 2
    score: Literal["word2phrase", "npmi"] = "word2phrase"
    threshold: float | tuple[float, ...] | None = None
    discount: float = 5.0
    min_count: int = 5
    connectors: Set[str] | str = frozenset()
    max_pairs: int = 20_000_000

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        for name, least, most in (("passes", 1, 10), ("min_count", 1, 2**62), ("max_pairs", 1000, 2**40)):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
                upto = f"from {least} to {most}" if name == "passes" else f"of {least:,} or more"
                raise SettingsError(f"expected {name} of phrases to be a whole number {upto}, got {value!r}")
        if self.score not in {"word2phrase", "npmi"}:
            raise SettingsError(f'expected "word2phrase" or "npmi" as the score of phrases, got {self.score!r}')
        if not _is_number(self.discount) or self.discount < 0:
            raise SettingsError(f"expected a discount of 0 or more, got {self.discount!r}")
        object.__setattr__(self, "connectors", _connectors(self.connectors))
        if isinstance(self.threshold, list):
            object.__setattr__(self, "threshold", tuple(self.threshold))
        self._check_thresholds()

    def _check_thresholds(self) -> None:
        given = self.threshold
        several = given if isinstance(given, tuple) else () if given is None else (given,)
        lowest, highest = (0.0, math.inf) if self.score == "word2phrase" else (-1.0, 1.0)
        for number in several:
            if not _is_number(number) or not lowest <= number < highest:
                wanted = "of 0 or more" if self.score == "word2phrase" else "from −1 to below 1 (npmi is never above 1)"
                raise SettingsError(f"expected thresholds {wanted}, got {number!r}")
        if not isinstance(given, tuple):
            return
        if len(given) != self.passes:
            raise SettingsError(
                f"expected one threshold, or one for each of {self.passes} passes, got {len(given)} thresholds"
            )
        for before, after in pairwise(given):
            if after > before:
                raise SettingsError(
                    f"expected thresholds that fall or stay from pass to pass, but {before:g} rises to {after:g}: a "
                    "phrase of three words comes less often than the two that it is made of"
                )

    @property
    def thresholds(self) -> tuple[float, ...]:
        """One threshold for each pass."""
        if isinstance(self.threshold, tuple):
            return self.threshold
        if self.score == "word2phrase":
            first = 200.0 if self.threshold is None else self.threshold
            return tuple(first * 0.5**number for number in range(self.passes))
        first = 0.6 if self.threshold is None else self.threshold
        return tuple(max(-1.0, round(first - 0.1 * number, 9)) for number in range(self.passes))

    def scores(
        self,
        pairs: npt.NDArray[np.int64],
        left: npt.NDArray[np.int64],
        right: npt.NDArray[np.int64],
        words: int,
    ) -> npt.NDArray[np.float64]:
        """Return the scores of pairs; the arguments are those of `word2phrase`."""
        if self.score == "npmi":
            return npmi(pairs, left, right, words)
        return word2phrase(pairs, left, right, words, self.discount)


def phrases_from(given: int | Phrases | PhraseModel | str | os.PathLike[str] | None) -> Phrases | PhraseModel | None:
    """Return what `phrases=` of a training means: how phrases are found, or those that were found before.

    Args:
        given: the number of passes, `Phrases()`, a model or its file; None joins nothing.

    Raises:
        SettingsError: it is none of these.
        FormatError: the file is missing, broken, or no file of phrases.
    """
    if given is None or isinstance(given, Phrases | PhraseModel):
        return given
    if isinstance(given, str | os.PathLike):
        return PhraseModel.load(given)
    if not isinstance(given, int) or isinstance(given, bool):
        raise SettingsError(
            f"expected phrases as a number of passes, as Phrases(), or as a model of phrases or its file, got {given!r}"
        )
    return Phrases(passes=given)


def joined_phrases(corpus: EncodedCorpus) -> PhraseModel | None:
    """Return the phrases that were joined in an encoded text, or None where there are none."""
    path = corpus.path / IN_CORPUS
    return PhraseModel.load(path) if path.exists() else None


def _connectors(given: Set[str] | str) -> frozenset[str]:
    if isinstance(given, str):
        if given != "english":
            raise SettingsError(f'expected connectors as a set of words, or "english", got {given!r}')
        return ENGLISH_CONNECTORS
    try:
        words = frozenset(given)
    except TypeError:
        raise SettingsError(f'expected connectors as a set of words, or "english", got {given!r}') from None
    for word in words:
        if not isinstance(word, str) or not word:
            raise SettingsError(f"expected connectors as words, got {word!r}")
    return words


@dataclass(frozen=True, kw_only=True, slots=True)
class Phrase:
    """A pair that is joined: two parts, each a word or an earlier phrase.

    Args:
        left: the first part's words.
        between: the connectors.
        right: the second part's words.
        count: how often the pair came when it was scored, ≥ 1.
        score: what it scored.
        in_pass: the pass that found it, from 1.
    """

    left: tuple[str, ...]
    between: tuple[str, ...]
    right: tuple[str, ...]
    count: int
    score: float
    in_pass: int

    @property
    def words(self) -> tuple[str, ...]:
        """All its words in order."""
        return (*self.left, *self.between, *self.right)

    def __str__(self) -> str:
        return "_".join(self.words)


class PhraseModel:
    """The phrases of a text, which can be joined in any other.

    Args:
        phrases: what was found, in any order.
        connectors: words that may stand inside phrases.
        record: how it was learned; what JSON can hold.
    """

    def __init__(
        self, phrases: Iterable[Phrase], *, connectors: Set[str] = frozenset(), record: dict[str, Any] | None = None
    ) -> None:
        self.phrases: tuple[Phrase, ...] = tuple(
            sorted(phrases, key=lambda phrase: (-phrase.score, -phrase.count, phrase.words, phrase.in_pass))
        )
        """The highest score first."""
        self.connectors: frozenset[str] = frozenset(connectors)
        self.record: dict[str, Any] = {} if record is None else record

    def __len__(self) -> int:
        return len(self.phrases)

    def __repr__(self) -> str:
        return f"<PhraseModel of {len(self):,} phrases>"

    def ranked(self, by: Literal["score", "count"]) -> tuple[Phrase, ...]:
        """Return the phrases in another order: the highest score first, or the most frequent.

        Scores put rare names first, which come nowhere else; counts put first what the text is full of.
        """
        if by not in {"score", "count"}:
            raise SettingsError(f'expected phrases by "score" or by "count", got {by!r}')
        # Sorting keeps the order of the scores where counts are the same.
        return self.phrases if by == "score" else tuple(sorted(self.phrases, key=lambda phrase: -phrase.count))

    def described(self) -> dict[str, Any]:
        """Return how many phrases there are and their fingerprint, as JSON can hold it."""
        pairs = [sorted(pairs) for pairs in self.passes]
        text = json.dumps([sorted(self.connectors), pairs])
        fingerprint = hashlib.sha256(text.encode()).hexdigest()[:16]
        return {"kind": "PhraseModel", "phrases": len(self), "fingerprint": fingerprint}

    @cached_property
    def passes(self) -> list[set[tuple[tuple[str, ...], ...]]]:
        """What each pass joins: (left, between, right). No connector stands at the edge of a phrase."""
        last = max((phrase.in_pass for phrase in self.phrases), default=0)
        passes: list[set[tuple[tuple[str, ...], ...]]] = [set() for _ in range(last)]
        for phrase in self.phrases:
            if not self._connects(phrase.left) and not self._connects(phrase.right):
                passes[phrase.in_pass - 1].add((phrase.left, phrase.between, phrase.right))
        return passes

    def parts(self, words: Iterable[str]) -> list[tuple[str, ...]]:
        """Return a sentence with its phrases joined, each word or phrase as the tuple of its words.

        In each pass, from left to right: what stands at a place, the connectors behind it, if any, and what comes then
        are joined where the pass has found that pair.
        """
        if isinstance(words, str):
            raise SettingsError(f"expected a list of words, got the text {words[:40]!r}; split it into words first")
        units: list[tuple[str, ...]] = [(word,) for word in words]
        for pairs in self.passes:
            joined: list[tuple[str, ...]] = []
            place = 0
            while place < len(units):
                other = place + 1
                if not self._connects(units[place]):
                    while other < len(units) and self._connects(units[other]) and other - place <= LONGEST_RUN:
                        other += 1
                    between = tuple(unit[0] for unit in units[place + 1 : other])
                    if other < len(units) and (units[place], between, units[other]) in pairs:
                        other += 1
                    else:
                        other = place + 1
                joined.append(tuple(word for unit in units[place:other] for word in unit))
                place = other
            units = joined
        return units

    def _connects(self, unit: tuple[str, ...]) -> bool:
        return len(unit) == 1 and unit[0] in self.connectors

    def join(self, words: Iterable[str]) -> list[str]:
        """Return a sentence with its phrases joined by underscores.

        Args:
            words: of one sentence, as the text's own tokenizer gives them.
        """
        return ["_".join(unit) for unit in self.parts(words)]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to a JSON file, whole or not at all.

        Raises:
            StorageError: it cannot be written.
        """
        document = {
            "format": _FORMAT,
            "version": _VERSION,
            "connectors": sorted(self.connectors),
            "record": self.record,
            "phrases": [asdict(phrase) for phrase in self.phrases],
        }
        with written_whole(Path(path)) as part:
            part.write_text(json.dumps(document, ensure_ascii=True, indent=0) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> PhraseModel:
        """Open a file that `save` wrote.

        Raises:
            FormatError: it is missing, broken, or no file of phrases.
        """
        try:
            document = json.loads(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            raise FormatError(f"could not read the phrases in {path}: {error.strerror}") from None
        except (ValueError, RecursionError):
            raise FormatError(f"expected a file of phrases, but {path} is not JSON, or only a part of it") from None
        if not isinstance(document, dict) or document.get("format") != _FORMAT:
            raise FormatError(f"expected a file of phrases, but {path} holds something else")
        if document.get("version") != _VERSION:
            raise FormatError(
                f"expected phrases in version {_VERSION} of their format, but {path} has version "
                f"{document.get('version')!r}; a newer Firth may read it"
            )
        try:
            return _model_of(document)
        except (KeyError, TypeError, ValueError) as error:
            raise FormatError(f"expected a file of phrases, but {path} is damaged: {error}") from None


def _model_of(document: dict[str, Any]) -> PhraseModel:
    """Return the model that a file describes, every value looked at."""
    connectors = _words(document["connectors"], least=0)
    if not isinstance(document["record"], dict) or not isinstance(document["phrases"], list):
        raise TypeError("its record or its list of phrases is none")
    phrases = []
    for entry in document["phrases"]:
        count, score, in_pass = entry["count"], entry["score"], entry["in_pass"]
        if not all(isinstance(number, int) and number >= 1 for number in (count, in_pass)) or in_pass > 10:
            raise ValueError(f"a phrase counts {count!r} in pass {in_pass!r}")
        if not _is_number(score):
            raise ValueError(f"a phrase scores {score!r}")
        left, right = _words(entry["left"], least=1), _words(entry["right"], least=1)
        between = _words(entry["between"], least=0)
        if not set(between) <= set(connectors) or len(between) > LONGEST_RUN:
            raise ValueError(f"{between!r} are no connectors")
        phrases.append(
            Phrase(left=left, between=between, right=right, count=count, score=float(score), in_pass=in_pass)
        )
    return PhraseModel(phrases, connectors=frozenset(connectors), record=document["record"])


def _words(value: Any, *, least: int) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) < least or not all(isinstance(word, str) for word in value):
        raise TypeError(f"expected a list of words, got {value!r}")
    return tuple(value)
