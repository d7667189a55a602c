"""The demonstration: a small world's text, its training pairs, a training, and what the vectors learned."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from firth.contexts.pairs import PairsTable, pairs
from firth.corpus import small_world
from firth.errors import SettingsError, StorageError
from firth.events import Stage
from firth.objectives.skipgram import SkipGram
from firth.storage import written_whole
from firth.text_to_vectors import train

if TYPE_CHECKING:
    from collections.abc import Callable

    from firth.events import EpochEnd, Listener
    from firth.run import Run
    from firth.vectors.table import NeighborTable

__all__ = ["Demo", "demo"]

TEXT_NAME = "small-world.txt"
OBJECTIVE = SkipGram(dim=100, window=5)
EPOCHS = 5
WORD = "pink"
EXPRESSIONS = ("king - man + woman", "paris - france + italy")
PAIRS_REACH = 2
FEWEST_WORDS = 100_000
"""In a shorter text not every word that the demonstration asks about comes often enough to be learned."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Demo:
    """What the demonstration made.

    Args:
        text: the small world's text, one sentence a line.
        pairs: the training pairs of one of its sentences.
        run: the training.
        trained: neighbours of *pink* after training.
        untrained: the same before the first step.
        analogies: expression → the words nearest to its outcome.
    """

    text: Path
    pairs: PairsTable
    run: Run
    trained: NeighborTable
    untrained: NeighborTable
    analogies: dict[str, NeighborTable]


def demo(
    *,
    words: int = 1_000_000,
    seed: int = 1,
    output: str | Path = "firth-demo",
    show: Callable[[str], object] = print,
    on_event: Listener | None = None,
) -> Demo:
    """Write the small world's text, train on it with one thread, and show what came of it.

    Needs neither network nor files. The same words and seed give the same vectors on the same machine.

    Args:
        words: int ≥ 100,000, words of text; below some 300,000 little is learned.
        seed: int ≥ 0, of the text and of the training.
        output: the folder for text and vectors; it must be new, empty, or an earlier demonstration's.
        show: called with each part of the report as it is ready.
        on_event: a listener for progress.

    Raises:
        SettingsError: a number of words or a seed that cannot be.
        StorageError: the folder holds something else, or cannot be written.
    """
    if not isinstance(words, int) or isinstance(words, bool) or words < FEWEST_WORDS:
        raise SettingsError(f"expected {FEWEST_WORDS:,} words or more for the small world, got {words!r}")
    folder = _free(Path(output))
    text, sentence = _written(folder / TEXT_NAME, words, seed, on_event)
    table = pairs(sentence, PAIRS_REACH)
    show(
        f"A small world of {words:,} words lies in {text}. What skip-gram learns from one sentence of it,\n"
        f"each target word guessing its context (in training the window reaches {OBJECTIVE.window} words):\n\n{table}\n"
    )

    run = train(text, OBJECTIVE, epochs=EPOCHS, threads=1, seed=seed, output=folder, force=True, on_event=on_event)
    show(f"{_losses(run)}\n")

    trained, untrained = run.vectors.neighbors(WORD, k=9), run.untrained.neighbors(WORD, k=9)
    show(f"Words nearest to {WORD}, by cosine distance:\n\n{_side_by_side(trained, untrained)}\n")

    analogies = {expression: run.vectors.analogy(expression, k=3) for expression in EXPRESSIONS}
    for expression, answers in analogies.items():
        show(f"{expression}\n\n{answers}\n")

    show(_next_steps(folder))
    return Demo(text=text, pairs=table, run=run, trained=trained, untrained=untrained, analogies=analogies)


def _free(folder: Path) -> Path:
    """Return the folder if the demonstration may write there."""
    try:
        there = {path.name for path in folder.iterdir()} if folder.exists() else set()
    except OSError as error:
        raise StorageError(
            f"expected a folder for the demonstration, got {folder}: {error.strerror}; choose another"
        ) from error
    if there and TEXT_NAME not in there:
        raise StorageError(f"expected a new or empty folder, but {folder} holds other things; choose another")
    return folder


def _written(path: Path, words: int, seed: int, on_event: Listener | None) -> tuple[Path, str]:
    """Write the text, one sentence a line; return its path, and a short sentence with a king in it."""
    if on_event is not None:
        on_event(Stage(name="writing the small world"))
    example = ""
    sentences = small_world.text(words, seed)  # checks its arguments before a file is made
    with written_whole(path) as part, part.open("w", encoding="utf-8", newline="\n") as stream:
        for sentence in sentences:
            stream.write(sentence + "\n")
            if not example and " king " in sentence and len(sentence.split()) <= 8:
                example = sentence
    return path, example or sentence


def _losses(run: Run) -> str:
    """Return what the training's epochs came to, a line each."""
    how = "Interrupted after" if run.interrupted else "Trained on it in"
    lines = [f"{how} {run.seconds:.1f} s ({run.per_second:,.0f} words/s, one thread):"]
    lines += [f"  epoch {epoch.epoch}: loss {_shown(epoch.loss)}{_held_out(epoch)}" for epoch in run.history]
    return "\n".join(lines)


def _held_out(epoch: EpochEnd) -> str:
    return "" if epoch.held_out_loss is None else f", on held-out sentences {epoch.held_out_loss:.4f}"


def _shown(loss: float | None) -> str:
    return "none, no word had company" if loss is None else f"{loss:.4f}"


def _side_by_side(trained: NeighborTable, untrained: NeighborTable) -> str:
    """Return two neighbour tables as one, in the Necronomicon's layout: distances, the word itself first.

    Source: peluche, "Embeddings Necronomicon", the comparison of embeddings.
    """
    columns = [
        [("0.0000", WORD), *((f"{1 - row[1]:.4f}", row[0]) for row in table.rows)] for table in (trained, untrained)
    ]
    widths = [max(len("neighbor"), *(len(word) for _, word in column)) for column in columns]

    def line(*cells: str) -> str:
        return "| " + " | ".join(cells) + " |"

    def row(left: tuple[str, str], right: tuple[str, str]) -> str:
        return line(left[0].rjust(8), left[1].ljust(widths[0]), right[0].rjust(8), right[1].ljust(widths[1]))

    wide = [8 + 3 + width for width in widths]
    rule = "|" + "+".join("-" * (width + 2) for width in (8, widths[0], 8, widths[1])) + "|"
    return "\n".join(
        [
            "|" + "+".join("-" * (width + 2) for width in wide) + "|",
            line("trained".center(wide[0]), "untrained".center(wide[1])),
            rule,
            row(("distance", "neighbor"), ("distance", "neighbor")),
            rule,
            *(row(left, right) for left, right in zip(*columns, strict=True)),
        ]
    )


def _next_steps(path: Path) -> str:
    return (
        f"The vectors lie in {path}. To go on:\n"
        f"  firth neighbors {path} paris red doctor\n"
        f'  firth analogy {path} "walked - walk + swim"\n'
        "  firth train YOUR-TEXT.txt -o my-run"
    )
