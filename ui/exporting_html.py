"""Exports as one HTML file: no script, nothing that is fetched, every text escaped."""

from __future__ import annotations

import base64
import hashlib
import html
import re

from .exporting_model import NOT_ANSWERS, Export, Item, citation, source_link
from .marking import plain
from .store import SavedHit, SavedQuote

STYLE = """
:root { color-scheme: light dark; }
body { font: 1.05rem/1.6 Georgia, "Noto Serif", serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3 { line-height: 1.25; overflow-wrap: anywhere; }
blockquote { margin: 1rem 0 0.5rem; padding: 0.2rem 1rem; border-inline-start: 4px solid #8a6d1d;
  white-space: pre-wrap; overflow-wrap: anywhere; }
.before { opacity: 0.75; }
dl { font: 0.85rem/1.5 system-ui, sans-serif; display: grid; grid-template-columns: max-content 1fr; gap: 0 0.75rem;
  margin: 0 0 1.5rem; }
dt { opacity: 0.75; }
dd { margin: 0; overflow-wrap: anywhere; }
footer, .note { font: 0.9rem/1.5 system-ui, sans-serif; white-space: pre-wrap; overflow-wrap: anywhere; }
"""
_POLICY = f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"
_BY_NUMBER = re.compile("[\r\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff\xa0\u2028\u2029]")
"""Characters that an editor or terminal acts on; a reference shows them and means the same."""
_NOT_IN_HTML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""Characters that HTML has no way to write; no article holds one, see ``index.reading``."""


def as_html(export: Export) -> str:
    """The export as one self-contained page, whose policy forbids whatever an article might want to load or run."""
    body = "".join(_item(item) for item in export.items)
    stamp = f"{export.exported:%Y-%m-%d %H:%M} UTC"
    return (
        '<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escaped(plain(export.title))}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f'<h1 dir="auto">{escaped(plain(export.title))}</h1>\n{body}'
        f"<footer>Exported from Pullquote, {stamp}. Each quote is word for word.</footer>\n</body>\n</html>\n"
    )


def escaped(text: str) -> str:
    """A text as HTML that means that text and nothing else."""
    shown = _NOT_IN_HTML.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    return _BY_NUMBER.sub(lambda match: f"&#{ord(match[0])};", html.escape(shown))


def _item(item: Item) -> str:
    parts = []
    if item.question:
        parts.append(f'<h2 dir="auto">{escaped(plain(item.question))}</h2>\n')
    if item.note:
        parts.append(f'<p class="note" dir="auto">{escaped(item.note)}</p>\n')
    parts += [_quote(quote) for quote in item.quotes]
    if item.nearest:
        parts.append(f"<h3>{NOT_ANSWERS}</h3>\n")
        parts += [_cited(hit, escaped(hit.text)) for hit in item.nearest]
    return f"<section>\n{''.join(parts)}</section>\n"


def _quote(quote: SavedQuote) -> str:
    shown = escaped(quote.text)
    if quote.words is not None and quote.answer_start is not None and quote.answer_end is not None:
        left, right = quote.answer_start - quote.start, quote.answer_end - quote.start
        if quote.text[left:right] == quote.words:
            marked = f"<mark>{escaped(quote.words)}</mark>"
            shown = escaped(quote.text[:left]) + marked + escaped(quote.text[right:])
    before = f'<div class="before" dir="auto">{escaped(quote.context)}</div>\n' if quote.context else ""
    return before + _cited(quote, shown)


def _cited(piece: SavedQuote | SavedHit, shown: str) -> str:
    title = f"<cite><bdi>{escaped(plain(piece.article.title))}</bdi></cite>"
    link = source_link(piece.article, piece.text)
    if link is not None:
        title = f'<a href="{html.escape(link)}" rel="noopener noreferrer">{title}</a>'
    rows = "".join(f"<dt>{name}</dt><dd><bdi>{escaped(value)}</bdi></dd>" for name, value in citation(piece))
    return f'<blockquote dir="auto">{shown}</blockquote>\n<dl><dt>From</dt><dd>{title}</dd>{rows}</dl>\n'
