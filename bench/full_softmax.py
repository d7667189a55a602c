"""What an epoch of full softmax costs: a million words, a vocabulary of 20,000, 100 dimensions.

    python bench/full_softmax.py

The words are drawn by Zipf's law, in sentences of twenty; BLAS takes as many threads as it does by itself.
"""

import time
from types import SimpleNamespace

import numpy as np

import firth
from firth.training.blocks import blocks_of

WORDS, VOCABULARY, SENTENCE = 1_000_000, 20_000, 20

OBJECTIVES = {
    "skip-gram, full softmax": firth.SkipGram(loss=firth.FullSoftmax()),
    "CBOW, full softmax": firth.CBOW(loss=firth.FullSoftmax()),
    "skip-gram, binary cross entropy": firth.SkipGram(loss=firth.BinaryCrossEntropy()),
}


def main() -> None:
    shares = 1 / (np.arange(VOCABULARY) + 2.7)
    token_ids = np.random.default_rng(1).choice(VOCABULARY, size=WORDS, p=shares / shares.sum()).astype(np.int32)
    counts = np.maximum(np.bincount(token_ids, minlength=VOCABULARY), 1)
    text = SimpleNamespace(token_ids=token_ids, sentence_ends=np.arange(SENTENCE, WORDS + 1, SENTENCE), key=0, below=0)
    blocks = blocks_of(text.sentence_ends, 50_000)
    for name, objective in OBJECTIVES.items():
        model = objective.over([str(word) for word in range(VOCABULARY)], counts, seed=1)
        scratch = model.scratch(SENTENCE)
        model.train_block(text, range(3), rates=(0.01, 0.01), seed=1, scratch=scratch)  # compiles
        processor, wall = time.process_time(), time.perf_counter()
        for block in blocks:
            model.train_block(text, block.groups, rates=objective.rates, seed=block.number, scratch=scratch)
        processor, wall = time.process_time() - processor, time.perf_counter() - wall
        print(f"{name}: {processor:.0f} s of processor time, {wall:.0f} s", flush=True)


if __name__ == "__main__":
    main()
