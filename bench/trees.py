"""Grow three trees over a text's words, train with each, and print the table of trees in docs/objectives.md.

    python bench/trees.py TEXT [DIM]

TEXT is whatever `firth.train` takes. Needs NLTK and its WordNet (tutorials/wordnet_tree.py says where from). Files of
rated word pairs are read from ../shared/data/eval where they are there. Skip-gram, five epochs, one thread; seconds are
the processor's, since other work disturbs the clock.
"""

import sys
import time
from pathlib import Path

import firth
from firth.evaluation import similarity

ROOT = Path(__file__).parent.parent
GOLD = [ROOT.parent / "shared" / "data" / "eval" / name for name in ("EN-WS-353-ALL.txt", "SimLex-999.txt")]


def main(text: str, dim: int) -> None:
    sys.path.insert(0, str(ROOT / "tutorials"))
    from wordnet_tree import open_wordnet, wordnet_tree  # noqa: PLC0415 - in the folder just named

    wordnet = open_wordnet()
    first = firth.train(text, firth.SkipGram(dim=dim), threads=1).vectors
    print("| tree | seconds to grow | expected path length | entropy | first and last loss | WS-353 | SimLex |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    makers = {
        "Huffman's": firth.Huffman,
        "WordNet's": lambda: wordnet_tree(wordnet, first.words),
        "of vectors": lambda: firth.VectorTree(vectors=first),
        "of vectors, by words": lambda: firth.VectorTree(vectors=first, balance="words"),
    }
    for name, make in makers.items():
        start = time.process_time()
        settings = make()
        tree = settings.over(first.words, first.counts)
        seconds = time.process_time() - start
        run = firth.train(text, firth.SkipGram(dim=dim, loss=firth.HierarchicalSoftmax(tree=settings)), threads=1)
        quality = [similarity.evaluate(run.vectors, similarity.read_pairs(gold)) for gold in GOLD if gold.exists()]
        shown = " | ".join(f"{result.spearman:.3f}" for result in quality)
        losses = f"{run.history[0].loss:.3f} → {run.history[-1].loss:.3f}"
        lengths = f"{tree.expected_length:.2f} | {tree.entropy:.2f}"
        print(f"| {name} | {seconds:.1f} | {lengths} | {losses} | {shown} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 100)
