"""What people read in the browser, in every language of the page; one module holds the words of one language.

The browser says in each request which language its user reads (``Accept-Language``); Gradio's own parts look at the
same first choice (``gr.I18n``), so that a page never speaks two languages. Who does not read one of ours gets English.

``speaking`` sets the language of what is made inside of it, ``say`` gives a text in it. What other programs read (the
API, exports, the terminal) is English and does not come from here; where the page shows such a line, ``told`` finds
the text that belongs to it.
"""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import date

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent

from .english import ENGLISH
from .french import FRENCH
from .german import GERMAN
from .spanish import SPANISH

DEFAULT = "en"
LANGUAGES: dict[str, dict[str, str]] = {DEFAULT: ENGLISH, "de": GERMAN, "es": SPANISH, "fr": FRENCH}
"""By the code of the language; the first part of what a browser names, such as ``de`` of ``de-AT``."""
_LINES = "line_"
"""What the keys begin with whose English text is a line of the program itself; see ``told``."""
_FIELD = re.compile(r"\{(\w+)\}")
_LONGEST_LINE = 2000
_present: ContextVar[str] = ContextVar("language", default=DEFAULT)


def language_of(accepted: str | None) -> str:
    """The language for who sends this header ``Accept-Language``: its first one, if the page has it."""
    first = re.match(r"\s*([a-zA-Z]{2,3})(?![a-zA-Z])", accepted or "")
    code = first[1].lower() if first else DEFAULT
    return code if code in LANGUAGES else DEFAULT


@contextlib.contextmanager
def speaking(language: str) -> Iterator[None]:
    """Everything that is said inside is in this language."""
    token = _present.set(language)
    try:
        yield
    finally:
        _present.reset(token)


def language() -> str:
    """The language that is spoken now."""
    return _present.get()


def say(key: str, **fields: object) -> str:
    """A text of the page, with its fields filled in; not escaped. Whole numbers are written as the language does."""
    text = LANGUAGES[_present.get()][key]
    if not fields:
        return text
    return text.format(**{name: number(value) if type(value) is int else value for name, value in fields.items()})


def counted(key: str, count: int, **fields: object) -> str:
    """A text that holds a number, in the form that the language has for that number."""
    form = _locale(_present.get()).plural_form(count)
    words = LANGUAGES[_present.get()]
    return say(f"{key}.{form}" if f"{key}.{form}" in words else f"{key}.other", count=count, **fields)


def told(line: str) -> str:
    """A line of the program itself, in the language of the page if it is a line that people meet often."""
    if _present.get() == DEFAULT or len(line) > _LONGEST_LINE:
        return line
    for key, pattern in _lines():
        if (found := pattern.fullmatch(line)) is not None:
            return say(key, **{name: _as_number(value) for name, value in found.groupdict().items()})
    return line


def _as_number(text: str) -> int | str:
    """A number as the program writes it, such as ``12,000``."""
    return int(text.replace(",", "")) if re.fullmatch(r"\d{1,3}(,\d{3})*", text) else text


def number(value: int) -> str:
    """A whole number."""
    return format_decimal(value, locale=_locale(_present.get()))


def percent(share: float) -> str:
    """A share from 0 to 1 in per cent."""
    return format_percent(share, "#,##0%" if _present.get() == DEFAULT else None, locale=_locale(_present.get()))


def day(value: date) -> str:
    """A day, such as ``3 May 2026``."""
    return format_date(value, "long", locale=_locale(_present.get()))


@functools.cache
def _locale(code: str) -> Locale:
    # The day stands before the month, as nearly everywhere.
    return Locale.parse("en_GB" if code == DEFAULT else code)


@functools.cache
def _lines() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The lines of the program, with what stands in their fields."""
    found = []
    for key, text in ENGLISH.items():
        if key.startswith(_LINES):
            pieces = _FIELD.split(text)
            patterns = [f"(?P<{part}>.+?)" if place % 2 else re.escape(part) for place, part in enumerate(pieces)]
            found.append((key, re.compile("".join(patterns), re.DOTALL)))
    return tuple(found)
