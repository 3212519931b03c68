"""Whether two texts say the opposite of each other because one of them has a "not" and the other has none."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .words import EMPTY_WORDS, folded, stem, telling

_NEGATION = re.compile(
    r"(?P<not>\b(?:not|no|never|none|nobody|nothing|nowhere|neither|nor|without|cannot|hardly|barely|scarcely)\b"
    r"|n't\b)(?!\s+(?:only|just|least)\b)",
    re.IGNORECASE,
)
_NEGATIVE_IN_MEANING = re.compile(
    r"\b(?:den(?:y|ies|ied|ying)|refus\w+|reject\w*|fail\w*|lack\w*|unable|unlikely|rul\w+ out|prevent\w*|avoid\w*|"
    r"stop\w*|ban(?:s|ned)?|absen\w+|impossible|miss\w*|declin\w+|dismiss\w*|few|little|free of|instead|zero|"
    r"forb[ai]d\w*|prohibit\w*|cancel\w*|halt\w*|end(?:s|ed)?|un\w+ed|in\w+able)\b",
    re.IGNORECASE,
)
_CLAUSE_ENDS = re.compile(r"[,.;:!?()“”\"«»—–]|\b(?:but|although|because|while|whereas|and then)\b", re.IGNORECASE)
_REACH = 3
"""Words that a negation takes along."""
_MOST = 2 / 3
_ALIKE = 1 / 2


@dataclass(frozen=True, slots=True)
class _Negations:
    """What a text denies: for each negation the stems of the words after it, in the same clause."""

    reaches: list[list[str]]

    def deny(self, stems: list[str]) -> bool:
        return any(set(reach) & set(stems) for reach in self.reaches)


def contradiction(sentence: str, evidence: str) -> str | None:
    """Says where a sentence denies what the evidence says, or says what it denies; None when neither is seen.

    Args:
        sentence: what was written.
        evidence: the quotes that it names.
    """
    denied, denies = _negations(evidence), _negations(sentence)
    told, said = set(telling(evidence)), set(telling(sentence))
    for reach in denies.reaches:
        if not denied.reaches and not _NEGATIVE_IN_MEANING.search(folded(evidence)):
            return "it says “not”, and the quotes do not"
        outside = reach and set(reach) <= told and denied.reaches and not denied.deny(reach)
        if outside and all(denied.reaches):
            return "it says “not” where the quotes do not"
    if not said or len(said & told) < _ALIKE * len(said) or _NEGATIVE_IN_MEANING.search(folded(sentence)):
        return None
    for reach in denied.reaches:
        if not reach or denies.deny(reach):
            continue
        if reach[0] in said or len(said & set(reach)) >= _MOST * len(set(reach)):
            return "the quotes say “not” where it does not"
    return None


def _negations(text: str) -> _Negations:
    plain = folded(text)
    reaches: list[list[str]] = []
    for match in _NEGATION.finditer(plain):
        clause = _CLAUSE_ENDS.split(plain[match.end() :], maxsplit=1)[0]
        words = re.findall(r"[^\W_]+(?:'[^\W_]+)*", clause)
        reaches.append([stem(word) for word in words if word.casefold() not in EMPTY_WORDS][:_REACH])
    return _Negations(reaches)
