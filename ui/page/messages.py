"""A conversation as the messages of a ``gr.Chatbot``: each question, and its answer with all its quotes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from index import Article
from qa import Answer, Hit, Notice, Quote, Turn, WrittenSentence
from qa.answering import UNSURE

from .article_view import literal
from .html import about, button, confidence, isolated
from .words import counted, say, told


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    Attributes:
        role: who says it.
        html: what it shows; one line, so that Markdown takes it for a block of HTML and leaves it alone.
    """

    role: Literal["user", "assistant"]
    html: str

    def as_gradio(self) -> dict[str, str]:
        """The message as Gradio takes it."""
        return {"role": self.role, "content": self.html}


def conversation(
    turns: Sequence[Turn], follow_on: Sequence[str] = (), written: Sequence[WrittenSentence | Notice] = ()
) -> list[Message]:
    """The messages of a conversation.

    Args:
        turns: oldest first.
        follow_on: questions that are suggested after the last answer.
        written: what the writer has told of the last answer.
    """
    messages = []
    for position, turn in enumerate(turns):
        last = position == len(turns) - 1
        messages += [asked(turn.question), answered(turn.answer, position, written if last else ())]
    if follow_on:
        messages.append(_suggested(follow_on))
    return messages


def asked(question: str) -> Message:
    """The message of a question."""
    return Message("user", f'<div class="pq-asked" dir="auto">{literal(question)}</div>')


def answered(
    answer: Answer,
    position: int,
    written: Sequence[WrittenSentence | Notice] = (),
) -> Message:
    """The message of an answer.

    Args:
        answer: the answer.
        position: of its turn in the conversation; what its buttons name.
        written: what the writer has told of it; it stands above the quotes.
    """
    parts = []
    if answer.question != answer.asked and answer.text != answer.note:  # else nothing was searched
        change = button("research", position, say("edit_search"), "pq-quiet")
        line = literal(say("searched", question=answer.question))
        parts.append(f'<div class="pq-searched" dir="auto">{line} {change}</div>')
    if answer.answered:
        if answer.note:
            parts.append(f'<div class="pq-told" dir="auto">{literal(told(answer.note))}</div>')
        if written:
            parts.append(_written(written))
        for number, quote in enumerate(answer.quotes):
            if number == 1:
                parts.append(f'<div class="pq-heading">{say("more")}</div>')
            parts.append(_quote(quote, f"{position}.{number}", "pq-first" if number == 0 else "pq-more"))
    else:
        show = button("generously", position, say("show_unsure"), "pq-quiet") if answer.reason == UNSURE else ""
        parts.append(f'<div class="pq-none">{literal(_not_answered(answer))} {show}</div>')
        if answer.nearest:
            parts.append(f'<div class="pq-heading">{say("related")}</div>')
        parts += [_related(hit, f"{position}.{number}") for number, hit in enumerate(answer.nearest)]
    parts.append(_actions(position))
    return Message("assistant", "".join(parts))


def _suggested(follow_on: Sequence[str]) -> Message:
    """Questions to go on with. A message of its own: they come later, and what is read by then stays as it is."""
    buttons = "".join(button("ask", question, question, "pq-suggestion") for question in follow_on)
    return Message(
        "assistant", f'<div class="pq-follow"><span class="pq-heading">{say("follow_on")}</span>{buttons}</div>'
    )


def _not_answered(answer: Answer) -> str:
    """That there is no answer, and why."""
    if answer.reason and answer.text.endswith(f" {answer.reason}"):
        return f"{told(answer.text.removesuffix(answer.reason).rstrip())} {told(answer.reason)}"
    return told(answer.text)


def _written(items: Sequence[WrittenSentence | Notice]) -> str:
    """What the writer has told, marked as not of the articles; each sentence with the numbers of its quotes."""
    sentences, notices = [], []
    for item in items:
        if isinstance(item, Notice):
            notices.append(f'<div class="pq-told">{literal(told(item.text))}</div>')
            continue
        numbers = "".join(f" [{number}]" for number in item.numbers)
        sentence = f"{literal(item.text)}{numbers}"
        if not item.supported:
            why = literal(item.why or "")
            sentence = f'<s class="pq-unsupported">{sentence}</s> <em>{say("unsupported")} {why}</em>'
        sentences.append(sentence)
    head = (
        f'<div class="pq-heading">{say("written")}</div><div dir="auto">{" ".join(sentences)}</div>'
        if sentences
        else ""
    )
    return f'<div class="pq-written">{head}{"".join(notices)}</div>'


def _quote(quote: Quote, place: str, style: str) -> str:
    start = quote.start
    body = literal(quote.text)
    if quote.answer_start is not None and quote.answer_end is not None:
        left, right = quote.answer_start - start, quote.answer_end - start
        words = f'<mark class="pq-words">{literal(quote.text[left:right])}</mark>'
        body = literal(quote.text[:left]) + words + literal(quote.text[right:])
    context = ""
    if quote.context is not None:
        context = f'<span class="pq-before">{literal(quote.context)}</span>'
    parts = [isolated(part) for part in about(quote.article)]
    if quote.page is not None:
        parts.append(say("page_number", number=quote.page))
    parts.append(_confidence(quote.confidence))
    if quote.also_in:
        parts.append(_also_in(quote.also_in))
    tools = (
        button("keep", place, say("keep"), "pq-tool")
        + button("like", place, say("like"), "pq-tool")
        + button("dislike", place, say("dislike"), "pq-tool")
    )
    return (
        f'<div class="pq-card {style}"><div class="pq-words-of" dir="auto">{context}“<span class="pq-exact">{body}'
        f'</span>”</div>{_place(quote.article, parts, place)}<div class="pq-tools">{tools}</div></div>'
    )


def _confidence(value: float) -> str:
    meaning = say("confidence_means", percent=f"{100 * value:.0f}")
    return _unfolding(confidence(value), literal(meaning))


def _also_in(articles: Sequence[Article]) -> str:
    items = "".join(
        f"<li>{button('article', article.id, article.title, 'pq-quiet')} "
        f"{' · '.join(isolated(part) for part in about(article))}</li>"
        for article in articles
    )
    return _unfolding(counted("also_in", len(articles)), f"<ul>{items}</ul>")


def _unfolding(summary: str, inside: str) -> str:
    return f'<details class="pq-fold"><summary>{literal(summary)}</summary><div>{inside}</div></details>'


def _related(hit: Hit, place: str) -> str:
    body = f'<div class="pq-words-of pq-short" dir="auto">{literal(hit.text)}</div>'
    parts = [isolated(part) for part in about(hit.article)]
    return f'<div class="pq-card pq-more pq-weak">{body}{_place(hit.article, parts, place)}</div>'


def _place(article: Article, parts: Sequence[str], place: str) -> str:
    """Where it stands: the title as a button, so that the keyboard reaches it, and the rest in one line."""
    title = (
        f'<button type="button" class="pq-do pq-open" name="open" value="{place}" title="{say("show")}">'
        f"{isolated(article.title)}</button>"
    )
    return f'<div class="pq-place">{title}<div class="pq-details">{" · ".join(parts)}</div></div>'


def _actions(position: int) -> str:
    forms = (("markdown", "Markdown"), ("html", "HTML"), ("json", "JSON"))
    exports = "".join(button("export", f"{position}.{form}", name, "pq-tool") for form, name in forms)
    return (
        '<div class="pq-actions">'
        + button("retry", position, say("retry"), "pq-tool")
        + button("edit", position, say("edit"), "pq-tool")
        + button("copy", position, say("copy"), "pq-tool")
        + button("link", position, say("link"), "pq-tool")
        + f'<details class="pq-fold"><summary>{say("export")}</summary><div>{exports}</div></details></div>'
    )
