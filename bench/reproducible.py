"""Measure what `--reproducible` costs: speed beside threads that take no care of one another, and quality.

    python bench/reproducible.py wiki100.txt                     # speed, in short turns: some five minutes
    python bench/reproducible.py wiki100.txt --quality           # five epochs of each instead: some ten minutes

Speed is in thousand words (GloVe: entries) a second, the best of several short turns that alternate, as a machine is
seldom quite idle; "processor" divides by the processor's time instead, all threads together. The evaluation sets come
from ../shared/data/eval (see bench/README.md); the counts and the encoded text are kept in build/bench/.
"""

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np

import firth
from firth.contexts.cooccurrence import count_cooccurrences
from firth.corpus.encoded import encode
from firth.corpus.sources import open_source
from firth.corpus.tokenizers import Whitespace
from firth.evaluation import analogies, similarity
from firth.objectives.reproducible import ReproducibleModel
from firth.objectives.reproducible_glove import SHARES, ReproducibleGloVe
from firth.training import trainer
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
    parser.add_argument("--turns", type=int, default=8)
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
        items = 16_000_000 if self.is_glove else 1_000_000
        ways = [(reproducible, count) for count in threads for reproducible in (False, True)]
        models = {way: self.model(*way) for way in ways}
        best: dict[tuple[bool, int], tuple[float, float]] = dict.fromkeys(ways, (0.0, 0.0))
        for turn in range(turns + 1):
            for way in ways:
                wall, processor = time.perf_counter(), time.process_time()
                self.train(models[way], *way, items)
                found = (items / (time.perf_counter() - wall), items / (time.process_time() - processor))
                if turn:  # the first one compiles
                    best[way] = (max(best[way][0], found[0]), max(best[way][1], found[1]))
        for count in threads:
            (plain, alone), (together, own) = best[False, count], best[True, count]
            print(
                f"  {count} threads: plain {plain / 1e3:,.0f}, reproducible {together / 1e3:,.0f},"
                f" {together / plain:.0%}; processor {alone / 1e3:,.0f}, {own / 1e3:,.0f}, {own / alone:.0%}",
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


if __name__ == "__main__":
    main()
