"""Learning: an objective over an encoded corpus, to vectors. The one place that knows every kind of objective."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firth.errors import SettingsError
from firth.learning.from_counts import learned_from_counts
from firth.learning.from_entries import learned_from_entries
from firth.learning.from_text import Beginning, learned_from_text
from firth.learning.kernels import load_kernels, loading_kernels
from firth.learning.learned import Learned
from firth.objectives.architecture import Architecture, SampledLoss
from firth.objectives.count_based import CountBased
from firth.objectives.glove import GloVe

if TYPE_CHECKING:
    from firth.corpus.encoded import EncodedCorpus
    from firth.distributed.engine import Engine
    from firth.events import Listener
    from firth.training.settings import TrainingSettings
    from firth.training.trainer import Checkpoints

__all__ = ["Beginning", "Learned", "can_be_shared", "check_objective", "learn", "load_kernels", "loading_kernels"]


def learn(
    objective: Any,
    corpus: EncodedCorpus,
    settings: TrainingSettings,
    *,
    on_event: Listener,
    checkpoints: Checkpoints | None = None,
    cluster: Engine | None = None,
    start: Beginning | None = None,
) -> Learned:
    """Learn vectors for a corpus's words.

    Args:
        objective: what is learned, with its settings.
        corpus: encoded text.
        settings: how it is learned.
        on_event: a listener for stages, notices, progress and epochs.
        checkpoints: where the training is written down from time to time, and whence it goes on; None for nowhere.
            What is counted once has nothing to go on from, and is counted anew.
        cluster: what does the work of the shards, or counts; None is threads of this process.
        start: the model that skip-gram, CBOW or GloVe goes on from; None begins anew.

    Returns:
        The vectors, and how it went; on Ctrl-C during the training what it had come to.

    Raises:
        SettingsError: this is no objective, or one that has no use for some setting.
        DivergedError: the vectors are no numbers any more.
        EmptyCorpusError: no word has company.
    """
    check_objective(objective, settings)
    if isinstance(objective, Architecture):
        return learned_from_text(
            objective, corpus, settings, on_event=on_event, checkpoints=checkpoints, cluster=cluster, start=start
        )
    if isinstance(objective, GloVe):
        return learned_from_entries(
            objective, corpus, settings, on_event=on_event, checkpoints=checkpoints, cluster=cluster, start=start
        )
    return learned_from_counts(objective, corpus, settings, on_event=on_event, cluster=cluster)


def check_objective(objective: Any, settings: TrainingSettings | None = None) -> None:
    """Refuse what is no objective, and settings of the training that this one has no use for.

    Args:
        objective: what is to be learned.
        settings: how; None looks at the objective alone.

    Raises:
        SettingsError: one of them cannot be.
    """
    if not isinstance(objective, Architecture | GloVe | CountBased):
        raise SettingsError(f"expected an objective such as SkipGram(), CBOW() or PPMI(), got {objective!r}")
    if settings is None:
        return
    name = type(objective).__name__
    if settings.shards is not None and not can_be_shared(objective):
        what = f"{name} with {type(objective.loss).__name__}" if isinstance(objective, Architecture) else name
        raise SettingsError(
            "expected shards with skip-gram or CBOW and negative sampling, NCE or hierarchical softmax, whose copies "
            f"can be merged, got {what}; leave the shards out"
        )
    if not isinstance(objective, CountBased):
        return
    if settings.epochs not in (None, 1):
        raise SettingsError(
            f"expected no number of epochs, as {name} counts the text once, got {settings.epochs!r}; leave it out"
        )
    for setting, value in (("patience", settings.patience), ("held_out", settings.held_out or None)):
        if value is not None:
            raise SettingsError(
                f"expected no {setting}, as {name} learns from the counts of the whole text, none of which are "
                f"held out, got {value!r}; leave it out"
            )


def can_be_shared(objective: Any) -> bool:
    """Return whether copies of an objective's model can learn shards of the text and be merged."""
    return isinstance(objective, Architecture) and isinstance(objective.loss, SampledLoss)
