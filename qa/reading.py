"""The seam for readers: what takes a question and passages, and says which sentences answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from index import ArticleIndex

from .answer import Hit


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may answer.

    Attributes:
        hit: the passage it stands in.
        start, end: the sentence, in the article's characters.
        score: what candidates are ordered by, higher is better.
        evidence: numbers by name from which the confidence is computed; see ``qa.confidence``.
        answer_start, answer_end: the words that answer, in the article's characters, or None.
    """

    hit: Hit
    start: int
    end: int
    score: float
    evidence: dict[str, float]
    answer_start: int | None = None
    answer_end: int | None = None

    @property
    def text(self) -> str:
        """The sentence: a slice of the article."""
        return self.hit.article.text[self.start : self.end]


class Reader(Protocol):
    """Chooses sentences from passages."""

    @property
    def fingerprint(self) -> str:
        """Names the reader and its weights; the calibration belongs to one fingerprint."""
        ...

    def read(self, index: ArticleIndex, asked: Sequence[tuple[str, Sequence[Hit]]]) -> list[list[Candidate]]:
        """For each question and its passages the sentences that may answer, best first."""
        ...
