"""Makes text safe for a terminal, and finds the words of a quote that are worth marking."""

from __future__ import annotations

import re
import unicodedata

Span = tuple[int, int]
"""A half-open range of characters."""

_ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""Characters that drive a terminal, turn the direction of what follows, or cannot be written out."""
_WORD = re.compile(r"[^\W_]+(?:[’'][^\W_]+)*")
_EMPTY_WORDS = frozenset(
    "about according after also been before being both could does doing done during each even ever from give have "
    "having here into just like many more most much only other over said same says should some such than that their "
    "them then there these they this those through under until very were what when where which while whom whose will "
    "with would your".split()
)
_ENDINGS = ("ingly", "edly", "ing", "ies", "ed", "es", "ly", "s", "e")


def plain(text: str) -> str:
    """Text for around a quote (a title, a name, a path): one line, without characters that act on the terminal."""
    return _ACTING.sub("", " ".join(text.split()))


def visible(text: str) -> str:
    """Text of a quote: nothing is left out; a character that would act on the terminal is written as its number."""
    return _ACTING.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def question_words(text: str, question: str) -> list[Span]:
    """Where a text holds the question's words, whatever their ending; spans in the text's characters, in order."""
    asked = [match[0] for match in _WORD.finditer(question)]
    stems = {_stem(word) for position, word in enumerate(asked) if _says_something(word, first=position == 0)}
    return [match.span() for match in _WORD.finditer(text) if _stem(match[0]) in stems]


def _says_something(word: str, *, first: bool) -> bool:
    """Whether a question's word is about its subject; short ones are when they are names or figures."""
    if len(word) >= 4:
        return word.casefold() not in _EMPTY_WORDS
    return any(character.isdigit() for character in word) or (word != word.lower() and not first)


def _stem(word: str) -> str:
    """A word without accents and its usual English ending; crude, and the same for question and quote."""
    folded = unicodedata.normalize("NFKD", word.casefold().replace("’", "'").removesuffix("'s"))
    stem = "".join(character for character in folded if not unicodedata.combining(character))
    for ending in _ENDINGS:
        if stem.endswith(ending) and len(stem) - len(ending) >= 3:
            stem = stem.removesuffix(ending) + ("i" if ending == "ies" else "")
            break
    if stem.endswith("y") and len(stem) > 3:
        stem = stem[:-1] + "i"
    if len(stem) > 3 and stem[-1] == stem[-2]:
        stem = stem[:-1]
    return stem
