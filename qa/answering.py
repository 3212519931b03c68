"""``ask``: an answer made of quotes, or an honest "not in your articles"."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from index import ArticleIndex, Filters, Settings

from .answer import Answer, Hit, Quote, Turn
from .answer_kind import kinds_wanted
from .collapsing import merged
from .confidence import MOST_GENEROUS, calibration
from .context import context_start, is_heading
from .follow_up import about_last_answer, resolve
from .joining import SHAPES as JOINED
from .joining import joined
from .query import Query, read_query
from .reader import default_span_reader
from .reader.scoring import in_order
from .reading import Candidate, Reader
from .retrieval import filters_of, retrieve_many
from .sentence_reader import coverage, term_weights
from .shapes import QUOTES, Shape, Wanted, arranged, disagreeing, passages, searches, wanted

NEAREST = 3
WEAKEST = 1 / 3
"""Of the threshold: further quotes below it are left out."""
_LEAST = {
    Shape.FACT: WEAKEST,
    Shape.YES_NO: WEAKEST,
    Shape.LIST: WEAKEST,
    Shape.COMPARISON: WEAKEST / 4,
    Shape.OVERVIEW: WEAKEST / 2,
}
"""The same by shape: the weaker side of a comparison is no answer alone, and much that is worth telling in an overview
answers no question."""
DIFFER = "The articles differ. The newest comes first."
PASSAGES = 10
"""Passages that are retrieved for the reader."""
NOT_ANSWERED = "Not in your articles."
NOT_SURELY = "Not surely in your articles."
UNSURE = "A sentence may answer it; the generous level shows it."


def ask(
    index: ArticleIndex,
    question: str,
    history: Sequence[Turn] = (),
    *,
    filters: Filters | None = None,
    threshold: float | str | None = None,
    reader: Reader | None = None,
    **limits: Any,
) -> Answer:
    """Answers a question with quotes from the articles.

    Args:
        index: the articles.
        question: any text; phrases and exclusions as in ``retrieve``.
        history: earlier turns of the conversation, oldest first.
        filters: limits the articles; or give its fields here, as in ``retrieve``.
        threshold: how sure an answer must be: "strict", "balanced" (the default) or "generous"; or the probability
            itself from which a quote counts as an answer: 0 always answers when a passage was found.
        reader: what chooses the sentences; the default reader when None.

    Raises:
        QuestionError: the question is empty or far too long, or there is no such threshold.
        FilterError: a filter that cannot be understood.
    """
    return ask_many(index, [question], [history], filters=filters, threshold=threshold, reader=reader, **limits)[0]


def ask_many(
    index: ArticleIndex,
    questions: Sequence[str],
    histories: Sequence[Sequence[Turn]] | None = None,
    *,
    filters: Filters | None = None,
    threshold: float | str | None = None,
    reader: Reader | None = None,
    **limits: Any,
) -> list[Answer]:
    """``ask`` for several questions at once, which is quicker than one after the other."""
    chosen = filters_of(filters, limits)
    bar = calibration().bar(threshold)
    for question in questions:
        read_query(question)
    histories = histories if histories is not None else [()] * len(questions)
    told = [about_last_answer(question, history) for question, history in zip(questions, histories, strict=True)]
    if any(told):
        asked = [pair for pair, known in zip(zip(questions, histories, strict=True), told, strict=True) if not known]
        rest = iter(
            ask_many(
                index,
                [question for question, _ in asked],
                [history for _, history in asked],
                filters=chosen,
                threshold=threshold,
                reader=reader,
            )
        )
        return [known or next(rest) for known in told]
    words = index.snapshot().words
    resolved = [resolve(question, history, words) for question, history in zip(questions, histories, strict=True)]
    searched = [one.question for one in resolved]
    wants = [_wanted(question) for question in searched]
    found = _retrieved(index, [one.query for one in resolved], wants, chosen)
    reader = reader or default_reader(index.settings)
    groups = [passages(want, hits) for want, hits in zip(wants, found, strict=True)]
    read = iter(
        reader.read(index, [(want.read, group) for want, some in zip(wants, groups, strict=True) for group in some])
    )
    candidates = [_joined([next(read) for _ in some]) for some in groups]
    _note_reader(index, reader)
    return [
        _Answering(index, want, bar, chosen).answer(asked, question, hits[0], some)
        for asked, question, want, hits, some in zip(questions, searched, wants, found, candidates, strict=True)
    ]


def default_reader(settings: Settings | None = None) -> Reader:
    """The reader that ``ask`` uses: the program's own, or the one of the weights that the settings name."""
    settings = settings or Settings()
    return default_span_reader(settings.reader, settings.device)


def _note_reader(index: ArticleIndex, reader: Reader) -> None:
    """Says in the index's notes, once, that the confidence was fitted for another reader."""
    note = calibration().note(reader.fingerprint) if index.settings.reader is not None else None
    if note is not None and note not in index.notes:
        index.notes.append(note)


def _wanted(question: str) -> Wanted:
    """What a question wants; one with an exact phrase or an exclusion wants just that."""
    query = read_query(question)
    found = wanted(query.text)
    if found.sides and (query.phrases or query.exclusions):
        return Wanted(Shape.FACT, query.text)
    return found


def _retrieved(
    index: ArticleIndex, questions: Sequence[Query], wants: Sequence[Wanted], filters: Filters
) -> list[list[list[Hit]]]:
    """For each question its passages, then those of each further search that it needs; all searched at once."""
    further = [searches(want) for want in wants]
    found = iter(
        retrieve_many(index, [*questions, *(text for some in further for text in some)], PASSAGES, filters=filters)
    )
    first = [next(found) for _ in questions]
    return [[hits, *(next(found) for _ in some)] for hits, some in zip(first, further, strict=True)]


def _joined(read: Sequence[Sequence[Candidate]]) -> list[Candidate]:
    """The candidates of all groups of passages, best first."""
    if len(read) == 1:
        return list(read[0])
    return in_order(candidate for some in read for candidate in some)


class _Answering:
    """Makes the answer to one question out of what was read."""

    def __init__(self, index: ArticleIndex, want: Wanted, threshold: float, filters: Filters) -> None:
        self._index = index
        self._want = want
        self._threshold = threshold
        self._filters = filters

    def answer(self, asked: str, question: str, hits: Sequence[Hit], candidates: Sequence[Candidate]) -> Answer:
        """The answer: quotes, or that there is none, and why."""
        words = self._index.snapshot().words
        quotes = self._quotes(arranged(self._want, candidates, words.content_terms))
        confidence = max((quote.confidence for quote in quotes), default=0.0)
        bar = self._threshold * _LEAST[self._want.shape]
        shown = [quote for quote in quotes if quote.confidence >= bar and not self._is_spare_heading(quote, quotes[0])]
        differing = self._disagreeing(shown)
        share = WEAKEST if self._want.shape is Shape.OVERVIEW else 1
        sure = self._surety(differing or quotes, together=bool(differing) or _agree(quotes))
        if not quotes or sure < self._threshold * share:
            reason = self._reason(question, quotes, sure / share)
            text = f"{NOT_SURELY if reason == UNSURE else NOT_ANSWERED} {reason}"
            return Answer(asked, question, False, text, reason, confidence, (), tuple(hits[:NEAREST]), self._want.shape)
        note = None
        if differing:
            shown = [*differing, *(quote for quote in shown if quote not in differing)]
            note = DIFFER
        several = self._want.shape in (Shape.LIST, Shape.COMPARISON, Shape.OVERVIEW) or differing
        text = "\n\n".join(quote.text for quote in shown) if several else shown[0].text
        return Answer(asked, question, True, text, None, confidence, tuple(shown), (), self._want.shape, note)

    def _reason(self, question: str, quotes: Sequence[Quote], sure: float) -> str:
        """Why there is no answer, when a threshold of ``sure`` would have let the quotes pass."""
        if not quotes:
            if not self._index.counts()[0]:
                return "There are no articles in the index yet."
            if self._index.article_ids(self._filters) == []:
                return "No article passes the filters."
            query = read_query(question)
            if query.phrases:
                phrases = " and ".join(f"“{phrase}”" for phrase in query.phrases)
                return f"No passage holds {phrases} word for word."
            return "Nothing relevant was found."
        if quotes[0].confidence < calibration().threshold / 3:
            return "Nothing relevant was found."
        if sure >= calibration().levels[MOST_GENEROUS]:
            return UNSURE
        return "Related passages were found, but none answers the question clearly enough."

    def _is_spare_heading(self, quote: Quote, first: Quote) -> bool:
        """Whether a further quote is a heading, which says nothing beyond a sentence that answers; in a list it may."""
        if quote is first or self._want.shape is not Shape.FACT:
            return False
        return is_heading(quote.article.text, quote.start, quote.end)

    def _surety(self, quotes: Sequence[Quote], *, together: bool) -> float:
        """The probability that the best quote answers, or one of the best two where they are one answer ``together``.

        Two articles that answer take from the confidence of each other, since the reader prefers neither.
        """
        best = sorted((quote.confidence for quote in quotes), reverse=True)[
            : 2 if together or self._want.several else 1
        ]
        return 1 - math.prod(1 - confidence for confidence in best)

    def _disagreeing(self, quotes: Sequence[Quote]) -> list[Quote]:
        """The quotes that give other numbers or days than the first, and the first; newest first."""
        if self._want.shape is not Shape.FACT or not {"number", "time"} & set(kinds_wanted(self._want.read)):
            return []
        words = self._index.snapshot().words
        weights = term_weights(words, self._want.read)
        held = [coverage(weights, set(words.content_terms(f"{quote.article.title} {quote.text}"))) for quote in quotes]
        return disagreeing(quotes, held)

    def _quotes(self, candidates: Sequence[Candidate]) -> tuple[Quote, ...]:
        """The best sentences as quotes; a sentence that several articles hold is quoted once."""
        fitted = calibration()
        shape = self._want.shape
        in_rank = shape is not Shape.OVERVIEW
        most = QUOTES[shape]
        if shape in JOINED:
            found = joined(merged(self._index, candidates, 2 * most), most)
        else:
            found = [(one, one.shown.start, one.shown.end) for one in merged(self._index, candidates, most)]
        quotes: list[Quote] = []
        for one, start, end in found:
            shown, article = one.shown, one.shown.hit.article
            confidence = fitted.probability(one.best.evidence)
            if in_rank and quotes:  # a later quote is never shown as surer than the one before it
                confidence = min(confidence, quotes[-1].confidence)
            quotes.append(
                Quote(
                    text=article.text[start:end],
                    start=start,
                    end=end,
                    article=article,
                    sha256=article.sha256,
                    score=one.best.score,
                    confidence=confidence,
                    answer_start=shown.answer_start,
                    answer_end=shown.answer_end,
                    page=article.page_at(start),
                    also_in=one.also_in,
                    context_start=context_start(shown.hit, start, end),
                )
            )
        return tuple(quotes)


def _agree(quotes: Sequence[Quote]) -> bool:
    """Whether the first two quotes are of two articles, with the same words as the answer."""
    answers = {" ".join((quote.answer or "").casefold().split()) for quote in quotes[:2]}
    return len({quote.article.id for quote in quotes[:2]}) == 2 and len(answers) == 1 and answers != {""}
