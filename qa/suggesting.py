"""Questions that the articles answer, made of their own sentences without a language model.

A sentence that begins with a name makes a "Who …?", one that begins with a number a "How many …?", one that tells a
day or a year behind an auxiliary verb a "When …?": each keeps the sentence's own words. A question is only offered
when ``ask`` answers it with that very sentence, and is nearly sure.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from index import Article, ArticleIndex
from index.paragraphs import paragraph_spans, sentence_spans

from .answering import ask_many
from .reading import Reader

SURE = 0.85
"""The confidence from which an answer is nearly sure."""
_SHORTEST, _LONGEST = 4, 14
"""Words of a question."""
_BATCH = 2
_TEXT = 6000
"""Characters of an article that are looked at."""
_SENTENCE = 600

_NAME = r"[A-ZÀ-Þ][\w’'-]+(?: (?:van|von|de|la|al|el|bin|[A-ZÀ-Þ][\w’'.-]*)){1,3}"
_SAYS = (
    r"[a-z]+ed|said|says|won|led|built|wrote|found|made|became|began|took|gave|saw|ran|left|lost|paid|sold|bought|"
    r"brought|thought|told|held|kept|met|set|won|is|was|has|had|will|wants|leads|runs|owns"
)
_WHO = re.compile(rf"^(?P<name>{_NAME})(?:, [^,]{{3,80}},)? (?P<rest>(?:{_SAYS}) .+)$")
_NUMBER = (
    r"(?:\d[\d,.]*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|"
    r"sixty|seventy|eighty|ninety|[a-z]+-(?:two|three|four|five|six|seven|eight|nine)|(?:a|two|three|four) hundred)"
)
_HOW_MANY = re.compile(
    rf"^(?:(?:about|some|around|nearly|almost|more than|over|all|the) )?{_NUMBER} (?P<rest>[a-z]\w*s .+)$", re.I
)
_MONTHS = (
    "January|February|March|April|May|June|July|August|September|October|November|December|Monday|Tuesday|Wednesday|"
    "Thursday|Friday|Saturday|Sunday"
)
_WHEN = re.compile(
    rf"^(?P<subject>(?:(?:The|An?) [\w’'-]+|{_NAME})(?: [\w’'-]+){{0,5}}?) (?P<aux>will|was|were|is|are|has|had) "
    rf"(?P<before>.+?),? (?:on|in|from|since|until|at) (?P<day>(?:\d{{1,2}} )?(?:{_MONTHS})(?: \d{{4}}| \d{{1,2}})?|"
    r"(?:1[5-9]|20)\d\d)(?P<after>\b.*)$"
)
_POINTS = re.compile(r"\b(?:he|she|they|it|his|her|their|its|him|them|this|these|that year|here|I|we|our|my)\b", re.I)
_ENDS = re.compile(r"[.!]+[”\"’']?$")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question that the articles answer.

    Attributes:
        question: the question.
        confidence: how sure its answer is, 0 to 1.
        article: the id of the article that answers.
    """

    question: str
    confidence: float
    article: int


def suggest(
    index: ArticleIndex,
    count: int = 4,
    *,
    articles: Iterable[int] | None = None,
    leave_out: Sequence[str] = (),
    seconds: float = 10.0,
    reader: Reader | None = None,
    stop: Callable[[], bool] | None = None,
) -> tuple[Suggestion, ...]:
    """Questions that ``ask`` answers, and is nearly sure.

    Args:
        index: the articles.
        count: how many at most; each is of another article unless ``articles`` is given.
        articles: ids of the articles that they are made of; the newest ones and some from all over when None.
        leave_out: questions that were asked already.
        seconds: after which no more are looked for.
        reader: as for ``ask``.
        stop: asked often; ends the search too.
    """
    until = time.monotonic() + seconds
    one_each = articles is None
    ids = list(articles) if articles is not None else _spread(index)
    known = {question.casefold() for question in leave_out}
    found: list[Suggestion] = []
    waiting: list[tuple[str, str, int]] = []
    for number in ids:
        article = index.article(number)
        if article is None or article.language not in (None, "en"):
            continue
        made = [one for one in questions_of(article) if one[0].casefold() not in known]
        waiting += [(question, sentence, number) for question, sentence in made[: _BATCH if one_each else 3 * _BATCH]]
        while len(waiting) >= _BATCH or (waiting and number == ids[-1]):
            if time.monotonic() > until or (stop is not None and stop()):
                return tuple(found[:count])
            batch, waiting = waiting[:_BATCH], waiting[_BATCH:]
            for suggestion in _answered(index, batch, reader):
                if not one_each or suggestion.article not in {one.article for one in found}:
                    found.append(suggestion)
            if len(found) >= count:
                return tuple(found[:count])
    return tuple(found[:count])


def questions_of(article: Article) -> Iterator[tuple[str, str]]:
    """Questions that an article's sentences make, each with its sentence."""
    text = article.text[:_TEXT]
    for paragraph in paragraph_spans(text):
        for start, end in sentence_spans(text, paragraph, _SENTENCE):
            sentence = " ".join(text[start:end].split())
            question = question_of(sentence)
            if question is not None and sentence != article.title:
                yield question, text[start:end]


def question_of(sentence: str) -> str | None:
    """The question that a sentence answers, in its own words; None when it makes none that can be understood."""
    told = _ENDS.sub("", sentence)
    if told == sentence or any(mark in told for mark in '“”";:()?—'):
        return None
    question = None
    if match := _WHEN.match(told):
        subject = match["subject"]
        first = subject.split()[0]
        subject = subject if first not in {"The", "A", "An"} else first.lower() + subject[len(first) :]
        question = f"When {match['aux']} {subject} {match['before']}{match['after']}?"
    elif match := _WHO.match(told):
        question = f"Who {match['rest']}?"
    elif match := _HOW_MANY.match(told):
        question = f"How many {match['rest']}?"
    if question is None or _POINTS.search(question):
        return None
    return question if _SHORTEST <= len(question.split()) <= _LONGEST else None


def _spread(index: ArticleIndex, most: int = 40) -> list[int]:
    """Ids of articles from all over an index, so that a large one is not looked through as a whole."""
    from index import Filters

    ids = index.listed_ids(Filters())
    step = max(1, len(ids) // most)
    return ids[::-step][:most]


def _answered(
    index: ArticleIndex, batch: Sequence[tuple[str, str, int]], reader: Reader | None
) -> Iterator[Suggestion]:
    answers = ask_many(index, [question for question, _, _ in batch], reader=reader)
    for (question, sentence, number), answer in zip(batch, answers, strict=True):
        if not answer.answered or answer.confidence < SURE or not answer.quotes:
            continue
        best = answer.quotes[0]
        if sentence in best.text and (best.article.id == number or number in {one.id for one in best.also_in}):
            yield Suggestion(question, answer.confidence, number)
