"""Leaves out what is printed again on page after page: running heads, running feet, page numbers."""

from __future__ import annotations

import re
import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence

from .pdf_layout import Line

_EDGE = 4
"""Lines from the top, and from the bottom, among which a running head or foot is looked for."""
_SAME_PLACE = 6.0
"""Points; it stands at the same height on all its pages."""
_ENOUGH = 3
"""Pages with the same line at the same place; of two or three pages, two and more than half."""
_NUMBERS = re.compile(r"\d+|\b[ivxlc]+\b")
_PAGE_NUMBER = re.compile(r"\W*(?:(?:page|seite|p\.|s\.) ?)?#(?: ?(?:/|of|von|de|sur|–|-) ?#)?\W*", re.IGNORECASE)
_LONE_PAGE_NUMBER = re.compile(r"\W*(?:(?:page|seite) ?)?1(?: ?(?:/|of|von|de|sur) ?1)?\W*", re.IGNORECASE)


def without_running_heads(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """The pages' lines, in their order, without those that repeat at the pages' edges; digits may differ."""
    body = _body_height(pages)
    repeated = _repeated(pages, body)
    result = []
    for lines in pages:
        left_out: set[int] = set()
        for outside_in in (_from_top(lines), _from_top(lines)[::-1]):
            for index in outside_in[:_EDGE]:
                if not any(_at(lines[index], place) for place in repeated.get(_key(lines[index]), ())):
                    break
                left_out.add(index)
        kept = [line for index, line in enumerate(lines) if index not in left_out]
        result.append(_without_lone_number(kept) if len(pages) == 1 else kept)
    return result


def _body_height(pages: Iterable[Sequence[Line]]) -> float:
    heights = [line.height for lines in pages for line in lines for _ in range(1 + len(line.text) // 20)]
    return statistics.median(heights) if heights else 0.0


def _from_top(lines: Sequence[Line]) -> list[int]:
    return sorted(range(len(lines)), key=lambda index: (-lines[index].bottom, lines[index].left))


def _key(line: Line) -> str:
    return _NUMBERS.sub("#", line.text.casefold())


def _at(line: Line, place: float) -> bool:
    return abs(line.bottom - place) <= _SAME_PLACE


def _repeated(pages: Sequence[Sequence[Line]], body: float) -> dict[str, list[float]]:
    """The lines that repeat, and the heights at which they do."""
    places: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for number, lines in enumerate(pages):
        order = _from_top(lines)
        for index in {*order[:_EDGE], *order[-_EDGE:]}:
            line = lines[index]
            if line.height <= 1.25 * body or not any(character.isdigit() for character in line.text):
                places[_key(line)].append((number, line.bottom))
    found: dict[str, list[float]] = defaultdict(list)
    for key, at in places.items():
        for _, place in at:
            if any(abs(place - known) <= _SAME_PLACE for known in found[key]):
                continue
            count = len({number for number, other in at if abs(other - place) <= _SAME_PLACE})
            few = 2 if _PAGE_NUMBER.fullmatch(key) else _ENOUGH
            if count >= few or (count >= 2 and 2 * count > len(pages)):
                found[key].append(place)
    return found


def _without_lone_number(lines: list[Line]) -> list[Line]:
    """A single page's own number, well below its text."""
    order = _from_top(lines)
    if len(order) < 2:
        return lines
    last, above = lines[order[-1]], lines[order[-2]]
    if _LONE_PAGE_NUMBER.fullmatch(last.text) and above.bottom - last.top > last.height:
        return [line for line in lines if line is not last]
    return lines
