"""Train GloVe on a text, its entries tile by tile and in random order; print speed, cost of each pass, and quality.

    python bench/glove.py wiki100.txt                          # 15 passes in both orders: some three minutes
    python bench/glove.py wiki100.txt --orders tiles --x-max 100 --rate 0.1

Words are separated by blanks; those that come less than five times are left out. One thread; speed is in entries per
second of its processor time, and the counts are kept in build/bench/. The evaluation sets come from ../shared/data/eval
(see bench/README.md).
"""

import argparse
import time
from pathlib import Path

import numpy as np

from firth.contexts.cooccurrence import Cooccurrences, count_cooccurrences
from firth.corpus.encoded import encode
from firth.corpus.sources import open_source
from firth.corpus.tokenizers import Whitespace
from firth.corpus.vocabulary import Vocabulary
from firth.evaluation import analogies, similarity
from firth.objectives.glove import GloVe
from firth.objectives.glove_model import GloVeModel
from firth.objectives.tiles import SIDE, arrange
from firth.training.blocks import blocks_of
from firth.vectors.store import WordVectors

HERE = Path(__file__).parent
CACHE = HERE.parent / "build" / "bench" / "cache"
BLOCK_SIZE = 400_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path)
    parser.add_argument("--orders", nargs="+", choices=["tiles", "random"], default=["tiles", "random"])
    parser.add_argument("--sides", nargs="+", type=int, default=[SIDE], help="words on a tile's side")
    parser.add_argument("--passes", type=int, default=GloVe().default_epochs)
    parser.add_argument("--dim", type=int, default=100)
    parser.add_argument("--x-max", type=float, default=GloVe().x_max)
    parser.add_argument("--rate", type=float, default=GloVe().rate)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, default=HERE.parent.parent / "shared" / "data" / "eval")
    options = parser.parse_args()

    corpus = encode(open_source(options.text), Whitespace(), min_count=5, cache=CACHE)
    counts = count_cooccurrences(corpus, window=10)
    print(
        f"{len(counts.columns):,} entries, {len(corpus.vocabulary):,} words; dim {options.dim}, x_max {options.x_max}"
    )
    compile_kernels()
    for order in options.orders:
        for side in options.sides if order == "tiles" else [SIDE]:
            objective = GloVe(dim=options.dim, x_max=options.x_max, rate=options.rate, order=order)
            print(f"\n{order}{f' of {side:,} words' if order == 'tiles' else ''}, rate {objective.rate}")
            model = trained(objective, counts, side, options.passes, options.seed)
            for name, vectors in (("w + w̃", model.input_vectors), ("w alone", model.word_vectors)):
                print(f"  {name}: {score(corpus.vocabulary, vectors, options.data)}")


def compile_kernels() -> None:
    """Learn a table of two words, so that no compilation is timed."""
    for order in ("tiles", "random"):
        objective = GloVe(dim=1, order=order)
        tiles = objective.arranged(Table(), seed=1)
        objective.over(["a", "b"], np.ones(2, np.int64), seed=1).train_block(
            tiles, range(len(tiles.ends)), rates=objective.rates, seed=0, scratch=None
        )


class Table:
    """Two words that stand together once."""

    row_ends = np.array([1, 2])
    columns = np.array([1, 0], np.int32)
    values = np.ones(2, np.float32)


def trained(objective: GloVe, counts: Cooccurrences, side: int, passes: int, seed: int) -> GloVeModel:
    """Arrange and train with one thread; print the time of both, and the cost of each pass."""
    start = time.process_time()
    tiles = arrange(counts, x_max=objective.x_max, alpha=objective.alpha, order=objective.order, side=side, seed=seed)
    print(f"  arranged in {time.process_time() - start:.1f} s of processor time")
    model = objective.over([""] * len(counts.row_ends), np.zeros(0, np.int64), seed=seed)
    blocks, costs, entries = blocks_of(tiles.ends, BLOCK_SIZE), [], len(tiles.entries)
    start = time.thread_time()
    for _ in range(passes):
        tallies = [
            model.train_block(tiles, block.groups, rates=objective.rates, seed=0, scratch=None) for block in blocks
        ]
        costs.append(sum(tally.loss for tally in tallies) / entries)
    seconds = time.thread_time() - start
    print(f"  {passes * entries / seconds / 1e6:.1f} million entries a second and thread")
    print("  J per entry after each pass:", *(f"{cost:.4f}" for cost in costs))
    return model


def score(vocabulary: Vocabulary, vectors: np.ndarray, sets: Path) -> str:
    """Return accuracy on the analogies and the two rank correlations."""
    wv = WordVectors(vocabulary.words, np.ascontiguousarray(vectors), vocabulary.counts)
    google = analogies.evaluate(wv, sets / "questions-words.txt", most_frequent=30_000).accuracy
    word_sim = similarity.evaluate(wv, sets / "EN-WS-353-ALL.txt").spearman
    sim_lex = similarity.evaluate(wv, sets / "SimLex-999.txt").spearman
    return f"analogies {google:.1%}, WordSim-353 {word_sim:.3f}, SimLex-999 {sim_lex:.3f}"


if __name__ == "__main__":
    main()
