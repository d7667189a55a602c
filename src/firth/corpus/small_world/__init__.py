"""The small world: a text made from known facts, and what vectors trained on it ought to know."""

from __future__ import annotations

from firth.corpus.small_world.generator import text
from firth.corpus.small_world.gold import categories, questions

__all__ = ["categories", "questions", "text"]
