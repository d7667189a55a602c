"""Word vectors out of transformers: BERT, RoBERTa, GPT-2, Llama and their like."""
