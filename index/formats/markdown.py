"""Markdown: the words without the markers, and what the front matter says of the article."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from ..reading import Draft, as_date, as_language, decode, draft_from_text, normalise
from .plain_text import HEAD_LINES, is_bold_line, read_text

if TYPE_CHECKING:
    from markdown_it.token import Token


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
                if title is None and len(blocks) < HEAD_LINES:
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
    draft = draft_from_text(source, normalise("\n\n".join(blocks)), meta.get("title") or normalise(title or ""))
    language = as_language(meta.get("language"))
    return Draft(
        draft.title,
        draft.text,
        meta.get("author"),
        as_date(meta.get("date")),
        language,
        site=meta.get("site"),
        url=meta.get("url"),
    )


def _bold_line(marked: str, plain: str) -> str | None:
    """Of a paragraph's first lines the one that is bold as a whole, given with and without markers."""
    rows, texts = marked.split("\n"), plain.split("\n")
    if len(rows) != len(texts):
        return None
    return next((text for row, text in zip(rows[:HEAD_LINES], texts, strict=False) if is_bold_line(row)), None)


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


_META = ("title", "author", "date", "language", "site", "url")


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
    names = {"lang": "language", "authors": "author", "byline": "author", "published": "date", "link": "url"}
    found: dict[str, str] = {}
    for key, value in values.items():
        name = names.get(str(key).lower(), str(key).lower()) if isinstance(key, str) else ""
        parts = value if isinstance(value, list) else [value]
        if name in _META and all(isinstance(part, str) for part in parts):
            plain = " ".join(normalise(", ".join(parts)).split())
            if plain and plain.lower() not in ("~", "null"):
                found.setdefault(name, plain)
    return found, text[match.end() :]
