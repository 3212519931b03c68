"""Stored data that have changed are never answered from: one line names the article, or the catalog."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from index_support import check_stores

from index import ArticleIndex, CorruptIndexError, PullquoteError, StoreError, errors
from index.folder import CATALOG

Write = Callable[..., Path]
Open = Callable[..., ArticleIndex]


@pytest.fixture
def damaged(write: Write, open_index: Open) -> Callable[[str], ArticleIndex]:
    """Runs a statement on the file of a closed index of three articles, and opens it again."""

    def damage(statement: str) -> ArticleIndex:
        index = open_index()
        index.add([write(f"{n}.txt", f"Headline {n}\n\nStory {n} tells of boat {n * 7}.") for n in range(1, 4)])
        index.close()
        connection = sqlite3.connect(index.folder / CATALOG)
        connection.execute(statement)
        connection.commit()
        connection.close()
        return open_index()

    return damage


DAMAGED_ARTICLE = [
    "UPDATE article SET text = replace(text, 'tells', 'tellt') WHERE id = 2",
    "UPDATE article SET text = CAST(CAST(text AS BLOB) || x'ff' AS TEXT) WHERE id = 2",
    "UPDATE article SET text = substr(text, 1, 20) WHERE id = 2",
    "UPDATE article SET title = 'Headline 9' WHERE id = 2",
    "UPDATE article SET published = '2024-01-01' WHERE id = 2",
    "UPDATE article SET published = 'soon' WHERE id = 2",
    "UPDATE article SET author = 'Somebody' WHERE id = 2",
    "UPDATE article SET page_starts = '[' WHERE id = 2",
    "UPDATE article SET sha256 = replace(sha256, substr(sha256, 1, 1), 'x') WHERE id = 2",
    "UPDATE article SET checksum = checksum + 1 WHERE id = 2",
]
DAMAGED_PASSAGE = [
    "UPDATE passage SET vector = CAST(x'0101' || substr(vector, 3) AS BLOB) WHERE article_id = 2",
    "UPDATE passage SET vector = substr(vector, 3) WHERE article_id = 2",
    'UPDATE passage SET "end" = "end" - 1 WHERE article_id = 2',
    "UPDATE passage SET sentences = x'0000000001000000' WHERE article_id = 2",
    "UPDATE passage SET sentences = x'00' WHERE article_id = 2",
]


@pytest.mark.parametrize("statement", DAMAGED_ARTICLE)
def test_a_changed_article_is_named_and_not_answered_from(
    statement: str, damaged: Callable[[str], ArticleIndex]
) -> None:
    index = damaged(statement)
    for read in (lambda: index.article(2), lambda: list(index.articles()), lambda: index.articles_by_id([1, 2, 3])):
        with pytest.raises(CorruptIndexError, match="article 2 ") as caught:
            read()
        assert "\n" not in str(caught.value)
    assert index.article(1) is not None


@pytest.mark.parametrize("statement", DAMAGED_PASSAGE)
def test_a_changed_passage_is_named_and_not_answered_from(
    statement: str, damaged: Callable[[str], ArticleIndex]
) -> None:
    index = damaged(statement)
    with pytest.raises(CorruptIndexError, match="article 2 ") as caught:
        index.passages(index.passage_ids([2]).tolist())
    assert "\n" not in str(caught.value)
    assert index.passages(index.passage_ids([1]).tolist())


def test_a_changed_vector_is_noticed_when_the_file_of_vectors_is_made_anew(
    damaged: Callable[[str], ArticleIndex],
) -> None:
    index = damaged(DAMAGED_PASSAGE[0])
    (index.folder / "vectors" / "vectors.json").unlink()
    with pytest.raises(CorruptIndexError, match="article 2 "):
        index.snapshot()


@pytest.mark.parametrize("statement", DAMAGED_ARTICLE + DAMAGED_PASSAGE)
@pytest.mark.parametrize("how", ["id", "path", "title"])
def test_a_damaged_article_can_be_removed_and_added_again(
    how: str, statement: str, damaged: Callable[[str], ArticleIndex], articles: Path
) -> None:
    index = damaged(statement)
    path = str(articles / "2.txt")
    if how == "title" and "title" in statement:
        gone = index.remove("Headline 9")
    else:
        gone = index.remove({"id": 2, "path": path, "title": "Headline 2"}[how])  # type: ignore[arg-type]
    assert [article.id for article in gone] == [2]
    assert index.add(path).added == [path]
    assert {article.title for article in index.articles()} == {"Headline 1", "Headline 2", "Headline 3"}
    check_stores(index)


def test_a_generation_that_is_no_number_is_damage(damaged: Callable[[str], ArticleIndex]) -> None:
    with pytest.raises(CorruptIndexError, match="generation"):
        damaged("UPDATE meta SET value = 'x' WHERE key = 'generation'").snapshot()


@pytest.mark.parametrize("table", ["meta", "article", "passage", "source", "tombstone"])
def test_a_missing_table_is_damage(table: str, damaged: Callable[[str], ArticleIndex]) -> None:
    def use() -> None:
        index = damaged(f"ALTER TABLE {table} RENAME TO another")
        (index.folder / "vectors" / "vectors.json").unlink()
        list(index.articles())
        index.passages([1])
        index.find("*.txt")
        index.snapshot()

    with pytest.raises(CorruptIndexError) as caught:
        use()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("keep", [0.0, 0.001, 0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_catalog_that_was_cut_off_is_never_answered_from(keep: float, write: Write, open_index: Open) -> None:
    index = open_index()
    index.add([write(f"{n}.txt", f"Headline {n}\n\nStory {n} tells of boat {n * 7}.") for n in range(60)])
    index.close()
    path = index.folder / CATALOG
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])

    def use() -> None:
        reopened = open_index()
        reopened.snapshot()
        assert len(list(reopened.articles())) == 60

    with pytest.raises(StoreError) as caught:
        use()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"garbage " * 1000, b"\0" * 5000, b"SQLite format 3\0" + b"x" * 5000])
def test_a_catalog_that_is_something_else_is_not_overwritten(content: bytes, write: Write, open_index: Open) -> None:
    index = open_index()
    index.add(write("a.txt", "Headline\n\nText."))
    index.close()
    path = index.folder / CATALOG
    path.write_bytes(content)
    for create in (True, False):
        with pytest.raises(StoreError) as caught:
            open_index(create=create)
        assert "\n" not in str(caught.value)
    assert path.read_bytes() == content


def test_flipped_bits_anywhere_in_the_catalog_never_give_a_wrong_text(write: Write, open_index: Open) -> None:
    index = open_index()
    index.add([write(f"{n}.txt", f"Headline {n}\n\nStory {n} tells of boat {n * 7}.") for n in range(20)])
    true = {article.id: (article.title, article.text) for article in index.articles()}
    index.close()
    path = index.folder / CATALOG
    whole = path.read_bytes()
    noticed = 0
    for position in range(0, len(whole), len(whole) // 97):
        broken = bytearray(whole)
        broken[position] ^= 0x04
        path.write_bytes(bytes(broken))
        for leftover in ("-wal", "-shm"):
            path.with_name(path.name + leftover).unlink(missing_ok=True)
        try:
            with open_index() as reopened:
                found = {article.id: (article.title, article.text) for article in reopened.articles()}
        except StoreError:
            noticed += 1
        else:
            assert all(true.get(number) == article for number, article in found.items())
    assert noticed


def test_every_error_has_the_one_root_and_says_what_it_is() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    assert len(kinds) > 10
    for kind in kinds:
        assert issubclass(kind, PullquoteError)
        assert kind.__doc__
        assert kind.__name__ in (errors.__doc__ or "")


def test_a_closed_index_says_so(index: ArticleIndex, write: Write) -> None:
    index.close()
    for use in (index.counts, lambda: index.add(write("a.txt", "A\n\nText.")), lambda: list(index.articles())):
        with pytest.raises(StoreError, match="has been closed"):
            use()
