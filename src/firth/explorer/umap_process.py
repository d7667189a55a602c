"""The program that computes a map by UMAP: reads vectors from one .npy file, writes places to another.

It runs in a process of its own, as it compiles for many seconds, during which nothing else could be answered.

Source: McInnes, Healy and Melville 2018, "UMAP: uniform manifold approximation and projection" (arXiv:1802.03426).
"""

from __future__ import annotations

import os
import sys
import threading
import warnings

__all__ = ["SETTINGS", "main"]

SETTINGS = "neighbours 15, min_dist 0.1, cosine, from PCA, seed 1"


def main(source: str, target: str) -> None:
    """Place the rows of a matrix.

    Args:
        source: a file with float32 (n, D), n ≥ 3.
        target: the file to write, float32 (n, 2).
    """
    import numpy as np  # noqa: PLC0415 - with umap, which takes long
    import umap  # noqa: PLC0415 - optional

    if hasattr(os, "nice"):
        os.nice(10)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    vectors = np.load(source, allow_pickle=False)
    warnings.simplefilter("ignore")  # a seed means one thread: the same map again is worth it
    placing = umap.UMAP(
        n_neighbors=min(15, len(vectors) - 1), min_dist=0.1, metric="cosine", init="pca", random_state=1
    )
    np.save(target, np.asarray(placing.fit_transform(vectors), dtype=np.float32), allow_pickle=False)


def _end_with_parent() -> None:
    """End when whoever asked has gone: its end of the pipe is then closed."""
    # Not through sys.stdin: Python cannot end while a thread holds its buffer.
    while os.read(0, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
