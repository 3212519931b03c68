"""What kind of answer a question wants (a person, a time, a number, a place), and whether a sentence holds one."""

from __future__ import annotations

import re

_NUMBER_WORDS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fifteen|twenty|thirty|forty|fifty|hundred|"
    "thousand|million|billion|dozen|half|third|quarter|twice|once|couple|several"
)
_MONTHS = (
    "january|february|march|april|june|july|august|september|october|november|december|monday|tuesday|wednesday|"
    "thursday|friday|saturday|sunday|spring|summer|autumn|winter|yesterday|today|tomorrow|tonight|century|decade|"
    "week|month|year|morning|evening|night|noon|midnight"
)
_WANTED = {
    "person": re.compile(r"\b(?:who|whom|whose|which (?:person|man|woman|minister|president|company|team))\b", re.I),
    "time": re.compile(r"\b(?:when|(?:what|which) (?:year|date|day|month|century|decade|time)|how long ago)\b", re.I),
    "number": re.compile(
        r"\b(?:how (?:many|much|long|far|tall|high|old|large|big|deep|fast|often|wide|heavy)|"
        r"what (?:percentage|percent|number|amount|proportion|share|price|cost|population))\b",
        re.I,
    ),
    "place": re.compile(r"\b(?:where|(?:what|which) (?:city|country|town|state|place|region|continent|river))\b", re.I),
}
_HELD = {
    "person": re.compile(r"(?<=[\w,;:] )[A-ZÀ-Þ][\w’'-]+|^[“\"'(]?[A-ZÀ-Þ][\w’'-]+ [A-ZÀ-Þ]"),
    "time": re.compile(rf"\b(?:\d{{1,4}}(?:s|st|nd|rd|th)?|{_MONTHS}|{_NUMBER_WORDS})\b", re.I),
    "number": re.compile(rf"\d|\b(?:{_NUMBER_WORDS})\b|%", re.I),
    "place": re.compile(r"\b(?:in|at|from|to|near|of|on|through|across|outside)\b (?:the )?[A-ZÀ-Þ]"),
}


def kinds_wanted(question: str) -> list[str]:
    """What a question asks for: "person", "time", "number", "place", or none of them."""
    return [kind for kind, pattern in _WANTED.items() if pattern.search(question)]


def holds_kind(question: str, sentence: str) -> float:
    """1 when a sentence holds the kind of thing that the question asks for, 0 when not, 0.5 when it asks for none."""
    kinds = kinds_wanted(question)
    if not kinds:
        return 0.5
    return float(any(_HELD[kind].search(sentence) for kind in kinds))
