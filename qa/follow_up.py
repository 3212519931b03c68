"""Follow-up questions: what is searched when a question leans on the one before."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .answer import Turn

_LEANS = re.compile(
    r"^\s*(?:and|but|so|or|what about|how about|why|why not|when|where|who|how)\b[^.?!]{0,25}\?*\s*$"
    r"|^\s*(?:and|what about|how about)\b"
    r"|\b(?:he|she|it|they|him|her|them|his|its|their|there|that|this|these|those)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<=\w\s)[A-Z][\w’'-]+")


def standalone(question: str, history: Sequence[Turn]) -> str:
    """The question to search: with the previous one put before it when it cannot be understood alone.

    A question leans on the one before when it starts with "and" or "what about", or holds a pronoun and no name.
    """
    if not history or not _LEANS.search(question) or (_NAME.search(question) and question[:3].lower() != "and"):
        return question
    return f"{history[-1].answer.question} {question}"
