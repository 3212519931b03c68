"""Removing and syncing: what is gone is gone from all three stores; what is only out of reach stays."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from index_support import check_stores, only

from index import ArticleIndex

Write = Callable[..., Path]


@pytest.fixture
def filled(write: Write, articles: Path, index: ArticleIndex) -> ArticleIndex:
    for name in ("a.txt", "b.md", "news/c.txt", "news/d.txt", "news [2024]/e.txt", "newsroom.txt"):
        write(name, f"Headline of {name}\n\nThe text of {name} says something of {name}.")
    write("twin.txt", "Headline of a.txt\n\nThe text of a.txt says something of a.txt.")
    index.add(articles)
    return index


def titles(index: ArticleIndex) -> set[str]:
    return {article.title.removeprefix("Headline of ") for article in index.articles()}


ALL = {"a.txt", "b.md", "news/c.txt", "news/d.txt", "news [2024]/e.txt", "newsroom.txt"}


@pytest.mark.parametrize(
    ("what", "gone"),
    [
        ("b.md", {"b.md"}),
        ("news", {"news/c.txt", "news/d.txt"}),
        ("news/", {"news/c.txt", "news/d.txt"}),
        ("news [2024]", {"news [2024]/e.txt"}),
        ("news [2024]/e.txt", {"news [2024]/e.txt"}),
        ("news/*.txt", {"news/c.txt", "news/d.txt"}),
        ("*.md", {"b.md"}),
        ("a.txt", set()),  # its twin still has the text
        ("Headline of a.txt", {"a.txt"}),
        ("headline  OF b.MD", {"b.md"}),
        ("nothing.txt", set()),
        ("", set()),
        ("  ", set()),
        (".", ALL),
    ],
)
def test_removing_by_path_folder_pattern_or_title(
    what: str, gone: set[str], filled: ArticleIndex, articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(articles)
    assert titles(filled) == ALL
    removed = filled.remove(what)
    assert {article.title.removeprefix("Headline of ") for article in removed} == gone
    assert titles(filled) == ALL - gone
    check_stores(filled)


def test_removing_by_article_and_id(filled: ArticleIndex) -> None:
    first, second, *_ = filled.articles()
    assert filled.find(first.id) == (first,)
    assert filled.remove([first, second.id, second.id, 12345, 10**30, -1]) == (first, second)
    assert filled.article(first.id) is None
    assert filled.article(10**30) is None
    check_stores(filled)


def test_the_last_source_takes_the_article_with_it(filled: ArticleIndex, articles: Path) -> None:
    assert filled.remove(str(articles / "a.txt")) == ()
    (article,) = filled.remove(str(articles / "twin.txt"))
    assert article.title == "Headline of a.txt"
    check_stores(filled)


def test_what_is_removed_is_found_by_neither_search(write: Write, index: ArticleIndex) -> None:
    path = write("a.txt", "Head\n\nThe zebra crossed the harbour.")
    write("b.txt", "Other\n\nThe ferry crossed the harbour.")
    index.add(path.parent)
    zebra = only_id(index, "Head")
    assert zebra in index.snapshot().words.containing("zebra", 10)
    index.remove(path)
    snapshot = index.snapshot()
    assert not len(snapshot.words.containing("zebra", 10))
    ids, _ = snapshot.vectors.search(index.embed_questions(["The zebra crossed the harbour."]), 10)
    assert zebra not in ids
    assert index.passages([zebra]) == {}


def only_id(index: ArticleIndex, title: str) -> int:
    (article,) = index.find(title)
    return int(index.passage_ids([article.id])[0])


def test_an_id_is_never_used_again(write: Write, index: ArticleIndex) -> None:
    path = write("a.txt", "Head\n\nText.")
    index.add(path)
    first = only(index)
    passages = index.passage_ids([first.id])
    index.remove(first)
    index.add(path)
    assert only(index).id > first.id
    assert index.passage_ids([only(index).id]).min() > passages.max()
    check_stores(index)


def test_sync_adds_updates_and_removes(filled: ArticleIndex, write: Write, articles: Path) -> None:
    (articles / "b.md").unlink()
    shutil.rmtree(articles / "news")
    write("a.txt", "Headline of new a\n\nNew text.")
    new = write("new.txt", "Headline of new\n\nNew.")
    report = filled.sync()
    assert report.add.added == [str(new)]
    assert report.add.updated == [str(articles / "a.txt")]
    assert set(report.removed) == {str(articles / name) for name in ("b.md", "news/c.txt", "news/d.txt")}
    assert titles(filled) == {"a.txt", "new a", "new", "news [2024]/e.txt", "newsroom.txt"}
    check_stores(filled)
    again = filled.sync()
    assert not again.removed
    assert not again.add.added + again.add.updated


def test_sync_looks_at_single_files_too(write: Write, tmp_path: Path, index: ArticleIndex) -> None:
    kept, gone = write("kept.txt", "Kept\n\nText."), write("gone.txt", "Gone\n\nText.")
    index.add([kept, gone])
    gone.unlink()
    kept.write_text("Changed\n\nText of it.")
    report = index.sync()
    assert (report.add.updated, report.removed) == ([str(kept)], (str(gone),))
    assert titles(index) == {"Changed"}


def test_sync_removes_nothing_under_a_folder_that_is_away(filled: ArticleIndex, articles: Path) -> None:
    articles.rename(articles.with_name("unplugged"))
    report = filled.sync()
    assert report.removed == ()
    assert [failure.source for failure in report.add.failed] == [str(articles)]
    assert titles(filled) == ALL
    articles.with_name("unplugged").rename(articles)


def test_sync_removes_nothing_that_is_only_out_of_reach(filled: ArticleIndex, articles: Path) -> None:
    shutil.rmtree(articles / "news")
    (articles / "news").symlink_to(articles / "news")  # whatever lies below it cannot be looked at
    assert filled.sync().removed == ()
    assert titles(filled) == ALL


def test_sync_of_a_removed_folder_does_not_bring_it_back(filled: ArticleIndex, articles: Path) -> None:
    filled.remove(str(articles))
    assert titles(filled) == set()
    filled.sync()
    assert titles(filled) == set()
