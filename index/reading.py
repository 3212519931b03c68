"""Reads a file into a ``Draft``: decoded and normalised once, with a title; nothing rewrites the text after this.

A format is a function from bytes to a ``Draft``, registered by suffix in ``READERS``; other formats plug in there.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from .errors import SourceError

TITLE_LIMIT = 200
"""Characters; a longer first line is a paragraph, not a headline."""
SHORT_TITLE = 110
"""Characters to which a title is cut that had to be taken from the running text."""
_HEAD_LINES = 6
"""A heading or bold line is the headline when it is among the first so many lines with text."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An article as it was read, before it is stored; the fields mean what they mean in ``Article``."""

    title: str
    text: str
    author: str | None = None
    published: date | None = None
    language: str | None = None
    page_starts: tuple[int, ...] = ()


def read_file(path: Path, max_bytes: int) -> tuple[Draft, bytes]:
    """Reads one file.

    Returns:
        The draft, and the bytes that were read (whose hash tells later whether the file has changed).

    Raises:
        SourceError: the file is missing, unreadable, too large, not of a known format, or holds no text.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(sorted(READERS))
        kind = f"files ending in {path.suffix!r}" if path.suffix else "files without a suffix"
        raise SourceError(str(path), f"{kind} are not read; save it as one of {known}")
    try:
        if not path.is_file():
            raise SourceError(str(path), "is not a regular file" if path.exists() else "no such file")
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except OSError as error:
        raise SourceError(str(path), f"cannot be read: {error.strerror or error}") from error
    if len(data) > max_bytes:
        raise SourceError(str(path), f"is larger than {max_bytes // 1_000_000} MB; split it")
    return reader(str(path), data), data


def read_text(source: str, data: bytes) -> Draft:
    """Plain text, in any encoding; lines that carry Markdown heading or bold markers lose them."""
    lines = []
    marked_title = None
    seen = 0
    for raw in normalise(decode(source, data)).split("\n"):
        line, marked = _without_markers(raw.rstrip())
        lines.append(line)
        seen += bool(line.strip())
        if marked and marked_title is None and seen <= _HEAD_LINES:
            marked_title = line.strip()
    return _draft(source, "\n".join(lines), marked_title)


def read_markdown(source: str, data: bytes) -> Draft:
    """Markdown: the words without the markers; front matter gives title, author and date."""
    from markdown_it import MarkdownIt

    text = normalise(decode(source, data))
    meta, text = _front_matter(text)
    blocks: list[str] = []
    title = None
    heading_level = 0
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        if token.type == "heading_open":
            heading_level = int(token.tag[1])
        elif token.type == "inline":
            content = _inline_text(token.children or []).strip()
            if not content:
                continue
            bold = _is_bold_line(token.content)
            if title is None and len(blocks) < _HEAD_LINES and "\n" not in content and (heading_level or bold):
                title = content
            heading_level = 0
            blocks.append(content)
        elif token.type in ("fence", "code_block"):
            blocks.append(token.content.rstrip("\n"))
    draft = _draft(source, normalise("\n\n".join(blocks)), meta.get("title") or title)
    return Draft(draft.title, draft.text, meta.get("author"), _as_date(meta.get("date")), meta.get("language"))


READERS: dict[str, Callable[[str, bytes], Draft]] = {
    ".txt": read_text,
    ".text": read_text,
    ".md": read_markdown,
    ".markdown": read_markdown,
}
"""Suffix to reader. A reader takes the source's name (for messages) and its bytes, and raises ``SourceError``."""


def decode(source: str, data: bytes) -> str:
    """Decodes text in any encoding: UTF-8 and UTF-16 by their marks or validity, others by detection.

    Raises:
        SourceError: the bytes are empty, or not text.
    """
    if not data.strip():
        raise SourceError(source, "is empty")
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = _detected(source, data)
    if "\x00" in text:
        text = _without_mark(source, data)
    odd = sum(text[:4096].count(chr(code)) for code in range(32) if chr(code) not in "\t\n\v\f\r\x1b")
    if odd * 50 > len(text[:4096]):
        raise SourceError(source, "is not text (it looks like a binary file)")
    return text


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
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff]")


def normalise(text: str) -> str:
    """``\\n`` newlines, no control characters (they can drive a terminal), Unicode NFC; applied once, at reading."""
    return unicodedata.normalize("NFC", _CONTROLS.sub("", _NEWLINES.sub("\n", text)))


_HEADING = re.compile(r"\s{0,3}#{1,6}\s+(.*?)\s*#*\s*$")
_BOLD = re.compile(r"\s*(\*\*|__)(?=\S)(.+?)(?<=\S)\1\s*$")


def _is_bold_line(line: str) -> bool:
    match = _BOLD.fullmatch(line)
    return match is not None and match[1] not in match[2]


def _without_markers(line: str) -> tuple[str, bool]:
    """The line without heading or bold markers around all of it, and whether it had any."""
    heading = _HEADING.fullmatch(line)
    inner = heading[1] if heading else line
    if _is_bold_line(inner):
        bold = _BOLD.fullmatch(inner)
        assert bold is not None
        return bold[2].strip(), True
    return (inner, True) if heading else (line, False)


def _inline_text(children: list) -> str:  # type: ignore[type-arg]
    parts = []
    for child in children:
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif child.type == "image":
            parts.append(child.content)
    return "".join(parts)


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    match = re.match(r"---[ \t]*\n(.{0,10000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", text, re.DOTALL)
    if not match:
        return {}, text
    import yaml

    try:
        values = yaml.safe_load(match[1])
    except yaml.YAMLError:
        return {}, text
    if not isinstance(values, dict):
        return {}, text
    names = {"lang": "language", "authors": "author", "byline": "author", "published": "date"}
    found: dict[str, str] = {}
    for key, value in values.items():
        name = names.get(str(key).lower(), str(key).lower())
        plain = ", ".join(map(str, value)) if isinstance(value, list) else value
        if name in ("title", "author", "date", "language") and isinstance(plain, str | int | date):
            found.setdefault(name, " ".join(normalise(str(plain)).split()))
    return found, text[match.end() :]


def _as_date(value: str | None) -> date | None:
    try:
        return datetime.fromisoformat(value).date() if value else None
    except ValueError:
        return None


def _draft(source: str, text: str, marked_title: str | None) -> Draft:
    text = text.strip("\n")
    if not any(character.isalnum() for character in text):
        raise SourceError(source, "holds no text")
    title = marked_title or _title_from_text(text)
    return Draft(" ".join(title.split())[: 3 * TITLE_LIMIT], text)


def _title_from_text(text: str) -> str:
    first, _, rest = text.lstrip().partition("\n")
    first = first.strip()
    if len(first) <= TITLE_LIMIT:
        wrapped = rest[:1] not in ("", "\n") and len(first) <= 100 and rest[:1].islower()
        if not wrapped:
            # A sentence may be the first paragraph rather than a headline: without its full stop it makes a title,
            # and since it then differs from the paragraph, the paragraph stays in the text that is quoted.
            return first.removesuffix(".") or first
    whole = text.lstrip().split("\n\n", 1)[0]
    return textwrap.shorten(" ".join(whole.split()), SHORT_TITLE, placeholder="…")
