"""Reads a sentence as a clause: who or what it is about, its verb, and what the verb says."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .news_words import LEADING, NUMBER, PERSON_NOUN, Usage, looks_personal
from .verb_forms import base_of_past, base_of_present, is_ambiguous, past_of_participle

AUXILIARIES = frozenset("is are was were has have had will would can could must may might should".split())
BE = frozenset({"is", "are", "was", "were"})
_ENDS = re.compile(
    r",(?! ?\d{3}\b) |; | [–—-] | \(|:| (?:who|which|where|while|but|although|though|whose|so that|as well as|saying|"
    r"adding|making|leaving|including|despite|amid|compared|when|after he|after she|after they|as he|as she|as it)\b"
)
_SECOND = re.compile(r" (?:and|or|then|but) ")
BAD = re.compile(
    r"\b(?:I|we|you|my|our|your|me|us|here|this|these|those|that year|the same|such|former|latter|another|"
    r"however|also|too|then|there)\b|[“”\"()\[\];:?!…]|\bit\b(?! is\b)|\b(?:he|she|they|him|them)\b"
)
VAGUE = re.compile(
    r"\b(?:that|which|who|whom|whose|to|than|when|where|if|because|as|not|and his|and her|but|it|he|she|they|this|"
    r"these|those|there|one|others?|another|many|few|several|most|his|her|their|its|both|each|any|none|all|same|such|"
    r"what|how)\b",
    re.IGNORECASE,
)
_WITH_OBJECT = frozenset(
    "present publish found write build design create develop announce release unveil introduce produce acquire buy "
    "find make issue order award injure kill arrest name print propose record repair replace report select test "
    "use".split()
)
_AFTER = ("in", "on", "at", "for", "from", "during", "after", "with", "to")
PREPOSITIONS = frozenset("of for in at from on between against near under over with".split())


@dataclass(frozen=True, slots=True)
class Clause:
    """A sentence as it was understood.

    Attributes:
        subject: who or what it is about, without what stands between commas.
        apposition: what stands there, or an empty text.
        verb: its verb as it is written: an auxiliary, or a finite verb.
        base: the verb's base; empty for an auxiliary.
        helper: what the question begins with: ``did``, ``does``, or the auxiliary.
        rest: what comes after the verb.
        time: a day that the sentence begins with, or an empty text.
    """

    subject: str
    apposition: str
    verb: str
    base: str
    helper: str
    rest: str
    time: str = ""

    def asked(self, rest: str) -> str:
        """The clause turned round, with another rest."""
        return " ".join(part for part in (self.helper, self.subject, self.base, rest) if part)


def clause_of(sentence: str, usage: Usage) -> Clause | None:
    """Reads a sentence that has no full stop any more; None when it is not understood."""
    time = ""
    if match := LEADING.match(sentence):
        time = match[0].strip(" ,")
        sentence = sentence[match.end() :]
        sentence = sentence[:1].upper() + sentence[1:]
    words = sentence.split()
    for place, word in enumerate(words[1:24], 1):
        if not (word in AUXILIARIES or base_of_past(word) or base_of_present(word)):
            continue
        before = " ".join(words[:place])
        if before.count(",") == 1 and len(words) > place + 3:
            continue  # the verb of what stands between two commas
        told = _told_of(before, usage)
        if told is None:
            return None
        subject, apposition = told
        if len(subject.split()) <= 2:
            subject = usage.person(subject) or subject
        verb = verb_of(word, subject, words[place + 1] if place + 1 < len(words) else "")
        if verb is None:
            return None
        base, helper = verb
        return Clause(subject, apposition, word, base, helper, " ".join(words[place + 1 :]), time)
    return None


def verb_of(word: str, subject: str, following: str) -> tuple[str, str] | None:
    """The base and the helper of a verb; None for a word that is none."""
    if word in AUXILIARIES:
        return "", word
    if base := base_of_past(word):
        if is_ambiguous(base) and subject.endswith("s"):
            return None
        # “The man accused of theft”, “A statement presented in court”: participles.
        unlike = ("by", "of", *(_AFTER if base in _WITH_OBJECT else ()))
        return None if following in unlike and past_of_participle(word) else (base, "did")
    base = base_of_present(word)
    if base is None:
        return None
    begins_object = re.match(r"(?:a|an|the|its|two|three|more|about|in|at|to|with|from|\d|[A-Z])", following)
    return (base, "does") if begins_object and not subject.endswith("s") else None


def _told_of(text: str, usage: Usage) -> tuple[str, str] | None:
    """A subject as it stands in a question, and what stands between commas in it."""
    apposition = ""
    if match := re.fullmatch(r"([^,]+), ([^,]{2,120})(?:, ([^,]{2,60}))?,", text):
        text, apposition = match[1], match[2]
        if looks_personal(apposition) and re.search(rf"(?:{PERSON_NOUN.pattern})$", text) and " by " not in text:
            # “The chairman, Wilf Arkwright, said”
            return apposition, re.sub(r"^(The|An?|Its|Their|His|Her) ", lambda first: first[0].lower(), text)
        if not (re.match(r"\d\d?$|(?:a|an|the|aged|who|which|[a-z]+)\b", apposition)):
            return None
    if "," in text or BAD.search(text) or VAGUE.search(text):
        return None
    words = text.split()
    if len(words) > 9 or any(word.endswith("ing") and word.islower() for word in words[1:]):
        return None
    first = words[0]
    if first in ("The", "A", "An"):
        if len(words) == 1:
            return None
        return f"{first.lower()} {' '.join(words[1:])}", apposition
    if re.fullmatch(rf"{NUMBER}", " ".join(words[:1]), re.IGNORECASE):
        return None
    small = first.lower() in usage.small
    joining = {"of", "the", "and", "de", "van", "von", "for"}
    named = all(word[:1].isupper() or word in joining for word in words) and not re.search(r"-[a-z]|[’']s?\b", text)
    proper = not small or first in usage.named or (len(words) > 1 and words[1][:1].isupper())
    if named and proper and (len(words) > 1 or first in usage.named):
        return text, apposition
    plural = words[-1].endswith("s") or (first.endswith("s") and words[1:2] == ["of"])
    if small and plural and not any(word in PREPOSITIONS - {"of", "in", "at", "from"} for word in words):
        return f"{first.lower()} {' '.join(words[1:])}".strip(), apposition
    return None


def main_part(rest: str) -> str:
    """What a verb says, up to where something else begins."""
    cut = _ENDS.search(rest)
    main = rest[: cut.start()] if cut else rest
    main = f" {main}".split(" because ")[0]
    for match in _SECOND.finditer(main):
        following = main[match.end() :].split(" ")[:5]
        if base_of_present(following[0]) or any(word in AUXILIARIES or base_of_past(word) for word in following):
            return main[: match.start()].strip()
    return main.strip()
