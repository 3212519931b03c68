"""Reads a question: its words, ``"exact phrases"`` that a passage must hold, and ``-exclusions`` that it must not."""

from __future__ import annotations

import re
from dataclasses import dataclass

from index import QuestionError

LONGEST = 10_000
"""Characters in a question."""

_PHRASE = r'["“”„«]([^"“”„«»\n]{1,500})["“”»]'
_OPERATOR = re.compile(rf"(?:(?<=\s)|^)-(?:{_PHRASE}|([^\W\d_][\w'’-]*))|{_PHRASE}")


@dataclass(frozen=True, slots=True)
class Query:
    """A question that has been read.

    Attributes:
        text: what is searched: the question without exclusions and quotation marks.
        phrases: each must stand in the passage as it is, whatever the case and the white space.
        exclusions: none of these words or phrases may stand in it.
        weights: what each index term counts in the search by words, when not each word of the text counts the same:
            a follow-up's own words count more than those of the questions before.
    """

    text: str
    phrases: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()
    weights: tuple[tuple[str, float], ...] = ()


def read_query(question: str) -> Query:
    """Reads a question. Any text is a question: what makes no sense as an operator is a word.

    Raises:
        QuestionError: it is empty or longer than ``LONGEST``.
    """
    if not isinstance(question, str):
        raise QuestionError(f"a question is text, not {type(question).__name__}")
    if len(question) > LONGEST:
        raise QuestionError(f"the question has {len(question):,} characters; the limit is {LONGEST:,}")
    if not question.strip() or not any(character.isprintable() for character in question.strip()):
        raise QuestionError('the question is empty; ask something, such as "Who signed the agreement?"')
    # Half of a surrogate pair, as JSON can hold it, is no character and cannot be searched.
    question = question.encode("utf-8", "replace").decode("utf-8")
    phrases: list[str] = []
    exclusions: list[str] = []

    def take(match: re.Match[str]) -> str:
        excluded_phrase, excluded_word, phrase = match.groups()
        if phrase is None:
            exclusions.append(excluded_phrase or excluded_word)
            return " "
        if any(character.isalnum() for character in phrase):
            phrases.append(" ".join(phrase.split()))
        return f" {phrase} "

    text = " ".join(_OPERATOR.sub(take, question).split())
    if not any(character.isalnum() for character in text):
        # Nothing is left to look for: then these were no operators.
        return Query(" ".join(question.split()))
    return Query(text, tuple(phrases), tuple(exclusions))


def holds(text: str, phrase: str) -> bool:
    """Whether a text holds a phrase as whole words, whatever the case, white space and shape of quotation marks."""
    words = [re.escape(word) for word in _plain(phrase).split()]
    if not words:
        return False
    pattern = r"(?<!\w)" + r"\s+".join(words) + r"(?!\w)"
    return re.search(pattern, _plain(text)) is not None


def _plain(text: str) -> str:
    return text.casefold().translate(_QUOTES)


_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "„": '"'})
