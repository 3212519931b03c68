"""OpenDocument text, ``.odt``, as LibreOffice and others write it; read as a stream, like the Office formats."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import SourceError
from ..reading import Draft
from .document import Block, Placing, Properties, check_length, draft_of, properties
from .xml_stream import Beginnings, NamedTexts, stream_xml
from .zip_safety import SafeZip, open_zip

_CONTENT = "content.xml"
_MANIFEST = "META-INF/manifest.xml"
_PARAGRAPHS = ("p", "h")
_SKIPPED = frozenset(
    "tracked-changes annotation annotation-end table-of-content alphabetical-index illustration-index table-index "
    "object-index user-index bibliography ruby-text scripts font-face-decls automatic-styles settings note-citation "
    "sequence-decls variable-decls forms title desc event-listeners".split()
)
"""Elements without text of the article: deleted text, remarks, tables of contents, descriptions of drawings."""
_MOST_SPACES = 10


def read_odt(source: str, data: bytes) -> Draft:
    """An OpenDocument text: headings, paragraphs, lists, rows of tables as lines; notes last; nothing deleted.

    Raises:
        SourceError: the file is encrypted, damaged or too large, or holds no text.
    """
    package = open_zip(source, data)
    _refuse_encrypted(source, package)
    text = _OpenDocumentText(source)
    stream_xml(source, _CONTENT, package.read(_CONTENT), text)
    return draft_of(source, [*text.blocks, *text.notes], _properties(source, package))


def _refuse_encrypted(source: str, package: SafeZip) -> None:
    if _MANIFEST in package:
        manifest = _Manifest()
        stream_xml(source, _MANIFEST, package.read(_MANIFEST), manifest)
        if manifest.encrypted:
            raise SourceError(source, "is encrypted; save it without a password")


def _properties(source: str, package: SafeZip) -> Properties:
    if "meta.xml" not in package:
        return Properties()
    found = NamedTexts()
    try:
        stream_xml(source, "meta.xml", package.read("meta.xml"), found)
    except SourceError:
        return Properties()  # the text can be whole where the properties are not
    texts = found.texts
    author = texts.get("initial-creator") or texts.get("creator")
    return properties(
        texts.get("title"), author, texts.get("creation-date") or texts.get("date"), texts.get("language")
    )


class _Manifest(Beginnings):
    """Whether any part of the package is encrypted."""

    def __init__(self) -> None:
        self.encrypted = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        self.encrypted |= tag.endswith("}encryption-data")


class _OpenDocumentText(Placing[list[str]]):
    """The paragraphs of a document's body, and those of its foot- and endnotes."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.notes: list[Block] = []
        self._source = source
        self._characters = 0
        self._skipped = 0
        self._notes_open = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        local = tag.rpartition("}")[2]
        if self._skipped or local in _SKIPPED:
            self._skipped += 1
        elif local in _PARAGRAPHS:
            self._paragraphs.append([])
        elif local == "note":
            self._notes_open += 1
        elif local == "table-row":
            self._rows.append([])
        elif local == "table-cell" and self._rows:
            self._rows[-1].append([])
        elif self._paragraphs:
            self._paragraphs[-1].append(_characters_of(local, attributes))

    def end(self, tag: str) -> None:
        """An element ends."""
        local = tag.rpartition("}")[2]
        if self._skipped:
            self._skipped -= 1
        elif local in _PARAGRAPHS and self._paragraphs:
            self._end_paragraph("".join(self._paragraphs.pop()).strip(), local == "h")
        elif local == "note" and self._notes_open:
            self._notes_open -= 1
        elif local == "table-row" and self._rows:
            self._end_row()

    def data(self, text: str) -> None:
        """Characters; line ends and indentation of the XML itself are single spaces."""
        if self._paragraphs and not self._skipped:
            self._characters += len(text)
            check_length(self._source, self._characters)
            self._paragraphs[-1].append(text.replace("\n", " "))

    def _end_paragraph(self, text: str, heading: bool) -> None:
        if text:
            self._put(Block(text, heading))
        self._put_beside()

    def _put(self, block: Block) -> None:
        if self._notes_open:
            self.notes.append(block)
        else:
            super()._put(block)


def _characters_of(local: str, attributes: Mapping[str, str]) -> str:
    if local == "s":
        count = next((value for name, value in attributes.items() if name.endswith("}c")), "1")
        return " " * min(int(count), _MOST_SPACES) if count.isdecimal() else " "
    return {"tab": "\t", "line-break": "\n"}.get(local, "")
