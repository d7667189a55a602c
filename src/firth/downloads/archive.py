"""One file out of a .zip or .tar archive from a stranger: no path of its own, no more bytes than it owns up to."""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from contextlib import contextmanager
from fnmatch import fnmatchcase
from typing import IO, TYPE_CHECKING

from firth.errors import FormatError
from firth.storage import written_whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["unpack"]

_CHUNK = 1 << 20
_TIMES = 25
_SPARE = 1 << 20


def unpack(archive: Path, member: str, path: Path) -> None:
    """Write one member of an archive to a file, whole or not at all.

    The member's own path is not used, so that none leads out of the folder; links and devices are no members. Text
    shrinks to a third or so: a member that is 25 times as large as its whole archive is refused.

    Args:
        archive: a .zip, .tar or .tar.gz.
        member: the name of a file in it; * stands for anything.
        path: the file to appear.

    Raises:
        FormatError: the archive is broken, has no such member or several, or one that is far too large.
        StorageError: the file cannot be written.
    """
    most = archive.stat().st_size * _TIMES + _SPARE
    broken = FormatError(f"expected a whole archive in {archive}, got one that is broken; delete it to fetch it again")
    try:
        with (
            _member(archive, member, most) as (size, source),
            written_whole(path) as part,
            part.open("wb") as file,
        ):
            done = 0
            while chunk := source.read(_CHUNK):
                done += len(chunk)
                if done > size:
                    raise broken
                file.write(chunk)
            if done != size:
                raise broken
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise broken from error


@contextmanager
def _member(archive: Path, member: str, most: int) -> Iterator[tuple[int, IO[bytes]]]:
    """Give a member's size and its bytes."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as held:
            sizes = {one.filename: one.file_size for one in held.infolist() if not one.is_dir()}
            name = _chosen(archive, member, sizes, most)
            with held.open(name) as source:
                yield sizes[name], source
        return
    with tarfile.open(archive) as tar:
        files: dict[str, tarfile.TarInfo] = {}
        for one in tar:
            if one.isfile():
                files[one.name.removeprefix("./")] = one
        name = _chosen(archive, member, {key: one.size for key, one in files.items()}, most)
        extracted = tar.extractfile(files[name])
        assert extracted is not None  # noqa: S101  only files were kept
        with extracted as source:
            yield files[name].size, source


def _chosen(archive: Path, member: str, sizes: dict[str, int], most: int) -> str:
    found = [name for name in sizes if fnmatchcase(name, member) and not name.startswith("__MACOSX/")]
    if len(found) != 1:
        listed = ", ".join(repr(name) for name in list(sizes)[:5]) or "nothing"
        raise FormatError(f'expected one file "{member}" in {archive}, got {len(found)} such; it holds {listed}')
    if sizes[found[0]] > most:
        raise FormatError(
            f'expected a file of text as "{member}" in {archive}, got one that claims {sizes[found[0]]:,} bytes in an '
            f"archive of {archive.stat().st_size:,}"
        )
    return found[0]
