"""Questions that change one part of the last one: "And the ambassador?", "What about Oaxaca?", "No, I meant ..."."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.words import FUNCTION_WORDS

from .earlier import Earlier
from .phrases import Phrase, phrases

_AND = re.compile(
    r"^\W*(?:(?:and|but|or|so)\s+(?:(?:what|how)\s+about\s+)?|(?:what|how)\s+about\s+)(?P<new>[^?!]+?)[\s?!.]*$",
    re.IGNORECASE,
)
_MEANT = re.compile(
    r"^\W*(?:(?:no|nope|sorry|actually|wait|oops|well|not (?:that|this|him|her|it)(?: one)?|not quite)\b[\s,.;:!–—-]*)*"
    r"(?:i|what i)\s+(?:really\s+|actually\s+)?(?:mean|meant)(?:\s+is|\s+was)?\b[\s:,–—-]*(?P<new>.+?)[\s?!.]*$",
    re.IGNORECASE | re.DOTALL,
)
_NOT_BUT = re.compile(
    r"^\W*(?:no|nope|sorry)\b[\s,.;:!–—-]+(?:not\s+(?P<old>[^,;]+)[,;]\s*(?:but\s+)?)?(?P<new>[^,;?!.]{2,60})[\s?!.]*$",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    r"^(?:who|whom|whose|what|which|when|where|why|how|did|does|do|is|are|was|were|has|have|had|can|could|will|would|"
    r"should)\b",
    re.IGNORECASE,
)
_PREPOSITION = re.compile(
    r"^(?:in|on|at|by|for|from|to|with|about|against|after|before|during|since|under)\b", re.IGNORECASE
)
_SENTENCE_ENDS = re.compile(r"[.?!]\s")
_POINTS = re.compile(
    r"\b(?:he|she|it|they|him|her|them|his|hers|its|their|this|that|these|those|there|i|you|we)\b", re.IGNORECASE
)
_LEFT = re.compile(r"\b(?:it|that|this|them|these|those)\b(?=\W*(?:$|[?.!]))", re.IGNORECASE)
"""A pronoun at the end that nothing has been put for."""
_LONGEST = 6
"""Words in the part that is put in."""


@dataclass(frozen=True, slots=True)
class Framed:
    """The last question with one part replaced.

    Attributes:
        question: the whole.
        leans: whether the new part still means something of the conversation, as "the ambassador" does.
    """

    question: str
    leans: bool


def corrected(question: str, turns: Sequence[Earlier]) -> str | None:
    """What "No, I meant ..." asks: the last question with the corresponding part replaced, or None for another text."""
    match = _MEANT.match(question) or _NOT_BUT.match(question)
    if match is None:
        return None
    new, last = match["new"].strip(), turns[-1].searched
    if _WHOLE.match(new) and not _SENTENCE_ENDS.search(new):
        return f"{new[0].upper()}{new[1:]}?"
    if (
        _words(new) > 2 * _LONGEST
        or _SENTENCE_ENDS.search(new)
        or re.match(r"i\b|i[’']m\b|tell\b|want\b", new, re.IGNORECASE)
    ):
        return None
    old = (match.groupdict().get("old") or "").strip()
    if old and old.casefold() in last.casefold():
        start = last.casefold().index(old.casefold())
        return last[:start] + new + last[start + len(old) :]
    return _put(last, new, replace_any=True) or f"{last} (about: {_listed(new)})"


def continued(question: str, turns: Sequence[Earlier]) -> Framed | None:
    """What "And ...?" asks in the frame of the last question.

    None when it is no such question, or when it is not certain which part of the last one is replaced.
    """
    match = _AND.match(question)
    if match is None:
        return None
    new, last = match["new"].strip(), turns[-1].searched
    if _WHOLE.match(new) or _POINTS.search(new) or _words(new) > _LONGEST or not _is_noun(new):
        return None
    put = _put(last, new, replace_any=False)
    if put is None:
        return None
    inner = phrases(new)
    return Framed(put, bool(inner and inner[0].definite and not inner[0].name))


def _put(last: str, new: str, *, replace_any: bool) -> str | None:
    """The last question with the phrase replaced that corresponds to the new one; None when none or several do."""
    inner = phrases(new)
    if not inner:
        return None
    left = _LEFT.search(last)
    if replace_any and left is not None and not inner[-1].name:
        return last[: left.start()] + new + last[left.end() :]
    if (where := _PREPOSITION.match(new)) is not None:
        same = [one for one in phrases(last) if one.preposition == where.group().lower()]
        if len(same) == 1:
            start = last.lower().rindex(where.group().lower(), 0, same[0].start)
            return last[:start] + new + last[same[0].end :]
        ending = re.search(r"[\s?!.]*$", last)
        assert ending is not None
        return f"{last[: ending.start()]} {new}{ending.group()}"
    old = _corresponding(phrases(last), inner[-1], replace_any=replace_any)
    return None if old is None else last[: old.start] + _fitting(new, old) + last[old.end :]


def _corresponding(found: Sequence[Phrase], new: Phrase, *, replace_any: bool) -> Phrase | None:
    """Of a question's phrases the one that a new one replaces: with the same noun, or the only one of its kind."""
    alike = [one for one in found if one.head == new.head]
    kind = [one for one in found if one.certain and one.name == new.name]
    only = [one for one in found if one.certain and (one.name == new.name or replace_any)] if len(found) == 1 else []
    for some in (alike, kind if new.name or replace_any else [], only):
        if len(some) == 1:
            return some[0]
    return kind[-1] if replace_any and kind else None


def _fitting(new: str, old: Phrase) -> str:
    return new[0].upper() + new[1:] if old.start == 0 else new


def _is_noun(new: str) -> bool:
    """Whether it is one noun phrase, perhaps with a preposition before it."""
    inner = phrases(new)
    if len(inner) != 1:
        return False
    before = new[: inner[0].start].strip().lower()
    return inner[0].end == len(new) and (not before or before in FUNCTION_WORDS)


def _listed(new: str) -> str:
    return new.strip(" .,;")


def _words(text: str) -> int:
    return len(text.split())
