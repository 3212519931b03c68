"""Finds where to begin so that a quote can be understood: at an earlier sentence that says who or what is meant.

What is shown before a quote is the slice of the article directly before it, never across a heading and never long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from index.paragraphs import paragraph_spans, sentence_spans

from .answer import Hit
from .leaning import Lean, leans_on
from .quoting_marks import Speech, open_at, speech

LONGEST = 400
"""Characters between the beginning of the context and the quote."""
SENTENCES_BACK = 2
"""How far a name is looked for."""
_WINDOW = 1200
"""Characters before a passage that are split into sentences when the passage itself holds too few."""
_NEARBY = 20_000
"""Characters before the quote in which a word is looked for to see whether it is a name."""
_HEADING = 80
"""Characters; a longer line is no heading."""
_PARAGRAPH_BREAK = re.compile(r"\n\s*\n|(?<=[.!?…”\"])\n")
_WORDS = re.compile(r"[^\W\d_][\w’'-]*")
_NO_PERSON = frozenset(
    "January February March April May June July August September October November December Monday Tuesday Wednesday "
    "Thursday Friday Saturday Sunday I I’m I'm English".split()
)
_OF_A_PLACE = frozenset("in at from near of on across outside inside into through around".split())

Span = tuple[int, int]


def context_start(hit: Hit, start: int, end: int) -> int | None:
    """Where to begin showing an article so that a sentence of it can be understood.

    Args:
        hit: the passage that the sentence stands in.
        start, end: the sentence, in the article's characters.

    Returns:
        The beginning of an earlier sentence, at most ``LONGEST`` characters before ``start``; None when the sentence
        can be understood alone, or when nothing before it would help.
    """
    if hit.article.language not in (None, "en"):
        return None  # the rules are English
    text = hit.article.text
    lean = leans_on(speech(text[start:end], within=_within_quotation(text, start)))
    if lean is None:
        return None
    earlier = _shown_with(text, start, _earlier(hit, start))
    if lean is Lean.SENTENCE:
        return next((first for first, _ in islice(earlier, 1)), None)
    spans = list(islice(earlier, SENTENCES_BACK))
    said = [speech(text[left:right], within=_within_quotation(text, left)) for left, right in spans]
    chosen = _naming(text[max(0, start - _NEARBY) : end], said, lean)
    return spans[chosen][0] if chosen is not None else None


def _naming(nearby: str, said: Sequence[Speech], lean: Lean) -> int | None:
    """Which of some sentences, nearest first, says who or what is meant."""
    person = lean is not Lean.THING
    for position, one in enumerate(said):
        if _names(nearby, one.outside, person=person) or (not person and leans_on(one) is None):
            return position
    for position, one in enumerate(said):
        if leans_on(one) is None and not one.only_quoted:
            return position
    # "It" and "they" mostly mean something in the sentence before, even where that leans itself.
    return 0 if said and not person else None


def _names(nearby: str, told: str, *, person: bool) -> bool:
    """Whether a sentence holds a name; for a person one that is not the name of a place, a month or a day."""
    words = list(_WORDS.finditer(told))
    for position, match in enumerate(words):
        word = re.sub(r"[’']s?$", "", match[0])
        if not word[:1].isupper() or word in _NO_PERSON:
            continue
        before = words[position - 1] if position else None
        if before is None or told[before.end() : match.start()].strip(" ,"):
            # Every sentence begins with a capital; a name has one in the middle of others, too.
            if not re.search(rf"(?<=[a-z,] ){re.escape(word)}\b", nearby):
                continue
        elif person and before[0].casefold() in _OF_A_PLACE:
            continue
        return True
    return False


def _shown_with(text: str, start: int, earlier: Iterator[Span]) -> Iterator[Span]:
    """The sentences before a quote that can be shown with it, nearest first."""
    for left, right in earlier:
        if start - left > LONGEST or is_heading(text, left, right):
            return
        yield left, right


def _earlier(hit: Hit, start: int) -> Iterator[Span]:
    """The sentences before a place, nearest first: those of the passage, then those of the text before it."""
    text = hit.article.text
    inside = [span for span in hit.sentences if span[1] <= start]
    yield from reversed(inside)
    border = inside[0][0] if inside else min(start, hit.sentences[0][0] if hit.sentences else start)
    opening = max(0, border - _WINDOW)
    # What comes after shows how the lines are wrapped.
    window = text[opening : max(hit.end, border)]
    spans: list[Span] = []
    for left, right in paragraph_spans(window):
        before = (left, min(right, border - opening))
        if window[slice(*before)].strip():
            spans += sentence_spans(window, before, _WINDOW)
    # The window may begin in the middle of a sentence.
    for left, right in reversed(spans[1:] if opening else spans):
        yield opening + left, opening + right


def is_heading(text: str, start: int, end: int) -> bool:
    """Whether a sentence is a line of its own that no stop ends: a heading, a name of an author, a date."""
    line = text[start:end]
    if len(line) > _HEADING or "\n" in line or line[-1:] in ".!?…”\"'’:;,":
        return False
    opening, closing = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    return not text[opening:start].strip() and not text[end : closing if closing >= 0 else None].strip()


def _within_quotation(text: str, start: int) -> bool:
    """Whether a quotation that began earlier in the same paragraph is open at a place."""
    opening = max(0, start - _WINDOW)
    breaks = [match.end() for match in _PARAGRAPH_BREAK.finditer(text, opening, start)]
    return open_at(text, breaks[-1] if breaks else opening, start)
