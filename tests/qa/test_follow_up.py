"""Which questions lean on the one before."""

from __future__ import annotations

import pytest

from qa import Answer, Turn
from qa.follow_up import standalone

BEFORE = Turn("Who is Lise?", Answer("Who is Lise?", "Who is Lise Quenneville?", True, "x", None, 0.5))


@pytest.mark.parametrize(
    "question",
    [
        "And what did she praise?",
        "and the mayor?",
        "What about the lighthouse?",
        "Why?",
        "How many?",
        "What did she say about it?",
        "How many people live there?",
        "When was that?",
        "Did they agree?",
    ],
)
def test_it_is_searched_with_the_question_that_was_searched_before(question: str) -> None:
    assert standalone(question, [BEFORE]) == f"Who is Lise Quenneville? {question}"
    assert standalone(question, []) == question


@pytest.mark.parametrize(
    "question",
    [
        "Who opposes the night train?",
        "When did the bridge open?",
        "How tall is the tower?",
        "Who said that the lake was empty?",
        "Are there bears in the valley?",
        "What did Amir Haddad say about his budget?",
        "Why was the hut empty?",
        "Which cheese won the medal?",
        "orchards",
    ],
)
def test_it_is_searched_as_it_is(question: str) -> None:
    assert standalone(question, [BEFORE]) == question
