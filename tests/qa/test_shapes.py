"""What a question wants, which sentences give it, and whether articles differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index import ArticleIndex
from qa import ask
from qa.shapes import Shape, differ, quantities, wanted


@pytest.mark.parametrize(
    ("question", "shape"),
    [
        ("Who signed the treaty?", Shape.FACT),
        ("Which minister resigned?", Shape.FACT),
        ("Which bus goes there?", Shape.FACT),
        ("What causes rust?", Shape.FACT),
        ("What percentage of voters said yes?", Shape.FACT),
        ("Why did she leave?", Shape.FACT),
        ("Did she rule it out?", Shape.YES_NO),
        ("And was he there?", Shape.YES_NO),
        ("Isn't the bridge open?", Shape.YES_NO),
        ("Can members have more than one vote?", Shape.YES_NO),
        ("Did it cost more than expected?", Shape.YES_NO),
        ("Which towns were flooded?", Shape.LIST),
        ("In which countries do they live?", Shape.LIST),
        ("What are the reasons for the strike?", Shape.LIST),
        ("Who were the winners?", Shape.LIST),
        ("List the ministers", Shape.LIST),
        ("Which team wins the cup?", Shape.FACT),
        ("What did Marsh say about the pipes?", Shape.FACT),
        ("Tell me about the strike.", Shape.OVERVIEW),
        ("Can you tell me about the strike?", Shape.OVERVIEW),
        ("Summarise what Marsh said on the pipes", Shape.OVERVIEW),
        ("Which is longer, the Nile or the Amazon?", Shape.COMPARISON),
        ("Is the Nile longer than the Amazon?", Shape.COMPARISON),
        ("What is the difference between the Nile and the Amazon?", Shape.COMPARISON),
        ("How does the Nile compare with the Amazon?", Shape.COMPARISON),
    ],
)
def test_the_shape_of_a_question(question: str, shape: Shape) -> None:
    assert wanted(question).shape is shape


def test_a_comparison_names_its_sides() -> None:
    assert wanted("Which is longer, the Nile or the Amazon?").sides == ("the Nile", "the Amazon")
    assert wanted("Compare the old bridge with the new bridge in Velsund").sides == ("the old bridge", "the new bridge")


def test_a_request_is_read_as_a_question() -> None:
    assert wanted("Tell me about the strike.").read == "What is known about the strike?"
    said = wanted("Summarise what Ada Holm said about the pipes")
    assert said.read == "What did Ada Holm say about the pipes?"
    assert (said.speaker, said.subject) == ("Ada Holm", "the pipes")


def test_where_several_sentences_may_answer_it_is_known() -> None:
    for question in ("What did Mayor Solheim say about the harbour?", "Which towns were flooded?"):
        assert wanted(question).several
    for question in ("Who opened the bridge?", "What did she buy?", "Did she say so?"):
        assert not wanted(question).several


def test_a_question_with_another_subject_behind_it_is_about_that() -> None:
    overview = wanted("Who opened the bridge? And the ambassador?")
    assert (overview.shape, overview.subject) == (Shape.OVERVIEW, "the ambassador")
    assert overview.read == "What is known about the ambassador?"
    cost = wanted("What does a heat pump cost? And a gas furnace?")
    assert (cost.shape, cost.subject) == (Shape.FACT, "a gas furnace")
    assert cost.read == "What does a heat pump cost? And a gas furnace?"
    assert wanted("Who opened the bridge? Why?").subject == ""


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("27 million crowns", {"crown": {27e6}}),
        ("$1,200", {"$": {1200.0}}),
        ("nine people", {"people": {9.0}}),
        ("34 per cent", {"%": {34.0}}),
        ("in 1931", {"year": {1931.0}}),
        ("31-kilometre", {"": {31.0}}),
        ("nobody", {}),
    ],
)
def test_quantities(words: str, found: dict[str, set[float]]) -> None:
    assert quantities(words) == found


def test_only_other_quantities_of_the_same_unit_differ() -> None:
    assert differ("nine people", "14 people")
    assert differ("in 1931", "in 1932")
    assert not differ("9 people", "nine people")
    assert not differ("27 million crowns", "48 cables")
    assert not differ("between 9 and 12 people", "12 people")
    assert not differ("Ada Holm", "Piet Kruger")


SUNK = "At least nine people were killed when the ferry sank off Marrick, officials said."
RISEN = "14 people were killed when the ferry sank off Marrick, the coast guard said on Monday."


def write_article(folder: Path, name: str, title: str, day: str, *paragraphs: str) -> None:
    """An article with a title and a date."""
    body = "\n\n".join(paragraphs)
    (folder / name).write_text(f"---\ntitle: {title}\ndate: {day}\n---\n\n{body}\n", "utf-8")


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArticleIndex]:
    """A few stories with the real model."""
    folder = tmp_path_factory.mktemp("stories")
    write_article(
        folder,
        "sunk.md",
        "Ferry sinks",
        "2026-03-14",
        SUNK,
        "The ferry Albatros was built in 1988. Divers searched the wreck all night, but found nobody alive.",
    )
    write_article(
        folder,
        "mayor.md",
        "Mayor of Marrick will not resign",
        "2026-03-20",
        "The mayor of Marrick, Tess Vale, said on Friday that she would not resign over the ferry.",
        "Tess Vale has been mayor since 2019. Before, she taught chemistry at the school of Marrick for eleven years.",
    )
    write_article(folder, "risen.md", "More people died in the ferry accident", "2026-03-16", RISEN)
    with ArticleIndex.open(folder / "index") as index:
        index.add(folder)
        yield index


@pytest.mark.model
def test_articles_that_differ_are_both_shown_newest_first(stories: ArticleIndex) -> None:
    answer = ask(stories, "How many people were killed when the ferry sank?")
    assert answer.answered
    assert [quote.text for quote in answer.quotes[:2]] == [RISEN, SUNK]
    assert [quote.answer for quote in answer.quotes[:2]] == ["14", "nine"]
    assert answer.note == "The articles differ. The newest comes first."
    assert answer.text.startswith(f"{RISEN}\n\n{SUNK}")
    assert answer.confidence == max(quote.confidence for quote in answer.quotes)


@pytest.mark.model
def test_articles_that_agree_are_not_said_to_differ(stories: ArticleIndex) -> None:
    answer = ask(stories, "Since when has Tess Vale been mayor?", threshold=0.0)
    assert answer.quotes[0].answer == "2019"
    assert answer.note is None


@pytest.mark.model
def test_yes_or_no_is_left_to_the_quote(stories: ArticleIndex) -> None:
    answer = ask(stories, "Will Tess Vale resign?", threshold=0.0)
    assert answer.shape == "yes or no"
    assert "would not resign" in answer.quotes[0].text
    assert all(quote.answer is None for quote in answer.quotes)


@pytest.mark.model
def test_an_overview_gathers_what_is_said_of_the_subject_in_its_order(stories: ArticleIndex) -> None:
    answer = ask(stories, "Tell me about Tess Vale")
    assert answer.answered
    assert answer.shape == "overview"
    assert len(answer.quotes) >= 2
    assert {quote.article.title for quote in answer.quotes} == {"Mayor of Marrick will not resign"}
    starts = [quote.start for quote in answer.quotes]
    assert starts == sorted(starts)
    assert answer.text == "\n\n".join(quote.text for quote in answer.quotes)


@pytest.mark.model
def test_an_overview_of_what_no_article_names_is_refused(stories: ArticleIndex) -> None:
    for request in ("Tell me about the Eiffel Tower", "Summarise what Emmanuel Macron said"):
        answer = ask(stories, request)
        assert not answer.answered
        assert answer.quotes == ()


@pytest.mark.model
def test_a_comparison_shows_a_sentence_for_each_side(stories: ArticleIndex) -> None:
    answer = ask(stories, "Which is older, the ferry Albatros or the mayor Tess Vale?", threshold=0.0)
    assert answer.shape == "comparison"
    first = [quote.text for quote in answer.quotes[:2]]
    assert any("Albatros" in text for text in first)
    assert any("Tess Vale" in text for text in first)


def test_an_exact_phrase_keeps_a_comparison_to_the_passages_that_hold_it(
    index: ArticleIndex, write: Callable[..., Path], articles: Path
) -> None:
    write("a.txt", "Rivers\n\nThe Nile is long. The Amazon is longer than the great river Nile.\n")
    index.add(articles)
    answer = ask(index, 'Which is longer, the Nile or "the small Amazon"?')
    assert answer.reason == "No passage holds “the small Amazon” word for word."
