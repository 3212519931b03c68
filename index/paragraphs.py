"""Finds paragraphs and sentences in a text, as spans; the text itself is never touched."""

from __future__ import annotations

import itertools
import re

from .article import Span

SENTENCE_SPLITTER = "nupunkt"
"""nupunkt splits inside quotations, where journalism keeps its answers; sentencex keeps a quotation in one piece."""
OTHER_SPLITTER = "sentencex"
"""For other languages: nupunkt takes ``3. Oktober`` for two sentences, and knows no ``。``, ``।`` or ``؟``."""

_WRAP_WIDTH = 110
"""Hard-wrapped text has no line longer than this,"""
_LEAST_WIDTH = 40
"""and its longest is no shorter than this: shorter lines are a list or a poem."""
_NEWLINE = re.compile("\n")
_WORD = re.compile(r"\S+")
_ENDS = ".!?…:\"'”’»)"
_BLANK = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")


def paragraph_spans(text: str) -> list[Span]:
    """The paragraphs of a text, in order, without surrounding white space.

    A blank line always ends a paragraph. A single newline ends one too, unless the lines are hard-wrapped. Whether
    they are is seen block by block where a block has enough lines, else from all of them.
    """
    blocks = _stripped(text, _pieces(text, _BLANK))
    rows_of = [_stripped(text, _shifted(_pieces(text[start:end], _NEWLINE), start)) for start, end in blocks]
    narrow = [rows for rows in rows_of if len(rows) > 1 and _width(rows) <= _WRAP_WIDTH]
    mostly_wrapped = _are_wrapped(text, narrow, least=2)
    spans: list[Span] = []
    for rows in rows_of:
        width = _width(rows)
        if len(rows) == 1 or width > _WRAP_WIDTH:
            spans += rows
        elif _are_wrapped(text, [rows], least=2) if len(rows) > 3 else mostly_wrapped:
            spans += _unwrapped(text, rows, width)
        else:
            spans += rows
    return spans


def sentence_spans(text: str, paragraph: Span, longest: int, language: str | None = None) -> list[Span]:
    """The sentences of a paragraph, in order, without surrounding white space.

    Args:
        text: the article's text.
        paragraph: the paragraph's span in it.
        longest: characters; a sentence beyond it (a list, a table, text without stops) is cut between words.
        language: ISO 639-1, whose rules are used; None means English.
    """
    start, end = paragraph
    if is_english(language):
        from nupunkt import sent_spans

        found = [
            span
            for left, right in sent_spans(text[start:end])
            for span in _resplit(text, (start + left, start + right))
        ]
    else:
        found = _foreign_sentences(text, paragraph, language or "")
    spans = [piece for span in _stripped(text, found) for piece in _cut(text, span, longest)]
    return spans or _cut(text, paragraph, longest)


def is_english(language: str | None) -> bool:
    """Whether a text is split by the rules of English, as one in an unknown language is."""
    return language in (None, "en")


_TITLES = {"fr": ("M.", "MM.", "Mme.", "Mlle.", "Mgr.", "Me.")}
"""Abbreviations that sentencex takes for ends of sentences."""


def _foreign_sentences(text: str, paragraph: Span, language: str) -> list[Span]:
    """Sentences by sentencex; no sentence ends with a title, and none begins with a small letter."""
    from sentencex import get_sentence_boundaries

    offset, end = paragraph
    spans: list[Span] = []
    for found in get_sentence_boundaries(language, text[offset:end]):
        span = (offset + found["start_index"], offset + found["end_index"])
        before = text[slice(*spans[-1])].split() if spans else []
        if before and (before[-1] in _TITLES.get(language, ()) or text[slice(*span)].lstrip()[:1].islower()):
            spans[-1] = (spans[-1][0], span[1])
        else:
            spans.append(span)
    return spans


_WORD_STOP = re.compile(r"(?<!\w)([a-z]{3,})[.!?…]+[\"'”’)\]]*(?=\s+[\"'“‘(\[]*[A-Z])")
_ABBREVIATIONS = frozenset(
    "adm approx apr assoc aug ave capt cmdr corp dec dept eds esq est etc ext feb fig figs gen gov govt ibid inc incl "
    "intl jan jul jun ltd messrs mlle mme mrs natl nov oct paras pres prof resp rev sec sen sep sept sgt supt tel univ "
    "viz vol vols".split()
)


def _resplit(text: str, span: Span) -> list[Span]:
    """Ends sentences that nupunkt runs on from: it knows the abbreviations of American law, such as ``Wall.``.

    A word in small letters that is no usual abbreviation, a stop and a capital letter are the end of a sentence.
    """
    start, end = span
    pieces = []
    for match in _WORD_STOP.finditer(text, start, end):
        if match[1] not in _ABBREVIATIONS:
            pieces.append((start, match.end()))
            start = match.end()
    return [*pieces, (start, end)]


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


def _shifted(spans: list[Span], by: int) -> list[Span]:
    return [(start + by, end + by) for start, end in spans]


def _width(rows: list[Span]) -> int:
    return max(end - start for start, end in rows)


def _is_wrap(text: str, row: Span, following: Span, width: int) -> bool:
    """Whether a newline may be there because the next word did not fit any more."""
    word = _WORD.match(text, *following)
    return row[1] - row[0] + 1 + (word.end() - word.start() if word else 0) > width - 2


def _are_wrapped(text: str, blocks: list[list[Span]], least: int) -> bool:
    """Whether at nearly every newline the next word would not have fitted; where one ends a paragraph, it mostly would.

    Args:
        text: the article's text.
        blocks: for each block the spans of its lines.
        least: newlines; with fewer there is nothing to go by, and they end paragraphs.
    """
    width = max(map(_width, blocks), default=0)
    breaks = []
    for rows in blocks:
        wraps = [_is_wrap(text, row, following, width) for row, following in itertools.pairwise(rows)]
        breaks += wraps if wraps[0] or len(wraps) < 2 else wraps[1:]  # the first line may be a headline
    return width >= _LEAST_WIDTH and len(breaks) >= least and sum(breaks) >= 0.7 * len(breaks)


def _unwrapped(text: str, rows: list[Span], width: int) -> list[Span]:
    """Wrapped lines joined to paragraphs; a short line that ends a sentence, or a headline before them, is the end."""
    spans = [rows[0]]
    for row, following in itertools.pairwise(rows):
        ends = row == rows[0] or text[row[1] - 1] in _ENDS
        if ends and not _is_wrap(text, row, following, width):
            spans.append(following)
        else:
            spans[-1] = (spans[-1][0], following[1])
    return spans


def _cut(text: str, span: Span, longest: int) -> list[Span]:
    start, end = span
    pieces: list[Span] = []
    while end - start > longest:
        space = max(text.rfind(" ", start, start + longest), text.rfind("\n", start, start + longest))
        cut = space if space > start + longest // 2 else start + longest
        pieces += _stripped(text, [(start, cut)])
        start = cut
    return pieces + _stripped(text, [(start, end)])
