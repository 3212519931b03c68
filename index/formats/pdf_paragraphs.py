"""Joins the lines of a PDF to paragraphs, across columns and pages too."""

from __future__ import annotations

import itertools
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

from .pdf_layout import Line

_WIDE_SPACING = 1.3
"""Times the usual distance of two lines: a paragraph ends."""
_OTHER_SIZE = 0.25
_LARGE = 1.15
"""Times the body's size: a heading, which may have several short lines."""
_SMALL = 0.92
"""Times the body's size: a footnote."""
_INDENTATION = 0.8
_NEIGHBOURS = 4
"""Lines above and below from which is seen how far lines reach."""
_ENDS = re.compile(r"[.!?:;…。！？]['\"’”»)\]]*(?:\d{1,3}|\[\d{1,3}\])?$")
_BULLET = re.compile(r"(?:[•‣▪●■◦○–—*·➢✓\uf0b7\uf0a7-](?=\s))")
_NUMBERED = re.compile(r"(?:\(?(?:\d{1,3}|[a-zA-Z])[.)]|\d{1,2}(?:\.\d{1,2})+)\s")


@dataclass(slots=True)
class Paragraph:
    """Lines that belong together.

    Attributes:
        lines: each with the number of its page, from 0.
        large: whether its letters are larger than the document's text.
    """

    lines: list[tuple[int, Line]] = field(default_factory=list)
    large: bool = False

    @property
    def height(self) -> float:
        """The height of its lines."""
        return statistics.median(line.height for _, line in self.lines)


@dataclass(frozen=True, slots=True)
class _Measures:
    body: float
    spacing: float
    indents: bool  # whether paragraphs begin further in


def paragraphs_of(pages: Sequence[Sequence[Line]]) -> list[Paragraph]:
    """The paragraphs of a document; one that is interrupted by the end of a column or page stays one."""
    measures = _measures(pages)
    done: list[Paragraph] = []
    for number, lines in enumerate(pages):
        start = 0
        for end in range(1, len(lines) + 1):
            if end == len(lines) or lines[end].region != lines[start].region:
                region = _in_region(number, lines[start:end], measures)
                _append(done, region, measures)
                start = end
    for paragraph in done:
        paragraph.large = paragraph.height > _LARGE * measures.body
    return done


def _measures(pages: Sequence[Sequence[Line]]) -> _Measures:
    heights = [line.height for lines in pages for line in lines for _ in range(1 + len(line.text) // 20)]
    body = statistics.median(heights) if heights else 1.0
    gaps = []
    indented = [0, 0]
    for lines in pages:
        for index, (line, following) in enumerate(itertools.pairwise(lines)):
            gap = line.bottom - following.bottom
            if 0 < gap < 3 * body and _is_body(line, body) and _is_full(lines, index):
                gaps.append(gap)
            if not _is_full(lines, index) and _ENDS.search(line.text) and index + 2 < len(lines):
                indented[_begins_further_in(following, lines[index + 2])] += 1
    return _Measures(body, statistics.median(gaps) if gaps else 1.15 * body, indented[True] > indented[False])


def _begins_further_in(line: Line, following: Line) -> bool:
    return line.left - following.left > 0.5 * line.height


def _is_body(line: Line, body: float) -> bool:
    return _SMALL * body <= line.height <= _LARGE * body


def _reach(lines: Sequence[Line], index: int) -> float:
    """How far to the right a line may go, as its neighbours show."""
    region = lines[index].region
    near = lines[max(0, index - _NEIGHBOURS) : index + _NEIGHBOURS + 1]
    return max(line.right for line in near if line.region == region)


def _is_full(lines: Sequence[Line], index: int) -> bool:
    """Whether a line ends where it does because the next word did not fit, as far as that can be seen."""
    if index + 1 >= len(lines):
        return _reach(lines, index) - lines[index].right < 4 * lines[index].height
    line, following = lines[index], lines[index + 1]
    word = len(following.text.split(" ", 1)[0]) / max(1, len(following.text)) * (following.right - following.left)
    # Words of wide letters are wider than their share of the line.
    return _reach(lines, index) - line.right <= 1.2 * word + 0.35 * line.height


def _in_region(number: int, lines: Sequence[Line], measures: _Measures) -> list[Paragraph]:
    paragraphs = [Paragraph([(number, lines[0])])]
    for index in range(1, len(lines)):
        if _ends_paragraph(lines, index - 1, measures):
            paragraphs.append(Paragraph())
        paragraphs[-1].lines.append((number, lines[index]))
    return paragraphs


def _ends_paragraph(lines: Sequence[Line], index: int, measures: _Measures) -> bool:
    """Whether a paragraph ends between a line and the next one of the same column."""
    line, following = lines[index], lines[index + 1]
    if abs(line.height - following.height) > _OTHER_SIZE * min(line.height, following.height):
        return True
    scale = max(1.0, min(line.height, following.height) / measures.body)
    if abs(line.bottom - following.bottom) > _WIDE_SPACING * scale * measures.spacing:
        return True
    if _BULLET.match(following.text) or (line.cells > 1 and following.cells > 1):
        return True
    ended = _ENDS.search(line.text) is not None
    if ended and _NUMBERED.match(following.text):
        return True
    if line.height > _LARGE * measures.body:
        return False  # the lines of a headline are as long as they please
    if line.text.endswith(("-", "\u00ad")) and following.text[:1].islower():
        return False
    if not _is_full(lines, index) and (ended or not following.text[:1].islower()):
        return True
    return ended and _is_indented(lines, index)


def _is_indented(lines: Sequence[Line], index: int) -> bool:
    """Whether the next line begins further in than this one, or, after an indented stretch, further out."""
    line, following = lines[index], lines[index + 1]
    shift = following.left - line.left
    if shift > _INDENTATION * line.height:
        return not (_BULLET.match(line.text) or _NUMBERED.match(line.text))
    if shift < -_INDENTATION * line.height and index > 0:
        return abs(lines[index - 1].left - line.left) < 0.2 * line.height  # not after a paragraph's indented first line
    return False


def _append(done: list[Paragraph], region: list[Paragraph], measures: _Measures) -> None:
    """Adds a column's paragraphs; the first may go on with one that the column before it left open.

    Footnotes at the foot of the page stand between the two; they then come before the paragraph, on their page.
    """
    first = region[0]
    place = len(done) - 1
    page = done[-1].lines[-1][0] if done else 0
    while place >= 0 and done[place].height < _SMALL * first.height and done[place].lines[0][0] == page:
        place -= 1
    if place >= 0 and (place == len(done) - 1 or done[place].lines[-1][0] == page):
        before = done[place]
        if _goes_on(before, first, measures):
            del done[place]
            done.append(before)
            before.lines += first.lines
            done += region[1:]
            return
    done += region


def _goes_on(before: Paragraph, after: Paragraph, measures: _Measures) -> bool:
    line, following = before.lines[-1][1], after.lines[0][1]
    if abs(line.height - following.height) > 0.12 * min(line.height, following.height):
        return False
    if _BULLET.match(following.text) or line.height > _LARGE * measures.body:
        return False
    if line.text.endswith(("-", "\u00ad")) and following.text[:1].islower():
        return True
    ended = _ENDS.search(line.text) is not None
    full = _is_full([each for _, each in before.lines], len(before.lines) - 1)
    if following.text[:1].islower():
        return full or not ended
    if measures.indents and len(after.lines) > 1 and len(before.lines) > 1:
        return full and not _begins_further_in(following, after.lines[1][1])
    return full and not ended and len(before.lines) > 1
