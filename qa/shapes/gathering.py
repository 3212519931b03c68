"""Which candidates become quotes, by the shape that the question wants."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from qa.answer import Hit
from qa.reading import Candidate

from .kinds import Shape, Wanted

AT_ONCE = 5
"""Passages that a reader is given together; its confidence was fitted with so many."""
QUOTES = {Shape.FACT: 3, Shape.YES_NO: 3, Shape.LIST: 6, Shape.COMPARISON: 4, Shape.OVERVIEW: 6}
"""How many sentences an answer shows at most."""
_READ = {Shape.FACT: 1, Shape.YES_NO: 1, Shape.LIST: 2, Shape.COMPARISON: 2, Shape.OVERVIEW: 2}
"""How often ``AT_ONCE`` passages are read."""
_WORDS = 5
"""Of a sentence in an overview: bylines and headings have fewer."""

Terms = Callable[[str], list[str]]


def searches(wanted: Wanted) -> tuple[str, ...]:
    """What is searched besides the question, so that each side of a comparison has passages."""
    return wanted.sides


def passages(wanted: Wanted, found: Sequence[Sequence[Hit]]) -> list[list[Hit]]:
    """The passages to read, in groups: the best of the question, and of each further search in turn.

    Args:
        wanted: what the question wants.
        found: the hits of the question, then of each of ``searches``, best first.
    """
    first, *others = found
    if _READ[wanted.shape] == 1:
        return [list(first)]  # the reader takes as many as it wants
    size = AT_ONCE * _READ[wanted.shape]
    if not others:
        chosen = list(first[:size])
    else:
        own = list(first[:AT_ONCE])
        chosen = [*own, *_in_turn(others, {(hit.article.id, hit.start) for hit in own})][:size]
    return [chosen[start : start + AT_ONCE] for start in range(0, len(chosen), AT_ONCE)] or [[]]


def _in_turn(lists: Sequence[Sequence[Hit]], known: set[tuple[int, int]]) -> Iterable[Hit]:
    for place in range(max(map(len, lists), default=0)):
        for hits in lists:
            if place < len(hits) and (key := (hits[place].article.id, hits[place].start)) not in known:
                known.add(key)
                yield hits[place]


def arranged(wanted: Wanted, candidates: Sequence[Candidate], terms: Terms) -> list[Candidate]:
    """The candidates in the order in which they become quotes.

    Args:
        wanted: what the question wants.
        candidates: best first.
        terms: the content words of a text, as the index has them.
    """
    if wanted.shape is Shape.YES_NO:
        # A stretch of words within the sentence is no answer to it.
        return [replace(one, answer_start=None, answer_end=None) for one in candidates]
    if wanted.shape is Shape.COMPARISON:
        return _both_sides(wanted, candidates, terms)
    if wanted.shape is Shape.OVERVIEW:
        return _about(wanted, candidates, terms)
    if wanted.subject:
        words = set(terms(wanted.subject))
        return [one for one in candidates if _share(words, one, terms) >= 1 / 2]
    return list(candidates)


def _both_sides(wanted: Wanted, candidates: Sequence[Candidate], terms: Terms) -> list[Candidate]:
    """The best sentence about each side, the better one first; then the others."""
    of_side = [set(terms(side)) for side in wanted.sides]
    own = [some - set().union(*(other for other in of_side if other is not some)) for some in of_side]
    best: list[Candidate] = []
    for words in own:
        shares = [_share(words, one, terms) for one in candidates]
        most = max(shares, default=0.0)
        found = candidates[shares.index(most)] if most >= 1 / 2 else None
        if found is not None and found not in best:
            best.append(found)
    best.sort(key=lambda one: -one.score)
    return [*best, *(one for one in candidates if one not in best)]


def _share(words: set[str], candidate: Candidate, terms: Terms) -> float:
    """The share of some words that a sentence holds, or, for half as much, its article's title."""
    if not words:
        return 0.0
    sentence, title = set(terms(candidate.text)), set(terms(candidate.hit.article.title))
    return (len(words & sentence) + len((words & title) - sentence) / 2) / len(words)


def _about(wanted: Wanted, candidates: Sequence[Candidate], terms: Terms) -> list[Candidate]:
    """The best sentences of passages that name the subject: article by article, each in its own order."""
    words = set(terms(f"{wanted.subject} {wanted.speaker}"))
    kept = [
        one
        for one in candidates
        if len(one.text.split()) >= _WORDS and words <= set(terms(f"{one.hit.article.title} {one.hit.text}"))
    ]
    kept = kept[: QUOTES[Shape.OVERVIEW]]
    rank = {article: place for place, article in enumerate(dict.fromkeys(one.hit.article.id for one in kept))}
    return sorted(kept, key=lambda one: (rank[one.hit.article.id], one.start))
