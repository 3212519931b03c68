"""The dates of a text as values: "14 March 2024", "March 14, 2024" and "2024-03-14" are one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_MONTHS = (
    "january february march april may june july august september october november december".split(),
    "jan feb mar apr may jun jul aug sep oct nov dec".split(),
)
_NUMBER_OF = {name: number for names in _MONTHS for number, name in enumerate(names, 1)} | {"sept": 9}
_MONTH = (
    r"(?P<month>January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)(?![^\W_])"
)
_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>1\d{3}|20\d\d)(?![\w]|[.,]\d)"
_FORMS = tuple(
    re.compile(form)
    for form in (
        r"(?<![\w.-])(?P<year>1\d{3}|20\d\d)-(?P<number>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12]\d|3[01])(?![\w-])",
        r"(?<![\w.])(?P<day>0?[1-9]|[12]\d|3[01])\.(?P<number>0?[1-9]|1[0-2])\.(?P<year>1\d{3}|20\d\d)(?!\w)",
        rf"(?<![\w.,]){_DAY}\s+(?:of\s+)?{_MONTH}(?:,?\s+{_YEAR})?",
        rf"\b{_MONTH}\s+(?:the\s+)?{_DAY}(?![\w:%]|[.,]\d)(?:,?\s+{_YEAR})?",
        rf"\b{_MONTH},?\s+(?:of\s+)?{_YEAR}",
        rf"\b(?:in|since|until|till|by|last|next|of|from|to|late|early|through|during|this|before|after)\s+{_MONTH}",
        r"\b(?P<month>January|February|April|June|July|August|September|October|November|December)\b",
    )
)


@dataclass(frozen=True, slots=True)
class Date:
    """A date, or as much of it as a text says.

    Attributes:
        year, month, day: None where the text does not say.
        text: as it stands in the text.
    """

    year: int | None
    month: int
    day: int | None
    text: str

    def is_among(self, others: list[Date]) -> bool:
        """Whether one of several dates says at least this much, and the same."""
        return any(
            self.month == other.month
            and (self.day is None or self.day == other.day)
            and (self.year is None or self.year == other.year)
            for other in others
        )


def without_dates(text: str) -> tuple[list[Date], str]:
    """The dates of a text, and the text with a space in the place of each."""
    found: list[Date] = []
    for form in _FORMS:
        for date, start, end in list(_dates(form, text)):
            found.append(date)
            text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
    return found, text


def _dates(form: re.Pattern[str], text: str) -> Iterator[tuple[Date, int, int]]:
    for match in form.finditer(text):
        parts = match.groupdict()
        month = parts.get("number") or _NUMBER_OF[parts["month"].rstrip(".").casefold()]
        year, day = parts.get("year"), parts.get("day")
        yield Date(int(year) if year else None, int(month), int(day) if day else None, match[0]), *match.span()
