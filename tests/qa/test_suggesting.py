"""Suggested questions: how they are made of sentences, and that ``ask`` answers those that are offered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from confidence_support import evidence_for

from index import ArticleIndex, HashingEmbedder
from qa import Candidate, Hit, ask
from qa.news_words import Usage
from qa.question_making import questions_from
from qa.suggesting import questions_of, suggest

PEOPLE = (
    "Dr Hanne Lindqvist said that. The captain Ruben Castellane shot. Gideon Marsh, the director, left. The bridge, "
    "the council, sales, the railway, and the lake of Hals. He met Sony in Skagen."
)
USAGE = Usage.of(PEOPLE)


def made(sentence: str) -> dict[str, str]:
    """The questions of a sentence, with the words that answer."""
    return {one.question: one.answer for one in questions_from(sentence, USAGE)}


MADE = [
    (
        "The bridge reopened on 3 March 2024 after a year.",
        "When did the bridge reopen after a year?",
        "3 March 2024",
    ),
    (
        "In June 2023 the station in Skagen recorded a storm.",
        "When did the station in Skagen record a storm?",
        "In June 2023",
    ),
    (
        "The council will vote on the new pier of Hals on 8 April.",
        "When will the council vote on the new pier of Hals?",
        "8 April",
    ),
    (
        "Imogen Sayle has led the club of Hals since 2019.",
        "Since when has Imogen Sayle led the club of Hals?",
        "since 2019",
    ),
    (
        "The lake of Hals drained because the summer was warm.",
        "Why did the lake of Hals drain?",
        "the summer was warm",
    ),
    (
        "Sony sold 300 consoles in the shops of Skagen.",
        "How many consoles did Sony sell in the shops of Skagen?",
        "300",
    ),
    (
        "Two hundred cars crossed the bridge to Skagen.",
        "How many cars crossed the bridge to Skagen?",
        "Two hundred",
    ),
    (
        "The pier was visited by 4,000 people in Skagen.",
        "How many people visited the pier in Skagen?",
        "4,000",
    ),
    (
        "The repair of the bridge cost 18.6 million crowns.",
        "How much did the repair of the bridge cost?",
        "18.6 million crowns",
    ),
    (
        "Sony bought the Skagen shipyard for £3m.",
        "How much did Sony pay for the Skagen shipyard?",
        "£3m",
    ),
    (
        "Sales of Sony rose 5.2% in Skagen.",
        "By how much did sales of Sony rise in Skagen?",
        "5.2%",
    ),
    (
        "Dr Hanne Lindqvist, who led the choir of Skagen, was there.",
        "Who led the choir of Skagen?",
        "Dr Hanne Lindqvist",
    ),
    (
        "The coach of Royal Carrow, Valeria Monk, was calm.",
        "Who is the coach of Royal Carrow?",
        "Valeria Monk",
    ),
    (
        "The bridge was built by Gideon Marsh in Skagen.",
        "Who built the bridge in Skagen?",
        "Gideon Marsh",
    ),
    (
        "The new lamp of Hals was built in Gothenburg in 1858.",
        "Where was the new lamp of Hals built?",
        "Gothenburg",
    ),
    (
        "Sony launched a handheld console in Skagen.",
        "What did Sony launch in Skagen?",
        "a handheld console",
    ),
    (
        "Gideon Marsh said the bridge of Hals was safe.",
        "What did Gideon Marsh say about the bridge of Hals?",
        "",
    ),
]
"""A sentence, the question that it makes, and words of it that answer."""


@pytest.mark.parametrize(("sentence", "question", "answer"), MADE)
def test_a_sentence_makes_the_question_that_a_person_would_ask(
    sentence: str, question: str | None, answer: str
) -> None:
    found = made(sentence)
    assert question in found, found
    assert answer in found[question]


@pytest.mark.parametrize(
    "sentence",
    [
        "He left the club of Skagen in May 2024.",
        "They counted 300 seals in Skagen.",
        "The man accused of theft in Skagen was seen in 2024.",
        "A statement presented in Skagen in 2024 told more.",
        "But Sony sold 300 consoles in Skagen.",
        "The bridge reopened on Tuesday.",
        "“The bridge of Hals reopened in 2024,” she said.",
        "What the bridge of Hals saved in 2024 was time",
        "Sony said Skagen was lost in 2024.",
        "It was the bridge of Skagen that reopened in 2024.",
        "",
        "A" * 5000 + ".",
        "The " * 2000 + "bridge reopened in 2024.",
    ],
)
def test_what_is_not_understood_makes_no_question(sentence: str) -> None:
    asked = [one for one in made(sentence) if not one.startswith("What did")]
    assert asked == []


def test_questions_end_and_begin_as_questions_do(tmp_path: Path) -> None:
    with ArticleIndex.open(tmp_path / "index", embedder=HashingEmbedder()) as index:
        index.add(Path(__file__).parents[2] / "examples")
        articles = list(index.articles())
    found = []
    for article in articles:
        for one, start, end in questions_of(article):
            assert " ".join(one.answer.split()) in " ".join(article.text[start:end].split())
            found.append(one.question)
    assert len(found) >= 15
    for question in found:
        assert question.split()[0] in {"When", "Who", "How", "Why", "Where", "What", "By", "For", "Since", "Until"}
        assert question.endswith("?")
        assert "  " not in question


MILL = """The mill of Hals is sold

The mill of Hals was bought by Ane Krogh in May 2024. The mill grinds 300 sacks a week.

The old stones of the mill were cut in Gothenburg in 1858.
"""
FERRY = """The ferry of Tornio

The ferry Aurora carries 200 cars across the river at Tornio. Gideon Marsh, the captain, sails twice a day.

Aurora was launched in Bergen in 1961 because the bridge of Tornio had fallen.
"""


class FindingReader:
    """Is sure of the sentence that holds the answer which it was told."""

    fingerprint = "finding"

    def __init__(self, answers: dict[str, str], sure: float = 0.95) -> None:
        self.answers, self.sure, self.asked = answers, sure, list[str]()

    def read(self, index: ArticleIndex, asked: Sequence[tuple[str, Sequence[Hit]]]) -> list[list[Candidate]]:
        self.asked += [question for question, _ in asked]
        return [self._read(question, hits) for question, hits in asked]

    def _read(self, question: str, hits: Sequence[Hit]) -> list[Candidate]:
        evidence = evidence_for(self.sure)
        answer = self.answers.get(question)
        for hit in hits if answer else ():
            for start, end in hit.sentences:
                place = hit.article.text.find(answer or "", start, end)
                if place >= 0:
                    return [Candidate(hit, start, end, 1.0, evidence, place, place + len(answer or ""))]
        return []


BOUGHT, CUT, CARS = (
    "Who bought the mill of Hals in May 2024?",
    "Where were the old stones of the mill cut?",
    "How many cars does the ferry Aurora carry across the river at Tornio?",
)
ANSWERS = {BOUGHT: "Ane Krogh", CUT: "Gothenburg", CARS: "200 cars"}


@pytest.fixture
def library(tmp_path: Path) -> Iterator[ArticleIndex]:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "mill.txt").write_text(MILL, "utf-8")
    (tmp_path / "articles" / "ferry.txt").write_text(FERRY, "utf-8")
    with ArticleIndex.open(tmp_path / "index", embedder=HashingEmbedder()) as index:
        index.add(tmp_path / "articles")
        yield index


def test_only_questions_that_ask_is_sure_of_are_offered(library: ArticleIndex) -> None:
    reader = FindingReader(ANSWERS)
    found = suggest(library, 4, reader=reader)
    assert {one.question for one in found} == set(ANSWERS)
    assert len(reader.asked) > len(found)  # others were made, tried and dropped
    for one in found:
        answer = ask(library, one.question, reader=reader)
        assert answer.answered
        assert answer.confidence == pytest.approx(one.confidence)
        assert (answer.quotes[0].article.id, answer.quotes[0].start) == (one.article, one.start)
    assert suggest(library, 4, reader=FindingReader(ANSWERS, sure=0.5)) == ()


def test_an_answer_with_other_words_than_the_sentence_was_asked_for_is_no_answer(library: ArticleIndex) -> None:
    found = suggest(library, 4, reader=FindingReader({**ANSWERS, BOUGHT: "mill of Hals"}))
    assert BOUGHT not in {one.question for one in found}


def test_the_first_ones_are_of_different_articles(library: ArticleIndex) -> None:
    found = suggest(library, 2, reader=FindingReader(ANSWERS))
    assert len({one.article for one in found}) == 2


def test_what_was_asked_already_is_not_offered(library: ArticleIndex) -> None:
    found = suggest(library, 4, reader=FindingReader(ANSWERS), leave_out=[BOUGHT.lower().replace("?", " ?")])
    assert {one.question for one in found} == {CUT, CARS}


def test_after_an_answer_come_questions_about_what_it_quotes_and_has_not_shown(library: ArticleIndex) -> None:
    reader = FindingReader(ANSWERS)
    answer = ask(library, BOUGHT, reader=reader)
    assert answer.answered
    found = suggest(library, 3, after=answer, leave_out=[BOUGHT], reader=reader)
    assert [one.question for one in found] == [CUT]


def test_the_search_ends_when_its_time_is_over_or_it_is_told_to(library: ArticleIndex) -> None:
    reader = FindingReader(ANSWERS)
    assert suggest(library, 4, reader=reader, stop=lambda: True) == ()
    suggest(library, 4, reader=reader, seconds=0)
    assert len(reader.asked) <= 4


def test_articles_in_other_languages_make_no_english_questions(tmp_path: Path) -> None:
    (tmp_path / "muehle.txt").write_text(
        "Die Mühle von Hals\n\nDie Mühle von Hals wurde im Mai 2024 von Ane Krogh gekauft. Der Müller sagt, dass sie "
        "jede Woche dreihundert Säcke mahlt und dass im Winter mehr Leute kommen als im Sommer.\n",
        "utf-8",
    )
    with ArticleIndex.open(tmp_path / "index", embedder=HashingEmbedder()) as index:
        index.add(tmp_path / "muehle.txt")
        assert next(index.articles()).language == "de"
        assert suggest(index, 4, reader=FindingReader({})) == ()
        assert suggest(index, 4, after=ask(index, "Wer kaufte die Mühle?", threshold=0.0)) == ()


@pytest.mark.model
def test_the_examples_have_questions_that_the_real_reader_is_sure_of(tmp_path: Path) -> None:
    with ArticleIndex.open(tmp_path / "index") as index:
        index.add(Path(__file__).parents[2] / "examples")
        found = suggest(index, 4, seconds=120)
        assert len(found) == 4
        assert len({one.article for one in found}) >= 3
        assert all(one.confidence >= 0.65 for one in found)
