"""Reads a file into a ``Draft``: decoded and normalised once, with a title; nothing rewrites the text after this.

A format is a function from bytes to a ``Draft``, registered by suffix in ``READERS``; other formats plug in there.
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import SourceError
from .paragraphs import paragraph_spans

if TYPE_CHECKING:
    from markdown_it.token import Token

TITLE_LIMIT = 200
"""Characters; a longer first line is a paragraph, not a headline."""
SHORT_TITLE = 110
"""Characters to which a title is cut that had to be taken from the running text."""
_HEAD_LENGTH = 4000
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
    heading = False
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        if token.type == "heading_open":
            heading = True
        elif token.type == "inline":
            content = _inline_text(token.children or []).strip()
            if content:
                if title is None and len(blocks) < _HEAD_LINES:
                    title = content if heading and "\n" not in content else _bold_line(token.content, content)
                blocks.append(content)
            heading = False
        elif token.type in ("fence", "code_block"):
            blocks.append(token.content.rstrip("\n"))
        elif token.type == "html_block" and (content := _html_text(token.content)):
            blocks.append(content)
    if not any(blocks):
        return read_text(source, data)  # nothing but markers: then they are none
    # Once more, because `&#133;` and the like have become characters only now.
    draft = _draft(source, normalise("\n\n".join(blocks)), meta.get("title") or normalise(title or ""))
    language = _as_language(meta.get("language"))
    return Draft(draft.title, draft.text, meta.get("author"), _as_date(meta.get("date")), language)


READERS: dict[str, Callable[[str, bytes], Draft]] = {
    ".txt": read_text,
    ".text": read_text,
    ".md": read_markdown,
    ".markdown": read_markdown,
}
"""Suffix to reader. A reader takes the source's name (for messages) and its bytes, and raises ``SourceError``."""


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
    return unicodedata.normalize("NFC", text)


_HEADING = re.compile(r"\s{0,3}#{1,6}(?=\s)")
_BOLD = re.compile(r"\s*(\*\*|__)(?=\S)(.+?)(?<=\S)\1\s*$")


def _is_bold_line(line: str) -> bool:
    match = _BOLD.fullmatch(line)
    return match is not None and match[1] not in match[2]


def _bold_line(marked: str, plain: str) -> str | None:
    """Of a paragraph's first lines the one that is bold as a whole, given with and without markers."""
    rows, texts = marked.split("\n"), plain.split("\n")
    if len(rows) != len(texts):
        return None
    return next((text for row, text in zip(rows[:_HEAD_LINES], texts, strict=False) if _is_bold_line(row)), None)


def _without_markers(line: str) -> tuple[str, bool]:
    """The line without heading or bold markers around all of it, and whether it had any."""
    heading = _HEADING.match(line)
    inner = _heading_text(line[heading.end() :]) if heading else line
    if _is_bold_line(inner):
        bold = _BOLD.fullmatch(inner)
        assert bold is not None
        return bold[2].strip(), True
    return (inner, True) if heading else (line, False)


def _heading_text(rest: str) -> str:
    """What stands between the markers of a heading; those at the end are optional and follow a space."""
    rest = rest.strip()
    opened = rest.rstrip("#")
    return opened.rstrip() if not opened or opened[-1].isspace() else rest


def _inline_text(children: Sequence[Token]) -> str:
    parts = []
    for child in children:
        if child.type in ("text", "code_inline", "image"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak") or _LINE_BREAK.fullmatch(child.content):
            parts.append("\n")
    return "".join(parts)


_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


class _Visible(HTMLParser):
    """The text of HTML that stands in Markdown, a line for each stretch between tags."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style") and self._hidden > 0

    def handle_data(self, data: str) -> None:
        if not self._hidden and data.strip():
            self.lines.append(data.strip())


def _html_text(content: str) -> str:
    parser = _Visible()
    # The parser asserts that declarations are well-formed; what came before a broken one is kept.
    with contextlib.suppress(AssertionError):
        parser.feed(content)
        parser.close()
    return "\n".join(parser.lines)


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    match = re.match(r"---[ \t]*\n(.{0,10000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", text, re.DOTALL)
    if not match:
        return {}, text
    import yaml

    try:
        # Every value as it is written: a date that is none is then no error here.
        values = yaml.load(match[1], Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError):
        return {}, text
    if not isinstance(values, dict):
        return {}, text
    names = {"lang": "language", "authors": "author", "byline": "author", "published": "date"}
    found: dict[str, str] = {}
    for key, value in values.items():
        name = names.get(str(key).lower(), str(key).lower()) if isinstance(key, str) else ""
        parts = value if isinstance(value, list) else [value]
        if name in ("title", "author", "date", "language") and all(isinstance(part, str) for part in parts):
            plain = " ".join(normalise(", ".join(parts)).split())
            if plain and plain.lower() not in ("~", "null"):
                found.setdefault(name, plain)
    return found, text[match.end() :]


def _as_date(value: str | None) -> date | None:
    """The day of a date or of a time in ISO 8601, whatever follows the day."""
    try:
        return date.fromisoformat(value[:10]) if value else None
    except ValueError:
        return None


def _as_language(value: str | None) -> str | None:
    """The ISO 639-1 code of a language tag, such as ``en`` of ``en-GB``."""
    match = re.match(r"([A-Za-z]{2})(?![A-Za-z])", value or "")
    return match[1].lower() if match else None


def _draft(source: str, text: str, marked_title: str | None) -> Draft:
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
