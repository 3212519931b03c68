"""``retrieve``: what is found, in which order, with which limits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import ArticleIndex, FilterError, Filters
from qa import retrieve, retrieve_many


@pytest.fixture
def filled(index: ArticleIndex, write: Callable[..., Path], articles: Path) -> ArticleIndex:
    """Four short articles, two of them with author and date."""
    write("river.txt", "River news\n\nThe river Arven flooded the lower town on Monday. Nobody was hurt.\n")
    write("bridge.txt", "Bridge news\n\nThe bridge over the Arven was closed. The mayor blamed the flooded river.\n")
    write(
        "cheese.md",
        "---\ntitle: Cheese\nauthor: Mina Okafor\ndate: 2024-03-05\n---\nA cheese from Lund won the gold medal.\n",
    )
    write(
        "bread.md",
        "---\ntitle: Bread\nauthor: Per Lind\ndate: 2025-01-10\n---\nA bread from Lund won no medal at all.\n",
    )
    index.add(articles)
    return index


def titles(index: ArticleIndex, question: str, **options: object) -> list[str]:
    return [hit.article.title for hit in retrieve(index, question, **options)]  # type: ignore[arg-type]


def test_hits_are_slices_best_first_with_their_parts(filled: ArticleIndex) -> None:
    hits = retrieve(filled, "Which river flooded the lower town?", k=3)
    assert hits[0].article.title == "River news"
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    for hit in hits:
        assert hit.text == hit.article.text[hit.start : hit.end]
        assert hit.score == hit.explain.fused
        assert hit.explain.reader is None
        assert all(hit.start <= start < end <= hit.end for start, end in hit.sentences)
    assert hits[0].explain.lexical > 0


def test_k_limits_the_hits(filled: ArticleIndex) -> None:
    assert len(retrieve(filled, "medal", k=1)) == 1
    assert len(retrieve(filled, "medal", k=50)) == 4
    assert retrieve(filled, "medal", k=0) == []


def test_an_empty_index_finds_nothing(index: ArticleIndex) -> None:
    assert retrieve(index, "anything") == []


def test_a_phrase_must_stand_in_the_passage(filled: ArticleIndex) -> None:
    assert titles(filled, '"lower town"') == ["River news"]
    assert titles(filled, '"town lower"') == []
    # The word index stems: only the text itself tells "flooded" from "flooding".
    assert titles(filled, '"flooding the lower town"') == []


def test_an_exclusion_may_not_stand_in_the_passage(filled: ArticleIndex) -> None:
    assert "Bridge news" in titles(filled, "river")
    assert "Bridge news" not in titles(filled, "river -mayor")
    assert set(titles(filled, 'medal -"gold medal"')) == {"Bread", "Bridge news", "River news"}
    assert titles(filled, '"medal" -gold') == ["Bread"]


def test_filters_by_date_author_source_and_id(filled: ArticleIndex) -> None:
    assert titles(filled, "medal", since="2025-01-01") == ["Bread"]
    assert titles(filled, "medal", until=date(2024, 12, 31)) == ["Cheese"]
    assert titles(filled, "medal", authors=["okafor"]) == ["Cheese"]
    assert titles(filled, "medal", sources=["*bread.md"]) == ["Bread"]
    number = next(article.id for article in filled.articles() if article.title == "River news")
    assert titles(filled, "medal", articles=[number]) == ["River news"]
    assert titles(filled, '"medal"', articles=[number]) == []
    assert titles(filled, "medal", filters=Filters(authors=["nobody"])) == []


@pytest.mark.parametrize("limits", [{"since": "yesterday"}, {"sources": "one.txt"}, {"authors": "Lind"}])
def test_a_filter_that_cannot_be_understood(filled: ArticleIndex, limits: dict[str, str]) -> None:
    with pytest.raises(FilterError, match=next(iter(limits.values()))):
        retrieve(filled, "medal", **limits)


def test_many_questions_find_what_each_finds_alone(filled: ArticleIndex) -> None:
    questions = ["Who won the gold medal?", "river -mayor", '"lower town"']
    together = retrieve_many(filled, questions, k=3)
    assert together == [retrieve(filled, question, k=3) for question in questions]
    assert retrieve_many(filled, []) == []


def test_a_removed_article_is_not_found(filled: ArticleIndex) -> None:
    filled.remove("River news")
    assert "River news" not in titles(filled, "Which river flooded the lower town?")


def test_any_text_can_be_searched(filled: ArticleIndex) -> None:
    @given(st.text(min_size=1, max_size=60).filter(lambda text: any(c.isprintable() and not c.isspace() for c in text)))
    def searched(question: str) -> None:
        for hit in retrieve(filled, question, k=4):
            assert hit.text == hit.article.text[hit.start : hit.end]

    searched()
    for question in (
        '"',
        "AND OR NOT",
        "title:medal",
        "a* ~2 ^3",
        "(((",
        "\\",
        "-",
        '-"',
        "+medal",
        "medal]",
        "🧀",
        "ß",
    ):
        retrieve(filled, question)
