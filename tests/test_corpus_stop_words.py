"""Stop words by language."""

from __future__ import annotations

import sys

import pytest

from firth.corpus.stop_words import stop_words
from firth.corpus.tokenizers import Words
from firth.errors import MissingExtraError, SettingsError


@pytest.mark.parametrize(("language", "word"), [("english", "the"), ("fr", "le"), ("German", "und")])
def test_lists_by_language(language: str, word: str) -> None:
    pytest.importorskip("stop_words", reason="the extra 'stopwords' is not installed")
    assert word in stop_words(language)
    assert Words(stop_words=language).tokens(f"{word.title()} firth") == ["firth"]


def test_an_unknown_language_is_refused_with_those_there_are() -> None:
    pytest.importorskip("stop_words", reason="the extra 'stopwords' is not installed")
    with pytest.raises(SettingsError, match=r"no list of stop words for 'klingon'; there are lists for .*english"):
        stop_words("klingon")


def test_a_missing_library_names_its_install_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "stop_words", None)
    with pytest.raises(MissingExtraError, match=r'pip install "firth\[stopwords\]"'):
        stop_words("english")
