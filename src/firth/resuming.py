"""Going on with a training that was broken off: by its folder alone, as the checkpoint tells all that was chosen."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firth.contexts.subsampling import Subsampling
from firth.contexts.window import Window
from firth.corpus.encoded import found
from firth.corpus.phrases import Phrases
from firth.corpus.sources import open_source
from firth.corpus.tokenizers import Sentences, Whitespace, Words
from firth.errors import SettingsError, SourceError
from firth.events import Notice
from firth.objectives.binary_cross_entropy import BinaryCrossEntropy
from firth.objectives.cbow import CBOW
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
from firth.run import described
from firth.run_folder import broken_off
from firth.start import found_again
from firth.text_to_vectors import train

if TYPE_CHECKING:
    from collections.abc import Mapping

    from firth.corpus.phrases import PhraseModel
    from firth.corpus.tokenizers import Tokenizer
    from firth.events import Listener
    from firth.objectives.architecture import Architecture
    from firth.run import Run
    from firth.start import Start
    from firth.vectors.store import WordVectors

__all__ = ["resume"]

_KINDS = {
    kind.__name__: kind
    for kind in (
        *(SkipGram, CBOW, GloVe, NegativeSampling, NCE, HierarchicalSoftmax, FullSoftmax, BinaryCrossEntropy),
        *(PPMI, LogCounts, TfIdf, OneHot, SVD, PCA, NMF),
        *(Huffman, Unigram, LogUniform, Window, Subsampling, Words, Whitespace, Sentences, Phrases),
    )
}


def resume(
    folder: str | os.PathLike[str],
    text: Any = None,
    *,
    objective: Architecture | GloVe | None = None,
    tokenizer: Tokenizer | None = None,
    phrases: PhraseModel | str | os.PathLike[str] | None = None,
    start: Start | WordVectors | str | os.PathLike[str] | None = None,
    threads: int | None = None,
    checkpoint_every: float | None = 300,
    cache: str | os.PathLike[str] | None = None,
    on_event: Listener | None = None,
) -> Run:
    """Go on with a training that was broken off, or with its bootstrap, whose runs that had ended are kept.

    With one thread, or where it is reproducible, the vectors are those of a training that was never broken off, bit for
    bit.

    Args:
        folder: its output folder.
        text: as `firth.train` took it; None takes the files that it was begun with, or, where they are gone or were no
            files, its encoded text, as long as the cache has it.
        objective: is to be given where a record cannot hold it: where its tree was made of clusters or vectors.
        tokenizer: is to be given where a record cannot hold it: a function, a Hugging Face tokenizer.
        phrases: is to be given where phrases were joined that had been found before.
        start: is to be given where the training went on from a model that lay in memory, or lies elsewhere now.
        threads: int ≥ 1; None takes as many as it had.
        checkpoint_every: as for `firth.train`.
        cache: the folder in which encoded texts are kept; None is Firth's own cache folder.
        on_event: a listener for stages, notices, progress and epochs.

    Returns:
        The run, as `firth.train` gives it.

    Raises:
        StorageError: there is no checkpoint that is whole, or another training holds the folder.
        SettingsError: the text is another one, or something is to be given.
        SourceError: the text cannot be read.
    """
    if not isinstance(folder, str | os.PathLike) or not os.fspath(folder):
        raise SettingsError(f"expected the folder of a training that was broken off, got {folder!r}")
    begun = broken_off(Path(folder))
    settings: dict[str, Any] = dict(begun.about["settings"])
    given: dict[str, Any] = {"objective": objective, "tokenizer": tokenizer, "phrases": phrases}
    for name, value in given.items():
        recorded = settings.pop(name)
        given[name] = _made_again(name, recorded) if value is None else value
    if settings.pop("start", None) is not None and start is None:
        start = found_again(begun.about["start"])
    return train(
        _text(begun.about, on_event) if text is None else text,
        **given,
        **settings,
        threads=begun.about["threads"] if threads is None else threads,
        start=start,
        output=folder,
        resume=True,
        checkpoint_every=checkpoint_every,
        cache=cache,
        on_event=on_event,
    )


def _text(about: Mapping[str, Any], on_event: Listener | None) -> Any:
    """Return the files that a training was begun with, or else its encoded text."""
    paths, corpus = about["text"], about["corpus"]
    if paths:
        text = [Path(path) for path in paths]
        try:
            open_source(text)
        except SourceError:
            pass
        else:
            return text
    encoded = found(Path(corpus["path"]))
    if encoded is None or encoded.fingerprint != corpus["fingerprint"]:
        what = f"{paths[0]} is not there any more" if paths else "it did not come from files"
        raise SettingsError(
            f"expected the text to go on with, but {what}, and the cache has let go of its encoded form; give the text "
            "again"
        )
    if paths and on_event:
        on_event(Notice(text=f"{paths[0]} is not there any more; the training goes on with its encoded form"))
    return encoded


def _made_again(name: str, recorded: Any) -> Any:
    """Return what a record describes.

    Raises:
        SettingsError: it cannot be made from its description.
    """
    try:
        made = _made(recorded)
    except (TypeError, KeyError, SettingsError):
        made = None
    if described(made) != recorded:
        kind = recorded.get("kind", name) if isinstance(recorded, dict) else recorded
        raise SettingsError(
            f"expected the {name} to go on with, as {kind} cannot be made again from its record; give it to "
            f"firth.resume ({name}=)"
        )
    return made


def _made(recorded: Any) -> Any:
    if isinstance(recorded, list):
        return frozenset(recorded)
    if not isinstance(recorded, dict):
        return recorded
    fields: Mapping[str, Any] = {name: _made(value) for name, value in recorded.items() if name != "kind"}
    return _KINDS[recorded["kind"]](**fields)
