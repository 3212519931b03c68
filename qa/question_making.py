"""Makes questions out of sentences, by rules of English grammar and without a language model.

Of a clause, the part that answers something (a day, a number, a name, a reason) is taken out, and the rest is turned
into the question that this part answers. What is not understood makes no question: a strange one is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from .clauses import AUXILIARIES, BAD, BE, PREPOSITIONS, VAGUE, Clause, clause_of, main_part, verb_of
from .news_words import (
    CAPITAL,
    DAYS,
    MONEY,
    MONTHS,
    NUMBER,
    PERCENT,
    PERSON_NAME,
    PERSON_NOUN,
    ROLES,
    SINCE,
    SPAN,
    TIME,
    WORD,
    Usage,
    looks_personal,
)
from .verb_forms import base_of_past, base_of_present, past_of_participle

_COUNTED = re.compile(
    rf"^{NUMBER} (?P<things>(?:(?!of|in|on|to|for|a|an|the|and)[a-z-]+ ){{0,2}}?(?!{SPAN}\b)[a-z-]{{3,}}(?<!ss)s|"
    r"people|children|women|men)(?P<of> of (?:the )?[a-z]+(?: [a-z]+s)?)?(?P<after>(?: .*)?)$"
)
_PLACE = re.compile(
    rf"\b(?:in|at) (?:the )?(?!(?:{MONTHS}|{DAYS})\b){CAPITAL}{WORD}(?: (?:of |and )?{CAPITAL}{WORD}){{0,3}}"
)
_OBJECT = re.compile(
    r"^(?:a|an|the|its|his|her|their|two|three|new|all)"
    r"(?: (?!(?:on|in|at|after|for|to|with|from|by|as|during|into|over|because|and|who|which|that|of)\b)[\w’'-]+){1,6}"
    r"(?: of (?:the |a |an )?[\w’'-]+(?: [A-Z][\w’'-]+)*)?"
)
_STATES = frozenset("due open last first closed born held set held ready back".split())
_GENERIC = frozenset(
    "company firm group man woman team club report study survey government ministry police court agency bank minister "
    "president judge spokesman spokeswoman move decision deal figure result results figures plan plans statement "
    "project program programme case problem number rest first second others people scientists researchers officials "
    "party pair couple film book song album award game match site attack incident event article paper author family "
    "child children".split()
)
"""Words that name nothing by themselves: which company?"""
_TELLING = frozenset(
    "say mean state find show think believe tell argue explain claim predict suggest know hear warn report confirm "
    "reveal announce estimate expect add admit deny learn see".split()
)
"""Verbs after which a whole sentence may come, with or without “that”."""
_OF_MONEY = frozenset("cost pay raise earn spend donate invest lose win receive pledge offer".split())
_OF_CHANGE = frozenset("rise fall grow drop increase jump climb decline slip shrink".split())
_TAKING = frozenset(
    "announce launch buy acquire build find ban approve reject publish win lose discover open close design invent "
    "unveil introduce develop sell present create cancel postpone release steal sign found write lease own "
    "overturn".split()
)
"""Verbs of which “what” can be asked."""
_FIRST = re.compile(
    r"^(?:But|Then|And|So|Yet|Still|Now|Meanwhile|However|Also|Even|Only|Instead|Thus|Not|Nor|Or|If|As)\b"
)


@dataclass(frozen=True, slots=True)
class Made:
    """A question that was made.

    Attributes:
        question: the question.
        kind: what it asks for: ``when``, ``many``, ``much``, ``percent``, ``who``, ``role``, ``what``, ``where``,
            ``why`` or ``said``.
        answer: the words of the sentence that answer, as far as the rules know.
    """

    question: str
    kind: str
    answer: str


def questions_from(sentence: str, usage: Usage) -> Iterator[Made]:
    """The questions that a sentence answers.

    Args:
        sentence: a whole sentence, in one line.
        usage: of words, in the article.
    """
    told = re.sub(r"[.!]+$", "", sentence)
    if told == sentence or _FIRST.match(told):
        return
    found = [*_roles(told), *_relative(told, usage)]
    if not re.search(r"[“”\"]", told):
        clause = clause_of(told, usage)
        if clause is not None:
            found += _of_clause(clause, usage)
        found += _counted_subject(told)
    for made in found:
        if _reads_well(made.question):
            yield made


def _reads_well(question: str) -> bool:
    words = question[:-1].split()
    if re.search(rf"\b(?:{DAYS})\b|\b(\w+) \1\b", question):
        return False  # which Monday?
    if not 4 <= len(words) <= 15 or BAD.search(question[:-1]) or words[-1] in PREPOSITIONS - {"for", "from", "in"}:
        return False
    if words[-1] in {
        "a",
        "an",
        "the",
        "and",
        "or",
        "to",
        "his",
        "her",
        "its",
        "their",
        "was",
        "is",
        "has",
        "been",
        "about",
        "back",
        "later",
        "that",
        "be",
    }:
        return words[-1] == "about"
    content = [word for word in words[1:] if len(word) > 3 and word.lower() not in _GENERIC]
    named = [word for word in words[1:] if word[:1].isupper() or word[:1].isdigit()]
    return len(content) >= 2 and (bool(named) or len(content) >= 3)


def _of_clause(clause: Clause, usage: Usage) -> Iterator[Made]:
    main = main_part(clause.rest)
    second = re.match(r" (?:and|but) (?:then |also |later |now )?(\w+) (.+)", clause.rest[len(main) :])
    if second and not clause.time and (verb := verb_of(second[1], clause.subject, second[2].split(" ", 1)[0])):
        yield from _of_clause(replace(clause, verb=second[1], base=verb[0], helper=verb[1], rest=second[2]), usage)
    if re.search(r" that(?: (?:in|on|by|at|for|after)\b|$)", f" {main}"):
        return
    yield from _said(clause)
    inside = main.split()[1:]
    told = clause.base in _TELLING and any(base_of_past(word) or word.endswith("ed") for word in inside)
    if (told or any(word in AUXILIARIES for word in inside)) and " that " not in f" {main}":
        return  # a sentence in the sentence
    yield from _who(clause, main, usage)
    if " that " in f" {main}":
        return
    yield from _when(clause, main)
    yield from _why(clause)
    yield from _how_many(clause, main)
    yield from _how_much(clause, main)
    yield from _where(clause, main)
    yield from _passive(clause, main)
    yield from _what(clause, main)


def _without(text: str, start: int, end: int) -> str:
    return f"{text[:start].rstrip(' ,')} {text[end:].lstrip(' ,')}".strip()


def _when(clause: Clause, main: str) -> Iterator[Made]:
    first = main.split(" ", 1)[0]
    is_something = clause.helper in BE and not (past_of_participle(first) or first.endswith("ed") or first in _STATES)
    if clause.helper == "had" or main.startswith("to ") or is_something:
        return
    if clause.time:
        yield Made(f"When {clause.asked(main)}?", "when", clause.time)
        return
    match = TIME.search(main)
    if match is None:
        if (since := SINCE.search(main)) and clause.helper in ("has", "have", "is", "are", "will"):
            word = since[0].split()[0].capitalize()
            yield Made(f"{word} when {clause.asked(_without(main, *since.span()))}?", "when", since[0])
        return
    rest = _without(main, *match.span())
    if rest or clause.base:
        yield Made(f"When {clause.asked(rest)}?", "when", match[0].split(" ", 1)[1])


def _why(clause: Clause) -> Iterator[Made]:
    before, found, reason = f" {clause.rest}".partition(" because ")
    if found and not reason.startswith("of ") and not re.search(r",| that\b", before) and clause.base != "say":
        yield Made(f"Why {clause.asked(main_part(before.strip()))}?", "why", reason)


def _how_many(clause: Clause, main: str) -> Iterator[Made]:
    match = _COUNTED.match(main)
    if match and clause.helper in ("did", "does", "has", "have", "had"):
        things = match["things"] + (match["of"] or "")
        if clause.base:
            yield Made(
                f"How many {things} {clause.asked(match['after'].strip())}?", "many", main[: match.start("things")]
            )
        return
    participle, _, after = main.partition(" ")
    match = _COUNTED.match(after)
    if match and clause.helper in ("has", "have", "had", "will") and not clause.base and base_of_past(participle):
        things = match["things"] + (match["of"] or "")
        rest = f"{participle}{match['after']}"
        yield Made(f"How many {things} {clause.asked(rest)}?", "many", after[: match.start("things")])


def _how_much(clause: Clause, main: str) -> Iterator[Made]:
    if clause.base in _OF_MONEY and (match := re.match(rf"{MONEY}(?= |$)", main)):
        rest = main[match.end() :].strip()
        yearly = rest.startswith(("a year", "a month", "a week", "a day"))
        if yearly or not rest.startswith(("a ", "an ", "per ", "and ", "of ")):
            yield Made(f"How much {clause.asked(rest)}?", "much", match[0])
    if not clause.base and (match := re.match(rf"(cost|pay|raise|earn|receive) ({MONEY})(?= |$)(.*)", main)):
        yield Made(f"How much {clause.asked(match[1] + match[3])}?", "much", match[2])
    if clause.base in ("buy", "acquire", "purchase") and (match := re.search(rf" for ({MONEY})(?= |$)", main)):
        yield Made(f"How much did {clause.subject} pay for {main[: match.start()]}?", "much", match[1])
    if clause.base in ("sell", "lease") and (match := re.search(rf" for ({MONEY})(?= |$)", main)):
        yield Made(f"For how much did {clause.subject} {clause.base} {main[: match.start()]}?", "much", match[1])
    if clause.base in _OF_CHANGE and (match := re.match(rf"{PERCENT}(?= |$)", main)):
        rest = main[match.end() :].strip()
        rest = "" if rest.startswith(("to ", "from ", "and ")) else rest
        yield Made(f"By how much {clause.asked(rest)}?", "percent", match[0].removeprefix("by "))


def _where(clause: Clause, main: str) -> Iterator[Made]:
    moves = (
        "open",
        "die",
        "live",
        "work",
        "happen",
        "meet",
        "land",
        "start",
        "begin",
        "crash",
        "sink",
        "study",
        "train",
    )
    passive = clause.helper in ("was", "were", "will") and past_of_participle(main.split(" ")[0]) is not None
    if not (passive or clause.base in moves):
        return
    match = _PLACE.search(main)
    if match and not clause.time:
        rest = TIME.sub("", _without(main, *match.span())).strip()
        yield Made(f"Where {clause.asked(rest)}?", "where", match[0].split(" ", 1)[1])


def _passive(clause: Clause, main: str) -> Iterator[Made]:
    if clause.helper not in BE:
        return
    match = re.match(r"(?P<verb>[a-z]+) by (?P<number>.+)$", main)
    if match and (past := past_of_participle(match["verb"])) and (counted := _COUNTED.match(match["number"])):
        things = counted["things"] + (counted["of"] or "")
        yield Made(f"How many {things} {past} {clause.subject}{counted['after']}?", "many", match["number"])
    match = re.match(
        rf"(?P<verb>[a-z]+) by (?P<name>(?:the )?{CAPITAL}{WORD}(?: (?:of )?{CAPITAL}{WORD}){{0,4}})(?P<after>.*)$",
        main,
    )
    if match and clause.helper in ("was", "were") and (past := past_of_participle(match["verb"])):
        after = re.sub(r"^,.*", "", match["after"]).strip()
        yield Made(f"Who {past} {' '.join(part for part in (clause.subject, after) if part)}?", "who", match["name"])


def _who(clause: Clause, main: str, usage: Usage) -> Iterator[Made]:
    person = usage.person(clause.subject)
    if person is None or not main or clause.helper in ("may", "might", "could", "would", "had"):
        return
    role = clause.apposition
    if PERSON_NOUN.search(role) and role[0].islower() and not re.match(r"(?:its|his|her|their|who)\b|\w+ \w+$", role):
        yield Made(f"Who is {person}?", "role", clause.apposition)
    if clause.verb == "said" or clause.base == "die":
        return
    named = re.sub(rf"\b(?:{MONTHS}|{DAYS})\b", "", main)
    if not re.search(rf"\b{CAPITAL}|\d", named) or re.search(r"\b(?:his|her)\b", main.split(" that ")[0]):
        return
    verb = "said" if clause.verb == "added" and main.startswith("that ") else clause.verb
    yield Made(f"Who {verb} {main}?", "who", clause.subject)


def _relative(told: str, usage: Usage) -> Iterator[Made]:
    """“Hanne Lindqvist, who led the survey”."""
    for match in re.finditer(rf"\b(?P<name>{PERSON_NAME}), who (?P<verb>[a-z]+) (?P<rest>[^,;:“”\"]+)", told):
        known = base_of_past(match["verb"]) or base_of_present(match["verb"])
        if known and known not in ("say", "tell") and usage.person(match["name"]):
            yield Made(f"Who {match['verb']} {main_part(match['rest'])}?", "who", match["name"])


def _what(clause: Clause, main: str) -> Iterator[Made]:
    if clause.base in _TAKING and (match := _OBJECT.match(main)):
        rest = main[match.end() :].strip()
        if not rest or rest.split()[0] in ("on", "in", "at", "after", "from", "during", "last"):
            yield Made(f"What {clause.asked(rest)}?", "what", match[0])


def _said(clause: Clause) -> Iterator[Made]:
    if clause.base != "say" or clause.helper != "did" or clause.subject[:1].islower():
        return
    said = re.sub(rf"^(?:on (?:{DAYS}) )?(?:that )?", "", clause.rest).split()
    verbs = [place for place, word in enumerate(said[:9]) if word in AUXILIARIES or base_of_past(word)]
    about = said[: verbs[0]] if verbs else []
    plain = all(word[:1].isalnum() and word[-1:].isalnum() for word in about)
    if not about or not plain or about == ["the"] or VAGUE.search(" ".join(about)):
        return
    if (about[0] == "the" or about[0][:1].isupper()) and about[-1].lower() not in _GENERIC:
        yield Made(f"What did {clause.subject} say about {' '.join(about)}?", "said", clause.rest)


def _counted_subject(told: str) -> Iterator[Made]:
    if there := re.match(
        rf"There (are|were) ({NUMBER}) ((?:[a-z-]+ ){{0,2}}?(?!{SPAN}\b)[a-z-]{{3,}}(?<!ss)s) (.+)$", told
    ):
        yield Made(f"How many {there[3]} {there[1]} there {main_part(there[4])}?", "many", there[2])
    match = re.match(
        rf"^(?P<number>{NUMBER}) (?P<things>(?:[a-z-]+ ){{0,2}}?(?!{SPAN}\b)"
        r"(?:[a-z-]{3,}(?<!ss)s|people|children|women|men)) (?P<verb>[a-z]+) (?P<rest>.+)$",
        told,
        re.IGNORECASE,
    )
    if match and (match["verb"] in AUXILIARIES - {"is", "was", "has"} or base_of_past(match["verb"])):
        if match["verb"] not in AUXILIARIES and match["rest"].startswith(("by ", "of ")):
            return
        yield Made(f"How many {match['things']} {match['verb']} {main_part(match['rest'])}?", "many", match["number"])


def _roles(told: str) -> Iterator[Made]:
    """“The coach of Royal Carrow, Valeria Monk,” and “India's finance minister, Palaniappan Chidambaram,”."""
    place = rf"(?:the )?{CAPITAL}{WORD}(?: (?:of |and )?{CAPITAL}{WORD}){{0,3}}"
    name = rf"(?P<name>{PERSON_NAME})"
    for pattern, asked in (
        (rf"\b(?:[Tt]he )?(?P<role>(?:[a-z]+ )?{ROLES}) of (?P<of>{place}), {name}\b", "Who is the {role} of {of}?"),
        (
            rf"\b(?P<of>(?:{CAPITAL}{WORD} ){{0,2}}{CAPITAL}[\w-]+)[’']s? (?P<role>(?:[a-z]+ )?{ROLES}),? {name}\b",
            "Who is {of}’s {role}?",
        ),
        (rf"\b{name}, (?:the )?(?P<role>(?:[a-z]+ )?{ROLES}) of (?P<of>{place})", "Who is the {role} of {of}?"),
    ):
        for match in re.finditer(pattern, told):
            of = match["of"]
            vague = re.fullmatch(r"the \w+|(?:He|She|It|The|But|And|Then)\b.*|.*-[a-z].*|.*[’']s", of)
            if looks_personal(match["name"]) and not vague:
                yield Made(asked.format(role=match["role"], of=match["of"]), "role", match["name"])
