"""What a person says of the columns of a table: used, kept for ``sync``, and refused where it does not fit."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from index_support import CountingEmbedder, check_stores, only

from index import ArticleIndex, PullquoteError

Write = Callable[..., Path]
CSV = "id,body,headline,by\n1,The mayor opened the bridge.,Bridge opens,Ada Novak\n"


def test_columns_are_read_as_it_was_said(write: Write, index: ArticleIndex) -> None:
    path = write("dump.csv", CSV)
    report = index.add(path, columns={"text": "body", "title": "Headline", "author": "by"})
    assert report.added == [f"{path}#id:1"]
    article = only(index)
    assert (article.title, article.text, article.author) == (
        "Bridge opens",
        "The mayor opened the bridge.",
        "Ada Novak",
    )


def test_what_was_said_goes_before_what_is_guessed(write: Write, index: ArticleIndex) -> None:
    path = write("dump.jsonl", json.dumps({"text": "A teaser.", "story": "The whole story of the bridge."}) + "\n")
    index.add(path, columns={"text": "story"})
    assert only(index).text == "The whole story of the bridge."


def test_sync_and_a_later_add_use_it_again(write: Write, index: ArticleIndex) -> None:
    path = write("dump.csv", "id,story\n1,The mayor opened the bridge.\n")
    index.add(path, columns={"text": "story"})
    write("dump.csv", "id,story\n1,The mayor opened the bridge.\n2,The baker closed the bakery.\n")
    assert index.sync().add.added == [f"{path}#id:2"]
    write("dump.csv", "id,story\n1,The mayor closed the bridge.\n2,The baker closed the bakery.\n")
    assert index.add(path).updated == [f"{path}#id:1"]
    check_stores(index)


def test_it_counts_for_a_whole_folder_and_for_tables_in_archives(
    write: Write, articles: Path, index: ArticleIndex
) -> None:
    write("a.csv", "story\nThe mayor opened the bridge.\n")
    with zipfile.ZipFile(articles / "b.zip", "w") as archive:
        archive.writestr("b.csv", "story\nThe baker closed the bakery.\n")
    assert index.add(articles, columns={"text": "story"}).failed == []
    write("later/c.csv", "story\nThe owl left the town hall.\n")
    report = index.sync().add
    assert len(report.added) == 1
    assert len(report.unchanged) == 2
    assert report.failed == []


def test_another_saying_reads_the_table_again(write: Write, tmp_path: Path) -> None:
    path = write("dump.csv", "one,two\nThe mayor opened the bridge.,The baker closed the bakery.\n")
    embedder = CountingEmbedder()
    with ArticleIndex.open(tmp_path / "index", embedder=embedder) as index:
        index.add(path, columns={"text": "one"})
        assert index.add(path, columns={"text": "one"}).unchanged == [f"{path}#1"]
        assert len(embedder.texts) == 1
        assert index.add(path, columns={"text": "two"}).updated == [f"{path}#1"]
        assert only(index).text == "The baker closed the bakery."


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_a_column_that_is_not_there_is_one_line_with_those_that_are(
    write: Write, index: ArticleIndex, suffix: str
) -> None:
    rows = json.dumps({"id": 1, "body": "The mayor opened the bridge."}) + "\n"
    path = write(f"dump.{suffix}", "id,body\n1,The mayor opened the bridge.\n" if suffix == "csv" else rows * 3)
    (failure,) = index.add(path, columns={"text": "bdy"}).failed
    assert failure.source == str(path)
    assert failure.reason == "has no column 'bdy', which was to be the text; its columns are: id, body"
    assert index.add(path).failed == []  # what was wrong is not kept


def test_a_wrong_saying_leaves_the_right_one(write: Write, index: ArticleIndex) -> None:
    path = write("dump.csv", "id,story\n1,The mayor opened the bridge.\n")
    index.add(path, columns={"text": "story"})
    assert index.add(path, columns={"text": "strory"}).failed
    report = index.sync()
    assert (report.add.unchanged, report.add.failed, report.removed) == ([f"{path}#id:1"], [], ())


def test_json_lines_that_never_have_a_column_are_told_once(write: Write, index: ArticleIndex) -> None:
    rows = [{"id": number, "text": f"The mayor opened bridge {number}."} for number in range(3)]
    path = write("dump.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    report = index.add(path, columns={"title": "headline"})
    assert len(report.added) == 3
    assert [failure.reason for failure in report.failed] == [
        "has no column 'headline', which was to be the title; its columns are: id, text"
    ]
    assert index.sync().add.failed == report.failed  # what was said of it is kept, for it was read so


def test_removing_the_table_forgets_it(write: Write, index: ArticleIndex) -> None:
    path = write("dump.csv", "one,text\nThe mayor opened the bridge.,The baker closed the bakery.\n")
    index.add(path, columns={"text": "one"})
    index.remove(path)
    index.add(path)
    assert only(index).text == "The baker closed the bakery."


def test_what_articles_do_not_have_is_refused(write: Write, index: ArticleIndex) -> None:
    path = write("dump.csv", CSV)
    with pytest.raises(PullquoteError, match="cannot be the 'headline' of an article; it can be one of: text, title"):
        index.add(path, columns={"headline": "title"})
    with pytest.raises(PullquoteError, match="the column with the text has no name"):
        index.add(path, columns={"text": " "})
