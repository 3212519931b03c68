"""Which words of the earlier turns belong in the question: a probability for each, by a logistic regression."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..logistic import Logistic
from .earlier import Earlier, Seen, Terms
from .independence import points_back

_ANSWERS = 3
"""The last answers from which words are taken."""
_LONGEST = 8
"""Turns after which a conversation counts as long."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A term of the earlier turns that is not in the question.

    Attributes:
        term: the index term.
        word: as it is written.
        features: by name.
    """

    term: str
    word: str
    features: dict[str, float]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A term that belongs in the question with a probability."""

    term: str
    word: str
    probability: float


@dataclass(frozen=True, slots=True)
class _Context:
    """What the features of all candidates share."""

    questions: list[dict[str, Seen]]
    answers: list[dict[str, Seen]]
    near: frozenset[int]
    pronoun: float
    brevity: float
    turn: float
    crowd: float


def candidates(question: str, turns: Sequence[Earlier], terms: Terms) -> list[Candidate]:
    """The terms of the earlier turns, with their features; newest questions' and answers' terms among them."""
    own = terms.seen(question)
    questions = [terms.seen(turn.asked) for turn in turns]
    answers = [terms.seen(turn.shown) for turn in turns]
    words: dict[str, str] = {}
    for text in (*questions, *answers[-_ANSWERS:]):
        for term, seen in text.items():
            if term not in own:
                words.setdefault(term, seen.word)
    last = answers[-1] if answers else {}
    near = frozenset(number for term in own if term in last for number in last[term].sentences)
    context = _Context(
        questions,
        answers,
        near,
        float(points_back(question)),
        1 / (1 + sum(terms.rarity(term) for term in own) / 10),
        min(len(turns), _LONGEST) / _LONGEST,
        math.log1p(len(words)) / 5,
    )
    return [Candidate(term, word, _features(term, terms.rarity(term) / 10, context)) for term, word in words.items()]


def chosen(model: Logistic, found: Sequence[Candidate]) -> list[Chosen]:
    """The terms with their probabilities, the surest first."""
    judged = [Chosen(one.term, one.word, model.probability(one.features)) for one in found]
    return sorted(judged, key=lambda one: -one.probability)


def _features(term: str, rarity: float, context: _Context) -> dict[str, float]:
    questions, answers = context.questions, context.answers
    asked = [term in text for text in questions]
    shown = [term in text for text in answers]
    last_asked, first_asked = float(asked[-1]), float(asked[0])
    last_shown = float(shown[-1])
    seen = [text[term] for text in (*questions, *answers) if term in text]
    capitals = sum(one.capitals for one in seen) / sum(one.count for one in seen)
    last = answers[-1].get(term)
    return {
        "rarity": rarity,
        "rarity_squared": rarity**2,
        "rare": float(rarity > 0.8),
        "last_asked": last_asked,
        "first_asked": first_asked,
        "asked": float(any(asked)),
        "asked_recently": 0.6 ** asked[::-1].index(True) if any(asked) else 0.0,
        "asked_share": sum(asked) / len(asked),
        "last_shown": last_shown,
        "first_shown": float(shown[0]),
        "shown_before": float(any(shown[:-1])),
        "shown_count": math.log1p(sum(shown)),
        "last_shown_count": math.log1p(last.count) if last else 0.0,
        "last_shown_first": float(last is not None and 0 in last.sentences),
        "asked_and_shown": float(any(asked) and any(shown)),
        "near": float(last is not None and bool(last.sentences & context.near)),
        "capitals": capitals,
        "capitals_asked": capitals * any(asked),
        "digits": float(any(character.isdigit() for character in term)),
        "pronoun_last_asked": context.pronoun * last_asked,
        "pronoun_first_asked": context.pronoun * first_asked,
        "pronoun_last_shown": context.pronoun * last_shown,
        "brief": context.brevity,
        "brief_last_asked": context.brevity * last_asked,
        "brief_first_asked": context.brevity * first_asked,
        "turn": context.turn,
        "turn_first_asked": context.turn * first_asked,
        "rarity_first_asked": rarity * first_asked,
        "rarity_last_asked": rarity * last_asked,
        "rarity_last_shown": rarity * last_shown,
        "crowd": context.crowd,
    }
