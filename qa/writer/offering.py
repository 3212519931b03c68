"""What of an answer is given to the writer: its quotes, each with its number, and nothing else of the articles."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qa.answer import Answer, Quote

from .orders import gives_orders
from .words import folded

LONGEST = 1_500
"""Characters of one quote, and of the text before it."""
_MARKER = re.compile(r"\[\s*(\d+)\s*\]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Source:
    """A quote as the writer gets it, and against which it is checked.

    Attributes:
        number: its place among the answer's quotes, from 1.
        text: the quote in one line, shortened when it is very long.
        before: the text before it without which it cannot be understood, or an empty string.
        article: the whole text of its article, in which quotations may stand too.
    """

    number: int
    text: str
    before: str
    article: str

    @property
    def evidence(self) -> str:
        """All that the writer was shown of it."""
        return f"{self.before} {self.text}".strip()


@dataclass(frozen=True, slots=True)
class Offer:
    """What is given to the writer.

    Attributes:
        sources: the quotes.
        withheld: the numbers of quotes that read like orders to a language model, and are not given.
    """

    sources: tuple[Source, ...]
    withheld: tuple[int, ...] = ()


def offer(answer: Answer) -> Offer:
    """The quotes of an answer that can be given to the writer."""
    sources: list[Source] = []
    withheld: list[int] = []
    for number, quote in enumerate(answer.quotes, 1):
        if gives_orders(quote.text):
            withheld.append(number)
        else:
            sources.append(_source(number, quote))
    return Offer(tuple(sources), tuple(withheld))


def one_line(text: str, longest: int = LONGEST) -> str:
    """A text that cannot break out of its line or be taken for a quote's number."""
    line = folded(_CONTROL.sub(" ", text))
    return _MARKER.sub(r"(\1)", line)[:longest]


def _source(number: int, quote: Quote) -> Source:
    before = quote.context or ""
    if gives_orders(before):
        before = ""
    return Source(number, one_line(quote.text), one_line(before), quote.article.text)
