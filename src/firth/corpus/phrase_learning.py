"""Learning phrases: pass by pass over an encoded corpus, each of which counts pairs, scores them, and joins the best.

Phrases are learned before rare words are left out. A rare word is never a part of a phrase, but it stays where it is
and keeps its neighbours apart; only when all phrases are joined, words and phrases are counted anew, and those that
are too rare leave.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from firth.corpus import cache as corpora
from firth.corpus import encoded
from firth.corpus.phrase_joining import Applied, JoinedText, between_passes, joined_corpus, no_room
from firth.corpus.phrases import Phrase, PhraseModel, Phrases
from firth.corpus.sources import open_source
from firth.corpus.tokenizers import Tokenizer, Words
from firth.errors import SettingsError
from firth.events import Notice, Stage

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    import numpy.typing as npt

    from firth.corpus.bigrams import Bigrams, PairCounts, Roles
    from firth.corpus.encoded import EncodedCorpus
    from firth.corpus.sources import Source
    from firth.events import Listener

__all__ = ["encode_with_phrases", "learn_phrases"]


def learn_phrases(
    text: Any,
    phrases: Phrases | None = None,
    *,
    tokenizer: Tokenizer | None = None,
    max_sentence: int = 10_000,
    text_column: str | None = None,
    id_column: str | None = None,
    encoding: str = "utf-8",
    errors: Literal["replace", "strict"] = "replace",
    cache: str | os.PathLike[str] | None = None,
    on_event: Listener | None = None,
) -> PhraseModel:
    """Find the phrases of a text.

    Args:
        text: as for `firth.train`.
        phrases: how they are found; None is `Phrases()`.
        tokenizer: what a word and a sentence are; None is `Words()`, a sentence a line. No phrase crosses sentences.
        max_sentence: int ≥ 2, longer sentences are cut into pieces of so many words.
        text_column: where the text is, in JSONL, CSV, Parquet and tables.
        id_column: where each document's name is; None gives none.
        encoding: of text files.
        errors: "replace" counts bytes that the encoding does not allow and reads on; "strict" refuses the text.
        cache: the folder in which encoded texts are kept; None is Firth's own cache folder.
        on_event: a listener for stages, notices and progress.

    Raises:
        SettingsError: a setting that cannot be, or a threshold that nothing reaches.
        SourceError: the text cannot be read.
        EmptyCorpusError: the text has no two words that stand together.
        StorageError: the encoded text cannot be written.
    """
    phrases = _checked(phrases)
    source = open_source(
        text, text_column=text_column, id_column=id_column, encoding=encoding, errors=errors, on_event=on_event
    )
    corpus = encoded.encode(
        source, Words() if tokenizer is None else tokenizer, min_count=1, max_sentence=max_sentence,
        cache=None if cache is None else Path(cache), on_event=on_event,
    )  # fmt: skip
    folder = corpora.corpora_folder() if cache is None else Path(cache)
    try:
        with between_passes(folder) as part:
            learner = _Learner(corpus, phrases, Path(part), on_event)
            learner.run(join_last=False)
            for notice in learner.notices:
                learner.tell(Notice(text=notice))
            return learner.model()
    except OSError as error:
        raise no_room(folder, error) from error


def encode_with_phrases(
    source: Source,
    tokenizer: Tokenizer,
    phrases: Phrases | PhraseModel | None = None,
    *,
    min_count: int = 5,
    max_words: int | None = None,
    max_sentence: int = 10_000,
    cache: Path | str | None = None,
    encoder: Callable[..., encoded.Encoder] | None = None,
    bigrams: Bigrams | None = None,
    on_event: Listener | None = None,
) -> tuple[EncodedCorpus, PhraseModel]:
    """Return the encoded corpus of a text whose phrases are joined, and the phrases.

    The arguments are those of `firth.corpus.encoded.encode`, and how phrases are found, or a model of phrases that were
    found before, in this text or another, which are joined as they are; `min_count` and `max_words` are for what is
    left when phrases are joined; `bigrams` goes over the text, None is `Bigrams()`. A phrase is written with
    underscores between its words.

    Raises:
        SettingsError: a setting that cannot be, or a threshold that nothing reaches.
        EmptyCorpusError: the text leaves nothing to train on.
        SourceError: the text cannot be read.
        StorageError: the corpus cannot be written; nothing is left behind.
    """
    if not isinstance(phrases, PhraseModel):
        phrases = _checked(phrases)
    encoded.check(
        tokenizer, min_count=(min_count, 1), max_words=(max_words, 1), max_sentence=(max_sentence, 2), threads=(None, 1)
    )
    corpus = encoded.encode(
        source, tokenizer, min_count=1, max_sentence=max_sentence, cache=cache, encoder=encoder, on_event=on_event
    )
    how = phrases.described() if isinstance(phrases, PhraseModel) else _record(phrases)
    settings = {**corpus.settings, "min_count": min_count, "max_words": max_words, "phrases": how}

    def work(folder: Path) -> tuple[JoinedText, PhraseModel]:
        if isinstance(phrases, PhraseModel):
            applied = Applied(corpus, phrases, folder, on_event, bigrams)
            applied.run()
            return applied, phrases
        learner = _Learner(corpus, phrases, folder, on_event, bigrams)
        learner.run(join_last=True)
        return learner, learner.model()

    return joined_corpus(corpus, settings, work, name=source.name, cache=cache, on_event=on_event)


def _checked(phrases: Phrases | None) -> Phrases:
    if phrases is None:
        return Phrases()
    if not isinstance(phrases, Phrases):
        raise SettingsError(f"expected Phrases() with its settings, got {phrases!r}")
    return phrases


def _record(phrases: Phrases) -> dict[str, Any]:
    """Return the settings as JSON can hold them."""
    record = {field.name: getattr(phrases, field.name) for field in dataclasses.fields(phrases)}
    return {**record, "threshold": list(phrases.thresholds), "connectors": sorted(phrases.connectors)}


class _Learner(JoinedText):
    """The passes over one corpus that find its phrases.

    Args:
        corpus: with all its words, the rare ones too.
        phrases: how they are found.
        folder: an empty one, for the text between the passes.
        on_event: told of stages, progress and notices.
        bigrams: goes over the text; None is `Bigrams()`.
    """

    def __init__(
        self,
        corpus: EncodedCorpus,
        phrases: Phrases,
        folder: Path,
        on_event: Listener | None,
        bigrams: Bigrams | None = None,
    ) -> None:
        super().__init__(corpus, phrases.connectors, folder, on_event, bigrams)
        self.phrases = phrases
        self.found: list[Phrase] = []
        self.words_by_pass: list[int] = []

    def run(self, *, join_last: bool) -> None:
        """Go over the corpus pass by pass.

        Args:
            join_last: whether what the last pass found is joined; else only its phrases are known.
        """
        thresholds = self.phrases.thresholds
        for number, threshold in enumerate(thresholds, start=1):
            self.tell(Stage(name=f"finding phrases, pass {number} of {len(thresholds)}"))
            self.words_by_pass.append(len(self.token_ids))
            # Without its compiler the kernel's hash is NumPy's arithmetic, which speaks of what overflows.
            with np.errstate(over="ignore"):
                pairs = self._pass(number, threshold)
                if pairs is None:
                    break
                if join_last or number < len(thresholds):
                    self.join(number, *pairs)

    def model(self) -> PhraseModel:
        """Return what was found."""
        record = {
            "settings": _record(self.phrases),
            "corpus": {"fingerprint": self.corpus.fingerprint, "words_by_pass": self.words_by_pass},
            "notices": self.notices,
        }
        return PhraseModel(self.found, connectors=frozenset(self.phrases.connectors), record=record)

    def _pass(self, number: int, threshold: float) -> tuple[npt.NDArray[np.int64], ...] | None:
        """Note the phrases of a pass; return their left ids, runs of connectors, right ids and new ids."""
        eligible = self.counts >= self.phrases.min_count
        eligible[self.connectors] = False
        candidates = np.flatnonzero(eligible)
        words = len(candidates)
        self.check_connectors(words)
        keys, counts, _ = self._counted(number, self.roles(candidates))
        right = candidates[keys % words] if words else keys
        left = candidates[keys // words % words] if words else keys
        runs = keys // words**2 if words else keys
        scores = self.phrases.scores(counts, self.counts[left], self.counts[right], len(self.token_ids))
        chosen = np.flatnonzero(scores > threshold)
        if len(chosen) == 0:
            if number == 1:
                best = np.argsort(-scores, kind="stable")[:1]
                pairs = [self._words(*map(int, ids)) for ids in zip(left[best], runs[best], right[best], strict=True)]
                raise self._nothing(threshold, pairs, scores[best].tolist())
            self.notices.append(f"pass {number} found no pair that scores above {threshold:g}, and was the last")
            return None
        left, runs, right, counts, scores = left[chosen], runs[chosen], right[chosen], counts[chosen], scores[chosen]
        new_ids = np.empty(len(chosen), np.int64)
        columns = (a.tolist() for a in (left, runs, right, counts, scores))
        for place, (a, run, b, count, score) in enumerate(zip(*columns, strict=True)):
            phrase = Phrase(
                left=self.unit(a), between=self._between(run), right=self.unit(b), count=count, score=score,
                in_pass=number,
            )  # fmt: skip
            self.found.append(phrase)
            new_ids[place] = self.new_id(phrase.words)
        return left, runs, right, new_ids

    def _between(self, run: int) -> tuple[str, ...]:
        words: list[str] = []
        while run:
            run, digit = divmod(run, len(self.connectors) + 1)
            words.insert(0, self.corpus.vocabulary.words[self.connectors[digit - 1]])
        return tuple(words)

    def _counted(self, number: int, roles: Roles) -> PairCounts:
        """Return all pairs that are frequent enough, in order."""
        most = self.phrases.max_pairs
        found = self.bigrams.counted(self, roles, min_count=self.phrases.min_count, most=most, tell=self.tell)
        if found.least > 1:
            self.notices.append(
                f"pass {number} met more than {most:,} different pairs of words; those that had come fewer than "
                f"{found.least:,} times were forgotten on the way, so that pairs may be missing or count too little "
                "(max_pairs)"
            )
        return found

    def _words(self, left: int, run: int, right: int) -> tuple[str, ...]:
        return (*self.unit(left), *self._between(run), *self.unit(right))

    def _nothing(self, threshold: float, best: list[tuple[str, ...]], scores: list[float]) -> SettingsError:
        """Return the error of a first pass that joins nothing; it names the best pair where there is one."""
        if not best:
            return SettingsError(
                f"expected phrases, but no two words stand together {self.phrases.min_count:,} times or more; give "
                "more text, or lower the phrases' min_count"
            )
        return SettingsError(
            f"expected phrases that score above {threshold:g}, but the best, {' '.join(best[0])!r}, scores "
            f"{scores[0]:.4g}; lower the threshold"
        )
