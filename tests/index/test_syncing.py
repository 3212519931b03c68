"""``sync``: new, changed, moved and deleted files and members, and a dry run that says the same and writes nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from index_support import CountingEmbedder, check_stores

from index import ArticleIndex, SyncReport, syncing

Write = Callable[..., Path]
Open = Callable[..., ArticleIndex]


def story(name: str) -> str:
    return f"Headline of {name}\n\n{name} opened the bridge, and the council of {name} paid for it."


def dump(*names: str) -> str:
    return "".join(json.dumps({"id": name, "title": f"Bridge of {name}", "text": story(name)}) + "\n" for name in names)


@pytest.fixture
def changed(write: Write, articles: Path, index: ArticleIndex) -> ArticleIndex:
    """An index whose folder has changed in every way since."""
    for name in ("same", "changed", "moved", "gone", "was table"):
        write(f"{name}.txt", story(name))
    write("dump.jsonl", dump("Ada", "Bea", "Cid"))
    write("old.jsonl", dump("Eva", "Fay"))
    index.add(articles)
    write("changed.txt", story("changed") + " It rained.")
    (articles / "deep").mkdir()
    (articles / "moved.txt").rename(articles / "deep" / "found.txt")
    (articles / "gone.txt").unlink()
    write("new.txt", story("new"))
    write("twin.txt", story("same"))
    write("was table.txt", dump("Gus").replace("Bridge of", "Ferry of"))
    (articles / "was table.txt").rename(articles / "was table.jsonl")
    write("dump.jsonl", dump("Ada", "Cid", "Dot"))
    (articles / "old.jsonl").unlink()
    return index


def check(report: SyncReport, folder: Path) -> None:
    def below(*locations: str) -> list[str]:
        return sorted(location.removeprefix(f"{folder}/") for location in locations)

    assert below(*report.add.added) == ["dump.jsonl#id:Dot", "new.txt", "was table.jsonl#id:Gus"]
    assert below(*report.add.updated) == ["changed.txt"]
    assert below(*report.add.unchanged) == ["dump.jsonl#id:Ada", "dump.jsonl#id:Cid", "same.txt"]
    assert below(*report.add.duplicates) == ["twin.txt"]
    assert [below(*pair) for pair in report.moved] == [["deep/found.txt", "moved.txt"]]
    assert below(*report.removed) == [
        "dump.jsonl#id:Bea",
        "gone.txt",
        "old.jsonl#id:Eva",
        "old.jsonl#id:Fay",
        "was table.txt",
    ]
    assert not report.add.failed


def test_a_rehearsal_says_what_sync_does_and_changes_nothing(changed: ArticleIndex, articles: Path) -> None:
    def state() -> list[tuple[str, tuple[str, ...]]]:
        return [(article.sha256, article.sources) for article in changed.articles()]

    before, generation = state(), changed.snapshot().generation
    plan = changed.sync(dry_run=True)
    assert plan.dry_run
    check(plan, articles)
    assert (state(), changed.snapshot().generation) == (before, generation)
    done = changed.sync()
    assert not done.dry_run
    check(done, articles)
    again = changed.sync(dry_run=True)
    assert not (again.add.added + again.add.updated + again.add.duplicates)
    assert (again.removed, again.moved) == ((), ())
    check_stores(changed)


def test_after_sync_the_index_is_as_if_made_anew(changed: ArticleIndex, articles: Path, open_index: Open) -> None:
    changed.sync()
    anew = open_index("anew")
    anew.add(articles)

    def content(index: ArticleIndex) -> set[tuple[str, str, tuple[str, ...]]]:
        return {(article.title, article.text, tuple(sorted(article.sources))) for article in index.articles()}

    assert content(changed) == content(anew)


def test_what_has_moved_is_not_embedded_again(write: Write, articles: Path, open_index: Open) -> None:
    embedder = CountingEmbedder()
    index = open_index(embedder=embedder)
    write("a.txt", story("one"))
    write("b.jsonl", dump("Ada", "Bea"))
    index.add(articles)
    numbers = {article.title: article.id for article in index.articles()}
    embedded = len(embedder.texts)
    (articles / "a.txt").rename(articles / "z.txt")
    (articles / "b.jsonl").rename(articles / "y.jsonl")
    report = index.sync()
    assert len(report.moved) == 3
    assert not report.removed
    assert not report.add.duplicates
    assert len(embedder.texts) == embedded
    assert {article.title: article.id for article in index.articles()} == numbers
    assert sorted(Path(article.source).name for article in index.articles()) == [
        "y.jsonl#id:Ada", "y.jsonl#id:Bea", "z.txt",
    ]  # fmt: skip


def test_add_leaves_what_is_gone_from_a_table_and_sync_removes_it(write: Write, index: ArticleIndex) -> None:
    path = write("dump.jsonl", dump("Ada", "Bea"))
    index.add(path)
    write("dump.jsonl", dump("Ada"))
    index.add(path)
    assert index.counts()[0] == 2
    assert index.sync().removed == (f"{path}#id:Bea",)
    assert index.counts()[0] == 1


def test_a_table_by_itself_is_visited_again(write: Write, index: ArticleIndex) -> None:
    path = write("dump.jsonl", dump("Ada"))
    index.add(path)
    write("dump.jsonl", dump("Ada", "Bea"))
    assert index.sync().add.added == [f"{path}#id:Bea"]
    path.unlink()
    assert index.sync().removed == (f"{path}#id:Ada", f"{path}#id:Bea")
    assert index.counts()[0] == 0
    assert index.sync().add.failed == []


def test_a_stop_removes_nothing(changed: ArticleIndex) -> None:
    before = changed.counts()
    report = changed.sync(stop=lambda: True)
    assert report.add.stopped
    assert report.removed == ()
    assert changed.counts() == before


@pytest.fixture
def away(write: Write, articles: Path, index: ArticleIndex) -> Path:
    """Where the folder is now, after it was added with an article."""
    write("a.txt", story("a"))
    index.add(articles)
    return articles.rename(articles.with_name("away"))


def test_a_folder_that_comes_back_while_it_is_looked_for_loses_nothing(
    articles: Path, away: Path, index: ArticleIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, real = index.counts(), Path.stat

    def stat(path: Path, **options: bool) -> os.stat_result:
        try:
            return real(path, **options)
        except FileNotFoundError:
            if path == articles and away.exists():
                away.rename(articles)
            raise

    monkeypatch.setattr(Path, "stat", stat)
    report = index.sync()
    assert [failure.reason for failure in report.add.failed] == ["no such file or folder"]
    assert report.removed == ()
    assert index.counts() == before


def test_a_folder_that_comes_back_just_before_its_files_are_removed_keeps_them(
    articles: Path, away: Path, index: ArticleIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = index.counts()

    def reachable(path: str, root: str | None) -> bool:
        if away.exists():
            away.rename(articles)
        return True

    monkeypatch.setattr(syncing, "_is_reachable", reachable)
    assert index.sync().removed == ()
    assert index.counts() == before
