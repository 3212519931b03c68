"""``ask``: an answer made of quotes, or an honest "not in your articles"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from index import ArticleIndex, Filters, Settings

from .answer import Answer, Hit, Quote, Turn
from .collapsing import merged
from .confidence import calibration
from .context import context_start
from .follow_up import standalone
from .query import read_query
from .reader import default_span_reader
from .reading import Candidate, Reader
from .retrieval import filters_of, retrieve_many

QUOTES = 3
NEAREST = 3
WEAKEST = 1 / 2
"""Of the threshold: further quotes below it are left out."""
PASSAGES = 10
"""Passages that are retrieved for the reader."""
NOT_ANSWERED = "Not in your articles."


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
    searched = [standalone(question, history) for question, history in zip(questions, histories, strict=True)]
    found = retrieve_many(index, searched, PASSAGES, filters=chosen)
    texts = [read_query(question).text for question in searched]
    reader = reader or default_reader(index.settings)
    candidates = reader.read(index, list(zip(texts, found, strict=True)))
    _note_reader(index, reader)
    return [
        _answer(index, asked, question, hits, read, bar, chosen)
        for asked, question, hits, read in zip(questions, searched, found, candidates, strict=True)
    ]


def default_reader(settings: Settings | None = None) -> Reader:
    """The reader that ``ask`` uses: the program's own, or the one of the weights that the settings name."""
    return default_span_reader(settings.reader if settings is not None else None)


def _note_reader(index: ArticleIndex, reader: Reader) -> None:
    """Says in the index's notes, once, that the confidence was fitted for another reader."""
    note = calibration().note(reader.fingerprint) if index.settings.reader is not None else None
    if note is not None and note not in index.notes:
        index.notes.append(note)


def _answer(
    index: ArticleIndex,
    asked: str,
    question: str,
    hits: Sequence[Hit],
    candidates: Sequence[Candidate],
    threshold: float,
    filters: Filters,
) -> Answer:
    quotes = _quotes(index, candidates)
    confidence = quotes[0].confidence if quotes else 0.0
    if quotes and confidence >= threshold:
        shown = tuple(quote for quote in quotes if quote.confidence >= threshold * WEAKEST)
        return Answer(asked, question, True, quotes[0].text, None, confidence, shown)
    reason = _reason(index, question, quotes, filters)
    return Answer(asked, question, False, f"{NOT_ANSWERED} {reason}", reason, confidence, (), tuple(hits[:NEAREST]))


def _quotes(index: ArticleIndex, candidates: Sequence[Candidate]) -> tuple[Quote, ...]:
    """The best sentences as quotes; a sentence that several articles hold is quoted once."""
    fitted = calibration()
    quotes: list[Quote] = []
    for found in merged(index, candidates, QUOTES):
        shown, article = found.shown, found.shown.hit.article
        # Later quotes are never shown as surer than the one before them.
        confidence = min([fitted.probability(found.best), *(quote.confidence for quote in quotes)])
        quotes.append(
            Quote(
                text=shown.text,
                start=shown.start,
                end=shown.end,
                article=article,
                sha256=article.sha256,
                score=found.best.score,
                confidence=confidence,
                answer_start=shown.answer_start,
                answer_end=shown.answer_end,
                page=article.page_at(shown.start),
                also_in=found.also_in,
                context_start=context_start(shown.hit, shown.start, shown.end),
            )
        )
    return tuple(quotes)


def _reason(index: ArticleIndex, question: str, quotes: Sequence[Quote], filters: Filters) -> str:
    if not quotes:
        if not index.counts()[0]:
            return "There are no articles in the index yet."
        if index.article_ids(filters) == []:
            return "No article passes the filters."
        query = read_query(question)
        if query.phrases:
            phrases = " and ".join(f"“{phrase}”" for phrase in query.phrases)
            return f"No passage holds {phrases} word for word."
        return "Nothing relevant was found."
    if quotes[0].confidence < calibration().threshold / 3:
        return "Nothing relevant was found."
    return "Related passages were found, but none answers the question clearly enough."
