"""What shape of answer a question wants: one sentence, several, both sides of a comparison, or all about a subject.

By rules over the words of English questions. A question that fits none is answered by the sentence that fits it best.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass


class Shape(enum.StrEnum):
    """The shape of an answer."""

    FACT = "fact"
    """One sentence answers; others support it."""
    YES_NO = "yes or no"
    """A sentence decides; no words within it are the answer."""
    LIST = "list"
    """Several sentences, of several articles, each with a part."""
    COMPARISON = "comparison"
    """A sentence about each of two things."""
    OVERVIEW = "overview"
    """What the articles say of a subject, or what somebody said, from the beginning."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a question wants.

    Attributes:
        shape: of the answer.
        read: the question as the reader is asked it; a request such as "Tell me about X" is none, so it gets one.
        sides: the two things that are compared.
        subject: what an overview, or “And the ambassador?”, is about; what its quotes must name.
        speaker: whose words are asked for.
        several: whether several sentences may each be an answer, so that rivals are no reason for doubt.
    """

    shape: Shape
    read: str
    sides: tuple[str, ...] = ()
    subject: str = ""
    speaker: str = ""
    several: bool = False


_AUXILIARY = (
    "did|does|do|is|are|was|were|has|have|had|can|could|will|would|should|shall|may|might|must|"
    "(?:did|does|do|is|are|was|were|has|have|had|ca|could|wo|would|should)n[’']t"
)
_YES_NO = re.compile(rf"^(?:(?:and|but|so|or)\s+)?(?:{_AUXILIARY})\s+\S", re.IGNORECASE)

_MANY = r"(?:[^\W\d_]+(?<![sui])s|people|men|women|children)"
_VERB = (
    r"(?:are|were|did|do|have|had|can|could|will|would|should|might|must|\w+ed|won|lost|took|made|said|got|gave|came|went|"
    r"live|want|use|need)"
)
_LIST = re.compile(
    rf"^(?:and\s+)?(?:(?:(?:in|at|for|to|from|with|by|on|of)\s+)?(?:which|what)\s+"
    rf"(?:(?!of\b|is\b|was\b|does\b|did\b|has\b|do\b)[\w’'-]+\s+){{0,2}}?{_MANY}\s+(?:of\s+\w+\s+)?{_VERB}\b|"
    r"(?:what|who)\s+(?:are|were)\s+(?:all\s+)?(?:the|some|its|their|his|her)\s+\S|who\s+all\b|who\s+else\b|"
    r"what\s+else\b|(?:please\s+)?(?:list|name|enumerate)\s+(?:all|the|every|some|three|two|five|\w+s)\b)",
    re.IGNORECASE,
)

_REQUEST = re.compile(
    r"^(?:please\s+)?(?:(?:can|could|would)\s+you\s+(?:please\s+)?)?"
    r"(?:tell\s+(?:me|us)(?:\s+(?:more|something|everything|all))?\s+(?:about|of)|"
    r"(?:give\s+(?:me|us)\s+)?an?\s+(?:overview|summary|account)\s+of|what\s+do\s+(?:we|you|the\s+\w+)\s+(?:know|say)\s+about|"
    r"what\s+is\s+(?:known|said|reported|written)\s+about|"
    r"(?:summari[sz]e|sum\s+up|describe|explain|outline|show\s+me)(?:\s+for\s+me)?(?:\s+everything\s+about)?|"
    r"what\s+about|anything\s+(?:on|about)|everything\s+(?:on|about)|more\s+(?:on|about))\s+(?P<subject>\S.*?)\W*$",
    re.IGNORECASE | re.DOTALL,
)
_AND_ANOTHER = re.compile(
    r"^(?P<first>[^?]+\?)\s+(?:(?:and|but|or)\s+)?(?:(?:what|how)\s+about\s+)?"
    rf"(?!(?:who|whom|whose|what|which|when|where|why|how|{_AUXILIARY})\b)(?P<subject>[^?()]{{2,60}})\?(?:\s+\(about:.*\))?$",
    re.IGNORECASE | re.DOTALL,
)
"""“Who is the mayor? And the ambassador?”: what a follow-up of a few words is made into."""
_OF_SOMEBODY = re.compile(r"^\W*(?:and\s+)?(?:who|whom|why)\b", re.IGNORECASE)
_SPEAKS = (
    r"(?:said|says|say|stated|told|thinks?|thought|argued|argues?|claimed|claims?|wants?|wanted|demanded|promised)"
)
_SAID = re.compile(
    rf"^(?:everything\s+(?:that\s+)?|all\s+(?:that\s+)?)?what\s+(?P<who>\S.*?)\s+(?:has\s+|have\s+|had\s+)?{_SPEAKS}\b"
    r"(?:\s+(?:about|on|of|regarding)\s+(?P<about>.+))?$",
    re.IGNORECASE | re.DOTALL,
)
_DID_SAY = re.compile(
    r"^(?:and\s+)?what\s+(?:did|does|has|have)\s+\S.*?\s(?:say|think|argue|claim|said|stated|argued|claimed)\b",
    re.IGNORECASE | re.DOTALL,
)

_COMPARISONS = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        r"\b(?:difference|differences|distinction|distinguishes)\s+(?:is\s+there\s+)?between\s+(?P<one>.+?)\s+and\s+(?P<two>.+)",
        r"\bcompar(?:e|es|ing|ison)\b\s+(?:of\s+|between\s+)?(?P<one>(?!to\b|with\b)\S.*?)\s+(?:and|with|to)\s+(?P<two>.+)",
        r"^(?:and\s+)?how\s+(?:does|do|did)\s+(?P<one>.+?)\s+(?:compare|differ|fare)\w*\s+(?:with|to|from|against)\s+(?P<two>.+)",
        r"^(?:and\s+)?(?:which|who|what)\b[^,:]*[,:]\s*(?P<one>[^,]+?),?\s+or\s+(?P<two>[^,]+)",
        rf"^(?:and\s+)?(?:{_AUXILIARY})\s+(?P<one>.+?)\s+(?:(?:more|less|fewer)(?:\s+[\w-]+)?|[\w-]{{2,}}er|better|worse)"
        r"(?:\s+[\w-]+){0,2}?\s+than\s+"
        r"(?P<two>(?!(?:one|two|three|four|five|ten|half|expected|planned|usual|before|ever|that|it|\d)\b).+)",
        r"^(?P<one>.{2,200}?),?\s+(?:compared\s+(?:with|to)|in\s+comparison\s+(?:with|to))\s+(?P<two>.+)",
        r"^(?P<one>[^,]{2,60}?)\s+(?:versus|vs\.?)\s+(?P<two>.+)",
    )
)
_TAIL = re.compile(r"\s+(?:in|at|by|on|for|since|during)\s+.*$|\W+$", re.IGNORECASE | re.DOTALL)


def wanted(question: str) -> Wanted:
    """What a question wants.

    Args:
        question: as it is searched.
    """
    text = " ".join(question.split())
    for pattern in _COMPARISONS:
        found = pattern.search(text)
        if found is not None:
            sides = tuple(_TAIL.sub("", found[name]).strip() for name in ("one", "two"))
            if all(sides) and sides[0].casefold() != sides[1].casefold():
                return Wanted(Shape.COMPARISON, question, sides)
    another = _AND_ANOTHER.match(text)
    if another is not None:
        if _OF_SOMEBODY.match(another["first"]):
            return _overview(another["subject"])
        return Wanted(Shape.FACT, question, subject=another["subject"])
    request = _REQUEST.match(text)
    if request is not None:
        return _overview(request["subject"])
    if _YES_NO.match(text):
        return Wanted(Shape.YES_NO, question)
    if _LIST.match(text):
        return Wanted(Shape.LIST, question, several=True)
    return Wanted(Shape.FACT, question, several=_DID_SAY.match(text) is not None)


def _overview(subject: str) -> Wanted:
    """What a request wants: all about a subject, or what somebody said."""
    said = _SAID.match(subject)
    if said is None:
        return Wanted(Shape.OVERVIEW, f"What is known about {subject}?", subject=subject)
    who, what = said["who"], said["about"] or ""
    read = f"What did {who} say about {what}?" if what else f"What did {who} say?"
    return Wanted(Shape.OVERVIEW, read, subject=what, speaker=who)
