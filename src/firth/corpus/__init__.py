"""Text to ids: sources, tokenizers, the vocabulary, and the encoded corpus on disk."""
