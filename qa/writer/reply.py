"""Reads what the writer sends, piece by piece, and gives each sentence out once it is whole."""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.paragraphs import sentence_spans

Sentence = tuple[str, tuple[int, ...]]
"""A sentence without its numbers in brackets, and these."""

LONGEST = 4_000
"""Characters that are taken; what comes after them is not read."""
_LINE = 2_000
_NUMBERS = r"\[\s*\d{1,4}(?:\s*[,;–-]\s*\d{1,4})*\s*\]"
_MARKER = re.compile(rf"\s*({_NUMBERS})")
_END = re.compile(rf"(?:{_NUMBERS}\s*)+[.!?…]?[\"”’»)]*(?=\s+[^\s\[,;:a-zà-öø-ÿ])")
_BULLET = re.compile(r"^\s*(?:[-*•#>]+|\d{1,2}[.)])\s+")
_STYLE = re.compile(r"\*\*|__|`")
_RANGE = re.compile(r"(\d+)(?:\s*[–-]\s*(\d+))?")
_WIDEST = 20
_THINKING, _THOUGHT = "<think>", "</think>"


class ReplyReader:
    """Cuts a stream of text into sentences; holds one reply and is used once.

    Attributes:
        full: whether more came than is taken.
    """

    def __init__(self) -> None:
        self.full = False
        self._buffer = ""
        self._taken = 0
        self._state = "beginning"

    def feed(self, piece: str) -> Iterator[Sentence]:
        """The sentences that a further piece of text has made whole."""
        self._buffer += piece
        self._leave_out_thoughts()
        if self._state != "reading" or self.full:
            return
        while (end := self._next_end()) is not None:
            unit, self._buffer = self._buffer[:end], self._buffer[end:]
            self._taken += len(unit)
            if self._taken > LONGEST:
                break
            yield from sentences(unit)
        if self._taken + len(self._buffer) > LONGEST:
            self.full = True
            self._buffer = ""

    def finish(self) -> Iterator[Sentence]:
        """What is left at the end of the reply, as the last sentences."""
        if self._state == "reading":
            yield from sentences(self._buffer)
        self._buffer = ""

    def _next_end(self) -> int | None:
        line = self._buffer.find("\n")
        stop = _END.search(self._buffer[:_LINE] if line < 0 else self._buffer[:line])
        if stop is not None:
            return stop.end()
        return line + 1 if line >= 0 else None

    def _leave_out_thoughts(self) -> None:
        """Drops what a model that thinks aloud writes between marks before its answer."""
        if self._state == "beginning":
            self._buffer = self._buffer.lstrip()
            if self._buffer.startswith(_THINKING):
                self._state = "thinking"
            elif not _THINKING.startswith(self._buffer):
                self._state = "reading"
        if self._state == "thinking":
            _, mark, after = self._buffer.partition(_THOUGHT)
            self._buffer = after if mark else self._buffer[-len(_THOUGHT) :]
            self._state = "reading" if mark else "thinking"


def sentences(text: str) -> Iterator[Sentence]:
    """The sentences of a stretch of text, each with the numbers that stand in it or directly after it."""
    plain = _STYLE.sub("", _BULLET.sub("", text))
    bare, marks = "", []
    done = 0
    for match in _MARKER.finditer(plain):
        bare += plain[done : match.start()]
        marks.append((len(bare.rstrip()), numbers_in(match[1])))
        done = match.end()
    bare += plain[done:]
    if not any(map(str.isalnum, bare)):
        return
    for start, end in sentence_spans(bare, (0, len(bare)), _LINE):
        # A number before the stop stands inside the sentence, one after it at its end.
        named = [number for place, numbers in marks if start < place <= end for number in numbers]
        yield re.sub(r"\s+([.!?…])$", r"\1", " ".join(bare[start:end].split())), tuple(dict.fromkeys(named))


def numbers_in(marker: str) -> list[int]:
    """The numbers in one pair of brackets; "1-3" means all three."""
    found: list[int] = []
    for first, last in _RANGE.findall(marker):
        start, end = int(first), int(last or first)
        found += range(start, end + 1) if start <= end < start + _WIDEST else [start, end]
    return found
