"""The earlier turns of a conversation as follow-ups see them, and where the present subject begins."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.views import WordSearch
from index.words import FUNCTION_WORDS

from ..answer import Turn

REMEMBERED = 12
"""Turns that are looked at: the first of the subject and the last ones."""
_SHOWN_QUOTES = 3
_SHOWN_CHARACTERS = 1_200
_WORD = re.compile(r"[^\W_]+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_PARENTHESIS = re.compile(r"\s*\(about: [^()]*\)\s*$")


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier turn as text.

    Attributes:
        asked: the question as it was asked.
        searched: the standalone question, without the "(about: ...)" at its end.
        about: what stood there.
        shown: the text of the quotes; empty when nothing was found.
        answer: the words within the first quote that answered, or None.
        alone: whether the question was searched as it was asked.
    """

    asked: str
    searched: str
    about: str
    shown: str
    answer: str | None
    alone: bool


def earlier_turns(history: Sequence[Turn]) -> list[Earlier]:
    """The turns as text, oldest first."""
    found = []
    for turn in history:
        question = turn.answer.question
        searched = _PARENTHESIS.sub("", question)
        about = question[len(searched) :].strip().removeprefix("(about: ").removesuffix(")")
        quotes = turn.answer.quotes[:_SHOWN_QUOTES] if turn.answer.answered else ()
        shown = " ".join(f"{quote.context or ''} {quote.text}".strip() for quote in quotes)[:_SHOWN_CHARACTERS]
        answer = quotes[0].answer if quotes else None
        found.append(Earlier(turn.question, searched, about, shown, answer, question == turn.question))
    return found


@dataclass(frozen=True, slots=True)
class Seen:
    """How a term occurs in one text.

    Attributes:
        count: how often.
        capitals: how often with a capital that is not a sentence's first letter.
        sentences: the numbers of the sentences that hold it.
        word: the term as it is written there first.
    """

    count: int
    capitals: int
    sentences: frozenset[int]
    word: str


class Terms:
    """The index terms of texts: stemmed, without function words, each with its rarity in the articles."""

    def __init__(self, words: WordSearch) -> None:
        self._words = words
        self.term = functools.cache(self._term)
        self.rarity = functools.cache(self._rarity)
        self.seen = functools.cache(self._seen)

    def _term(self, word: str) -> str:
        """The term of a word; empty for a function word."""
        if word.lower() in FUNCTION_WORDS:
            return ""
        return next(iter(self._words.terms(_whole(word))), "")

    def _rarity(self, term: str) -> float:
        """How rare a term is: 10 when one passage holds it, however many passages there are, and 0 when all do."""
        total = self._words.documents
        rarest = math.log(1 + (total - 0.5) / 1.5) if total > 1 else 1.0
        return 10 * min(1.0, self._words.rarity(term) / rarest)

    def found(self, text: str) -> float:
        """How much of a text the best passage holds: its BM25 as a share of the rarity of all terms, 0 to 1."""
        terms = list(self.seen(text))
        _, scores = self._words.search(terms, 1, title_weight=0.0)
        return min(1.0, float(scores[0]) / (2 * self._words.weight(terms))) if len(scores) else 0.0

    def _seen(self, text: str) -> dict[str, Seen]:
        """How each term occurs in a text, in the order of first occurrence."""
        found: dict[str, list[tuple[bool, int, str]]] = {}
        for number, sentence in enumerate(_SENTENCE.split(_whole(text))):
            words = _WORD.findall(sentence)
            terms = self._words.terms(sentence)  # all at once, which is quicker, where the words are the same
            if len(terms) != len(words):
                terms = [self.term(word) for word in words]
            for position, (word, term) in enumerate(zip(words, terms, strict=True)):
                if term and word.lower() not in FUNCTION_WORDS:
                    found.setdefault(term, []).append((position > 0 and word[0].isupper(), number, word))
        return {
            term: Seen(len(some), sum(one[0] for one in some), frozenset(one[1] for one in some), some[0][2])
            for term, some in found.items()
        }


def _whole(text: str) -> str:
    """The text with a question mark for each half of a surrogate pair, which is no character."""
    return text.encode("utf-8", "replace").decode("utf-8")


def of_this_subject(turns: Sequence[Earlier], terms: Terms) -> list[Earlier]:
    """The turns since the subject changed last: a question that stood alone and shares no term with what was before.

    Of a long conversation the first turn of the subject is kept, which says what it is about, and the last ones.
    """
    begins, before = 0, set[str]()
    for number, turn in enumerate(turns):
        own = set(terms.seen(turn.asked))
        if turn.alone and number and own and not own & before:
            begins, before = number, set()
        before |= own | set(terms.seen(turn.shown))
    kept = list(turns[begins:])
    return kept if len(kept) <= REMEMBERED else [kept[0], *kept[1 - REMEMBERED :]]
