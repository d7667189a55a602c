"""Training pairs made readable: the table that textbooks print to show what skip-gram and CBOW learn from."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firth.contexts.window import Window
from firth.corpus.tokenizers import Sentences, Whitespace, Words
from firth.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firth.corpus.tokenizers import Tokenizer

__all__ = ["PairsRow", "PairsTable", "pairs"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PairsRow:
    """One place of the sliding window.

    Args:
        window: the words in the window as the text writes them, joined by blanks.
        centre: the word in the middle.
        left: the contexts before the centre, in the text's order.
        right: the contexts after it.
    """

    window: str
    centre: str
    left: tuple[str, ...]
    right: tuple[str, ...]

    @property
    def contexts(self) -> tuple[str, ...]:
        """All contexts, left to right."""
        return self.left + self.right


@dataclass(frozen=True, kw_only=True, slots=True)
class PairsTable:
    """What one text gives to train on, one row for each place of the window; prints as Weng's table.

    Args:
        rows: one row per centre, in the text's order.
        window: the window that was laid.

    Source: Weng, "Learning Word Embedding" (2017), the skip-gram section.
    """

    rows: tuple[PairsRow, ...]
    window: Window

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[PairsRow]:
        return iter(self.rows)

    def pairs(self) -> list[tuple[str, str]]:
        """Return every (centre, context) pair, in the text's order: skip-gram's training samples."""
        return [(row.centre, context) for row in self.rows for context in row.contexts]

    @property
    def header(self) -> str:
        """Which window was laid, in words."""
        left, right = self.window.left, self.window.right
        if left == right:
            reach = f"window {left}: {_words(left)} to each side of the centre"
        else:
            reach = f"window {left}, {right}: {_words(left)} before and {_words(right)} after the centre"
        drawn = ", its reach drawn anew for each centre" if self.window.soft else ""
        return f"{reach}, {left + 1 + right} in all{drawn}"

    def __str__(self) -> str:
        head = (f"Sliding window (size = {self.window.left + 1 + self.window.right})", "Target word", "Context")
        cells = [head, *((f"[{row.window}]", row.centre, ", ".join(row.contexts)) for row in self.rows)]
        widths = [max(len(row[column]) for row in cells) for column in (0, 1)]
        lines = [f"{window:<{widths[0]}}  {centre:<{widths[1]}}  {context}" for window, centre, context in cells]
        return "\n".join([self.header, "", *(line.rstrip() for line in lines)])

    def sides(self) -> str:
        """Return the other textbook layout: left and right contexts in columns of their own.

        Source: peluche, "Embeddings Necronomicon", the skip-gram section.
        """
        heads = ("given the word", "guess the left context", "and the right context")
        cells = [(repr(row.centre), *_list_in_two(row.left, row.right)) for row in self.rows]
        widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
        rule = "+".join("-" * (width + blanks) for width, blanks in zip(widths, (1, 2, 1), strict=True))
        title = " | ".join(f"{head:<{width}}" for head, width in zip(heads, widths, strict=True))
        lines = [f"{centre:>{widths[0]}} -> {left:<{widths[1] + 2}}{right}" for centre, left, right in cells]
        return "\n".join([self.header, "", rule, title.rstrip(), rule, *(line.rstrip() for line in lines)])


def pairs(
    text: str | Sequence[str],
    window: int | Window = 2,
    *,
    span: int | None = None,
    soft: bool = False,
    tokenizer: Tokenizer | None = None,
    seed: int = 1,
) -> PairsTable:
    """Return the training pairs of a text as a table.

    Args:
        text: the text itself, or one sentence's words.
        window: int ≥ 1, words to each side of the centre; or a Window, which may reach further to one side and says
            itself whether it is soft.
        span: odd int ≥ 3, the window's whole width with the centre in the middle, in place of `window`:
            span=5 is window=2.
        soft: whether each centre's reach is drawn from 1…window, as in training, or always the whole, as in the
            textbooks.
        tokenizer: how a text becomes words and sentences; None for `Words()`, to which each line is a sentence.
        seed: int ≥ 0, of a soft window's draws.

    Returns:
        The table; `print` it, iterate over its rows, or take its `.pairs()`.

    Raises:
        SettingsError: what is no text, a window or span that cannot be.
    """
    if not isinstance(text, str) and not (isinstance(text, Sequence) and all(isinstance(word, str) for word in text)):
        raise SettingsError(f"expected a text or a list of words, got {text!r}")
    laid = _window(window, span, soft)
    random = np.random.default_rng(_checked_seed(seed))
    rows = [
        row
        for tokens, written in _sentences(text, tokenizer if tokenizer is not None else Words())
        for row in _rows(tokens, written, laid, random)
    ]
    return PairsTable(rows=tuple(rows), window=laid)


def _window(window: int | Window, span: int | None, soft: bool) -> Window:
    if span is not None:
        if not isinstance(span, int) or isinstance(span, bool) or span < 3 or span % 2 == 0:
            raise SettingsError(
                f"expected a span that is an odd number from 3 up (the centre and as many words to each side), "
                f"got {span!r}; a span of 5 is a window of 2"
            )
        window = span // 2
    if isinstance(window, Window):
        return window
    return dataclasses.replace(Window.of(window), soft=soft)


def _checked_seed(seed: int) -> int:
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise SettingsError(f"expected a seed that is a whole number from 0 up, got {seed!r}")
    return seed


def _sentences(text: str | Sequence[str], tokenizer: Tokenizer) -> Iterator[tuple[list[str], list[str]]]:
    """Yield each sentence's words, and the same words as the text writes them."""
    if not isinstance(text, str):
        yield list(text), list(text)
        return
    sentences = tokenizer.sentences(text)
    written = _keeping_capitals(tokenizer).sentences(text)
    # Where the tokenizer does more than lower-casing, the words that it makes are shown in the window too.
    same = [[word.lower() for word in sentence] for sentence in written] == sentences
    yield from zip(sentences, written if same else sentences, strict=True)


def _keeping_capitals(tokenizer: Tokenizer) -> Tokenizer:
    """Return the same tokenizer without its lower-casing, if it has any."""
    if isinstance(tokenizer, Sentences):
        return dataclasses.replace(tokenizer, words=_keeping_capitals(tokenizer.words))
    if isinstance(tokenizer, Words | Whitespace) and tokenizer.lowercase:
        return dataclasses.replace(tokenizer, lowercase=False)
    return tokenizer


def _rows(tokens: list[str], written: list[str], window: Window, random: np.random.Generator) -> Iterator[PairsRow]:
    for position, centre in enumerate(tokens):
        contexts = window.contexts(position, len(tokens), draw=1.0 - random.random())
        left = [other for other in contexts if other < position]
        right = [other for other in contexts if other > position]
        yield PairsRow(
            window=" ".join(written[other] for other in (*left, position, *right)),
            centre=centre,
            left=tuple(tokens[other] for other in left),
            right=tuple(tokens[other] for other in right),
        )


def _list_in_two(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[str, str]:
    """Return one list of words as Python writes it, cut where the centre stood."""
    before, after = ", ".join(map(repr, left)), ", ".join(map(repr, right))
    return ("[" + before + ("," if left else ""), after + "]") if right else (f"[{before}]", "")


def _words(count: int) -> str:
    return f"{count} word" if count == 1 else f"{count} words"
