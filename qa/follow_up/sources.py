"""Questions about the last answer itself: "In which article?", "Where does it say that?", "Who wrote it?"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath

from index import Article

from ..answer import Answer, Turn

_TEXT = (
    r"(?:articles?|stor(?:y|ies)|documents?|pages?|reports?|papers?|files?|sources?|texts?|quotes?|passages?|pieces?)"
)
_THAT = r"(?:it|that|this|these|those|they|so)"
_SO = r"(?:(?:and|but|so|ok(?:ay)?|thanks)\W+)*"
_THE_TEXT = rf"(?:{_THAT}|(?:the|that|this)\s+{_TEXT})"
_WHERE = re.compile(
    rf"{_SO}(?:"
    rf"(?:(?:in|from)\s+)?(?:which|what)\s+{_TEXT}(?:"
    rf"\s+(?:is|was|are|were)\s+(?:{_THAT}|the\s+quotes?)(?:\s+(?:in|from|written|said|taken\s+from))*|"
    rf"\s+(?:says?|said|states?|reports?|mentions?)\s+{_THAT}|"
    rf"\s+do(?:es)?\s+{_THAT}\s+(?:come\s+from|stand\s+in|say\s+{_THAT}))?|"
    rf"where\s+(?:do|does|did)\s+(?:it|they|you)\s+(?:say|write|state|report|find|read|get)\s+{_THAT}(?:\s+from)?|"
    rf"where\s+(?:is|was|are|were)\s+{_THAT}\s+(?:from|written|said|stated|reported|taken\s+from)|"
    r"where\s+do(?:es)?\s+(?:that|this|the\s+quotes?)\s+come\s+from|"
    rf"(?:what(?:[’']s|\s+is|\s+are)|show\s+me|give\s+me)\s+(?:the|your|its)\s+{_TEXT}|sources?|says\s+who|"
    rf"on\s+(?:which|what)\s+page(?:\s+is\s+{_THAT})?)",
    re.IGNORECASE,
)
_WHO = re.compile(
    rf"{_SO}(?:who\s+(?:wrote|reported|published|authored)\s+{_THE_TEXT}|"
    rf"who(?:[’']s|\s+is|\s+was)\s+(?:the|its)\s+(?:author|reporter|journalist)(?:\s+of\s+{_THE_TEXT})?)",
    re.IGNORECASE,
)
_WHEN = re.compile(
    rf"{_SO}(?:when\s+(?:was|were)\s+{_THE_TEXT}\s+(?:published|written|posted|reported|printed)|"
    rf"when\s+did\s+{_THE_TEXT}\s+(?:appear|come\s+out)|what(?:[’']s|\s+is)\s+the\s+date\s+of\s+{_THE_TEXT}|"
    rf"how\s+old\s+is\s+(?:the|that|this)\s+{_TEXT})",
    re.IGNORECASE,
)
_WORK = re.compile(
    r"\b(?:book|novel|song|poem|play|letter|report|paper|study|law|act|bill|constitution|opera|symphony|essay|speech|"
    r"article|hymn|anthem|film|movie|album|magazine|newspaper|manifesto|treaty|story|script|declaration|document)s?\b",
    re.IGNORECASE,
)
_NOTHING = "Nothing was quoted in the answer before, so there is no article to name."
_NAMES_TEXT = re.compile(rf"\b(?:the|this|that|which|what)\s+{_TEXT}\b", re.IGNORECASE)


def about_last_answer(question: str, history: Sequence[Turn]) -> Answer | None:
    """The answer to a question about the last answer's quotes: they again, and where they are from.

    None when it is no such question. "Who wrote it?" is one only where something was quoted and the conversation was
    not about a book or the like, which somebody wrote as well.
    """
    if not history:
        return None
    last = history[-1].answer
    plain = question.strip(' \t\n?!.…"“”')
    tell = next(
        (tell for pattern, tell in ((_WHERE, _place), (_WHO, _author), (_WHEN, _day)) if pattern.fullmatch(plain)), None
    )
    if tell is None or (tell is not _place and not _NAMES_TEXT.search(plain) and _WORK.search(last.question)):
        return None
    if not last.quotes:
        if tell is not _place:
            return None
        return replace(last, asked=question, text=_NOTHING, reason=_NOTHING, note=_NOTHING, nearest=())
    articles = {quote.article.id: quote.article for quote in last.quotes}
    pages = {quote.article.id: quote.page for quote in reversed(last.quotes)}
    note = " ".join(dict.fromkeys(tell(article, pages[number]) for number, article in articles.items()))
    return replace(last, asked=question, text=note, note=note)


def _place(article: Article, page: int | None) -> str:
    parts = [
        f"by {article.author}" if article.author else "",
        _date(article),
        f"page {page}" if page is not None else "",
        _source(article),
    ]
    return f"It is in “{article.title}” ({', '.join(part for part in parts if part)})."


def _author(article: Article, page: int | None) -> str:
    if article.author:
        return f"“{article.title}” was written by {article.author}."
    return f"“{article.title}” does not say who wrote it."


def _day(article: Article, page: int | None) -> str:
    day = _date(article)
    return f"“{article.title}” was published on {day}." if day else f"“{article.title}” has no date."


def _date(article: Article) -> str:
    day = article.published
    return f"{day.day} {day:%B %Y}" if day is not None else ""


def _source(article: Article) -> str:
    return article.source if "://" in article.source else PurePath(article.source.replace("\\", "/")).name
