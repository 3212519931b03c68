"""Plain text, in which headings and bold lines may be marked as in Markdown."""

from __future__ import annotations

import re

from ..reading import Draft, decode, draft_from_text, normalise

HEAD_LINES = 6
"""A heading or bold line is the headline when it is among the first so many lines with text."""


def read_text(source: str, data: bytes) -> Draft:
    """Plain text, in any encoding; lines that carry Markdown heading or bold markers lose them."""
    lines = []
    marked_title = None
    seen = 0
    for raw in normalise(decode(source, data)).split("\n"):
        line, marked = _without_markers(raw.rstrip())
        lines.append(line)
        seen += bool(line.strip())
        if marked and marked_title is None and seen <= HEAD_LINES:
            marked_title = line.strip()
    return draft_from_text(source, "\n".join(lines), marked_title)


_HEADING = re.compile(r"\s{0,3}#{1,6}(?=\s)")
_BOLD = re.compile(r"\s*(\*\*|__)(?=\S)(.+?)(?<=\S)\1\s*$")


def is_bold_line(line: str) -> bool:
    """Whether a line is bold as a whole, in Markdown."""
    match = _BOLD.fullmatch(line)
    return match is not None and match[1] not in match[2]


def _without_markers(line: str) -> tuple[str, bool]:
    """The line without heading or bold markers around all of it, and whether it had any."""
    heading = _HEADING.match(line)
    inner = _heading_text(line[heading.end() :]) if heading else line
    if is_bold_line(inner):
        bold = _BOLD.fullmatch(inner)
        assert bold is not None
        return bold[2].strip(), True
    return (inner, True) if heading else (line, False)


def _heading_text(rest: str) -> str:
    """What stands between the markers of a heading; those at the end are optional and follow a space."""
    rest = rest.strip()
    opened = rest.rstrip("#")
    return opened.rstrip() if not opened or opened[-1].isspace() else rest
