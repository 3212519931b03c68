"""``verify``: everything that can differ from what was stored is found and named; what is merely behind is not."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from index_support import flip

from index import ArticleIndex, CorruptIndexError, IndexLockedError, Settings, database, vectors
from index.lock import writer_lock
from index.schema import checksum

COVERED = 'article_id, ordinal, start, "end", sentences, embedded_sha256, vector'
"""The columns of a passage that its checksum covers."""

Write = Callable[..., Path]
Open = Callable[..., ArticleIndex]


@pytest.fixture
def filled(write: Write, articles: Path, open_index: Open) -> ArticleIndex:
    """An index that has seen adding, changing, removing, and an article in two places."""
    for number in range(12):
        write(f"{number:02}.txt", f"Headline {number}\n\n" + f"Story {number} tells of the vessel. " * 40)
    write("copy of 03.txt", "Headline 3\n\n" + "Story 3 tells of the vessel. " * 40)
    index = open_index()
    index.add(articles)
    index.add(write("05.txt", "Headline 5\n\nA new story altogether."))
    index.remove(str(articles / "07.txt"))
    return index


def execute(index: ArticleIndex, statement: str, *parameters: object) -> None:
    """Damages the catalog by hand."""
    connection = sqlite3.connect(index.folder / "catalog.sqlite")
    connection.execute(statement, parameters)
    connection.commit()
    connection.close()


def test_a_whole_index_has_no_problems(filled: ArticleIndex) -> None:
    told: list[tuple[int, int]] = []
    report = filled.verify(progress=lambda done, total: told.append((done, total)))
    assert (report.whole, report.problems, report.repaired, report.lost) == (True, [], [], [])
    assert (report.articles, report.passages) == filled.counts()
    assert told[-1] == (report.articles, report.articles)


def test_an_empty_index_has_no_problems(index: ArticleIndex) -> None:
    assert index.verify().whole
    index.snapshot()
    assert index.verify().whole


DAMAGES = {
    "an article's text": ("UPDATE article SET text = replace(text, 'Story 2', 'Story 9') WHERE id = 3", "article 3"),
    "an article's title": ("UPDATE article SET title = 'Another' WHERE id = 3", "article 3"),
    "an article's date": ("UPDATE article SET published = '2024-01-01' WHERE id = 3", "article 3"),
    "an article's hash": ("UPDATE article SET sha256 = '00' WHERE id = 3", "article 3"),
    "a text that is none": ("UPDATE article SET page_starts = '[7]' WHERE id = 3", "article 3"),
    "an article that is gone": ("DELETE FROM article WHERE id = 3", "article 3, which is not there"),
    "a passage's place": ('UPDATE passage SET "end" = "end" - 1 WHERE id = 4', "passage 4 of article"),
    "a passage's article": ("UPDATE passage SET article_id = 1 WHERE id = 4", "passage 4 of article 1"),
    "a passage's vector": ("UPDATE passage SET vector = zeroblob(128) WHERE id = 4", "passage 4 of article"),
    "a passage that is gone": ("DELETE FROM passage WHERE id = 4", "neither there nor recorded as removed: 4"),
    "all passages of an article": ("DELETE FROM passage WHERE article_id = 3", "article 3 ('Headline 2') has no pass"),
    "a removed passage that is there": ("INSERT INTO tombstone VALUES (4, 1)", "passage 4 is there, and was removed"),
    "a later generation": ("UPDATE passage SET generation = 99 WHERE id = 4", "1 rows of passage are from a later"),
    "the catalog's generation": ("UPDATE meta SET value = '1' WHERE key = 'generation'", "from a later generation"),
    "a generation that is none": ("UPDATE meta SET value = 'x' WHERE key = 'generation'", "its generation is 'x'"),
    "the model": ("DELETE FROM meta WHERE key = 'model'", "which model"),
    "a source's name": ("UPDATE source SET location = location || 'x' WHERE article_id = 3", "source "),
    "a source's article": ("UPDATE source SET article_id = 1 WHERE article_id = 3", "article 3 ('Headline 2') has no"),
    "a source of nothing": (
        "INSERT INTO source VALUES ('a', 99, 0, 0, 0, 0, '', '', 0, 0)",
        "article 99, which is not",
    ),
}


@pytest.mark.parametrize("what", DAMAGES)
def test_damage_in_the_catalog_is_named(what: str, filled: ArticleIndex) -> None:
    statement, words = DAMAGES[what]
    execute(filled, statement)
    report = filled.verify()
    assert not report.whole
    assert any(words in problem.what for problem in report.problems), report.problems


def test_damaged_pages_are_refused_at_opening_or_named_when_the_catalog_is_large(
    filled: ArticleIndex, open_index: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled.close()
    path = filled.folder / "catalog.sqlite"
    connection = sqlite3.connect(path)
    (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'passage_article'").fetchone()
    connection.close()
    content = bytearray(path.read_bytes())
    content[(page - 1) * database.PAGE_SIZE + 4] ^= 0x01  # how many entries the page holds
    path.write_bytes(content)
    with pytest.raises(CorruptIndexError, match=r"^[^\n]*damaged[^\n]*verify --repair[^\n]*$"):
        open_index()
    monkeypatch.setattr(database, "_CHECKED_BYTES", 0)
    report = open_index().verify()
    assert {problem.where for problem in report.problems} == {"catalog"}
    assert report.problems[0].what.startswith("SQLite says: ")


def test_a_damaged_faiss_file_is_named(filled: ArticleIndex) -> None:
    (path,) = (filled.folder / "vectors").glob("*.faiss")
    flip(path, 100)
    (problem,) = filled.verify().problems
    assert (problem.where, problem.what) == ("vectors", "the FAISS file is damaged")


def test_a_damaged_tantivy_file_is_named(filled: ArticleIndex) -> None:
    flip(next((filled.folder / "words").glob("*.idx")), 10)
    (problem,) = filled.verify().problems
    assert problem.where == "words"
    assert "damaged" in problem.what


@pytest.mark.parametrize("cache", ["words", "vectors"])
def test_a_cache_of_another_index_is_named(cache: str, filled: ArticleIndex, write: Write, open_index: Open) -> None:
    other = open_index("other")
    other.add(write("other.txt", "Other\n\nSomething else."))
    shutil.rmtree(filled.folder / cache)
    shutil.copytree(other.folder / cache, filled.folder / cache)
    (problem,) = filled.verify().problems
    assert problem.where == cache
    assert "another index" in problem.what


@pytest.mark.parametrize("cache", ["words", "vectors"])
def test_a_cache_that_is_newer_than_the_catalog_is_named(
    cache: str, filled: ArticleIndex, write: Write, tmp_path: Path, open_index: Open
) -> None:
    filled.close()
    shutil.copytree(filled.folder, tmp_path / "older")
    index = open_index()
    for number in range(60):
        index.add(write(f"more {number}.txt", f"More {number}\n\nStill more of number {number}."))
    shutil.rmtree(index.folder / "vectors")
    index.close()
    open_index().snapshot()
    shutil.rmtree(tmp_path / "older" / cache)
    shutil.copytree(tmp_path / "index" / cache, tmp_path / "older" / cache)
    (problem,) = open_index("older").verify().problems
    assert "newer than the catalog" in problem.what


@pytest.mark.parametrize("missing", [("words",), ("vectors",), ("words", "vectors")])
def test_missing_caches_are_no_problem(missing: tuple[str, ...], filled: ArticleIndex, open_index: Open) -> None:
    filled.close()
    for name in missing:
        shutil.rmtree(filled.folder / name)
    assert open_index().verify().problems == []


def test_caches_that_are_behind_are_no_problem(
    filled: ArticleIndex, write: Write, tmp_path: Path, open_index: Open
) -> None:
    for name in ("words", "vectors"):
        shutil.copytree(filled.folder / name, tmp_path / name)
    filled.add(write("new.txt", "New\n\nSomething new."))
    filled.remove(1)
    filled.close()
    for name in ("words", "vectors"):
        shutil.rmtree(filled.folder / name)
        shutil.copytree(tmp_path / name, filled.folder / name)
    assert open_index().verify().problems == []


def test_a_faiss_file_with_other_passages_than_the_catalog_is_named(filled: ArticleIndex) -> None:
    """As a bug in catching up would leave it: the file is whole, and says that it is up to date."""
    folder = filled.folder / "vectors"
    shutil.rmtree(folder)
    with filled._catalog.write() as writer:
        writer._connection.execute("CREATE TABLE kept AS SELECT * FROM passage WHERE id IN (4, 5)")
        writer._connection.execute("UPDATE passage SET vector = (SELECT vector FROM kept WHERE id = 5) WHERE id = 4")
        writer._connection.execute(
            "UPDATE passage SET checksum = ? WHERE id = 4",
            (checksum(*writer._connection.execute(f"SELECT {COVERED} FROM passage WHERE id = 4").fetchone()),),
        )
    vectors.write(folder, filled._catalog, 64)
    execute(
        filled, "UPDATE passage SET (vector, checksum) = (SELECT vector, checksum FROM kept WHERE id = 4) WHERE id = 4"
    )
    execute(filled, "DROP TABLE kept")
    (problem,) = filled.verify().problems
    assert problem.what == "FAISS holds another vector for passage 4 than the catalog"


def test_verify_waits_for_a_writer(filled: ArticleIndex, open_index: Open) -> None:
    impatient = open_index(settings=Settings(lock_timeout=0.1))
    done = threading.Event()
    holding = threading.Event()

    def hold() -> None:
        with writer_lock(filled.folder, 1.0):
            holding.set()
            done.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert holding.wait(10)
        with pytest.raises(IndexLockedError):
            impatient.verify()
    finally:
        done.set()
        thread.join()
    assert impatient.verify().whole
