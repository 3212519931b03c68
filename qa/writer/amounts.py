"""The numbers of a text as values: "1,200", "1 200" and "twelve hundred" are one, and so are "two" and "2"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from .words import folded

_SCALES = {
    "hundred": 10**2,
    "thousand": 10**3,
    "k": 10**3,
    "million": 10**6,
    "mn": 10**6,
    "m": 10**6,
    "billion": 10**9,
    "bn": 10**9,
    "trillion": 10**12,
    "tn": 10**12,
    "dozen": 12,
}
_UNITS = {
    "%": "%",
    "percent": "%",
    "per cent": "%",
    "pct": "%",
    "$": "$",
    "usd": "$",
    "dollar": "$",
    "€": "€",
    "eur": "€",
    "euro": "€",
    "£": "£",
    "gbp": "£",
    "pound": "£",
    "¥": "¥",
    "yen": "¥",
    "st": "th",
    "nd": "th",
    "rd": "th",
    "th": "th",
}
_DIGITS = r"\d{1,3}(?:[,' ]\d{3})+(?!\d)(?:\.\d+)?|\d+(?:[.,]\d+)*"
_AMOUNT = re.compile(
    rf"(?P<sign>(?<![^\s(])[-−])?(?P<before>[$€£¥])?\s?(?<![\w.,])(?P<digits>{_DIGITS})"
    rf"(?:[\s-]?(?P<scale>hundred|thousand|million|billion|trillion|dozen|mn|bn|tn|m|k)s?(?![^\W_]))?"
    r"(?P<after>st(?!\w)|nd(?!\w)|rd(?!\w)|th(?!\w)"
    r"|[\s-]?(?:%|(?:percent|per cent|pct|usd|eur|gbp|dollar|euro|pound|yen)s?(?!\w)|[$€£¥]))?",
    re.IGNORECASE,
)
_NO_COUNT = re.compile(
    r"\b(?:no|any|every|some|each|the|this|that|which|another)[ -]one\b|\bone (?:of|another|day|by one)\b",
    re.IGNORECASE,
)
"""Where "one" counts nothing."""
_HALF = re.compile(r"\b(?:a )?half (?:a )?(?=hundred|thousand|million|billion|dozen)", re.IGNORECASE)
_A_DOZEN = re.compile(r"\ba (?=hundred|thousand|million|billion|trillion|dozen)", re.IGNORECASE)
_DECIMAL_AND_SCALE = re.compile(r"\b(\d+\.\d+) (1000(?:000){0,3})\b")
_NAMES = {4: "thousand", 7: "million", 10: "billion", 13: "trillion"}
_HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number.

    Attributes:
        values: what it may mean; more than one where it is not clear ("5m" may be metres or millions).
        unit: ``%``, a currency, ``th`` for an ordinal, or an empty string.
        text: as it stands in the text, with number words as digits.
    """

    values: frozenset[Fraction | str]
    unit: str
    text: str

    def is_among(self, others: list[Amount]) -> bool:
        """Whether one of several amounts has the same value and unit."""
        return any(self.values & other.values and self.unit == other.unit for other in others)


def amounts(text: str) -> list[Amount]:
    """The numbers of a text, in digits and in English words; not those that are part of a word, such as "A380"."""
    return [_amount(match) for match in _AMOUNT.finditer(_in_digits(folded(text)))]


def whole(number: int, unit: str = "") -> Amount:
    """A whole number as an amount."""
    return Amount(frozenset({Fraction(number)}), unit, str(number))


def _in_digits(text: str) -> str:
    from text_to_num import alpha2digit

    text = _HYPHEN.sub(" ", _NO_COUNT.sub(" ", text))
    text = _A_DOZEN.sub("one ", _HALF.sub("0.5 ", text.replace(" and a half", " point five")))
    # A digit before a scale ("1.2 million") stays as it is; the library would make two numbers of it.
    pieces = re.split(r"(\d[\d.,' ]*(?:hundred|thousand|million|billion|trillion)\b)", text, flags=re.IGNORECASE)
    read = "".join(
        piece if place % 2 else str(alpha2digit(piece, "en", threshold=-1)) for place, piece in enumerate(pieces)
    )
    # It also makes two of "three point five million".
    return _DECIMAL_AND_SCALE.sub(lambda match: f"{match[1]} {_NAMES[len(match[2])]}", read)


def _amount(match: re.Match[str]) -> Amount:
    value = _value(match["digits"])
    unit = _unit(match["before"] or match["after"] or "")
    if isinstance(value, str):
        return Amount(frozenset({value}), unit, match[0].strip())
    if match["sign"]:
        value = -value
    scale = (match["scale"] or "").lower()
    values = {value * _SCALES.get(scale, 1)}
    if scale == "m":
        values.add(value)
    return Amount(frozenset(values), unit, match[0].strip())


def _value(digits: str) -> Fraction | str:
    plain = digits.replace(" ", "").replace("'", "")
    if "," in plain and "." in plain:
        decimal = max("., ", key=plain.rfind)
        plain = plain.replace("," if decimal == "." else ".", "").replace(decimal, ".")
    elif "," in plain:
        groups = plain.split(",")
        if all(len(group) == 3 for group in groups[1:]):
            plain = "".join(groups)
        elif len(groups) == 2:
            plain = ".".join(groups)
    elif plain.count(".") > 1 and all(len(group) == 3 for group in plain.split(".")[1:]):
        plain = plain.replace(".", "")
    try:
        return Fraction(plain)
    except ValueError:  # a version, a score, a number with very many digits: compared as it is written
        return digits


def _unit(written: str) -> str:
    plain = written.strip(" -").lower()
    return _UNITS.get(plain) or _UNITS.get(plain.removesuffix("s"), "")
