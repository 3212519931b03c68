"""Two sentences that follow each other, of which the reader cannot tell that only one answers, are one quote.

A longer answer often begins in one sentence and ends in the next, and of the wrong first quotes most were a neighbour
of the right one. What is joined is one slice of the article still.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from .collapsing import Merged
from .context import is_heading
from .reading import Candidate
from .shapes import Shape

SHAPES = (Shape.FACT, Shape.YES_NO)
"""Of a list, a comparison and an overview each sentence is a point of its own."""
MARGIN = 1.5
"""In score, which is a log-likelihood: the neighbour answers at least a fifth as likely as the first."""
LONGEST = 450
"""Characters of both together: more is no quote but a passage."""


def joined(found: Sequence[Merged], most: int) -> list[tuple[Merged, int, int]]:
    """The first quotes, each with its span in the characters of the article that is shown.

    A sentence quoted with its neighbour has in its evidence, as ``both``, how likely that one answers beside it.

    Args:
        found: sentences, best first; only those with what a trained reader says of a sentence are joined.
        most: quotes.
    """
    scores = [one.best.score for one in found]
    quotes: list[tuple[Merged, int, int]] = []
    for place, other in paired(scores, lambda one, other: _beside(found[one], found[other]), most):
        shown = [found[one].shown for one in (place, other) if one is not None]
        if other is not None:
            found[place].best.evidence["both"] = likeness(scores[place], scores[other])
        quotes.append((found[place], min(one.start for one in shown), max(one.end for one in shown)))
    return quotes


def paired(scores: Sequence[float], beside: Callable[[int, int], bool], most: int) -> list[tuple[int, int | None]]:
    """The first quotes of sentences, best first: the place of each, and that of the sentence quoted with it.

    Args:
        scores: of the sentences, highest first.
        beside: whether the sentences of two places may be one quote.
        most: quotes.
    """
    quotes: list[tuple[int, int | None]] = []
    taken: set[int] = set()
    for place, score in enumerate(scores):
        if len(quotes) == most:
            break
        if place in taken:
            continue
        near = (
            later
            for later in range(place + 1, len(scores))
            if score - scores[later] <= MARGIN and later not in taken and beside(place, later)
        )
        other = next(near, None)
        quotes.append((place, other))
        if other is not None:
            taken.add(other)
    return quotes


def likeness(score: float, other: float) -> float:
    """How likely a neighbour answers, as a share of how likely the first sentence does."""
    return math.exp(other - score)


def neighbours(one: Candidate, other: Candidate) -> bool:
    """Whether two sentences follow each other, in prose, and are no longer together than a quote."""
    first, second = sorted((one, other), key=lambda candidate: candidate.start)
    article = first.hit.article
    return (
        article.id == second.hit.article.id
        and first.end <= second.start
        and not article.text[first.end : second.start].strip()
        and second.end - first.start <= LONGEST
        and not any(is_heading(article.text, each.start, each.end) for each in (first, second))
    )


def _beside(one: Merged, other: Merged) -> bool:
    """Whether the reader's sentences are neighbours where they are shown, in the same articles."""
    return (
        "sentence" in one.best.evidence
        and {also.id for also in one.also_in} == {also.id for also in other.also_in}
        and neighbours(one.shown, other.shown)
    )
