"""Firth learns word vectors from your own text, shows what they mean, and says how far to trust them.

>>> import firth
>>> run = firth.train("novels/*.txt", firth.SkipGram(dim=100, window=5), epochs=5)  # doctest: +SKIP
>>> run.vectors.neighbors("king", k=10)  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from firth.errors import FirthError

if TYPE_CHECKING:
    from firth import plots
    from firth.comparison import compare
    from firth.contexts.pairs import pairs
    from firth.contexts.subsampling import Subsampling
    from firth.contexts.window import Window
    from firth.corpus.phrase_learning import learn_phrases
    from firth.corpus.phrases import PhraseModel, Phrases
    from firth.corpus.tokenizers import Custom, HuggingFace, Sentences, Whitespace, Words
    from firth.demonstration import demo
    from firth.downloads.fetch import dataset
    from firth.downloads.registry import Dataset, datasets
    from firth.evaluation.report import evaluate
    from firth.explorer.server import explore
    from firth.objectives.binary_cross_entropy import BinaryCrossEntropy
    from firth.objectives.cbow import CBOW
    from firth.objectives.cluster_tree import ClusterTree
    from firth.objectives.full_softmax import FullSoftmax
    from firth.objectives.glove import GloVe
    from firth.objectives.hierarchical_softmax import HierarchicalSoftmax
    from firth.objectives.huffman import Huffman
    from firth.objectives.log_counts import LogCounts
    from firth.objectives.negative_sampling import NegativeSampling
    from firth.objectives.nmf import NMF
    from firth.objectives.noise import LogUniform, Unigram
    from firth.objectives.noise_contrastive import NCE
    from firth.objectives.one_hot import OneHot
    from firth.objectives.pca import PCA
    from firth.objectives.ppmi import PPMI
    from firth.objectives.skipgram import SkipGram
    from firth.objectives.svd import SVD
    from firth.objectives.tf_idf import TfIdf
    from firth.objectives.vector_tree import VectorTree
    from firth.plan_report import Plan
    from firth.planning import plan
    from firth.resuming import resume
    from firth.run import Run
    from firth.sentences.mean import Mean
    from firth.sentences.sentence_vectors import SentenceVectors
    from firth.sentences.sif import SIF
    from firth.sentences.usif import USIF
    from firth.start import Start
    from firth.text_to_vectors import train
    from firth.vectors.alignment import align
    from firth.vectors.convert import convert
    from firth.vectors.load import load
    from firth.vectors.postprocess import postprocess
    from firth.vectors.store import WordVectors
    from firth.vectors.transformers.load import TransformerVectors, load_transformer

__all__ = [
    "CBOW",
    "NCE",
    "NMF",
    "PCA",
    "PPMI",
    "SIF",
    "SVD",
    "USIF",
    "BinaryCrossEntropy",
    "ClusterTree",
    "Custom",
    "Dataset",
    "FirthError",
    "FullSoftmax",
    "GloVe",
    "HierarchicalSoftmax",
    "Huffman",
    "HuggingFace",
    "LogCounts",
    "LogUniform",
    "Mean",
    "NegativeSampling",
    "OneHot",
    "PhraseModel",
    "Phrases",
    "Plan",
    "Run",
    "SentenceVectors",
    "Sentences",
    "SkipGram",
    "Start",
    "Subsampling",
    "TfIdf",
    "TransformerVectors",
    "Unigram",
    "VectorTree",
    "Whitespace",
    "Window",
    "WordVectors",
    "Words",
    "align",
    "compare",
    "convert",
    "dataset",
    "datasets",
    "demo",
    "evaluate",
    "explore",
    "learn_phrases",
    "load",
    "load_transformer",
    "pairs",
    "plan",
    "plots",
    "postprocess",
    "resume",
    "train",
]

_HOMES = {
    "BinaryCrossEntropy": "firth.objectives.binary_cross_entropy",
    "CBOW": "firth.objectives.cbow",
    "ClusterTree": "firth.objectives.cluster_tree",
    "Custom": "firth.corpus.tokenizers",
    "Dataset": "firth.downloads.registry",
    "FullSoftmax": "firth.objectives.full_softmax",
    "GloVe": "firth.objectives.glove",
    "HierarchicalSoftmax": "firth.objectives.hierarchical_softmax",
    "Huffman": "firth.objectives.huffman",
    "HuggingFace": "firth.corpus.tokenizers",
    "LogCounts": "firth.objectives.log_counts",
    "LogUniform": "firth.objectives.noise",
    "Mean": "firth.sentences.mean",
    "NCE": "firth.objectives.noise_contrastive",
    "NMF": "firth.objectives.nmf",
    "NegativeSampling": "firth.objectives.negative_sampling",
    "OneHot": "firth.objectives.one_hot",
    "PCA": "firth.objectives.pca",
    "PPMI": "firth.objectives.ppmi",
    "PhraseModel": "firth.corpus.phrases",
    "Phrases": "firth.corpus.phrases",
    "Plan": "firth.plan_report",
    "Run": "firth.run",
    "SIF": "firth.sentences.sif",
    "SVD": "firth.objectives.svd",
    "SentenceVectors": "firth.sentences.sentence_vectors",
    "Sentences": "firth.corpus.tokenizers",
    "SkipGram": "firth.objectives.skipgram",
    "Start": "firth.start",
    "Subsampling": "firth.contexts.subsampling",
    "TfIdf": "firth.objectives.tf_idf",
    "TransformerVectors": "firth.vectors.transformers.load",
    "USIF": "firth.sentences.usif",
    "Unigram": "firth.objectives.noise",
    "VectorTree": "firth.objectives.vector_tree",
    "Whitespace": "firth.corpus.tokenizers",
    "Window": "firth.contexts.window",
    "WordVectors": "firth.vectors.store",
    "Words": "firth.corpus.tokenizers",
    "align": "firth.vectors.alignment",
    "compare": "firth.comparison",
    "convert": "firth.vectors.convert",
    "dataset": "firth.downloads.fetch",
    "datasets": "firth.downloads.registry",
    "demo": "firth.demonstration",
    "evaluate": "firth.evaluation.report",
    "explore": "firth.explorer.server",
    "learn_phrases": "firth.corpus.phrase_learning",
    "load": "firth.vectors.load",
    "load_transformer": "firth.vectors.transformers.load",
    "pairs": "firth.contexts.pairs",
    "plan": "firth.planning",
    "postprocess": "firth.vectors.postprocess",
    "resume": "firth.resuming",
    "train": "firth.text_to_vectors",
}


def __getattr__(name: str) -> Any:
    # Numba takes half a second to load; a name is imported when it is first used.
    if name == "plots":
        return import_module("firth.plots")
    if name not in _HOMES:
        raise AttributeError(f"module 'firth' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
