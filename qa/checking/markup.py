"""Takes the markup out of a draft without moving a character: what is no text becomes invisible or a space.

Markdown, links, tags and code hold quotation marks that quote nothing, and markers in the middle of a quotation that
are none of its words.
"""

from __future__ import annotations

import re

INVISIBLE = "\u200b"
"""Stands for a character that is no text; folding leaves it out, even in the middle of a word."""

_FRONT_MATTER = re.compile(r"---[ \t]*\n.{0,10000}?\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})", re.MULTILINE)
_CODE = re.compile(r"(?<!`)`[^`\n]{1,500}`(?!`)")
_TAG = re.compile(r"<[A-Za-z/!][^<>]{0,1000}>")
_LINK = re.compile(r"!?\[([^\[\]\n]{1,500})\](\([^()\s]{0,1000}(?:\s{1,3}\"[^\"\n]{0,200}\")?\))")
_FOOTNOTE = re.compile(r"\[\^[^\[\]\s]{1,30}\]")
_ESCAPE = re.compile(r"\\(?=[!-/:-@\[-`{-~])")
_EMPHASIS = re.compile(r"\*{1,3}(?=\S)|(?<=\S)\*{1,3}|(?<!\w)_{1,3}(?=\S)|(?<=\S)_{1,3}(?!\w)")


def without_markup(draft: str) -> str:
    """The draft with its markup taken out; every other character stands where it stood."""
    text = _FRONT_MATTER.sub(_spaces, draft, count=1) if draft.startswith("---") else draft
    text = _without_fences(text)
    text = _CODE.sub(_spaces, text)
    text = _TAG.sub(_hidden, text)
    text = _LINK.sub(_link_text, text)
    text = _FOOTNOTE.sub(_hidden, text)
    text = _ESCAPE.sub(_hidden, text)
    return _EMPHASIS.sub(_hidden, text)


def _without_fences(text: str) -> str:
    """Without blocks of code; one that is not closed reaches to the end, as in Markdown."""
    pieces: list[str] = []
    done = 0
    opening: re.Match[str] | None = None
    for fence in _FENCE.finditer(text):
        if opening is None:
            opening = fence
            continue
        if fence[1][0] != opening[1][0] or len(fence[1]) < len(opening[1]):
            continue
        pieces += [text[done : opening.start()], _blank(text[opening.start() : fence.end()])]
        done, opening = fence.end(), None
    if opening is not None:
        pieces += [text[done : opening.start()], _blank(text[opening.start() :])]
        done = len(text)
    return "".join(pieces) + text[done:]


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def _spaces(match: re.Match[str]) -> str:
    return _blank(match[0])


def _hidden(match: re.Match[str]) -> str:
    return INVISIBLE * len(match[0])


def _link_text(match: re.Match[str]) -> str:
    before = match.start(1) - match.start()
    return INVISIBLE * before + match[1] + INVISIBLE * (len(match[0]) - before - len(match[1]))
