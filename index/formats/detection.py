"""Finds out which format a file is in: by its content where that tells, else by its name."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePath
from typing import BinaryIO

from ..errors import SourceError
from .failures import ARCHIVE_ERRORS
from .registry import ARTICLES, BY_SUFFIX, CONTAINERS, Container, Format

HEAD = 65_536
"""Bytes at the beginning of a file by which its format is found."""
_START = 4096

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"{\\rtf", "rtf"),
    (b"\x1f\x8b", "packed"),
    (b"BZh", "packed"),
    (b"\xfd7zXZ\0", "packed"),
    (b"WARC/", "warc"),
)
_PDF = re.compile(rb"%PDF-\d\.\d")
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_MIMETYPES = {
    b"application/epub+zip": "epub",
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.text-template": "odt",
}
_TELLING = {
    "word/document.xml": "docx",
    "ppt/presentation.xml": "pptx",
    "META-INF/container.xml": "epub",
}
_REFUSED_ZIPS = {
    "xl/workbook.xml": "is an Excel workbook, which is not read; save the table as .csv",
    "xl/workbook.bin": "is an Excel workbook, which is not read; save the table as .csv",
    "visio/document.xml": "is a Visio drawing, which is not read; save it as .pdf",
    "AndroidManifest.xml": "is an Android app, not articles",
    "META-INF/MANIFEST.MF": "is a Java archive, not articles",
}
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BINARY_KINDS = {
    "image": "is a picture; only text is read",
    "audio": "is a sound recording; add its transcript (.srt, .vtt or .txt)",
    "video": "is a video; add its transcript (.srt, .vtt or .txt)",
    "font": "is a font, not an article",
}
_HTML = re.compile(
    r"(?:\s|<\?xml[^>]{0,500}\?>|<!--.{0,2000}?-->)*<(?:!doctype\s+html|html[\s>]|head[\s>]|body[\s>])",
    re.IGNORECASE | re.DOTALL,
)
_TIMES = re.compile(r"\s*(?:\d{1,9}[ \t]*\r?\n)?\s*\d{1,3}:\d\d:\d\d[,.]\d{1,3}[ \t]*-->[ \t]*\d{1,3}:\d\d:\d\d[,.]\d")
_MBOX = re.compile(r"From \S{1,500} .{0,40}\d{1,2}:\d\d.{0,40}\r?\n(?:>?[A-Za-z-]+:|\r?\n)")
_HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,70}):[ \t]?")
_MAIL_HEADERS = frozenset(
    ("received", "return-path", "delivered-to", "mime-version", "message-id", "dkim-signature", "content-type")
)
_MHTML = re.compile(r"^(?:Snapshot-Content-Location|Content-Type:\s*multipart/related)", re.IGNORECASE | re.MULTILINE)
_JSON_ROW = re.compile(r'\s*\{\s*"')


def detect(source: str, stream: BinaryIO) -> Format | Container:
    """The format of a file, whatever its name says.

    Args:
        source: its name; the suffix decides where the content does not tell.
        stream: its content, seekable, at its beginning; it is there again afterwards.

    Raises:
        SourceError: it is of a kind that is not read.
    """
    head = stream.read(HEAD)
    stream.seek(0)
    found = detect_head(source, head)
    if found is CONTAINERS["zip"]:
        found = _kind_of_zip(source, stream)
        stream.seek(0)
    return found


def detect_head(source: str, head: bytes) -> Format | Container:
    """The format of a file by its beginning; what lies inside a zip file is not looked at but by its first names.

    Raises:
        SourceError: it is of a kind that is not read.
    """
    suggested = BY_SUFFIX.get(suffix_of(source))
    name = _by_magic(head) or ("tar" if _is_tar(head) else _by_text(source, head, suggested))
    return ARTICLES[name] if name in ARTICLES else CONTAINERS[name]


def readable_suffix(name: str) -> bool:
    """Whether files with such a name are read, as far as the name tells."""
    return suffix_of(name) in BY_SUFFIX


def suffix_of(name: str) -> str:
    """The suffix of a file's name, in small letters; that of a record of a table is none."""
    return PurePath(name.replace("\\", "/")).suffix.lower()


def _by_magic(head: bytes) -> str | None:
    # Some programs write a few bytes before a PDF's own beginning; a text may only speak of it.
    if head.lstrip().startswith(b"%PDF-") or (_PDF.search(head[:1024]) and b" obj" in head):
        return "pdf"
    if head.startswith(_ZIP):
        if head[30:38] == b"mimetype":
            for mimetype, name in _MIMETYPES.items():
                if head[38:].startswith(mimetype):
                    return name
        return "zip"
    return next((name for magic, name in _MAGIC if head.startswith(magic)), None)


def _is_tar(head: bytes) -> bool:
    """By its magic word, or, where old programs wrote none, by the sum of the header's bytes."""
    if len(head) < 512:
        return False
    if head[257:262] == b"ustar":
        return True
    field = head[148:156].strip(b" \0")
    if not field or not all(byte in b"01234567" for byte in field) or not head[0]:
        return False
    return int(field, 8) == sum(head[:148]) + 8 * 32 + sum(head[156:512])


def _by_text(source: str, head: bytes, suggested: Format | Container | None) -> str:
    start = _start_text(head)
    if start is None:
        raise SourceError(source, _what_binary(head))
    if start.startswith("WEBVTT") and start[6:7] in ("", " ", "\t", "\n", "\r"):
        return "vtt"
    if _TIMES.match(start):
        return "srt"
    if _MBOX.match(start):
        return "mbox"
    if _is_mail(start, suggested):
        return "mhtml" if _MHTML.search(start) and (_suggests(suggested, "mhtml") or "Snapshot-" in start) else "eml"
    if _HTML.match(start):
        return "html"
    if _JSON_ROW.match(start) and (suggested is None or not _suggests(suggested, "markdown", "text")):
        return "jsonl" if _suggests(suggested, "jsonl") or _is_json_row(head) else "text"
    if suggested is None or suggested.name in ("pdf", "docx", "pptx", "odt", "rtf", "epub", "zip", "tar", "packed"):
        return "text"  # binary formats would have been known by their beginning
    return "text" if suggested.name in ("mbox", "warc") else suggested.name


def _start_text(head: bytes) -> str | None:
    """The beginning as text, or None where it is none; only the letters of ASCII matter here."""
    start = head[:_START]
    if start.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return start.decode("utf-32", "replace")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return start.decode("utf-16", "replace")
    if start[1::2].count(0) * 10 > len(start) * 3:
        return start.decode("utf-16-le", "replace")
    if start[0::2].count(0) * 10 > len(start) * 3:
        return start.decode("utf-16-be", "replace")
    odd = sum(byte < 32 and byte not in b"\t\n\v\f\r\x1b" for byte in start)
    if odd * 50 > len(start):
        return None
    return start.decode("utf-8-sig", "replace").lstrip("\ufeff")


def _is_mail(start: str, suggested: Format | Container | None) -> bool:
    """Header lines from the first line on, of which some are found in mail only."""
    names: set[str] = set()
    for line in start.replace("\r\n", "\n").split("\n"):
        if not line:
            break
        if line[0] in " \t" and names:
            continue
        match = _HEADER.match(line)
        if match is None:
            return False
        names.add(match[1].lower())
    expected = {"from", "date", "subject"}
    if _suggests(suggested, "eml", "mhtml", "mbox"):
        return bool(names & (expected | _MAIL_HEADERS))
    return len(names & expected) >= 2 and bool(names & _MAIL_HEADERS)


def _is_json_row(head: bytes) -> bool:
    """Whether the first line is an object of JSON, or goes on beyond what was read of it."""
    import json

    line, newline, _ = head.partition(b"\n")
    if not newline and len(head) >= HEAD:
        return True
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _suggests(suggested: Format | Container | None, *names: str) -> bool:
    return suggested is not None and suggested.name in names


def _kind_of_zip(source: str, stream: BinaryIO) -> Format | Container:
    """What a zip file is: an Office file, an e-book, or an archive."""
    try:
        with zipfile.ZipFile(stream) as archive:
            names = frozenset(archive.namelist())
            kind = archive.read("mimetype")[:100].strip() if _small(archive, "mimetype", names) else b""
    except ARCHIVE_ERRORS:
        suggested = BY_SUFFIX.get(suffix_of(source))
        # Its own reader says best what is wrong with a damaged Office file.
        return suggested if _suggests(suggested, "docx", "pptx", "odt", "epub") and suggested else CONTAINERS["zip"]
    if kind in _MIMETYPES:
        return ARTICLES[_MIMETYPES[kind]]
    if kind.startswith(b"application/vnd.oasis.opendocument."):
        raise SourceError(source, "is an OpenDocument file, but not a text; save it as .odt or .pdf")
    for name, reason in _REFUSED_ZIPS.items():
        if name in names and "META-INF/container.xml" not in names:
            raise SourceError(source, reason)
    return next((ARTICLES[kind_] for name, kind_ in _TELLING.items() if name in names), CONTAINERS["zip"])


def _small(archive: zipfile.ZipFile, name: str, names: frozenset[str]) -> bool:
    return name in names and archive.getinfo(name).file_size <= 1000


def _what_binary(head: bytes) -> str:
    """Why a file that is not text is not read."""
    if head.startswith(_OLD_OFFICE):
        return "is in the format of Office before 2007 (.doc, .ppt, .xls); save it as .docx, .pptx or .csv"
    import puremagic

    try:
        mime = puremagic.from_string(head, mime=True)
    except (puremagic.PureError, *ARCHIVE_ERRORS):  # it looks into what seems to be an archive
        mime = ""
    # What the library knows by two or three bytes it also sees where there is only noise.
    kind = _BINARY_KINDS.get(mime.split("/")[0])
    return kind or "is not text (it looks like a binary file)"


def detect_bytes(source: str, data: bytes) -> Format | Container:
    """``detect`` for what lies in memory."""
    return detect(source, io.BytesIO(data))
