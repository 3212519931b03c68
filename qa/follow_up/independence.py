"""Whether a question stands alone or leans on the earlier ones: a probability, by a logistic regression."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from .earlier import Earlier, Terms

CONTINUES = re.compile(r"^\W*(?:and|but|or|so)\b|^\W*(?:(?:and|but|so|or)\W+)?(?:what|how) about\b", re.IGNORECASE)
BARE = re.compile(
    r"^\W*(?:(?:and|but|so)\W+)?(?:why|why not|when|where|who|whom|how|how (?:many|much|long|so|come|often|far|old)|"
    r"which ones?|since when|for how long|by whom|says who|what else|who else|really|is (?:that|it) true)\W*$",
    re.IGNORECASE,
)
PRONOUN = re.compile(r"\b(?:he|she|it|they|him|her|them|his|hers|its|their|theirs)\b", re.IGNORECASE)
POINTING = re.compile(
    r"\b(?:this|these|those)\b|\bthat\b(?=\W*$|[’']s\b|\s+(?:is|was|has|had|happen|mean|work|help|chang)\w*)|"
    r"\bthere\W*$|^\W*(?:is|was|did|does|has|had|will|would|could|can|should)\s+that\b",
    re.IGNORECASE,
)
_ONE_OF = re.compile(
    r"\b(?:ones?|others?|else|another|same|such|both|either|neither|similar|instead|more|also|too|latter|former|"
    r"compared?|differ\w*)\b",
    re.IGNORECASE,
)
_MENTIONED = re.compile(r"\b(?:you|mentioned|i meant?|earlier)\b", re.IGNORECASE)
_GREETS = re.compile(
    r"^\W*(?:ok(?:ay)?|interesting|cool|thanks?|thank you|wow|hmm+|great|i see|no|yes|oh|ah+|that[’']s)\b",
    re.IGNORECASE,
)
_DEFINITE = re.compile(
    r"\bthe ((?!(?:most|first|last|best)\b)[^\W\d_]+(?:-[^\W\d_]+)?)(?: ([^\W\d_]+))?", re.IGNORECASE
)
_QUALIFIES = re.compile(r"\s*(?:of|in|on|for|from|at|between|to|that|who|which|by|with)\b", re.IGNORECASE)
_NAME = re.compile(r"(?<=[\w,]\s)[A-ZÀ-Þ][\w’'-]+|\b[A-Z]{2,}\b")
_YEAR = re.compile(r"\b\d{3,4}\b")
_QUOTED = re.compile(r'["“”„«][^"“”„«»]*["“”»]')
_WORD = re.compile(r"[^\W_]+")
_IMPERSONAL = re.compile(
    r"\bit (?:true|possible|likely|known|legal|safe to|rain\w*|snow\w*|clear|important) ", re.IGNORECASE
)


def points_back(question: str) -> bool:
    """Whether it has a word that means something said before: "she", "those", "the other one"."""
    return bool(PRONOUN.search(question) or POINTING.search(question) or _ONE_OF.search(question))


def must_lean(question: str) -> bool:
    """Whether it cannot be understood alone, whatever the numbers say: a bare "why?", "and ...", "what about ..."."""
    return bool(BARE.search(question) or CONTINUES.search(question))


def features(question: str, turns: Sequence[Earlier], terms: Terms) -> dict[str, float]:
    """What decides whether a question leans on earlier turns, by name."""
    plain = _QUOTED.sub(" ", question)
    own = list(terms.seen(question))
    rarities = [terms.rarity(term) for term in own]
    names = list(_NAME.finditer(plain))
    pronoun = PRONOUN.search(_IMPERSONAL.sub(" ", plain))
    before = any(pronoun and name.start() < pronoun.start() for name in names)
    last = {term for turn in turns[-1:] for term in terms.seen(f"{turn.asked} {turn.shown}")}
    every = {term for turn in turns for term in terms.seen(f"{turn.asked} {turn.shown}")}
    bare, known = _definite(plain, every, terms)
    weight = sum(rarities) or 1.0
    return {
        "continues": float(bool(CONTINUES.search(plain))),
        "bare": float(bool(BARE.search(plain))),
        "pronoun": float(pronoun is not None and not names),
        "pronoun_with_name": float(pronoun is not None and bool(names) and not before),
        "pronoun_after_name": float(pronoun is not None and before),
        "pointing": float(bool(POINTING.search(plain))),
        "one_of": float(bool(_ONE_OF.search(plain))),
        "mentioned": float(bool(_MENTIONED.search(plain))),
        "greets": float(bool(_GREETS.search(plain))),
        "definite": min(bare, 2.0),
        "definite_known": min(known, 2.0),
        "name": float(bool(names)),
        "names": min(len(names), 4) / 4,
        "year": float(bool(_YEAR.search(plain))),
        "terms": min(len(own), 10) / 10,
        "few": float(len(own) <= 1),
        "two": float(len(own) == 2),
        "length": math.log1p(len(_WORD.findall(plain))) / 3,
        "rarest": max(rarities, default=0.0) / 10,
        "weight": min(sum(rarities), 60.0) / 30,
        "mean_rarity": sum(rarities) / max(1, len(own)) / 10,
        "shared_last": sum(terms.rarity(term) for term in own if term in last) / weight,
        "shared": sum(terms.rarity(term) for term in own if term in every) / weight,
        "found": terms.found(plain),
        "lower": float(question == question.lower()),
    }


def _definite(plain: str, said: set[str], terms: Terms) -> tuple[float, float]:
    """How many nouns have a "the" and nothing that says which one; and how many of these were spoken of before."""
    bare = known = 0
    for match in _DEFINITE.finditer(plain):
        words = [word for word in match.groups() if word]
        if any(word[0].isupper() for word in words) or _QUALIFIES.match(plain, match.end(1)):
            continue
        bare += 1
        known += any(terms.term(word) in said for word in words if terms.term(word))
    return float(bare), float(known)
