"""The options that say what is learned, and the settings that they name; shared by `train` and `compare`."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

    from firth.objectives.tree import TreeSettings

__all__ = ["LOSSES", "MODELS", "objective_from", "objective_named", "tree_named"]


class _Kind(NamedTuple):
    """A class of settings and the options that it understands, named as its own arguments are."""

    module: str
    name: str
    options: frozenset[str]
    takes_loss: bool = False

    def __call__(self, **settings: Any) -> Any:
        return getattr(import_module(f"firth.objectives.{self.module}"), self.name)(**settings)


_TEXT = frozenset({"dim", "window", "subsample", "rate", "loss"})
_COUNTS = frozenset({"dim", "window", "weighting", "factorization"})

MODELS = {
    "skip-gram": _Kind("skipgram", "SkipGram", _TEXT, takes_loss=True),
    "cbow": _Kind("cbow", "CBOW", _TEXT | {"gradient"}, takes_loss=True),
    "glove": _Kind("glove", "GloVe", frozenset({"dim", "window", "weighting", "rate", "x_max", "alpha"})),
    "ppmi": _Kind("ppmi", "PPMI", _COUNTS | {"shift", "smoothing"}),
    "log-counts": _Kind("log_counts", "LogCounts", _COUNTS),
    "lsa": _Kind("tf_idf", "TfIdf", frozenset({"dim", "factorization"})),
    "one-hot": _Kind("one_hot", "OneHot", frozenset()),
}
"""What `--model` can be."""

LOSSES = {
    "negative-sampling": _Kind("negative_sampling", "NegativeSampling", frozenset({"negatives"})),
    "nce": _Kind("noise_contrastive", "NCE", frozenset({"negatives"})),
    "full-softmax": _Kind("full_softmax", "FullSoftmax", frozenset()),
    "binary-cross-entropy": _Kind("binary_cross_entropy", "BinaryCrossEntropy", frozenset()),
    "hierarchical-softmax": _Kind("hierarchical_softmax", "HierarchicalSoftmax", frozenset({"tree"})),
}
"""What `--loss` can be, for those models that have one."""

_DEFAULT_LOSS = "negative-sampling"
_OPTIONS = {option for kind in (*MODELS.values(), *LOSSES.values()) for option in kind.options}


def objective_from(given: Mapping[str, Any]) -> Any:
    """Return the objective that the options name; refuse options that it has no use for.

    Args:
        given: option → value, of those that were given: "model", perhaps "loss", and their settings; others are left
            alone.
    """
    model, loss_name = MODELS[given["model"]], given.get("loss", _DEFAULT_LOSS)
    loss = LOSSES[loss_name] if model.takes_loss else None
    understood = _understood(given["model"], loss_name)
    for option in given:
        if option in _OPTIONS and option not in understood:
            users = [name for name, kind in {**MODELS, **LOSSES}.items() if option in kind.options]
            asked = f"{given['model']} with {loss_name}" if loss else given["model"]
            raise click.UsageError(f"--{option.replace('_', '-')} is for {_listed(users)}; {asked} has no use for it.")
    settings = {name: given[name] for name in model.options - {"loss"} if name in given}
    if "factorization" in settings:
        settings["factorization"] = _factorization(settings["factorization"])
        if settings["factorization"] is None and "dim" in settings:
            raise click.UsageError(
                "--dim is for a factorisation; with none a vector has as many numbers as the matrix."
            )
    if loss is not None:
        of_the_loss = {name: given[name] for name in loss.options if name in given}
        if "tree" in of_the_loss:
            of_the_loss["tree"] = tree_named(of_the_loss["tree"])
        settings["loss"] = loss(**of_the_loss)
    return model(**settings)


def objective_named(name: str, given: Mapping[str, Any]) -> Any:
    """Return the objective with a name such as "glove", "skip-gram" or "cbow/nce".

    Args:
        name: a model, and where it has a loss perhaps a stroke and the loss.
        given: option → value for all objectives; each takes those that it understands.
    """
    model, _, loss = name.partition("/")
    if model not in MODELS or (loss and (loss not in LOSSES or not MODELS[model].takes_loss)):
        with_loss = [other for other, kind in MODELS.items() if kind.takes_loss]
        raise click.UsageError(
            f"{name!r} is no objective; expected one of {', '.join(MODELS)}, and behind {_listed(with_loss)} perhaps a "
            f"stroke and a loss: {', '.join(LOSSES)}."
        )
    understood = _understood(model, loss or _DEFAULT_LOSS)
    chosen = {"model": model, **({"loss": loss} if loss else {})}
    return objective_from(chosen | {option: value for option, value in given.items() if option in understood})


def _understood(model: str, loss: str) -> frozenset[str]:
    """Return the options that a model has a use for, with its loss if it takes one."""
    return MODELS[model].options | (LOSSES[loss].options if MODELS[model].takes_loss else frozenset())


def _factorization(name: str) -> Any:
    """Return the factorisation that the option names; svd:0 is SVD with that power of the singular values."""
    from firth.objectives.nmf import NMF
    from firth.objectives.pca import PCA
    from firth.objectives.svd import SVD

    kind, _, power = name.partition(":")
    try:
        if kind == "svd":
            return SVD(p=float(power)) if power else SVD()
        return {"pca": PCA(), "nmf": NMF(), "none": None}[name]
    except (KeyError, ValueError):
        raise click.UsageError(
            f"{name!r} is no factorisation; expected svd, svd:P with the singular values' power P, pca, nmf or none."
        ) from None


def tree_named(name: str) -> TreeSettings:
    """Return the tree that the option names, by the file's suffix: clusters, or else vectors.

    Args:
        name: "huffman" or a file.
    """
    from firth.objectives.cluster_tree import ClusterTree, read_clusters
    from firth.objectives.huffman import Huffman
    from firth.objectives.vector_tree import VectorTree
    from firth.vectors.load import load

    if name == "huffman":
        return Huffman()
    if Path(name).suffix.lower() in {".json", ".tsv"}:
        return ClusterTree(clusters=read_clusters(name))
    return VectorTree(vectors=load(name))


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
