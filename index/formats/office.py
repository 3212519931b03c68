"""Word's ``.docx`` and PowerPoint's ``.pptx``.

Their parts are read as a stream: a library that builds a tree of every element would take gigabytes for a hostile
file, and the usual ones leave out text that was inserted with change tracking, or that stands in text boxes.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from urllib.parse import unquote

from ..errors import SourceError
from ..reading import Draft
from .document import Block, Properties, draft_of, properties
from .office_text import SlideText, WordText
from .xml_stream import Beginnings, NamedTexts, stream_xml
from .zip_safety import SafeZip, open_zip

_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How Office files begin that are encrypted, or older than 2007."""


def read_docx(source: str, data: bytes) -> Draft:
    """A Word document: headings, paragraphs, lists, rows of tables as lines; notes last; nothing that was deleted.

    Raises:
        SourceError: the file is encrypted, damaged or too large, or holds no text.
    """
    package = _open(source, data, ".docx")
    main = _main_part(source, package, "word/document.xml")
    folder = posixpath.dirname(main)
    styles = _Styles()
    if f"{folder}/styles.xml" in package:
        stream_xml(source, f"{folder}/styles.xml", package.read(f"{folder}/styles.xml"), styles)
    blocks: list[Block] = []
    for part in (main, f"{folder}/footnotes.xml", f"{folder}/endnotes.xml"):
        if part == main or part in package:
            text = WordText(source, styles.names)
            stream_xml(source, part, package.read(part), text)
            blocks += text.blocks
    return draft_of(source, blocks, _core_properties(source, package))


def read_pptx(source: str, data: bytes) -> Draft:
    """A presentation: a page for each slide, its title first, then its text, then the speaker's notes.

    Raises:
        SourceError: the file is encrypted, damaged or too large, or holds no text.
    """
    package = _open(source, data, ".pptx")
    main = _main_part(source, package, "ppt/presentation.xml")
    order = _SlideOrder()
    stream_xml(source, main, package.read(main), order)
    targets = {number: target for number, (_, target) in _relationships(source, package, main).items()}
    slides = list(dict.fromkeys(name for number in order.numbers if (name := targets.get(number, "")) in package))
    blocks: list[Block] = []
    done: set[str] = set()
    for page, slide in enumerate(slides):
        parts = [slide]
        for kind in ("diagramData", "notesSlide"):
            related = _relationships(source, package, slide).values()
            parts += [target for name, target in related if name == kind and target in package]
        for part in parts:
            if part in done:
                continue
            done.add(part)
            text = SlideText(source, page)
            stream_xml(source, part, package.read(part), text)
            blocks += text.in_order()
    return draft_of(source, blocks, _core_properties(source, package), len(slides))


def _open(source: str, data: bytes, suffix: str) -> SafeZip:
    if data.startswith(_COMPOUND):
        raise SourceError(source, f"is encrypted, or older than Office 2007; save it as {suffix} without a password")
    return open_zip(source, data)


def _main_part(source: str, package: SafeZip, usual: str) -> str:
    related = _relationships(source, package, "").values()
    main = next((target for kind, target in related if kind == "officeDocument"), usual)
    return main if main in package else usual


def _relationships(source: str, package: SafeZip, part: str) -> dict[str, tuple[str, str]]:
    """Of a part (or of the whole package) all related parts: by number, the kind and the name."""
    folder, name = posixpath.split(part)
    path = posixpath.join(folder, "_rels", f"{name}.rels")
    if path not in package:
        return {}
    found = _Relationships()
    stream_xml(source, path, package.read(path), found)
    return {
        number: (kind, posixpath.normpath(posixpath.join("/", folder, unquote(target))).lstrip("/"))
        for number, kind, target in found.found
    }


def _core_properties(source: str, package: SafeZip) -> Properties:
    related = _relationships(source, package, "").values()
    path = next((target for kind, target in related if kind == "core-properties"), "docProps/core.xml")
    if path not in package:
        return Properties()
    found = NamedTexts()
    try:
        stream_xml(source, path, package.read(path), found)
    except SourceError:
        return Properties()  # the text can be whole where the properties are not
    texts = found.texts
    return properties(texts.get("title"), texts.get("creator"), texts.get("created"), texts.get("language"))


class _Relationships(Beginnings):
    """Number, kind and target of each relationship inside the package."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str, str]] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """A relationship begins."""
        if tag.endswith("}Relationship") and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            self.found.append((attributes.get("Id", ""), kind, attributes.get("Target", "")))


class _Styles(Beginnings):
    """The names of paragraph styles: ids are translated in each language of Word, names are not."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self._id = ""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """A style or its name begins."""
        local = tag.rpartition("}")[2]
        if local == "style":
            self._id = next((value for name, value in attributes.items() if name.endswith("}styleId")), "")
        elif local == "name" and self._id:
            value = next((value for name, value in attributes.items() if name.endswith("}val")), "")
            self.names.setdefault(self._id, value.lower())


class _SlideOrder(Beginnings):
    """The relationship numbers of the slides, in the order of the presentation."""

    def __init__(self) -> None:
        self.numbers: list[str] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """A slide's entry begins."""
        if tag.endswith("}sldId"):
            self.numbers += [value for name, value in attributes.items() if re.search(r"relationships\}id$", name)]
