"""Embedding an index anew with another model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from index_support import check_stores

from index import ArticleIndex, HashingEmbedder, ModelMismatchError
from index.embedding import FloatMatrix


@pytest.fixture
def filled(open_index: Callable[..., ArticleIndex], write: Callable[..., Path], articles: Path) -> Path:
    """The folder of an index of three articles, hashed to 64 numbers, and closed."""
    for number in range(3):
        write(f"{number}.txt", f"Paper {number}\n\nThe river rose by {number} metres on Monday.\n")
    with open_index() as index:
        index.add(articles)
    return index.folder


def test_another_model_is_refused_and_the_message_names_the_command(filled: Path) -> None:
    with pytest.raises(ModelMismatchError, match="pullquote reembed"):
        ArticleIndex.open(filled, embedder=HashingEmbedder(32))


def test_the_index_has_the_new_model_and_the_same_articles(filled: Path) -> None:
    before = ArticleIndex.open(filled, embedder=HashingEmbedder())
    texts = [article.text for article in before.articles()]
    told: list[tuple[int, int]] = []
    assert ArticleIndex.reembed(filled, embedder=HashingEmbedder(32), progress=lambda *at: told.append(at)) == 3
    assert told[-1] == (3, 3)
    with ArticleIndex.open(filled, embedder=HashingEmbedder(32)) as index:
        assert [article.text for article in index.articles()] == texts
        check_stores(index)
        assert index.verify().whole
        assert index.model.dimension == 32
    # Who had it open with the old model is told so, and is not answered from vectors of two kinds.
    with pytest.raises(ModelMismatchError):
        before.snapshot()
    before.close()


def test_the_same_model_changes_nothing(filled: Path) -> None:
    with ArticleIndex.open(filled, embedder=HashingEmbedder()) as index:
        generation = index.stats().generation
        assert ArticleIndex.reembed(filled, embedder=HashingEmbedder()) == 0
        assert index.stats().generation == generation


class _Interrupted(HashingEmbedder):
    def encode_passages(
        self, texts: Sequence[str], on_batch: Callable[[Sequence[int], FloatMatrix], None] | None = None
    ) -> FloatMatrix:
        raise KeyboardInterrupt


def test_ctrl_c_leaves_the_index_as_it_was(filled: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        ArticleIndex.reembed(filled, embedder=_Interrupted(32))
    with ArticleIndex.open(filled, embedder=HashingEmbedder()) as index:
        check_stores(index)
        assert index.verify().whole
