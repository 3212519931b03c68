"""The FAISS file is a cache: lost, damaged, old or of another index, it is noticed and the answers stay right."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from index_support import catalog_of, check_stores, empty_folder, flip, remove_folder, replace_by_a_file

from index import ArticleIndex, HashingEmbedder
from index import vectors as vectors_module
from index.vectors import view as view_module

Write = Callable[..., Path]
Open = Callable[..., ArticleIndex]


def fill(write: Write, index: ArticleIndex, first: int = 0, last: int = 8) -> None:
    index.add([write(f"{n}.txt", f"Headline {n}\n\nStory {n} tells of boat {n * 7}.") for n in range(first, last)])


def nearest(index: ArticleIndex, text: str) -> str:
    ids, _ = index.snapshot().vectors.search(index.embed_questions([text]), 1)
    passage = index.passages(ids[0].tolist())[int(ids[0, 0])]
    article = index.article(passage.article_id)
    assert article is not None
    return article.title


def the_file(index: ArticleIndex) -> Path:
    (path,) = (index.folder / "vectors").glob("vectors-*.faiss")
    return path


def truncate(folder: Path, other: Path) -> None:
    (path,) = folder.glob("vectors-*.faiss")
    path.write_bytes(path.read_bytes()[:-10])


def empty_file(folder: Path, other: Path) -> None:
    (path,) = folder.glob("vectors-*.faiss")
    path.write_bytes(b"")


def flip_a_bit(folder: Path, other: Path) -> None:
    (path,) = folder.glob("vectors-*.faiss")
    flip(path, path.stat().st_size // 2)


def claim_another_last_id(folder: Path, other: Path) -> None:
    path = folder / "vectors.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"last": 1}))


def claim_another_generation(folder: Path, other: Path) -> None:
    path = folder / "vectors.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"generation": 0}))


def break_the_description(folder: Path, other: Path) -> None:
    (folder / "vectors.json").write_text("[1, 2")


def describe_something_else(folder: Path, other: Path) -> None:
    (folder / "vectors.json").write_text("[]")


def copy_from_another_index(folder: Path, other: Path) -> None:
    shutil.rmtree(folder)
    shutil.copytree(other, folder)


DAMAGE = [
    remove_folder,
    empty_folder,
    replace_by_a_file,
    truncate,
    empty_file,
    flip_a_bit,
    claim_another_last_id,
    claim_another_generation,
    break_the_description,
    describe_something_else,
    copy_from_another_index,
]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_noticed_once_and_mended(
    damage: Callable[[Path, Path], None], write: Write, open_index: Open
) -> None:
    index = open_index()
    fill(write, index)
    other = open_index("other")
    fill(write, other, 20, 28)
    index.close()
    damage(index.folder / "vectors", other.folder / "vectors")
    reopened = open_index()
    assert nearest(reopened, "Story 3 tells of boat 21.") == "Headline 3"
    check_stores(reopened)
    assert len(reopened.notes) == 1
    assert "FAISS" in reopened.notes[0]
    reopened.close()
    mended = open_index()
    check_stores(mended)
    assert mended.notes == []


def test_a_copy_of_an_earlier_state_is_caught_up(write: Write, open_index: Open, tmp_path: Path) -> None:
    index = open_index()
    fill(write, index)
    shutil.copytree(index.folder / "vectors", tmp_path / "copy")
    index.remove(1)
    fill(write, index, 8, 12)
    index.close()
    shutil.rmtree(index.folder / "vectors")
    shutil.copytree(tmp_path / "copy", index.folder / "vectors")
    reopened = open_index()
    check_stores(reopened)
    assert nearest(reopened, "Story 9 tells of boat 63.") == "Headline 9"


def test_a_copy_of_a_later_state_is_not_believed(write: Write, open_index: Open, tmp_path: Path) -> None:
    index = open_index()
    fill(write, index)
    index.close()
    shutil.copytree(index.folder, tmp_path / "backup")
    later = open_index()
    later.remove(2)
    fill(write, later, 8, 12)
    (later.folder / "vectors" / "vectors.json").unlink()
    later.close()
    rebuilt = open_index()
    rebuilt.snapshot()
    rebuilt.close()
    for cache in ("vectors", "words"):
        shutil.rmtree(tmp_path / "backup" / cache)
        shutil.copytree(rebuilt.folder / cache, tmp_path / "backup" / cache)
    restored = open_index("backup")
    check_stores(restored)
    assert restored.counts()[0] == 8
    assert [note for note in restored.notes if "FAISS" in note and "newer" in note]
    assert [note for note in restored.notes if "tantivy" in note and "newer" in note]
    assert len(restored.notes) == 2


def test_removed_vectors_are_never_returned_before_the_file_is_written_anew(write: Write, open_index: Open) -> None:
    index = open_index()
    fill(write, index, 0, 30)
    description = (index.folder / "vectors" / "vectors.json").read_text()
    index.remove([article for article in index.articles() if article.id % 2])
    assert (index.folder / "vectors" / "vectors.json").read_text() == description
    snapshot = index.snapshot()
    ids, scores = snapshot.vectors.search(index.embed_questions(["Story 4 tells of boat 28."]), 50)
    living = ids[0][ids[0] >= 0]
    assert sorted(living.tolist()) == vectors_module.ids_in(snapshot.vectors).tolist()
    assert np.all(np.diff(scores[0][: len(living)]) <= 0)
    check_stores(index)


def test_a_large_change_is_folded_into_the_file(
    write: Write, open_index: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view_module, "REBUILD_ROWS", 5)
    index = open_index()
    fill(write, index, 0, 4)
    before = the_file(index).name
    fill(write, index, 4, 6)
    assert the_file(index).name == before
    fill(write, index, 6, 12)
    assert the_file(index).name != before
    assert index.snapshot().vectors.delta == ()
    check_stores(index)


def test_allowed_and_forbidden_ids(write: Write, index: ArticleIndex) -> None:
    fill(write, index)
    view, question = index.snapshot().vectors, index.embed_questions(["Story 3 tells of boat 21."])
    everything = vectors_module.ids_in(view)
    best = int(view.search(question, 1)[0][0, 0])
    assert view.search(question, 1, forbidden=np.array([best]))[0][0, 0] != best
    others = everything[everything != best]
    found = view.search(question, 20, allowed=others)[0][0]
    assert sorted(found[found >= 0].tolist()) == others.tolist()
    assert (view.search(question, 3, allowed=np.array([best]), forbidden=np.array([best]))[0] == -1).all()
    assert (view.search(question, 3, allowed=np.empty(0, np.int64))[0] == -1).all()


def test_search_agrees_with_the_vectors_in_the_catalog(write: Write, index: ArticleIndex) -> None:
    fill(write, index)
    fill(write, index, 8, 11)
    catalog = catalog_of(index)
    rows = [row for rows in catalog.passage_rows() for row in rows]
    catalog.close()
    question = HashingEmbedder().encode_questions(["boat 21 and story 9"])
    stored = np.stack([row.vector for row in rows]).astype(np.float32)
    ids = np.array([row.passage.id for row in rows])
    view = index.snapshot().vectors
    np.testing.assert_allclose(view.cosines(question[0], ids), stored @ question[0], atol=1e-6)
    found, scores = view.search(question, len(ids))
    np.testing.assert_allclose(np.sort(scores[0]), np.sort(stored @ question[0]), atol=1e-6)
    assert sorted(found[0].tolist()) == ids.tolist()


def test_an_empty_index_can_be_searched(index: ArticleIndex) -> None:
    snapshot = index.snapshot()
    ids, _ = snapshot.vectors.search(index.embed_questions(["anything"]), 5)
    assert (ids == -1).all()
    assert not len(snapshot.words.passage_ids())
    assert index.notes == []
