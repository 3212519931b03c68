"""Whether quotes that answer the same question disagree: other numbers, or other years and days."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from qa.answer import Quote

_NUMBER = re.compile(
    r"(?P<sign>[$€£¥]\s?)?"
    r"(?P<digits>\d{1,3}(?:[,\u202f\u00a0 ]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?!\w*\d)\s*"
    r"(?P<unit>%|[^\W\d_]+(?:\s+[^\W\d_]+)?)?"
)
_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
_WORDS = {word: str(value) for value, word in enumerate(_SMALL.split())}
_WORD = re.compile(rf"\b(?:{'|'.join(_WORDS)})\b(?!-)", re.IGNORECASE)
_LARGE = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "m": 1e6, "bn": 1e9, "k": 1e3}
_ABOUT = re.compile(r"\b(?:per\s*cent|percent)\b", re.IGNORECASE)
_YEAR = re.compile(r"\b(1[0-9]\d\d|20\d\d)\b")
_NO_UNIT = frozenset("and or of in at on to for from by with than as a the was were is are had have has".split())
_ENOUGH = 0.6
"""The share of the question's content words that a quote's sentence must hold to count as an answer to it."""


def quantities(words: str) -> dict[str, set[float]]:
    """The numbers in some words, by unit; a year has the unit ``year``, a bare number none.

    Args:
        words: the part of a quote that answers.
    """
    words = _WORD.sub(lambda match: _WORDS[match[0].casefold()], _ABOUT.sub("%", words))
    found: dict[str, set[float]] = {}
    for match in _NUMBER.finditer(words):
        digits = match["digits"]
        if match["unit"] is None and match["sign"] is None and _YEAR.fullmatch(digits):
            found.setdefault("year", set()).add(float(digits))
            continue
        value = float(re.sub(r"[,\u202f\u00a0 ]", "", digits))
        units = [unit.casefold() for unit in (match["unit"] or "").split()]
        if units and units[0] in _LARGE:
            value *= _LARGE[units.pop(0)]
        unit = next((unit for unit in units[:1] if unit not in _NO_UNIT), "")
        unit = (match["sign"] or "").strip() or unit.removesuffix("s")
        found.setdefault(unit, set()).add(value)
    return found


def differ(one: str, other: str) -> bool:
    """Whether two answers name other quantities of the same unit.

    Ranges and lists that share a value do not differ: each may tell a part.
    """
    first, second = quantities(one), quantities(other)
    shared = first.keys() & second.keys()
    return bool(shared) and all(not first[unit] & second[unit] for unit in shared)


def disagreeing(quotes: Sequence[Quote], coverages: Sequence[float]) -> list[Quote]:
    """The quotes that answer the question with other quantities than the first one does, and the first; newest first.

    Only quotes of different articles are compared; where one article gives both numbers, it says itself how they go
    together. Empty when none disagree.

    Args:
        quotes: those of an answer, best first.
        coverages: for each quote the share of the question's content words in its sentence and title, 0 to 1.
    """
    if not quotes or quotes[0].answer is None or coverages[0] < _ENOUGH:
        return []
    first = quotes[0]
    others = [
        quote
        for quote, coverage in zip(quotes[1:], coverages[1:], strict=True)
        if coverage >= _ENOUGH
        and quote.answer is not None
        and quote.article.id != first.article.id
        and differ(first.answer or "", quote.answer)
    ]
    if not others:
        return []
    return sorted([first, *others], key=lambda quote: quote.article.published or date.min, reverse=True)
