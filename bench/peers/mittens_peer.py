"""Train mittens' GloVe. It takes a dense matrix of counts, so --max-words is needed, and the counting is done here."""

from pathlib import Path

import mittens
import numpy as np
from peer import Clock, arguments, frequent_words, write_vectors
from threadpoolctl import threadpool_limits


def counts(text: str, words: dict[str, int], window: int) -> np.ndarray:
    """Return X, dense: words at distance d in a line count 1/d. Words that are left out leave no gaps, as in Firth."""
    found = np.zeros(len(words) ** 2)
    with Path(text).open(encoding="utf-8") as lines:
        for line in lines:
            ids = np.array([words[word] for word in line.split() if word in words], np.int64)
            for distance in range(1, min(window, len(ids) - 1) + 1):
                pairs = ids[distance:] * len(words) + ids[:-distance]
                np.add.at(found, pairs, 1 / distance)
    square = found.reshape(len(words), len(words))
    return square + square.T


def main() -> None:
    options = arguments(__doc__, rate=0.05)
    np.random.seed(options.seed)  # noqa: NPY002 - mittens draws from it
    clock = Clock()
    words = frequent_words(options.text, options.min_count, options.max_words)
    matrix = counts(options.text, words, options.window)
    clock.has_read()
    with threadpool_limits(options.threads):
        model = mittens.GloVe(
            n=options.dim, xmax=100, max_iter=options.epochs, learning_rate=options.rate, display_progress=10**9
        )
        vectors = model.fit(matrix)
    clock.has_trained()
    if options.out:
        write_vectors(options.out, list(words), vectors)
    clock.tell("mittens")


if __name__ == "__main__":
    main()
