"""Questions that look as if a passage answered them, made by rule from questions that it does answer.

A name, a number, a date or a place of the question is exchanged for another one of its kind from the same article, or a
word for its opposite. SQuAD 2.0's annotators wrote theirs in the same ways (Rajpurkar et al. 2018, table 1).
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

_NAME = re.compile(r"\b[A-Z][\w'’-]+(?:\s+(?:of|the|de|von|van|al)\s+[A-Z][\w'’-]+|\s+[A-Z][\w'’-]+)*")
_NUMBER = re.compile(r"(?<![\w.,-])\d(?:[\d.,]*\d)?(?!\w)")
_YEAR = re.compile(r"\b(?:1[0-9]|20)\d\d\b")
_LONGEST_NUMBER = 10
"""Digits; a longer one is a code, and no count that could be another."""
_OPPOSITES = """
    first last, before after, largest smallest, biggest smallest, highest lowest, most least, more fewer, increase
    decrease, increased decreased, rise fall, rose fell, north south, east west, northern southern, eastern western,
    win lose, won lost, begin end, began ended, start stop, started stopped, oldest newest, older younger, early
    late, earliest latest, above below, inside outside, allow forbid, allowed forbidden, legal illegal, same
    different, open close, opened closed, accept reject, accepted rejected, support oppose, supported opposed, buy
    sell, bought sold, best worst, good bad, men women, male female, father mother, son daughter, brother sister,
    king queen, husband wife, major minor, maximum minimum, import export, gain lose, gained lost, strong weak, high
    low, hot cold, internal external, public private, arrive leave, arrived left, join leave, joined left, always
    never, success failure, ally enemy, attack defend, attacked defended, love hate, like dislike, born killed
"""
_OPPOSITE = {word: other for pair in _OPPOSITES.split(",") for word, other in (pair.split(), pair.split()[::-1])}
_NEGATED = re.compile(r"\b(did|does|do|was|were|is|are|has|have|can|could|would|should|will)\b(?!\s+not)(?!n't)")
_QUESTION_WORDS = frozenset(
    "What Who Whom Whose When Where Why Which How Is Are Was Were Do Does Did Can Could Would Should Will "
    "The A An In On At For To From By With If I".split()
)


def make_trap(question: str, article: str, answers: Sequence[str], generator: random.Random) -> str | None:
    """The question, changed so that what answered it does not any more; None when no rule fits.

    Args:
        question: a question that the article answers.
        article: the text that other names and numbers are taken from.
        answers: the answers, which are never put in.
        generator: decides among the rules that fit and the words that could be put in.
    """
    rules = [_swap_number, _swap_name, _swap_name, _swap_opposite, _negate]
    generator.shuffle(rules)
    for rule in sorted(rules, key=lambda rule: rule is _negate):
        changed = rule(question, article, answers, generator)
        if changed is None or changed.casefold() == question.casefold():
            continue
        if not (_words(changed) - _words(question)) & _words(" ".join(answers)):
            return changed
    return None


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def _swap_name(question: str, article: str, answers: Sequence[str], generator: random.Random) -> str | None:
    names = [
        match
        for match in _NAME.finditer(question)
        if match.start() > 0 and match.group().split()[0] not in _QUESTION_WORDS
    ]
    if not names:
        return None
    match = generator.choice(names)
    taken = {word.casefold() for text in (question, *answers) for word in text.split()}
    words = len(match.group().split())
    others = sorted(
        {
            found.group()
            for found in _NAME.finditer(article)
            if article[max(0, found.start() - 2) : found.start()].strip() not in (".", "?", "!", "")
            or len(found.group().split()) > 1
        }
    )
    others = [
        name
        for name in others
        if len(name) < 40
        and not any(word.casefold() in taken for word in name.split())
        and name.split()[0] not in _QUESTION_WORDS
    ]
    alike = [name for name in others if len(name.split()) == words] or others
    return _replaced(question, match, generator.choice(alike)) if alike else None


def _swap_number(question: str, article: str, answers: Sequence[str], generator: random.Random) -> str | None:
    match = generator.choice(list(_NUMBER.finditer(question)) or [None])
    if match is None:
        return None
    pattern = _YEAR if _YEAR.fullmatch(match.group()) else _NUMBER
    taken = {match.group(), *(number for text in (question, *answers) for number in _NUMBER.findall(text))}
    others = sorted({found.group() for found in pattern.finditer(article)} - taken)
    if others:
        return _replaced(question, match, generator.choice(others))
    if match.group().isdigit() and len(match.group()) < _LONGEST_NUMBER:
        return _replaced(question, match, str(int(match.group()) + generator.choice((-3, -2, 2, 3, 10))))
    return None


def _swap_opposite(question: str, article: str, answers: Sequence[str], generator: random.Random) -> str | None:
    del article, answers
    matches = [match for match in re.finditer(r"\w+", question) if match.group() in _OPPOSITE]
    if not matches:
        return None
    match = generator.choice(matches)
    return _replaced(question, match, _OPPOSITE[match.group()])


def _negate(question: str, article: str, answers: Sequence[str], generator: random.Random) -> str | None:
    del article, answers
    match = next(iter(_NEGATED.finditer(question)), None)
    if match is None or generator.random() < 0.5:
        return None
    before, verb, after = question[: match.start()], match.group(), question[match.end() :]
    short = {"can": "can't", "will": "won't"}.get(verb, f"{verb}n't")
    return f"{before}{short}{after}"


def _replaced(question: str, match: re.Match[str], other: str) -> str:
    return question[: match.start()] + other + question[match.end() :]
