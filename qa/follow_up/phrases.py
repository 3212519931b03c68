"""Noun phrases of a question, found by its small words: what a pronoun can mean and what "and ...?" can replace."""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.words import FUNCTION_WORDS

_TOKEN = re.compile(r"[^\W_]+(?:[-’'.][^\W_]+)*")
_DETERMINERS = frozenset("the a an this that these those his her its their my your our all both some any".split())
_ARTICLES = frozenset("the a an his her its their my your our".split())
_PREPOSITIONS = frozenset(
    "of in on at by for from to with about between against after before during since until over under into through "
    "than or and as".split()
)
_AUXILIARIES = frozenset("did does do has have had can could will would should may might must".split())
_BE = frozenset("is are was were be".split())
_WH = frozenset("who whom what which".split())
_SUBJECTS = frozenset("who he she it they i you we to not".split())
"""A run of words after one of them begins with a verb."""
_TITLE_JOINS = frozenset("of the de la del von van der al bin".split())


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase.

    Attributes:
        text: as it is written, with its determiner.
        start, end: its characters in the question.
        name: whether it is written with capitals.
        certain: whether it is surely a whole noun phrase, so that it may stand for another one.
        preposition: the word before it when it is a preposition, else empty.
    """

    text: str
    start: int
    end: int
    name: bool
    certain: bool
    preposition: str = ""

    @property
    def head(self) -> str:
        """Its last word, in lower case."""
        return self.text.split()[-1].lower()

    @property
    def definite(self) -> bool:
        """Whether its determiner points at something known."""
        return self.text.split()[0].lower() in {"the", "this", "that", "these", "those", "his", "her", "its", "their"}

    @property
    def plural(self) -> bool:
        """Whether it seems to mean several."""
        return self.head.endswith("s") and not self.head.endswith(("ss", "us", "is")) and not self.name


def phrases(question: str) -> list[Phrase]:
    """The noun phrases of a question, in order."""
    tokens = list(_TOKEN.finditer(question))
    words = [token.group().lower() for token in tokens]
    found, position = [], 0
    while position < len(tokens):
        if words[position] in FUNCTION_WORDS or words[position] in _DETERMINERS:
            position += 1
            continue
        end = _end_of_run(question, tokens, words, position)
        if not (position and words[position - 1] in _SUBJECTS and not _capital(tokens[position])):
            found.append(_phrase(question, tokens, words, position, end))
        position = end
    return found


def _end_of_run(question: str, tokens: list[re.Match[str]], words: list[str], first: int) -> int:
    """Where the run of words that begins at ``first`` ends; a name takes "of" and the like with it."""
    name = _capital(tokens[first])
    end = first + 1
    while end < len(tokens) and not question[tokens[end - 1].end() : tokens[end].start()].strip(" "):
        if words[end] in FUNCTION_WORDS or (name and not _capital(tokens[end])):
            joins = name and words[end] in _TITLE_JOINS and end + 1 < len(tokens) and _capital(tokens[end + 1])
            if not (joins and words[end] != "the") or _gap(question, tokens, end):
                break
        elif not name and _capital(tokens[end]):
            break
        end += 1
    return end


def _gap(question: str, tokens: list[re.Match[str]], position: int) -> bool:
    return bool(question[tokens[position].end() : tokens[position + 1].start()].strip(" "))


def _phrase(question: str, tokens: list[re.Match[str]], words: list[str], first: int, end: int) -> Phrase:
    name = _capital(tokens[first]) and (first > 0 or end - first > 1 or tokens[first].group().isupper())
    before = words[first - 1] if first else ""
    start = first - 1 if before in _DETERMINERS else first
    lead = words[start - 1] if start else ""
    last = end == len(tokens)
    certain = name or _is_noun(words, start, first, end, last)
    return Phrase(
        question[tokens[start].start() : tokens[end - 1].end()],
        tokens[start].start(),
        tokens[end - 1].end(),
        name,
        certain,
        lead if lead in _PREPOSITIONS else "",
    )


def _is_noun(words: list[str], start: int, first: int, end: int, last: bool) -> bool:
    """Whether a run of small letters is a noun phrase and no verb is in it, as far as its neighbours tell."""
    lead = words[start - 1] if start else ""
    determined = start < first
    if lead in _PREPOSITIONS:
        return lead not in {"to", "as", "than"} or determined
    if lead in _BE and start >= 2 and words[start - 2] in _WH:
        return True  # "What is throat cancer": all that follows is the noun
    if lead in _AUXILIARIES | _BE:
        # "did the bridge open", "is the hut empty": where the noun ends cannot be told, unless it is one word.
        return not last and end - first == 1
    return determined and words[start] in _ARTICLES


def _capital(token: re.Match[str]) -> bool:
    return token.group()[0].isupper()
