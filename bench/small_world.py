"""Train every objective on the small world and write the table in docs/objectives.md: what each learned.

    python bench/small_world.py

A million words, five epochs, 100 dimensions, one thread, default settings; some ten minutes, nearly all of it for the
losses over the whole vocabulary.
"""

import tempfile
from pathlib import Path

import firth
from firth.corpus import small_world
from firth.evaluation import analogies, categories

OBJECTIVES = {
    "skip-gram, negative sampling": firth.SkipGram(),
    "skip-gram, NCE": firth.SkipGram(loss=firth.NCE()),
    "skip-gram, NCE with log-uniform noise": firth.SkipGram(loss=firth.NCE(noise=firth.LogUniform())),
    "skip-gram, hierarchical softmax": firth.SkipGram(loss=firth.HierarchicalSoftmax()),
    "skip-gram, full softmax": firth.SkipGram(loss=firth.FullSoftmax()),
    "skip-gram, binary cross entropy": firth.SkipGram(loss=firth.BinaryCrossEntropy()),
    "CBOW, negative sampling": firth.CBOW(),
    "CBOW, NCE": firth.CBOW(loss=firth.NCE()),
    "CBOW, hierarchical softmax": firth.CBOW(loss=firth.HierarchicalSoftmax()),
    "CBOW, full softmax": firth.CBOW(loss=firth.FullSoftmax()),
    "CBOW, binary cross entropy": firth.CBOW(loss=firth.BinaryCrossEntropy()),
    "CBOW with the historical gradient, negative sampling": firth.CBOW(gradient="historical"),
    "CBOW with the historical gradient, hierarchical softmax": firth.CBOW(
        gradient="historical", loss=firth.HierarchicalSoftmax()
    ),
    "GloVe": firth.GloVe(),
    "GloVe, x_max 100": firth.GloVe(x_max=100),
    "PPMI, SVD": firth.PPMI(),
    "PPMI, SVD, 300 dimensions": firth.PPMI(dim=300),
}


def trees(vectors: firth.WordVectors) -> dict[str, object]:
    """Return objectives with trees that know of the words: their kinds, or vectors trained before."""
    kinds = small_world.categories()
    clusters = firth.ClusterTree(clusters={word: kinds.get(word, "other") for word in vectors.words})
    return {
        "skip-gram, hierarchical softmax, tree of kinds": firth.SkipGram(loss=firth.HierarchicalSoftmax(tree=clusters)),
        "skip-gram, hierarchical softmax, tree of vectors": firth.SkipGram(
            loss=firth.HierarchicalSoftmax(tree=firth.VectorTree(vectors=vectors))
        ),
    }


TARGET = Path(__file__).parent.parent / "docs" / "objectives.md"


def main() -> None:
    lines = [
        "| objective | rate | questions answered | purity of neighbours | first and last loss |",
        "| --- | --- | --- | --- | --- |",
    ]
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / "small-world.txt"
        text.write_text("\n".join(small_world.text()), encoding="utf-8")
        first = firth.train(text, threads=1, cache=folder).vectors
        for tree in (firth.Huffman(), *(objective.loss.tree for objective in trees(first).values())):
            print(tree, str(tree.over(first.words, first.counts)).splitlines()[0])
        for name, objective in {**OBJECTIVES, **trees(first)}.items():
            run = firth.train(text, objective, threads=1, cache=folder)
            answered = analogies.evaluate(run.vectors, small_world.questions()).accuracy
            purity = categories.evaluate(run.vectors, small_world.categories()).purity
            losses = f"{run.history[0].loss:.3f} → {run.history[-1].loss:.3f}" if run.history else ""
            rate = objective.rates[0] if run.history else ""
            lines.append(f"| {name} | {rate} | {answered:.1%} | {purity:.1%} | {losses} |")
            print(lines[-1], flush=True)
        answered = analogies.evaluate(run.untrained, small_world.questions()).accuracy
        purity = categories.evaluate(run.untrained, small_world.categories()).purity
        lines.append(f"| untrained vectors | | {answered:.1%} | {purity:.1%} | |")
    before, _, rest = TARGET.read_text(encoding="utf-8").partition("<!-- table -->\n")
    _, _, after = rest.partition("<!-- end of table -->")
    table = "\n".join(lines)
    TARGET.write_text(f"{before}<!-- table -->\n{table}\n<!-- end of table -->{after}", encoding="utf-8")
    print(f"written to {TARGET}")


if __name__ == "__main__":
    main()
