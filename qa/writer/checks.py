"""Whether the quotes that a written sentence names carry what can be checked in it.

The checks find what was changed or added: a number, a date, a name, a "not", a quotation, words from elsewhere. They do
not prove that a sentence says what its quotes mean; so the quotes stand below it, always.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from qa.quoting_marks import speech

from .amounts import amounts, whole
from .dates import without_dates
from .names import unknown_name
from .negation import contradiction
from .offering import Source
from .orders import gives_orders
from .quotations import quotations, verbatim, without_quotations
from .words import folded, stem, telling

SHARE = 0.6
"""Of a sentence's telling words: as many must stand in its quotes."""
_ALIKE = 4
"""First letters in which two forms of a word agree."""
_COUNTS = frozenset(
    map(
        stem,
        "zero two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion "
        "trillion dozen half percent cent per".split(),
    )
)
"""Words that are compared as values."""
LONGEST = 600
"""Characters of a sentence; a longer one is none."""
_ITSELF = re.compile(
    r"(?<![\w'])(?:(?<![A-Z]\w )I(?:'\w+)?|[Mm]e|[Mm]y(?:self)?|[Ww]e|us|[Oo]urs?|[Yy]ou(?:rs?|rself)?)(?![\w])"
)
_TOLD_BY = re.compile(
    r"\b(?:according|sa(?:id|ys?|ying)|told|tells?|claim\w*|argu\w+|call(?:s|ed)|added|adds|explain\w*|describ\w+|"
    r"wr(?:ites?|ote)|stat(?:es?|ed)|declar\w+|announc\w+|insist\w*|warn\w*|believ\w+|think|thinks|thought|promis\w+|"
    r"ask(?:s|ed)|report\w*|suggest\w*|admit\w*|den(?:y|ies|ied)|quot\w+|comment\w*|not(?:es|ed)|want(?:s|ed)|prais\w+|"
    r"criti\w+|accus\w+|urg(?:es?|ed)|hop(?:es?|ed)|expect\w*|in the words|reads?|for whom|view\w*|opinion)\b",
    re.IGNORECASE,
)
_AS_TOLD = re.compile(
    r"\b(?:(?:should|must|shall|needs? to|ha(?:s|ve) to|please|kindly|want(?:s|ed)?|ask(?:s|ed)?|told|order\w*|urg\w+)"
    r"\b[^.!?]*?\b(?:say|write|state|answer|reply|respond|print|repeat|claim|declare|tell|put|note|mention|conclude)\b"
    r"|(?:sa(?:id|ys?)|wrote|writes?|put|answer\w*|repl(?:y|ies|ied)|add(?:s|ed)|text|words?|following|note|sign|read)"
    r"\s*:)[^.!?]*",
    re.IGNORECASE,
)
"""Where a source only says what somebody says, or wants to have said."""


def what_is_wrong(text: str, numbers: Sequence[int], sources: Sequence[Source]) -> str | None:
    """Why the quotes do not carry a sentence, in a few words; None when nothing was found.

    Args:
        text: the sentence, without the numbers in brackets.
        numbers: the quotes that it names.
        sources: the quotes that were given to the writer.
    """
    offered = {source.number: source for source in sources}
    if not numbers:
        return "it names no quote"
    for number in numbers:
        if number not in offered:
            return f"there is no quote [{number}]"
    named = [offered[number] for number in numbers]
    if len(text) > LONGEST:
        return "it is far too long for one sentence"
    parts = quotations(text)
    if parts is None:
        return "it opens a quotation and does not end it"
    checks: tuple[Callable[[], str | None], ...] = (
        lambda: _invented_quotation(parts, named),
        lambda: _speaks_for_itself(without_quotations(text, parts)),
        lambda: _unknown(without_quotations(text, parts), named),
        lambda: contradiction(_without_distant(text, parts, named), _evidence(named)),
        lambda: _from_elsewhere(without_quotations(text, parts), named, quoted=bool(parts)),
    )
    return next((why for check in checks if (why := check()) is not None), None)


def _invented_quotation(parts: Sequence[str], named: Sequence[Source]) -> str | None:
    for part in parts:
        places = [verbatim(part, source.evidence) for source in named]
        if any(place is not None for place in places):
            continue
        around = next((place for source in named if (place := verbatim(part, source.article)) is not None), None)
        if around is None:
            return f"“{part[:60]}” is not word for word in {_labels(named)}"
        if gives_orders(around):
            return f"“{part[:60]}” stands in an order to language models"
    return None


def _speaks_for_itself(outside: str) -> str | None:
    found = _ITSELF.search(outside)
    return f"“{found[0]}” speaks for the writer, not for the quotes" if found else None


def _unknown(outside: str, named: Sequence[Source]) -> str | None:
    """A date, number or name that the quotes do not hold."""
    evidence = _evidence(named)
    held_dates, rest = without_dates(evidence)
    dates, undated = without_dates(outside)
    missing: str | None = next((date.text for date in dates if not date.is_among(held_dates)), None)
    if missing is None:
        held = amounts(rest)
        held += [whole(date.year) for date in held_dates if date.year is not None]
        held += [whole(date.day, "th") for date in held_dates if date.day is not None]
        missing = next((amount.text for amount in amounts(undated) if not amount.is_among(held)), None)
    if missing is None:
        missing = unknown_name(undated, evidence)
    return f"“{missing[:60]}” does not stand in {_labels(named)}" if missing is not None else None


def _from_elsewhere(outside: str, named: Sequence[Source], *, quoted: bool) -> str | None:
    """Whether most of what is told comes from elsewhere, or only from what somebody is quoted as saying."""
    words = {word for word in telling(outside) if word not in _COUNTS and not word[0].isdigit()}
    if not words:
        return None if quoted or amounts(outside) else "it says nothing that can be checked"
    evidence = _evidence(named)
    shared = {word for word in words if _is_in(word, telling(evidence))}
    if len(shared) < SHARE * len(words) and not (quoted and _TOLD_BY.search(outside)):
        return f"most of its words do not stand in {_labels(named)}"
    if quoted or not shared or _TOLD_BY.search(outside):
        return None
    own = (_AS_TOLD.sub(" ", speech(source.evidence).outside) for source in named)
    told = [word for text in own for word in telling(text)]
    if not any(_is_in(word, told) for word in shared):
        return f"it tells as a fact what somebody only says, or wants said, in {_labels(named)}"
    return None


def _is_in(word: str, others: Sequence[str]) -> bool:
    return any(word == other or (len(word) > _ALIKE and word[:_ALIKE] == other[:_ALIKE]) for other in others)


def _without_distant(text: str, parts: Sequence[str], named: Sequence[Source]) -> str:
    """A sentence without those quotations that stand elsewhere in the article: their "not" is proven there."""
    distant = [part for part in parts if not any(verbatim(part, source.evidence) for source in named)]
    return without_quotations(text, distant)


def _evidence(named: Sequence[Source]) -> str:
    return folded(" . ".join(source.evidence for source in named))


def _labels(named: Sequence[Source]) -> str:
    return "".join(f"[{source.number}]" for source in named)
