"""Measure what `--reproducible` costs: speed beside threads that take no care of one another, and quality.

    python bench/reproducible.py wiki100.txt                     # speed: some five minutes
    python bench/reproducible.py wiki100.txt --quality           # five epochs of each instead: some ten minutes

Speed is in thousand words (GloVe: entries) a second, the best of many turns of some hundredths of a second each, as a
machine is seldom quite idle; "processor" divides by the processor's time instead, all threads together. The evaluation
sets come from ../shared/data/eval (see bench/README.md); the counts and the encoded text are kept in build/bench/.
"""

import argparse
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

import firth
from firth.contexts.cooccurrence import count_cooccurrences
from firth.corpus.encoded import encode
from firth.corpus.sources import open_source
from firth.corpus.tokenizers import Whitespace
from firth.evaluation import analogies, similarity
from firth.objectives.crew import Crew
from firth.objectives.reproducible import ReproducibleModel
from firth.objectives.reproducible_glove import SHARES, ReproducibleGloVe
from firth.training import trainer
from firth.training.blocks import blocks_of
from firth.training.held_out import SplitText, choose
from firth.training.schedule import LinearSchedule
from firth.vectors.store import WordVectors

HERE = Path(__file__).parent
CACHE = HERE.parent / "build" / "bench" / "cache"

OBJECTIVES = {
    "skip-gram, NEG": firth.SkipGram(),
    "skip-gram, NCE": firth.SkipGram(loss=firth.NCE()),
    "skip-gram, HS": firth.SkipGram(loss=firth.HierarchicalSoftmax()),
    "CBOW, NEG": firth.CBOW(),
    "CBOW, NCE": firth.CBOW(loss=firth.NCE()),
    "CBOW, HS": firth.CBOW(loss=firth.HierarchicalSoftmax()),
    "GloVe": firth.GloVe(),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path)
    parser.add_argument("--objectives", nargs="+", choices=list(OBJECTIVES), default=list(OBJECTIVES))
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--turns", type=int, default=200)
    parser.add_argument("--quality", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, default=HERE.parent.parent / "shared" / "data" / "eval")
    options = parser.parse_args()

    corpus = encode(open_source(options.text), Whitespace(), min_count=5, cache=CACHE)
    for name in options.objectives:
        course = Course(OBJECTIVES[name], corpus, options.seed)
        print(name, flush=True)
        if options.quality:
            for reproducible in (False, True):
                print(f"  {label(reproducible)}: {course.quality(reproducible, options.data)}", flush=True)
        else:
            course.speeds(options.threads, options.turns)


def label(reproducible: bool) -> str:
    return "reproducible" if reproducible else "plain"


class Course:
    """One objective over one text, to be trained in both ways."""

    def __init__(self, objective: Any, corpus: Any, seed: int) -> None:
        self.objective, self.corpus, self.seed = objective, corpus, seed
        self.is_glove = isinstance(objective, firth.GloVe)
        if self.is_glove:
            counts = count_cooccurrences(corpus, window=objective.window)
            self.tiles = {
                way: objective.arranged(counts, seed=seed, shares=SHARES if way else 1) for way in (False, True)
            }
        else:
            held_out = choose(corpus.sentence_ends, share=0.01, seed=seed)
            self.text = SplitText(corpus.token_ids, corpus.sentence_ends, held_out)

    def model(self, reproducible: bool, threads: int) -> Any:
        vocabulary = self.corpus.vocabulary
        model = self.objective.over(vocabulary.words, vocabulary.counts, seed=self.seed)
        if not reproducible:
            return model
        return (ReproducibleGloVe if self.is_glove else ReproducibleModel)(model, threads=threads)

    def train(
        self, model: Any, reproducible: bool, threads: int, items: int | None, epochs: int = 1
    ) -> trainer.Outcome:
        """Train on the first so many words or entries."""
        material = self.tiles[reproducible] if self.is_glove else self.text
        ends = material.ends if self.is_glove else self.corpus.sentence_ends
        if items is not None:
            ends = ends[: int(np.searchsorted(ends, items)) + 1]
        size = (400_000 * (10 if reproducible else 1)) if self.is_glove else 50_000
        return trainer.train(
            model,
            trainer.Work(material=material, ends=ends, units=int(ends[-1]), block_size=size),
            LinearSchedule(first=self.objective.rates[0], last=self.objective.rates[1]),
            epochs=epochs,
            threads=1 if reproducible else threads,
            seed=self.seed,
            on_event=lambda _: None,
        )

    def speeds(self, threads: list[int], turns: int) -> None:
        ways = [(reproducible, count) for count in threads for reproducible in (False, True)]
        bursts = {way: Bursts(self, *way) for way in ways}
        for turn in range(turns):
            for way in ways:
                bursts[way].take(turn)
        for count in threads:
            plain, together = bursts[False, count], bursts[True, count]
            print(
                f"  {count} threads: plain {plain.wall / 1e3:,.0f}, reproducible {together.wall / 1e3:,.0f},"
                f" {together.wall / plain.wall:.0%}; processor {plain.processor / 1e3:,.0f},"
                f" {together.processor / 1e3:,.0f}, {together.processor / plain.processor:.0%}",
                flush=True,
            )

    def quality(self, reproducible: bool, sets: Path) -> str:
        """Train with one thread; return accuracy on the analogies and the two rank correlations."""
        model = self.model(reproducible, 1)
        self.train(model, reproducible, 1, None, self.objective.default_epochs)
        vectors = model.input_vectors
        vocabulary = self.corpus.vocabulary
        wv = WordVectors(vocabulary.words, np.ascontiguousarray(vectors), vocabulary.counts)
        google = analogies.evaluate(wv, sets / "questions-words.txt", most_frequent=30_000).accuracy
        word_sim = similarity.evaluate(wv, sets / "EN-WS-353-ALL.txt").spearman
        sim_lex = similarity.evaluate(wv, sets / "SimLex-999.txt").spearman
        return f"analogies {google:.1%}, WordSim-353 {word_sim:.3f}, SimLex-999 {sim_lex:.3f}"


class Bursts:
    """The fastest of many short pieces of work, each so short that nothing else may have wanted the cores meanwhile."""

    def __init__(self, course: Course, reproducible: bool, threads: int) -> None:
        self.model, self.together, self.threads = course.model(reproducible, threads), reproducible, threads
        if reproducible and not course.is_glove:
            self.model._crew = Steady(threads)  # noqa: SLF001 - all threads, even where fewer are faster
        self.material = course.tiles[reproducible] if course.is_glove else course.text
        ends = self.material.ends if course.is_glove else course.corpus.sentence_ends
        size = (4_000_000 if reproducible else 4_000_000 // threads) if course.is_glove else 50_000
        self.blocks, self.rates = blocks_of(ends, size), course.objective.rates
        self.scratch = [self.model.scratch(10_000) for _ in range(1 if reproducible else threads)]
        self.pool = ThreadPoolExecutor(threads)
        self.wall = self.processor = 0.0

    def take(self, turn: int) -> None:
        """Learn from as many blocks as there are threads: one a thread, or one after the other by all of them."""
        first = turn * self.threads % (len(self.blocks) - self.threads)
        blocks = self.blocks[first : first + self.threads]
        start, processor = time.perf_counter(), time.process_time()
        if self.together:
            for block in blocks:
                self.learn(block, self.scratch[0])
        else:
            list(self.pool.map(self.learn, blocks, self.scratch))
        items = sum(block.items for block in blocks)
        if turn > 1:  # the first ones compile, and wake the threads
            self.wall = max(self.wall, items / (time.perf_counter() - start))
            self.processor = max(self.processor, items / (time.process_time() - processor))

    def learn(self, block: Any, scratch: Any) -> None:
        self.model.train_block(
            self.material, block.groups, rates=(self.rates[0],) * 2, seed=block.number, scratch=scratch
        )


class Steady(Crew):
    """A crew that stays as large as it is."""

    def tell(self, seconds: float, words: int) -> None:
        pass


if __name__ == "__main__":
    main()
