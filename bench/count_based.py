"""Make count-based vectors and write the tables in docs/count-based.md: what each knows, and what it took.

    python bench/count_based.py                    the small world; a minute or two
    python bench/count_based.py WIKI100 EVAL       a text of 100 MB, and the folder of its test sets; some minutes

Seconds are those of the processor, all threads together.
"""

import sys
import tempfile
import time
from pathlib import Path

import firth
from firth.contexts.cooccurrence import count_cooccurrences
from firth.contexts.documents import count_documents
from firth.corpus import small_world
from firth.corpus.encoded import EncodedCorpus, encode
from firth.corpus.sources import open_source
from firth.corpus.tokenizers import Whitespace, Words
from firth.evaluation import analogies, categories, similarity
from firth.objectives.count_based import CountBased

OBJECTIVES = {
    "PPMI": firth.PPMI(),
    "PPMI, 300 dimensions": firth.PPMI(dim=300),
    "PPMI, 300 dimensions, a window of 5": firth.PPMI(dim=300, window=5),
    "PPMI, 300 dimensions, k = 5": firth.PPMI(dim=300, shift=5),
    "PPMI, 300 dimensions, not smoothed": firth.PPMI(dim=300, smoothing=1),
    "log counts, 300 dimensions": firth.LogCounts(dim=300),
}
ONLY_SMALL = {
    "PMI, 300 dimensions": firth.PPMI(dim=300, positive=False),
    "PPMI, not factorised": firth.PPMI(factorization=None),
    "PPMI, PCA, 300 dimensions": firth.PPMI(dim=300, factorization=firth.PCA()),
    "PPMI, NMF, 100 dimensions": firth.PPMI(factorization=firth.NMF()),
    "latent semantic analysis, 300 dimensions": firth.TfIdf(dim=300),
    "one-hot": firth.OneHot(),
}
TARGET = Path(__file__).parent.parent / "docs" / "count-based.md"


def vectors(objective: CountBased, corpus: EncodedCorpus) -> tuple[firth.WordVectors, float]:
    """Return an objective's vectors, and the processor's seconds for weighing and factorising."""
    words = corpus.vocabulary
    if objective.needs == "cooccurrences":
        counts = count_cooccurrences(corpus, window=objective.window, weighting=objective.weighting).to_scipy()
    else:
        counts = count_documents(corpus.token_ids, corpus.document_ends, len(words))
    begun = time.process_time()
    factors = objective.vectors(counts, threads=2)
    seconds = time.process_time() - begun
    return firth.WordVectors(words.words, factors.words, words.counts), seconds


def small_table(folder: str) -> str:
    """Return the table of the small world; each sentence is a document."""
    corpus = encode(open_source(list(small_world.text())), Words(), cache=folder)
    lines = [
        "| objective | questions answered | purity of neighbours | seconds |",
        "| --- | --- | --- | --- |",
    ]
    for name, objective in {**OBJECTIVES, **ONLY_SMALL}.items():
        wv, seconds = vectors(objective, corpus)
        answered = analogies.evaluate(wv, small_world.questions()).accuracy
        purity = categories.evaluate(wv, small_world.categories()).purity
        lines.append(f"| {name} | {answered:.1%} | {purity:.1%} | {seconds:.1f} |")
        print(lines[-1], flush=True)
    return "\n".join(lines)


def wiki_table(folder: str, text: Path, gold: Path) -> str:
    """Return the table of a large text."""
    corpus = encode(open_source(str(text)), Whitespace(), cache=folder)
    lines = [
        "| objective | analogies | WordSim-353 | SimLex-999 | seconds |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, objective in OBJECTIVES.items():
        wv, seconds = vectors(objective, corpus)
        answered = analogies.evaluate(wv, gold / "questions-words.txt").accuracy
        wordsim, simlex = (
            similarity.evaluate(wv, gold / file).spearman for file in ("EN-WS-353-ALL.txt", "SimLex-999.txt")
        )
        lines.append(f"| {name} | {answered:.1%} | {wordsim:.3f} | {simlex:.3f} | {seconds:.0f} |")
        print(lines[-1], flush=True)
    return "\n".join(lines)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        if len(sys.argv) > 2:
            name, table = "large", wiki_table(folder, Path(sys.argv[1]), Path(sys.argv[2]))
        else:
            name, table = "small", small_table(folder)
    before, _, rest = TARGET.read_text(encoding="utf-8").partition(f"<!-- {name} table -->\n")
    _, _, after = rest.partition("<!-- end of table -->")
    TARGET.write_text(f"{before}<!-- {name} table -->\n{table}\n<!-- end of table -->{after}", encoding="utf-8")
    print(f"written to {TARGET}")


if __name__ == "__main__":
    main()
