"""The standalone question as a person reads it: pronouns replaced where that is certain, else "(about: ...)"."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from .earlier import Earlier, Terms
from .independence import BARE
from .phrases import Phrase, phrases
from .terms import Chosen

SURE = 0.35
"""From this probability a word of the earlier turns is shown behind the question."""
VERY_SURE = 0.7
"""The same for a question whose pronouns have all been replaced."""
_MOST = 4
_LONGEST_NAME = 60
_PERSON = re.compile(r"\b(?:he|she|him|his|hers|her)\b", re.IGNORECASE)
_THING = re.compile(r"\b(?:it|its)\b(?![’'-])", re.IGNORECASE)
_SEVERAL = re.compile(r"\b(?:they|them|their)\b(?![’'-])", re.IGNORECASE)
_IMPERSONAL = re.compile(
    r"\bit\b(?=(?:\s+\w+)?\s+(?:(?:to|that|for)\b|true|possible|likely|rain|snow))|"
    r"\b(?:is|was) it\b(?=\s+(?:true|possible|likely|legal|safe|known|clear|important|a|an|the|who|that)\b)",
    re.IGNORECASE,
)
_OWNS = re.compile(r"\s+(?!(?:in|on|at|to|for|from|with|about|by|and|or|as|when|if|say|said)\b)[^\W\d_]", re.IGNORECASE)
_QUOTED = re.compile(r'["“”„«][^"“”„«»]*["“”»]')
_WHO = re.compile(r"^\W*(?:(?:and|but|so)\W+)?who(?:m|se)?\b", re.IGNORECASE)
_NAMED = re.compile(r"[^\W\d_][\w’'.-]*(?: [\w’'.-]+){0,5}")
_POINTS = re.compile(r"\b(?:it|its|they|them|their|he|she|him|his|her|this|these|those|there)\b", re.IGNORECASE)
_FRAGMENT = re.compile(
    r"^\W*(?:(?:and|but|or|so)\s+(?:(?:what|how)\s+about\s+)?|(?:what|how)\s+about\s+)"
    r"(?!(?:who|whom|whose|what|which|when|where|why|how|did|does|do|is|are|was|were|has|have|had|can|could|will|would|"
    r"should|he|she|it|they|i|we|you)\b)(?:[^\s?!]+\s*){1,8}[\s?!.]*$",
    re.IGNORECASE,
)
_HAPPENS = r"\s+(?:all\s+)?(?:happen|occur|take\s+place|start|begin|end|come\s+about)\b"
_HAPPENED = re.compile(rf"\b(?:it|that|this)(?={_HAPPENS})", re.IGNORECASE)
_EVENT_WORDS = r"(?P<event>the\s+(?:[\w’'-]+\s+){0,5}[\w’'-]+)"
_EVENTS = (
    re.compile(rf"\bdid\s+{_EVENT_WORDS}{_HAPPENS}", re.IGNORECASE),
    re.compile(rf"\b(?:of|in|at|during|after|before|since|from|by|about)\s+{_EVENT_WORDS}[\s?!.]*$", re.IGNORECASE),
)
"""Where a question names what happened."""
_WORD = re.compile(r"[^\W_]+")
_QUESTION_ENDS = re.compile(r"(?<=\?)\s+")


def readable(question: str, turns: Sequence[Earlier], found: Sequence[Chosen], terms: Terms) -> str:
    """The question as it can be read without the earlier ones.

    Args:
        question: as it was asked; it leans on the earlier turns.
        turns: of the same subject, oldest first.
        found: the terms of the earlier turns, the surest first.
        terms: of the index.
    """
    last = turns[-1]
    text = substituted(question.strip(), turns)
    if BARE.search(question) or (text == question.strip() and is_fragment(question)):
        whole = _without_fragments(last.searched, keep_nouns=BARE.search(question) is not None)
        return with_about(f"{whole} {question.strip()}", [last.about] if last.about else [])
    return with_about(text, topics(text, turns, found, terms, whole=text != question.strip()))


def _without_fragments(searched: str, *, keep_nouns: bool) -> str:
    """A question without the parts that earlier follow-ups put behind it: no "Why?", and no "And the mayor?"."""
    first, *parts = _QUESTION_ENDS.split(searched)
    kept = [part for part in parts if not BARE.search(part) and (keep_nouns or not is_fragment(part))]
    return " ".join([first, *kept])


def is_fragment(question: str) -> bool:
    """Whether it is "And ...?" or "What about ...?" with a part of a question only."""
    return bool(_FRAGMENT.match(question))


def with_about(question: str, words: Sequence[str]) -> str:
    """The question with what it is about behind it."""
    return f"{question} (about: {', '.join(words)})" if words else question


def topics(question: str, turns: Sequence[Earlier], found: Sequence[Chosen], terms: Terms, *, whole: bool) -> list[str]:
    """The surest words of the earlier turns that the question lacks, neighbours together as they were written.

    Args:
        question: its pronouns replaced.
        turns, found, terms: as in ``readable``.
        whole: whether a pronoun was replaced: then the question can do without, unless another one is left.
    """
    own = set(terms.seen(question))
    complete = whole and not _POINTS.search(question)
    lacking = [one for one in found if one.term not in own and len(one.term) > 1 and not one.term.isdigit()]
    sure = [one for one in lacking if one.probability >= (VERY_SURE if complete else SURE)][:_MOST]
    if not sure and not whole:
        sure = lacking[:1]
    rank = {one.term: number for number, one in enumerate(sure)}
    shown: list[tuple[int, str]] = []
    for text in [text for turn in reversed(turns) for text in (turn.searched, turn.shown)]:
        if not rank:
            break
        for run in _runs(text, set(rank), terms):
            held = {terms.term(word) for word in _WORD.findall(run)} & set(rank)
            if held:
                shown.append((min(rank[term] for term in held), run))
                for term in held:
                    del rank[term]
    return [run for _, run in sorted(shown)]


def _runs(text: str, wanted: set[str], terms: Terms) -> list[str]:
    """The longest stretches of neighbouring words whose terms are wanted."""
    runs: list[tuple[int, int]] = []
    for match in _WORD.finditer(text):
        if terms.term(match.group()) not in wanted:
            continue
        if runs and text[runs[-1][1] : match.start()] in (" ", "-"):
            runs[-1] = (runs[-1][0], match.end())
        else:
            runs.append((match.start(), match.end()))
    return list(dict.fromkeys(text[start:end] for start, end in runs))


def substituted(question: str, turns: Sequence[Earlier]) -> str:
    """The question with the pronouns replaced of which it is certain what they mean; each noun is put in once."""
    if _HAPPENED.search(question):
        events = (pattern.search(turns[-1].searched) for pattern in _EVENTS)
        event = next((match["event"] for match in events if match), None)
        return _replaced(question, _HAPPENED, event)
    person = _person(turns)
    text = _replaced(question, _PERSON, person)
    if _NAMES_ANOTHER.search(question):
        return text
    thing = _one(turns[-1], lambda phrase: phrase.text != person and not phrase.plural)
    several = _one(turns[-1], lambda phrase: phrase.text != person and phrase.plural)
    if not _PERSON.search(question) or person is not None:
        text = _replaced(text, _THING, thing)
        text = _replaced(text, _SEVERAL, several)
    return text


_NAMES_ANOTHER = re.compile(r"(?<=[\w,] )(?!I\b)[A-ZÀ-Þ][\w’'-]+.*\b(?:it|its|they|them|their)\b")
"""A name in the question itself, before the pronoun, is the likelier meaning."""


def _person(turns: Sequence[Earlier]) -> str | None:
    """Whom "she" or "he" means: who answered "who ...?", or the one name of the newest question that has names."""
    for turn in reversed(turns[-3:]):
        who = _WHO.search(turn.searched)
        asked = [phrase for phrase in phrases(turn.searched) if phrase.name]
        if who and turn.answer and not asked and _NAMED.fullmatch(turn.answer) and len(turn.answer) <= _LONGEST_NAME:
            words = turn.answer.split()
            if words[0][0].isupper() and all(word[0].isupper() for word in words if len(word) > 3):
                return turn.answer
        names = {phrase.text.removesuffix("’s").removesuffix("'s"): phrase for phrase in asked}
        if names:
            name, phrase = next(iter(names.items()))
            return name if len(names) == 1 and (who or _like_a_person(phrase)) else None
    return None


def _like_a_person(phrase: Phrase) -> bool:
    """Whether a name has first and last name, and neither "the" nor "in" before it, as places have."""
    words = phrase.text.split()
    plain = len(words) > 1 and all(word[0].isupper() and not word.isupper() for word in words)
    return plain and words[0].lower() != "the" and phrase.preposition not in {"in", "at", "from", "to", "into"}


def _one(turn: Earlier, fits: Callable[[Phrase], bool]) -> str | None:
    """The only noun phrase of the last question that a pronoun can mean; None when another one is not ruled out."""
    found = [phrase for phrase in phrases(turn.searched) if fits(phrase)]
    if len(found) != 1 or not found[0].certain or found[0].preposition in {"after", "before", "during", "since"}:
        return None
    return found[0].text


def _replaced(question: str, pronoun: re.Pattern[str], noun: str | None) -> str:
    """The question with a pronoun replaced where it stands first; further ones stay, and quoted phrases are kept."""
    if noun is None or noun.casefold() in question.casefold():
        return question
    closed = [match.span() for match in _QUOTED.finditer(question)]
    closed += [match.span() for match in _IMPERSONAL.finditer(question)]
    for match in pronoun.finditer(question):
        if any(start <= match.start() < end for start, end in closed):
            continue
        word = match.group().lower()
        owned = word in {"his", "its", "their", "hers"} or (word == "her" and _OWNS.match(question, match.end()))
        put = noun if not owned else noun + ("’" if noun.endswith("s") else "’s")
        if match.start() == 0:
            put = put[0].upper() + put[1:]
        return question[: match.start()] + put + question[match.end() :]
    return question
