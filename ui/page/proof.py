"""The article beside the conversation, with buttons to the other quotes of the same answer."""

from __future__ import annotations

from index import ArticleIndex
from qa import Turn

from .article_view import Span, hit_view, quote_view, span_view
from .html import button
from .words import say


def nothing_open() -> str:
    """What stands in the place of the article before one is chosen."""
    return f'<div class="pq-article pq-empty">{say("no_article")}</div>'


def opened(index: ArticleIndex, turns: tuple[Turn, ...], place: str) -> str | None:
    """The article of a quote or a related passage.

    Args:
        index: where it is looked up.
        turns: the conversation.
        place: the number of the turn and of the quote in it, such as ``0.2``.

    Returns:
        HTML; None when there is no such quote.
    """
    turn, _, number = place.partition(".")
    if not (turn.isdecimal() and number.isdecimal() and int(turn) < len(turns)):
        return None
    answer, position = turns[int(turn)].answer, int(number)
    count = len(answer.quotes) or len(answer.nearest)
    if position >= count:
        return None
    bar = _bar(int(turn), position, count, "place_of" if answer.quotes else "place_of_related")
    if not answer.quotes:
        return hit_view(index, answer.nearest[position], bar)
    quote = answer.quotes[position]
    return quote_view(index, quote, tuple(other for other in answer.quotes if other is not quote), bar)


def previewed(index: ArticleIndex, number: int, span: Span | None = None) -> str:
    """An article without a quote, such as from the library, or with the span that a link names."""
    return span_view(index, number, span, f'<div class="pq-bar"><span></span>{_close()}</div>')


def _bar(turn: int, position: int, count: int, words: str) -> str:
    """Where in the answer the quote stands, and the way to the others; it goes around."""
    place = say(words, number=position + 1, count=count)
    moves = ""
    if count > 1:
        moves = button(
            "open", f"{turn}.{(position - 1) % count}", say("previous"), "pq-tool pq-previous", mark="←"
        ) + button("open", f"{turn}.{(position + 1) % count}", say("next"), "pq-tool pq-next", mark="→")
    return f'<div class="pq-bar"><span>{place}</span>{moves}{_close()}</div>'


def _close() -> str:
    return button("close", "", say("close"), "pq-tool pq-close")
