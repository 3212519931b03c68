"""What every format needs to make a ``Draft``: decoded and normalised once; nothing rewrites the text after this.

The formats themselves are in ``index.formats``.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from .errors import SourceError
from .paragraphs import paragraph_spans

TITLE_LIMIT = 200
"""Characters; a longer first line is a paragraph, not a headline."""
SHORT_TITLE = 110
"""Characters to which a title is cut that had to be taken from the running text."""
_HEAD_LENGTH = 4000


@dataclass(frozen=True, slots=True)
class Draft:
    """An article as it was read, before it is stored; the fields mean what they mean in ``Article``."""

    title: str
    text: str
    author: str | None = None
    published: date | None = None
    language: str | None = None
    page_starts: tuple[int, ...] = ()
    site: str | None = None
    url: str | None = None


def read_file(path: Path, max_bytes: int) -> tuple[Draft, bytes]:
    """Reads one file.

    Returns:
        The draft, and the bytes that were read (whose hash tells later whether the file has changed).

    Raises:
        SourceError: the file is missing, unreadable, too large, of no known format, or holds several articles or none.
    """
    from . import formats  # the formats are made of what this module has

    try:
        if not path.is_file():
            raise SourceError(str(path), "is not a regular file" if path.exists() else "no such file")
        with path.open("rb") as file:
            found = formats.detect(str(path), file)
            if isinstance(found, formats.Container):
                raise SourceError(str(path), f"is {found.description}, which holds several articles")
            data = file.read(max_bytes + 1)
    except OSError as error:
        raise SourceError(str(path), f"cannot be read: {error.strerror or error}") from error
    return found.read(str(path), within(str(path), data, max_bytes)), data


def within(source: str, data: bytes, max_bytes: int) -> bytes:
    """The data, of which one byte more than allowed was asked for.

    Raises:
        SourceError: it is larger.
    """
    if len(data) > max_bytes:
        raise SourceError(source, f"is larger than {max_bytes // 1_000_000} MB; split it")
    return data


def decode(source: str, data: bytes) -> str:
    """Decodes text in any encoding: UTF-8, UTF-16 and UTF-32 by their marks or validity, others by detection.

    Raises:
        SourceError: the bytes are empty, or not text.
    """
    if not data.strip():
        raise SourceError(source, "is empty")
    text = _decoded(source, data)
    head = text[:4096]
    odd = sum(head.count(chr(code)) for code in (*range(32), 0xFFFD) if chr(code) not in "\t\n\v\f\r\x1b")
    if odd * 50 > len(head):
        raise SourceError(source, "is not text (it looks like a binary file)")
    return text


_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def _decoded(source: str, data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _detected(source, data)
    return _without_mark(source, data) if "\x00" in text else text


def _detected(source: str, data: bytes) -> str:
    from charset_normalizer import from_bytes

    if data.count(b"\x00") * 20 > len(data):
        return _without_mark(source, data)
    # Windows-1252 is what European text that is not UTF-8 nearly always is, and detection by statistics is misled by
    # short texts; in such text letters beyond ASCII are few. Where they are many, the statistics decide.
    beyond_ascii = sum(byte >= 0x80 for byte in data)
    if beyond_ascii * 5 <= len(data):
        try:
            return data.decode("cp1252")
        except UnicodeDecodeError:
            pass
    best = from_bytes(data).best()
    if best is None:
        raise SourceError(source, "is not text in any encoding that could be recognised")
    return str(best)


def _without_mark(source: str, data: bytes) -> str:
    """UTF-16 without a byte-order mark has a zero in nearly every even or every odd place."""
    half = max(1, len(data) // 2)
    for encoding, zeros in (("utf-16-le", data[1::2].count(0)), ("utf-16-be", data[0::2].count(0))):
        if zeros > 0.7 * half:
            return data.decode(encoding, "replace")
    raise SourceError(source, "is not text (it looks like a binary file)")


_NEWLINES = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_ESCAPES = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]{0,50}[ -/]{0,5}[@-~]"  # colours and cursor movements
    "|\x1b\\][^\x07\x1b\n]{0,2000}(?:\x07|\x1b\\\\)"  # window titles, links
    "|\x1b[()*+][0-9A-Z]"  # character sets
)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff\ud800-\udfff]")


def normalise(text: str) -> str:
    """``\\n`` newlines, no control characters or sequences (they can drive a terminal), Unicode NFC."""
    text = _CONTROLS.sub("", _ESCAPES.sub("", _NEWLINES.sub("\n", text)))
    if _MAYBE_MARKS.search(text):
        text = _too_many_marks().sub(r"\1", text)
    return unicodedata.normalize("NFC", text)


_MOST_MARKS = 30
"""On one letter, as in Unicode's Stream-Safe Text Format; putting them in order takes the square of their number."""
_MAYBE_MARKS = re.compile(f"[^\x00-\u02ff\u3400-\ua66e\uac00-\ufb1d]{{{_MOST_MARKS + 1}}}")
"""So many characters in a row from where marks are found; quick to look for, and seldom there."""


@functools.cache
def _too_many_marks() -> re.Pattern[str]:
    """More accents above and below one letter than any script has."""
    mark = f"[{''.join(chr(code) for code in range(0x300, 0x20000) if unicodedata.combining(chr(code)))}]"
    return re.compile(f"({mark}{{{_MOST_MARKS}}}){mark}+")


def as_date(value: str | None) -> date | None:
    """The day of a date or of a time in ISO 8601, whatever follows the day."""
    try:
        return date.fromisoformat(value[:10]) if value else None
    except ValueError:
        return None


def as_language(value: str | None) -> str | None:
    """The ISO 639-1 code of a language tag, such as ``en`` of ``en-GB``."""
    match = re.match(r"([A-Za-z]{2})(?![A-Za-z])", value or "")
    return match[1].lower() if match else None


def draft_from_text(source: str, text: str, marked_title: str | None) -> Draft:
    """A draft of a normalised text; without a title of its own it gets one from its first line.

    Raises:
        SourceError: the text has no letter and no digit.
    """
    text = text.strip("\n")
    if not any(character.isalnum() for character in text):
        raise SourceError(source, "holds no text")
    title = " ".join((marked_title or "").split()) or _title_from_text(text)
    return Draft(title[: 3 * TITLE_LIMIT], text)


def _title_from_text(text: str) -> str:
    """The first line when it may be a headline, else the beginning of the first paragraph."""
    head = text.lstrip()[:_HEAD_LENGTH]
    start, end = paragraph_spans(head)[0]
    first = head[start:end]
    following = head[end:].removeprefix("\n")[:1]
    if "\n" not in first and len(first) <= TITLE_LIMIT and not following.islower():
        return _without_stop(first)
    return shortened(first if "\n" in first else head.split("\n\n", 1)[0], SHORT_TITLE)


_STOP = re.compile(r"[.。।]+(?=[\"'’”»)\]]*$)")
_ANY_STOP = re.compile(r"[.。।!?！？…]+(?=[\"'’”»)\]]*$)")


def _without_stop(line: str) -> str:
    """The line as a title: a sentence without its stop.

    A sentence may be the first paragraph rather than a headline. Its title then differs from it, and so the paragraph
    stays in the text that is quoted. A short question or exclamation is taken for a headline.
    """
    stop = _STOP if len(line) <= SHORT_TITLE else _ANY_STOP
    return " ".join(stop.sub("", line).split()) or line


def shortened(text: str, limit: int) -> str:
    """The beginning of a text in one line, cut between words where there are any, with ``…`` for the rest."""
    line = " ".join(text[: 4 * limit].split())
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    space = cut.rfind(" ")
    return (cut[:space] if space > limit // 2 else cut).rstrip() + "…"
