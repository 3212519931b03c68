"""Names in a written sentence that its quotes do not hold."""

from __future__ import annotations

import re

from .words import EMPTY_WORDS, WORD, folded, name_of, names_in, stem

_APART = 3
"""Words from the first name to the last: "Claudia Sheinbaum" may be told as "President Sheinbaum"."""
_TIMES = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december".split()
)
_LINK = re.compile(r"\w+://\S+|\bwww\.\S+|\S+@\S+\.\S+|(?<![\w.])[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b(?:/\S*)?")


def unknown_name(sentence: str, evidence: str) -> str | None:
    """The first name, abbreviation or link of a sentence that does not stand in its quotes, or None.

    A name is a word with a capital letter inside a sentence; at the beginning of one, a word that is neither common
    nor in the quotes. Possessive forms are the same name.
    """
    plain = folded(sentence)
    held = names_in(evidence)
    known, stems = set(held), {stem(word) for word in held}
    for link in _LINK.findall(plain):
        if link.rstrip(".,;:!?)") not in folded(evidence):
            return str(link)
    previous = None
    for match in WORD.finditer(plain):
        word, first = match[0], _begins(plain, match.start())
        if not _is_name(word, first=first):
            previous = None
            continue
        found = name_of(word)
        if not _stands(word, known) and not (first and word.istitle() and stem(word) in stems):
            return word
        if previous is not None and plain[previous.end() : match.start()] == " ":
            pair = (name_of(previous[0]), found)
            if not set(pair) & _TIMES and not _near(pair, held) and _are_names(pair, evidence):
                return f"{previous[0]} {word}"
        previous = match
    return None


def _is_name(word: str, *, first: bool) -> bool:
    if word.casefold() in EMPTY_WORDS or name_of(word) in EMPTY_WORDS:
        return False
    if any(map(str.isdigit, word)):
        return any(map(str.isalpha, word)) and word[0].isalpha()  # "A380"; a number with a unit is an amount
    return word[0].isupper() or (not first and any(map(str.isupper, word)))


def _stands(word: str, known: set[str]) -> bool:
    parts = [name_of(part) for part in word.split("-") if part]
    return name_of(word) in known or (len(parts) > 1 and all(part in known or not part for part in parts))


def _begins(text: str, start: int) -> bool:
    """Whether a word is the first of a sentence or of a quotation."""
    before = text[:start].rstrip(" \"'“”‘’«»„([—–-")
    return not before or before[-1] in ".!?:;…"


def _near(pair: tuple[str, str], held: list[str]) -> bool:
    places = [place for place, word in enumerate(held) if word == pair[0]]
    return any(pair[1] in held[place + 1 : place + 1 + _APART] for place in places)


def _are_names(pair: tuple[str, str], evidence: str) -> bool:
    """Whether both words have capital letters in the evidence too: "Mayor Solheim" may be "Solheim, the mayor"."""
    capital = {name_of(match[0]) for match in WORD.finditer(folded(evidence)) if match[0][0].isupper()}
    return set(pair) <= capital
