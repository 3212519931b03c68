"""The small pieces of HTML that all views are made of.

Gradio takes attributes such as ``data-`` and ``aria-`` away from what it shows. So a button says what it does by its
``name`` and its ``value``, which ``page.js`` hands to ``conduct``, and what only a screen reader needs is hidden text.
"""

from __future__ import annotations

from index import Article

from ..terminal import confidence_word
from .article_view import day_in_words, literal, source_name
from .words import percent, say


def isolated(text: str) -> str:
    """A name or title; no character in it can turn the direction of what stands around it."""
    return f"<bdi>{literal(text)}</bdi>"


def button(
    action: str, value: object, label: str, style: str = "", hint: str = "", mark: str = "", name: str = ""
) -> str:
    """A button that does something.

    Args:
        action, value: what is done, and to what.
        label: what it says; plain text.
        style: further classes.
        hint: a longer label; for a button that only shows ``mark`` it is its name.
        mark: a sign that is shown instead of the label, which a screen reader still reads.
        name: the element's own, when the page has it once only.
    """
    title = f' title="{literal(hint or label)}"' if hint or mark else ""
    own = f' id="{literal(name)}"' if name else ""
    shown = f'{mark}<span class="pq-hidden">{literal(label)}</span>' if mark else literal(label)
    told = f'name="{literal(action)}" value="{literal(str(value))}"'
    return f'<button type="button"{own} class="pq-do {style}" {told}{title}>{shown}</button>'


def hidden(text: str) -> str:
    """Text for a screen reader only."""
    return f'<span class="pq-hidden">{literal(text)}</span>'


def about(article: Article) -> list[str]:
    """What is told of an article beside its title: day, author, source."""
    return [part for part in (day_in_words(article), article.author, source_name(article.source)) if part]


def confidence(value: float) -> str:
    """A probability in a word and per cent."""
    return say("confidence", word=say(f"confidence_{confidence_word(value)}"), percent=percent(value))


def notice(line: str, more: str = "") -> str:
    """A line that tells what happened."""
    return f'<div class="pq-notice"><span>{literal(line)}</span>{more}</div>'
