"""Finds where a text holds a quotation token for token, whole or in parts with an ellipsis or brackets between them."""

from __future__ import annotations

import bisect
from dataclasses import dataclass

from .folding import FoldedText
from .quoted import Quoted
from .result import Span
from .wording import is_word

MOST_PLACES = 200
"""Places in one text that are looked at."""
FIRST_LETTER = "Its first letter is a capital or small one in the article."
LAST_MARK = "Its last punctuation mark is not in the article, or another one is, as American style allows."
EDGE_ELLIPSIS = "The ellipsis at its beginning or end leaves out nothing in between."
_STYLE_MARKS = frozenset(",.")
"""What American style puts inside the quotation marks, whatever the source has there."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A way in which a row of tokens may be looked for.

    Attributes:
        keys: what to look for.
        first, last: which tokens of the quotation these are.
        notes: what was allowed to differ.
    """

    keys: list[str]
    first: int
    last: int
    notes: tuple[str, ...] = ()


def exact_places(quoted: Quoted, source: FoldedText) -> tuple[list[Span], Variant] | None:
    """The tokens of every place that holds the whole quotation, and the variant that was found; None when none does.

    The strictest variant that stands anywhere counts.
    """
    for variant in whole_variants(quoted):
        length = len(variant.keys)
        found: list[Span] = []
        for place in source.find(variant.keys):
            found.append((place, place + length))
            if len(found) >= MOST_PLACES:
                break
        if found:
            return found, variant
    return None


def whole_variants(quoted: Quoted) -> list[Variant]:
    """How the whole quotation may be looked for, the strictest way first."""
    if not quoted.parts:
        return []
    everything = variants(quoted.folded, 0, len(quoted.folded))
    edges = [edge for edge in (quoted.leading, quoted.trailing) if edge is not None]
    if len(quoted.parts) > 1 or not edges or not all(edge.ellipsis for edge in edges):
        return everything
    inner = variants(quoted.folded, *quoted.parts[0])
    return everything + [
        Variant(variant.keys, variant.first, variant.last, (EDGE_ELLIPSIS, *variant.notes)) for variant in inner
    ]


def variants(folded: FoldedText, first: int, last: int) -> list[Variant]:
    """How a row of tokens may be looked for, the strictest way first: the first letter's case, the last mark."""
    found: list[Variant] = []
    tail = last
    while tail > first and folded.keys[tail - 1] in _STYLE_MARKS:
        tail -= 1
    for end in dict.fromkeys((last, tail)):
        keys = folded.keys[first:end]
        if not any(map(is_word, keys)):
            continue
        last_mark = (LAST_MARK,) if end != last else ()
        found.append(Variant(keys, first, end, last_mark))
        head = keys[0]
        for letter in dict.fromkeys((head[0].upper(), head[0].lower())):
            if letter != head[0]:
                found.append(Variant([letter + head[1:], *keys[1:]], first, end, (FIRST_LETTER, *last_mark)))
    return found


def part_places(quoted: Quoted, source: FoldedText) -> list[Span] | None:
    """The tokens of the source that hold each part, in order and as near to each other as they come; None if not.

    Between two parts stands no more than the joint between them can stand for.
    """
    places: list[list[Span]] = []
    for part in quoted.parts:
        found: list[Span] = []
        for variant in variants(quoted.folded, *part):
            for place in source.find(variant.keys):
                found.append((place, place + len(variant.keys)))
                if len(found) >= MOST_PLACES:
                    break
            if found:
                break
        if not found:
            return None
        places.append(found)
    anchor = max(range(len(places)), key=lambda number: quoted.parts[number][1] - quoted.parts[number][0])
    chains = (_chain(quoted, places, anchor, place) for place in places[anchor])
    whole = [chain for chain in chains if chain is not None]
    return min(whole, key=lambda chain: chain[-1][1] - chain[0][0], default=None)


def _chain(quoted: Quoted, places: list[list[Span]], anchor: int, place: Span) -> list[Span] | None:
    chain = [place]
    for number in range(anchor + 1, len(places)):
        following = bisect.bisect_left(places[number], chain[-1][1], key=lambda span: span[0])
        if following == len(places[number]):
            return None
        if places[number][following][0] - chain[-1][1] > quoted.joints[number - 1].reach:
            return None
        chain.append(places[number][following])
    for number in range(anchor - 1, -1, -1):
        following = bisect.bisect_right(places[number], chain[0][0], key=lambda span: span[1])
        if not following or chain[0][0] - places[number][following - 1][1] > quoted.joints[number].reach:
            return None
        chain.insert(0, places[number][following - 1])
    return chain
