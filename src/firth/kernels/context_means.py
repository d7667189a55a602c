"""What new words' contexts come to: the sums of which firth.contexts.context_means makes means."""

import numpy as np

from firth.kernels.jit import kernel

__all__ = ["add_contexts"]


@kernel
def add_contexts(token_ids, sentence_ends, first_sentence, last_sentence, company, first_new, vectors, sums, totals):
    """Add the vectors of old words around new ones in sentences [first_sentence, last_sentence), weighed.

    company: `Company`, whose window and keep_probability are looked at. first_new: ids from there on are new. vectors:
    float32 (at least first_new, D). sums: float64 (new words, D); totals: float64 (new words,), the weights' sums.
    """
    begin = sentence_ends[first_sentence - 1] if first_sentence > 0 else np.int64(0)
    dim = sums.shape[1]
    for s in range(first_sentence, last_sentence):
        end = sentence_ends[s]
        for place in range(begin, end):
            new = np.int64(token_ids[place]) - first_new
            if new < 0:
                continue
            for other in range(max(begin, place - company.left), min(end, place + company.right + 1)):
                word = token_ids[other]
                if other == place or word >= first_new:
                    continue
                weight = np.float64(company.keep_probability[word])
                if company.soft:
                    reach = company.left if other < place else company.right
                    weight *= (reach - abs(other - place) + 1.0) / reach
                totals[new] += weight
                for d in range(dim):
                    sums[new, d] += weight * vectors[word, d]
        begin = end
