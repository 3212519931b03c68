"""Feedback: what somebody likes or dislikes about answers, and the question set that it makes for evaluation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from index import CorruptIndexError, PullquoteError
from qa import Answer, Quote

from .database import Database, Row
from .owned import LONGEST_NOTE, bounded, checked_owner, missing, moment, new_token, now
from .values import SavedAnswer, SavedQuote, storable

_QUOTE = TypeAdapter(SavedQuote)

DISLIKE_REASONS = {
    "wrong": "It does not answer the question",
    "unanswerable": "My articles do not answer this question",
    "answerable": "My articles do answer this question",
    "incomplete": "It leaves something out",
    "unclear": "It cannot be understood alone",
    "other": "Something else",
}
"""Why somebody may dislike an answer, with the words for it."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """What somebody thinks of a quote, or of an answer as a whole.

    Attributes:
        id: a token that cannot be guessed.
        question: the standalone question.
        answered: whether the answer had quotes.
        quote: what it is about; None when it is about the answer as a whole.
        liked: whether it is liked.
        reason: one of ``DISLIKE_REASONS``, or an empty text.
        comment: what else was said.
        given: when.
    """

    id: str
    question: str
    answered: bool
    quote: SavedQuote | None
    liked: bool
    reason: str
    comment: str
    given: datetime


@dataclass(frozen=True, slots=True)
class QuestionSetExport:
    """Feedback as a question set.

    Attributes:
        text: JSON lines, as ``pullquote eval`` reads them.
        questions: how many it holds.
        left_out: questions whose right answer the feedback does not tell.
    """

    text: str
    questions: int
    left_out: int


class FeedbackBook:
    """The feedback of all owners; every method sees that of one owner only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def give(
        self,
        owner: str,
        answer: Answer | SavedAnswer,
        *,
        liked: bool,
        quote: Quote | SavedQuote | None = None,
        reason: str = "",
        comment: str = "",
    ) -> Feedback:
        """Stores what somebody thinks; what they thought of the same before is replaced.

        Args:
            owner: who.
            answer: the answer.
            liked: whether it is liked.
            quote: the quote that it is about; None for the answer as a whole.
            reason: one of ``DISLIKE_REASONS``, or an empty text.
            comment: anything else.

        Raises:
            PullquoteError: there is no such reason, or the comment is too long.
        """
        if reason and (liked or reason not in DISLIKE_REASONS):
            raise PullquoteError(f"{reason!r} is not a reason here; give one of {', '.join(DISLIKE_REASONS)}")
        owner, token, time = checked_owner(owner), new_token(), now()
        saved = SavedQuote.of(quote) if isinstance(quote, Quote) else quote
        question, target = storable(answer.question), "" if saved is None else saved.target
        written = None if saved is None else _QUOTE.dump_json(saved).decode()
        said = bounded(comment, LONGEST_NOTE, "comment")
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO feedback (id, owner, question, target, answered, quote, liked, reason, comment, given) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (owner, question, target) DO UPDATE SET "
                "answered = excluded.answered, quote = excluded.quote, liked = excluded.liked, "
                "reason = excluded.reason, comment = excluded.comment, given = excluded.given",
                (token, owner, question, target, answer.answered, written, liked, reason, said, time),
            )
            row = connection.execute(
                "SELECT * FROM feedback WHERE owner = ? AND question = ? AND target = ?", (owner, question, target)
            ).fetchone()
        return self._feedback(row)

    def list(self, owner: str) -> tuple[Feedback, ...]:
        """The owner's feedback, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT * FROM feedback WHERE owner = ? ORDER BY given, number", (checked_owner(owner),)
            ).fetchall()
        return tuple(self._feedback(row) for row in rows)

    def delete(self, owner: str, feedback_id: str) -> None:
        """Takes feedback back.

        Raises:
            NotKeptError: there is none with this id, or it is another owner's.
        """
        with self._database.writing() as connection:
            done = connection.execute(
                "DELETE FROM feedback WHERE id = ? AND owner = ?", (storable(feedback_id), checked_owner(owner))
            )
            if not done.rowcount:
                raise missing("feedback")

    def question_set(self, owner: str) -> QuestionSetExport:
        """The owner's feedback as a question set for ``pullquote eval``.

        A quote that is liked answers its question. A question has no answer when somebody said so of its answer, or
        liked that it was not answered. Other feedback does not tell what would have been right, and is left out.
        """
        by_question: dict[str, list[Feedback]] = {}
        for feedback in self.list(owner):
            by_question.setdefault(feedback.question, []).append(feedback)
        rows = [row for question, given in by_question.items() for row in _labelled(question, given)]
        lines = (json.dumps({"id": f"feedback:{position}", **row}) for position, row in enumerate(rows, 1))
        return QuestionSetExport("".join(f"{line}\n" for line in lines), len(rows), len(by_question) - len(rows))

    def _feedback(self, row: Row) -> Feedback:
        try:
            quote = None if row["quote"] is None else _QUOTE.validate_json(row["quote"])
        except ValidationError as error:
            raise CorruptIndexError(f"{self._database.path}: stored feedback is damaged ({row['id']})") from error
        return Feedback(
            row["id"],
            row["question"],
            bool(row["answered"]),
            quote,
            bool(row["liked"]),
            row["reason"],
            row["comment"],
            moment(row["given"]),
        )


def _labelled(question: str, given: Sequence[Feedback]) -> Iterator[dict[str, Any]]:
    """The question with its answers as a row of a question set; nothing when the feedback does not tell them."""
    quotes = [feedback.quote for feedback in given if feedback.liked and feedback.quote is not None]
    if len(quotes) == 1:
        yield {"question": question, "answerable": True, **_paragraph(quotes[0])}
    elif quotes:  # a row has one paragraph: several are told by their words
        yield {"question": question, "answerable": True, "answers": [quote.words or quote.text for quote in quotes]}
    elif any(_has_no_answer(feedback) for feedback in given):
        yield {"question": question, "answerable": False, "answers": []}


def _has_no_answer(feedback: Feedback) -> bool:
    """Whether somebody said that the articles do not answer, or agreed with the program that they do not."""
    return not feedback.answered if feedback.liked else feedback.reason == "unanswerable"


def _paragraph(quote: SavedQuote) -> dict[str, Any]:
    """A quote as the paragraph that holds the answer."""
    answer = {"text": quote.text, "start": 0}
    if quote.words is not None and quote.answer_start is not None:
        answer = {"text": quote.words, "start": quote.answer_start - quote.start}
    return {
        "title": quote.article.title,
        "article": quote.article.source or quote.article.title,
        "paragraph": quote.text,
        "answers": [answer],
    }
