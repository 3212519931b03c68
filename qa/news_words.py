"""Words that news is told with: names of people, days, numbers, sums of money; and how an article uses its words.

Patterns are texts where they are parts of larger ones. All are bounded: an article may hold anything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
DAYS = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
CAPITAL = r"[A-ZÀ-ÖØ-Þ]"
WORD = r"[\w’'.-]{0,40}[\w’']"
PERSON_NAME = (
    rf"(?:(?:Dr|Mr|Mrs|Ms|Sir|Prof)\.? )?{CAPITAL}{WORD}"
    rf"(?: (?:van|von|de|da|di|la|al|el|bin|Mc|O’)?[ ]?{CAPITAL}{WORD}){{1,3}}"
)
_NO_PERSON = re.compile(
    r"\b(?:Bank|Institute|University|College|School|Company|Council|Party|Ltd|Inc|Corp|Group|Ministry|Department|Office|"
    r"United|Kingdom|States|Court|Commission|Union|Association|Federation|Club|City|County|Street|River|Airport|Airlines|"
    r"Church|Hospital|Museum|Times|Post|News|Festival|Cup|League|Open|Agency|Service|Act|Games|Award|Awards|Wanderers|"
    r"Rovers|Athletic|Royal|National|International|North|South|East|West|New|The|House|Committee|Board|Society|Centre|"
    rf"Center|Theatre|Prize|World|European|American|British|Motors|Systems|Software|{MONTHS}|{DAYS})\b"
)
ROLES = (
    r"(?:vice[- ])?(?:president|chairman|chairwoman|chair|chief executive|chief economist|chief|director|head|captain|"
    r"coach|manager|mayor|minister|prime minister|secretary|governor|ambassador|spokesman|spokeswoman|owner|founder|"
    r"co-founder|author|editor|leader|warden|keeper|headmistress|headmaster|curator|conductor|treasurer|chancellor|king|"
    r"queen|commissioner|analyst|economist|goalkeeper|defender|striker|judge|mother|father|widow|architect|producer|"
    r"inventor|designer|inspector)"
)
PERSON_NOUN = re.compile(
    rf"\b(?:{ROLES}|teacher|vet|botanist|researcher|scientist|professor|doctor|physician|lawyer|journalist|engineer|"
    r"baker|farmer|singer|actor|actress|writer|artist|player|winner|champion|student|miller|fisherman|psychologist|"
    r"historian|biologist|physicist|geologist|resident|retired|senator|lawmaker|expert|driver|pilot|nurse|official)\b"
)
_TITLE = re.compile(r"^(?:Dr|Mr|Mrs|Ms|Sir|Prof|Professor|President|Minister|Judge|Captain)\.? ")
_SAYING = "said|says|told|added|explained|warned|admitted|believes|thinks|argued|insisted|recalled|wrote"
_PEOPLE = (
    re.compile(rf"\b({PERSON_NAME}) (?:{_SAYING})\b"),
    re.compile(rf"\b(?:{_SAYING}|asked) ({PERSON_NAME})\b"),
    re.compile(rf"\b(?:{ROLES}|teacher|botanist|researcher|professor|lawyer|engineer|farmer),? ({PERSON_NAME})\b"),
    re.compile(rf"\b({PERSON_NAME}), (?:\d\d|(?:an? |the )?(?:[\w’'-]+ ){{0,4}}?{PERSON_NOUN.pattern}|who)\b"),
)
DAY = (
    rf"(?:the (?:end|beginning|middle|morning|night) of )?(?:(?:{DAYS}),? )?(?:(?:\d{{1,2}}(?:st|nd|rd|th)? )?"
    rf"(?:{MONTHS})(?: \d{{1,2}}(?:st|nd|rd|th)?)?(?:,? \d{{4}})?|(?:1[5-9]|20)\d\d|"
    r"(?:early|late|mid-?) ?(?:1[5-9]|20)\d\d)"
)
TIME = re.compile(rf"\b(?:on|in|by|at|from) {DAY}(?: (?:morning|afternoon|evening|night))?\b(?![-’']| to | until )")
SINCE = re.compile(rf"\b(?:since|until) {DAY}\b")
LEADING = re.compile(rf"^(?:On|In|By|At) {DAY},? (?=[\w“])")
NUMBER = (
    r"(?:about |around |some |almost |nearly |more than |over |at least |fewer than |up to |just |only )?"
    r"(?:\d[\d,.]*\d|\d|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|"
    r"seventeen|eighteen|nineteen|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-\w+)?|"
    r"(?:a|two|three|four|five|six|seven|eight|nine) (?:hundred|thousand|dozen))"
    r"(?: (?:million|billion|thousand|hundred))?"
)
MONEY = (
    r"(?:about |around |some |almost |nearly |more than |over |at least |up to )?(?:[£$€]\d[\d,.]*\d?(?:bn|m|k)?"
    r"(?: (?:million|billion|thousand))?|(?:\d[\d,.]*|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty)"
    r"(?: (?:million|billion|thousand|hundred))? (?:US )?"
    r"(?:dollars|euros|pounds|kroner|kronor|francs|yen|crowns|pesos))"
)
PERCENT = r"(?:by )?(?:about |around |almost |nearly |more than |over )?\d[\d.,]*(?:%| per ?cent)(?: per cent)?"
SPAN = (
    r"(?:dollars|euros|pounds|crowns|kroner|kronor|francs|yen|pesos|seconds|minutes|hours|days|nights|weeks|months|years|"
    r"decades|centuries|percent|per|times|years?-old|p|m|km)"
)
"""What is measured and not counted: “how many years” is not asked."""


@dataclass(frozen=True, slots=True)
class Usage:
    """How an article uses words: what a rule has to know beside the sentence.

    Attributes:
        small: words that it writes with a small letter somewhere; a sentence may begin with one.
        named: words that it writes with a capital in the middle of a sentence.
        people: names of people in full, by their last word.
    """

    small: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    people: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str) -> Usage:
        """That of an article's text."""
        people = [match[1] for pattern in _PEOPLE for match in pattern.finditer(text)]
        whole = [_TITLE.sub("", name) for name in people if looks_personal(name)]
        by_last: dict[str, str] = {}
        for name in whole:
            if " " in name:
                by_last.setdefault(name.split()[-1], name)
        small = frozenset(re.findall(r"(?<![\w’'-])[a-z][\w’'-]+", text))
        named = frozenset(re.findall(rf"(?<=[a-z,] )({CAPITAL}[\w’'-]+)", text))
        return cls(small, named, by_last)

    def person(self, name: str) -> str | None:
        """The full name of somebody who is known to be a person; None for any other name."""
        plain = _TITLE.sub("", name)
        full = self.people.get(plain.split()[-1] if plain else "")
        if full is not None and (plain == full or " " not in plain):
            return full
        return name if plain != name and looks_personal(name) else None


def looks_personal(name: str) -> bool:
    """Whether a name may be that of a person: none of its words is that of a body or place, or short for many."""
    whole = bool(re.fullmatch(PERSON_NAME, name))
    return whole and not _NO_PERSON.search(name) and not re.search(r"[’']s\b|-[a-z]|\b[A-Z]{2,}\b|\d", name)
