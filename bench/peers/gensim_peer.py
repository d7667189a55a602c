"""Train gensim's Word2Vec on one text file, in its fastest mode (`corpus_file`)."""

from gensim.models import Word2Vec
from peer import HIERARCHICAL, Clock, arguments


def main() -> None:
    # Its own default is 0.025 for both architectures.
    options = arguments(__doc__, rate=0.025)
    model, _, loss = options.task.partition("/")
    hierarchical = loss == HIERARCHICAL
    clock = Clock()
    trained = Word2Vec(
        vector_size=options.dim,
        window=options.window,
        min_count=options.min_count,
        max_final_vocab=options.max_words,
        sample=1e-3,
        alpha=options.rate,
        sg=int(model == "skip-gram"),
        hs=int(hierarchical),
        negative=0 if hierarchical else 5,
        seed=options.seed,
        workers=options.threads,
    )
    trained.build_vocab(corpus_file=options.text)
    clock.has_read()
    trained.train(
        corpus_file=options.text,
        total_examples=trained.corpus_count,
        total_words=trained.corpus_total_words,
        epochs=options.epochs,
    )
    clock.has_trained()
    if options.out:
        trained.wv.save_word2vec_format(options.out, binary=True)
    clock.tell("gensim", words=trained.corpus_total_words * options.epochs)


if __name__ == "__main__":
    main()
