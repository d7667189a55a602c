"""Train on from a model, and print the tables in docs/continuing.md: what new words learn, what old ones forget.

    python bench/continuing.py                  # the small world alone: three minutes
    python bench/continuing.py --others         # full softmax, binary cross entropy and GloVe alone: two minutes
    python bench/continuing.py wiki100.txt      # and half a text of a hundred megabytes, then the other: some ten more

One word in six of those that the gold answers ask about is held back: from the small world's first half every sentence
with such a word, from the text's first half the words themselves. Then the training goes on with the second half, or
with so much of it as is said. One thread, 100 dimensions; the small world's figures are means over seeds 1 to 3. The
questions come from ../shared/data/eval (see bench/README.md).
"""

import argparse
import re
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

import firth
from firth.corpus import small_world
from firth.evaluation import analogies, categories
from firth.evaluation.analogy_files import read_questions
from firth.objectives.whole_vocabulary import WholeVocabularyModel

HERE = Path(__file__).parent
Questions = dict[str, tuple[tuple[str, ...], ...]]


class Way(NamedTuple):
    """How to go on: the share of the objective's own rate, and what a `firth.Start` says."""

    rate: float = 0.5
    new_words: Literal["contexts", "random"] = "contexts"
    freeze: Literal["old"] | None = None
    outputs: bool = True


WAYS = {
    "by default": Way(),
    "new words at random": Way(new_words="random"),
    "the whole rate": Way(rate=1),
    "a fifth of the rate": Way(rate=0.2),
    "old words frozen": Way(freeze="old"),
    "old words frozen, the whole rate": Way(freeze="old", rate=1),
    "no output vectors": Way(outputs=False),
    "no output vectors, old words frozen": Way(outputs=False, freeze="old"),
}


def held_back(words: Iterable[str]) -> set[str]:
    return set(sorted(set(words))[::6])


def split(questions: Questions, new: set[str]) -> tuple[Questions, Questions]:
    """Return the questions without a new word, and those with one."""
    old, others = (
        {kind: tuple(q for q in asked if new.isdisjoint(q) is known) for kind, asked in questions.items()}
        for known in (True, False)
    )
    return {k: v for k, v in old.items() if v}, {k: v for k, v in others.items() if v}


def gone_on(text: object, model: Path, name: str, *, seed: int, cache: Path, **settings: object) -> firth.WordVectors:
    way, before = WAYS[name], firth.load(model)
    if not way.outputs:
        before = firth.WordVectors(before.words, before.matrix, before.counts)
    objective = firth.SkipGram(rate=firth.SkipGram().rates[0] * way.rate)
    start = firth.Start(before, new_words=way.new_words, freeze=way.freeze)
    return firth.train(text, objective, start=start, seed=seed, threads=1, cache=cache, **settings).vectors


def small(folder: Path) -> None:
    kinds = small_world.categories()
    new = held_back(kinds)

    def tokens(sentence: str) -> list[str]:
        return re.findall(r"\w+", sentence.lower())

    sentences = list(small_world.text(1_000_000))
    half = len(sentences) // 2
    first = [sentence for sentence in sentences[:half] if new.isdisjoint(tokens(sentence))]
    of_new = [sentence for sentence in sentences[half:] if not new.isdisjoint(tokens(sentence))]
    old_questions, new_questions = split(small_world.questions(), new)

    def told(name: str, make: Callable[[int], firth.WordVectors]) -> None:
        rows = []
        for seed in (1, 2, 3):
            vectors = make(seed)
            strays = {stray[0] for stray in categories.evaluate(vectors, kinds).strays}
            known = [word for word in new if word in vectors]
            rows.append((
                analogies.evaluate(vectors, old_questions, most_frequent=None).accuracy or 0,
                analogies.evaluate(vectors, new_questions, most_frequent=None).accuracy or 0,
                1 - len(strays.intersection(known)) / len(known) if known else np.nan,
            ))  # fmt: skip
        means = ("" if np.isnan(mean) else f"{100 * mean:.1f} %" for mean in np.mean(rows, axis=0))
        print(f"| {name} | " + " | ".join(means) + " |", flush=True)

    for words in (1_000, 4_000, 30_000, None):
        ends = np.cumsum([len(tokens(sentence)) for sentence in of_new])
        second = sentences[half:] if words is None else of_new[: int(np.searchsorted(ends, words)) + 1]
        settings = {"min_count": 2, "held_out": 0}
        how_many = sum(len(tokens(sentence)) for sentence in second)
        print(f"\nSmall world, on with {how_many:,} words\n\n| | old questions | new questions | new words' kind |")
        print("| --- | --- | --- | --- |")
        models = {
            seed: firth.train(
                first, seed=seed, threads=1, cache=folder, output=folder / f"model-{seed}", force=True, **settings
            ).path
            for seed in (1, 2, 3)
        }
        told("before", lambda seed, models=models: firth.load(models[seed]))
        for way in WAYS:
            told(
                way,
                lambda seed, way=way, second=second, models=models, settings=settings: gone_on(
                    second, models[seed], way, seed=seed, cache=folder, **settings
                ),
            )
        told(
            "both texts at once",
            lambda seed, second=second, settings=settings: (
                firth.train(first + second, seed=seed, threads=1, cache=folder, **settings).vectors
            ),
        )


def large(path: Path, data: Path, folder: Path, epochs: int) -> None:
    questions = {
        kind: tuple(tuple(word.lower() for word in question) for question in asked)
        for kind, asked in read_questions(data / "questions-words.txt").items()
    }
    new = held_back(word for asked in questions.values() for question in asked for word in question)
    old_questions, new_questions = split(questions, new)
    lines = path.read_text(encoding="utf-8").split("\n")
    half = len(lines) // 2
    texts = {name: folder / f"{name}.txt" for name in ("first", "all", "tenth", "whole")}
    kept = [" ".join(word for word in line.split() if word not in new) for line in lines[:half]]
    texts["first"].write_text("\n".join(kept), encoding="utf-8")
    texts["all"].write_text("\n".join([*kept, *lines[half:]]), encoding="utf-8")
    texts["whole"].write_text("\n".join(lines[half:]), encoding="utf-8")
    texts["tenth"].write_text("\n".join(lines[half : half + half // 10]), encoding="utf-8")
    tokens = {"tokenizer": firth.Whitespace(), "epochs": epochs, "held_out": 0}

    def told(name: str, vectors: firth.WordVectors, seconds: float) -> None:
        scores = (analogies.evaluate(vectors, some).accuracy or 0 for some in (old_questions, new_questions))
        print(
            f"| {name} | " + " | ".join(f"{100 * score:.1f} %" for score in scores) + f" | {seconds:.0f} |", flush=True
        )

    print("\n| text | old questions | new questions | processor seconds |\n| --- | --- | --- | --- |")
    begun = time.process_time()
    run = firth.train(texts["first"], threads=1, cache=folder, output=folder / "first", **tokens)
    told("first half", run.vectors, time.process_time() - begun)
    for name, share in (("tenth", "a twentieth more"), ("whole", "the second half")):
        for way in WAYS:
            begun = time.process_time()
            vectors = gone_on(texts[name], folder / "first", way, seed=1, cache=folder, **tokens)
            told(f"{share}: {way}", vectors, time.process_time() - begun)
    begun = time.process_time()
    told(
        "both halves at once",
        firth.train(texts["all"], threads=1, cache=folder, **tokens).vectors,
        time.process_time() - begun,
    )


def others() -> None:
    """Print what the objectives come to that keep more than vectors: AdaGrad's sums, GloVe's biases."""
    sentences = list(small_world.text(330_000))
    half = len(sentences) // 2
    texts = {"a twentieth": sentences[half : half + len(sentences) // 20], "the other half": sentences[half:]}
    losses: dict[str, Callable[..., object]] = {
        "full softmax": partial(firth.SkipGram, dim=50, loss=firth.FullSoftmax()),
        "binary cross entropy": partial(firth.SkipGram, dim=50, loss=firth.BinaryCrossEntropy()),
    }

    def scores(objective: object, epochs: int, **start: object) -> list[str]:
        learned = (firth.train(text, objective, epochs=epochs, threads=1, **start).vectors for text in texts.values())
        return [f"{answered(vectors):.1%}" for vectors in learned]

    print("| | the first half |", " | ".join(f"on with {name}" for name in texts), "| the other half alone |")
    print("| --- " * 5 + "|")
    for name, make in losses.items():
        before = firth.train(sentences[:half], make(), epochs=3, threads=1).vectors
        alone = scores(make(), 3)[1]
        real = WholeVocabularyModel.begin_sums
        for how, begin_sums in (("by default", real), ("sums from zero", lambda *_, **__: None)):
            WholeVocabularyModel.begin_sums = begin_sums
            row = [f"{answered(before):.1%}", *scores(make(), 3, start=before), alone]
            print(f"| {name}, {how} |", " | ".join(row), "|", flush=True)
        WholeVocabularyModel.begin_sums = real
    before = firth.train(sentences[:half], firth.GloVe(dim=50), threads=1).vectors
    alone = scores(firth.GloVe(dim=50), 15)[1]
    for share in (1, 0.5, 0.2):
        objective = firth.GloVe(dim=50, rate=0.05 * share)
        row = [f"{answered(before):.1%}", *scores(objective, 15, start=before), alone]
        print(f"| GloVe, {share} of the rate |", " | ".join(row), "|", flush=True)


def answered(vectors: firth.WordVectors) -> float:
    return analogies.evaluate(vectors, small_world.questions(), most_frequent=None).accuracy or 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path, nargs="?")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--data", type=Path, default=HERE.parent.parent / "shared" / "data" / "eval")
    parser.add_argument("--only-text", action="store_true")
    parser.add_argument("--others", action="store_true", help="only the objectives that keep more than vectors")
    options = parser.parse_args()
    if options.others:
        others()
        return
    with tempfile.TemporaryDirectory() as folder:
        if not options.only_text:
            small(Path(folder))
        if options.text is not None:
            large(options.text, options.data, Path(folder), options.epochs)


if __name__ == "__main__":
    main()
