"""How far to trust a neighbour: skip-gram on novels, the text drawn again ten times, beside other seeds alone.

    python bench/confidence.py                        # ../shared/data/novels: some ten minutes on two cores
    python bench/confidence.py --text "novels/*.txt"

For each of "documents" (whole novels), "sentences" and "nothing" (another seed alone), ten runs, one thread each; for
several hundred words of three bands of frequency: how many of a word's ten neighbours, by the run on the whole text,
are in all ten runs' lists, how large the mean share is, and how wide the intervals of the similarities are. Prints
what docs/confidence.md shows. At the end the periods before and after a year are aligned (names must hold the year).
"""

import argparse
import re
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

import firth
from firth.bootstrap import bootstrap
from firth.corpus.reading import Reading, read
from firth.training.settings import TrainingSettings
from firth.vectors.replicas import with_replicas

WORDS = ("king", "queen", "love", "money", "london", "walked")
BANDS = ((1000, 10**9), (100, 1000), (20, 100))
NOVELS = Path(__file__).parents[1].parent / "shared" / "data" / "novels"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", default=str(NOVELS))
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--words", type=int, default=300, help="drawn from each band of frequency")
    parser.add_argument("--year", type=int, default=1880, help="novels before it, and from it on")
    parser.add_argument("--periods-only", action="store_true")
    options = parser.parse_args()
    objective = firth.SkipGram()
    if not options.periods_only:
        stability(options.text, objective, options.runs, options.words)
    periods(options.text, objective, options.year)


def stability(text: str, objective: firth.SkipGram, runs: int, words: int) -> None:
    """Print how stable lists of neighbours are, by what is drawn again."""
    corpus, _ = read(text, Reading())
    print(f"{len(corpus.document_ends)} documents, {corpus.word_total:,} words, {len(corpus.vocabulary):,} different")
    main_run = firth.train(text, objective, threads=1).vectors
    twin = firth.train(text, objective, threads=1, seed=2).vectors
    counts = np.asarray(main_run.counts)
    random = np.random.default_rng(1)
    drawn_words = {}
    for low, high in BANDS:
        ids = np.flatnonzero((counts >= low) & (counts < high))
        some = random.choice(ids, size=min(words, len(ids)), replace=False)
        drawn_words[low, high] = [main_run.words[word_id] for word_id in sorted(some.tolist())]
    with tempfile.TemporaryDirectory() as folder:
        for drawn in ("documents", "sentences", "nothing"):
            started = time.process_time()
            told = bootstrap(corpus, objective, TrainingSettings(), runs=runs, drawn=drawn, folder=Path(folder) / drawn)
            wv = with_replicas(main_run, told)
            print(f"\n== {drawn} drawn again: {runs} runs, {(time.process_time() - started) / runs:.1f} s each ==")
            for (low, high), band in drawn_words.items():
                print(band_row(wv, band, low, high, runs))
                print(pairs_row(wv, twin, band))
            for word in WORDS:
                print(f"\n{word} ({counts[main_run.index(word)]:,} times)\n{wv.neighbors(word)}")
            if drawn == "documents":
                print(
                    f"\n{wv.axis(['woman', 'she'], ['man', 'he']).project(['nurse', 'doctor', 'servant', 'captain'])}"
                )
                print(f"\n{wv.analogy('king - man + woman', k=5)}")
                for pair in (("king", "queen"), ("man", "woman"), ("love", "hate"), ("london", "paris")):
                    print(pair, wv.similarity_interval(*pair))


def band_row(wv: firth.WordVectors, words: list[str], low: int, high: int, runs: int) -> str:
    """Return the figures of one band of frequency."""
    table = wv.neighbors(words)
    told = table.confidence
    shares = np.array([np.nan if share is None else share for share in told.shares]).reshape(len(words), -1)
    widths = [high - low for low, high in zip(told.lows, told.highs, strict=True) if low is not None]
    outside = [
        not low <= value <= high
        for low, value, high in zip(told.lows, table.values, told.highs, strict=True)
        if low is not None
    ]
    in_all = np.nansum(shares == 1, axis=1)
    return (
        f"{low:>6} – {high:<12} {len(words)} words: of 10 neighbours {in_all.mean():.1f} in all {runs} runs; mean "
        f"share {np.nanmean(shares):.0%}; first neighbour in all runs {np.mean(shares[:, 0] == 1):.0%} of words; "
        f"interval's median width {statistics.median(widths):.3f}; {np.mean(outside):.0%} of similarities outside it"
    )


def pairs_row(wv: firth.WordVectors, twin: firth.WordVectors, words: list[str]) -> str:
    """Return the same of pairs that another run listed: these were not picked for what this run says of them."""
    table = twin.neighbors(words)
    told = [wv.similarity_interval(query, word) for query, word, _ in table.rows]
    told = [each for each in told if each.low is not None]
    above = np.mean([each.value > each.high for each in told])
    below = np.mean([each.value < each.low for each in told])
    return f"{'':24}pairs listed by another seed: {above:.0%} of similarities above the interval, {below:.0%} below it"


def periods(text: str, objective: firth.SkipGram, year: int) -> None:
    """Print what moved between novels before a year and from it on, by two ways to choose anchors."""
    parts: dict[bool, list[Path]] = {False: [], True: []}
    for path in sorted(Path(text).iterdir()):
        if found := re.search(r"_(\d{4})\.", path.name):
            parts[int(found[1]) >= year].append(path)
    before, after = (firth.train(paths, objective, threads=1).vectors for paths in (parts[False], parts[True]))
    print(f"\n== {len(parts[False])} novels before {year}, {len(parts[True])} from it on ==")
    for stable in (0.5, 1.0):
        found = firth.align(before, onto=after, stable=stable)
        print(f"\nstable={stable}: {found!r}, {found.rounds} rounds\n{found.moves.most(20, min_count=200)}")
    twin = firth.train(parts[False], objective, threads=1, seed=2).vectors
    same = firth.align(twin, onto=before)
    print(f"\nanother seed on the same novels: {same!r}\n{same.moves.most(5, min_count=200)}")
    # Half of the moved words exchanged for each other in the later vectors: are they found?
    random = np.random.default_rng(1)
    frequent = [word_id for word_id in range(len(twin)) if twin.counts[word_id] >= 200]
    for share in (0.05, 0.3):
        chosen = random.permutation(frequent)[: round(share * len(frequent))]
        matrix = twin.matrix.copy()
        matrix[np.sort(chosen)] = twin.matrix[chosen]
        changed = firth.WordVectors(twin.words, matrix, twin.counts)
        true = {twin.words[a] for a, b in zip(np.sort(chosen), chosen, strict=True) if a != b}
        for stable in (0.5, 1.0):
            found = firth.align(changed, onto=before, stable=stable)
            most = found.moves.most(len(true), min_count=200).words
            rest = [d for w, d in zip(found.moves.words, found.moves.distances, strict=True) if w not in true]
            print(
                f"{share:.0%} of frequent words exchanged, stable={stable}: {len(true & set(most)) / len(true):.1%} of "
                f"them found; the others' mean distance {np.mean(rest):.4f}"
            )


if __name__ == "__main__":
    main()
