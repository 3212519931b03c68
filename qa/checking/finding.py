"""``find_quote``: whether a quotation stands in the articles word for word, and what comes nearest if not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from index import ArticleIndex, QuestionError

from .aligning import nearest
from .candidates import Candidates, Stretch
from .comparing import altered, gravity, verbatim
from .matching import part_places
from .quoted import Quoted, read_quotation
from .result import Comparison, QuoteCheck, QuotePlace, Verdict

LONGEST = 20_000
"""Characters in a quotation."""
MOST_PLACES = 100
"""Places of a quotation that are listed."""
_ALIGNED = 8
"""Stretches, of those that hold a piece and of those that share words, which are looked at for the nearest place."""
_COMPARED = 3
"""The nearest of them, with which the quotation is compared word by word."""


def find_quote(index: ArticleIndex, text: str) -> QuoteCheck:
    """Checks a quotation against all articles.

    The shape of quotation marks, apostrophes and dashes, white space and invisible characters may differ, and so may
    the case of the first letter, a comma or a stop at the very end, and an ellipsis before or after everything; the
    result's notes tell of these. A letter, a digit, a name or a negation may not.

    Args:
        index: the articles.
        text: what is claimed to be quoted, without the quotation marks around it.

    Returns:
        Every place when it is verbatim; otherwise the nearest passage with what differs, or that there is none.
        ``place.article.text[place.start:place.end]`` is the slice. One or two words stand in the articles or do not:
        they are never called altered.

    Raises:
        QuestionError: it is longer than ``LONGEST``.
    """
    return QuoteFinder(index).find(text)


class QuoteFinder:
    """Checks any number of quotations against the articles as they are now, which is quicker than one by one."""

    def __init__(self, index: ArticleIndex) -> None:
        self._candidates = Candidates(index)

    def find(self, text: str) -> QuoteCheck:
        """What ``find_quote`` says about a quotation."""
        if len(text) > LONGEST:
            raise QuestionError(f"the quotation has {len(text):,} characters; the limit is {LONGEST:,}")
        quoted = read_quotation(text)
        if not quoted.parts:
            return QuoteCheck(text, Verdict.NOT_FOUND)
        holding = self._candidates.holding(quoted)
        whole, nearly = _exact(quoted, holding)
        if whole:
            return _verbatim(text, whole)
        sharing = self._candidates.sharing(quoted)
        for stretches in (sharing, self._candidates.straddling(quoted)):
            found, marked = _exact(quoted, stretches)
            if found:
                return _verbatim(text, found)
            nearly += marked
        if nearly:
            return _nearest(text, nearly)
        return _nearest(text, _altered(quoted, [*holding[:_ALIGNED], *sharing[:_ALIGNED]]))


_Found = list[tuple[Stretch, Comparison]]


def _exact(quoted: Quoted, stretches: Sequence[Stretch]) -> tuple[_Found, _Found]:
    """The stretches that hold a quotation, and those that do but for quotation marks in it."""
    compared = [(stretch, verbatim(quoted, stretch.folded)) for stretch in stretches]
    found = [(stretch, comparison) for stretch, comparison in compared if comparison is not None]
    whole = [(stretch, one) for stretch, one in found if one.verdict is Verdict.VERBATIM]
    return whole, [(stretch, one) for stretch, one in found if one.verdict is not Verdict.VERBATIM]


def _altered(quoted: Quoted, stretches: Sequence[Stretch]) -> _Found:
    """The nearest places of some stretches, each compared once."""
    distinct = {(stretch.article.id, stretch.start): stretch for stretch in stretches}
    ranked = []
    for order, stretch in enumerate(distinct.values()):
        whole = len(quoted.parts) > 1 and part_places(quoted, stretch.folded) is not None
        alignment = None if whole else nearest(quoted, stretch.folded)
        ranked.append((1.0 if whole else alignment.rank if alignment else 0.0, -order, stretch))
    ranked.sort(key=lambda one: one[:2], reverse=True)
    compared = [
        (stretch, altered(quoted, stretch.folded, stretch.article.language)) for _, _, stretch in ranked[:_COMPARED]
    ]
    return [(stretch, one) for stretch, one in compared if one.verdict is Verdict.ALTERED]


def _verbatim(text: str, found: _Found) -> QuoteCheck:
    """A quotation that was found; where some places are stricter than others, these only."""
    fewest = min(len(comparison.notes) for _, comparison in found)
    places: dict[tuple[int, int], QuotePlace] = {}
    notes: tuple[str, ...] = ()
    for stretch, comparison in found:
        if len(comparison.notes) > fewest:
            continue
        notes = notes or comparison.notes
        for span in comparison.spans:
            start, end = stretch.start + span[0], stretch.start + span[1]
            places[stretch.article.id, start] = QuotePlace(stretch.article, start, end)
    ordered = [places[key] for key in sorted(places)]
    more = len(ordered) > MOST_PLACES
    return QuoteCheck(text, Verdict.VERBATIM, tuple(ordered[:MOST_PLACES]), (), notes, 1.0, more)


def _nearest(text: str, found: _Found) -> QuoteCheck:
    """A quotation that stands nowhere as it is: with the place that is nearest to it, if any is near."""
    if not found:
        return QuoteCheck(text, Verdict.NOT_FOUND)
    stretch, best = max(found, key=lambda one: gravity(one[1]))
    (start, end) = best.spans[0]
    place = QuotePlace(stretch.article, stretch.start + start, stretch.start + end)
    differences = tuple(
        replace(one, source_start=stretch.start + one.source_start, source_end=stretch.start + one.source_end)
        for one in best.differences
    )
    return QuoteCheck(text, Verdict.ALTERED, (place,), differences, best.notes, best.similarity)
