"""Copies of a story do not fill the hits, and its sentence is quoted once, with the articles that have it too."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from index import ArticleIndex
from qa import Hit, ask, retrieve
from qa.collapsing import nearly_same
from qa.fusion import fuse
from qa.language_preference import BONUS

Write = Callable[..., Path]

LEAD = "The port of Arven will close its lighthouse in October, the harbour board said."
REST = (
    "The tower has guided fishermen home since the winter storms of the last century, and two keepers still climb its "
    "stairs every evening to clean the great lens by hand, as their fathers did. Visitors may come until the doors are "
    "locked. The board wants to sell the building to a family that promises to keep the light burning."
)
OTHERS = [
    "A lighthouse museum in Lund shows old lamps to schools.",
    "The lighthouse of Tarn was painted white last summer by volunteers.",
    "Engineers measured the lighthouse at Brod and found no damage.",
]


def article(title: str, *paragraphs: str, date: str | None = None) -> str:
    head = f"---\ntitle: {title}\n" + (f"date: {date}\n" if date else "") + "---\n"
    return head + "\n\n".join(paragraphs) + "\n"


@pytest.fixture
def wire(index: ArticleIndex, write: Write, articles: Path) -> ArticleIndex:
    """One wire story in four papers, and three other articles."""
    write("a.md", article("Lighthouse to close", LEAD, REST, date="2024-03-07"))
    write("b.md", article("Arven loses its light", LEAD, REST, "Tickets are sold out.", date="2024-03-05"))
    write("c.md", article("Port shuts tower", LEAD.replace("board said", "board says"), REST, date="2024-03-06"))
    write("d.md", article("Lighthouse closing", LEAD, REST + " Nobody knows more about it."))
    for number, text in enumerate(OTHERS):
        write(f"other{number}.md", article(f"Other {number}", text))
    index.add(articles)
    return index


def test_copies_make_room_for_other_passages(wire: ArticleIndex) -> None:
    hits = retrieve(wire, "When will the lighthouse of Arven close?", k=4)
    assert len(hits) == 4
    story = hits[0]
    assert {other.title for other in story.also_in} | {story.article.title} == {
        "Lighthouse to close",
        "Arven loses its light",
        "Port shuts tower",
        "Lighthouse closing",
    }
    assert {hit.article.title for hit in hits[1:]} == {"Other 0", "Other 1", "Other 2"}
    for copy in story.copies:
        assert copy.text == copy.article.text[copy.start : copy.end]
        assert copy.score <= story.score


def test_one_quote_from_the_earliest_with_the_others_behind_it(wire: ArticleIndex) -> None:
    answer = ask(wire, "When will the port of Arven close its lighthouse?", threshold=0)
    quote = answer.quotes[0]
    assert quote.text == LEAD
    assert quote.article.title == "Arven loses its light"
    assert quote.text == quote.article.text[quote.start : quote.end]
    assert {other.title for other in quote.also_in} == {"Lighthouse to close", "Port shuts tower", "Lighthouse closing"}
    assert len({" ".join(quote.text.split()[:6]) for quote in answer.quotes}) == len(answer.quotes)


def test_without_dates_the_best_comes_first(index: ArticleIndex, write: Write, articles: Path) -> None:
    write("a.md", article("Weather", LEAD, REST))
    write("b.md", article("Arven lighthouse", LEAD, REST, "Tickets are sold out."))
    index.add(articles)
    best = retrieve(index, "Arven lighthouse", k=1)[0].article.title
    quote = ask(index, "Arven lighthouse", threshold=0).quotes[0]
    assert quote.article.title == best
    assert len(quote.also_in) == 1


def test_a_changed_fact_in_a_copy_is_a_quote_of_its_own(index: ArticleIndex, write: Write, articles: Path) -> None:
    write("a.md", article("Morning", LEAD.replace("October", "October with 12 lamps"), REST))
    write("b.md", article("Evening", LEAD.replace("October", "October with 15 lamps"), REST))
    index.add(articles)
    texts = [
        quote.text for quote in ask(index, "When will the port of Arven close its lighthouse?", threshold=0).quotes
    ]
    assert sum("12 lamps" in text for text in texts) == sum("15 lamps" in text for text in texts) == 1


def test_alike_sentences_of_different_stories_stay_apart(index: ArticleIndex, write: Write, articles: Path) -> None:
    write("a.md", article("Arven", "The council of the town said it would build the new bridge over the river."))
    write("b.md", article("Brod", "The council of the town says it will build the new bridge over the river."))
    index.add(articles)
    assert len(retrieve(index, "Who would build the new bridge?", k=5)) == 2


def test_a_footer_in_many_articles_does_not_crowd_out_the_answer(
    index: ArticleIndex, write: Write, articles: Path
) -> None:
    words = "harbour council ferry tide lantern captain ledger bridge winter market signal engine cargo mayor".split()
    footer = (
        "All rights to the lighthouse news of this site are reserved by the lighthouse publisher. No lighthouse story "
        "may be copied, sold, or kept without a letter from the lighthouse publisher in Arven, whatever the lighthouse "
        "law of your own country says about lighthouse news. " * 2
    ).strip()
    rng = np.random.default_rng(1)
    for number in range(300):
        body = ". ".join(" ".join(rng.choice(words, 9)).capitalize() for _ in range(8)) + "."
        write(f"{number}.txt", f"Story {number}\n\n{body}\n\n{footer}\n")
    write("answer.txt", "Keeper\n\nThe keeper of the tower is Ada Holm.\n")
    index.add(articles)
    hits = retrieve(index, "Who owns lighthouse news, the lighthouse publisher in Arven or the keeper?", k=5)
    assert len(hits) == 5
    assert sum(hit.text.endswith("lighthouse news.") for hit in hits) == 1
    assert any("Ada Holm" in hit.text for hit in hits)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("The harbour board said the tower will close.", "The harbour board says that the tower will close."),
        ("The tower will  close in\nOctober.", "the tower will close in October."),
        (
            "It is old, the keepers of the great tower said on a visit.",
            "It is old, the keepers of the great tower said.",
        ),
    ],
)
def test_the_same_in_other_words(first: str, second: str) -> None:
    assert nearly_same(first, second)
    assert nearly_same(second, first)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            "The board of the harbour paid 5 million crowns for it.",
            "The board of the harbour paid 8 million crowns for it.",
        ),
        ("The board of the harbour will sell the tower.", "The board of the harbour will not sell the tower."),
        ("The board of the harbour can sell the tower.", "The board of the harbour can’t sell the tower."),
        ("Shares of the harbour company rose in the morning.", "Shares of the harbour company fell in the morning."),
        ("The tower in the old harbour of Arven will close.", "The tower in the old harbour of Brod will close."),
        ("The tower of the harbour will close.", "The tower of the harbour will close, Ada Holm told the newspaper."),
        (
            "Die Hafenbehörde wird den Turm im Winter schließen.",
            "Die Hafenbehörde wird den Turm im Winter nicht schließen.",
        ),
        ("部长说港口关闭了五天", "部长说港口关闭了八天"),
        ("", "The tower will close."),
    ],
)
def test_what_may_be_a_fact_keeps_texts_apart(first: str, second: str) -> None:
    assert not nearly_same(first, second)
    assert not nearly_same(second, first)


def test_a_passage_may_have_a_clause_more_but_no_other_fact() -> None:
    assert nearly_same(f"{LEAD} {REST}", f"{LEAD} {REST} Tickets are sold out.", clauses=True)
    assert not nearly_same(f"{LEAD} {REST}", f"{LEAD} {REST} Tickets are sold out.")
    assert not nearly_same(f"{LEAD} {REST}", f"{LEAD} {REST}".replace("October", "March"), clauses=True)
    assert not nearly_same(f"{LEAD} {REST}", f"{LEAD} {REST}".replace("two keepers", "12 keepers"), clauses=True)


def test_a_question_prefers_articles_in_its_language(index: ArticleIndex, write: Write, articles: Path) -> None:
    german = "Der Kapitän Holm hat den Leuchtturm von Arven gestern geschlossen und bleibt bis zum Winter im Hafen."
    english = (
        "Kapitän Holm Leuchtturm Arven geschlossen: that is what the German papers wrote about it on Monday, he said."
    )
    write("de.txt", f"Hafen\n\n{german}\n")
    write("en.txt", f"Leuchtturm Arven\n\n{english} The harbour was quiet and nobody came to look at the old tower.\n")
    index.add(articles)
    assert index.languages() == {"de", "en"}
    question = "Wer hat den Leuchtturm von Arven gestern geschlossen?"
    found = retrieve(index, question)
    assert {hit.article.title for hit in found} == {"Hafen", "Leuchtturm Arven"}  # a preference, never a filter
    assert {hit.article.language: round(hit.score - without_preference(index, question, hit), 6) for hit in found} == {
        "de": BONUS,
        "en": 0,
    }
    for unsure in ("Holm Arven", "Who won?"):
        for hit in retrieve(index, unsure):
            assert hit.score == pytest.approx(without_preference(index, unsure, hit))
    index.remove("Leuchtturm Arven")
    (hit,) = retrieve(index, question)
    assert hit.score == pytest.approx(without_preference(index, question, hit))


def without_preference(index: ArticleIndex, question: str, hit: Hit) -> float:
    words = index.snapshot().words
    weight = words.weight(words.terms(question))
    return float(fuse(np.array([hit.explain.dense]), np.array([hit.explain.lexical]), weight)[0])
