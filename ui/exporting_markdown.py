"""Exports as Markdown (CommonMark), which every program that shows Markdown must show as the texts that they are."""

from __future__ import annotations

import re

from .exporting_model import NOT_ANSWERS, Export, Item, citation, source_link
from .marking import plain
from .store import SavedHit, SavedQuote

_ALWAYS = re.compile(r"[\\`*_{}\[\]<>#+=|~&$^@!%]")
"""What means something within a line, in CommonMark or in one of its usual extensions."""
_AS_LINK = re.compile(r":(?=\S)|(?<=\bwww)\.", re.IGNORECASE)
"""What makes a link of an address that merely stands in a text."""
_LINE_START = re.compile(r"^(\d*)([-.)])", re.MULTILINE)
"""What makes a list, a rule or a heading at the beginning of a line."""
_EDGES = re.compile(r"(?:^\s+)|(?:\s+$)|(?:[^\S\n]*\n\s+)|(?:[^\S\n]+\n)")
"""White space that Markdown would drop or take for a break: all but single newlines and spaces between words."""
_BY_NUMBER = re.compile("[\r\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff\u2028\u2029]")
_NOT_IN_MARKDOWN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""Characters that Markdown has no safe way to write; no article holds one, see ``index.reading``."""


def as_markdown(export: Export) -> str:
    """The export as Markdown."""
    parts = [f"# {one_line(export.title)}", *(part for item in export.items for part in _item(item))]
    parts.append(f"Exported from Pullquote, {export.exported:%Y-%m-%d %H:%M} UTC. Each quote is word for word.")
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """A text as Markdown that means that text and nothing else; it may have several lines, but no empty ones."""
    shown = _NOT_IN_MARKDOWN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    shown = _ALWAYS.sub(r"\\\g<0>", shown)
    shown = _AS_LINK.sub(r"\\\g<0>", shown)
    shown = _EDGES.sub(lambda match: _references(match[0]), shown)
    shown = _LINE_START.sub(r"\1\\\2", shown)
    return _BY_NUMBER.sub(lambda match: f"&#{ord(match[0])};", shown)


def one_line(text: str) -> str:
    """What stands around a quote, as Markdown: one line, without what acts on a terminal."""
    return escaped(plain(text))


def _references(white: str) -> str:
    return "".join(f"&#{ord(character)};" for character in white)


def _item(item: Item) -> list[str]:
    parts = []
    if item.question:
        parts.append(f"## {one_line(item.question)}")
    if item.note:
        parts.append(escaped(item.note))
    parts += [part for quote in item.quotes for part in _quote(quote)]
    if item.nearest:
        parts.append(f"### {NOT_ANSWERS}")
        parts += [part for hit in item.nearest for part in _cited(hit)]
    return parts


def _quote(quote: SavedQuote) -> list[str]:
    before = [f"Before it: {one_line(quote.context)}"] if quote.context else []
    return [*before, *_cited(quote)]


def _cited(piece: SavedQuote | SavedHit) -> list[str]:
    body = "\n".join(f"> {line}" for line in escaped(piece.text).split("\n"))
    title = one_line(piece.article.title) or "Untitled"
    link = source_link(piece.article, piece.text)
    if link is not None:
        address = link.replace("&", "&amp;")
        title = f"[{title}](<{address}>)"
    rows = [f"- From: {title}", *(f"- {name}: {one_line(value)}" for name, value in citation(piece))]
    return [body, "\n".join(rows)]
