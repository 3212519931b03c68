"""Two sentences that follow each other, of which the reader cannot tell that only one answers, are one quote.

A longer answer often begins in one sentence and ends in the next, and of the wrong first quotes most were a neighbour
of the right one. What is joined is one slice of the article still.
"""

from __future__ import annotations

from collections.abc import Sequence

from .collapsing import Merged
from .context import is_heading

MARGIN = 1.5
"""In score, which is a log-likelihood: the neighbour answers at least a fifth as likely as the first."""
LONGEST = 450
"""Characters of both together: more is no quote but a passage."""


def joined(found: Sequence[Merged], most: int) -> list[tuple[Merged, int, int]]:
    """The first quotes, each with its span in the characters of the article that is shown.

    Args:
        found: sentences, best first; only those with what a trained reader says of a sentence are joined.
        most: quotes.
    """
    quotes: list[tuple[Merged, int, int]] = []
    taken: set[int] = set()
    for position, one in enumerate(found):
        if len(quotes) == most:
            break
        if position in taken:
            continue
        start, end = one.shown.start, one.shown.end
        for place in range(position + 1, len(found)):
            other = found[place]
            if one.best.score - other.best.score > MARGIN:
                break
            if place not in taken and _beside(one, other):
                taken.add(place)
                start, end = min(start, other.shown.start), max(end, other.shown.end)
                break
        quotes.append((one, start, end))
    return quotes


def _beside(one: Merged, other: Merged) -> bool:
    """Whether two sentences follow each other, in prose, in the same articles."""
    first, second = sorted((one.shown, other.shown), key=lambda candidate: candidate.start)
    article = first.hit.article
    return (
        "sentence" in one.best.evidence
        and article.id == second.hit.article.id
        and {also.id for also in one.also_in} == {also.id for also in other.also_in}
        and first.end <= second.start
        and not article.text[first.end : second.start].strip()
        and second.end - first.start <= LONGEST
        and not any(is_heading(article.text, each.start, each.end) for each in (first, second))
    )
