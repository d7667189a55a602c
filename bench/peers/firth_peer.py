"""Train Firth on one text file: python bench/peers/firth_peer.py wiki100.txt --task cbow/nce --out vectors.bin."""

import tempfile
from pathlib import Path

from peer import HIERARCHICAL, NCE, NEGATIVE_SAMPLING, Clock, arguments

import firth

LOSSES = {
    NEGATIVE_SAMPLING: firth.NegativeSampling(),
    NCE: firth.NCE(),
    HIERARCHICAL: firth.HierarchicalSoftmax(),
}


def main() -> None:
    options = arguments(__doc__)
    model, _, loss = options.task.partition("/")
    text, epochs = options.text, options.epochs
    if model == "glove":
        objective = firth.GloVe(dim=options.dim, window=options.window, x_max=100)
    elif model == "lsa":
        objective, epochs = firth.TfIdf(dim=options.dim), None
        # A document is a line; of a file it would be the file.
        text = Path(text).read_text(encoding="utf-8").splitlines()
    else:
        architecture = {"skip-gram": firth.SkipGram, "cbow": firth.CBOW}[model]
        objective = architecture(
            dim=options.dim, window=options.window, loss=LOSSES[loss], rate=options.rate, subsample=1e-3
        )
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        run = firth.train(
            text,
            objective,
            tokenizer=firth.Whitespace(),
            epochs=epochs,
            seed=options.seed,
            threads=options.threads,
            min_count=options.min_count,
            max_words=options.max_words,
            held_out=0 if "/" in options.task else None,
            cache=options.cache or folder,
        )
        if options.out:
            run.vectors.save(options.out, format="word2vec-binary")
    told = {"words": round(run.per_second * run.seconds), "words_per_second": run.per_second} if loss else {}
    clock.tell("firth", train_seconds=run.seconds, **told)


if __name__ == "__main__":
    main()
