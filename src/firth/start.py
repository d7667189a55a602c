"""Where a training begins that does not begin anew: at a model's vectors, whose words keep their ids and counts."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import os
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from firth.corpus.continued import KnownWords, check_words, continued
from firth.errors import FormatError, SettingsError
from firth.events import Notice, Stage
from firth.first_rows import put_into_glove, vectors_of_all
from firth.model_record import texts_seen, trained_otherwise
from firth.objectives.architecture import Architecture
from firth.objectives.glove import GloVe
from firth.objectives.skipgram import SkipGram
from firth.run import VECTORS_NAME
from firth.vectors.load import load
from firth.vectors.store import WordVectors
from firth.vectors.words import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from firth.corpus.encoded import EncodedCorpus
    from firth.corpus.reading import Reading
    from firth.events import Listener

__all__ = ["Start", "StartModel", "found_again", "opened"]

_ROWS_AT_ONCE = 1 << 14

SHARE_OF_RATE = 0.5
"""Of the objective's own learning rate: by measurement, see docs/continuing.md."""


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """A model to go on from, and how.

    Args:
        model: the folder of a run, any file of word vectors that `firth.load` opens, or `WordVectors`.
        new_words: where the input vectors of words begin that the model does not have: "contexts", at the mean of the
            vectors around them in the new text (`firth.contexts.context_means`), or "random", drawn as in any training.
        freeze: "old" keeps the input vectors of all the model's words as they are, bit for bit; a list of words those
            of these; None lets all learn. Output vectors learn in any case.
    """

    model: WordVectors | str | os.PathLike[str] = field(repr=False)
    new_words: Literal["contexts", "random"] = "contexts"
    freeze: Literal["old"] | Sequence[str] | None = None

    def __post_init__(self) -> None:
        """Refuse choices that are none."""
        if not isinstance(self.model, WordVectors | str | os.PathLike):
            raise SettingsError(f"expected a run's folder, a file of vectors or WordVectors, got {self.model!r}")
        if self.new_words not in ("contexts", "random"):
            raise SettingsError(f'expected new words to begin at "contexts" or "random", got {self.new_words!r}')
        words = self.freeze
        if words is None or words == "old":
            return
        if isinstance(words, str):
            raise SettingsError(f'expected "old" or a list of words to freeze, got {words!r}; give [{words!r}]')
        if isinstance(words, bytes) or not isinstance(words, Iterable):
            raise SettingsError(f'expected "old" or a list of words to freeze, got {words!r}')
        object.__setattr__(self, "freeze", tuple(words))
        if not all(isinstance(word, str) for word in self.freeze or ()):
            raise SettingsError(f'expected "old" or a list of words to freeze, got {words!r}')


def opened(start: Start | StartModel | WordVectors | str | os.PathLike[str], on_event: Listener) -> StartModel:
    """Return the model to go on from, opened.

    Args:
        start: as `firth.train` takes it, or one that is open.
        on_event: told what of it is not used.

    Raises:
        SettingsError: this is no model, or words shall be frozen of which it has none.
        SourceError: there is none.
        FormatError: the file is broken, or a vector is none.
    """
    if isinstance(start, StartModel):
        return start
    settings = start if isinstance(start, Start) else Start(start)
    given = settings.model
    vectors = given if isinstance(given, WordVectors) else load(given, on_event=on_event)
    return StartModel(settings, vectors, path=None if isinstance(given, WordVectors) else Path(given), tell=on_event)


class StartModel:
    """A model to go on from: see `firth.learning.Beginning`.

    Args:
        settings: how.
        vectors: the model.
        path: where it lies; None where it lies in memory.
        tell: a listener for stages and notices.

    Raises:
        SettingsError: words shall be frozen of which the model has none.
        FormatError: a vector holds NaN or infinity.
    """

    def __init__(self, settings: Start, vectors: WordVectors, *, path: Path | None, tell: Listener) -> None:
        self.settings, self.vectors, self.path, self.tell = settings, vectors, path, tell
        self.known = KnownWords(vectors.words, vectors.counts)
        self.frozen = self._frozen()
        _refuse_not_finite(vectors.matrix, vectors)
        if vectors.subwords is not None:
            tell(Notice(text="the model's n-grams stay behind: its words alone go on learning"))
        self._objective: Architecture | GloVe = SkipGram(dim=vectors.dim)
        self.outputs = self._outputs()

    def __len__(self) -> int:
        return len(self.vectors)

    @property
    def name(self) -> str:
        """The model in a few words."""
        return "the vectors given" if self.path is None else str(self.path)

    def adapted(self, objective: Any) -> Architecture | GloVe:
        """Return the objective with which the model goes on.

        Args:
            objective: as it was given; None takes skip-gram with as many numbers a word as the model has. Where no
                learning rate is named, half the objective's own is taken; GloVe's settings always name one.

        Raises:
            SettingsError: the model cannot go on with it.
        """
        if objective is None:
            objective = self._objective
        name = type(objective).__name__
        if not isinstance(objective, Architecture | GloVe):
            raise SettingsError(
                f"expected SkipGram(), CBOW() or GloVe() to go on from a model, got {name}, which learns nothing step "
                "by step but factorises the counts of all texts together; train it on the old text and the new one"
            )
        is_both = isinstance(objective, GloVe) and objective.vectors == "concatenated"
        if objective.dim * (1 + is_both) != self.vectors.dim:
            wanted = self.vectors.dim // (1 + is_both)
            raise SettingsError(
                f"expected {wanted:,} dimensions, as many as {self.name} has, got {objective.dim:,}; leave the number "
                f"out, or in Python give {name}(dim={wanted})"
            )
        self._objective = objective
        if objective.rate is None:
            self._objective = dataclasses.replace(objective, rate=SHARE_OF_RATE * objective.rates[0])
        self.outputs = self._outputs()
        return self._objective

    def check(self, reading: Reading, *, bootstrap: int | None) -> None:
        """Refuse what cannot be, and tell where the model was trained otherwise.

        Args:
            reading: how the new text is read.
            bootstrap: as for `firth.train`.

        Raises:
            SettingsError: a setting that cannot be.
        """
        check_words(len(self), min_count=reading.min_count, max_words=reading.max_words)
        if bootstrap is not None:
            raise SettingsError(
                "expected no bootstrap of a training that goes on from a model, as the model's own text cannot be "
                f"drawn again, got {bootstrap!r} runs; leave it out"
            )
        folder = self.path if self.path is not None and self.path.is_dir() else None
        for text in trained_otherwise(
            self.vectors.record, folder, objective=self._objective, tokenizer=reading.tokenizer,
            phrases=reading.phrases,
        ):  # fmt: skip
            self.tell(Notice(text=text))

    def refuse_place(self, output: str | os.PathLike[str] | None) -> None:
        """Refuse to write where the model lies: what was broken off halfway would have lost what it began with.

        Args:
            output: the folder to write, or None.

        Raises:
            SettingsError: the model is there.
        """
        if output is None or self.path is None:
            return
        model, folder = self.path.resolve(), Path(output).resolve()
        if model in (folder, folder / VECTORS_NAME):
            raise SettingsError(
                f"expected another folder to write than {output}, as the model to go on from lies there, and a "
                "training that was broken off could not begin with it again; choose another"
            )

    def complete(self, record: dict[str, Any]) -> None:
        """Add to the record of the training where it began, and what the model had seen before.

        Args:
            record: of the training; changed.
        """
        record["start"] = {**record["start"], "model": self.name}
        before = texts_seen(self.vectors.record, name=self.name, words=len(self))
        record["texts"] = [*before, *record["texts"]]

    def text(self, corpus: EncodedCorpus, reading: Reading) -> EncodedCorpus:
        """Return a text in the model's words and those that are new.

        Args:
            corpus: the text with all its words, the rare ones too.
            reading: which of the new words are kept, and where the text is.
        """
        texts = texts_seen(self.vectors.record, name=self.name, words=len(self))
        if corpus.text["sha256"] is not None and corpus.text["sha256"] in [text.get("sha256") for text in texts]:
            self.tell(Notice(text="the model has seen this text before: its words count twice"))
        return continued(
            corpus, self.known, min_count=reading.min_count, max_words=reading.max_words, cache=reading.cache,
            on_event=self.tell,
        )  # fmt: skip

    def counts(self, corpus: EncodedCorpus) -> npt.NDArray[np.int64]:
        """Return the counts by which words are thinned out and noise is drawn: of all texts, and 1 where none is known.

        Args:
            corpus: the new text, in the model's words.
        """
        return np.maximum(corpus.vocabulary.counts, 1)

    def first_vectors(self, corpus: EncodedCorpus, *, seed: int) -> npt.NDArray[np.float32]:
        """Return the input vectors before the first step: float32 (V, D).

        Args:
            corpus: the new text, in the model's words.
            seed: int ≥ 0, of what is drawn.
        """
        by_contexts = self.settings.new_words == "contexts"
        if by_contexts and len(corpus.vocabulary) > len(self):
            self.tell(Stage(name="reading what stands around new words"))
        return vectors_of_all(
            self.vectors.matrix, corpus, self._objective, self.counts(corpus), by_contexts=by_contexts, seed=seed
        )

    def put_into(self, model: Any, corpus: EncodedCorpus, *, seed: int) -> None:
        """Let a model begin where this one ended.

        Args:
            model: over the words of the new text.
            corpus: the new text, in the model's words.
            seed: int ≥ 0, of what is drawn.
        """
        vectors, frozen = self.first_vectors(corpus, seed=seed), np.zeros(len(corpus.vocabulary), dtype=np.bool_)
        frozen[: len(self)] = self.frozen
        if isinstance(self._objective, GloVe):
            if self._objective.vectors == "separate" and self.outputs is None:
                self.tell(Notice(text=f"{self.name} holds no contexts' vectors to go on from; they begin anew"))
            put_into_glove(model, vectors, self._objective, contexts=self.outputs, frozen=frozen)
            return
        model.input_vectors[:] = vectors
        if model.tree is not None:
            self.tell(Notice(text="a tree is another with each text, and its inner nodes begin at zero"))
        elif self.outputs is not None:
            model.output_vectors[: len(self)] = self.outputs
        else:
            self.tell(Notice(text=f"{self.name} holds no output vectors to go on from; they begin at zero"))
        if frozen.any():
            model.freeze(frozen)

    def described(self) -> dict[str, Any]:
        """Return what tells this start from others, as JSON can hold it; not where the model lies."""
        freeze: Any = self.settings.freeze
        if freeze is not None and freeze != "old":
            digest = hashlib.sha256(np.packbits(self.frozen).tobytes()).hexdigest()[:16]
            freeze = {"words": int(self.frozen.sum()), "fingerprint": digest}
        return {
            "kind": "Start",
            "words": len(self),
            "dim": self.vectors.dim,
            "vocabulary": self.known.digest(),
            "input_vectors": _digest(self.vectors.matrix),
            "output_vectors": None if self.outputs is None else _digest(self.outputs),
            "new_words": self.settings.new_words,
            "freeze": freeze,
        }

    def about(self) -> dict[str, Any]:
        """Return what a checkpoint keeps so that `found_again` opens the model."""
        freeze: Any = self.settings.freeze
        if freeze is not None and freeze != "old":
            freeze = {"bits": base64.b85encode(zlib.compress(np.packbits(self.frozen).tobytes())).decode()}
        return {
            "model": None if self.path is None else str(self.path.absolute()),
            "new_words": self.settings.new_words,
            "freeze": freeze,
        }

    def _frozen(self) -> npt.NDArray[np.bool_]:
        """Return which words stay: bool (V,)."""
        freeze = self.settings.freeze
        if freeze is None or freeze == "old":
            return np.full(len(self), freeze == "old")
        asked = list(dict.fromkeys(freeze))
        ids = self.known.ids(asked)
        if not (ids >= 0).any():
            raise SettingsError(f"expected words of the model to freeze, got none among {len(asked):,}")
        if (ids < 0).any():
            missing = asked[int(np.argmax(ids < 0))]
            self.tell(
                Notice(
                    text=f"{int((ids < 0).sum()):,} of {len(asked):,} words to freeze are not in the model, first "
                    f'"{shown(missing)}"; a new word learns'
                )
            )
        frozen = np.zeros(len(self), dtype=np.bool_)
        frozen[ids[ids >= 0]] = True
        return frozen

    def _outputs(self) -> npt.NDArray[np.float32] | None:
        """Return the output vectors, where they answer the questions that the objective asks."""
        outputs, objective = self.vectors.output_matrix, self.vectors.record.get("objective")
        kind = objective.get("kind") if isinstance(objective, dict) else None
        fits = outputs is not None and outputs.shape == self.vectors.matrix.shape
        wanted = ("GloVe",) if isinstance(self._objective, GloVe) else (None, "SkipGram", "CBOW")
        if outputs is None or not fits or kind not in wanted:
            return None
        _refuse_not_finite(outputs, self.vectors)
        return outputs


def found_again(about: dict[str, Any]) -> Start:
    """Return the start of a training that was broken off.

    Args:
        about: what `StartModel.about` gave.

    Raises:
        SettingsError: the model lay in memory.
        SourceError: it is not there any more.
    """
    if about["model"] is None:
        raise SettingsError(
            "expected the model to go on from, as it was given as vectors; give it to firth.resume again (start=)"
        )
    freeze = about["freeze"]
    if isinstance(freeze, dict):
        bits = np.frombuffer(zlib.decompress(base64.b85decode(freeze["bits"])), dtype=np.uint8)
        words = load(about["model"]).words
        frozen = np.unpackbits(bits)[: len(words)]
        freeze = [words[place] for place in np.flatnonzero(frozen).tolist()]
    return Start(about["model"], new_words=about["new_words"], freeze=freeze)


def _refuse_not_finite(matrix: npt.NDArray[np.float32], vectors: WordVectors) -> None:
    for start in range(0, len(matrix), _ROWS_AT_ONCE):
        finite = np.isfinite(matrix[start : start + _ROWS_AT_ONCE]).all(axis=1)
        if not finite.all():
            word = vectors.words[start + int(np.argmin(finite))]
            raise FormatError(
                f'expected finite numbers to go on from, got NaN or infinity in a vector of "{shown(word)}"'
            )


def _digest(matrix: npt.NDArray[np.float32]) -> str:
    digest = hashlib.sha256(repr(matrix.shape).encode())
    for start in range(0, len(matrix), _ROWS_AT_ONCE):
        digest.update(np.ascontiguousarray(matrix[start : start + _ROWS_AT_ONCE]).tobytes())
    return digest.hexdigest()[:16]
