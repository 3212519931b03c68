"""Folds a text so that what may differ between a quotation and its source is the same, and nothing else is.

A text becomes a row of tokens, each with its characters in the text: words, numbers and punctuation marks. White space
only parts them; invisible characters, the shape of quotation marks, apostrophes, dashes and ellipses, composed and
decomposed letters, and ligatures are levelled. Letters, digits and their case stay as they are: a superscript two is
no two.

Quotation marks are kept apart from the tokens: they stand on either side of a comma, and once more at the beginning
of each paragraph, by a house's style.
"""

from __future__ import annotations

import bisect
import functools
import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff"
"""Soft hyphens, zero-width and direction marks, variation selectors."""
_DASHES = "\\-\u2010-\u2015\u2212\ufe58\ufe63\uff0d"
_APOSTROPHES = "'’‘ʼ＇"
_MARKS = "“”„‟«»\"〝〞＂'’‘‚‛‹›´`ʼ＇「」『』"
_UNSPACED = (
    "\u0e00-\u0e7f\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
)
"""Letters of scripts that put no spaces between words: each one is a token."""
_LEVELLED = frozenset({"<wide>", "<narrow>", "<noBreak>", "<compat>", "<font>"})
"""Compatibility forms that mean the same character; superscripts, fractions and circled digits do not."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A quotation mark: how many word tokens stand before it, and whether it opens a line."""

    gap: int
    start: int
    end: int
    opens_line: bool


class FoldedText:
    """A text as tokens.

    Attributes:
        text: the text.
        keys: the folded tokens.
        starts, ends: the characters of each token in the text.
        marks: the quotation marks, which are among no tokens.
    """

    __slots__ = ("_joined", "_offsets", "ends", "keys", "marks", "starts", "text", "words_before")

    def __init__(self, text: str) -> None:
        self.text = text
        self.keys: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.words_before: list[int] = []
        self.marks: list[Mark] = []
        self._read()
        self._joined = "\n" + "\n".join(self.keys) + "\n"
        self._offsets = list(itertools.accumulate((len(key) + 1 for key in self.keys), initial=0))

    def __len__(self) -> int:
        return len(self.keys)

    def find(self, keys: Sequence[str], first: int = 0) -> Iterator[int]:
        """The positions of tokens from which a row of keys stands, from a position on."""
        if not keys:
            return
        wanted = "\n" + "\n".join(keys) + "\n"
        place = self._joined.find(wanted, self._offsets[min(first, len(self.keys))])
        while place >= 0:
            yield bisect.bisect_left(self._offsets, place)
            place = self._joined.find(wanted, place + 1)

    def keys_within(self, start: int, end: int) -> list[str]:
        """The keys of the tokens that stand in a stretch of characters."""
        return self.keys[bisect.bisect_left(self.starts, start) : bisect.bisect_right(self.ends, end)]

    def inner_marks(self, first: int, last: int) -> dict[int, Mark]:
        """The quotation marks between the words of a row of tokens, by how many of its words stand before."""
        if first >= last:
            return {}
        before, words = self.words_before[first], self.words_before[last - 1] + 1
        low = bisect.bisect_right(self.marks, before, key=lambda mark: mark.gap)
        found: dict[int, Mark] = {}
        for mark in itertools.islice(self.marks, low, None):
            if mark.gap >= words:
                break
            found.setdefault(mark.gap - before, mark)
        return found

    def _read(self) -> None:
        text, words = self.text, 0
        for match in _pattern().finditer(text):
            raw, start = match[0], match.start()
            if raw[0].isalnum() and raw.isascii():
                self._add(raw, start, start + len(raw), words)
                words += 1
                continue
            kind = match.lastgroup
            if kind == "mark":
                line = text.rfind("\n", max(0, start - 40), start)
                opens_line = line >= 0 and not text[line:start].strip()
                self.marks.append(Mark(words, start, start + len(raw), opens_line))
            elif kind == "word":
                for piece, first, last in _words(raw, start):
                    self._add(piece, first, last, words)
                    words += 1
            else:
                key = "…" if kind == "ellipsis" else "-" if kind == "dash" else _levelled(raw)
                self._add(key, start, start + len(raw), words)

    def _add(self, key: str, start: int, end: int, words: int) -> None:
        self.keys.append(key)
        self.starts.append(start)
        self.ends.append(end)
        self.words_before.append(words)


def fold(text: str) -> FoldedText:
    """A text as tokens."""
    return FoldedText(text)


def _words(raw: str, start: int) -> Iterator[tuple[str, int, int]]:
    """The keys of what stands together as a word, each with its characters without invisible ones around it."""
    if raw.isascii():
        yield raw, start, start + len(raw)
        return
    for match in _unspaced().finditer(raw):
        inner = match[0].lstrip(_invisible_characters())
        first = start + match.end() - len(inner)
        inner = inner.rstrip(_invisible_characters())
        if inner:
            yield _word_key(inner), first, first + len(inner)


@functools.lru_cache(maxsize=20_000)
def _word_key(word: str) -> str:
    visible = _invisible().sub("", word)
    return "".join(map(_levelled, unicodedata.normalize("NFC", visible)))


@functools.lru_cache(maxsize=4_000)
def _levelled(character: str) -> str:
    if character in _APOSTROPHES:
        return "'"
    tag = unicodedata.decomposition(character).partition(" ")[0] if len(character) == 1 else ""
    return unicodedata.normalize("NFKC", character) if tag in _LEVELLED else character


@functools.cache
def _invisible() -> re.Pattern[str]:
    return re.compile(f"[{_INVISIBLE}]+")


@functools.cache
def _invisible_characters() -> str:
    return "".join(character for character in map(chr, range(0x10000)) if _invisible().match(character))


@functools.cache
def _unspaced() -> re.Pattern[str]:
    return re.compile(f"[{_UNSPACED}][{_combining()}{_INVISIBLE}]*|[^{_UNSPACED}]+")


@functools.cache
def _pattern() -> re.Pattern[str]:
    """What a token is. No alternative can match the same characters in two ways, so the time is linear."""
    letter = f"[\\w{_combining()}{_INVISIBLE}]"
    inside = f"(?:[{_APOSTROPHES}](?=\\w)|(?<=\\d)[.,:](?=\\d))"
    return re.compile(
        f"(?P<word>{letter}+(?:{inside}{letter}+)*)"
        "|(?P<ellipsis>\\.(?:[ \u00a0\u202f]?\\.){2,}|…+)"
        f"|(?P<dash>[{_DASHES}]+)"
        f"|(?P<mark>``|''|[{_MARKS}])"
        "|(?P<point>\\S)"
    )


@functools.cache
def _combining() -> str:
    """The combining marks of the first plane, as ranges of a character class."""
    codes = [code for code in range(0x300, 0x10000) if unicodedata.category(chr(code)).startswith("M")]
    ranges: list[list[int]] = []
    for code in codes:
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"\\u{low:04x}-\\u{high:04x}" for low, high in ranges)
