"""The tantivy folder is a cache: lost, damaged, old or of another index, it is noticed and the answers stay right."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from index_support import check_stores, empty_folder, flip, remove_folder, replace_by_a_file

from index import ArticleIndex

Write = Callable[..., Path]
Open = Callable[..., ArticleIndex]


def fill(write: Write, index: ArticleIndex, first: int = 0, last: int = 8) -> None:
    index.add(
        [write(f"{n}.txt", f"Headline {n}\n\nStory {n} tells of a boat called vessel{n}.") for n in range(first, last)]
    )


def found(index: ArticleIndex, text: str, **limits: object) -> list[str]:
    words = index.snapshot().words
    ids, scores = words.search(words.terms(text), 10, title_weight=0.0, **limits)  # type: ignore[arg-type]
    assert np.all(np.diff(scores) <= 0)
    passages = index.passages(ids.tolist())
    articles = index.articles_by_id(passage.article_id for passage in passages.values())
    return [articles[passages[number].article_id].title for number in ids.tolist()]


def break_meta(folder: Path, other: Path) -> None:
    (folder / "meta.json").write_text("{")


def empty_meta(folder: Path, other: Path) -> None:
    (folder / "meta.json").write_text("")


def no_segments(folder: Path, other: Path) -> None:
    import json

    meta = json.loads((folder / "meta.json").read_text())
    (folder / "meta.json").write_text(json.dumps(meta | {"segments": []}))


def copy_from_another_index(folder: Path, other: Path) -> None:
    shutil.rmtree(folder)
    shutil.copytree(other, folder)


DAMAGE = [remove_folder, empty_folder, replace_by_a_file, break_meta, empty_meta, no_segments, copy_from_another_index]


def check_mended(open_index: Open) -> None:
    reopened = open_index()
    assert found(reopened, "vessel3")[0] == "Headline 3"
    check_stores(reopened)
    assert len(reopened.notes) == 1
    assert "tantivy" in reopened.notes[0]
    reopened.close()
    mended = open_index()
    check_stores(mended)
    assert mended.notes == []
    mended.close()


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_folder_is_noticed_once_and_mended(
    damage: Callable[[Path, Path], None], write: Write, open_index: Open
) -> None:
    index = open_index()
    fill(write, index)
    other = open_index("other")
    fill(write, other, 20, 28)
    index.close()
    damage(index.folder / "words", other.folder / "words")
    check_mended(open_index)


@pytest.mark.parametrize("kind", ["term", "idx", "pos", "fast", "fieldnorm", "store"])
@pytest.mark.parametrize("how", ["flip", "truncate", "empty", "delete"])
def test_a_damaged_file_in_it_is_noticed_and_mended(kind: str, how: str, write: Write, open_index: Open) -> None:
    index = open_index()
    fill(write, index)
    index.close()
    path = next((index.folder / "words").glob(f"*.{kind}"))
    size = path.stat().st_size
    if how == "flip":
        flip(path, size // 3)
    elif how == "delete":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[: 0 if how == "empty" else size - 5])
    check_mended(open_index)


def test_a_flipped_bit_in_the_list_of_removed_documents_is_noticed(write: Write, open_index: Open) -> None:
    index = open_index()
    fill(write, index)
    index.remove(2)
    index.close()
    for path in (index.folder / "words").glob("*.del"):
        flip(path, 3)
    check_mended(open_index)


def test_a_copy_of_an_earlier_state_is_caught_up_and_said(write: Write, open_index: Open, tmp_path: Path) -> None:
    index = open_index()
    fill(write, index)
    shutil.copytree(index.folder / "words", tmp_path / "copy")
    index.remove(2)
    fill(write, index, 8, 12)
    index.close()
    shutil.rmtree(index.folder / "words")
    shutil.copytree(tmp_path / "copy", index.folder / "words")
    check_mended(open_index)


def test_damage_while_the_index_is_open_is_survived(write: Write, open_index: Open) -> None:
    index = open_index()
    fill(write, index)
    assert found(index, "vessel3")[0] == "Headline 3"
    writer = open_index()
    shutil.rmtree(index.folder / "words")
    fill(write, writer, 8, 10)
    assert found(index, "vessel9")[0] == "Headline 9"
    check_stores(index)
    check_stores(writer)


def test_the_rarest_word_decides_and_stems_and_accents_do_not_matter(write: Write, index: ArticleIndex) -> None:
    index.add(
        [
            write("a.txt", "One\n\nThe café opened near the harbours of Skarvik."),
            write("b.txt", "Two\n\nThe harbour of Lunde was closed, and the boats were running late."),
        ]
    )
    assert found(index, "CAFE") == ["One"]
    assert found(index, "harbour run") == ["Two", "One"]
    assert found(index, "elephants") == []
    assert found(index, "") == []


def test_phrases_are_found_in_order(write: Write, index: ArticleIndex) -> None:
    index.add(write("a.txt", "One\n\nThe old harbour wall was hit by a wave."))
    words = index.snapshot().words
    assert len(words.containing("old harbour wall", 10)) == 1
    assert len(words.containing("harbour old", 10)) == 0
    assert len(words.containing("walls", 10)) == 1
    assert len(words.containing("", 10)) == len(words.containing("!?", 10)) == 0


def test_limits_by_article_and_passage(write: Write, index: ArticleIndex) -> None:
    fill(write, index)
    articles = {article.title: article.id for article in index.articles()}
    chosen = [articles["Headline 2"], articles["Headline 5"]]
    assert sorted(found(index, "boat", articles=chosen)) == ["Headline 2", "Headline 5"]
    passages = index.passage_ids(chosen)
    assert sorted(found(index, "boat", allowed=passages)) == ["Headline 2", "Headline 5"]
    assert len(found(index, "boat", forbidden=passages)) == 6
    assert found(index, "boat", articles=[]) == []


def test_content_terms_leave_function_words_out(index: ArticleIndex) -> None:
    words = index.snapshot().words
    assert words.content_terms("What did the mayor say about the harbours?") == words.terms("mayor harbours")


def test_a_title_counts_when_it_has_a_weight(write: Write, index: ArticleIndex) -> None:
    index.add([write("a.txt", "Zeppelin\n\nIt rose at noon."), write("b.txt", "Boat\n\nIt sank at noon.")])
    words = index.snapshot().words
    assert len(words.search(words.terms("zeppelin"), 5, title_weight=0.5)[0]) == 1
    assert len(words.search(words.terms("zeppelin"), 5, title_weight=0.0)[0]) == 0
    assert words.document_frequency("noon") == 2
