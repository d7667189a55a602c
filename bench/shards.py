"""What training by shards costs in quality: replicas merged as `firth train --shards` does, beside one model.

    python bench/shards.py --text wiki100.txt --sets ../shared/data/eval     # skip-gram and CBOW; 1, 2, 4, 8 shards
    python bench/shards.py --text wiki100.txt --sets … --models skip-gram --shards 4 --merge-every 500000

Run with an interpreter that has Firth installed. The text is bench/against_gensim.py's 100 MB of Wikipedia; scores are
those of bench/RESULTS.md: Google's analogies, WordSim-353, SimLex-999. `--cluster local` trains the shards on Ray.
"""

import argparse
import time
from pathlib import Path

import firth
from firth.evaluation import analogies, similarity
from firth.training.shards import Shards

OBJECTIVES = {
    "skip-gram": firth.SkipGram(),
    "cbow": firth.CBOW(),
    "skip-gram-hs": firth.SkipGram(loss=firth.HierarchicalSoftmax()),
    "skip-gram-nce": firth.SkipGram(loss=firth.NCE()),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, required=True)
    parser.add_argument("--sets", type=Path, required=True, help="the folder of the evaluation sets")
    parser.add_argument("--models", nargs="+", choices=list(OBJECTIVES), default=["skip-gram", "cbow"])
    parser.add_argument("--shards", nargs="+", type=int, default=[1, 2, 4, 8], help="1: one model, no merging")
    parser.add_argument("--merge-every", type=int, default=100_000)
    parser.add_argument("--rate-scale", type=float, help="by default what the number of shards gives")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--cluster")
    options = parser.parse_args()

    print(
        "| | shards | seed | analogies | WordSim-353 | SimLex-999 | rounds | MB a round | s merging a round | CPU s |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for model in options.models:
        for count in options.shards:
            for seed in options.seeds:
                print(row(model, count, seed, options), flush=True)


def row(model: str, count: int, seed: int, options: argparse.Namespace) -> str:
    """Train once, and return the scores and what the merging took as a row of the table."""
    shards = Shards(count=count, merge_every=options.merge_every, rate_scale=options.rate_scale)
    start = time.process_time()
    run = firth.train(
        options.text,
        OBJECTIVES[model],
        epochs=options.epochs,
        threads=options.threads,
        seed=seed,
        held_out=0,
        shards=None if count == 1 else shards,
        cluster=options.cluster,
    )
    seconds = time.process_time() - start
    vectors, facts = run.vectors, run.record.get("merging")
    google = analogies.evaluate(vectors, options.sets / "questions-words.txt", most_frequent=30_000).accuracy or 0.0
    word_sim = similarity.evaluate(vectors, options.sets / "EN-WS-353-ALL.txt").spearman or 0.0
    sim_lex = similarity.evaluate(vectors, options.sets / "SimLex-999.txt").spearman or 0.0
    merging = "– | – | –"
    if facts:
        merging = f"{facts['rounds']} | {facts['bytes_a_round'] / 1e6:.1f} | {facts['merging_seconds_a_round']:.3f}"
    return f"| {model} | {count} | {seed} | {google:.1%} | {word_sim:.3f} | {sim_lex:.3f} | {merging} | {seconds:.0f} |"


if __name__ == "__main__":
    main()
