"""Filters by date, source, author, language and id; every value that makes no sense is one clear line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from index import ArticleIndex, FilterError, Filters

ARTICLES = {
    "news/early.md": ("Ada Berg", "2024-01-15", "en"),
    "news/late.md": ("Bo Lund", "2024-06-30", "en"),
    "letters [old]/odd.md": ("ÅSA Berg", "2024-03-01", "sv"),
    "letters [old]/undated.md": ("", "", ""),
    "newsletter.md": ("Cai", "2024-06-30", "de"),
}


@pytest.fixture
def filled(write: Callable[..., Path], articles: Path, index: ArticleIndex) -> ArticleIndex:
    for name, (author, day, language) in ARTICLES.items():
        meta = f"title: {Path(name).stem}\nauthor: {author}\ndate: {day}\nlang: {language}"
        write(name, f"---\n{meta}\n---\nThe text of {name} stands here.")
    index.add(articles)
    return index


@pytest.mark.parametrize(
    ("limits", "titles"),
    [
        ({}, {"early", "late", "odd", "undated", "newsletter"}),
        ({"since": "2024-03-01"}, {"late", "odd", "newsletter"}),
        ({"since": date(2024, 3, 2)}, {"late", "newsletter"}),
        ({"until": datetime(2024, 3, 1, 23, 59, tzinfo=UTC)}, {"early", "odd"}),
        ({"since": "2024-01-15", "until": "2024-01-15"}, {"early"}),
        ({"since": "2025-01-01", "until": "2024-01-01"}, set()),
        ({"authors": ["berg"]}, {"early", "odd"}),
        ({"authors": ["åsa"]}, {"odd"}),
        ({"authors": ["berg", "cai"]}, {"early", "odd", "newsletter"}),
        ({"authors": []}, set()),
        ({"languages": ["EN"]}, {"early", "late", "undated"}),  # "undated" names none: it is detected
        ({"languages": ["en", "sv"]}, {"early", "late", "odd", "undated"}),
        ({"languages": ["\udcff"]}, set()),
        ({"languages": []}, set()),
        ({"sources": ["news"]}, {"early", "late"}),
        ({"sources": ["letters [old]"]}, {"odd", "undated"}),
        ({"sources": ["letters [old]/odd.md"]}, {"odd"}),
        ({"sources": ["news/*.md", "newsletter.md"]}, {"early", "late", "newsletter"}),
        ({"sources": ["*/e?rly.md"]}, {"early"}),
        ({"sources": ["elsewhere", "\udcff"]}, set()),
        ({"sources": []}, set()),
        ({"sources": ["news"], "authors": ["lund"]}, {"late"}),
        ({"articles": []}, set()),
        ({"articles": [99, 10**30, -1]}, set()),
    ],
)
def test_limits(
    limits: dict[str, Any],
    titles: set[str],
    filled: ArticleIndex,
    articles: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(articles)
    filters = Filters(**limits)
    assert {article.title for article in filled.articles(filters)} == titles
    chosen = filled.article_ids(filters)
    assert (chosen is None) == (not limits)


def test_articles_by_id(filled: ArticleIndex) -> None:
    ids = [article.id for article in filled.articles()]
    assert filled.article_ids(Filters(articles=[ids[3], ids[1], ids[1]])) == sorted([ids[1], ids[3]])


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"since": "yesterday"}, "'yesterday' is not a date; write it as YYYY-MM-DD"),
        ({"until": 2024}, "2024 is not a date"),
        ({"since": "2024-02-30"}, "is not a date"),
        ({"authors": "Ada"}, r"give a list, such as authors=\['Ada'\]"),
        ({"sources": "news"}, "give a list"),
        ({"languages": "en"}, "give a list"),
        ({"articles": ["one"]}, "give a list of article ids"),
        ({"articles": 3}, "give a list of article ids"),
    ],
)
def test_a_value_that_makes_no_sense_is_one_clear_line(
    limits: dict[str, Any], message: str, filled: ArticleIndex
) -> None:
    with pytest.raises(FilterError, match=message) as caught:
        filled.article_ids(Filters(**limits))
    assert "\n" not in str(caught.value)
