"""Words' vectors made from the vectors of their character n-grams, as fastText makes them.

The readable definition is `ngram_rows` and `Subwords` in `firth.vectors.subwords`; tests hold the two together.
"""

from __future__ import annotations

import numpy as np

from firth.kernels.jit import kernel

__all__ = ["mean_vectors"]

_OFFSET = np.uint32(2166136261)
_PRIME = np.uint32(16777619)
_NEGATIVE = np.uint32(0xFFFFFF00)


@kernel
def mean_vectors(text, ends, whole, shortest, longest, word_rows, ngram_rows, out):  # noqa: C901
    """Set each word's vector to the mean of its own row and those of its n-grams, summed in the order of the text.

    Args:
        text: uint8, the words' UTF-8 bytes, each between "<" and ">".
        ends: int64 (V + 1,), where these begin and end.
        whole: bool (V,), words that have no n-grams (fastText's "</s>").
        shortest, longest: characters in an n-gram.
        word_rows: float32 (V, D).
        ngram_rows: float32 (B, D), an n-gram's row is its hash modulo B.
        out: float32 (V, D).
    """
    dim = out.shape[1]
    buckets = np.uint32(len(ngram_rows))
    for row in range(len(out)):
        for k in range(dim):
            out[row, k] = word_rows[row, k]
        if whole[row]:
            continue
        first, last = ends[row], ends[row + 1]
        count = 1
        for start in range(first, last):
            if text[start] & 0xC0 == 0x80:
                continue
            key = _OFFSET
            end = start
            characters = 1
            while end < last and characters <= longest:
                more = True
                while more:
                    byte = np.uint32(text[end])
                    # fastText's characters are signed: bytes above 127 are widened with ones.
                    key = np.uint32((key ^ (byte | _NEGATIVE if byte > 127 else byte)) * _PRIME)
                    end += 1
                    more = end < last and text[end] & 0xC0 == 0x80
                if characters >= shortest and (characters > 1 or (start > first and end < last)):
                    bucket = np.int64(key % buckets)
                    for k in range(dim):
                        out[row, k] += ngram_rows[bucket, k]
                    count += 1
                characters += 1
        scale = np.float32(1.0 / count)
        for k in range(dim):
            out[row, k] *= scale
