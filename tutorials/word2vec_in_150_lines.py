"""word2vec in 150 lines: skip-gram with negative sampling, the whole of it, in plain NumPy.

    python tutorials/word2vec_in_150_lines.py TEXT [WORD ...]

TEXT is a file with a sentence a line. After training, the nearest neighbours of each WORD are printed.

A word's vector is trained to tell the words that were seen around it from words that were drawn at random. Words that
keep the same company end with similar vectors.

Source: Mikolov et al. 2013, arXiv:1301.3781 and arXiv:1310.4546; where these leave something open, word2vec.c.
"""

import re
import sys
from collections import Counter
from pathlib import Path

import numpy as np

DIM = 50  # D, numbers in a vector
WINDOW = 5  # a centre's company: at most so many words to either side
NEGATIVES = 5  # k, words drawn at random for each centre
THRESHOLD = 1e-3  # words with a larger share of the text are thinned out
MIN_COUNT = 5  # rarer words are left out: too little is known of their company
EPOCHS = 5  # passes over the text
RATE = 0.1  # the learning rate at the start, high since the text is small; it falls to almost nothing


# 1. Text → sentences of word ids. The most frequent word has id 0.


def tokenize(lines):
    """Return the words of each line, in lower case."""
    return [re.findall(r"\w+", line.lower()) for line in lines]


def vocabulary(sentences, min_count=MIN_COUNT):
    """Return the words that come often enough, most frequent first, and how often each comes."""
    counted = Counter(word for sentence in sentences for word in sentence)
    kept = sorted((-count, word) for word, count in counted.items() if count >= min_count)
    return [word for _, word in kept], np.array([-count for count, _ in kept])


def encode(sentences, words):
    """Return the sentences as word ids; words outside the vocabulary vanish."""
    ids = {word: word_id for word_id, word in enumerate(words)}
    return [[ids[word] for word in sentence if word in ids] for sentence in sentences]


# 2. Two distributions made from the counts.


def keep_probabilities(counts, threshold=THRESHOLD):
    """Return each word's chance to stay when the text is thinned out: min(1, √(t / f) + t / f), f its share.

    "the" says little of its neighbours and comes all the time; without most of it, windows reach further.
    """
    ratio = threshold * counts.sum() / counts
    return np.minimum(1, np.sqrt(ratio) + ratio)


def noise_probabilities(counts):
    """Return the chance of each word to be drawn as noise: its count to the power of 3/4, which favours rare words."""
    weights = counts**0.75
    return weights / weights.sum()


# 3. Sentences → each centre with its company.


def centres(sentence, keep, random, window=WINDOW):
    """Yield each word of the thinned sentence with the words around it."""
    sentence = [word for word in sentence if random.random() < keep[word]]
    for place, centre in enumerate(sentence):
        reach = random.integers(1, window + 1)  # drawn anew, so that near words are company more often: a soft window
        contexts = sentence[max(0, place - reach) : place] + sentence[place + 1 : place + 1 + reach]
        if contexts:
            yield centre, contexts


# 4. The step. Every word has two vectors: one as an input, the result, and one as an output, by which it answers.


def sigmoid(x):
    """Return 1 / (1 + e⁻ˣ): a number in (0, 1), read as the probability of "yes"."""
    return 1 / (1 + np.exp(-x))


def step(inputs, outputs, *, centre, contexts, noise, rate):
    """Learn, in place, that the centre belongs to its contexts and the noise words do not; return the loss before.

        L = −Σ_c [ log σ(u_centre · v_c) + Σ_noise log σ(−u_noise · v_c) ]

    The derivative of L by the logit u · v is simply σ(u · v) − label, so the gradients are two matrix products.
    """
    asked = np.array([centre, *(word for word in noise if word != centre)])  # noise that is the centre is no noise
    labels = np.array([1] + [0] * (len(asked) - 1))  # yes to the centre, no to the noise
    v, u = inputs[contexts], outputs[asked]  # M × D and N × D
    logits = v @ u.T  # M × N: each context's answer to each question
    error = sigmoid(logits) - labels
    # The same word may stand twice among contexts or noise: subtract.at counts each time.
    np.subtract.at(inputs, contexts, rate * (error @ u))
    np.subtract.at(outputs, asked, rate * (error.T @ v))
    return np.logaddexp(0, np.where(labels == 1, -logits, logits)).sum()


# 5. All of it, again and again.


def train(sentences, counts, *, dim=DIM, epochs=EPOCHS, rate=RATE, seed=1):
    """Return the input vectors, float (V, D), of sentences of word ids."""
    random = np.random.default_rng(seed)
    inputs = (random.random((len(counts), dim)) - 0.5) / dim  # small: nothing is known, no answer is sure
    outputs = np.zeros((len(counts), dim))
    keep, noise = keep_probabilities(counts), np.cumsum(noise_probabilities(counts))
    done, total = 0, epochs * sum(map(len, sentences))
    for epoch in range(1, epochs + 1):
        loss = decisions = 0
        for sentence in sentences:
            now = rate * max(1e-4, 1 - done / max(1, total))  # falls in a straight line
            for centre, contexts in centres(sentence, keep, random):
                drawn = np.minimum(np.searchsorted(noise, random.random(NEGATIVES)), len(counts) - 1)
                loss += step(inputs, outputs, centre=centre, contexts=contexts, noise=drawn, rate=now)
                decisions += len(contexts) * (1 + np.count_nonzero(drawn != centre))
            done += len(sentence)
        print(f"epoch {epoch}: mean loss {loss / max(1, decisions):.3f}")
    return inputs


# 6. What was learned.


def neighbours(words, vectors, word, k=5):
    """Return the k words whose vectors point most nearly the same way, with their cosine similarity."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    similarity = unit @ unit[words.index(word)]
    return [(words[other], similarity[other]) for other in np.argsort(-similarity) if words[other] != word][:k]


if __name__ == "__main__":
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else sys.exit(__doc__)
    try:
        text = tokenize(path.read_text(encoding="utf-8").splitlines())
    except (OSError, UnicodeDecodeError) as error:
        sys.exit(f"expected a text file in UTF-8, but {path} could not be read: {error}")
    known, frequency = vocabulary(text)
    learned = train(encode(text, known), frequency) if known else sys.exit(f"{path} has no word {MIN_COUNT} times")
    for query in sys.argv[2:] or known[:5]:
        near = neighbours(known, learned, query) if query in known else [("(unknown)", 0)]
        print(f"{query}: " + ", ".join(f"{name} {value:.2f}" for name, value in near))
