"""``evaluate``: how well an index answers a question set, as figures with confidence intervals."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from index import ArticleIndex, QuestionError, QuestionSetError

from . import measures
from .answer import Answer, Hit, Quote
from .answering import ask_many
from .confidence import calibration
from .gold import GoldPlace, find_places
from .query import read_query
from .question_sets import LabelledQuestion
from .reading import Reader
from .retrieval import retrieve_many

PRECISION = 0.9
"""At which coverage is reported, beside that at the default threshold."""
_BATCH = 32
"""Questions that are asked together; Ctrl-C waits for one batch."""
_DEPTHS = (1, 5, 10)
_NEAR = 3
"""Quotes among which the right one is looked for, beside the first."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure.

    Attributes:
        name: of what was measured.
        value: the figure, 0 to 1; None where it is not defined, as AUROC without unanswerable questions.
        low, high: its 95% confidence interval.
        questions: how many questions it is over.
    """

    name: str
    value: float | None
    low: float | None
    high: float | None
    questions: int


@dataclass(frozen=True, slots=True)
class Judged:
    """A question that was asked, and how right its quotes were.

    Attributes:
        question: the question.
        quote: the first quote, with the threshold off; None when not even a passage was found.
        confidence: of the answer.
        places: where the answer stands in the index; empty when its paragraph was not found there.
        rank: of the first passage that is the gold paragraph, from 1; None when it is not among the first ten.
        first, three: whether the first quote, and one of the first three, is right.
        exact, f1: SQuAD's measures of the words that answer; 0 for an unanswerable question.
    """

    question: LabelledQuestion
    quote: Quote | None
    confidence: float
    places: tuple[GoldPlace, ...]
    rank: int | None
    first: bool
    three: bool
    exact: float
    f1: float

    @property
    def by_place(self) -> bool:
        """Whether quotes were judged by their place in the article, rather than by the answer's words."""
        return any(place.answers for place in self.places)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was measured.

    Attributes:
        questions: how many were to be asked.
        judged: those that were asked, in the order of the set.
        unaskable: how many were left out because they are empty or far too long.
        stopped: whether it was ended before all were asked; the questions that were are then a random choice.
        threshold: the default one, at which precision and coverage are given.
        measures: the figures.
    """

    questions: int
    judged: tuple[Judged, ...]
    unaskable: int
    stopped: bool
    threshold: float
    measures: tuple[Measure, ...]

    @property
    def answerable(self) -> int:
        """How many of the questions that were asked are answerable."""
        return sum(judged.question.answerable for judged in self.judged)

    @property
    def by_place(self) -> int:
        """How many answerable ones were judged by the place of the answer; the others by its words."""
        return sum(judged.by_place for judged in self.judged if judged.question.answerable)

    @property
    def failures(self) -> tuple[Judged, ...]:
        """Questions whose first quote is wrong, and unanswerable ones that would have been answered."""
        return tuple(
            judged
            for judged in self.judged
            if (not judged.first if judged.question.answerable else judged.confidence >= self.threshold)
        )

    def measure(self, name: str) -> Measure:
        """The figure with this name."""
        return next(measure for measure in self.measures if measure.name == name)


def evaluate(
    index: ArticleIndex,
    questions: Sequence[LabelledQuestion],
    *,
    limit: int | None = None,
    reader: Reader | None = None,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Evaluation:
    """Asks the questions of a set and compares quotes and passages with the answers that are known.

    A quote is right when it overlaps a gold answer, in the gold paragraph, by offset; where the paragraph is not in the
    index, when it contains the words of a gold answer. Quotes are taken with the threshold off. The questions are asked
    in a seeded random order, so that what was measured until a stop is a fair sample of the set.

    Args:
        index: the articles.
        questions: the set, as from ``qa.question_sets.read_questions``.
        limit: asks a seeded choice of so many questions; all when None.
        reader: as for ``ask``.
        seed: of the order and of the confidence intervals.
        progress: told the number of questions asked so far and their total.
        stop: asked after each batch; once it returns True, what was measured so far is returned.

    Raises:
        QuestionSetError: there are no questions, or no paragraph of theirs is in the index.
        StoreError: the index cannot be read.
    """
    if not questions:
        raise QuestionSetError("the question set holds no questions")
    order = list(range(len(questions)))
    random.Random(seed).shuffle(order)
    asked = [position for position in order if _can_be_asked(questions[position])]
    unaskable = len(questions) - len(asked)
    if not asked:
        raise QuestionSetError("no question of the set can be asked: all are empty or far too long")
    places = dict(zip(asked, find_places(index, [questions[position] for position in asked]), strict=True))
    _check_places([questions[position] for position in asked], list(places.values()))
    asked = asked[:limit]
    judged: dict[int, Judged] = {}
    stopped = False
    for first in range(0, len(asked), _BATCH):
        if stop is not None and stop():
            stopped = True
            break
        part = asked[first : first + _BATCH]
        chosen = [questions[position] for position in part]
        found = _asked(index, chosen, [places[position] for position in part], reader)
        judged.update(zip(part, found, strict=True))
        if progress is not None:
            progress(len(judged), len(asked))
    in_order = tuple(judged[position] for position in sorted(judged))
    threshold = calibration().threshold
    figures = tuple(_figures(in_order, threshold, seed))
    return Evaluation(len(asked), in_order, unaskable, stopped, threshold, figures)


def _can_be_asked(question: LabelledQuestion) -> bool:
    try:
        read_query(question.text)
    except QuestionError:
        return False
    return True


def _check_places(questions: Sequence[LabelledQuestion], places: Sequence[tuple[GoldPlace, ...]]) -> None:
    """A set about other articles is a mistake, not a bad result."""
    if any(places) or any(question.answerable and not question.paragraph for question in questions):
        return
    if any(question.paragraph for question in questions):
        raise QuestionSetError(
            "no paragraph of the question set is in the index; add the articles that it is about first"
        )


def _asked(
    index: ArticleIndex,
    questions: Sequence[LabelledQuestion],
    places: Sequence[tuple[GoldPlace, ...]],
    reader: Reader | None,
) -> Iterator[Judged]:
    texts = [question.text for question in questions]
    found = retrieve_many(index, texts, max(_DEPTHS))
    answers = ask_many(index, texts, threshold=0.0, reader=reader)
    return (_judged(*case) for case in zip(questions, places, found, answers, strict=True))


def _judged(question: LabelledQuestion, places: tuple[GoldPlace, ...], hits: Sequence[Hit], answer: Answer) -> Judged:
    quote = answer.quotes[0] if answer.quotes else None
    texts = [text for text, _ in question.answers]
    rank = next((number for number, hit in enumerate(hits, 1) if _is_found(hit, places)), None)
    judged = Judged(question, quote, answer.confidence, places, rank, False, False, 0.0, 0.0)
    if not question.answerable or quote is None:
        return judged
    if judged.by_place:
        right = [_is_right(quote, places) for quote in answer.quotes[:_NEAR]]
    else:
        right = [any(measures.holds_words(quote.text, text) for text in texts) for quote in answer.quotes[:_NEAR]]
    words = quote.answer if quote.answer is not None else quote.text
    exact, f1 = measures.exact_match(words, texts), measures.token_f1(words, texts)
    return replace(judged, first=right[0], three=any(right), exact=exact, f1=f1)


def _is_found(hit: Hit, places: Sequence[GoldPlace]) -> bool:
    return any(measures.in_paragraph(hit, place) or measures.holds_paragraph(hit, place) for place in places)


def _is_right(quote: Quote, places: Sequence[GoldPlace]) -> bool:
    """Whether a quote overlaps an answer, in its own article or in another one that holds the same sentence."""
    if any(measures.is_right(quote, place) for place in places):
        return True
    for article in quote.also_in:
        start = article.text.find(quote.text)
        if start >= 0:
            there = replace(quote, article=article, start=start, end=start + len(quote.text))
            if any(measures.is_right(there, place) for place in places):
                return True
    return False


def _figures(judged: Sequence[Judged], threshold: float, seed: int) -> Iterator[Measure]:
    answerable = np.array([one.question.answerable for one in judged], bool)
    placed = answerable & np.array([bool(one.places) for one in judged], bool)
    confidences = np.array([one.confidence for one in judged], float)
    right = np.array([one.first for one in judged], bool)
    three = np.array([one.three for one in judged], bool)
    ranks = np.array([one.rank or np.inf for one in judged], float)
    exact, f1 = (np.array([getattr(one, name) for one in judged], float) for name in ("exact", "f1"))
    everything = np.ones(len(judged), bool)

    def share(values: Any) -> Callable[[Any], float | None]:
        return lambda chosen: float(values[chosen].mean())

    for depth in _DEPTHS:
        yield _figure(f"recall@{depth}", placed, share(ranks <= depth), seed)
    yield _figure("first_quote_right", answerable, share(right), seed)
    yield _figure("one_of_three_right", answerable, share(three), seed)
    yield _figure("exact_match", answerable, share(exact), seed)
    yield _figure("f1", answerable, share(f1), seed)
    over_all: dict[str, Callable[[Any], float | None]] = {
        "auroc": lambda some: measures.auroc(confidences[some][answerable[some]], confidences[some][~answerable[some]]),
        "coverage_at_90_precision": lambda some: measures.coverage_at_precision(
            confidences[some], right[some], answerable[some], PRECISION
        ),
        "precision": lambda some: measures.precision_at(confidences[some], right[some], threshold),
        "coverage": lambda some: measures.coverage_at(confidences[some], answerable[some], threshold),
        "expected_calibration_error": lambda some: measures.expected_calibration_error(confidences[some], right[some]),
    }
    for name, measure in over_all.items():
        yield _figure(name, everything, measure, seed)


def _figure(name: str, over: Any, measure: Callable[[Any], float | None], seed: int) -> Measure:
    """A measure over some questions, with its interval."""
    positions = np.flatnonzero(over)
    value = measure(positions) if len(positions) else None
    if value is None:
        return Measure(name, None, None, None, len(positions))
    interval = measures.confidence_interval(lambda drawn: measure(positions[drawn]), len(positions), seed=seed)
    low, high = interval if interval is not None else (None, None)
    return Measure(name, value, low, high, len(positions))
