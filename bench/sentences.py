"""Compare mean, SIF and uSIF on passages of novels; print a Markdown table.

    python bench/sentences.py ../shared/data/novels

Word vectors are trained on all novels but five, one of each of five authors. Two tasks on what they have not seen:

- author: a logistic regression learns the five authors' passages from their other novels, and tells those of the
  five unseen novels apart. A new novel has new names and places, so that only manner and world of an author help.
- halves: each passage of the unseen novels is parted into its odd and its even sentences; for one half, the nearest
  other half by cosine is right where it is of the same passage. Nothing is learned from labels. The components are
  learned from the passages of the seen novels.

A passage is a run of sentences, as many as reach 80 words. TF-IDF over words is shown beside the means. Every figure is
a mean over draws of passages, with the lowest and the highest.
"""

import argparse
import gzip
import random
import re
import time
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import firth
from firth.sklearn import WordVectorizer

UNSEEN = {
    "Dickens": "Dickens_Expectations_1861",
    "Doyle": "Doyle_Lost_1912",
    "Eliot": "Eliot_Daniel_1876",
    "Hardy": "Hardy_Tess_1891",
    "James": "James_Ambassadors_1903",
}
WORDS, TRAINED_ON, ASKED, HALVES, DRAWS = 80, 400, 200, 1000, 5
WEIGHTINGS = {
    "mean": firth.Mean(),
    "SIF, a = 0.001, no component": firth.SIF(components=0),
    "SIF, a = 0.001": firth.SIF(),
    "SIF, a = 0.0001": firth.SIF(a=1e-4),
    "uSIF, no component": firth.USIF(components=0),
    "uSIF": firth.USIF(),
}


Passage = tuple[str, ...]
"""Its sentences."""


def passages(path: Path) -> list[Passage]:
    """Return a novel's passages."""
    text = " ".join(gzip.decompress(path.read_bytes()).decode().split())
    found: list[Passage] = []
    sentences: list[str] = []
    for sentence in re.split(r"(?<=[.!?;]) (?=\W*[A-Z])", text):
        sentences.append(sentence)
        if sum(part.count(" ") + 1 for part in sentences) >= WORDS:
            found.append(tuple(sentences))
            sentences = []
    return found


def author_accuracy(vectorizer: object, novels: dict[str, list[Passage]], draw: int) -> float:
    rng = random.Random(draw)  # noqa: S311
    seen: list[tuple[str, str]] = []
    asked: list[tuple[str, str]] = []
    for author, unseen in UNSEEN.items():
        others = [p for name, texts in novels.items() if name.startswith(author) and name != unseen for p in texts]
        seen += [(" ".join(text), author) for text in rng.sample(others, TRAINED_ON)]
        asked += [(" ".join(text), author) for text in rng.sample(novels[unseen], ASKED)]
    steps = [vectorizer, LogisticRegression(max_iter=2000)]
    if isinstance(vectorizer, WordVectorizer):
        steps.insert(1, StandardScaler())
    model = make_pipeline(*steps)
    model.fit(*zip(*seen, strict=True))
    return float(model.score(*zip(*asked, strict=True)))


def halves_accuracy(vectorizer: object, novels: dict[str, list[Passage]], draw: int) -> float:
    rng = random.Random(draw)  # noqa: S311
    seen = [" ".join(p) for name, texts in novels.items() if name not in UNSEEN.values() for p in texts]
    parted = []
    for sentences in (p for name in UNSEEN.values() for p in novels[name]):
        halves = " ".join(sentences[::2]), " ".join(sentences[1::2])
        if min(half.count(" ") for half in halves) >= 10:
            parted.append(halves)
    parted = rng.sample(parted, HALVES)
    vectorizer.fit(rng.sample(seen, 5000))
    first, second = (unit(vectorizer.transform(side)) for side in zip(*parted, strict=True))
    return float(np.mean((first @ second.T).argmax(axis=1) == np.arange(HALVES)))


def unit(vectors: object) -> np.ndarray:
    dense = vectors.toarray() if hasattr(vectors, "toarray") else np.asarray(vectors)
    return dense / np.maximum(np.linalg.norm(dense, axis=1, keepdims=True), 1e-12)


def shown(values: list[float]) -> str:
    return f"{np.mean(values):.1%} ({min(values):.1%} – {max(values):.1%})".replace("%", " %")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("novels", type=Path)
    parser.add_argument("--dim", type=int, default=100)
    options = parser.parse_args()
    files = {path.name.removesuffix(".txt.gz"): path for path in sorted(options.novels.glob("*.txt.gz"))}
    novels = {name: passages(path) for name, path in files.items()}
    read = [path for name, path in files.items() if name not in UNSEEN.values()]
    objective = firth.SkipGram(dim=options.dim, window=5)
    wv = firth.train(read, objective, tokenizer=firth.Sentences(), threads=1).vectors
    print(f"{wv!r}, trained on {len(read)} novels; {DRAWS} draws\n")
    print("| | author of a passage | its other half among 1,000 |\n| --- | --- | --- |")
    vectorizers = {name: WordVectorizer(wv, weighting) for name, weighting in WEIGHTINGS.items()}
    vectorizers["TF-IDF"] = TfidfVectorizer(sublinear_tf=True)
    for name, vectorizer in vectorizers.items():
        authors = [author_accuracy(vectorizer, novels, draw) for draw in range(DRAWS)]
        halves = [halves_accuracy(vectorizer, novels, draw) for draw in range(DRAWS)]
        print(f"| {name} | {shown(authors)} | {shown(halves)} |", flush=True)
    texts = [" ".join(p) for name in read for p in novels[name.name.removesuffix(".txt.gz")]]
    words = sum(text.count(" ") + 1 for text in texts)
    print(f"\n{len(texts):,} passages, {words:,} words, processor time to vectors, fitted beforehand:")
    for name, weighting in WEIGHTINGS.items():
        vectors = firth.SentenceVectors(wv, weighting).fit(texts)
        start = time.process_time()
        vectors.transform(texts)
        seconds = time.process_time() - start
        print(f"  {name}: {seconds:.2f} s, {len(texts) / seconds:,.0f} texts/s, {words / seconds / 1e6:.1f} M words/s")


if __name__ == "__main__":
    main()
