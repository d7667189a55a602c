"""How close the sampled losses come to the softmax that they stand in for: writes the table in docs/objectives.md.

    python bench/perplexity.py

Trains on nine tenths of the small world (300,000 words, sentences in random order), five epochs, 100 dimensions,
one thread, default settings, and measures each model's perplexity, summed over the whole vocabulary, on the tenth left.
"""

import tempfile
from pathlib import Path

import numpy as np

import firth
from firth.corpus import small_world
from firth.corpus.encoded import encode
from firth.corpus.sources import open_source
from firth.evaluation.perplexity import Perplexity, Unigrams, evaluate
from firth.learning import learn
from firth.training.settings import TrainingSettings

LOSSES = {
    "full softmax": firth.FullSoftmax(),
    "NCE, 5 noise words": firth.NCE(),
    "NCE, 50 noise words": firth.NCE(negatives=50),
    "negative sampling, 5 noise words": firth.NegativeSampling(),
    "negative sampling, 50 noise words": firth.NegativeSampling(negatives=50),
    "hierarchical softmax": firth.HierarchicalSoftmax(),
    "binary cross entropy": firth.BinaryCrossEntropy(),
}

TARGET = Path(__file__).parent.parent / "docs" / "objectives.md"
BEGIN, END = "<!-- table of perplexities -->", "<!-- end of table of perplexities -->"


def split() -> tuple[list[str], list[list[str]]]:
    """Return sentences to train on, and others to be guessed."""
    sentences = list(small_world.text(300_000))
    order = np.random.default_rng(1).permutation(len(sentences)).tolist()
    held_out = len(sentences) // 10
    return [sentences[place] for place in order[held_out:]], [sentences[place].split() for place in order[:held_out]]


def row(name: str, objective: firth.SkipGram | firth.CBOW | None, rate: str, result: Perplexity) -> str:
    # Adding zero takes the sign from a rounded zero.
    mean, spread = round(result.log_partition, 2) + 0.0, result.log_partition_spread
    log_z = "" if objective is None else f"{mean:.2f} ± {spread:.2f}"
    return f"| {name} | {rate} | {result.cross_entropy:.3f} | {result.perplexity:,.0f} | {log_z} |"


def main() -> None:
    lines = ["| objective | rate | nats a pair | perplexity | log Z |", "| --- | --- | --- | --- | --- |"]
    training, held_out = split()
    with tempfile.TemporaryDirectory() as folder:
        corpus = encode(open_source(training), firth.Words(), cache=folder)
        for kind, name in ((firth.SkipGram, "skip-gram"), (firth.CBOW, "CBOW")):
            for loss_name, loss in LOSSES.items():
                objective = kind(loss=loss)
                learned = learn(objective, corpus, TrainingSettings(epochs=5), on_event=lambda _: None)
                result = evaluate(learned.model, objective, corpus.vocabulary, held_out)
                lines.append(row(f"{name}, {loss_name}", objective, str(objective.rates[0]), result))
                print(lines[-1], flush=True)
            baseline = Unigrams(corpus.vocabulary.counts, subsample=kind().subsample)
            result = evaluate(baseline, kind(), corpus.vocabulary, held_out)
            lines.append(row(f"{name}, each word's share alone", None, "", result))
            print(lines[-1], f"{result.pairs:,} pairs, {len(corpus.vocabulary):,} words", flush=True)
    before, _, rest = TARGET.read_text(encoding="utf-8").partition(BEGIN + "\n")
    _, _, after = rest.partition(END)
    table = "\n".join(lines)
    TARGET.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")
    print(f"written to {TARGET}")


if __name__ == "__main__":
    main()
