"""One rule for all: whether the texts that a library returned hold the answer, at the place where it was marked.

Libraries cut articles differently and some change spaces or marks, so places are compared in *letters*: the letters and
digits of a text, without case. A returned text is right if it comes from the gold article and covers the whole of one
gold answer, at its own place in that article: the same words elsewhere do not count.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Found = tuple[str, str]
"""The file that a returned text comes from, by its name, and the text."""


@dataclass(frozen=True, slots=True)
class Gold:
    """Where a question is answered.

    Attributes:
        file: the name of the article's file.
        spans: the answers, any of which will do: first and last letter in the letters of the article, half open.
    """

    file: str
    spans: tuple[tuple[int, int], ...]


def letters(text: str) -> str:
    """The letters and digits of a text, composed and without case."""
    return "".join(one.casefold() for one in unicodedata.normalize("NFC", text) if one.isalnum())


def places(text: str, article: str) -> Iterator[int]:
    """Where a text starts in an article, every time that it occurs; both are letters."""
    start = article.find(text) if text else -1
    while start >= 0:
        yield start
        start = article.find(text, start + 1)


def letters_needed(found: Found, gold: Gold, articles: dict[str, str]) -> int | None:
    """How many of a returned text's letters have to be read to the end of a gold answer; None if it holds none.

    Args:
        found: what was returned.
        gold: where the question is answered.
        articles: the letters of every article, by the name of its file.
    """
    name, text = found
    if name != gold.file:
        return None
    own = letters(text)
    needed = [
        last - start
        for start in places(own, articles[name])
        for first, last in gold.spans
        if start <= first and last <= start + len(own)
    ]
    return min(needed, default=None)


def hit_at(found: Sequence[Found], gold: Gold, articles: dict[str, str], k: int) -> bool:
    """Whether one of the first ``k`` returned texts is right."""
    return any(letters_needed(one, gold, articles) is not None for one in found[:k])


def hit_within(found: Sequence[Found], gold: Gold, articles: dict[str, str], budget: int) -> bool:
    """Whether somebody who reads the returned texts in their order meets an answer within so many letters.

    Larger pieces hold more, and take longer to read: this counts both.
    """
    read = 0
    for one in found:
        needed = letters_needed(one, gold, articles)
        if needed is not None and read + needed <= budget:
            return True
        read += len(letters(one[1]))
    return False


def unplaced(found: Sequence[Found], articles: dict[str, str]) -> int:
    """How many of the returned texts are not in their article as they are, and so can never be right."""
    return sum(next(places(letters(text), articles[name]), None) is None for name, text in found)
