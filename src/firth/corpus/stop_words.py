"""Stop words: lists of a language's most common words, kept by the `stop-words` library."""

from __future__ import annotations

from firth.errors import MissingExtraError, SettingsError

__all__ = ["stop_words"]


def stop_words(language: str) -> frozenset[str]:
    """Return the stop words of a language, in small letters.

    Args:
        language: its English name ("english", "french") or ISO 639-1 code ("en", "fr").

    Raises:
        MissingExtraError: the library is not installed.
        SettingsError: there is no list for the language; the message names those there are.
    """
    try:
        import stop_words as library  # noqa: PLC0415 (an extra)
    except ImportError:
        raise MissingExtraError.of("stopwords", "A list of stop words by language") from None
    names = set(library.LANGUAGE_MAPPING) | set(library.LANGUAGE_MAPPING.values())
    if language.lower() not in names:
        raise SettingsError(
            f"there is no list of stop words for {language!r}; there are lists for "
            f"{', '.join(sorted(library.LANGUAGE_MAPPING.values()))}; or give your own words as a set"
        )
    return frozenset(word.lower() for word in library.get_stop_words(language.lower()))
