"""Where words lie on the map: in their principal plane at once, by UMAP when that has been computed.

UMAP takes minutes, and so runs in a process of its own, for the 50,000 most frequent words; more would be a cloud
without gaps, in hours. The rest have no place by it. What it gives is kept beside the model, or in Firth's cache where
that folder is closed to writing, under a name that says from which words and vectors it was made.
"""

from __future__ import annotations

import hashlib
import importlib.util
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from firth.errors import FirthError, MissingExtraError, StorageError
from firth.explorer import umap_process
from firth.explorer.once import Once
from firth.storage import cache_folder, written_whole
from firth.vectors.neighbours import finite_rows, ids_of, most_frequent_ids
from firth.vectors.plane import Plane, plane

if TYPE_CHECKING:
    from firth.vectors.store import WordVectors

__all__ = ["LAYOUTS", "MOST_PLACED", "Layouts"]

LAYOUTS = ("pca", "umap")

MOST_PLACED = 50_000
"""Words that UMAP places, the most frequent."""

_FEWEST_PLACED = 10
_FILES = ("vectors.npy", "places.npy")

Places = npt.NDArray[np.float32]


class Layouts:
    """The layouts of one model.

    Args:
        wv: the vectors.
        path: the file or folder that they were opened from, beside which layouts are cached; None where there is none.
    """

    def __init__(self, wv: WordVectors, path: Path | None = None) -> None:
        self._wv, self._path = wv, path
        self.principal: Once[Plane] = Once(lambda: plane(wv.matrix, wv.norms))
        """The words' places on their first two principal components."""
        self._rows: Once[npt.NDArray[np.int64]] = Once(self._most_frequent)
        self._name: Once[str] = Once(self._cache_name)
        self._lock = threading.Lock()
        self._state: Literal["absent", "running", "ready", "unavailable"] | None = None
        self._why: str | None = None
        self._umap: Places | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._is_closed = False

    def described(self) -> list[dict[str, Any]]:
        """Return each layout's name and state.

        Raises:
            FormatError: a vector holds NaN or infinity.
        """
        kept = list(self.principal().kept)
        self._look()
        return [
            {"name": "pca", "state": "ready", "why": None, "kept": kept, "words": len(self._wv)},
            {"name": "umap", "state": self._state, "why": self._why, "kept": None, "words": len(self._rows())},
        ]

    def places(self, name: str) -> Places | None:
        """Return the words' places, float32 (V, 2), NaN for those that have none; None while they are computed.

        Args:
            name: one of `LAYOUTS`.

        Raises:
            MissingExtraError: UMAP is not installed.
            StorageError: UMAP failed.
            FormatError: a vector holds NaN or infinity.
        """
        if name == "pca":
            return self.principal().places
        self._look()
        with self._lock:
            if self._state == "unavailable":
                raise (MissingExtraError if not _has_umap() else StorageError)(self._why)
            if self._state == "absent" and not self._is_closed:
                self._state = "running"
                threading.Thread(target=self._compute, daemon=True).start()
            return self._umap

    def best(self) -> str:
        """Return UMAP's name where its places are there, else that of the principal plane."""
        self._look()
        return "umap" if self._umap is not None else "pca"

    def close(self) -> None:
        """End what is being computed."""
        with self._lock:
            self._is_closed = True
            if self._process is not None:
                self._process.terminate()

    def _look(self) -> None:
        """Find out, once, whether UMAP's places are there already, and whether they could be."""
        with self._lock:
            if self._state is not None:
                return
            self._umap = self._cached()
            if self._umap is not None:
                self._state = "ready"
            elif not _has_umap():
                self._state, self._why = "unavailable", str(MissingExtraError.of("maps", "A map by UMAP"))
            elif len(self._rows()) < _FEWEST_PLACED:
                self._state = "unavailable"
                self._why = f"expected at least {_FEWEST_PLACED} words for a map by UMAP, got {len(self._rows())}"
            else:
                self._state = "absent"

    def _most_frequent(self) -> npt.NDArray[np.int64]:
        return ids_of(most_frequent_ids(self._wv.counts, MOST_PLACED), len(self._wv))

    def _compute(self) -> None:
        """Compute UMAP's places in a process of its own, and keep them."""
        try:
            places = self._placed_by_umap()
        except (FirthError, OSError) as error:
            with self._lock:
                self._state, self._why = "unavailable", str(error)
            return
        self._keep(places)
        with self._lock:
            self._umap, self._state = self._of_all_words(places), "ready"

    def _placed_by_umap(self) -> Places:
        vectors = finite_rows(self._wv.matrix, self._wv.norms, self._rows()).astype(np.float32)
        with tempfile.TemporaryDirectory(prefix="firth-umap-") as place:
            folder = Path(place)
            np.save(folder / _FILES[0], vectors)
            # By its file, and with no folder of ours on its path: it needs nothing of Firth.
            command = [sys.executable, "-P", umap_process.__file__, *(str(folder / name) for name in _FILES)]
            with (folder / "complaint").open("w+b") as complaint:
                code = self._run(command, complaint)
                complaint.seek(0)
                last = complaint.read().decode(errors="replace").strip().rpartition("\n")[2]
            if code != 0:
                raise StorageError(f"UMAP ended without a map: {last or f'exit code {code}'}")
            places = _read(folder / _FILES[1], len(vectors))
        if places is None:
            raise StorageError("UMAP ended with places that are no numbers")
        return places

    def _run(self, command: list[str], complaint: IO[bytes]) -> int:
        """Run a program to its end, or until the explorer is closed; its standard input stays open as long as we do."""
        with self._lock:
            if self._is_closed:
                raise StorageError("the explorer was closed before UMAP had begun")
            self._process = subprocess.Popen(  # noqa: S603 - our own program, no shell
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=complaint
            )
        with self._process as process:
            return process.wait()

    def _of_all_words(self, places: Places) -> Places:
        whole = np.full((len(self._wv), 2), np.nan, dtype=np.float32)
        whole[self._rows()] = places
        return whole

    def _cache_name(self) -> str:
        """Return the name of the file in which places are kept: from which vectors they were made, and how."""
        rows = self._rows()
        digest = hashlib.blake2b(umap_process.SETTINGS.encode(), digest_size=12)
        for start in range(0, len(rows), 4096):
            some = rows[start : start + 4096]
            digest.update("\n".join(self._wv.words[row] for row in some.tolist()).encode())
            digest.update(np.ascontiguousarray(self._wv.matrix[some], dtype="<f4").tobytes())
        return f"umap-{digest.hexdigest()}.npy"

    def _files(self) -> list[Path]:
        """Return where places may be kept: beside the model, else in the cache."""
        files, name = [], self._name()
        if self._path is not None:
            inside = self._path.is_dir()
            files.append(self._path / name if inside else self._path.with_name(f"{self._path.name}.{name}"))
        with suppress(StorageError):
            files.append(cache_folder() / "layouts" / name)
        return files

    def _cached(self) -> Places | None:
        for path in self._files():
            found = _read(path, len(self._rows()))
            if found is not None:
                return self._of_all_words(found)
        return None

    def _keep(self, places: Places) -> None:
        """Write places down where that is possible; else they are computed again another time."""
        for path in self._files():
            try:
                with written_whole(path) as part, part.open("wb") as file:
                    np.save(file, places, allow_pickle=False)
            except StorageError:
                continue
            return


def _read(path: Path, words: int) -> Places | None:
    """Return the places in a file; None where there are none for so many words."""
    try:
        places = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    if not isinstance(places, np.ndarray) or places.shape != (words, 2) or places.dtype != np.float32:
        return None
    return np.array(places) if np.isfinite(places).all() else None


def _has_umap() -> bool:
    return importlib.util.find_spec("umap") is not None
