"""``ask``: an answer made of quotes, or an honest "not in your articles"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from index import ArticleIndex, Filters

from .answer import Answer, Hit, Quote, Turn
from .confidence import calibration
from .follow_up import standalone
from .query import read_query
from .reading import Candidate, Reader
from .retrieval import filters_of, retrieve_many
from .sentence_reader import SentenceReader

QUOTES = 3
NEAREST = 3
WEAKEST = 1 / 3
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
    threshold: float | None = None,
    reader: Reader | None = None,
    **limits: Any,
) -> Answer:
    """Answers a question with quotes from the articles.

    Args:
        index: the articles.
        question: any text; phrases and exclusions as in ``retrieve``.
        history: earlier turns of the conversation, oldest first.
        filters: limits the articles; or give its fields here, as in ``retrieve``.
        threshold: the probability from which a quote counts as an answer; the calibrated default when None. 0 always
            answers when a passage was found.
        reader: what chooses the sentences; the default reader when None.

    Raises:
        QuestionError: the question is empty or far too long.
        FilterError: a filter that cannot be understood.
    """
    return ask_many(index, [question], [history], filters=filters, threshold=threshold, reader=reader, **limits)[0]


def ask_many(
    index: ArticleIndex,
    questions: Sequence[str],
    histories: Sequence[Sequence[Turn]] | None = None,
    *,
    filters: Filters | None = None,
    threshold: float | None = None,
    reader: Reader | None = None,
    **limits: Any,
) -> list[Answer]:
    """``ask`` for several questions at once, which is quicker than one after the other."""
    chosen = filters_of(filters, limits)
    for question in questions:
        read_query(question)
    histories = histories if histories is not None else [()] * len(questions)
    searched = [standalone(question, history) for question, history in zip(questions, histories, strict=True)]
    found = retrieve_many(index, searched, PASSAGES, filters=chosen)
    texts = [read_query(question).text for question in searched]
    candidates = (reader or default_reader()).read(index, list(zip(texts, found, strict=True)))
    bar = calibration().threshold if threshold is None else threshold
    return [
        _answer(index, asked, question, hits, read, bar, chosen)
        for asked, question, hits, read in zip(questions, searched, found, candidates, strict=True)
    ]


def default_reader() -> Reader:
    """The reader that ``ask`` uses."""
    return SentenceReader()


def _answer(
    index: ArticleIndex,
    asked: str,
    question: str,
    hits: Sequence[Hit],
    candidates: Sequence[Candidate],
    threshold: float,
    filters: Filters,
) -> Answer:
    quotes = _quotes(candidates)
    confidence = quotes[0].confidence if quotes else 0.0
    if quotes and confidence >= threshold:
        shown = tuple(quote for quote in quotes if quote.confidence >= threshold * WEAKEST)
        return Answer(asked, question, True, quotes[0].text, None, confidence, shown)
    reason = _reason(index, question, quotes, filters)
    return Answer(asked, question, False, f"{NOT_ANSWERED} {reason}", reason, confidence, (), tuple(hits[:NEAREST]))


def _quotes(candidates: Sequence[Candidate]) -> tuple[Quote, ...]:
    """The best sentences as quotes; a sentence that several articles hold is quoted once."""
    fitted = calibration()
    quotes: dict[str, Quote] = {}
    for candidate in candidates:
        article = candidate.hit.article
        key = " ".join(candidate.text.split()).casefold()
        first = quotes.get(key)
        if first is not None:
            known = {first.article.id, *(other.id for other in first.also_in)}
            if article.id not in known:
                quotes[key] = replace(first, also_in=(*first.also_in, article))
            continue
        if len(quotes) == QUOTES:
            continue
        quotes[key] = Quote(
            text=candidate.text,
            start=candidate.start,
            end=candidate.end,
            article=article,
            sha256=article.sha256,
            score=candidate.score,
            # Later quotes are never shown as surer than the one before them.
            confidence=min(
                fitted.probability(candidate), min((quote.confidence for quote in quotes.values()), default=1)
            ),
            answer_start=candidate.answer_start,
            answer_end=candidate.answer_end,
            page=article.page_at(candidate.start),
        )
    return tuple(quotes.values())


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
