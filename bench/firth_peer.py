"""Train Firth on one text file and print what it took, as one JSON object: gensim_peer.py's counterpart.

python firth_peer.py wiki100.txt --architecture skip-gram --loss negative-sampling --out vectors.bin
"""

import argparse
import json
import tempfile
import time

import firth

LOSSES = {
    "negative-sampling": firth.NegativeSampling(),
    "nce": firth.NCE(),
    "hierarchical-softmax": firth.HierarchicalSoftmax(),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("text")
    parser.add_argument("--architecture", choices=["skip-gram", "cbow"], default="skip-gram")
    parser.add_argument("--loss", choices=list(LOSSES), default="negative-sampling")
    parser.add_argument("--dim", type=int, default=100)
    parser.add_argument("--window", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rate", type=float, help="the objective's own default")
    parser.add_argument("--cache", help="where to keep the encoded text; without it, it is encoded anew")
    parser.add_argument("--out", help="where to write the vectors, word2vec binary")
    options = parser.parse_args()

    architecture = firth.SkipGram if options.architecture == "skip-gram" else firth.CBOW
    objective = architecture(
        dim=options.dim, window=options.window, loss=LOSSES[options.loss], rate=options.rate, subsample=1e-3
    )
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        run = firth.train(
            options.text,
            objective,
            epochs=options.epochs,
            seed=options.seed,
            threads=options.threads,
            cache=options.cache or folder,
        )
        if options.out:
            run.vectors.save(options.out, format="word2vec-binary")
    total = time.perf_counter() - start
    print(
        json.dumps(
            {
                "words": round(run.per_second * run.seconds),
                "scan_seconds": total - run.seconds,
                "train_seconds": run.seconds,
                "total_seconds": total,
                "words_per_second": run.per_second,
            }
        )
    )


if __name__ == "__main__":
    main()
