"""Train floret, fastText's maintained descendant, on one text file, without subwords: then it is word2vec's models."""

import floret
from peer import HIERARCHICAL, Clock, arguments, write_vectors


def main() -> None:
    # Its own default is 0.05 for both architectures. It has no seed, and no limit to the words.
    options = arguments(__doc__, rate=0.05)
    model, _, loss = options.task.partition("/")
    clock = Clock()
    trained = floret.train_unsupervised(
        options.text,
        model="skipgram" if model == "skip-gram" else "cbow",
        loss="hs" if loss == HIERARCHICAL else "ns",
        mode="fasttext",
        dim=options.dim,
        ws=options.window,
        epoch=options.epochs,
        minCount=options.min_count,
        neg=5,
        t=1e-3,
        lr=options.rate,
        minn=0,
        maxn=0,
        bucket=0,
        thread=options.threads,
        verbose=0,
    )
    if options.out:
        words = [word for word in trained.words if word != "</s>"]
        write_vectors(options.out, words, [trained.get_word_vector(word) for word in words])
    clock.tell("floret")


if __name__ == "__main__":
    main()
