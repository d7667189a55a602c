"""A dataset by its name: fetched once, its checksum compared, unpacked, and kept."""

from __future__ import annotations

import hashlib
import logging
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import firth.storage
from firth.downloads.archive import unpack
from firth.downloads.registry import Dataset, named
from firth.downloads.transfer import Transfer
from firth.errors import FormatError, MissingExtraError, SettingsError, SourceError, StorageError
from firth.events import Notice, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firth.events import Listener

__all__ = ["dataset", "datasets_folder", "where"]


def datasets_folder() -> Path:
    """Return the folder in which datasets are kept unless another is named: in the cache, which FIRTH_CACHE moves."""
    return firth.storage.cache_folder() / "datasets"


def where(name: str, *, folder: str | os.PathLike[str] | None = None) -> Path:
    """Return the path at which a dataset is kept, whether it is there yet or not.

    Args:
        name: of the dataset, as `datasets()` lists it.
        folder: where datasets are kept; None for the cache.

    Raises:
        SettingsError: there is no such dataset.
    """
    return _place(folder) / named(name).file


def dataset(name: str, *, folder: str | os.PathLike[str] | None = None, on_event: Listener | None = None) -> Path:
    """Return a dataset's file; what is not here yet is downloaded first.

    A transfer that breaks off goes on where it stopped, within the call and in the next one. The published checksum is
    compared; where none is known, the first download's SHA-256 is kept beside the file, told, and compared from then
    on. A file that was put into the folder by hand is taken after the same comparison.

    Args:
        name: of the dataset, as `datasets()` lists it.
        folder: where datasets are kept; None for the cache.
        on_event: told how far the transfer is.

    Returns:
        The file: for `firth.train`, `firth.load` or the evaluations.

    Raises:
        SettingsError: there is no such dataset.
        SourceError: no server answers; the message says what to put where by hand.
        FormatError: what came is not what was published.
        StorageError: it cannot be written.
        MissingExtraError: a download is needed, and the extra `download` is not installed.
    """
    chosen = named(name)
    place = _place(folder)
    file, archive = place / chosen.file, place / chosen.download
    kept = archive.with_name(f"{archive.name}.sha256")
    try:
        if file.is_file() and (chosen.member is not None or kept.is_file()):
            return file
        if archive.is_file():
            if not kept.is_file():
                _compare(chosen, archive, on_event)
        else:
            _download(chosen, archive, kept, on_event)
        if not kept.is_file():
            _keep(kept, archive, chosen, on_event)
        if chosen.member is not None:
            _tell(on_event, Stage(name=f"unpacking {chosen.file}"))
            unpack(archive, chosen.member, file)
    except OSError as error:
        raise StorageError(
            f"could not write to {place}: {error.strerror or error}; choose another folder, or set FIRTH_CACHE"
        ) from error
    return file


def _download(chosen: Dataset, archive: Path, kept: Path, on_event: Listener | None) -> None:
    """Download from the first address that gives what was published."""
    try:
        import pooch  # noqa: PLC0415  (an extra)
        import requests  # noqa: PLC0415  (comes with it)
    except ImportError:
        raise MissingExtraError(
            f'Downloading needs an optional library: pip install "firth[download]"; or {_by_hand(chosen, archive)}'
        ) from None
    checksum = chosen.checksum or _kept(kept)
    # The registry's sizes are rounded: far more than that is another file.
    limit = int(chosen.megabytes * 2e6) + (16 << 20)
    _tell(on_event, Stage(name=f"downloading {archive.name}"))
    archive.parent.mkdir(parents=True, exist_ok=True)
    failed: list[str] = []
    for url in chosen.urls:
        # Bytes of one server are not gone on with from another.
        mark = hashlib.sha256(url.encode()).hexdigest()[:8]
        transfer = Transfer(archive.with_name(f".{archive.name}.{mark}.part"), limit=limit, on_event=on_event)
        try:
            with _silent(pooch):
                pooch.retrieve(url, checksum, fname=archive.name, path=archive.parent, downloader=transfer)
        except (SourceError, requests.RequestException) as error:
            failed.append(f"{urlsplit(url).netloc}: {' '.join(str(error).split())}")
        except ValueError as error:  # pooch's own, when the checksum differs
            failed.append(f"{urlsplit(url).netloc}: another checksum than {checksum} ({_got(error)})")
        else:
            return
    reasons = "; ".join(failed)
    if any("another checksum" in reason for reason in failed):
        advice = f"; delete {kept} to take the new file" if chosen.checksum is None else ""
        raise FormatError(f"expected {archive.name} as it was published, got other bytes ({reasons}){advice}")
    raise SourceError(f"expected to download {chosen.name}, but could not ({reasons}); {_by_hand(chosen, archive)}")


def _by_hand(chosen: Dataset, archive: Path) -> str:
    return f"fetch {chosen.urls[0]} in another way and put it at {archive}"


def _compare(chosen: Dataset, archive: Path, on_event: Listener | None) -> None:
    """Compare a file that somebody put there with the published checksum."""
    if chosen.checksum is None:
        return
    _tell(on_event, Stage(name=f"checking {archive.name}"))
    algorithm, _, wanted = chosen.checksum.partition(":")
    got = _checksum(archive, algorithm)
    if got != wanted:
        raise FormatError(
            f"expected {archive} with the published {algorithm} {wanted}, got {got}; delete it to fetch it again"
        )


def _keep(kept: Path, archive: Path, chosen: Dataset, on_event: Listener | None) -> None:
    """Write a file's SHA-256 beside it, in the form of sha256sum."""
    published = chosen.checksum is not None and chosen.checksum.startswith("sha256:")
    got = str(chosen.checksum).partition(":")[2] if published else _checksum(archive, "sha256")
    with firth.storage.written_whole(kept) as part:
        part.write_text(f"{got}  {archive.name}\n", encoding="utf-8")
    if chosen.checksum is None:
        _tell(
            on_event,
            Notice(
                text=f"no checksum of {archive.name} was found published; its SHA-256, {got}, is kept in {kept} and "
                "compared with any later download"
            ),
        )


def _kept(kept: Path) -> str | None:
    """Return the checksum of an earlier download; None where there was none."""
    if not kept.is_file():
        return None
    got = kept.read_text(encoding="utf-8", errors="replace").split(" ", 1)[0]
    if len(got) != 64 or not all(char in "0123456789abcdef" for char in got):
        raise FormatError(f"expected a SHA-256 in {kept}, got other text; delete it")
    return f"sha256:{got}"


def _checksum(path: Path, algorithm: str) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def _got(error: ValueError) -> str:
    """Return the checksum that pooch has computed, from its message."""
    return str(error).partition("but got ")[2].partition(".")[0] or "unknown"


@contextmanager
def _silent(pooch: Any) -> Iterator[None]:
    """Keep pooch from writing to the terminal: events tell what goes on."""
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


def _place(folder: str | os.PathLike[str] | None) -> Path:
    if folder is None:
        return datasets_folder()
    if not isinstance(folder, str | os.PathLike) or not os.fspath(folder) or "\0" in os.fspath(folder):
        raise SettingsError(f"expected a folder, got {folder!r}")
    return Path(folder)


def _tell(on_event: Listener | None, event: Stage | Notice) -> None:
    if on_event is not None:
        on_event(event)
