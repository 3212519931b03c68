"""Follow-up questions: what is searched when a question leans on the one before."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .answer import Turn

_CONTINUES = re.compile(r"^\W*(?:and|but|or|so)\b|^\W*(?:what|how) about\b", re.IGNORECASE)
_BARE = re.compile(
    r"^\W*(?:why|why not|when|where|who|whom|how|how (?:many|much|long|so)|which ones?)\W*$", re.IGNORECASE
)
_PRONOUN = re.compile(
    r"\b(?:he|she|it|they|him|her|them|his|hers|its|their|theirs|this|these|those)\b|\b(?:there|that)\W*$",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<=\w\s)[A-ZÀ-Þ][\w’'-]+")


def standalone(question: str, history: Sequence[Turn]) -> str:
    """The question to search: with the previous one put before it when it cannot be understood alone.

    A question leans on the one before when it begins with "and" or "what about", is a bare "why?", or has a pronoun
    and names nobody whom the pronoun could mean.
    """
    if not history:
        return question
    leans = _CONTINUES.search(question) or _BARE.search(question)
    if not leans and not (_PRONOUN.search(question) and not _NAME.search(question)):
        return question
    return f"{history[-1].answer.question} {question}"
