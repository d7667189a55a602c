"""What a model's record tells of its past: which texts it has seen, and where it was trained otherwise than now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firth.corpus.phrases import PhraseModel
from firth.run import PHRASES_NAME, described
from firth.same_training import differences

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from firth.corpus.phrases import Phrases

__all__ = ["texts_seen", "trained_otherwise"]

_OF_EACH_TRAINING = ("objective.rate", "objective.min_rate")
_TOLD_OF_A_TEXT = ("fingerprint", "words_read", "words_kept")


def texts_seen(record: Mapping[str, object], *, name: str, words: int) -> list[dict[str, Any]]:
    """Return what a model has seen, in order, as far as its record tells.

    Args:
        record: the model's.
        name: the model's.
        words: how many it has.
    """
    seen, corpus = record.get("texts"), record.get("corpus")
    if isinstance(seen, list):
        return [text for text in seen if isinstance(text, dict)]
    unknown: dict[str, Any] = {"names": None, "sha256": None}
    if isinstance(corpus, dict) and all(key in corpus for key in _TOLD_OF_A_TEXT):
        return [unknown | {key: corpus[key] for key in _TOLD_OF_A_TEXT}]
    return [unknown | {"vectors": name, "words": words}]


def trained_otherwise(
    record: Mapping[str, object],
    folder: Path | None,
    *,
    objective: Any,
    tokenizer: Any,
    phrases: Phrases | PhraseModel | None,
) -> Iterator[str]:
    """Yield where a training that goes on from a model has other settings than the model's own, a sentence each.

    Args:
        record: the model's; what it does not tell is taken to be the same.
        folder: the model's, where its phrases may lie; None where it has none.
        objective: what is learned now.
        tokenizer: the new text's.
        phrases: those of the new text.
    """
    now = {"objective": described(objective), "tokenizer": described(tokenizer)}
    for setting, value in now.items():
        before = record.get(setting)
        if not isinstance(before, dict | str):
            continue
        for name, was, now_is in differences(before, value, setting):
            if name not in _OF_EACH_TRAINING:
                yield f"the model was trained with {name} {was}, and goes on with {now_is}"
    if "phrases" in record:
        yield from _other_phrases(record["phrases"], folder, phrases)


def _other_phrases(before: Any, folder: Path | None, phrases: Phrases | PhraseModel | None) -> Iterator[str]:
    file = None if folder is None or not (folder / PHRASES_NAME).is_file() else folder / PHRASES_NAME
    advice = "" if file is None else f"; join the model's own: {file} (--phrases, phrases=)"
    if before is None and phrases is not None:
        yield "the model's text had no phrases joined, and the new text's phrases are new words to it"
    elif before is not None and phrases is None:
        yield f"the model's text had phrases joined, and the new text has none{advice}"
    elif before is not None and not isinstance(phrases, PhraseModel):
        yield f"the new text's phrases are found anew, and may be others than the model's{advice}"
    elif isinstance(phrases, PhraseModel):
        own = before if file is None else PhraseModel.load(file).described()
        if own != phrases.described():
            yield f"the new text's phrases are others than the model's{advice}"
