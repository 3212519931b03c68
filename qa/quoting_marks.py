"""Tells what of a sentence stands inside quotation marks and what outside, whatever marks a text uses."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DOUBLE = re.compile('["“”„«»]')
_SINGLE = re.compile(r"(?<!\w)[‘'](?=\w)(?:(?![‘\"“”„«»]|(?<=\s)'(?=\w)).){1,400}?[.,!?…][’'](?!\w)", re.DOTALL)
"""In single marks only what is closed after a stop or a comma counts; every other one may be an apostrophe."""


@dataclass(frozen=True, slots=True)
class Speech:
    """A sentence without what it quotes.

    Attributes:
        outside: its text outside quotation marks; each quotation is one space.
        inside: how many letters and digits stand inside.
        begins_inside, ends_inside: whether a quotation reaches over its beginning or its end.
    """

    outside: str
    inside: int
    begins_inside: bool
    ends_inside: bool

    @property
    def only_quoted(self) -> bool:
        """Whether nothing of the sentence is told by the writer."""
        return self.inside > 0 and not any(character.isalnum() for character in self.outside)


def speech(sentence: str, *, within: bool = False) -> Speech:
    """Reads the quotation marks of a sentence.

    Args:
        sentence: the text.
        within: whether a quotation that was opened before it is still open.
    """
    marks = [(match.start(), _opens(sentence, match.start())) for match in _DOUBLE.finditer(sentence)]
    begins = within or bool(marks and not marks[0][1])
    pieces: list[str] = []
    inside = 0
    quoted, done = begins, 0
    for position, opens in [*marks, (len(sentence), None)]:
        piece = sentence[done:position]
        if quoted:
            inside += _letters(piece)
            pieces.append(" ")
        else:
            told = _SINGLE.sub(" ", piece)
            inside += _letters(piece) - _letters(told)
            pieces.append(told)
        quoted = quoted if opens is None else opens
        done = position + 1
    return Speech("".join(pieces), inside, begins, quoted)


def open_at(text: str, start: int, end: int) -> bool:
    """Whether a quotation that begins in a stretch of text is still open at its end."""
    last = None
    for match in _DOUBLE.finditer(text, start, end):
        last = match.start()
    return last is not None and _opens(text, last)


def _opens(text: str, position: int) -> bool:
    mark = text[position]
    if mark != '"':
        return mark in "“„«"
    before, after = text[position - 1 : position], text[position + 1 : position + 2]
    return bool(after) and not after.isspace() and (not before or before.isspace() or before in "([—–-‘'")


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))
