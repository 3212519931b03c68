"""Every released format can still be read: the catalog and the portable file, by fixtures that are never made anew."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from index_support import check_stores

from index import ArticleIndex, IndexFormatError
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
