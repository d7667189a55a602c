"""Blocks: nothing is lost, and a text without any place to cut is cut all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firth.corpus import blocks as cutting
from firth.corpus.blocks import blocks

if TYPE_CHECKING:
    import pytest


def test_nothing_is_lost_and_blocks_are_of_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "BLOCK_BYTES", 100)
    whole = "".join(f"line {n} ä\n" for n in range(200)).encode() + b"\xff"
    pieces = [whole[first : first + 7] for first in range(0, len(whole), 7)]
    found = list(blocks(pieces, line_ends=True))
    assert b"".join(found) == whole
    assert all(block[-1:] in (b"\n", b"\xff") for block in found)
    assert max(map(len, found)) <= 110
    assert list(blocks([], line_ends=True)) == []


def test_paragraphs_are_cut_at_blank_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "BLOCK_BYTES", 60)
    whole = b"Some words.\nAnd more\r\n\r\n" * 20 + b"\xff"
    pieces = [whole[first : first + 5] for first in range(0, len(whole), 5)]
    found = list(blocks(pieces, line_ends=False))
    assert b"".join(found) == whole
    assert all(block.endswith((b"\n\r\n", b"\xff")) for block in found)
    assert len(found) > 5


def test_an_endless_word_is_cut_between_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "BLOCK_BYTES", 10)
    monkeypatch.setattr(cutting, "_MOST_BYTES", 32)
    whole = "字".encode() * 100
    found = list(blocks([whole[first : first + 9] for first in range(0, len(whole), 9)], line_ends=True))
    assert b"".join(block.removesuffix(b" ") for block in found) == whole
    assert all(block.decode().endswith(" ") for block in found)
    assert len(found) > 5
