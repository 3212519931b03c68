"""E-books in EPUB: the chapters in the order of the book's spine, with its title, author, date and language."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from urllib.parse import unquote, urldefrag

from ..errors import SourceError
from ..reading import Draft
from .document import Block, draft_of, properties
from .xhtml import xhtml_blocks
from .xml_stream import Beginnings, NamedTexts, stream_xml
from .zip_safety import SafeZip, open_zip

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_FONT_PROTECTION = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_CHAPTER_TYPES = ("application/xhtml+xml", "text/html", "text/x-oeb1-document", "application/xml", "text/xml")


def read_epub(source: str, data: bytes) -> Draft:
    """An e-book: chapters with their headings; tables of contents and references to notes are left out.

    Raises:
        SourceError: the book is protected, damaged or too large, or holds no text.
    """
    package = open_zip(source, data)
    container = _RootFile()
    stream_xml(source, _CONTAINER, package.read(_CONTAINER), container)
    root = container.path or next((name for name in package.names() if name.endswith(".opf")), "")
    if not root:
        raise SourceError(source, "is damaged: it does not say where the book's contents are")
    book = _Book(posixpath.dirname(root))
    stream_xml(source, root, package.read(root), book)
    chapters = [name for name in book.chapters() if name in package]
    if not chapters:
        raise SourceError(source, "is damaged: it names no chapters")
    _refuse_protected(source, package, chapters)
    labels = _labels(source, package, book)
    blocks: list[Block] = []
    for name in chapters:
        found = xhtml_blocks(source, name, data) if (data := package.read(name)).strip() else []
        if found and name in labels and not any(block.heading for block in found):
            blocks.append(Block(labels[name], heading=True))
        blocks += found
    texts = book.texts
    author = ", ".join(dict.fromkeys(book.all.get("creator", ())))
    return draft_of(source, blocks, properties(texts.get("title"), author, texts.get("date"), texts.get("language")))


def _refuse_protected(source: str, package: SafeZip, chapters: list[str]) -> None:
    if _ENCRYPTION not in package:
        return
    encryption = _Encryption()
    stream_xml(source, _ENCRYPTION, package.read(_ENCRYPTION), encryption)
    if encryption.encrypted & set(chapters):
        raise SourceError(source, "is protected against copying (DRM) and cannot be read")


def _labels(source: str, package: SafeZip, book: _Book) -> dict[str, str]:
    """The names of chapters in the book's table of contents; a chapter may have no heading of its own."""
    for name in book.contents:
        if name in package:
            found = _Contents(posixpath.dirname(name))
            try:
                stream_xml(source, name, package.read(name), found)
            except SourceError:
                continue  # the chapters can be whole where the table of contents is not
            return found.labels
    return {}


def _resolved(folder: str, address: str) -> str:
    return posixpath.normpath(posixpath.join("/", folder, unquote(urldefrag(address)[0]))).lstrip("/")


class _RootFile(Beginnings):
    """Where the book's package file is."""

    def __init__(self) -> None:
        self.path = ""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        if tag.endswith("}rootfile") and not self.path:
            self.path = attributes.get("full-path", "").lstrip("/")


class _Encryption(Beginnings):
    """The names of members that cannot be read without a key."""

    def __init__(self) -> None:
        self.encrypted: set[str] = set()
        self._algorithm = ""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        if tag.endswith("}EncryptionMethod"):
            self._algorithm = attributes.get("Algorithm", "")
        elif tag.endswith("}CipherReference") and self._algorithm not in _FONT_PROTECTION:
            self.encrypted.add(_resolved("", attributes.get("URI", "")))


class _Book(NamedTexts):
    """The package file: what belongs to the book, in which order, and what the book says about itself."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self.contents: list[str] = []
        self._folder = folder
        self._items: dict[str, tuple[str, str]] = {}
        self._spine: list[str] = []
        self._left_out: set[str] = set()

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        super().start(tag, attributes)
        local = tag.rpartition("}")[2]
        if local == "item":
            name = _resolved(self._folder, attributes.get("href", ""))
            kind = attributes.get("media-type", "")
            self._items.setdefault(attributes.get("id", ""), (name, kind))
            if "nav" in attributes.get("properties", "").split():
                self.contents.insert(0, name)
            elif kind == "application/x-dtbncx+xml":
                self.contents.append(name)
        elif local == "itemref":
            self._spine.append(attributes.get("idref", ""))
        elif local == "reference" and attributes.get("type", "").lower() == "toc":
            self._left_out.add(_resolved(self._folder, attributes.get("href", "")))

    def chapters(self) -> list[str]:
        """The names of the chapters in reading order, each once, without a table of contents."""
        items = (self._items.get(number, ("", "")) for number in self._spine)
        names = dict.fromkeys(name for name, kind in items if kind in _CHAPTER_TYPES)
        without = [name for name in names if name not in self._left_out]
        return without or list(names)


class _Contents:
    """A table of contents, in the form of EPUB 3 (links in ``nav``) or of EPUB 2 (``navPoint``)."""

    def __init__(self, folder: str) -> None:
        self.labels: dict[str, str] = {}
        self._folder = folder
        self._parts: list[str] = []
        self._address = ""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        local = tag.rpartition("}")[2]
        if local in ("a", "navPoint"):
            self._address = attributes.get("href", "")
            self._parts.clear()
        elif local == "content":  # EPUB 2 gives the address after the label
            self._keep(attributes.get("src", ""))

    def end(self, tag: str) -> None:
        """An element ends."""
        if tag.endswith("}a"):
            self._keep(self._address)
            self._address = ""

    def data(self, text: str) -> None:
        """Characters."""
        self._parts.append(text)

    def _keep(self, address: str) -> None:
        label = " ".join("".join(self._parts).split())
        self._parts.clear()
        if address and label:
            self.labels.setdefault(_resolved(self._folder, address), label)
