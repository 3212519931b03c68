"""``verify --repair``: what can be made anew is made anew; what cannot is taken out and named; then all is whole."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from index_support import check_stores, flip
from test_verifying import DAMAGES, execute, filled

from index import ArticleIndex, HashingEmbedder, IndexNotFoundError, NotAnIndexError
from qa import retrieve

__all__ = ["filled"]

Write = Callable[..., Path]
Open = Callable[..., ArticleIndex]


LOST = {
    "a source's name": ["where article 3 ('Headline 2') came from; the article is kept"],
    "a source of nothing": ["article 99 from a"],
}
"""What is lost in spite of all files: a name that nobody knows any more, and an article that never was."""
SOURCES_AFTER = {"a source's name": {"Headline 2": ("source of article 3 lost",)}}


def content(index: ArticleIndex) -> dict[str, tuple[str, ...]]:
    return {article.title: tuple(sorted(article.sources)) for article in index.articles()}


@pytest.mark.parametrize("what", DAMAGES)
def test_with_its_files_at_hand_everything_is_mended(what: str, filled: ArticleIndex, open_index: Open) -> None:
    before = content(filled)
    execute(filled, DAMAGES[what][0])
    report = filled.verify(repair=True)
    assert report.problems == []
    assert report.lost == LOST.get(what, [])
    assert report.whole == (what not in LOST)
    assert report.repaired
    index = open_index()
    assert content(index) == before | SOURCES_AFTER.get(what, {})
    check_stores(index)
    assert index.verify().problems == []
    assert retrieve(index, '"Story 2 tells of the vessel"', 3)[0].article.title == "Headline 2"


@pytest.mark.parametrize("what", ["an article's text", "an article's title", "an article that is gone"])
def test_an_article_that_cannot_be_read_again_is_taken_out_and_named(
    what: str, filled: ArticleIndex, articles: Path
) -> None:
    (articles / "02.txt").unlink()
    before = content(filled)
    execute(filled, DAMAGES[what][0])
    report = filled.verify(repair=True)
    (line,) = report.lost
    assert "article 3" in line
    assert str(articles / "02.txt") in line
    assert report.problems == []
    assert not report.whole
    assert content(filled) == {title: sources for title, sources in before.items() if title != "Headline 2"}
    check_stores(filled)
    assert filled.verify().whole


def test_a_damaged_article_whose_file_has_changed_is_updated(filled: ArticleIndex, write: Write) -> None:
    write("02.txt", "Headline 2\n\nThe story has moved on.")
    execute(filled, DAMAGES["an article's text"][0])
    report = filled.verify(repair=True)
    assert report.whole
    assert retrieve(filled, '"has moved on"', 3)[0].article.id == 3
    check_stores(filled)


def test_a_damaged_article_whose_file_holds_another_articles_text_joins_that(
    filled: ArticleIndex, articles: Path
) -> None:
    shutil.copy(articles / "04.txt", articles / "02.txt")
    execute(filled, DAMAGES["an article's text"][0])
    assert filled.verify(repair=True).whole
    assert content(filled)["Headline 4"] == (str(articles / "02.txt"), str(articles / "04.txt"))
    check_stores(filled)


def test_when_an_article_was_first_added_stays(filled: ArticleIndex) -> None:
    execute(filled, "UPDATE article SET added_at = '2020-02-02T02:02:02+00:00' WHERE id = 3")
    execute(filled, DAMAGES["a passage's vector"][0].replace("id = 4", "article_id = 3"))
    assert filled.verify(repair=True).whole
    execute(filled, "DELETE FROM article WHERE added_at <> '2020-02-02T02:02:02+00:00'")
    assert filled.counts()[0] == 1


def test_nothing_to_repair_changes_nothing(filled: ArticleIndex) -> None:
    generation = filled.stats().generation
    report = filled.verify(repair=True)
    assert (report.whole, report.repaired) == (True, [])
    assert filled.stats().generation == generation


@pytest.mark.parametrize("pattern", ["words/*.idx", "words/meta.json", "vectors/*.faiss", "vectors/vectors.json"])
def test_damaged_caches_are_made_anew(pattern: str, filled: ArticleIndex, open_index: Open) -> None:
    path = next(filled.folder.glob(pattern))
    flip(path, path.read_bytes().find(b"segment_id") + 16 if path.name == "meta.json" else 40)
    report = filled.verify(repair=True)
    assert report.whole
    assert report.repaired == ["both search indexes were made anew from the catalog"]
    index = open_index()
    check_stores(index)
    assert index.notes == []


@pytest.mark.parametrize("size", [0, 50, 5_000, 20_480, 40_000, 1.0])
@pytest.mark.parametrize("files", ["there", "gone"])
def test_a_catalog_that_was_cut_off_is_salvaged(
    size: float, files: str, filled: ArticleIndex, articles: Path, open_index: Open
) -> None:
    before = content(filled)
    filled.close()
    path = filled.folder / "catalog.sqlite"
    whole = path.read_bytes()
    path.write_bytes(whole[: size if isinstance(size, int) else len(whole) - 4096])
    cut = path.read_bytes()
    if files == "gone":
        shutil.rmtree(articles)
    report = ArticleIndex.salvage(filled.folder, embedder=HashingEmbedder())
    assert report.problems == []
    assert (filled.folder / "damaged-catalog-1.sqlite").read_bytes() == cut
    assert any("damaged-catalog-1.sqlite" in line for line in report.repaired)
    index = open_index()
    there = content(index)
    check_stores(index)
    assert not there.keys() - before.keys()
    lost = " ".join(report.lost)
    for article in before.keys() - there.keys():
        assert any(source in lost for source in before[article]) or "not even the source is known" in lost
    if files == "there" and size > 5_000:
        assert there.keys() == before.keys() or report.lost
    assert index.verify().whole


def test_a_catalog_with_a_damaged_first_page_is_saved_whole(
    filled: ArticleIndex, articles: Path, open_index: Open
) -> None:
    before = content(filled)
    filled.close()
    shutil.rmtree(articles)
    path = filled.folder / "catalog.sqlite"
    path.write_bytes(bytes(4096) + path.read_bytes()[4096:])
    report = ArticleIndex.salvage(filled.folder, embedder=HashingEmbedder())
    assert (report.problems, report.lost, report.whole) == ([], [], True)
    assert content(open_index()) == before


def test_an_unknown_model_means_embedding_anew(filled: ArticleIndex, open_index: Open) -> None:
    execute(filled, "UPDATE meta SET value = '{' WHERE key = 'model'")
    filled.close()
    (filled.folder / "pullquote.json").unlink()
    report = ArticleIndex.salvage(filled.folder, embedder=HashingEmbedder(32))
    assert report.whole
    assert sum("split and embedded again" in line for line in report.repaired) == report.articles
    check_stores(open_index(embedder=HashingEmbedder(32)))


def test_salvaging_leaves_other_things_alone(tmp_path: Path, write: Write) -> None:
    with pytest.raises(IndexNotFoundError):
        ArticleIndex.salvage(tmp_path / "nowhere", embedder=HashingEmbedder())
    write("a.txt", "Text")
    with pytest.raises(NotAnIndexError):
        ArticleIndex.salvage(tmp_path / "articles", embedder=HashingEmbedder())
    assert [path.name for path in (tmp_path / "articles").iterdir()] == ["a.txt"]
