"""Train gensim's Word2Vec on one text file and print what it took, as one JSON object.

Run by the interpreter of gensim's own environment (see speed.py and quality.py), never by Firth's:

    python gensim_peer.py wiki100.txt --architecture skip-gram --loss negative-sampling --out vectors.bin
"""

import argparse
import json
import time

from gensim.models import Word2Vec


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("text")
    parser.add_argument("--architecture", choices=["skip-gram", "cbow"], default="skip-gram")
    parser.add_argument("--loss", choices=["negative-sampling", "hierarchical-softmax"], default="negative-sampling")
    parser.add_argument("--dim", type=int, default=100)
    parser.add_argument("--window", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--rate", type=float, default=0.025, help="gensim's own default is 0.025 for both architectures"
    )
    parser.add_argument("--out", help="where to write the vectors, word2vec binary")
    options = parser.parse_args()

    hierarchical = options.loss == "hierarchical-softmax"
    start = time.perf_counter()
    model = Word2Vec(
        vector_size=options.dim,
        window=options.window,
        min_count=5,
        sample=1e-3,
        alpha=options.rate,
        sg=int(options.architecture == "skip-gram"),
        hs=int(hierarchical),
        negative=0 if hierarchical else 5,
        seed=options.seed,
        workers=options.threads,
    )
    model.build_vocab(corpus_file=options.text)
    scanned = time.perf_counter()
    model.train(
        corpus_file=options.text,
        total_examples=model.corpus_count,
        total_words=model.corpus_total_words,
        epochs=options.epochs,
    )
    trained = time.perf_counter()
    if options.out:
        model.wv.save_word2vec_format(options.out, binary=True)
    saved = time.perf_counter()
    words = model.corpus_total_words * options.epochs
    print(
        json.dumps(
            {
                "words": words,
                "scan_seconds": scanned - start,
                "train_seconds": trained - scanned,
                "total_seconds": saved - start,
                "words_per_second": words / (trained - scanned),
            }
        )
    )


if __name__ == "__main__":
    main()
