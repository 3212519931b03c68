"""Lines of text out of a stream of bytes in any encoding, without ever holding more than one."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ..reading import decode

_CHUNK = 65_536
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file.

    Attributes:
        number: from 1.
        text: with its newline, or None when it is longer than allowed.
    """

    number: int
    text: str | None


def lines(source: str, stream: BinaryIO, longest: int) -> Iterator[Line]:
    """The lines of a text, each of at most ``longest`` characters; a longer one is passed over without being kept.

    Raises:
        SourceError: it is not text.
    """
    first = stream.read(_CHUNK)
    decoder = codecs.getincrementaldecoder(_encoding(source, first))("replace")
    waiting: list[str] = []  # the pieces of a line that has not ended, joined only once
    length = number = 0
    data = first
    while True:
        *whole, rest = decoder.decode(data, final=not data).split("\n")
        for text in whole:
            number += 1
            length += len(text)
            yield Line(number, None if length > longest else "".join([*waiting, text, "\n"]))
            waiting, length = [], 0
        length += len(rest)
        if length > longest:
            waiting = []
        elif rest:
            waiting.append(rest)
        if not data:
            break
        data = stream.read(_CHUNK)
    if length:
        yield Line(number + 1, None if length > longest else "".join(waiting))


def _encoding(source: str, first: bytes) -> str:
    """That of the marks at the beginning; UTF-8 where that fits, and else what European tables usually are in."""
    for mark, encoding in _MARKS:
        if first.startswith(mark):
            return encoding
    half = max(1, len(first) // 2)
    for encoding, zeros in (("utf-16-le", first[1::2].count(0)), ("utf-16-be", first[0::2].count(0))):
        if zeros > 0.7 * half:
            return encoding
    decode(source, first)  # refuses what is no text
    # The last character may be cut off where the chunk ends.
    try:
        codecs.getincrementaldecoder("utf-8")().decode(first)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"
