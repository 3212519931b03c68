"""Questions that the articles answer, made of their own sentences without a language model.

``question_making`` turns sentences into questions, and ``ask`` is asked each of them: a question is only offered when
the answer is nearly sure, is that very sentence, and holds the words that were taken out of it.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from index import Article, ArticleIndex, Filters
from index.paragraphs import paragraph_spans, sentence_spans

from .answer import Answer, Quote
from .answering import ask_many
from .news_words import Usage
from .question_making import Made, questions_from
from .reading import Reader
from .retrieval import retrieve

_SENTENCE = 600
_BEGINNING = 5_000
"""Characters of an article that are looked at first: what it is about stands there."""
_BEFORE, _BEHIND = 2_000, 6_000
"""Characters before and behind a quote that are looked at for what follows from it."""
_BATCH = 4
_NEAR = 8
"""Passages in other articles that are looked at for what follows from an answer."""
_MOST_ARTICLES = 60
_PER_ARTICLE, _PER_QUOTED = 2, 8
"""Questions of one article that are tried, and of one that was quoted."""
_WORTH = {
    "why": 5,
    "much": 5,
    "who": 4,
    "where": 4,
    "what": 4,
    "many": 4,
    "when": 4,
    "role": 3,
    "percent": 3,
    "said": 2,
}
"""By what they ask for: what a person is likelier to want to know comes first."""
_LOOSE = ("why", "said")
"""Kinds of which the rules do not know exactly which words answer."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question that the articles answer.

    Attributes:
        question: the question.
        confidence: how sure its answer is, 0 to 1.
        article: the id of the article that answers.
        kind: what it asks for; see ``question_making.Made``.
        start, end: the sentence that answers, in the article's characters.
    """

    question: str
    confidence: float
    article: int
    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Draft:
    """A question that has not been tried yet, and where it comes from."""

    made: Made
    article: int
    start: int
    end: int
    worth: float


def suggest(
    index: ArticleIndex,
    count: int = 4,
    *,
    after: Answer | None = None,
    leave_out: Sequence[str] = (),
    seconds: float = 10.0,
    reader: Reader | None = None,
    stop: Callable[[], bool] | None = None,
) -> tuple[Suggestion, ...]:
    """Questions that ``ask`` answers, and is nearly sure.

    Args:
        index: the articles.
        count: how many at most; of different articles, and not all of one kind, as far as there are others.
        after: an answer that the questions shall follow from: they are about the articles that it quotes, what they
            share names with first, and are not answered by what it has shown.
        leave_out: questions that were asked already.
        seconds: after which no more are looked for.
        reader: as for ``ask``.
        stop: asked often; ends the search too.
    """
    until = time.monotonic() + seconds
    chosen = _Chosen(count, spread=after is None)
    drafts = _following(index, after) if after is not None else _of_all(index)
    known = {_plain(question) for question in leave_out}
    waiting: list[_Draft] = []
    for draft in drafts:
        if draft is not None and _plain(draft.made.question) not in known:
            known.add(_plain(draft.made.question))
            waiting.append(draft)
        if len(waiting) >= _BATCH:
            chosen.take(_answered(index, waiting, reader))
            waiting = []
        if chosen.is_full or time.monotonic() > until or (stop is not None and stop()):
            return chosen.best()
    if waiting:
        chosen.take(_answered(index, waiting, reader))
    return chosen.best()


class _Chosen:
    """Collects suggestions: of as many articles and kinds as there are."""

    def __init__(self, count: int, *, spread: bool) -> None:
        self._count, self._spread = count, spread
        self._first: list[Suggestion] = []
        self._others: list[Suggestion] = []

    @property
    def is_full(self) -> bool:
        """Whether nothing better can come."""
        return len(self._first) >= self._count

    def take(self, found: Iterable[Suggestion]) -> None:
        """Takes suggestions."""
        for one in found:
            taken = [*self._first, *self._others]
            if any((other.article, other.start) == (one.article, one.start) for other in taken):
                continue
            kinds = Counter(other.kind for other in self._first)
            too_alike = kinds[one.kind] >= max(1, self._count // 2)
            same_article = self._spread and any(other.article == one.article for other in self._first)
            (self._others if too_alike or same_article else self._first).append(one)

    def best(self) -> tuple[Suggestion, ...]:
        """The suggestions, the most different ones first."""
        return tuple([*self._first, *self._others][: self._count])


def questions_of(article: Article, around: int | None = None) -> Iterator[tuple[Made, int, int]]:
    """Questions that an article's sentences make, each with the place of its sentence.

    Args:
        article: the article.
        around: a character; what stands near it is looked at beside the beginning.
    """
    if article.language not in (None, "en"):
        return  # the rules are English
    text = article.text
    parts = [text[:_BEGINNING]]
    if around is not None:
        parts.append(text[max(0, around - _BEFORE) : around + _BEHIND])
    usage = Usage.of("\n".join(parts))
    for paragraph in paragraph_spans(text):
        near = around is not None and around - _BEFORE <= paragraph[0] <= around + _BEHIND
        if paragraph[0] > _BEGINNING and not near:
            continue
        if text[slice(*paragraph)] == article.title or paragraph[1] - paragraph[0] > 4 * _BEHIND:
            continue
        for start, end in sentence_spans(text, paragraph, _SENTENCE):
            for made in questions_from(" ".join(text[start:end].split()), usage):
                yield made, start, end


def _of_all(index: ArticleIndex) -> Iterator[_Draft | None]:
    """The best questions of articles from all over an index, the newest first; None where time can be looked at."""
    ids = index.listed_ids(Filters())
    step = max(1, len(ids) // _MOST_ARTICLES)
    later: list[_Draft] = []
    for number in ids[::-step][:_MOST_ARTICLES]:
        article = index.article(number)
        if article is None:
            continue
        drafts = _in_order(article)
        kinds = list({draft.made.kind: draft for draft in reversed(drafts)}.values())[::-1]
        yield from kinds[:_PER_ARTICLE]
        later += [draft for draft in drafts if draft not in kinds[:_PER_ARTICLE]]
        yield None
    yield from later


def _following(index: ArticleIndex, answer: Answer) -> Iterator[_Draft | None]:
    """Questions about the articles of an answer; those that share most names with it come first."""
    told = " ".join([answer.question, *(quote.text for quote in answer.quotes)])
    names = set(re.findall(r"(?<=[\w,] )[^\W\d_a-z][\w’'-]{2,}", told))  # those that do not begin a sentence
    shown: dict[int, list[Quote]] = {}
    for quote in answer.quotes:
        shown.setdefault(quote.article.id, []).append(quote)
    drafts = []
    for number, quotes in shown.items():
        article = index.article(number)
        if article is None:
            continue
        for draft in _in_order(article, quotes[0].start)[: 4 * _PER_QUOTED]:
            if all(draft.end <= quote.start or draft.start >= quote.end for quote in quotes):
                shared = len(names.intersection(_words_of(draft)))
                drafts.append((shared, draft.worth, draft))
        yield None
    # Then what others tell of the same names.
    near = retrieve(index, answer.question, _NEAR) if names else []
    for number in dict.fromkeys(hit.article.id for hit in near):
        article = index.article(number) if number not in shown else None
        if article is not None:
            found = ((len(names.intersection(_words_of(draft))), draft) for draft in _in_order(article))
            drafts += [(shared - len(names), draft.worth, draft) for shared, draft in found if shared]
            yield None
    drafts.sort(key=lambda one: (-one[0], -one[1]))
    yield from (draft for _, _, draft in drafts[: _PER_QUOTED * max(1, len(shown))])


def _words_of(draft: _Draft) -> list[str]:
    return re.findall(r"[\w’'-]+", draft.made.question)


def _in_order(article: Article, around: int | None = None) -> list[_Draft]:
    """The questions of an article, the best ones first."""
    drafts = []
    for made, start, end in questions_of(article, around):
        words = made.question.split()
        worth = _WORTH.get(made.kind, 1) + (6 <= len(words) <= 12) + any(word[:1].isupper() for word in words[1:])
        place = abs(start - around) / _BEHIND if around is not None else start / _BEGINNING
        drafts.append(_Draft(made, article.id, start, end, worth - place))
    return sorted(drafts, key=lambda draft: -draft.worth)


def _answered(index: ArticleIndex, drafts: Sequence[_Draft], reader: Reader | None) -> Iterator[Suggestion]:
    answers = ask_many(index, [draft.made.question for draft in drafts], reader=reader)
    for draft, answer in zip(drafts, answers, strict=True):
        made = draft.made
        if answer.answered and not answer.note and _is_meant(draft, answer.quotes[0]):
            yield Suggestion(made.question, answer.confidence, draft.article, made.kind, draft.start, draft.end)


def _is_meant(draft: _Draft, quote: Quote) -> bool:
    """Whether a quote is the sentence that the question was made of, and its answer what was taken out of it."""
    if quote.article.id != draft.article:
        if draft.article not in {one.id for one in quote.also_in}:
            return False
    elif quote.end <= draft.start or quote.start >= draft.end:
        return False
    if draft.made.kind in _LOOSE or quote.answer is None:
        return draft.made.kind in _LOOSE
    return bool(_words(quote.answer) & _words(draft.made.answer))


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold())) - {"the", "a", "an", "of", "in", "on", "about", "and"}


def _plain(question: str) -> str:
    return " ".join(re.findall(r"\w+", question.casefold()))
