"""Compare mean, SIF and uSIF on sentences of the small world, passages of novels and of Wikipedia; print the tables.

    python bench/sentences.py ../shared/data/novels ../shared/data/wiki.jsonl.xz

Three tasks on what the word vectors have not seen; the first needs no files, and is all that is done without them. A
passage is a run of sentences, as many as reach 80 words.

- topic: which of 14 kinds of word was taken out of a sentence of some ten words of the small world? A logistic
  regression learns it from 50 to 1,000 sentences.

- author: word vectors are trained on all novels but five, one of each of five authors. A logistic regression learns the
  five authors' passages from their other novels, 20 or 400 of each, and tells those of the five unseen novels apart. A
  new novel has new names and places, so that only an author's manner and world help.
- halves: each passage is parted into its odd and its even sentences; for one half, the nearest of 1,000 other halves by
  cosine is right where it is of the same passage. Nothing is learned from labels; the components are those of passages
  that the word vectors were trained on. Asked are the five unseen novels, and the beginnings of articles of Wikipedia
  with word vectors of 2,000 other articles.

TF-IDF over words is shown beside the means. Every figure is a mean over five draws of passages, with the lowest and the
highest.
"""

import argparse
import gzip
import json
import lzma
import random
import re
import time
from itertools import islice
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import firth
from firth.corpus import small_world
from firth.sklearn import WordVectorizer

UNSEEN = {
    "Dickens": "Dickens_Expectations_1861",
    "Doyle": "Doyle_Lost_1912",
    "Eliot": "Eliot_Daniel_1876",
    "Hardy": "Hardy_Tess_1891",
    "James": "James_Ambassadors_1903",
}
WORDS, FEW, MANY, ASKED, HALVES, FITTED, DRAWS = 80, 20, 400, 200, 1000, 5000, 5
ARTICLES = 2000
SHOWN = (50, 100, 300, 1000)
WEIGHTINGS = {
    "mean": firth.Mean(),
    "SIF, no component": firth.SIF(components=0),
    "SIF": firth.SIF(),
    "SIF, a = 0.0001": firth.SIF(a=1e-4),
    "uSIF, no component": firth.USIF(components=0),
    "uSIF": firth.USIF(),
}

Passage = tuple[str, ...]
"""Its sentences."""


def passages(text: str) -> list[Passage]:
    found: list[Passage] = []
    sentences: list[str] = []
    words = 0
    for sentence in re.split(r"(?<=[.!?;]) (?=\W*[A-Z])", " ".join(text.split())):
        sentences.append(sentence)
        words += sentence.count(" ") + 1
        if words >= WORDS:
            found.append(tuple(sentences))
            sentences, words = [], 0
    return found


def topics() -> None:
    wv = firth.train(list(small_world.text(300_000)), firth.SkipGram(dim=100), epochs=3, threads=1).vectors
    topic_of = small_world.categories()
    sentences: list[tuple[list[str], str]] = []
    for words in map(firth.Words().tokens, small_world.text(40_000, seed=2)):
        named = {topic_of[word] for word in words if word in topic_of}
        if len(named) == 1:
            sentences.append(([word for word in words if word not in topic_of], named.pop()))
    print("| | " + " | ".join(f"{shown:,} sentences" for shown in SHOWN) + " |\n| --- " + "| --- " * len(SHOWN) + "|")
    for name, vectorizer in vectorizers(wv, analyzer=list).items():
        columns = []
        for shown in SHOWN:
            scores = []
            for draw in range(DRAWS):
                drawn = random.Random(draw).sample(sentences, shown + HALVES)  # noqa: S311
                model = make_pipeline(vectorizer, LogisticRegression(C=100, max_iter=2000))
                model.fit(*zip(*drawn[:shown], strict=True))
                scores.append(model.score(*zip(*drawn[shown:], strict=True)))
            columns.append(scores)
        print(f"| {name} | {' | '.join(map(cell, columns))} |", flush=True)
    print()


def author_accuracy(vectorizer: object, novels: dict[str, list[Passage]], shown: int, draw: int) -> float:
    rng = random.Random(draw)  # noqa: S311
    seen: list[tuple[str, str]] = []
    asked: list[tuple[str, str]] = []
    for author, unseen in UNSEEN.items():
        others = [p for name, texts in novels.items() if name.startswith(author) and name != unseen for p in texts]
        seen += [(" ".join(text), author) for text in rng.sample(others, shown)]
        asked += [(" ".join(text), author) for text in rng.sample(novels[unseen], ASKED)]
    steps = [vectorizer, LogisticRegression(max_iter=2000)]
    if isinstance(vectorizer, WordVectorizer):
        steps.insert(1, StandardScaler())
    model = make_pipeline(*steps)
    model.fit(*zip(*seen, strict=True))
    return float(model.score(*zip(*asked, strict=True)))


def halves_accuracy(vectorizer: object, seen: list[Passage], asked: list[Passage], draw: int) -> float:
    rng = random.Random(draw)  # noqa: S311
    parted = [(" ".join(sentences[::2]), " ".join(sentences[1::2])) for sentences in asked]
    parted = rng.sample([halves for halves in parted if min(half.count(" ") for half in halves) >= 10], HALVES)
    vectorizer.fit([" ".join(text) for text in rng.sample(seen, FITTED)])
    first, second = (unit(vectorizer.transform(side)) for side in zip(*parted, strict=True))
    return float(np.mean((first @ second.T).argmax(axis=1) == np.arange(HALVES)))


def unit(vectors: object) -> np.ndarray:
    dense = vectors.toarray() if hasattr(vectors, "toarray") else np.asarray(vectors)
    return dense / np.maximum(np.linalg.norm(dense, axis=1, keepdims=True), 1e-12)


def cell(values: list[float]) -> str:
    return f"{np.mean(values):.1%} ({min(values):.1%} – {max(values):.1%})".replace("%", " %")


def vectorizers(wv: firth.WordVectors, **settings: object) -> dict[str, object]:
    means = {name: WordVectorizer(wv, weighting) for name, weighting in WEIGHTINGS.items()}
    return {**means, "TF-IDF": TfidfVectorizer(sublinear_tf=True, **settings)}


def pace(wv: firth.WordVectors, texts: list[str]) -> None:
    words = sum(text.count(" ") + 1 for text in texts)
    print(f"\n{len(texts):,} passages, {words:,} words, {wv.dim} dimensions; processor time to vectors, after fit:\n")
    for name, weighting in WEIGHTINGS.items():
        vectors = firth.SentenceVectors(wv, weighting).fit(texts)
        start = time.process_time()
        vectors.transform(texts)
        seconds = time.process_time() - start
        print(f"- {name}: {seconds:.2f} s, {len(texts) / seconds:,.0f} texts/s, {words / seconds / 1e6:.1f} M words/s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("novels", type=Path, nargs="?")
    parser.add_argument("wiki", type=Path, nargs="?")
    options = parser.parse_args()
    topics()
    if options.wiki is None:
        return
    objective = firth.SkipGram(dim=100, window=5)

    files = {path.name.removesuffix(".txt.gz"): path for path in sorted(options.novels.glob("*.txt.gz"))}
    novels = {name: passages(gzip.decompress(path.read_bytes()).decode()) for name, path in files.items()}
    read = [path for name, path in files.items() if name not in UNSEEN.values()]
    wv = firth.train(read, objective, tokenizer=firth.Sentences(), threads=1).vectors
    seen = [p for name, texts in novels.items() if name not in UNSEEN.values() for p in texts]
    asked = [p for name in UNSEEN.values() for p in novels[name]]

    with lzma.open(options.wiki, "rt", encoding="utf-8") as lines:
        articles = [json.loads(line)["text"] for line in lines]
    wiki = firth.train(articles[:ARTICLES], objective, tokenizer=firth.Sentences(), threads=1).vectors
    wiki_seen = [p for text in articles[:ARTICLES] for p in passages(text)]
    wiki_asked = [p for text in articles[ARTICLES:] for p in islice(passages(text[:4000]), 1)]

    print(f"Novels: {wv!r}; Wikipedia: {wiki!r}\n")
    print(f"| | author, {FEW} passages of each | author, {MANY} of each | other half, novels | other half, Wikipedia |")
    print("| --- | --- | --- | --- | --- |")
    for (name, vectorizer), other in zip(vectorizers(wv).items(), vectorizers(wiki).values(), strict=True):
        columns = [
            [author_accuracy(vectorizer, novels, FEW, draw) for draw in range(DRAWS)],
            [author_accuracy(vectorizer, novels, MANY, draw) for draw in range(DRAWS)],
            [halves_accuracy(vectorizer, seen, asked, draw) for draw in range(DRAWS)],
            [halves_accuracy(other, wiki_seen, wiki_asked, draw) for draw in range(DRAWS)],
        ]
        print(f"| {name} | {' | '.join(map(cell, columns))} |", flush=True)
    pace(wv, [" ".join(text) for text in seen])


if __name__ == "__main__":
    main()
