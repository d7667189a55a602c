"""Every error that Firth raises on purpose.

    FirthError
    ├── SettingsError        a setting that cannot be (dim 0, a negative window); also a ValueError
    ├── SourceError          a text that cannot be opened or read (no such file, no such column, a broken .gz)
    │   └── BadBytesError    a text that is not in the encoding it was said to be in; also a ValueError
    ├── EmptyCorpusError     nothing left to train on (empty text, min_count above every count)
    ├── DivergedError        a training whose numbers grew beyond all bounds (a learning rate far too high)
    ├── UnknownWordError     a word that the vectors do not hold; also a KeyError
    ├── ExpressionError      word arithmetic that cannot be read ("king - + woman"); also a ValueError
    ├── FormatError          a vector file that is broken, hostile or of another format
    ├── StorageError         a result that could not be written (full disk, read-only folder)
    ├── ClusterError         work that a cluster cannot do (none at the address, workers that die again and again)
    └── MissingExtraError    an optional library is not installed; also an ImportError

Each message says what was expected, what came instead, and what to do.
"""

from __future__ import annotations

__all__ = [
    "BadBytesError",
    "ClusterError",
    "DivergedError",
    "EmptyCorpusError",
    "ExpressionError",
    "FirthError",
    "FormatError",
    "MissingExtraError",
    "SettingsError",
    "SourceError",
    "StorageError",
    "UnknownWordError",
]


class FirthError(Exception):
    """The root of the tree: `except firth.FirthError` catches everything that Firth raises on purpose."""

    def __str__(self) -> str:
        # KeyError would print the message's repr; every error here prints its sentence as it is.
        return str(self.args[0]) if self.args else ""


class SettingsError(FirthError, ValueError):
    """A setting outside the range in which it means something."""


class SourceError(FirthError):
    """A text that cannot be opened, found or read to its end."""


class BadBytesError(SourceError, ValueError):
    """A text with bytes that its encoding does not allow, where the caller asked to refuse them."""


class EmptyCorpusError(FirthError):
    """A corpus in which no word is left to train on."""


class DivergedError(FirthError):
    """A training whose vectors are no numbers any more."""


class UnknownWordError(FirthError, KeyError):
    """A word that the vocabulary does not hold."""


class ExpressionError(FirthError, ValueError):
    """Word arithmetic that cannot be parsed."""


class FormatError(FirthError):
    """A file that does not hold what its format promises."""


class StorageError(FirthError):
    """A file that could not be written."""


class ClusterError(FirthError):
    """Work that a cluster cannot do."""


class MissingExtraError(FirthError, ImportError):
    """An optional library that is not installed."""

    @classmethod
    def of(cls, extra: str, purpose: str) -> MissingExtraError:
        """Return the error that names the install command of an extra.

        Args:
            extra: the extra's name as in `pip install "firth[extra]"`.
            purpose: what it is needed for, as the subject of a sentence ("Reading Parquet").
        """
        return cls(f'{purpose} needs an optional library: pip install "firth[{extra}]"')
