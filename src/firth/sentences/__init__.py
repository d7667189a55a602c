"""Texts as vectors: weighted means of word vectors, and what they have in common taken away."""
