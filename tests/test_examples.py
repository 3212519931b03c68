"""The example articles: their titles, and what the program answers from them with the real model."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from index import Article, ArticleIndex
from qa import Hit, ask, ask_many, retrieve

EXAMPLES = Path(__file__).parent.parent / "examples"

QUESTIONS = {
    "lift-bridge-reopens.txt": [
        ("How much did the repair of the lift bridge cost?", "The repair cost 18.6 million crowns"),
        ("When was the bridge built?", "The bridge was built in 1931"),
        ("How many shops shut for good while the bridge was closed?", "23 of its 140 shops"),
    ],
    "glacier-loses-its-lake.txt": [
        ("How much rain fell on the Skarn ridge in June 2023?", "212 millimetres of rain"),
        ("Why was the hut empty?", "had gone to\ntown to have a tooth pulled"),
        ("Who led the survey of the Skarn glacier?", "Dr. Hanne Lindqvist"),
    ],
    "bakery-cooperative.md": [
        ("What price is the plain white loaf?", "has stayed at 4 crowns"),
        ("Who runs the petrol station?", "Dorian Pell"),
        ("What saved the bakery in 2022?", "a loan of 25,000 crowns"),
    ],
    "night-train-returns.md": [
        ("When will the Blue Heron run again?", "from 14 December"),
        ("How much does a berth in a cabin for four cost?", "59 crowns"),
        ("Who worked as a stewardess on the first Blue Heron?", "Eudora Vance"),
    ],
    "nap-study.md": [
        ("How long did sleep inertia last after a long nap?", "37 minutes on average"),
        ("What has the nurses' union asked for?", "a paid break of thirty minutes"),
        ("How many nurses took part in the nap study?", "followed 286\nnurses"),
    ],
    "cup-upset.txt": [
        ("What will the club spend the prize on?", "on the roof of the eastern stand"),
        ("How much is the prize for reaching the last sixteen?", "120,000 crowns"),
        ("Who scored the penalty for Dunmarsh?", "The vet, Thaddeus Bloom"),
    ],
    "water-vote.md": [
        ("Which district had a majority against the water vote?", "The city of Velsund"),
        ("How much does Clearmere say the network is worth?", "Clearmere values the network at 640 million"),
        ("When must Clearmere hand over the pipes?", "until 31 March 2026"),
    ],
    "lantern-festival.txt": [
        ("What does the festival remember?", "The festival remembers the winter of 1944"),
        ("How many tickets will be given out next year?", "20,000 will be given out"),
        ("What was the goat called?", "the animal was called Napoléon"),
    ],
}
"""For each article, questions and words of the sentence that answers them."""

RIGHT = 20
"""Of the 24 first quotes. The list holds questions that are hard for a reader without training, on purpose."""

ANSWERED = 16
"""Of the 24 that the default answers rightly; of the others it says that a sentence may answer them."""

UNANSWERABLE = [
    "How tall is the Eiffel Tower?",
    "Who won the presidential election in Brazil?",
    "What is the boiling point of mercury?",
    "Who painted the Mona Lisa?",
    "When did the first man walk on the moon?",
    "What vaccine protects against measles?",
]

TITLES = {
    "bakery-cooperative.md": "The bakery that belongs to its customers turns ten",
    "cup-upset.txt": "Part-time side from Dunmarsh knock champions out of the cup",
    "glacier-loses-its-lake.txt": "Lake under the Skarn glacier drained in nine days, survey finds",
    "lantern-festival.txt": "Lantern festival in Saint-Orval draws a record crowd — and one very lost goat 🐐",
    "lift-bridge-reopens.txt": "Port Ellery's lift bridge reopens after 14 months",
    "nap-study.md": "Short naps helped nurses on night shifts, but long ones did not",
    "night-train-returns.md": "Night train to the coast returns after twenty-two years",
    "water-vote.md": "Lowmark votes to take its water back",
}

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArticleIndex]:
    with ArticleIndex.open(tmp_path_factory.mktemp("examples") / "index") as index:
        report = index.add(EXAMPLES)
        assert len(report.added) == len(TITLES)
        assert not report.failed
        yield index


def article(index: ArticleIndex, name: str) -> Article:
    return next(article for article in index.articles() if Path(article.source).name == name)


def passages(index: ArticleIndex) -> list[Hit]:
    """All passages of the index."""
    found = retrieve(index, "anything", k=1000)
    assert len(found) == index.counts()[1]
    return found


def test_titles(index: ArticleIndex) -> None:
    assert {Path(article.source).name: article.title for article in index.articles()} == TITLES


def test_front_matter_gives_author_and_date(index: ArticleIndex) -> None:
    bakery, train = article(index, "bakery-cooperative.md"), article(index, "night-train-returns.md")
    assert (bakery.author, bakery.published, bakery.language) == ("Rosalind Achterberg", date(2025, 2, 3), "en")
    assert (train.author, train.published, train.language) == ("Casimir Ode", date(2025, 6, 15), "en")


def test_each_example_has_the_layout_it_is_there_for() -> None:
    lines = {name: (EXAMPLES / name).read_text("utf-8").splitlines() for name in TITLES}
    assert "" not in lines["lift-bridge-reopens.txt"]
    assert max(map(len, lines["glacier-loses-its-lake.txt"])) <= 72
    festival = (EXAMPLES / "lantern-festival.txt").read_bytes()
    assert festival.count(b"\r\n") == festival.count(b"\n") > 20
    repeated = [line for line in lines["lantern-festival.txt"] if line]
    assert len(repeated) - len(set(repeated)) == 4


def rightly_answered(index: ArticleIndex, strictness: str) -> tuple[list[str], list[str]]:
    """The questions whose first quote is the right one, and those whose first quote is another."""
    asked = [(question, words, name) for name, pairs in QUESTIONS.items() for question, words in pairs]
    answers = ask_many(index, [question for question, _, _ in asked], threshold=strictness)
    right: list[str] = []
    wrong: list[str] = []
    for (question, words, name), answer in zip(asked, answers, strict=True):
        if answer.answered:
            first = answer.quotes[0]
            (right if words in first.text and Path(first.article.source).name == name else wrong).append(question)
    return right, wrong


def test_the_right_sentence_is_quoted_first(index: ArticleIndex) -> None:
    right, wrong = rightly_answered(index, "generous")
    assert len(right) >= RIGHT, wrong
    for name, pairs in QUESTIONS.items():
        assert sum(question in right for question, _ in pairs) >= 2, name


def test_nine_in_ten_of_the_default_answers_are_right(index: ArticleIndex) -> None:
    right, wrong = rightly_answered(index, "balanced")
    assert len(right) >= ANSWERED
    assert len(right) >= 0.9 * (len(right) + len(wrong)), wrong


def test_the_words_of_the_answers_are_in_the_articles(index: ArticleIndex) -> None:
    for name, pairs in QUESTIONS.items():
        for _, words in pairs:
            assert article(index, name).text.count(words) >= 1, words


@pytest.mark.parametrize("question", UNANSWERABLE)
def test_what_no_article_answers_is_refused(index: ArticleIndex, question: str) -> None:
    answer = ask(index, question)
    assert not answer.answered
    assert answer.quotes == ()
    assert answer.reason
    assert answer.nearest


def test_nothing_is_embedded_twice(index: ArticleIndex) -> None:
    sentences = [
        " ".join(hit.article.text[start:end].split()) for hit in passages(index) for start, end in hit.sentences
    ]
    assert sorted(sentences) == sorted(set(sentences))
    headline = TITLES["lantern-festival.txt"]
    assert headline not in sentences
    assert "“Every lantern is somebody’s window,” Brûlé said." in sentences


def test_nothing_is_quoted_twice(index: ArticleIndex) -> None:
    for question in ("What did Brûlé say about every lantern?", "What did Mayor Ørsted say about tickets?"):
        texts = [quote.text for quote in ask(index, question, threshold=0).quotes]
        assert len(texts) == len(set(texts)) == 3


def test_every_quote_is_a_slice_of_its_article(index: ArticleIndex) -> None:
    for pairs in QUESTIONS.values():
        for quote in ask(index, pairs[0][0], threshold=0).quotes:
            assert quote.text == quote.article.text[quote.start : quote.end]
