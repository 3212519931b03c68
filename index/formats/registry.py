"""The table of formats: their names, suffixes, and the functions that read them, imported when they are needed."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from ..errors import SourceError
from .failures import LIBRARY_ERRORS, reading_failed

if TYPE_CHECKING:
    from ..reading import Draft
    from .members import Budget, Item


def _imported(reader: str) -> Any:
    module, function = reader.split(".")
    return getattr(importlib.import_module(f".{module}", __package__), function)


@dataclass(frozen=True, slots=True)
class Format:
    """A format of which each file is one article.

    Attributes:
        name: how the rest of the program calls it.
        description: what a person calls such a file.
        suffixes: with which such files usually end; the first is the one that is recommended.
        reader: module and function, ``(source: str, data: bytes) -> Draft``.
    """

    name: str
    description: str
    suffixes: tuple[str, ...]
    reader: str

    def read(self, source: str, data: bytes) -> Draft:
        """Reads an article.

        Raises:
            SourceError: it is damaged, or holds no text.
        """
        reader = _imported(self.reader)
        try:
            return cast("Draft", reader(source, data))
        except LIBRARY_ERRORS as error:
            raise SourceError(source, reading_failed(error)) from error


@dataclass(frozen=True, slots=True)
class Container:
    """A format of which each file holds many articles.

    Attributes:
        name, description, suffixes: as of a ``Format``.
        reader: module and function, ``(source: str, stream: BinaryIO, budget: Budget) -> Iterator[Item]``.
    """

    name: str
    description: str
    suffixes: tuple[str, ...]
    reader: str

    def members(self, source: str, stream: BinaryIO, budget: Budget) -> Iterator[Item]:
        """The articles in a container, one after the other, never all in memory.

        Raises:
            SourceError: it is damaged as a whole, or from some place on.
        """
        reader = _imported(self.reader)
        try:
            yield from reader(source, stream, budget)
        except LIBRARY_ERRORS as error:
            raise SourceError(source, f"{reading_failed(error)}; the rest of it is not read") from error


_ARTICLES = (
    Format("text", "a text file", (".txt", ".text"), "plain_text.read_text"),
    Format("markdown", "a Markdown file", (".md", ".markdown"), "markdown.read_markdown"),
    Format("html", "a web page", (".html", ".htm", ".xhtml", ".shtml"), "web_page.read_html"),
    Format("mhtml", "a saved web page", (".mhtml", ".mht"), "web_page.read_mhtml"),
    Format("pdf", "a PDF", (".pdf",), "pdf.read_pdf"),
    Format("docx", "a Word document", (".docx", ".docm"), "office.read_docx"),
    Format("pptx", "a PowerPoint presentation", (".pptx", ".pptm"), "office.read_pptx"),
    Format("odt", "an OpenDocument text", (".odt",), "opendocument.read_odt"),
    Format("rtf", "a rich text file", (".rtf",), "rich_text.read_rtf"),
    Format("epub", "an e-book", (".epub",), "epub.read_epub"),
    Format("eml", "an e-mail", (".eml",), "mail.read_eml"),
    Format("srt", "a transcript", (".srt",), "transcripts.read_srt"),
    Format("vtt", "a transcript", (".vtt",), "transcripts.read_vtt"),
)
_CONTAINERS = (
    Container("jsonl", "a file of JSON lines", (".jsonl", ".ndjson"), "tables.jsonl_members"),
    Container("csv", "a table", (".csv",), "tables.csv_members"),
    Container("tsv", "a table", (".tsv", ".tab"), "tables.tsv_members"),
    Container("mbox", "a mailbox", (".mbox",), "mail.mbox_members"),
    Container("zip", "a zip archive", (".zip",), "archives.zip_members"),
    Container("tar", "a tar archive", (".tar",), "archives.tar_members"),
    Container("packed", "a packed file", (".gz", ".tgz", ".bz2", ".xz"), "archives.packed_members"),
    Container("warc", "a web archive", (".warc",), "web_archive.warc_members"),
)

ARTICLES = {format_.name: format_ for format_ in _ARTICLES}
"""Formats of one article, by name."""
CONTAINERS = {container.name: container for container in _CONTAINERS}
"""Formats of many articles, by name."""

BY_SUFFIX: dict[str, Format | Container] = {
    suffix: format_ for format_ in (*_ARTICLES, *_CONTAINERS) for suffix in format_.suffixes
}
"""What a file's name suggests; its content decides."""


def readable_line() -> str:
    """The suffixes that are read, for a message."""
    return ", ".join(sorted(BY_SUFFIX))
