"""The page in the browser: what is asked of a model there, and the small server that answers."""
