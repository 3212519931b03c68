"""Reading a question: phrases, exclusions, and any text at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import QuestionError
from qa.query import LONGEST, holds, read_query


@pytest.mark.parametrize(
    ("question", "text", "phrases", "exclusions"),
    [
        ("Who won?", "Who won?", (), ()),
        ('"ruled out" invasion', "ruled out invasion", ("ruled out",), ()),
        ("what did “the mayor” say", "what did the mayor say", ("the mayor",), ()),
        ("cartels -Trump", "cartels", (), ("Trump",)),
        ('cartels -"New York Times" report', "cartels report", (), ("New York Times",)),
        ("cartels –not an exclusion", "cartels –not an exclusion", (), ()),
        ("a state-owned firm", "a state-owned firm", (), ()),
        ("Covid -19 cases", "Covid -19 cases", (), ()),
        ('an "unbalanced mark', 'an "unbalanced mark', (), ()),
        ('"', '"', (), ()),
        ("-foo", "-foo", (), ()),
        ('""', '""', (), ()),
        ('tell me about "..."', "tell me about ...", (), ()),
    ],
)
def test_operators(question: str, text: str, phrases: tuple[str, ...], exclusions: tuple[str, ...]) -> None:
    query = read_query(question)
    assert (query.text, query.phrases, query.exclusions) == (text, phrases, exclusions)


@pytest.mark.parametrize("question", ["", "   ", "\n\t", "\x00"])
def test_an_empty_question_is_refused(question: str) -> None:
    with pytest.raises(QuestionError, match="empty"):
        read_query(question)


def test_a_very_long_question_is_refused_with_both_numbers() -> None:
    with pytest.raises(QuestionError, match=r"100,000 characters; the limit is 10,000"):
        read_query("a" * 100_000)
    assert read_query("a" * LONGEST).text


@given(st.text(min_size=1, max_size=80).filter(lambda text: any(c.isprintable() and not c.isspace() for c in text)))
def test_any_text_is_a_question(question: str) -> None:
    assert read_query(question).text.strip()


@pytest.mark.parametrize(
    ("text", "phrase", "expected"),
    [
        ("It is ruled out, absolutely.", "ruled out", True),
        ("It is Ruled\n  Out.", "ruled out", True),
        ("It is overruled outright.", "ruled out", False),
        ("He said 'No' and “don’t”.", "don't", True),
        ("revenue of 5 million", "revenue of 8 million", False),
        ("nothing", "...", False),
    ],
)
def test_holds_compares_whole_words(text: str, phrase: str, expected: bool) -> None:
    assert holds(text, phrase) is expected
