"""Questions about the last answer's quotes: in which article, by whom, when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from index import ArticleIndex
from qa import Answer, Turn, ask, ask_many
from qa.follow_up import about_last_answer

TEXT = "Harbour news\n\nThe lighthouse was closed in 1954 by the harbour board.\n"
QUESTION = "Who closed the lighthouse?"


@pytest.fixture
def answered(
    open_index: Callable[..., ArticleIndex], write: Callable[..., Path], articles: Path
) -> tuple[ArticleIndex, Answer]:
    write("harbour-news.txt", TEXT)
    index = open_index()
    index.add(articles)
    answer = ask(index, QUESTION, threshold=0.0)
    assert answer.quotes
    return index, answer


@pytest.mark.parametrize(
    "question",
    [
        "In which article?",
        "which article is that from?",
        "What article says that?",
        "Where does it say that?",
        "And where is that from",
        "What's the source?",
        "Source?",
    ],
)
def test_where_it_stands_is_told_from_the_same_quotes(answered: tuple[ArticleIndex, Answer], question: str) -> None:
    index, before = answered
    answer = ask(index, question, [Turn(QUESTION, before)])
    assert answer.asked == question
    assert answer.answered
    assert answer.quotes == before.quotes
    assert all(quote.text == quote.article.text[quote.start : quote.end] for quote in answer.quotes)
    assert answer.text == answer.note == "It is in “Harbour news” (harbour-news.txt)."


def test_author_and_day_are_told_or_that_they_are_unknown(answered: tuple[ArticleIndex, Answer]) -> None:
    _, before = answered
    unknown = [Turn(QUESTION, before)]
    quote = before.quotes[0]
    article = replace(quote.article, author="Mara Lind", published=date(2026, 5, 3))
    known = [Turn(QUESTION, replace(before, quotes=(replace(quote, article=article, page=2),)))]

    def text(question: str, history: list[Turn]) -> str:
        answer = about_last_answer(question, history)
        assert answer is not None
        return answer.text

    assert text("Who wrote it?", known) == "“Harbour news” was written by Mara Lind."
    assert text("Who wrote that article?", unknown) == "“Harbour news” does not say who wrote it."
    assert text("When was that published?", known) == "“Harbour news” was published on 3 May 2026."
    assert text("When was it published?", unknown) == "“Harbour news” has no date."
    assert (
        text("In which article?", known)
        == "It is in “Harbour news” (by Mara Lind, 3 May 2026, page 2, harbour-news.txt)."
    )


def test_other_questions_and_other_histories_are_searched(answered: tuple[ArticleIndex, Answer]) -> None:
    _, before = answered
    history = [Turn(QUESTION, before)]
    for question in (
        "Which article of the constitution was it?",
        "Who wrote the letter?",
        "Where does it say he was born?",
    ):
        assert about_last_answer(question, history) is None
    assert about_last_answer("In which article?", []) is None
    nothing = replace(before, answered=False, quotes=())
    assert about_last_answer("Who wrote it?", [Turn(QUESTION, nothing)]) is None
    book = replace(before, asked="What is the novel about?", question="What is the novel about?")
    assert about_last_answer("Who wrote it?", [Turn(book.asked, book)]) is None
    assert about_last_answer("Who wrote the article?", [Turn(book.asked, book)]) is not None


def test_where_nothing_was_quoted_no_article_is_named(answered: tuple[ArticleIndex, Answer]) -> None:
    index, before = answered
    nothing = replace(before, answered=False, quotes=())
    told = ask(index, "In which article?", [Turn(QUESTION, nothing)])
    assert not told.answered
    assert not told.quotes
    assert not told.nearest
    assert told.text == told.reason == "Nothing was quoted in the answer before, so there is no article to name."


def test_both_kinds_can_be_asked_together(answered: tuple[ArticleIndex, Answer]) -> None:
    index, before = answered
    histories = [[Turn(QUESTION, before)], []]
    told, searched = ask_many(index, ["In which article?", QUESTION], histories, threshold=0.0)
    assert told.note is not None
    assert searched.question == QUESTION
    assert searched.quotes[0].text == before.quotes[0].text
