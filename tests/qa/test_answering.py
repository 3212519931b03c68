"""``ask``: quotes that are slices, and the honest "not in your articles"."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index import ArticleIndex, QuestionError
from index.passages import fingerprint
from qa import Chat, Turn, ask, ask_many
from qa.answering import default_reader
from qa.confidence import FILE, calibration
from qa.fusion import FINGERPRINT


@pytest.fixture(scope="module")
def harbour_index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArticleIndex]:
    """The harbour article with the real model."""
    folder = tmp_path_factory.mktemp("harbour")
    with ArticleIndex.open(folder / "index") as index:
        index.add(Path(__file__).parents[1] / "data" / "harbour.txt")
        yield index


@pytest.mark.model
@pytest.mark.parametrize(
    ("question", "begins"),
    [
        (
            "What did Mayor Solheim say about the harbour?",
            "Speaking after the vote, Mayor Ingrid Solheim said the town could not afford to patch the old wall for "
            'another decade. "The harbour is not going to wait for us to agree,”',
        ),
        ("How far has the seabed outside the harbour sunk?", "The institute, while not blaming"),
        ("Whom did Harbour Master Lise Quenneville praise?", "Harbour Master Lise Quenneville praised"),
        ("What happened to landings of cod?", "In August, the ferry company"),
        ("Who defended the price of 84 million crowns?", "Deputy Mayor Amir Haddad defended"),
    ],
)
def test_the_right_sentence_comes_first(harbour_index: ArticleIndex, question: str, begins: str) -> None:
    answer = ask(harbour_index, question)
    assert answer.answered
    assert answer.quotes[0].text.startswith(begins)
    assert answer.text == answer.quotes[0].text


@pytest.mark.model
@pytest.mark.parametrize(
    "question", ["How tall is the Eiffel Tower?", "Who won the World Cup in 1998?", "What is the capital of Peru?"]
)
def test_what_the_articles_do_not_say_is_not_answered(harbour_index: ArticleIndex, question: str) -> None:
    answer = ask(harbour_index, question)
    assert not answer.answered
    assert answer.quotes == ()
    assert answer.text.startswith("Not in your articles.")
    assert answer.reason
    assert answer.reason in answer.text
    assert 0 <= answer.confidence < calibration().threshold
    for hit in answer.nearest:
        assert hit.text == hit.article.text[hit.start : hit.end]


@pytest.mark.model
def test_quotes_are_different_slices_that_carry_the_hash(harbour_index: ArticleIndex) -> None:
    for answer in ask_many(harbour_index, ["What did the institute report?", "cod", "harbour", "No"], threshold=0.0):
        texts = [quote.text for quote in answer.quotes]
        assert len(set(texts)) == len(texts) <= 3
        for quote in answer.quotes:
            assert quote.text == quote.article.text[quote.start : quote.end]
            assert quote.sha256 == quote.article.sha256
            assert 0 <= quote.confidence <= 1
            assert quote.page is None
        scores = [quote.score for quote in answer.quotes]
        assert scores == sorted(scores, reverse=True)
        assert answer.confidence == answer.quotes[0].confidence


@pytest.mark.model
def test_many_questions_are_answered_as_each_alone(harbour_index: ArticleIndex) -> None:
    questions = ["Who is the mayor?", "How tall is the Eiffel Tower?"]
    together = ask_many(harbour_index, questions)
    for question, answer in zip(questions, together, strict=True):
        alone = ask(harbour_index, question)
        assert [quote.text for quote in alone.quotes] == [quote.text for quote in answer.quotes]
        assert alone.confidence == pytest.approx(answer.confidence, abs=1e-3)
    assert ask_many(harbour_index, []) == []


@pytest.mark.model
def test_a_conversation_keeps_its_turns_and_searches_a_follow_up_with_its_context(harbour_index: ArticleIndex) -> None:
    chat = Chat(harbour_index)
    first = chat.ask("Who is Lise Quenneville?")
    second = chat.ask("And what did she praise?")
    assert first.question == first.asked == "Who is Lise Quenneville?"
    assert second.asked == "And what did she praise?"
    assert "Lise Quenneville" in second.question
    assert second.quotes[0].text.startswith("Harbour Master Lise Quenneville praised")
    assert chat.turns == (Turn(first.asked, first), Turn(second.asked, second))
    # The history is passed, not shared: the same question without it is searched as it is.
    assert ask(harbour_index, "And what did she praise?").question == "And what did she praise?"


@pytest.mark.model
def test_a_new_subject_is_searched_as_it_is(harbour_index: ArticleIndex) -> None:
    chat = Chat(harbour_index)
    chat.ask("Who is Lise Quenneville?")
    assert chat.ask("What price did Amir Haddad defend?").question == "What price did Amir Haddad defend?"


def test_an_empty_index_says_that_it_is_empty(index: ArticleIndex) -> None:
    answer = ask(index, "Who won?")
    assert not answer.answered
    assert answer.reason == "There are no articles in the index yet."


def test_reasons_name_what_limits_the_question(index: ArticleIndex, write: Callable[..., Path], articles: Path) -> None:
    write("a.txt", "Medals\n\nA cheese from Lund won the gold medal.\n")
    index.add(articles)
    phrase = ask(index, 'Who won "the silver medal"?')
    assert phrase.reason == "No passage holds “the silver medal” word for word."
    assert ask(index, "Who won?", languages=["fr"]).reason == "No article passes the filters."


def test_a_sentence_of_several_articles_is_quoted_once(
    index: ArticleIndex, write: Callable[..., Path], articles: Path
) -> None:
    for name in ("one", "two", "three"):
        write(f"{name}.txt", f"Paper {name}\n\nA cheese from Lund won the gold medal. This is paper {name}.\n")
    index.add(articles)
    answer = ask(index, "Which cheese won the gold medal?", threshold=0.0)
    first = answer.quotes[0]
    assert first.text == "A cheese from Lund won the gold medal."
    assert {first.article.title, *(article.title for article in first.also_in)} == {
        "Paper one",
        "Paper two",
        "Paper three",
    }


def test_a_heading_stands_alone_or_is_left_out(index: ArticleIndex, write: Callable[..., Path], articles: Path) -> None:
    write("a.txt", "Cheese\n\nDoubts about the gold medal\n\nA cheese from Lund won the gold medal.\n")
    index.add(articles)
    texts = [quote.text for quote in ask(index, "Which cheese won the gold medal?", threshold=0.0).quotes]
    assert texts == ["A cheese from Lund won the gold medal."]
    write("a.txt", "Cheese\n\nDoubts about the gold medal\n")
    index.add(articles)
    assert ask(index, "What about the gold medal?", threshold=0.0).quotes[0].text == "Doubts about the gold medal"


def test_bad_questions_are_refused_before_anything_is_searched(index: ArticleIndex) -> None:
    for question in ("", "a" * 100_000):
        with pytest.raises(QuestionError):
            ask(index, question)


def test_threshold_one_answers_nothing_and_zero_always(
    index: ArticleIndex, write: Callable[..., Path], articles: Path
) -> None:
    write("a.txt", "Medals\n\nA cheese from Lund won the gold medal.\n")
    index.add(articles)
    assert not ask(index, "Which cheese won?", threshold=1.0).answered
    assert ask(index, "Quite something else", threshold=0.0).answered


def test_the_calibration_belongs_to_this_program() -> None:
    stored = json.loads(FILE.read_text("utf-8"))["fingerprints"]
    assert stored["splitter"] == fingerprint(), "passages changed: run python -m benchmarks.calibrate"
    assert stored["retrieval"] == FINGERPRINT
    assert stored["reader"] == default_reader().fingerprint
