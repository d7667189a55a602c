"""Latent semantic analysis with scikit-learn: tf-idf of the words in the text's lines, its truncated SVD."""

from pathlib import Path

from peer import Clock, arguments, frequent_words, write_vectors
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from threadpoolctl import threadpool_limits


def main() -> None:
    options = arguments(__doc__)
    clock = Clock()
    words = frequent_words(options.text, options.min_count, options.max_words)
    counter = CountVectorizer(vocabulary=words, analyzer=str.split)
    with Path(options.text).open(encoding="utf-8") as lines:
        counts = counter.fit_transform(lines)
    clock.has_read()
    with threadpool_limits(options.threads):
        weighed = TfidfTransformer(norm="l2", smooth_idf=True, sublinear_tf=True).fit_transform(counts)
        svd = TruncatedSVD(options.dim, random_state=options.seed).fit(weighed)
    clock.has_trained()
    if options.out:
        write_vectors(options.out, list(words), svd.components_.T * svd.singular_values_)
    clock.tell("scikit-learn")


if __name__ == "__main__":
    main()
