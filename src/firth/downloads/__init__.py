"""Data that others publish: texts, pretrained vectors and evaluation sets, and how they come here."""
