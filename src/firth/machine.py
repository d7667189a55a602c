"""What this machine has: free bytes of memory and of disk, and how sizes are written."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from firth.errors import SettingsError

__all__ = ["bytes_of", "free_disk", "free_memory", "is_limit_of_the_process", "shown"]

_FACTOR = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def free_memory() -> int | None:
    """Return the bytes of memory there are: `$FIRTH_MEMORY`, or what the system has free; None where it does not say.

    Raises:
        SettingsError: `$FIRTH_MEMORY` is no number of bytes.
    """
    if chosen := os.environ.get("FIRTH_MEMORY"):
        return bytes_of(chosen)
    sizes = [size for size in (_of_the_machine(), _of_the_container(), _of_the_process()) if size is not None]
    return min(sizes) if sizes else None


def is_limit_of_the_process(memory: int) -> bool:
    """Return whether memory ends at a limit set on this process, which can be raised, and not at what the machine has.

    Args:
        memory: bytes, of `free_memory`.
    """
    return memory == _of_the_process()


def _of_the_process() -> int | None:
    """Return the limit on the process's own memory (`ulimit -d`), all that it has already taken among it."""
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return None
    limit = resource.getrlimit(resource.RLIMIT_DATA)[0]
    return None if limit == resource.RLIM_INFINITY else limit


def _of_the_machine() -> int | None:
    try:
        found = re.search(r"^MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text(encoding="ascii"), re.MULTILINE)
        if found:
            return 1024 * int(found[1])
    except (OSError, UnicodeError):
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _of_the_container(root: Path = Path("/sys/fs/cgroup")) -> int | None:
    """Return what a container's limit leaves; pages of files give way, so they are not counted as taken."""
    try:
        limit = (root / "memory.max").read_text(encoding="ascii").strip()
        if limit == "max":
            return None
        taken = int((root / "memory.current").read_text(encoding="ascii"))
        files = re.search(r"^file (\d+)$", (root / "memory.stat").read_text(encoding="ascii"), re.MULTILINE)
        return max(0, int(limit) - taken + (int(files[1]) if files else 0))
    except (OSError, ValueError):
        return None


def free_disk(folder: Path) -> int | None:
    """Return the free bytes on the disk where a folder lies, or would lie; None where that cannot be known.

    Args:
        folder: need not exist.
    """
    try:
        there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
        return shutil.disk_usage(there).free
    except (OSError, StopIteration):
        return None


def bytes_of(text: str) -> int:
    """Return a number of bytes that is written like 3000000000, 800M or 1.5G.

    Raises:
        SettingsError: it is not.
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?\s*", text, re.IGNORECASE)
    if found is None:
        raise SettingsError(f"expected a number of bytes such as 800M or 16G, got {text!r}")
    return int(float(found[1]) * _FACTOR[found[2].upper()])


def shown(size: float) -> str:
    """Return a number of bytes as people read it: 0.5 MiB, 12 MiB, 3.4 GiB."""
    for unit, factor in (("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20)):
        if size >= factor or unit == "MiB":
            return f"{size / factor:,.1f} {unit}" if size < 100 * factor else f"{size / factor:,.0f} {unit}"
    raise AssertionError("the smallest unit fits all")
