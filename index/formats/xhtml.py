"""Turns the XHTML of an e-book's chapter into blocks: as XML, or, where it is none, as the HTML that it nearly is."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..errors import SourceError
from ..reading import decode
from .document import Block, check_length, row_blocks
from .web_tree import with_few_attributes
from .xml_stream import stream_xml

_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hr html legend li main ol p pre section summary tbody tfoot thead ul".split()
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_SKIPPED = frozenset("head script style nav svg math audio video canvas object template noscript rt rp iframe".split())
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_EMPTY_ELEMENT = re.compile(r"<([a-zA-Z][a-zA-Z0-9]{0,20})((?:\s[^<>]{0,1000})?)/>")
_SPACES = re.compile(r"\s+")


class XhtmlText:
    """Collects blocks from the events of a parser; scripts, navigation and references to notes are left out."""

    def __init__(self, source: str) -> None:
        self.blocks: list[Block] = []
        self._source = source
        self._characters = 0
        self._parts: list[str] = []
        self._heading = False
        self._kept_lines = 0
        self._skipped = ""
        self._skipped_depth = 0
        self._rows: list[list[list[Block]]] = []
        self._tables: list[int] = []  # how many rows were open where each table began

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        local = tag.rpartition("}")[2].lower()
        if self._skipped:
            self._skipped_depth += local == self._skipped
        elif local in _SKIPPED or _is_aside(attributes):
            self._skipped, self._skipped_depth = local, 1
        elif local == "br":
            self._parts.append("\n")
        elif local == "table":
            self._flush()
            self._tables.append(len(self._rows))
        elif local == "tr":
            self._flush()
            self._close_rows()
            self._rows.append([])
        elif local in ("td", "th"):
            self._flush()
            if self._rows:
                self._rows[-1].append([])
        elif local in _BLOCKS:
            self._flush()
            self._heading = local in _HEADINGS
            self._kept_lines += local == "pre"

    def end(self, tag: str) -> None:
        """An element ends."""
        local = tag.rpartition("}")[2].lower()
        if self._skipped:
            self._skipped_depth -= local == self._skipped
            if not self._skipped_depth:
                self._skipped = ""
        elif local in ("table", "tr"):
            self._flush()
            self._close_rows()
            if local == "table" and self._tables:
                self._tables.pop()
        elif local in _BLOCKS or local in ("td", "th"):
            self._flush()
            self._heading = False
            self._kept_lines -= local == "pre" and self._kept_lines > 0

    def data(self, text: str) -> None:
        """Characters; line ends are spaces but in preformatted text."""
        if not self._skipped:
            self._characters += len(text)
            check_length(self._source, self._characters)
            self._parts.append(text if self._kept_lines else _SPACES.sub(" ", text))

    def finish(self) -> list[Block]:
        """All blocks, also those of rows that were never closed."""
        self._flush()
        self._tables.clear()
        self._close_rows()
        return self.blocks

    def _close_rows(self) -> None:
        """Ends the rows of the innermost table, also those whose end HTML leaves out."""
        outer = self._tables[-1] if self._tables else 0
        while len(self._rows) > outer:
            for block in row_blocks(self._rows.pop()):
                self._put(block)

    def _flush(self) -> None:
        text = "".join(self._parts).strip()
        self._parts.clear()
        if text:
            self._put(Block(" ".join(text.split()) if self._heading else text, self._heading))

    def _put(self, block: Block) -> None:
        if self._rows and self._rows[-1]:
            self._rows[-1][-1].append(block)
        else:
            self.blocks.append(block)


def _is_aside(attributes: Mapping[str, str]) -> bool:
    """Whether an element is hidden, or the number of a note or a printed page in the running text."""
    for name, value in attributes.items():
        local = name.rpartition("}")[2].rpartition(":")[2]
        if local == "hidden" or (local == "type" and {"noteref", "pagebreak", "backlink"} & set((value or "").split())):
            return True
        if local == "role" and value in ("doc-noteref", "doc-pagebreak", "doc-backlink"):
            return True
    return False


class _Html:
    """Gives the events of the HTML parser to the same target."""

    def __init__(self, target: XhtmlText) -> None:
        self.start = target.start
        self.end = target.end
        self.data = target.data

    def close(self) -> None:
        """The parser needs it."""


def _parse_html(source: str, name: str, data: bytes, target: XhtmlText) -> None:
    from lxml import etree

    # HTML knows no elements that end where they begin, and takes what follows such a title for the title.
    text = with_few_attributes(_EMPTY_ELEMENT.sub(_with_end, decode(source, data)))
    parser = etree.HTMLParser(target=_Html(target), encoding="utf-8", huge_tree=False)
    try:
        etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError) as error:
        raise SourceError(source, f"is damaged: {name!r} in it is not HTML") from error


def _with_end(match: re.Match[str]) -> str:
    return match[0] if match[1].lower() in _VOID else f"<{match[1]}{match[2]}></{match[1]}>"


def xhtml_blocks(source: str, name: str, data: bytes) -> list[Block]:
    """The headings, paragraphs, list items and rows of one XHTML file, in order.

    Args:
        source: the file that holds it, for messages.
        name: its own name, for messages.
        data: its bytes.

    Raises:
        SourceError: it is no text, or far too much.
    """
    text = XhtmlText(source)
    try:
        stream_xml(source, name, data, text)
    except SourceError:
        text = XhtmlText(source)
        _parse_html(source, name, data, text)
    return text.finish()
