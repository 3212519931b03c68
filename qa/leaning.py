"""Whether an English sentence leans on what stands before it: on a name, on a thing, on the sentence, on a speaker.

By rules over its first words, outside quotation marks. A sentence that names its own subject leans on nothing.
"""

from __future__ import annotations

import enum
import re

from .quoting_marks import Speech


class Lean(enum.Enum):
    """What a sentence needs to be understood."""

    PERSON = "somebody's name: it speaks of “he” or “she”"
    THING = "what is meant by “it”, “they” or “the company”"
    SENTENCE = "the sentence before: it begins with “this” or “however”"
    SPEAKER = "who speaks: all of it is quoted"


_CAPITAL = "[A-ZÀ-ÖØ-Þ]"
_CALENDAR = (
    "January|February|March|April|May|June|July|August|September|October|November|December|"
    "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
)
_START = re.compile(r"\A[\W_]+")
_CONNECTIVE = re.compile(
    r"(?:(?:And|But|Yet|Or|Nor|Then|However|Moreover|Furthermore|Nevertheless|Nonetheless|Therefore|Thus|Hence|"
    r"Likewise|Similarly|Meanwhile|Consequently|Afterwards?|Accordingly)\b|"
    r"(?:Still|So|Also|Instead|Besides|Otherwise|Indeed|Again|Later|Finally|Even so|In fact|In addition|In turn|"
    r"In contrast|By contrast|As a result|As such|For example|For instance|On the contrary|On the other hand|"
    r"At the same time|After all|Above all|Of course|Too|Soon|Eventually|Initially|Ultimately|Rather|Secondly|Second|"
    r"Thirdly|Third|Next|Conversely),|"
    r"(?:So|Later|Soon|Now|Also) (?=(?:he|she|it|they)\b))[,;:\s]*"
)
_POINTS_BACK = re.compile(
    r"(?:this\b(?! (?:morning|afternoon|evening|week|weekend|month|year|spring|summer|autumn|winter|time)\b)|"
    r"(?:that|such)\b|these\b(?! days\b)|those\b(?! who\b)|"
    r"(?:after|before|since|because of|despite|for|in|at|by|from|during|until|with|to|under|following) "
    r"(?:that|this|these|those|then|it|them)\b|"
    r"(?:there|here),|not so\b|as for (?:him|her|it|them|that|this)\b|the (?:same|reason) (?:is|was|goes|applies)\b|"
    r"(?:both|neither|others|another|several more|the others?|the two|the (?:latter|former|pair|couple|trio|duo))\b"
    rf"(?! {_CAPITAL})|"
    r"(?:one|two|three|four|five|some|many|most|several|few|half|none|all|each|neither|both|any) of "
    r"(?:them|these|those)\b|all (?:two|three|four|five|six|seven|eight|nine|ten|\d+)\b)",
)
_PERSON = re.compile(r"(?:he|she|his|her|him|hers)\b(?![-’'](?!(?:s|d|ll|ve)\b))")
_THING = re.compile(r"(?:it|its|they|their|theirs|them)\b(?!-)")
_IS_NAME = re.compile(
    rf"(?:He|She|It|They|This|That|These|Those|Such|Both|Another) {_CAPITAL}|"
    r"(?:His|Her|Their) (?:Majest|Highness|Holiness|Excellenc|Hono|Grace|Lordship|Ladyship)"
)
"""Has a capital after the first word: “He Jiankui”, “Her Majesty”, “This American Life”, “They Might Be Giants”."""
_IMPERSONAL = re.compile(
    r"it(?:[’']s| is| was| has been| had been| will be| would be| may be| might be| seems?| seemed| appears?| "
    r"appeared| remains?| became| becomes)(?: (?:not|now|still|also|only|even|often|already|long|widely|generally|too|"
    r"so|quite|very|more|less|almost|never|just|increasingly|yet))* "
    r"(?:unclear|clear|likely|unlikely|possible|impossible|known|unknown|important|difficult|hard|easy|necessary|true|"
    r"rare|common|expected|believed|thought|estimated|reported|hoped|understood|assumed|feared|alleged|claimed|time|"
    r"early|late|uncertain|certain|wise|safe|best|better|worth|illegal|legal|as if|as though|that)\b"
    r"|it (?:rained|snowed|is raining|was raining|turned out|turns out)\b|it (?:takes|took) [\w\s]{1,40}\bto\b"
    r"|it(?:[’']s| is| was)(?: not| only| mainly)* "
    rf"(?:(?:[a-z-]+,? ){{0,2}}{_CAPITAL}[\w’'-]*(?: {_CAPITAL}[\w’'-]*){{0,4}}(?:, [^,.]{{1,60}})?,?|"
    r"(?:in|on|at|after|before|during|because|not until|only)\b[^.;]{1,80}) (?:who|whom|whose|that)\b"
)
"""“It is unclear whether”, “It was Smith who”: this “it” means nothing before it."""
_OBJECTS = (
    "company|firm|group|organi[sz]ation|charity|agency|ministry|bank|team|club|side|squad|band|party|man|woman|boy|girl|"
    "child|couple|teenager|suspect|victim|driver|pilot|player|singer|actor|actress|author|writer|artist|scientists?|"
    "researchers?|film|movie|book|novel|album|song|painting|study|report|survey|article|project|plan|proposal|scheme|"
    "deal|agreement|treaty|contract|ship|vessel|boat|plane|aircraft|car|train|building|house|incident|attack|accident|"
    "crash|fire|explosion|storm|earthquake|disaster|decision|move|law|bill|measure|ruling|verdict|announcement|device|"
    "system|machine|disease|virus|drug|vaccine|treatment|animal|species|game|match|event|award|prize|program|programme|"
    "show|series|theory|method|technique|process|result|finding|law|ban|tax|fund|money|statement|letter|document"
)
_GOES_ON = (
    r"(?:[a-z]+(?:ed|s)|is|are|was|were|has|have|had|will|would|can|could|may|might|must|should|also|later|then|now|"
    r"said|told|made|took|came|went|began|became|won|lost|left|found|gave|got|ran|set|put|fell|rose|grew|held|kept|led|"
    r"met|paid|sold|spent|stood|built|bought|brought|saw|wrote|itself|himself|herself|did|does|do|never|still|already|"
    r"only|first)"
)
_THE_ONE = re.compile(
    rf"the (?:[a-z-]+ |\d+-year-old )?(?:(?:{_OBJECTS})s?|\d+-year-old)"
    rf"(?:(?:[’']s)? {_GOES_ON}\b|[’']s? |, (?:which|who)\b)"
)
"""“The company said”, “The ship’s captain”; not “The company that built it”, which says which one is meant."""
_OPENING = re.compile(
    r"(?:(?:in|on|at|after|before|by|during|since|until|when|while|as|for|from|with|without|despite|although|though|"
    r"because|if|once|under|over|through|throughout|within|following|asked|born|speaking|according to|instead of|"
    r"unlike|like|last|next|earlier|later|the (?:next|following|same|previous))\b|"
    r"[a-z\d]+ (?:[a-z]+ )?(?:later|ago|earlier)\b)[^,;.]{0,80},\s*"
)
_NAMES_IN_OPENING = re.compile(
    rf"(?:(?:when|while|as|after|before|although|though|because|since|if|once|until) (?:the )?(?!(?:{_CALENDAR})\b)"
    rf"(?:{_CAPITAL}[\w’'-]* )+[a-z]|(?:unlike|like|according to) {_CAPITAL})"
)


def leans_on(said: Speech) -> Lean | None:
    """What a sentence leans on, or None when it can be understood alone.

    Args:
        said: the sentence, with its quotations told apart.
    """
    if said.only_quoted:
        # Where the quotation goes on, the speaker mostly comes after its end.
        return None if said.ends_inside and not said.begins_inside else Lean.SPEAKER
    told = _START.sub("", said.outside)
    connective = _CONNECTIVE.match(told)
    rest = told[connective.end() :] if connective else told
    leans = _subject(rest)
    if leans is None and connective and not re.match(_CAPITAL, rest) and not _IMPERSONAL.match(rest):
        return Lean.SENTENCE
    return leans


def _subject(told: str) -> Lean | None:
    """What the subject of a sentence leans on; a connective has been taken off."""
    if _IS_NAME.match(told):
        return None
    # Only the first letter is made small: “IT workers” are not “it”.
    words = told[:1].lower() + told[1:]
    if found := _meant_by(words):
        return found
    if _POINTS_BACK.match(words) and not _IMPERSONAL.match(words):
        return Lean.SENTENCE
    opening = _OPENING.match(words)
    if opening is None or _NAMES_IN_OPENING.match(words):
        return None
    return _meant_by(words[opening.end() :])


def _meant_by(words: str) -> Lean | None:
    if _PERSON.match(words):
        return Lean.PERSON
    if _IMPERSONAL.match(words):
        return None
    return Lean.THING if _THING.match(words) or _THE_ONE.match(words) else None
