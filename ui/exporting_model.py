"""What is exported, whatever the form: questions, quotes with their citations, notes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from .fragment_links import fragment_link, web_address
from .marking import plain
from .store import SavedArticle, SavedHit, SavedQuote

STATES = {
    "changed": "The source has changed since this quote was taken.",
    "gone": "The source is no longer among the articles.",
}
"""What is said of a quote whose source is not the same any more."""
NOT_ANSWERS = "Nearest passages, not an answer"


@dataclass(frozen=True, slots=True)
class Item:
    """A question with its quotes, or a clipping with its note.

    Attributes:
        question: what was asked; empty for a clipping without a question.
        quotes: word for word, best first.
        nearest: related passages where nothing answers.
        note: what stands above the quotes: why there are none, or what the owner wrote.
        searched: the standalone question.
    """

    question: str
    quotes: tuple[SavedQuote, ...] = ()
    nearest: tuple[SavedHit, ...] = ()
    note: str = ""
    searched: str = ""


@dataclass(frozen=True, slots=True)
class Export:
    """A document to write.

    Attributes:
        kind: what it holds.
        title: its heading.
        items: in order.
        exported: when.
    """

    kind: Literal["answer", "chat", "clippings"]
    title: str
    items: tuple[Item, ...]
    exported: datetime


def citation(piece: SavedQuote | SavedHit) -> list[tuple[str, str]]:
    """What is cited of a quote, as names and values on one line each; what is not known is left out."""
    article = piece.article
    page = piece.page if isinstance(piece, SavedQuote) else None
    confidence = f"{piece.confidence:.0%}" if isinstance(piece, SavedQuote) else ""
    found = {
        "Author": article.author or "",
        "Date": article.published.isoformat() if article.published else "",
        "Published by": article.site or "",
        "Source": "; ".join(article.sources),
        "Page": "" if page is None else str(page),
        "Characters": f"{piece.start}–{piece.end}",
        "SHA-256": piece.sha256,
        "Confidence": confidence,
        "Also in": "; ".join(other.title for other in piece.also_in) if isinstance(piece, SavedQuote) else "",
        "Note": STATES.get(piece.state, ""),
    }
    return [(name, plain(value)) for name, value in found.items() if value]


def source_link(article: SavedArticle, text: str) -> str | None:
    """Where the article stands on the web, with the quote marked; None for one that is not on the web."""
    addresses = (article.url or "", *article.sources)
    found = next((address for address in addresses if web_address(address)), None)
    return fragment_link(found, text) if found else None
