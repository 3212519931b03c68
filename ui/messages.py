"""A conversation as the messages of a ``gr.Chatbot``, and what a click on each message opens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from index import Article
from qa import Answer, Hit, Quote, Turn

from .article_view import day_in_words, literal
from .terminal import confidence


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    Attributes:
        role: who says it.
        html: what it shows; one line, so that Markdown takes it for a block of HTML and leaves it alone.
        opens: what a click on it shows in its article, or None.
        beside: the other quotes of the same answer.
    """

    role: Literal["user", "assistant"]
    html: str
    opens: Quote | Hit | None = None
    beside: tuple[Quote, ...] = ()

    def as_gradio(self) -> dict[str, str]:
        """The message as Gradio takes it."""
        return {"role": self.role, "content": self.html}


def conversation(turns: Sequence[Turn]) -> list[Message]:
    """The messages of a conversation: each question, then its quotes, one message each."""
    return [message for turn in turns for message in (asked(turn.question), *_answered(turn.answer))]


def asked(question: str) -> Message:
    """The message of a question."""
    return Message("user", f'<div class="pq-asked">{literal(question)}</div>')


def _answered(answer: Answer) -> list[Message]:
    searched = ""
    if answer.question != answer.asked:
        searched = f'<div class="pq-searched">Searched: “{literal(answer.question)}”</div>'
    if not answer.answered:
        text = f'{searched}<div class="pq-none">{literal(answer.text)}</div>'
        if answer.nearest:
            text += '<div class="pq-heading">Related, not an answer</div>'
        return [Message("assistant", text), *(_related(hit) for hit in answer.nearest)]
    messages = []
    for position, quote in enumerate(answer.quotes):
        others = tuple(other for other in answer.quotes if other is not quote)
        # The heading stands with the first of the further quotes; a message of its own would look clickable.
        heading = '<div class="pq-heading">More quotes</div>' if position == 1 else ""
        style = "pq-first" if position == 0 else "pq-more"
        before = searched if position == 0 else heading
        messages.append(Message("assistant", before + _quote(quote, style), quote, others))
    return messages


def _quote(quote: Quote, style: str) -> str:
    start = quote.start
    body = literal(quote.text)
    if quote.answer_start is not None and quote.answer_end is not None:
        left, right = quote.answer_start - start, quote.answer_end - start
        words = f'<mark class="pq-words">{literal(quote.text[left:right])}</mark>'
        body = literal(quote.text[:left]) + words + literal(quote.text[right:])
    context = ""
    if quote.context is not None:
        context = f'<span class="pq-before">{literal(quote.context)}</span>'
    parts = [*_about(quote.article), f"page {quote.page}" if quote.page is not None else None]
    parts += [f"confidence {confidence(quote.confidence)}", _also_in(quote)]
    return (
        f'<div class="pq-card {style}"><div class="pq-words-of">{context}“<span class="pq-exact">{body}</span>”</div>'
        f"{_place(quote.article, parts)}</div>"
    )


def _related(hit: Hit) -> Message:
    body = f'<div class="pq-words-of pq-short">{literal(hit.text)}</div>'
    return Message(
        "assistant", f'<div class="pq-card pq-more">{body}{_place(hit.article, _about(hit.article))}</div>', hit
    )


def _place(article: Article, parts: Sequence[str | None]) -> str:
    """Where it stands: the title as a button, so that the keyboard reaches it, and the rest in one line."""
    details = " · ".join(literal(part) for part in parts if part)
    return (
        f'<div class="pq-place"><button type="button" class="pq-open" title="Show it in the article">'
        f'{literal(article.title)}</button><div class="pq-details">{details}</div></div>'
    )


def _about(article: Article) -> list[str | None]:
    source = article.source if "://" in article.source else PurePath(article.source.replace("\\", "/")).name
    return [day_in_words(article), source]


def _also_in(quote: Quote) -> str | None:
    count = len(quote.also_in)
    return f"also in {count} {'article' if count == 1 else 'articles'}" if count else None
