"""The values that come out of checking a quotation: what was found, where, and what differs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from index import Article

Span = tuple[int, int]
"""A half-open range of characters."""


class Verdict(StrEnum):
    """What is known of a quotation."""

    VERBATIM = "verbatim"
    ALTERED = "altered"
    NOT_FOUND = "not found"


class Kind(StrEnum):
    """How a quotation differs from the article, in plain words."""

    NUMBER = "a changed number"
    NAME = "a changed name"
    NEGATION_DROPPED = "a dropped negation"
    NEGATION_ADDED = "an added negation"
    CHANGED = "changed words"
    DROPPED = "dropped words"
    ADDED = "added words"
    MOVED = "moved words"
    CAPITAL = "a changed capital letter"
    PUNCTUATION = "changed punctuation"
    MARKS = "changed quotation marks"
    ELLIPSIS = "an ellipsis that leaves out words of a sentence"
    JOINED = "an ellipsis that joins two sentences"
    INSERTED = "an editor's insertion in brackets"


MARKED_KINDS = frozenset({Kind.ELLIPSIS, Kind.JOINED, Kind.INSERTED})
"""Changes that whoever wrote the quotation has marked as such."""


@dataclass(frozen=True, slots=True)
class QuoteDifference:
    """One place where a quotation differs from the article.

    Attributes:
        kind: how, in plain words.
        start, end: its characters in the quotation; empty where words were dropped.
        source_start, source_end: its characters in the article's text; empty where words were added.
    """

    kind: Kind
    start: int
    end: int
    source_start: int
    source_end: int


@dataclass(frozen=True, slots=True)
class QuotePlace:
    """Where a quotation stands, or what comes nearest to it.

    Attributes:
        article: the article.
        start, end: the characters in its text.
    """

    article: Article
    start: int
    end: int

    @property
    def text(self) -> str:
        """The slice of the article."""
        return self.article.text[self.start : self.end]

    @property
    def page(self) -> int | None:
        """The page of a paged document, or None."""
        return self.article.page_at(self.start)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A quotation beside one text.

    Attributes:
        verdict: whether the text holds it.
        spans: where, in the text's characters: every place when it is verbatim, the nearest one when it is altered.
        differences: what differs from the nearest place, in the order of the quotation.
        notes: what was allowed to differ and should be known, in plain words.
        similarity: the share of the quotation's words that the place holds in the same order, 0 to 1; names, numbers
            and other telling words count more than "the" and "of".
    """

    verdict: Verdict
    spans: tuple[Span, ...] = ()
    differences: tuple[QuoteDifference, ...] = ()
    notes: tuple[str, ...] = ()
    similarity: float = 0.0


@dataclass(frozen=True, slots=True)
class QuoteCheck:
    """What the articles say about a quotation.

    Attributes:
        quotation: as it was given; the differences are in its characters.
        verdict: verbatim, altered or not found.
        places: every place in every article when it is verbatim, the nearest one when it is altered.
        differences, notes, similarity: as of a ``Comparison``, for the first place.
        more: whether there are more places than are listed.
    """

    quotation: str
    verdict: Verdict
    places: tuple[QuotePlace, ...] = ()
    differences: tuple[QuoteDifference, ...] = ()
    notes: tuple[str, ...] = ()
    similarity: float = 0.0
    more: bool = False

    @property
    def marked_only(self) -> bool:
        """Whether it is altered in nothing but what its writer has marked: an ellipsis, an insertion in brackets."""
        return bool(self.differences) and all(difference.kind in MARKED_KINDS for difference in self.differences)


@dataclass(frozen=True, slots=True)
class CheckedQuotation:
    """A quotation of a draft, checked.

    Attributes:
        start, end: its characters in the draft, without the quotation marks around it.
        check: what the articles say; ``check.quotation == draft[start:end]``.
        closed: False when its closing mark is missing, and it was taken to the end of its paragraph.
        citations: the numbers that follow it in square brackets, as a language model cites.
    """

    start: int
    end: int
    check: QuoteCheck
    closed: bool = True
    citations: tuple[int, ...] = ()
