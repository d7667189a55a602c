"""Train once for each switch by which tools differ, and print the tables in docs/conformance.md.

    python bench/conformance.py wiki100.txt                # two epochs of each, some ten minutes
    python bench/conformance.py wiki100.txt --epochs 5 --only window noise

Words are separated by blanks; those that come less than five times are left out. One thread, 100 dimensions, seed 1
unless the table says another. The evaluation sets come from ../shared/data/eval (see bench/README.md).
"""

import argparse
from pathlib import Path

import numpy as np

import firth
from firth.corpus.encoded import EncodedCorpus, encode
from firth.corpus.sources import open_source
from firth.evaluation import analogies, similarity
from firth.learning import Learned, learn
from firth.training.settings import TrainingSettings

HERE = Path(__file__).parent
BUILD = HERE.parent / "build" / "bench"
SAMPLED_CENTRES = 20_000
KINDS = ["seed", "skip-gram", "subsampling", "window", "noise", "rate", "gradient", "sentences", "glove"]

SWITCHES: dict[str, tuple[str, firth.SkipGram | firth.CBOW]] = {
    "Firth's default": ("skip-gram", firth.SkipGram()),
    "no subsampling": ("subsampling", firth.SkipGram(subsample=0)),
    "the paper's rule": ("subsampling", firth.SkipGram(subsample=firth.Subsampling(rule="paper"))),
    "threshold 1e-4, word2vec's rule": ("subsampling", firth.SkipGram(subsample=1e-4)),
    "threshold 1e-4, the paper's rule": (
        "subsampling",
        firth.SkipGram(subsample=firth.Subsampling(threshold=1e-4, rule="paper")),
    ),
    "laid before subsampling": ("window", firth.SkipGram(window=firth.Window(before_subsampling=True))),
    "always the whole": ("window", firth.SkipGram(window=firth.Window(soft=False))),
    "noise by count^0.5 (fastText)": (
        "noise",
        firth.SkipGram(loss=firth.NegativeSampling(noise=firth.Unigram(power=0.5))),
    ),
    "noise by count^1": ("noise", firth.SkipGram(loss=firth.NegativeSampling(noise=firth.Unigram(power=1)))),
    "all words alike": ("noise", firth.SkipGram(loss=firth.NegativeSampling(noise=firth.Unigram(power=0)))),
    "the rate never falls": ("rate", firth.SkipGram(min_rate=0.025)),
    "the rate falls to 0 (fastText)": ("rate", firth.SkipGram(min_rate=0)),
    "the rate falls to 0.0001 (gensim)": ("rate", firth.SkipGram(min_rate=1e-4)),
    "corrected, rate 0.15 (default)": ("gradient", firth.CBOW()),
    "corrected, rate 0.05": ("gradient", firth.CBOW(rate=0.05)),
    "corrected, rate 0.025": ("gradient", firth.CBOW(rate=0.025)),
    "historical, rate 0.075 (default)": ("gradient", firth.CBOW(gradient="historical")),
    "historical, rate 0.05 (word2vec.c)": ("gradient", firth.CBOW(gradient="historical", rate=0.05)),
    "historical, rate 0.025 (gensim)": ("gradient", firth.CBOW(gradient="historical", rate=0.025)),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--only", nargs="+", metavar="KIND", default=KINDS, choices=KINDS)
    parser.add_argument("--data", type=Path, default=HERE.parent.parent / "shared" / "data" / "eval")
    options = parser.parse_args()
    bench = Bench(options.text, options.data, options.epochs)
    print("| | | analogies | WordSim-353 | SimLex-999 |\n| --- | --- | --- | --- | --- |")
    if "seed" in options.only:
        for seed in (2, 3):
            bench.tell("seed", f"{seed}", bench.trained(firth.SkipGram(), seed=seed).words)
    for name, (kind, objective) in SWITCHES.items():
        if kind in options.only:
            learned = bench.trained(objective)
            bench.tell(kind, name, learned.words)
            if kind == "skip-gram":
                bench.matrices("which matrix, skip-gram", learned)
                saturation(learned, bench.corpus)
    if "glove" in options.only:
        bench.matrices("which matrix, GloVe", bench.trained(firth.GloVe(vectors="separate"), epochs=None))
    if "sentences" in options.only:
        joined = one_line(options.text)
        for words in (1000, 10_000):
            bench.corpus = encoded(joined, max_sentence=words)
            bench.tell("sentences", f"one line, cut after {words:,} words", bench.trained(firth.SkipGram()).words)
    collisions(encoded(options.text))


class Bench:
    """A text, and what is trained on it and scored.

    Args:
        text: the file.
        sets: the folder of the evaluation sets.
        epochs: of each training.
    """

    def __init__(self, text: Path, sets: Path, epochs: int) -> None:
        self.corpus, self.sets, self.epochs = encoded(text), sets, epochs

    def trained(self, objective: object, *, seed: int = 1, epochs: int | None = -1) -> Learned:
        """Train with one thread; by default for as many epochs as were asked for."""
        epochs = self.epochs if epochs == -1 else epochs
        return learn(objective, self.corpus, TrainingSettings(epochs=epochs, seed=seed), on_event=lambda _: None)

    def tell(self, kind: str, name: str, matrix: np.ndarray) -> None:
        print(f"| {kind} | {name} | {score(self.corpus, matrix, self.sets)} |", flush=True)

    def matrices(self, kind: str, learned: Learned) -> None:
        """Score the input vectors, the output vectors, their sum and both side by side."""
        words, outputs = learned.words, learned.outputs
        for name, matrix in {
            "input": words,
            "output": outputs,
            "input + output": words + outputs,
            "input beside output": np.concatenate((words, outputs), axis=1),
        }.items():
            self.tell(kind, name, matrix)


def encoded(text: Path, max_sentence: int = 10_000) -> EncodedCorpus:
    return encode(open_source(text), firth.Whitespace(), min_count=5, max_sentence=max_sentence, cache=BUILD / "cache")


def one_line(text: Path) -> Path:
    """Return the text without its line ends, as tools meet it that are handed a whole file."""
    joined = BUILD / f"{text.stem}-one-line.txt"
    if not joined.exists():
        joined.parent.mkdir(parents=True, exist_ok=True)
        joined.write_bytes(text.read_bytes().replace(b"\n", b" "))
    return joined


def saturation(learned: Learned, corpus: EncodedCorpus) -> None:
    """Print how many of the trained model's decisions are so sure that gensim would pass them over: |logit| ≥ 6."""
    random = np.random.default_rng(1)
    keep = firth.Subsampling().keep_probabilities(corpus.vocabulary.counts)
    noise = firth.Unigram().probabilities(corpus.vocabulary.counts)
    centres = random.integers(2, len(corpus.token_ids) - 2, SAMPLED_CENTRES)
    noise_words = random.choice(len(noise), (SAMPLED_CENTRES, 5), p=noise)
    positive, negative = [], []
    for centre, drawn in zip(centres, noise_words, strict=True):
        word = corpus.token_ids[centre]
        if random.random() > keep[word]:
            continue
        around = corpus.token_ids[[centre - 2, centre - 1, centre + 1, centre + 2]]
        contexts = learned.words[around[random.random(4) <= keep[around]]]
        positive.append(contexts @ learned.outputs[word])
        negative.append((contexts @ learned.outputs[drawn].T).ravel())
    for name, logits in (("of the word itself", positive), ("of noise words", negative)):
        values = np.concatenate(logits)
        print(f"logits {name}: {np.mean(np.abs(values) >= 6):.3%} are 6 or more from 0", flush=True)


def collisions(corpus: EncodedCorpus) -> None:
    """Print how often a noise word is the centre itself: Σ p(w) · q(w) over the centres that subsampling keeps."""
    counts = corpus.vocabulary.counts
    kept = counts * firth.Subsampling().keep_probabilities(counts)
    for power in (0.75, 0.5, 1.0):
        noise = firth.Unigram(power=power).probabilities(counts)
        print(f"noise by count^{power}: {kept @ noise / kept.sum():.3%} of the noise words are the centre itself")


def score(corpus: EncodedCorpus, matrix: np.ndarray, sets: Path) -> str:
    """Return accuracy on the analogies and the two rank correlations as cells of a table."""
    wv = firth.WordVectors(corpus.vocabulary.words, np.ascontiguousarray(matrix), corpus.vocabulary.counts)
    google = analogies.evaluate(wv, sets / "questions-words.txt", most_frequent=30_000).accuracy
    word_sim = similarity.evaluate(wv, sets / "EN-WS-353-ALL.txt").spearman
    sim_lex = similarity.evaluate(wv, sets / "SimLex-999.txt").spearman
    return f"{google:.1%} | {word_sim:.3f} | {sim_lex:.3f}"


if __name__ == "__main__":
    main()
