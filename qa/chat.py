"""``Chat``: a conversation that keeps its own turns."""

from __future__ import annotations

from typing import Any

from index import ArticleIndex

from .answer import Answer, Turn
from .answering import ask


class Chat:
    """A conversation over an index. It holds nothing but its turns, so any number of them can share one index.

    Attributes:
        turns: what was asked and answered so far, oldest first.
    """

    def __init__(self, index: ArticleIndex, turns: tuple[Turn, ...] = ()) -> None:
        self._index = index
        self.turns = turns

    def ask(self, question: str, **options: Any) -> Answer:
        """Asks with the turns so far as history; takes the options of ``qa.ask``."""
        answer = ask(self._index, question, self.turns, **options)
        self.turns = (*self.turns, Turn(question, answer))
        return answer
