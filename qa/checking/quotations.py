"""Finds the quotations of a draft: in quotation marks of any kind, and in block quotes of Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .marks import LONGEST, Marked, paragraphs, quotations_in
from .markup import INVISIBLE, without_markup
from .result import Span

_BLOCK_LINE = re.compile(r"^ {0,3}>.*$", re.MULTILINE)
_BLOCK_MARKS = re.compile(r"^ {0,3}(?:> {0,3}){1,20}", re.MULTILINE)
_CALLOUT = re.compile(r"\s*\[![A-Za-z]{1,20}\][^\n]*")
_ATTRIBUTION = re.compile(r"\n[ \t]*(?:—|–|―|--)[ \t]*\S[^\n]{0,150}\Z")
_AFTERWARDS = re.compile(r"\s*(?:\Z|—|–|―|--|\(|\[)")
"""What may follow the closing mark of a block quote: nothing, or who said it."""
_CITED = re.compile(r"[.,;:!?]?[ \t]?((?:\[\^?\d{1,4}(?:[ \t]?[,–-][ \t]?\d{1,4}){0,20}\][ \t]?){1,20})")
_CITED_INSIDE = re.compile(r"\[\^?\d{1,4}(?:[ \t]?[,–-][ \t]?\d{1,4}){0,20}\]")
_NUMBERS = re.compile(r"(\d+)(?:[ \t]?[–-][ \t]?(\d+))?")
_MOST_CITED = 50


@dataclass(frozen=True, slots=True)
class Quotation:
    """A quotation of a draft, as it was found.

    Attributes:
        start, end: its characters in the draft, without the quotation marks around it.
        text: these characters without markup, each in its place.
        closed: whether it has a closing mark.
        citations: the numbers in square brackets behind it.
    """

    start: int
    end: int
    text: str
    closed: bool = True
    citations: tuple[int, ...] = ()

    @property
    def without_citations(self) -> str:
        """The text without numbers in square brackets inside it, each character in its place."""
        return _CITED_INSIDE.sub(lambda match: INVISIBLE * len(match[0]), self.text)


def find_quotations(draft: str) -> list[Quotation]:
    """The quotations of a draft, in order.

    What stands in quotation marks, in a block quote (one quotation, however many paragraphs), and what a mark opens
    that is never closed. Quotation marks in code, links and tags are none. A quotation inside another is part of it.
    """
    plain = without_markup(draft)
    blocks = list(_blocks(plain))
    text = _without(plain, blocks)
    found = [_quotation(draft, text, one.inner, one.outer[1], one.closed) for one in quotations_in(text)]
    for start, end in blocks:
        # Every line's marker becomes spaces, so that the lines are one text.
        block = _BLOCK_MARKS.sub(lambda match: " " * len(match[0]), plain[start:end])
        found += _of_block(draft, plain, block, start)
    whole = [piece for one in found for piece in _pieces(one)]
    return sorted((one for one in whole if any(map(str.isalnum, one.text))), key=lambda one: one.start)


def _without(text: str, spans: list[Span]) -> str:
    pieces, done = [], 0
    for start, end in spans:
        pieces += [text[done:start], "\n" * (end - start)]
        done = end
    return "".join(pieces) + text[done:]


def _blocks(text: str) -> Iterator[Span]:
    """The block quotes: neighbouring lines that begin with ``>``."""
    start = end = None
    for line in _BLOCK_LINE.finditer(text):
        if start is not None and end is not None and line.start() != end + 1:
            yield start, end
            start = None
        start, end = (line.start() if start is None else start), line.end()
    if start is not None and end is not None:
        yield start, end


def _of_block(draft: str, plain: str, block: str, offset: int) -> Iterator[Quotation]:
    """The quotation of a block quote, without what says who is quoted."""
    callout = _CALLOUT.match(block)
    begin = callout.end() if callout else 0
    attribution = _ATTRIBUTION.search(block.rstrip())
    finish = attribution.start() if attribution else len(block)
    begin += len(block[begin:finish]) - len(block[begin:finish].lstrip(f" \n\t{INVISIBLE}"))
    marked = next(iter(quotations_in(block)), None)
    if marked is not None and marked.closed and marked.outer[0] <= begin and _AFTERWARDS.match(block, marked.outer[1]):
        yield _in_block(draft, block, marked, offset)
        return
    body = block[begin:finish].rstrip()
    numbers: tuple[int, ...] = ()
    for cited in _CITED.finditer(body, max(0, len(body) - 100)):
        if cited.end() == len(body):
            numbers = _numbers(cited[1])
            body = body[: cited.start(1)].rstrip()
            break
    start = offset + begin
    yield Quotation(start, start + len(body), body, True, numbers)


def _in_block(draft: str, block: str, marked: Marked, offset: int) -> Quotation:
    start, end = _trimmed(block, marked.inner)
    return Quotation(
        offset + start, offset + end, block[start:end], marked.closed, _citations(draft, offset + marked.outer[1])
    )


def _quotation(draft: str, text: str, inner: Span, after: int, closed: bool) -> Quotation:
    start, end = _trimmed(text, inner)
    return Quotation(start, end, text[start:end], closed, _citations(draft, after) if closed else ())


def _trimmed(text: str, span: Span) -> Span:
    start, end = span
    while start < end and (text[start].isspace() or text[start] == INVISIBLE):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] == INVISIBLE):
        end -= 1
    return start, end


def _citations(draft: str, place: int) -> tuple[int, ...]:
    """The numbers in square brackets directly behind a quotation."""
    match = _CITED.match(draft, place)
    return _numbers(match[1]) if match else ()


def _numbers(text: str) -> tuple[int, ...]:
    """The numbers of ``[1, 3-5]``, each once."""
    found: dict[int, None] = {}
    for first, last in _NUMBERS.findall(text):
        for number in range(int(first), min(int(last or first), int(first) + _MOST_CITED) + 1):
            found.setdefault(number)
    return tuple(found)[:_MOST_CITED]


def _pieces(quotation: Quotation) -> Iterator[Quotation]:
    """A quotation, or its paragraphs where it is too long to be checked at once."""
    if len(quotation.text) <= LONGEST:
        yield quotation
        return
    for first, last in paragraphs(quotation.text):
        for low in range(first, last, LONGEST):
            start, end = _trimmed(quotation.text, (low, min(low + LONGEST, last)))
            if start < end:
                text = quotation.text[start:end]
                yield Quotation(quotation.start + start, quotation.start + end, text, quotation.closed)
