"""Learning phrases: pass by pass over an encoded corpus, each of which counts pairs, scores them, and joins the best.

Phrases are learned before rare words are left out. A rare word is never a part of a phrase, but it stays where it is
and keeps its neighbours apart; only when all phrases are joined, words and phrases are counted anew, and those that
are too rare leave.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from firth.corpus import cache as corpora
from firth.corpus import encoded
from firth.corpus.phrases import Phrase, PhraseModel, Phrases
from firth.corpus.sources import open_source
from firth.corpus.tokenizers import Tokenizer, Words
from firth.corpus.vocabulary import nothing_kept, ordered
from firth.errors import EmptyCorpusError, FormatError, SettingsError, StorageError
from firth.events import Notice, Progress, Stage
from firth.kernels import bigrams as kernels

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    import numpy.typing as npt

    from firth.corpus.encoded import EncodedCorpus
    from firth.corpus.sources import Source
    from firth.events import Event, Listener

__all__ = ["encode_with_phrases", "learn_phrases"]

_MODEL = "phrases.json"
_WORDS_AT_ONCE = 1 << 20
_LEAST_SLOTS = 1 << 12
_FULL = 0.6
"""A hash table with more keys than this share of its slots grows."""


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
        with _between_passes(folder) as part:
            learner = _Learner(corpus, phrases, Path(part), on_event)
            learner.run(join_last=False)
            for notice in learner.notices:
                learner.tell(Notice(text=notice))
            return learner.model()
    except OSError as error:
        raise _no_room(folder, error) from error


def encode_with_phrases(
    source: Source,
    tokenizer: Tokenizer,
    phrases: Phrases | None = None,
    *,
    min_count: int = 5,
    max_words: int | None = None,
    max_sentence: int = 10_000,
    cache: Path | str | None = None,
    on_event: Listener | None = None,
) -> tuple[EncodedCorpus, PhraseModel]:
    """Return the encoded corpus of a text whose phrases are joined, and the phrases.

    The arguments are those of `firth.corpus.encoded.encode`, and how phrases are found; `min_count` and `max_words`
    are for what is left when phrases are joined. A phrase is written with underscores between its words.

    Raises:
        SettingsError: a setting that cannot be, or a threshold that nothing reaches.
        EmptyCorpusError: the text leaves nothing to train on.
        SourceError: the text cannot be read.
        StorageError: the corpus cannot be written; nothing is left behind.
    """
    phrases = _checked(phrases)
    encoded.check(
        tokenizer, min_count=(min_count, 1), max_words=(max_words, 1), max_sentence=(max_sentence, 2), threads=(None, 1)
    )
    corpus = encoded.encode(
        source, tokenizer, min_count=1, max_sentence=max_sentence, cache=cache, on_event=on_event
    )  # fmt: skip
    folder = corpora.corpora_folder() if cache is None else Path(cache)
    settings = {**corpus.settings, "min_count": min_count, "max_words": max_words, "phrases": _record(phrases)}
    target = folder / _hash(["phrases", corpus.path.name, corpus.fingerprint, settings])
    whole = encoded.found(target)
    if whole is None or (model := _loaded(whole)) is None:
        if whole is not None:
            shutil.rmtree(target, ignore_errors=True)
        try:
            with tempfile.TemporaryDirectory(
                dir=folder, prefix=".", suffix=".part", ignore_cleanup_errors=True
            ) as work:
                learner = _Learner(corpus, phrases, Path(work), on_event)
                learner.run(join_last=True)
                model = learner.model()
                part = Path(tempfile.mkdtemp(dir=work))
                _Joined(learner, settings, part).write(source.name, model)
                whole = encoded.put_in_place(part, target)
            if cache is None:
                corpora.prune(folder, corpora.LIMIT_BYTES, keep=whole.path)
        except OSError as error:
            raise _no_room(folder, error) from error
    if on_event:
        for text in whole.notices[len(corpus.notices) :]:
            on_event(Notice(text=text))
    return whole, model


def _checked(phrases: Phrases | None) -> Phrases:
    if phrases is None:
        return Phrases()
    if not isinstance(phrases, Phrases):
        raise SettingsError(f"expected Phrases() with its settings, got {phrases!r}")
    return phrases


def _loaded(corpus: EncodedCorpus) -> PhraseModel | None:
    try:
        return PhraseModel.load(corpus.path / _MODEL)
    except FormatError:
        return None


def _no_room(folder: Path, error: OSError) -> StorageError:
    return StorageError(
        f"could not write the text with its phrases to {folder}: {error.strerror or error}; free some space, or "
        "choose another folder (cache=, or the environment's FIRTH_CACHE)"
    )


def _between_passes(folder: Path) -> tempfile.TemporaryDirectory[str]:
    """Return a folder that goes when the work is done; `cache.prune` takes away those of killed processes."""
    return tempfile.TemporaryDirectory(dir=folder, prefix=".", suffix=".part", ignore_cleanup_errors=True)


def _record(phrases: Phrases) -> dict[str, Any]:
    """Return the settings as JSON can hold them."""
    record = {field.name: getattr(phrases, field.name) for field in dataclasses.fields(phrases)}
    return {**record, "threshold": list(phrases.thresholds), "connectors": sorted(phrases.connectors)}


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]


class _Learner:
    """The passes over one corpus.

    Args:
        corpus: with all its words, the rare ones too.
        phrases: how they are found.
        folder: an empty one, for the text between the passes.
        on_event: told of stages, progress and notices.
    """

    def __init__(self, corpus: EncodedCorpus, phrases: Phrases, folder: Path, on_event: Listener | None) -> None:
        self.corpus = corpus
        self.phrases = phrases
        self.folder = folder
        self.on_event = on_event
        words = corpus.vocabulary
        self.token_ids = corpus.token_ids
        self.sentence_ends = corpus.sentence_ends
        self.counts = words.counts
        self.joined: list[tuple[str, ...]] = []
        """The phrases by id, which follow the words' ids."""
        self.found: list[Phrase] = []
        self.notices: list[str] = []
        self.connectors = [words.index(word) for word in sorted(phrases.connectors) if word in words]
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
                    self._join(number, *pairs)

    def model(self) -> PhraseModel:
        """Return what was found."""
        record = {
            "settings": _record(self.phrases),
            "corpus": {"fingerprint": self.corpus.fingerprint, "words_by_pass": self.words_by_pass},
            "notices": self.notices,
        }
        return PhraseModel(self.found, connectors=frozenset(self.phrases.connectors), record=record)

    def unit(self, word_id: int) -> tuple[str, ...]:
        """Return the words of an id."""
        words = self.corpus.vocabulary.words
        return (words[word_id],) if word_id < len(words) else self.joined[word_id - len(words)]

    def chunks(self, most: int = _WORDS_AT_ONCE) -> Iterator[tuple[slice, slice]]:
        """Yield the sentences in runs of about `most` words, and at least one: their places, their words'."""
        ends = self.sentence_ends
        sentence = first = 0
        while sentence < len(ends):
            stop = max(sentence + 1, int(np.searchsorted(ends, first + most, side="right")))
            last = int(ends[stop - 1])
            yield slice(sentence, stop), slice(first, last)
            sentence, first = stop, last

    def tell(self, event: Event) -> None:
        """Tell whoever listens."""
        if self.on_event:
            self.on_event(event)

    def _pass(self, number: int, threshold: float) -> tuple[npt.NDArray[np.int64], ...] | None:
        """Note the phrases of a pass; return their left ids, runs of connectors, right ids and new ids."""
        eligible = self.counts >= self.phrases.min_count
        eligible[self.connectors] = False
        candidates = np.flatnonzero(eligible)
        words, radix = len(candidates), len(self.connectors) + 1
        if radix**kernels.LONGEST_RUN * words**2 >= 2**62:
            raise SettingsError(
                f"{radix - 1:,} connectors are too many for a text of {words:,} words; give fewer, or raise min_count"
            )
        keys, counts = self._counted(number, self._roles(candidates), words, radix)
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
        ids = {words_of: len(self.corpus.vocabulary) + place for place, words_of in enumerate(self.joined)}
        new_ids = np.empty(len(chosen), np.int64)
        columns = (a.tolist() for a in (left, runs, right, counts, scores))
        for place, (a, run, b, count, score) in enumerate(zip(*columns, strict=True)):
            phrase = Phrase(
                left=self.unit(a), between=self._between(run), right=self.unit(b), count=count, score=score,
                in_pass=number,
            )  # fmt: skip
            self.found.append(phrase)
            # a b + c and a + b c are one phrase.
            new_id = ids.setdefault(phrase.words, len(self.corpus.vocabulary) + len(ids))
            if new_id == len(self.corpus.vocabulary) + len(self.joined):
                self.joined.append(phrase.words)
            new_ids[place] = new_id
        return left, runs, right, new_ids

    def _roles(self, candidates: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
        """Return each id's role, where these alone can be part of a pair."""
        roles = np.full(len(self.counts), kernels.BREAK, np.int32)
        roles[candidates] = np.arange(len(candidates), dtype=np.int32)
        roles[self.connectors] = -2 - np.arange(len(self.connectors), dtype=np.int32)
        return roles

    def _between(self, run: int) -> tuple[str, ...]:
        words: list[str] = []
        while run:
            run, digit = divmod(run, len(self.connectors) + 1)
            words.insert(0, self.corpus.vocabulary.words[self.connectors[digit - 1]])
        return tuple(words)

    def _counted(
        self, number: int, roles: npt.NDArray[np.int32], words: int, radix: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return the keys of all pairs that are frequent enough, in order, and their counts."""
        most = self.phrases.max_pairs
        table = np.zeros(2 * _LEAST_SLOTS, np.int64)
        used, least = 0, 1
        begun = time.monotonic()
        for sentences, tokens in self.chunks(min(_WORDS_AT_ONCE, most // 2)):
            coming = tokens.stop - tokens.start
            while used and used + coming > most:
                least += 1
                other = np.zeros_like(table)
                used = int(kernels.move(table, other, least))
                table = other
            if used + coming > _FULL * (len(table) // 2):
                other = np.zeros(2 << int((used + coming) / _FULL).bit_length(), np.int64)
                kernels.move(table, other, 1)
                table = other
            used += int(
                kernels.count(
                    self.token_ids[tokens], self.sentence_ends[sentences], tokens.start, roles, words, radix, table
                )
            )
            done = time.monotonic() - begun
            self.tell(Progress(done=tokens.stop, total=len(self.token_ids), unit="words", seconds=done))
        if least > 1:
            self.notices.append(
                f"pass {number} met more than {most:,} different pairs of words; those that had come fewer than "
                f"{least:,} times were forgotten on the way, so that pairs may be missing or count too little "
                "(max_pairs)"
            )
        frequent = np.flatnonzero(table[1::2] >= self.phrases.min_count)
        keys, counts = table[::2][frequent], table[1::2][frequent]
        order = np.argsort(keys)
        return keys[order], counts[order]

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

    def _join(self, number: int, left: Any, runs: Any, right: Any, new_ids: Any) -> None:
        """Write the text anew with the pairs joined."""
        # Only words that some phrase has need to be looked up: the others are breaks, whose look-ups cost nothing.
        members = np.unique(np.concatenate([left, right]))
        roles = self._roles(members)
        numbers = roles.astype(np.int64)
        words, radix = len(members), len(self.connectors) + 1
        table = np.zeros(2 << (2 * len(left)).bit_length(), np.int64)
        kernels.enter((runs * words + numbers[left]) * words + numbers[right], new_ids, table)
        counts = np.zeros(len(self.corpus.vocabulary) + len(self.joined), np.int64)
        tokens_path, ends_path = self.folder / f"{number}.i32", self.folder / f"{number}.i64"
        written = 0
        with tokens_path.open("xb") as token_file, ends_path.open("xb") as end_file:
            for sentences, tokens in self.chunks():
                token_ids, ends = self.token_ids[tokens], self.sentence_ends[sentences]
                joined, joined_ends = np.empty(len(token_ids), np.int32), np.empty(len(ends), np.int64)
                size = kernels.join(
                    token_ids, ends, tokens.start, roles, words, radix, table, counts, joined, joined_ends
                )
                token_file.write(joined[:size].data)
                end_file.write((joined_ends + written).data)
                written += int(size)
        self.counts = counts
        self.token_ids = np.memmap(tokens_path, np.int32, "r")
        self.sentence_ends = np.memmap(ends_path, np.int64, "r")


class _Joined:
    """The encoded corpus of a text with its phrases joined.

    Args:
        learner: after all its passes.
        settings: of the new corpus.
        folder: an empty one.
    """

    def __init__(self, learner: _Learner, settings: dict[str, Any], folder: Path) -> None:
        self.learner = learner
        self.settings = settings
        self.folder = folder
        self.notices = [*learner.corpus.notices, *learner.notices]

    def write(self, name: str, model: PhraseModel) -> None:
        """Choose the vocabulary and write everything.

        Args:
            name: the source's.
            model: the phrases.
        """
        corpus = self.learner.corpus
        new_ids = self._vocabulary(name)
        longest = self._renumber(new_ids)
        if longest < 2:
            raise EmptyCorpusError(
                f"expected sentences of two words or more, as words are learnt from the words around them, but "
                f"{name} has none when its phrases are joined; lower min_count or raise the phrases' threshold"
            )
        shutil.copyfile(corpus.path / encoded.NAMES, self.folder / encoded.NAMES)
        model.save(self.folder / _MODEL)
        files = (
            *(encoded.TOKENS, encoded.SENTENCES, encoded.DOCUMENTS, encoded.NAMES, encoded.COUNTS, encoded.WORDS),
            _MODEL,
        )
        manifest = {
            "fingerprint": _hash(["phrases", corpus.fingerprint, self.settings]),
            "source": name,
            "settings": self.settings,
            "word_total": corpus.word_total,
            "has_document_ids": corpus.document_ids is not None,
            "notices": self.notices,
            "bytes": {file: (self.folder / file).stat().st_size for file in files},
        }
        text = json.dumps(manifest, indent=1, ensure_ascii=False)
        (self.folder / encoded.MANIFEST).write_text(text, encoding="utf-8")

    def _vocabulary(self, name: str) -> npt.NDArray[np.int32]:
        """Write the words and their counts; return each id's new one, −1 for what is too rare."""
        learner = self.learner
        old = learner.corpus.vocabulary
        counts = learner.counts.copy()
        same = np.arange(len(counts))
        by_name: dict[str, int] = {}
        for place, words in enumerate(learner.joined, start=len(old)):
            written = "_".join(words)
            same[place] = old.index(written) if written in old else by_name.setdefault(written, place)
        twins = np.flatnonzero(same != np.arange(len(same)))
        np.add.at(counts, same[twins], counts[twins])
        counts[twins] = 0
        if len(twins):
            example = "_".join(learner.joined[int(twins[0]) - len(old)])
            self.notices.append(
                f"{len(twins):,} phrases are written like another word of the text ({example}); each such two are one"
            )
        least, most = self.settings["min_count"], self.settings["max_words"]
        kept = np.flatnonzero(counts >= least)
        total = int(counts.sum())
        if len(kept) == 0:
            raise nothing_kept(total, int(counts.max(initial=0)), least, name)
        spelled = ["_".join(learner.unit(word_id)) for word_id in kept.tolist()]
        order = ordered(spelled, counts[kept])[:most]
        chosen = kept[order]
        left_out = total - int(counts[chosen].sum())
        if left_out:
            different = int(np.count_nonzero(counts))
            self.notices.append(
                f"{different - len(chosen):,} of {different:,} different words and phrases were left out as too rare, "
                f"which is {left_out:,} of {total:,}"
            )
        counts[chosen].tofile(self.folder / encoded.COUNTS)
        words_kept = [spelled[place] for place in order.tolist()]
        (self.folder / encoded.WORDS).write_text(json.dumps(words_kept), encoding="utf-8")
        new_ids = np.full(len(counts), -1, np.int32)
        new_ids[chosen] = np.arange(len(chosen), dtype=np.int32)
        return new_ids[same]

    def _renumber(self, new_ids: npt.NDArray[np.int32]) -> int:
        """Write token ids, sentence ends and document ends; return the longest sentence's words."""
        learner = self.learner
        written = longest = previous = 0
        all_ends = self.folder / "all_ends.i64"
        with (
            (self.folder / encoded.TOKENS).open("xb") as token_file,
            (self.folder / encoded.SENTENCES).open("xb") as end_file,
            all_ends.open("xb") as all_file,
        ):
            for sentences, tokens in learner.chunks():
                token_ids, ends = learner.token_ids[tokens], learner.sentence_ends[sentences]
                kept, kept_ends = np.empty(len(token_ids), np.int32), np.empty(len(ends), np.int64)
                size = kernels.keep(token_ids, ends, tokens.start, new_ids, kept, kept_ends)
                token_file.write(kept[:size].data)
                kept_ends += written
                all_file.write(kept_ends.data)
                lengths = np.diff(kept_ends, prepend=previous)
                end_file.write(kept_ends[lengths > 0].data)
                written += int(size)
                previous = written
                longest = max(longest, int(lengths.max()))
        # A document ends where some sentence does, or where the one before it ended.
        old_ends = learner.corpus.sentence_ends
        ends_now = np.concatenate([np.zeros(1, np.int64), np.fromfile(all_ends, np.int64)])
        all_ends.unlink()
        document_ends = learner.corpus.document_ends
        ends_now[np.searchsorted(old_ends, document_ends, side="right")].tofile(self.folder / encoded.DOCUMENTS)
        return longest
