"""Pairs the quotation marks of a text: curly, straight, German, French, East Asian; single ones outside of double ones.

One pass over the marks, whatever the text: a mark that closes nothing is passed over, and one that is never closed
holds until the next one, or to the end of its paragraph.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

from .markup import INVISIBLE
from .result import Span

LONGEST = 20_000
"""Characters in a quotation."""

_DOUBLE = re.compile("[“”„‟«»\"〝〞＂「」『』]|``|''")
_SINGLE = re.compile("[‘’‚‹›']")
_CLOSERS = {
    "“": '”"＂',
    "„": '“”"‟',
    "‟": "”",
    "”": "”",
    "«": "»",
    "»": "«",
    '"': '"”',
    "＂": "＂",
    "〝": "〞〟",
    "``": "''",
    "「": "」",
    "『": "』",
}
_ALWAYS_OPEN = frozenset(["“", "„", "‟", "«", "``", "〝", "「", "『"])
_SINGLE_CLOSERS = {"‘": "’'", "'": "'", "‚": "‘’", "‹": "›"}
_PARAGRAPH = re.compile(r"\n\s*\n")
_STOPS = ".,!?…;:—"
_BEFORE_OPENING = "([{—–-/=>“”„«»\"‘‚'¿¡"
_ELIDED = re.compile(r"(?:tis|twas|em|n|til|cause|bout|round|cos|kay|s|d|re|ll|ve)\b", re.IGNORECASE)
_SCARE_WORDS = 12
"""Words between single marks that need no stop before the closing one; longer ones may be two apostrophes."""
_DEEP = 4
"""Marks that are open inside each other."""


@dataclass(frozen=True, slots=True)
class Marked:
    """What stands between two quotation marks.

    Attributes:
        outer: from the opening mark to the closing one, with both.
        inner: what they hold.
        closed: whether there is a closing mark.
    """

    outer: Span
    inner: Span
    closed: bool = True


@dataclass(frozen=True, slots=True)
class _Mark:
    text: str
    start: int
    end: int


def quotations_in(text: str) -> list[Marked]:
    """What stands in quotation marks, in order; a quotation inside another one is part of that."""
    double = _outermost(list(_doubles(text)))
    single = list(_singles(text, double))
    return _outermost(sorted([*double, *single], key=lambda one: one.outer))


def _outermost(found: Sequence[Marked]) -> list[Marked]:
    kept: list[Marked] = []
    for one in sorted(found, key=lambda each: (each.outer[0], -each.outer[1])):
        if not kept or one.outer[0] >= kept[-1].outer[1]:
            kept.append(one)
    return kept


def paragraphs(text: str) -> list[Span]:
    """The stretches of a text between empty lines."""
    breaks = [match.span() for match in _PARAGRAPH.finditer(text)]
    edges = [0, *(edge for span in breaks for edge in span), len(text)]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _doubles(text: str) -> Iterator[Marked]:
    """Quotations in double marks, in the order of their ends; those inside others as well."""
    marks = [_Mark(match[0], match.start(), match.end()) for match in _DOUBLE.finditer(text)]
    starts = [mark.start for mark in marks]
    open_marks: list[_Mark] = []
    for first, last in paragraphs(text):
        own = marks[bisect.bisect_left(starts, first) : bisect.bisect_left(starts, last)]
        if open_marks:
            own = yield from _continued(text, open_marks, own, first)
        for mark in own:
            yield from _take(text, open_marks, mark)
        # Of several that are open, each but the last ends where the next one begins.
        while len(open_marks) > 1:
            yield _unclosed(open_marks.pop(0), open_marks[0].start)
        if open_marks and last - open_marks[0].start > LONGEST:
            yield _unclosed(open_marks.pop(), last)
    if open_marks:
        yield _unclosed(open_marks[0], _end_of_paragraph(text, open_marks[0].end))


def _continued(
    text: str, open_marks: list[_Mark], own: list[_Mark], first: int
) -> Generator[Marked, None, list[_Mark]]:
    """Whether an open quotation goes on in the next paragraph: that opens with the same mark, or closes it first.

    Returns:
        The marks of the paragraph that are still to be read.
    """
    begins = _next_visible(text, first)
    if own and own[0].start == begins and own[0].text == open_marks[0].text:
        return own[1:]
    if own and own[0].text in _CLOSERS[open_marks[0].text] and _may_close(text, own[0]):
        return own
    opening = open_marks.pop()
    yield _unclosed(opening, _end_of_paragraph(text, opening.end))
    return own


def _take(text: str, open_marks: list[_Mark], mark: _Mark) -> Iterator[Marked]:
    """Reads one mark: it closes one that is open, or opens."""
    opens_only = _opens_only(text, mark)
    if not opens_only:
        for depth in range(len(open_marks) - 1, max(-1, len(open_marks) - 1 - _DEEP), -1):
            if mark.text in _CLOSERS[open_marks[depth].text]:
                opening = open_marks[depth]
                del open_marks[depth:]
                yield Marked((opening.start, mark.end), (opening.end, mark.start))
                return
    if mark.text in _CLOSERS and (mark.text in _ALWAYS_OPEN or opens_only or _may_open(text, mark)):
        if len(open_marks) > _DEEP:
            yield _unclosed(open_marks.pop(0), open_marks[0].start)
        open_marks.append(mark)


def _unclosed(opening: _Mark, end: int) -> Marked:
    return Marked((opening.start, end), (opening.end, max(opening.end, end)), closed=False)


def _opens_only(text: str, mark: _Mark) -> bool:
    """Whether a mark stands where only an opening one can."""
    if mark.text in ("“", "‟", "``", "„", "「", "『", "〝"):
        return mark.text != "“" or not _may_close(text, mark)
    return _may_open(text, mark) and not _may_close(text, mark)


def _may_open(text: str, mark: _Mark) -> bool:
    before, after = _before(text, mark.start), _after(text, mark.end)
    return bool(after) and not after.isspace() and (not before or before.isspace() or before in _BEFORE_OPENING)


def _may_close(text: str, mark: _Mark) -> bool:
    before, after = _before(text, mark.start), _after(text, mark.end)
    if mark.text in "»«" and before.isspace():
        # French has a space inside the marks.
        return not after or not after.isalnum()
    return bool(before) and not before.isspace() and not (before in "([{" or (after.isalnum() and mark.text == "“"))


def _before(text: str, place: int) -> str:
    """The visible character before a place, or an empty string."""
    while place and text[place - 1] == INVISIBLE:
        place -= 1
    return text[place - 1] if place else ""


def _after(text: str, place: int) -> str:
    place = _skipped(text, place)
    return text[place] if place < len(text) else ""


def _skipped(text: str, place: int) -> int:
    while place < len(text) and text[place] == INVISIBLE:
        place += 1
    return place


def _next_visible(text: str, place: int) -> int:
    while place < len(text) and (text[place].isspace() or text[place] == INVISIBLE):
        place += 1
    return place


def _end_of_paragraph(text: str, place: int) -> int:
    match = _PARAGRAPH.search(text, place)
    return match.start() if match else len(text)


def _singles(text: str, double: Sequence[Marked]) -> Iterator[Marked]:
    """Quotations in single marks that are in no double ones; most single marks are apostrophes."""
    taken = [one.outer for one in double]
    begins = [span[0] for span in taken]

    def outside(place: int) -> bool:
        number = bisect.bisect_right(begins, place) - 1
        return number < 0 or place >= taken[number][1]

    marks = [_Mark(match[0], match.start(), match.end()) for match in _SINGLE.finditer(text) if outside(match.start())]
    starts = [mark.start for mark in marks]
    done = 0
    for first, last in paragraphs(text):
        own = marks[bisect.bisect_left(starts, first) : bisect.bisect_left(starts, last)]
        number = 0
        while number < len(own):
            following = number + 1
            if own[number].start >= done and _opens_single(text, own[number]):
                while following < len(own) and not _opens_single(text, own[following]):
                    following += 1
                closing = _closing(text, own[number], own[number + 1 : following])
                if closing is not None:
                    yield Marked((own[number].start, closing.end), (own[number].end, closing.start))
                    done = closing.end
            number = following


def _opens_single(text: str, mark: _Mark) -> bool:
    if mark.text not in _SINGLE_CLOSERS or not _may_open(text, mark):
        return False
    after = _after(text, mark.end)
    if mark.text in "‹‚":
        return True
    return not (after.isdigit() or _ELIDED.match(text, mark.end)) and (
        mark.text == "‘" or after.isalpha() or after in '“"'
    )


def _closing(text: str, opening: _Mark, candidates: Sequence[_Mark]) -> _Mark | None:
    """The mark that closes a single one: after a stop rather than after a plural's s."""
    ends = [
        mark
        for mark in candidates
        if mark.text in _SINGLE_CLOSERS[opening.text]
        and not _before(text, mark.start).isspace()
        and not _after(text, mark.end).isalnum()
        and mark.start - opening.end <= LONGEST
    ]
    for mark in ends:
        if _before(text, mark.start) in _STOPS:
            return mark
    short = [mark for mark in ends if mark.start - opening.end <= 20 * _SCARE_WORDS]
    short = [mark for mark in short if len(text[opening.end : mark.start].split()) <= _SCARE_WORDS]
    plural = [mark for mark in short if _before(text, mark.start) not in "sS"]
    return next(iter(plural or short), None)
