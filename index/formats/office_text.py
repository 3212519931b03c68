"""What the XML of a Word document or of a slide says: paragraphs and the rows of tables, in reading order."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from .document import RAISED, Block, Placing, check_length

_OFF = ("0", "false", "off", "none")
_LINE_BREAKS = ("br", "cr")
_SKIPPED = frozenset(
    "del moveFrom Fallback tblPr tblGrid trPr tcPr sectPr sdtPr sdtEndPr numPr rt instrText delText bodyPr "
    "lstStyle".split()
)
"""Elements that hold no text, or none that is read: deleted, moved away, the older form of the same drawing."""


@dataclass(slots=True)
class _Paragraph:
    parts: list[str] = field(default_factory=list)
    heading: bool = False
    left_out: bool = False
    runs_on: bool = False


class OfficeText(Placing[_Paragraph]):
    """The part that Word and PowerPoint have in common: paragraphs ``p``, text ``t``, tables of ``tr`` and ``tc``."""

    def __init__(self, source: str, page: int = 0) -> None:
        super().__init__()
        self._source = source
        self._page = page
        self._characters = 0
        self._skipped = 0
        self._in_text = 0
        self._run_on: list[str] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        local = tag.rpartition("}")[2]
        if self._skipped or self._is_left_out(local, attributes):
            self._skipped += 1
        elif local == "t":
            self._in_text += 1
        elif local == "p":
            self._paragraphs.append(_Paragraph(self._run_on))
            self._run_on = []
        elif local == "tr":
            self._rows.append([])
        elif local == "tc" and self._rows:
            self._rows[-1].append([])
        elif self._paragraphs:
            self._start_inside(local, attributes, self._paragraphs[-1])

    def end(self, tag: str) -> None:
        """An element ends."""
        local = tag.rpartition("}")[2]
        if self._skipped:
            self._skipped -= 1
        elif local == "t":
            self._in_text -= 1
        elif local == "p" and self._paragraphs:
            self._end_paragraph(self._paragraphs.pop())
        elif local == "tr" and self._rows:
            self._end_row()
        else:
            self._end_inside(local)

    def data(self, text: str) -> None:
        """Characters."""
        if self._in_text and not self._skipped and self._paragraphs:
            self._characters += len(text)
            check_length(self._source, self._characters)
            self._paragraphs[-1].parts.append(text)

    def _is_left_out(self, local: str, attributes: Mapping[str, str]) -> bool:
        return local in _SKIPPED

    def _start_inside(self, local: str, attributes: Mapping[str, str], paragraph: _Paragraph) -> None:
        if local in _LINE_BREAKS:
            paragraph.parts.append("\n")

    def _end_inside(self, local: str) -> None:
        """Something else ends."""

    def _end_paragraph(self, paragraph: _Paragraph) -> None:
        if paragraph.runs_on:
            self._run_on = paragraph.parts
            return
        text = "".join(paragraph.parts).strip()
        if text and not paragraph.left_out:
            self._put(Block(text, paragraph.heading, self._page))
        self._put_beside()


class WordText(OfficeText):
    """The body of a Word document, or its notes.

    Args:
        source: the file's name, for messages.
        styles: the names of paragraph styles by their ids.
    """

    def __init__(self, source: str, styles: Mapping[str, str]) -> None:
        super().__init__(source)
        self._styles = styles
        self._in_paragraph_properties = 0
        self._in_run_properties = 0
        self._hidden = False

    def _is_left_out(self, local: str, attributes: Mapping[str, str]) -> bool:
        if local == "del" and self._in_paragraph_properties and self._paragraphs:
            self._paragraphs[-1].runs_on = True  # the mark between two paragraphs was deleted
        if local in ("footnote", "endnote"):
            return _value(attributes, "type") in ("separator", "continuationSeparator", "continuationNotice")
        return local in _SKIPPED

    def _start_inside(self, local: str, attributes: Mapping[str, str], paragraph: _Paragraph) -> None:
        if local == "pPr":
            self._in_paragraph_properties += 1
        elif local == "rPr":
            self._in_run_properties += 1
        elif self._in_paragraph_properties:
            self._style(local, attributes, paragraph)
        elif self._in_run_properties:
            if local == "vanish":
                self._hidden = _value(attributes, "val") not in _OFF
            elif local == "vertAlign" and _value(attributes, "val") == "superscript":
                paragraph.parts.append(RAISED)
        elif local == "tab":
            paragraph.parts.append("\t")
        elif local == "noBreakHyphen":
            paragraph.parts.append("-")
        elif local in _LINE_BREAKS:
            paragraph.parts.append("\n")

    def _style(self, local: str, attributes: Mapping[str, str], paragraph: _Paragraph) -> None:
        if local == "pStyle":
            style = _value(attributes, "val")
            name = self._styles.get(style, style.lower())
            paragraph.heading = name.startswith("heading") or name == "title"
            paragraph.left_out = re.fullmatch(r"toc ?\d|toc heading|table of figures", name) is not None
        elif local == "outlineLvl":
            paragraph.heading = _value(attributes, "val") in ("0", "1", "2", "3", "4", "5", "6", "7", "8")

    def _end_inside(self, local: str) -> None:
        if local == "pPr" and self._in_paragraph_properties:
            self._in_paragraph_properties -= 1
        elif local == "rPr" and self._in_run_properties:
            self._in_run_properties -= 1
        elif local == "r":
            self._hidden = False

    def data(self, text: str) -> None:
        """Characters; those of hidden runs are left out."""
        if not self._hidden:
            super().data(text)


class SlideText(OfficeText):
    """One slide, one diagram on it, or the notes to it."""

    _TITLES = ("title", "ctrTitle")
    _SURROUNDINGS = ("ftr", "dt", "sldNum", "hdr", "sldImg")

    def __init__(self, source: str, page: int) -> None:
        super().__init__(source, page)
        self._placeholder = ""
        self._titles: list[Block] = []

    def in_order(self) -> list[Block]:
        """The blocks, the title first: it may be drawn last."""
        return [*self._titles, *self.blocks]

    def _is_left_out(self, local: str, attributes: Mapping[str, str]) -> bool:
        if local == "sp":
            self._placeholder = ""
        elif local == "ph":
            self._placeholder = attributes.get("type", "")
        return local in _SKIPPED or (local == "txBody" and self._placeholder in self._SURROUNDINGS)

    def _put(self, block: Block) -> None:
        if self._placeholder in self._TITLES and not self._paragraphs and not self._rows:
            self._titles.append(Block(" ".join(block.text.split()), True, block.page))
        else:
            super()._put(block)

    def _start_inside(self, local: str, attributes: Mapping[str, str], paragraph: _Paragraph) -> None:
        if local == "rPr" and re.fullmatch(r"[1-9]\d*%?", attributes.get("baseline", "")):
            paragraph.parts.append(RAISED)
        super()._start_inside(local, attributes, paragraph)

    def _end_inside(self, local: str) -> None:
        if local == "sp":
            self._placeholder = ""


def _value(attributes: Mapping[str, str], name: str) -> str:
    """An attribute whatever its namespace: Word has two, one for each variant of the standard."""
    return next((value for key, value in attributes.items() if key.rpartition("}")[2] == name), "")
