"""Turns the tree of a page into blocks: paragraphs, headings, list items, table rows, with the text as it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .document import CELL_SEPARATOR
from .web_tree import Element, text_of, walk

BLOCK_TAGS = frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre search section "
    "summary table tbody td tfoot th thead title tr ul".split()
)
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_KINDS = {
    "li": "item",
    "dt": "item",
    "dd": "item",
    "tr": "row",
    "figcaption": "caption",
    "caption": "caption",
} | dict.fromkeys(HEADINGS, "heading")
_LONGEST_CELL = 400
"""Characters; a cell with more is a part of a page that is laid out by a table."""
_SPACES = re.compile(r"[ \t\n\r\f]+")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of text that stands alone on the page.

    Attributes:
        text: its words with single spaces; ``\\n`` where a line is broken inside it, a bar between cells of a row.
        kind: ``paragraph``, ``heading``, ``item``, ``row`` or ``caption``.
        element: the innermost block element around it.
        link_share: the share of its characters that are links, 0 to 1.
        time_share: the share of its characters that are marked as a date or time, 0 to 1.
    """

    text: str
    kind: str
    element: Element
    link_share: float
    time_share: float


class _Writer:
    """Collects the text between two block boundaries."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._parts: list[str] = []
        self._linked = self._timed = 0
        self._is_line_empty = False

    def add(self, text: str | None, *, link: bool = False, time: bool = False, keep_lines: bool = False) -> None:
        if not text:
            return
        text = _INVISIBLE.sub("", text)
        self._parts.append(re.sub("[ \t\f]+", " ", text) if keep_lines else _SPACES.sub(" ", text))
        length = len(text.strip())
        self._is_line_empty = self._is_line_empty and not length
        self._linked += length * link
        self._timed += length * time

    def mark(self, character: str) -> None:
        self._parts.append(character)

    def break_line(self, kind: str, element: Element) -> None:
        """A line ends; the second time in a row a paragraph does."""
        if self._is_line_empty:
            self.flush(kind, element)
        else:
            self._parts.append("\n")
            self._is_line_empty = True

    def flush(self, kind: str, element: Element) -> None:
        whole = "".join(self._parts)
        written = max(1, len(whole.strip()))
        links, times = min(1.0, self._linked / written), min(1.0, self._timed / written)
        self._parts.clear()
        self._linked = self._timed = 0
        self._is_line_empty = False
        whole = re.sub(r" *\n *", "\n", re.sub(" {2,}", " ", whole))
        for part in re.split(r"\n{2,}", whole):  # of preformatted text
            # A tab stands where a cell of a table begins or ends.
            if text := re.sub(r" *\t[ \t]*", CELL_SEPARATOR, part.strip()):
                self.blocks.append(Block(text, kind, element, links, times))


def blocks_of(root: Element) -> list[Block]:
    """The blocks of a tree in the order of the page; white space aside, no character is changed."""
    writer = _Writer()
    stack: list[Element] = []
    links = times = preformatted = tables = 0
    data_tables = {table for table in root.iter("table") if _holds_data(table)}
    for event, element in walk(root):
        tag = element.tag
        inside_row = tables and tag not in ("tr", "table", "caption")
        is_boundary = tag in BLOCK_TAGS and not inside_row and not _is_drop_cap(element)
        step = 1 if event == "start" else -1
        if is_boundary and stack:
            writer.flush(_kind(stack[-1], stack), stack[-1])
        elif tag in BLOCK_TAGS and inside_row:
            writer.mark("\t" if tag in ("td", "th") else " ")
        if is_boundary and event == "start":
            stack.append(element)
        elif is_boundary:
            stack.pop()
        links += step * (tag == "a")
        times += step * (tag == "time")
        preformatted += step * (tag == "pre")
        tables += step * (element in data_tables)
        options = {"link": links > 0, "time": times > 0, "keep_lines": preformatted > 0}
        if event == "start":
            if tag == "br" and stack and not tables:
                writer.break_line(_kind(stack[-1], stack), stack[-1])
            _start_inline(writer, element)
            writer.add(element.text, **options)
        else:
            if tag == "q":
                writer.mark("”")
            if element is not root:
                writer.add(element.tail, **options)
    return writer.blocks


def _start_inline(writer: _Writer, element: Element) -> None:
    """What an element shows before its text: a quotation mark, or an emoji that was made a picture."""
    if element.tag == "br":
        writer.mark(" ")
    elif element.tag == "q":
        writer.mark("“")
    elif element.tag == "img":
        sign = element.get("alt") or ""
        if 0 < len(sign) <= 8 and min(map(ord, sign)) > 0x2000:
            writer.mark(sign)


def _kind(element: Element, stack: list[Element]) -> str:
    kind = _KINDS.get(element.tag)
    if kind is None and element.tag in ("div", "p"):
        # <li><p>..</p></li> is an item, <h2><div>..</div></h2> a heading, and so on.
        kind = next((_KINDS[outer.tag] for outer in stack[-3:] if outer.tag in _KINDS), None)
    return kind or "paragraph"


def _is_drop_cap(element: Element) -> bool:
    names = (element.get("class") or "").lower().replace("-", "").replace("_", "")
    return "dropcap" in names and len(text_of(element, 10)) <= 3


def _holds_data(table: Element) -> bool:
    """Whether a table is one, and not the frame of a page."""
    if next(table.iterdescendants("table"), None) is not None:
        return False
    cells = list(table.iter("td", "th"))
    rows = sum(1 for _ in table.iter("tr"))
    if len(cells) <= rows or rows < 2:
        return False
    # A frame has paragraphs, headings or long text in its cells.
    framing = sum(1 for _ in table.iter("h1", "h2", "h3", "h4", "p"))
    return framing * 2 <= len(cells) and all(len(text_of(cell)) <= _LONGEST_CELL for cell in cells)
