"""Joining phrases in an encoded corpus: the text between the passes, and the corpus that is left after the last.

A pass joins pairs of units, each a word or an earlier phrase, to new units, whose ids follow the words'. Rare words
stay in place meanwhile; only at the end words and phrases are counted anew, and those that are too rare leave.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.corpus import cache as corpora
from firth.corpus import encoded
from firth.corpus.bigrams import Bigrams, Roles
from firth.corpus.phrases import IN_CORPUS, PhraseModel
from firth.corpus.vocabulary import nothing_kept, ordered
from firth.errors import EmptyCorpusError, FormatError, SettingsError, StorageError
from firth.events import Notice, Stage
from firth.kernels import bigrams as kernels

if TYPE_CHECKING:
    from collections.abc import Callable, Set

    import numpy.typing as npt

    from firth.corpus.encoded import EncodedCorpus
    from firth.events import Event, Listener

__all__ = ["Applied", "JoinedText", "between_passes", "joined_corpus", "no_room"]


def joined_corpus(
    corpus: EncodedCorpus,
    settings: dict[str, Any],
    work: Callable[[Path], tuple[JoinedText, PhraseModel]],
    *,
    name: str,
    cache: Path | str | None,
    on_event: Listener | None,
) -> tuple[EncodedCorpus, PhraseModel]:
    """Return the corpus with phrases joined, and the phrases; from the cache where it is there.

    Args:
        corpus: with all its words.
        settings: all that decides what becomes of it, as JSON can hold it.
        work: joins the phrases, given an empty folder to work in.
        name: the source's.
        cache: the folder of encoded corpora; None is Firth's own.
        on_event: told of notices.

    Raises:
        EmptyCorpusError: the text leaves nothing to train on.
        StorageError: the corpus cannot be written; nothing is left behind.
    """
    folder = corpora.corpora_folder() if cache is None else Path(cache)
    target = folder / _hash(["phrases", corpus.path.name, corpus.fingerprint, settings])
    whole = encoded.found(target)
    if whole is None or (model := _loaded(whole)) is None:
        if whole is not None:
            shutil.rmtree(target, ignore_errors=True)
        try:
            with between_passes(folder) as part:
                text, model = work(Path(part))
                finished = Path(tempfile.mkdtemp(dir=part))
                _Joined(text, settings, finished).write(name, model)
                whole = encoded.put_in_place(finished, target)
            if cache is None:
                corpora.prune(folder, corpora.LIMIT_BYTES, keep=whole.path)
        except OSError as error:
            raise no_room(folder, error) from error
    if on_event:
        for text_of_notice in whole.notices[len(corpus.notices) :]:
            on_event(Notice(text=text_of_notice))
    return whole, model


def no_room(folder: Path, error: OSError) -> StorageError:
    """Return the error of a text that cannot be written."""
    return StorageError(
        f"could not write the text with its phrases to {folder}: {error.strerror or error}; free some space, or "
        "choose another folder (cache=, or the environment's FIRTH_CACHE)"
    )


def between_passes(folder: Path) -> tempfile.TemporaryDirectory[str]:
    """Return a folder that goes when the work is done; `cache.prune` takes away those of killed processes."""
    return tempfile.TemporaryDirectory(dir=folder, prefix=".", suffix=".part", ignore_cleanup_errors=True)


def _loaded(corpus: EncodedCorpus) -> PhraseModel | None:
    try:
        return PhraseModel.load(corpus.path / IN_CORPUS)
    except FormatError:
        return None


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]


class JoinedText:
    """A corpus in which phrases are joined, pass by pass.

    Args:
        corpus: with all its words, the rare ones too.
        connectors: words that may stand inside phrases.
        folder: an empty one, for the text between the passes.
        on_event: told of stages, progress and notices.
        bigrams: goes over the text; None is `Bigrams()`.
    """

    def __init__(
        self,
        corpus: EncodedCorpus,
        connectors: Set[str] | str,
        folder: Path,
        on_event: Listener | None,
        bigrams: Bigrams | None = None,
    ) -> None:
        self.corpus = corpus
        self.bigrams = Bigrams() if bigrams is None else bigrams
        self.folder = folder
        self.on_event = on_event
        words = corpus.vocabulary
        self.token_ids = corpus.token_ids
        self.sentence_ends = corpus.sentence_ends
        self.counts = words.counts
        self.joined: list[tuple[str, ...]] = []
        """The phrases by id, which follow the words' ids."""
        self.notices: list[str] = []
        self.connectors = [words.index(word) for word in sorted(connectors) if word in words]
        self._ids: dict[tuple[str, ...], int] = {}

    def unit(self, word_id: int) -> tuple[str, ...]:
        """Return the words of an id."""
        words = self.corpus.vocabulary.words
        return (words[word_id],) if word_id < len(words) else self.joined[word_id - len(words)]

    def new_id(self, words: tuple[str, ...]) -> int:
        """Return a phrase's id, a new one where it has none: a b + c and a + b c are one phrase."""
        found = self._ids.setdefault(words, len(self.corpus.vocabulary) + len(self.joined))
        if found == len(self.corpus.vocabulary) + len(self.joined):
            self.joined.append(words)
        return found

    def known_id(self, words: tuple[str, ...]) -> int | None:
        """Return the id of a word or of a phrase that was joined; None where the text has none."""
        vocabulary = self.corpus.vocabulary
        if len(words) == 1:
            return vocabulary.index(words[0]) if words[0] in vocabulary else None
        return self._ids.get(words)

    def tell(self, event: Event) -> None:
        """Tell whoever listens."""
        if self.on_event:
            self.on_event(event)

    def check_connectors(self, words: int) -> None:
        """Refuse so many connectors that pairs of `words` different words cannot be numbered with them."""
        radix = len(self.connectors) + 1
        if radix**kernels.LONGEST_RUN * words**2 >= 2**62:
            raise SettingsError(
                f"{radix - 1:,} connectors are too many for a text of {words:,} words; give fewer, or raise min_count"
            )

    def roles(self, candidates: npt.NDArray[np.int64]) -> Roles:
        """Return each id's role, where these alone can be part of a pair."""
        roles = np.full(len(self.counts), kernels.BREAK, np.int32)
        roles[candidates] = np.arange(len(candidates), dtype=np.int32)
        roles[self.connectors] = -2 - np.arange(len(self.connectors), dtype=np.int32)
        return Roles(roles, len(candidates), len(self.connectors) + 1)

    def join(self, number: int, left: Any, runs: Any, right: Any, new_ids: Any) -> None:
        """Write the text anew with the pairs joined."""
        # Only words that some phrase has need to be looked up: the others are breaks, whose look-ups cost nothing.
        members = np.unique(np.concatenate([left, right]))
        roles = self.roles(members)
        numbers = roles.of.astype(np.int64)
        table = np.zeros(2 << (2 * len(left)).bit_length(), np.int64)
        kernels.enter((runs * roles.words + numbers[left]) * roles.words + numbers[right], new_ids, table)
        counts = np.zeros(len(self.corpus.vocabulary) + len(self.joined), np.int64)
        tokens_path, ends_path = self.folder / f"{number}.i32", self.folder / f"{number}.i64"
        written = 0
        with tokens_path.open("xb") as token_file, ends_path.open("xb") as end_file:
            for joined, joined_ends in self.bigrams.joined(self, roles, table, counts):
                token_file.write(joined.data)
                end_file.write((joined_ends + written).data)
                written += len(joined)
        self.counts = counts
        self.token_ids = np.memmap(tokens_path, np.int32, "r")
        self.sentence_ends = np.memmap(ends_path, np.int64, "r")


class Applied(JoinedText):
    """A corpus in which the phrases of a model are joined.

    Args:
        corpus: with all its words, the rare ones too.
        model: learned from this text or another.
        folder: an empty one, for the text between the passes.
        on_event: told of stages, progress and notices.
        bigrams: goes over the text; None is `Bigrams()`.
    """

    def __init__(
        self,
        corpus: EncodedCorpus,
        model: PhraseModel,
        folder: Path,
        on_event: Listener | None,
        bigrams: Bigrams | None = None,
    ) -> None:
        super().__init__(corpus, model.connectors, folder, on_event, bigrams)
        self.model = model

    def run(self) -> None:
        """Join the phrases, pass by pass as they were found."""
        met: set[tuple[str, ...]] = set()
        with np.errstate(over="ignore"):
            for number, pairs in enumerate(self.model.passes, start=1):
                self.tell(Stage(name=f"joining phrases, pass {number} of {len(self.model.passes)}"))
                rows = []
                # A pass joins what was there before it: what it makes itself is joined by the next.
                there = len(self.corpus.vocabulary) + len(self.joined)
                for left, between, right in sorted(pairs):
                    ids = [
                        found for part in (left, right) if (found := self.known_id(part)) is not None and found < there
                    ]
                    run = self._run(between)
                    if len(ids) == 2 and run is not None and not {*ids} & {*self.connectors}:
                        rows.append((ids[0], run, ids[1], self.new_id((*left, *between, *right))))
                        met.add((*left, *between, *right))
                if rows:
                    columns = np.array(rows, dtype=np.int64).T
                    self.check_connectors(len(np.unique(columns[[0, 2]])))
                    self.join(number, *columns)
        unmet = len({phrase.words for phrase in self.model.phrases} - met)
        if unmet:
            self.notices.append(
                f"{unmet:,} of the {len(self.model):,} phrases have words or parts that this text does not hold"
            )

    def _run(self, between: tuple[str, ...]) -> int | None:
        """Return connectors as the kernel numbers them; None where they stand between no two words of this text."""
        run = 0
        for word in between:
            connector = self.known_id((word,))
            if connector not in self.connectors:
                return None
            run = run * (len(self.connectors) + 1) + self.connectors.index(connector) + 1
        return run if len(between) <= kernels.LONGEST_RUN else None


class _Joined:
    """The encoded corpus of a text with its phrases joined.

    Args:
        text: after all its passes.
        settings: of the new corpus.
        folder: an empty one.
    """

    def __init__(self, text: JoinedText, settings: dict[str, Any], folder: Path) -> None:
        self.text = text
        self.settings = settings
        self.folder = folder
        self.notices = [*text.corpus.notices, *text.notices]

    def write(self, name: str, model: PhraseModel) -> None:
        """Choose the vocabulary and write everything.

        Args:
            name: the source's.
            model: the phrases.
        """
        corpus = self.text.corpus
        new_ids = self._vocabulary(name)
        longest = self._renumber(new_ids)
        if longest < 2:
            raise EmptyCorpusError(
                f"expected sentences of two words or more, as words are learnt from the words around them, but "
                f"{name} has none when its phrases are joined; lower min_count or raise the phrases' threshold"
            )
        shutil.copyfile(corpus.path / encoded.NAMES, self.folder / encoded.NAMES)
        model.save(self.folder / IN_CORPUS)
        files = (
            *(encoded.TOKENS, encoded.SENTENCES, encoded.DOCUMENTS, encoded.NAMES, encoded.COUNTS, encoded.WORDS),
            IN_CORPUS,
        )
        manifest = {
            "fingerprint": _hash(["phrases", corpus.fingerprint, self.settings]),
            "source": name,
            "text": corpus.text,
            "settings": self.settings,
            "word_total": corpus.word_total,
            "dropped": self.dropped,
            "has_document_ids": corpus.document_ids is not None,
            "notices": self.notices,
            "bytes": {file: (self.folder / file).stat().st_size for file in files},
        }
        text = json.dumps(manifest, indent=1, ensure_ascii=False)
        (self.folder / encoded.MANIFEST).write_text(text, encoding="utf-8")

    def _vocabulary(self, name: str) -> npt.NDArray[np.int32]:
        """Write the words and their counts; return each id's new one, −1 for what is too rare."""
        joined = self.text
        old = joined.corpus.vocabulary
        counts = joined.counts.copy()
        same = np.arange(len(counts))
        by_name: dict[str, int] = {}
        for place, words in enumerate(joined.joined, start=len(old)):
            written = "_".join(words)
            same[place] = old.index(written) if written in old else by_name.setdefault(written, place)
        twins = np.flatnonzero(same != np.arange(len(same)))
        np.add.at(counts, same[twins], counts[twins])
        counts[twins] = 0
        if len(twins):
            example = "_".join(joined.joined[int(twins[0]) - len(old)])
            self.notices.append(
                f"{len(twins):,} phrases are written like another word of the text ({example}); each such two are one"
            )
        least, most = self.settings["min_count"], self.settings["max_words"]
        kept = np.flatnonzero(counts >= least)
        total = int(counts.sum())
        if len(kept) == 0:
            raise nothing_kept(total, int(counts.max(initial=0)), least, name)
        spelled = ["_".join(joined.unit(word_id)) for word_id in kept.tolist()]
        order = ordered(spelled, counts[kept])[:most]
        chosen = kept[order]
        left_out = total - int(counts[chosen].sum())
        rare = total - int(counts[kept].sum())
        self.dropped = {
            "stop_words": joined.corpus.dropped["stop_words"],
            "joined": joined.corpus.word_total - total,
            "min_count": rare,
            "max_words": left_out - rare,
        }
        if left_out:
            different = int(np.count_nonzero(counts))
            self.notices.append(
                f"{different - len(chosen):,} of {different:,} different words and phrases were left out as too rare, "
                f"which is {left_out:,} of {total:,}"
            )
        (self.folder / encoded.COUNTS).write_bytes(counts[chosen].data)
        words_kept = [spelled[place] for place in order.tolist()]
        (self.folder / encoded.WORDS).write_text(json.dumps(words_kept), encoding="utf-8")
        new_ids = np.full(len(counts), -1, np.int32)
        new_ids[chosen] = np.arange(len(chosen), dtype=np.int32)
        return new_ids[same]

    def _renumber(self, new_ids: npt.NDArray[np.int32]) -> int:
        """Write token ids, sentence ends and document ends; return the longest sentence's words."""
        joined = self.text
        written = longest = previous = 0
        all_ends = self.folder / "all_ends.i64"
        with (
            (self.folder / encoded.TOKENS).open("xb") as token_file,
            (self.folder / encoded.SENTENCES).open("xb") as end_file,
            all_ends.open("xb") as all_file,
        ):
            for kept, own_ends in joined.bigrams.kept(joined, new_ids):
                token_file.write(kept.data)
                kept_ends = own_ends + written
                all_file.write(kept_ends.data)
                lengths = np.diff(kept_ends, prepend=previous)
                end_file.write(kept_ends[lengths > 0].data)
                written += len(kept)
                previous = written
                longest = max(longest, int(lengths.max()))
        # A document ends where some sentence does, or where the one before it ended.
        old_ends = joined.corpus.sentence_ends
        ends_now = np.concatenate([np.zeros(1, np.int64), np.fromfile(all_ends, np.int64)])
        all_ends.unlink()
        document_ends = joined.corpus.document_ends
        (self.folder / encoded.DOCUMENTS).write_bytes(
            ends_now[np.searchsorted(old_ends, document_ends, side="right")].data
        )
        return longest
