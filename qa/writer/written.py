"""The values that come out of the writer: checked sentences and one line about what went wrong."""

from __future__ import annotations

from dataclasses import dataclass

from index import PullquoteError


@dataclass(frozen=True, slots=True)
class WrittenSentence:
    """A sentence of a language model, checked against the quotes that it names.

    Attributes:
        text: the sentence as it was written, without the numbers in brackets.
        numbers: the quotes that it names, counted from 1 as they are shown.
        supported: whether what can be checked in it (numbers, names, dates, negations, quotations) stands in them.
        why: what is wrong when it is not supported, else None.
    """

    text: str
    numbers: tuple[int, ...]
    supported: bool
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """One line for the person about why the writer's text is missing, short or marked."""

    text: str


@dataclass(frozen=True, slots=True)
class Written:
    """What the writer made of an answer; the answer itself is unchanged.

    Attributes:
        sentences: what may be shown, in order; empty when the quotes carry nothing of it.
        notice: one line when something went wrong, else None.
        model: the model that was asked, or None when there is no writer.
    """

    sentences: tuple[WrittenSentence, ...] = ()
    notice: str | None = None
    model: str | None = None


class WriterError(PullquoteError):
    """The server cannot be used; the message goes on after "The writer at HOST"."""
