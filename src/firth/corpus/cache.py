"""The cache of encoded corpora: how a corpus is known again, found, and how the folder is kept from growing forever.

A corpus lies in a folder of its own, named by a hash:

- **files**: of the settings and of each file's path, size, time stamps and number on its disk. A file that was changed
  so shortly before it was read that its time stamp could not show another change is not trusted (it is read again).
- **anything else** (iterables, tables, standard input): of the settings and of the text, which is hashed while it is
  read; so it is read each time, and kept once.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
import time
import unicodedata
from typing import TYPE_CHECKING, Any

import firth.storage
from firth.corpus.tokenizers import Custom, HuggingFace

if TYPE_CHECKING:
    from pathlib import Path

    from firth.corpus.sources import Source
    from firth.corpus.tokenizers import Tokenizer

__all__ = ["LIMIT_BYTES", "corpora_folder", "files_key", "fingerprint", "prune", "settings_record"]

LIMIT_BYTES = 20 << 30
"""The default folder is brought down to this size by taking away what was used longest ago."""

_FORMAT = 3
_CLOCK_NANOSECONDS = 50_000_000
_ABANDONED_SECONDS = 24 * 3600


def corpora_folder() -> Path:
    """Return the folder in which encoded corpora lie unless another is named."""
    return firth.storage.cache_folder() / "corpora"


def settings_record(source: Source, tokenizer: Tokenizer, **settings: Any) -> dict[str, Any]:
    """Return all that decides what a text becomes, as JSON can hold it.

    Args:
        source: where the text comes from.
        tokenizer: how it is tokenized.
        settings: the rest (min_count …).
    """
    return {
        "format": _FORMAT,
        "unicode": unicodedata.unidata_version,
        "source": {**source.settings, "holds_tokens": source.holds_tokens},
        "tokenizer": None if source.holds_tokens else tokenizer_record(tokenizer),
        **settings,
    }


def tokenizer_record(tokenizer: Any) -> dict[str, Any] | None:
    """Return a tokenizer's settings, or None where they cannot all be known (a function may change)."""
    if isinstance(tokenizer, Custom):
        return None
    if isinstance(tokenizer, HuggingFace):
        definition = tokenizer.definition
        if definition is None:
            return None
        return {"kind": "HuggingFace", "sha256": hashlib.sha256(definition.encode()).hexdigest()}
    if not dataclasses.is_dataclass(tokenizer):
        return None
    record: dict[str, Any] = {"kind": type(tokenizer).__name__}
    for field in dataclasses.fields(tokenizer):
        value = getattr(tokenizer, field.name)
        if dataclasses.is_dataclass(value):
            value = tokenizer_record(value)
            if value is None:
                return None
        elif isinstance(value, frozenset):
            value = sorted(value)
        elif field.name == "stop_words":
            value = sorted(tokenizer.removed)  # type: ignore[union-attr]
        record[field.name] = value
    return record


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]


def files_key(source: Source, record: dict[str, Any]) -> str | None:
    """Return the name of the corpus of these files under these settings; None where only its text can tell.

    Args:
        source: where the text comes from.
        record: what `settings_record` gives.
    """
    if source.files is None or record["tokenizer"] is None:
        return None
    now = time.time_ns()
    marks = []
    for path in source.files:
        stat = path.stat()
        if not path.is_file() or now - max(stat.st_mtime_ns, stat.st_ctime_ns) < _CLOCK_NANOSECONDS:
            return None
        marks.append([str(path), str(path.resolve()), stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino])
    return _hash(["files", record, marks])


def fingerprint(record: dict[str, Any], text_hash: str) -> str:
    """Return what tells this text under these settings from every other, wherever it came from.

    Args:
        record: what `settings_record` gives.
        text_hash: of the text in UTF-8.
    """
    return _hash(["text", record, text_hash])


def prune(folder: Path, limit_bytes: int, keep: Path | None = None) -> None:
    """Take away the corpora used longest ago until those left fit, and what killed processes left behind.

    Args:
        folder: of corpora.
        limit_bytes: int ≥ 0.
        keep: a corpus that stays in any case.
    """
    entries = []
    for entry in folder.iterdir():
        try:
            if entry.name.startswith(".") and entry.name.endswith(".part"):
                if time.time() - entry.stat().st_mtime > _ABANDONED_SECONDS:
                    shutil.rmtree(entry, ignore_errors=True)
            elif (manifest := entry / "manifest.json").is_file():
                size = sum(file.stat().st_size for file in entry.iterdir())
                entries.append((manifest.stat().st_mtime, size, entry))
        except OSError:
            continue  # another process is at it
    total = sum(size for _, size, _ in entries)
    for _, size, entry in sorted(entries):
        if total <= limit_bytes:
            break
        if entry != keep:
            shutil.rmtree(entry, ignore_errors=True)
            total -= size
