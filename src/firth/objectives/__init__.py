"""The textbook: each file states one objective's settings, formula, loss and gradient in plain NumPy."""
