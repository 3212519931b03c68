"""Finds paragraphs and sentences in a text, as spans; the text itself is never touched."""

from __future__ import annotations

import itertools
import re

from .article import Span

SENTENCE_SPLITTER = "nupunkt"
"""nupunkt splits inside quotations, where journalism keeps its answers; sentencex keeps a quotation in one piece."""

_WRAP_WIDTH = 110
"""Hard-wrapped text has no line longer than this."""
_BLANK = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")


def paragraph_spans(text: str) -> list[Span]:
    """The paragraphs of a text, in order, without surrounding white space.

    A blank line always ends a paragraph. A single newline ends one too, unless the text is hard-wrapped.
    """
    blocks = _stripped(text, _pieces(text, _BLANK))
    if _is_hard_wrapped([text[start:end] for start, end in blocks]):
        return blocks
    spans = []
    for start, end in blocks:
        lines = _pieces(text[start:end], re.compile("\n"))
        spans += _stripped(text, [(start + left, start + right) for left, right in lines])
    return spans


def sentence_spans(text: str, paragraph: Span, longest: int) -> list[Span]:
    """The sentences of a paragraph, in order, without surrounding white space.

    Args:
        text: the article's text.
        paragraph: the paragraph's span in it.
        longest: characters; a sentence beyond it (a list, a table, text without stops) is cut between words.
    """
    from nupunkt import sent_spans

    start, end = paragraph
    spans: list[Span] = []
    for left, right in sent_spans(text[start:end]):
        for span in _stripped(text, [(start + left, start + right)]):
            spans += _cut(text, span, longest)
    return spans or _cut(text, paragraph, longest)


def _pieces(text: str, separator: re.Pattern[str]) -> list[Span]:
    spans = []
    start = 0
    for match in separator.finditer(text):
        spans.append((start, match.start()))
        start = match.end()
    return [*spans, (start, len(text))]


def _stripped(text: str, spans: list[Span]) -> list[Span]:
    result = []
    for start, end in spans:
        piece = text[start:end]
        left = len(piece) - len(piece.lstrip())
        right = len(piece.rstrip())
        if right > left:
            result.append((start + left, start + right))
    return result


def _is_hard_wrapped(blocks: list[str]) -> bool:
    """Whether single newlines are line wraps.

    In wrapped text no line exceeds the width, and at nearly every newline inside a block the next word would not
    have fitted on the line; where a newline ends a paragraph, it mostly would have.
    """
    lines = [line.rstrip() for block in blocks for line in block.split("\n")]
    width = max(map(len, lines), default=0)
    if width > _WRAP_WIDTH:
        return False
    breaks = wraps = 0
    for block in blocks:
        rows = [row.rstrip() for row in block.split("\n")]
        for row, following in itertools.pairwise(rows):
            breaks += 1
            next_word = following.split(maxsplit=1)[0] if following.split() else ""
            wraps += len(row) + 1 + len(next_word) > width - 2
    return breaks >= 2 and wraps >= 0.7 * breaks


def _cut(text: str, span: Span, longest: int) -> list[Span]:
    start, end = span
    pieces: list[Span] = []
    while end - start > longest:
        space = max(text.rfind(" ", start, start + longest), text.rfind("\n", start, start + longest))
        cut = space if space > start + longest // 2 else start + longest
        pieces += _stripped(text, [(start, cut)])
        start = cut
    return pieces + _stripped(text, [(start, end)])
