"""Every released format can still be read: the catalog and the portable file, by fixtures that are never made anew."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from index_support import check_stores

from index import ArticleIndex, IndexFormatError, Settings
from index.portable import FORMAT
from index.schema import VERSION
from qa import retrieve

Open = Callable[..., ArticleIndex]


def check_content(index: ArticleIndex) -> None:
    """What the fixtures hold."""
    ferry, owl = sorted(index.articles(), key=lambda article: article.title, reverse=True)
    assert (ferry.title, ferry.author, ferry.published) == ("The ferry returns", "Ines Carvalho", date(2024, 3, 5))
    assert [Path(source).name for source in ferry.sources] == ["ferry.md", "ferry.md"]
    assert owl.text.splitlines()[2] == "A tawny owl nested above the clock of Žilina’s town hall 🦉."
    (hit, *_) = retrieve(index, '"eleven minutes"', 3)
    assert hit.article == ferry
    assert hit.text == ferry.text[hit.start : hit.end]
    assert retrieve(index, '"Lindenau"', 3) == []
    check_stores(index)


@pytest.mark.parametrize("version", range(1, VERSION + 1))
def test_a_catalog_of_every_released_format_opens_and_verifies(
    version: int, data: Path, tmp_path: Path, open_index: Open
) -> None:
    shutil.copytree(data / "formats" / f"catalog-{version}", tmp_path / "index")
    index = open_index()
    report = index.verify()
    assert report.problems == []
    assert (report.articles, report.whole) == (2, True)
    check_content(index)
    assert open_index("index").notes == []


@pytest.mark.parametrize("number", range(1, FORMAT + 1))
def test_a_portable_file_of_every_released_format_is_taken_in(number: int, data: Path, open_index: Open) -> None:
    index = open_index()
    report = index.import_from(data / "formats" / f"export-{number}.pullquote")
    assert [Path(source).name for source in report.added] == ["ferry.md", "owl.txt"]
    assert index.verify().problems == []
    check_content(index)


def test_a_catalog_of_a_newer_format_is_refused_and_left_alone(data: Path, tmp_path: Path, open_index: Open) -> None:
    shutil.copytree(data / "formats" / f"catalog-{VERSION}", tmp_path / "index")
    path = tmp_path / "index" / "catalog.sqlite"
    content = bytearray(path.read_bytes())
    content[60:64] = (VERSION + 1).to_bytes(4, "big")
    path.write_bytes(content)
    with pytest.raises(IndexFormatError, match=r"newer Pullquote .*upgrade"):
        open_index()
    assert path.read_bytes() == content


def version_of(path: Path) -> int:
    return int.from_bytes(path.read_bytes()[60:64], "big")


def test_a_catalog_of_version_1_is_brought_up_by_the_first_write(data: Path, tmp_path: Path, open_index: Open) -> None:
    shutil.copytree(data / "formats" / "catalog-1", tmp_path / "index")
    path = tmp_path / "index" / "catalog.sqlite"
    index, reader = open_index(), open_index()
    check_content(index)
    assert version_of(path) == 1
    assert {(article.site, article.url) for article in index.articles()} == {(None, None)}
    story = tmp_path / "new.md"
    story.write_text("---\nsite: The Ferry\nurl: https://example.org/a\n---\n# New\n\nThe heron is back.\n")
    index.add(story)
    # A program that had opened it before sees what is new.
    for opened in (index, reader):
        (new,) = opened.find("New")
        assert (new.site, new.url) == ("The Ferry", "https://example.org/a")
    check_stores(index)
    assert index.verify().problems == []
    index.close()
    reader.close()
    assert version_of(path) == VERSION


def test_a_catalog_of_version_1_that_cannot_be_written_is_read(
    data: Path, tmp_path: Path, open_index: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(data / "formats" / "catalog-1", tmp_path / "index")
    monkeypatch.setattr("os.access", lambda path, mode: False)
    index = open_index()
    assert sorted(article.title for article in index.articles()) == ["An owl in the town hall", "The ferry returns"]
    assert index.verify().problems == []
    index.close()
    assert version_of(tmp_path / "index" / "catalog.sqlite") == 1


@pytest.mark.parametrize("damage", ["first page", "a page of text"])
def test_a_damaged_catalog_of_version_1_is_saved(damage: str, data: Path, tmp_path: Path, hashing: Settings) -> None:
    shutil.copytree(data / "formats" / "catalog-1", tmp_path / "index")
    path = tmp_path / "index" / "catalog.sqlite"
    content = bytearray(path.read_bytes())
    if damage == "first page":
        content[100:4096] = bytes(3996)
    else:
        place = content.index(b"tawny owl")
        content[place : place + 9] = b"tawny OWL"
    path.write_bytes(content)
    report = ArticleIndex.salvage(tmp_path / "index", settings=hashing)
    assert not report.problems
    with ArticleIndex.open(tmp_path / "index", create=False, settings=hashing) as index:
        titles = {article.title for article in index.articles()}
    assert "The ferry returns" in titles
    assert ("An owl in the town hall" in titles) == (damage == "first page")


@pytest.fixture
def hashing() -> Settings:
    """The settings of an index with hashed vectors."""
    return Settings(model="hashing")


def test_site_and_address_go_along_in_the_portable_file(tmp_path: Path, open_index: Open) -> None:
    story = tmp_path / "new.md"
    story.write_text("---\nsite: The Ferry\nurl: https://example.org/a\n---\n# New\n\nThe heron is back.\n")
    index, other = open_index("one"), open_index("other")
    index.add(story)
    index.export_to(tmp_path / "all.pullquote")
    other.import_from(tmp_path / "all.pullquote")
    (article,) = other.articles()
    assert (article.site, article.url) == ("The Ferry", "https://example.org/a")
