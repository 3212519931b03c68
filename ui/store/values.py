"""What is kept, as values: quotes with their own texts, answers, turns, chats and clippings.

A saved quote holds all that is needed to show and cite it without its article: the article may change or go. They are
plain dataclasses; ``pydantic`` writes them as JSON and reads them back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from index import Article, PullquoteError
from qa import Answer, Hit, Quote

State = Literal["same", "changed", "gone"]
"""Of the source of a quote: the stored article has the same text, another text, or is not there any more."""


class NotKeptError(PullquoteError):
    """There is no such chat, clipping or feedback, or it is not this owner's."""


@dataclass(frozen=True, slots=True)
class SavedArticle:
    """What is cited of an article; the fields of ``index.Article`` without its text."""

    id: int
    title: str
    sources: tuple[str, ...] = ()
    author: str | None = None
    published: date | None = None
    language: str | None = None
    sha256: str = ""
    site: str | None = None
    url: str | None = None

    @classmethod
    def of(cls, article: Article) -> SavedArticle:
        """What is kept of an article."""
        return cls(
            id=article.id,
            title=storable(article.title),
            sources=tuple(storable(source) for source in article.sources),
            author=_storable_or_none(article.author),
            published=article.published,
            language=article.language,
            sha256=article.sha256,
            site=_storable_or_none(article.site),
            url=_storable_or_none(article.url),
        )

    @property
    def source(self) -> str:
        """The first place where the article was found, or an empty string."""
        return self.sources[0] if self.sources else ""


@dataclass(frozen=True, slots=True)
class SavedQuote:
    """A quote with its own text; the fields are those of ``qa.Quote``.

    Attributes:
        words: the words that answer, or None.
        context: the text directly before the quote without which it cannot be understood, or None.
        state: of its source, compared when the quote is read; unless it is ``same``, nothing may be marked.
    """

    text: str
    start: int
    end: int
    article: SavedArticle
    sha256: str
    score: float
    confidence: float
    answer_start: int | None = None
    answer_end: int | None = None
    words: str | None = None
    page: int | None = None
    context_start: int | None = None
    context: str | None = None
    also_in: tuple[SavedArticle, ...] = ()
    state: State = "same"

    @classmethod
    def of(cls, quote: Quote) -> SavedQuote:
        """What is kept of a quote."""
        return cls(
            text=quote.text,
            start=quote.start,
            end=quote.end,
            article=SavedArticle.of(quote.article),
            sha256=quote.sha256,
            score=quote.score,
            confidence=quote.confidence,
            answer_start=quote.answer_start,
            answer_end=quote.answer_end,
            words=quote.answer,
            page=quote.page,
            context_start=quote.context_start,
            context=quote.context,
            also_in=tuple(SavedArticle.of(article) for article in quote.also_in),
        )

    @property
    def target(self) -> str:
        """Names the quote, whatever was asked: the hash of its article and its characters in it."""
        return f"{self.sha256}:{self.start}:{self.end}"


@dataclass(frozen=True, slots=True)
class SavedHit:
    """A related passage that was shown in the place of an answer; the fields are those of ``qa.Hit``."""

    text: str
    start: int
    end: int
    article: SavedArticle
    sha256: str
    score: float
    state: State = "same"

    @classmethod
    def of(cls, hit: Hit) -> SavedHit:
        """What is kept of a passage."""
        article = SavedArticle.of(hit.article)
        return cls(hit.text, hit.start, hit.end, article, hit.article.sha256, hit.score)


@dataclass(frozen=True, slots=True)
class SavedAnswer:
    """An answer; the fields are those of ``qa.Answer``."""

    asked: str
    question: str
    answered: bool
    text: str
    reason: str | None
    confidence: float
    quotes: tuple[SavedQuote, ...] = ()
    nearest: tuple[SavedHit, ...] = ()
    shape: str = "fact"
    note: str | None = None

    @classmethod
    def of(cls, answer: Answer) -> SavedAnswer:
        """What is kept of an answer."""
        return cls(
            asked=storable(answer.asked),
            question=storable(answer.question),
            answered=answer.answered,
            text=storable(answer.text),
            reason=_storable_or_none(answer.reason),
            confidence=answer.confidence,
            quotes=tuple(SavedQuote.of(quote) for quote in answer.quotes),
            nearest=tuple(SavedHit.of(hit) for hit in answer.nearest),
            shape=answer.shape,
            note=_storable_or_none(answer.note),
        )


@dataclass(frozen=True, slots=True)
class SavedTurn:
    """A question of a chat and its answer; ``position`` counts from 0."""

    position: int
    question: str
    answer: SavedAnswer
    asked: datetime


@dataclass(frozen=True, slots=True)
class SavedChat:
    """A chat without its turns.

    Attributes:
        id: a token that cannot be guessed; what a link to the chat holds.
        name: its first question, shortened, until it is renamed.
        created, updated: when it began and when its last turn came.
        turns: how many it has.
    """

    id: str
    name: str
    created: datetime
    updated: datetime
    turns: int


@dataclass(frozen=True, slots=True)
class FoundChat:
    """A chat that holds the words that were searched.

    Attributes:
        chat: the chat.
        position: the first turn that holds one of them, or None when they are in the name alone.
        question: of that turn, or an empty text.
    """

    chat: SavedChat
    position: int | None
    question: str


@dataclass(frozen=True, slots=True)
class Clipping:
    """A quote that somebody keeps.

    Attributes:
        id: a token that cannot be guessed.
        quote: the quote with its citation.
        question: what it answered, or an empty text.
        note: what the owner wrote beside it.
        created: when it was kept.
    """

    id: str
    quote: SavedQuote
    question: str
    note: str
    created: datetime


def storable(text: str) -> str:
    """A text that can be written as UTF-8: half a character pair, which JSON may hold, becomes a replacement mark."""
    return text.encode("utf-8", "replace").decode() if not text.isascii() else text


def _storable_or_none(text: str | None) -> str | None:
    return None if text is None else storable(text)
