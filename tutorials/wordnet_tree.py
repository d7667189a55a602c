"""A tree from WordNet: hierarchical softmax whose turns are questions such as "is it an animal?"

    python tutorials/wordnet_tree.py TEXT [WORD ...]

TEXT is whatever `firth.train` takes: a file, a folder, a pattern. Printed are the tree over the given words, how long
the paths of three trees are, and the words' neighbours after training with Huffman's tree and with WordNet's.

Needed are NLTK (pip install nltk) and its WordNet (python -m nltk.downloader wordnet). On Debian, WordNet may also come
from the packages wordnet-base and wordnet-sense-index, which lack a list of file names that NLTK asks for:

    mkdir -p nltk_data/corpora/wordnet && cp /usr/share/wordnet/*.* nltk_data/corpora/wordnet
    seq -f '%02g file 0' 0 44 > nltk_data/corpora/wordnet/lexnames
    export NLTK_DATA=$PWD/nltk_data

Source: Morin and Bengio 2005, "Hierarchical probabilistic neural network language model", who grow their tree so.
"""

import sys

import firth

PARTS = {"n": "noun", "v": "verb", "a": "adjective", "s": "adjective", "r": "adverb"}
ELSEWHERE = "(not in WordNet)"  # "the", "of", names: words without a sense have a category of their own


def open_wordnet():
    """Return NLTK's WordNet, or end the program with a sentence that says what to do."""
    try:
        from nltk.corpus import wordnet  # noqa: PLC0415 - is not there everywhere

        wordnet.ensure_loaded()
    except ImportError:
        sys.exit("This tutorial needs NLTK: pip install nltk")
    except LookupError:
        sys.exit(
            "NLTK is here, but its WordNet is not: python -m nltk.downloader wordnet, or set NLTK_DATA to the folder "
            "in which corpora/wordnet is"
        )
    except OSError as error:
        sys.exit(f"NLTK's WordNet cannot be read: {error}; the top of this file says what it needs")
    return wordnet


def sense(wordnet, word):
    """Return the synset that a word most often means, by WordNet's own counts; None where it knows no such word."""
    # WordNet lists nouns before verbs, "was" as Washington before "was" as being: so counts decide, not the order.
    forms = {word.lower(), *(wordnet.morphy(word.lower(), part) for part in "nvar")}
    found = [
        (lemma.count(), synset)
        for synset in wordnet.synsets(word)
        for lemma in synset.lemmas()
        if lemma.name().lower() in forms
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def above(synset):
    """Return the one synset under which this one is put; None at the top.

    Many synsets have several hypernyms, and NLTK gives them in no fixed order. A tree can have one: the first by name.
    """
    candidates = synset.hypernyms() or synset.instance_hypernyms()
    if synset.pos() == "s":  # adjectives have no hypernyms, but many stand around one that they resemble
        candidates = synset.similar_tos()
    return min(candidates, key=lambda other: other.name(), default=None)


def path(wordnet, word):
    """Return a word's categories, the widest first: its part of speech, then from WordNet's top down to its sense.

    The sense itself is the last category. So "dog" is a member of the category "dog.n.01", beside "poodle.n.01".
    """
    synset = sense(wordnet, word)
    if synset is None:
        return [ELSEWHERE]
    chain = [synset]
    while (wider := above(chain[-1])) is not None:
        if wider in chain:
            # A circle, as a few verbs have made: every word on it must see it cut at the same place.
            first = min(chain[chain.index(wider) :], key=lambda other: other.name())
            chain = chain[: chain.index(first) + 1]
            break
        chain.append(wider)
    return [PARTS[synset.pos()], *(step.name() for step in reversed(chain))]


def wordnet_tree(wordnet, words):
    """Return the tree of some words, each of which has a place in it."""
    return firth.ClusterTree(clusters={word: path(wordnet, word) for word in words})


def skip_gram(tree):
    """Return what is trained."""
    return firth.SkipGram(loss=firth.HierarchicalSoftmax(tree=tree))


def main(text, queries):
    """Train twice, and print what the trees look like and what they did."""
    wordnet = open_wordnet()
    first = firth.train(text, skip_gram(firth.Huffman()), threads=1)
    vectors = first.vectors
    queries = [word for word in queries if word in vectors] or vectors.words[:8]
    few = vectors.counts[[vectors.index(word) for word in queries]]
    print(wordnet_tree(wordnet, queries).over(queries, few).text(depth=20), "\n")

    of_wordnet = wordnet_tree(wordnet, vectors.words)
    unknown = sum(steps == (ELSEWHERE,) for steps in of_wordnet.clusters.values())
    print(f"{unknown:,} of {len(vectors):,} words are not in WordNet")
    trees = {"Huffman": firth.Huffman(), "WordNet": of_wordnet, "vectors": firth.VectorTree(vectors=vectors)}
    for name, tree in trees.items():
        grown = tree.over(vectors.words, vectors.counts)
        print(f"{name}: a path has {grown.expected_length:.2f} turns on average; no tree has below {grown.entropy:.2f}")

    second = firth.train(text, skip_gram(of_wordnet), threads=1)
    for word in queries:
        for name, run in (("Huffman", first), ("WordNet", second)):
            print(f"{word}, {name}: {', '.join(near for near, _ in run.vectors.neighbors(word, k=5))}")


if __name__ == "__main__":
    try:
        main(sys.argv[1] if len(sys.argv) > 1 else sys.exit(__doc__), sys.argv[2:])
    except firth.FirthError as error:
        sys.exit(str(error))
