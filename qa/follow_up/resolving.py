"""``resolve``: the standalone question that is shown, and the weights with which its words are searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.views import WordSearch

from ..answer import Turn
from ..query import LONGEST, Query, read_query
from .earlier import Earlier, Terms, earlier_turns, of_this_subject
from .fitted import Fitted, fitted
from .frames import continued, corrected
from .independence import features, must_lean
from .terms import Chosen, candidates, chosen
from .wording import readable, topics, with_about

LEAST_WEIGHT = 0.05
"""Terms below it are not searched."""
SHOWN_WEIGHT = 0.3
"""What a term counts at least that is shown in the standalone question."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A question of a conversation, made independent of it.

    Attributes:
        question: the standalone question: shown, read and searched; the one that was asked when that stands alone.
        weights: what each index term counts in the search by words; empty when the question stands alone, whose
            terms count 1.
    """

    question: str
    weights: tuple[tuple[str, float], ...] = ()

    @property
    def query(self) -> Query:
        """What is searched."""
        return replace(read_query(self.question), weights=self.weights)


def resolve(question: str, history: Sequence[Turn], words: WordSearch) -> Resolved:
    """The standalone question of a conversation's next question.

    Args:
        question: as it was asked.
        history: the earlier turns, oldest first.
        words: the articles' words, which say what is rare.
    """
    if not history or not any(character.isalnum() for character in question):
        return Resolved(question)
    terms, model = Terms(words), fitted()
    turns = of_this_subject(earlier_turns(history), terms)
    resolved = _changed(question, turns, terms, model)
    return resolved if len(resolved.question) <= LONGEST else Resolved(question)


def _changed(question: str, turns: Sequence[Earlier], terms: Terms, model: Fitted) -> Resolved:
    meant = corrected(question, turns)
    if meant is not None:
        return _asked_whole(meant, turns, terms)
    if not leans(question, turns, terms, model):
        return Resolved(question)
    found = chosen(model.belongs, candidates(question, turns, terms))
    frame = continued(question, turns)
    if frame is not None and not frame.leans:
        return _asked_whole(frame.question, turns, terms)
    if frame is not None:
        shown = with_about(frame.question, topics(frame.question, turns, found, terms, whole=False))
    else:
        shown = readable(question, turns, found, terms)
    return Resolved(shown, _weights(question, shown, found, terms, model))


def leans(question: str, turns: Sequence[Earlier], terms: Terms, model: Fitted) -> bool:
    """Whether a question needs the earlier ones."""
    return must_lean(question) or model.leans.probability(features(question, turns, terms)) >= model.least


def _asked_whole(question: str, turns: Sequence[Earlier], terms: Terms) -> Resolved:
    """A question that was made of the last one: its words count as if they had been asked."""
    about = turns[-1].about
    if about and not question.endswith(")"):
        question = with_about(question, [about])
    return Resolved(question, tuple((term, 1.0) for term in terms.seen(_plain(question))))


def _weights(
    question: str, shown: str, found: Sequence[Chosen], terms: Terms, model: Fitted
) -> tuple[tuple[str, float], ...]:
    """The question's own terms count 1; those of earlier turns by how surely they belong to it."""
    weights = dict.fromkeys(terms.seen(_plain(question)), 1.0)
    judged = {one.term: one.probability**model.power for one in found[: model.most]}
    for term in terms.seen(_plain(shown)):
        weights.setdefault(term, max(judged.get(term, 0.0), SHOWN_WEIGHT))
    for term, weight in judged.items():
        if weight >= LEAST_WEIGHT:
            weights.setdefault(term, weight)
    return tuple(weights.items())


def _plain(question: str) -> str:
    """The question without exclusions; nothing of one that is too long, which is not searched."""
    return read_query(question).text if len(question) <= LONGEST else ""
