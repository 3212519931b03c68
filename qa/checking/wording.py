"""What a word is when a quotation changes it: a number, a negation, a name, or a word that says little."""

from __future__ import annotations

from index.words import FUNCTION_WORDS

_NEGATIONS = frozenset(
    "not no never none nobody nothing nowhere neither nor without cannot cant dont hardly "
    "nicht kein keine keinen keinem keiner keines nie niemals ohne ne pas jamais sans aucun aucune nunca".split()
)
_NUMBER_WORDS = frozenset(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion "
    "trillion dozen half quarter third first second fourth fifth sixth seventh eighth ninth tenth once twice double "
    "hundreds thousands millions billions".split()
)
QUANTITY_SIGNS = frozenset("%‰$€£¥₹¢°+±<>≤≥-")
"""Beside a number they are part of it."""
_FUNCTION_WEIGHT = 0.25


def is_word(key: str) -> bool:
    """Whether a folded token is a word or a number, and not a punctuation mark."""
    return key[0].isalnum() or key[-1].isalnum()


def is_number(key: str) -> bool:
    """Whether a word tells a number, in digits or in English words."""
    return any(map(str.isnumeric, key)) or key.casefold() in _NUMBER_WORDS


def is_negation(key: str) -> bool:
    """Whether a word negates."""
    word = key.casefold()
    return word in _NEGATIONS or word.endswith("n't")


def negates(one: str, other: str) -> bool:
    """Whether two words differ by a negating beginning alone: "likely" and "unlikely"."""
    short, long = sorted((one.casefold(), other.casefold()), key=len)
    return len(short) >= 4 and long in (f"un{short}", f"non{short}")


def weight(key: str) -> float:
    """How much a word tells: function words little, punctuation nothing; negations and numbers as much as names."""
    if not is_word(key):
        return 0.0
    if is_negation(key) or is_number(key):
        return 1.0
    return _FUNCTION_WEIGHT if key.casefold().split("'")[0] in FUNCTION_WORDS else 1.0
