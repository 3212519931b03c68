"""Puts the pieces of text on a PDF's page into reading order: columns, and lines in them."""

from __future__ import annotations

import bisect
import math
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from ..reading import normalise
from .document import without_note_numbers

_LEAST_COLUMN = 8.0
"""Line heights; a narrower column is one of bullets, numbers or labels."""
_LEAST_LINES = 3
_LEAST_GUTTER = 0.55
_LEAST_FILL = 0.55
"""Of a column's width its lines fill so much; cells of a table do not."""
_MOST_CROSSING = 0.35
_CELL_GAP = 1.5
_MOST_DIVISIONS = 5
_STEP = 2.0
_MOST_LOOKED_AT = 1_000_000
"""Runs, each counted as often as a strip beside it is looked at."""


@dataclass(frozen=True, slots=True)
class Run:
    """Characters beside each other, in points from the page's lower left corner, the text upright."""

    text: str
    left: float
    bottom: float
    right: float
    top: float

    @property
    def height(self) -> float:
        """The size of its letters."""
        return self.top - self.bottom


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text.

    Attributes:
        text: its words, with single spaces.
        left, bottom, right, top: its place, as of a ``Run``.
        region: the number of its column on the page, in reading order.
        cells: how many pieces stand far from each other in it, as in a table's row.
    """

    text: str
    left: float
    bottom: float
    right: float
    top: float
    region: int
    cells: int = 1

    @property
    def height(self) -> float:
        """The size of the letters in its longest run."""
        return self.top - self.bottom


def page_lines(runs: Sequence[Run]) -> list[Line]:
    """The lines of a page in reading order, column by column where there are columns."""
    lines: list[Line] = []
    for region, members in enumerate(_regions(list(runs))):
        lines += _lines(members, region)
    return lines


def _regions(runs: list[Run], depth: int = 0) -> list[list[Run]]:
    """Columns in reading order: what spans the page divides it into bands, and each band is read column by column."""
    gutter = _gutter(runs) if depth < _MOST_DIVISIONS else None
    if gutter is None:
        return [runs] if runs else []
    regions: list[list[Run]] = []
    band: list[Run] = []
    spanning: list[Run] = []

    def end_band() -> None:
        for side in ([run for run in band if run.left < gutter], [run for run in band if run.left >= gutter]):
            if side:
                regions.extend(_regions(side, depth + 1))
        band.clear()

    for run in sorted(runs, key=lambda run: -(run.top + run.bottom)):
        if run.left < gutter < run.right:
            end_band()
            spanning.append(run)
        else:
            if spanning:
                regions.append(spanning)
                spanning = []
            band.append(run)
    end_band()
    return [*regions, spanning] if spanning else regions


def _gutter(runs: list[Run]) -> float | None:
    """The middle of the white strip between two columns, or None."""
    if len(runs) < 2 * _LEAST_LINES:
        return None
    height = statistics.median(run.height for run in runs)
    first, last = min(run.left for run in runs), max(run.right for run in runs)
    if last - first < 2 * _LEAST_COLUMN * height or last - first > 20_000:
        return None
    lefts, rights = sorted(run.left for run in runs), sorted(run.right for run in runs)
    strips: set[tuple[int, float, float, float]] = set()
    for step in range(int((last - first) / _STEP)):
        place = first + step * _STEP
        if place - first < _LEAST_COLUMN * height or last - place < _LEAST_COLUMN * height:
            continue
        before, after = bisect.bisect_right(rights, place), bisect.bisect_left(lefts, place)
        crossing = after - before
        if min(before, len(runs) - after) < _LEAST_LINES or crossing > _MOST_CROSSING * min(before, len(runs) - after):
            continue
        inner, outer = rights[before - 1], lefts[after]
        if outer - inner >= _LEAST_GUTTER * height:
            strips.add((-crossing, outer - inner, inner, outer))
    # The best first; looking at one takes time for each run, of which a hostile page has a hundred thousand.
    for _, _, inner, outer in sorted(strips, reverse=True)[: max(1, _MOST_LOOKED_AT // len(runs))]:
        left, right = [run for run in runs if run.right <= inner], [run for run in runs if run.left >= outer]
        if _are_columns(left, right, height):
            return (inner + outer) / 2
    return None


def _are_columns(left: list[Run], right: list[Run], height: float) -> bool:
    """Whether both sides hold running text, beside each other."""
    for side in (left, right):
        if len(side) < _LEAST_LINES:
            return False
        width = max(run.right for run in side) - min(run.left for run in side)
        covered = _covered(side)
        if covered < _LEAST_LINES * height or width < _LEAST_COLUMN * height:
            return False
        if sum((run.right - run.left) * run.height for run in side) < _LEAST_FILL * width * covered:
            return False
    overlap = min(max(run.top for run in side) for side in (left, right)) - max(
        min(run.bottom for run in side) for side in (left, right)
    )
    return overlap >= _LEAST_LINES * height


def _covered(runs: list[Run]) -> float:
    """Points of the page's height at which there is text."""
    covered = 0.0
    reached = -math.inf
    for run in sorted(runs, key=lambda run: run.bottom):
        covered += max(0.0, run.top - max(run.bottom, reached))
        reached = max(reached, run.top)
    return covered


def _lines(runs: list[Run], region: int) -> list[Line]:
    """Runs at the same height make a line."""
    if not runs:
        return []
    usual = statistics.median(run.height for run in runs)

    def middle(run: Run) -> float:
        return run.top - usual / 2 if _is_drop_capital(run, usual) else (run.top + run.bottom) / 2

    rows: list[list[Run]] = []
    base: Run | None = None  # the first of a row that is no drop capital
    for run in sorted(runs, key=lambda run: (-middle(run), run.left)):
        row = rows[-1] if rows else []
        same = base is not None and (
            base.bottom <= middle(run) <= base.top
            if _is_drop_capital(run, usual)
            else min(base.top, run.top) - max(base.bottom, run.bottom) >= 0.5 * min(base.height, run.height)
        )
        if same or (row and base is None and row[0].bottom <= middle(run) <= row[0].top):
            row.append(run)
        else:
            rows.append([run])
            base = None
        if base is None and not _is_drop_capital(run, usual):
            base = run
    return [line for row in rows if (line := _line(sorted(row, key=lambda run: run.left), region, usual)).text]


def _is_drop_capital(run: Run, usual: float) -> bool:
    return len(run.text) == 1 and run.text.isupper() and run.height > 1.8 * usual


def _line(row: list[Run], region: int, usual: float) -> Line:
    parts: list[str] = []
    cells = 1
    for before, run in zip([None, *row[:-1]], row, strict=True):
        gap = run.left - before.right if before else 0.0
        joined = before is None or (_is_drop_capital(before, usual) and run.text[:1].islower())
        if not joined and gap > 0.12 * min(run.height, usual):
            parts.append(" ")
        cells += gap > _CELL_GAP * usual
        parts.append(run.text)
    longest = max(row, key=lambda run: len(run.text))
    right = max(run.right for run in row)
    return Line(_plain("".join(parts)), row[0].left, longest.bottom, right, longest.top, region, cells)


_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_SOFT_HYPHEN = re.compile("\u00ad(?=.)")


def _plain(text: str) -> str:
    """Normalised, with the letters of ligatures, without the numbers of notes and hyphens for a line's end only."""
    text = without_note_numbers(text)
    paired = _SURROGATES.sub(lambda match: match[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)
    return _SOFT_HYPHEN.sub("", " ".join(normalise(paired.translate(_LIGATURES)).split()))
