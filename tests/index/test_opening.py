"""Opening: what is an index, what is not, what was made with another model, and a folder that may only be read."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from index_support import check_stores, only

from index import (
    ArticleIndex,
    CorruptIndexError,
    HashingEmbedder,
    IndexFormatError,
    IndexNotFoundError,
    ModelMismatchError,
    NotAnIndexError,
    StorageError,
)
from index.folder import CATALOG, MANIFEST
from index.schema import VERSION

Write = Callable[..., Path]
Open = Callable[..., ArticleIndex]


def test_a_missing_index_is_made_unless_told_otherwise(tmp_path: Path, open_index: Open) -> None:
    with pytest.raises(IndexNotFoundError, match="pullquote add"):
        open_index("new", create=False)
    assert not (tmp_path / "new").exists()
    index = open_index("new/and/deep")
    assert index.counts() == (0, 0)
    manifest = json.loads((index.folder / MANIFEST).read_text())
    assert manifest["model"]["name"] == "hashing"
    assert manifest["format"] == VERSION


def test_an_empty_folder_and_one_of_hidden_files_can_become_an_index(tmp_path: Path, open_index: Open) -> None:
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / ".DS_Store").write_text("x")
    with pytest.raises(IndexNotFoundError):
        open_index(create=False)
    assert open_index().counts() == (0, 0)


@pytest.mark.parametrize("create", [True, False])
def test_a_file_or_a_folder_of_other_things_is_not_an_index(create: bool, tmp_path: Path, open_index: Open) -> None:
    (tmp_path / "file").write_text("A file.")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "thesis.docx").write_text("Important.")
    with pytest.raises(NotAnIndexError, match="is a file"):
        open_index("file", create=create)
    with pytest.raises(NotAnIndexError, match=r"thesis\.docx.*--index"):
        open_index("folder", create=create)
    assert os.listdir(tmp_path / "folder") == ["thesis.docx"]


def test_another_programs_database_is_left_alone(tmp_path: Path, open_index: Open) -> None:
    for version in (0, 7):
        folder = tmp_path / f"other{version}"
        folder.mkdir()
        with sqlite3.connect(folder / CATALOG) as connection:
            connection.execute("CREATE TABLE books (title TEXT)")
            connection.execute(f"PRAGMA user_version = {version}")
        connection.close()
        before = (folder / CATALOG).read_bytes()
        for create in (True, False):
            with pytest.raises((NotAnIndexError, IndexNotFoundError)):
                open_index(folder.name, create=create)
        with pytest.raises(NotAnIndexError):
            open_index(folder.name)
        assert sqlite3.connect(folder / CATALOG).execute("SELECT count(*) FROM sqlite_master").fetchone() == (1,)
        assert len((folder / CATALOG).read_bytes()) == len(before)


def test_a_making_that_was_cut_short_is_made_again(tmp_path: Path, open_index: Open) -> None:
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / CATALOG).touch()
    with pytest.raises(IndexNotFoundError):
        open_index(create=False)
    assert open_index().counts() == (0, 0)


@pytest.mark.parametrize("create", [True, False])
def test_a_catalog_that_is_gone_is_not_taken_for_a_new_index(create: bool, write: Write, open_index: Open) -> None:
    index = open_index()
    index.add(write("a.txt", "Headline\n\nText."))
    index.close()
    (index.folder / CATALOG).unlink()
    with pytest.raises(CorruptIndexError, match="missing or cut off"):
        open_index(create=create)


def test_another_model_is_refused_and_both_are_named(write: Write, open_index: Open) -> None:
    index = open_index()
    index.add(write("a.txt", "Headline\n\nText."))
    index.close()
    with pytest.raises(ModelMismatchError, match=r"'hashing'.*reembed") as caught:
        open_index(embedder=HashingEmbedder(128))
    assert "\n" not in str(caught.value)
    with pytest.raises(ModelMismatchError, match="all-MiniLM-L6-v2"):
        ArticleIndex.open(index.folder)  # the default model, which is not loaded for this
    with open_index() as again:
        assert only(again).title == "Headline"


def test_a_record_of_the_model_that_is_damaged_is_damage(open_index: Open) -> None:
    index = open_index()
    index.close()
    for value in ("{", "[]", '{"name": 3}'):
        connection = sqlite3.connect(index.folder / CATALOG)
        connection.execute("UPDATE meta SET value = ? WHERE key = 'model'", (value,))
        connection.commit()
        connection.close()
        with pytest.raises(CorruptIndexError, match="which model"):
            open_index()


def test_a_newer_format_is_refused(open_index: Open) -> None:
    index = open_index()
    index.close()
    connection = sqlite3.connect(index.folder / CATALOG)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    for create in (True, False):
        with pytest.raises(IndexFormatError, match=r"format 99.*upgrade"):
            open_index(create=create)


@pytest.fixture
def read_only(write: Write, open_index: Open, monkeypatch: pytest.MonkeyPatch) -> Callable[[], ArticleIndex]:
    """Opens a filled index as one that may not be written to."""
    index = open_index()
    index.add([write(f"{n}.txt", f"Headline {n}\n\nStory {n} tells of vessel{n}.") for n in range(5)])
    index.close()

    def opened() -> ArticleIndex:
        monkeypatch.setattr(os, "access", lambda path, mode, **_: mode != os.W_OK)
        return open_index(create=False)

    return opened


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("lost", ["nothing", "words", "vectors"])
def test_a_folder_that_may_only_be_read_answers_and_is_not_touched(
    lost: str, read_only: Callable[[], ArticleIndex], tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path / "index" / lost, ignore_errors=True)
    before = contents(tmp_path / "index")
    index = read_only()
    check_words = index.snapshot().words
    assert len(check_words.containing("vessel3", 5)) == 1
    assert len(index.notes) == (lost != "nothing")
    assert only_title(index, "vessel3") == "Headline 3"
    for change in (lambda: index.add(tmp_path), lambda: index.remove("*"), index.sync):
        with pytest.raises(StorageError, match="no permission to write here"):
            change()
    index.close()
    assert contents(tmp_path / "index") == before


def only_title(index: ArticleIndex, word: str) -> str:
    passages = index.passages(index.snapshot().words.containing(word, 5).tolist())
    (article,) = index.articles_by_id(passage.article_id for passage in passages.values()).values()
    return article.title


def test_a_log_that_was_left_behind_is_read_too(
    read_only: Callable[[], ArticleIndex], tmp_path: Path, write: Write, open_index: Open
) -> None:
    with open_index() as index:
        index.add(write("late.txt", "Late headline\n\nText of it."))
        shutil.copytree(index.folder, tmp_path / "copy")
    assert (tmp_path / "copy" / f"{CATALOG}-wal").stat().st_size
    shutil.rmtree(tmp_path / "index")
    (tmp_path / "copy").rename(tmp_path / "index")
    index = read_only()
    assert "Late headline" in {article.title for article in index.articles()}


def test_opening_many_times_at_once_is_one_index(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def opened(_: int) -> str:
        with ArticleIndex.open(tmp_path / "index", embedder=HashingEmbedder()) as index:
            return index._catalog.identity

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(opened, range(24)))) == 1


def test_statistics(write: Write, open_index: Open) -> None:
    index = open_index()
    index.add([write(f"{n}.txt", f"Headline {n}\n\nStory {n}.") for n in range(5)])
    stats = index.stats()
    assert (stats.articles, stats.passages) == (5, index.counts()[1])
    assert stats.bytes > 10_000
    assert stats.model.name == "hashing"
    assert "5 vectors" in stats.vectors
    check_stores(index)
