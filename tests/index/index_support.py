"""Helpers for the tests of the index: embedders that count or fail, and the look behind the curtain of all stores."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index import Article, ArticleIndex, HashingEmbedder
from index.catalog import Catalog
from index.embedding import FloatMatrix
from index.folder import CATALOG
from index.vectors import ids_in


class CountingEmbedder(HashingEmbedder):
    """A hashing embedder that remembers every passage it embedded."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def encode_passages(
        self, texts: Sequence[str], on_batch: Callable[[Sequence[int], FloatMatrix], None] | None = None
    ) -> FloatMatrix:
        self.texts += texts
        return super().encode_passages(texts, on_batch)


class InterruptedEmbedder(HashingEmbedder):
    """A hashing embedder in whose second batch somebody presses Ctrl-C."""

    def encode_passages(
        self, texts: Sequence[str], on_batch: Callable[[Sequence[int], FloatMatrix], None] | None = None
    ) -> FloatMatrix:
        calls = 0

        def interrupted(positions: Sequence[int], batch: FloatMatrix) -> None:
            nonlocal calls
            calls += 1
            if calls == 2:
                raise KeyboardInterrupt
            if on_batch is not None:
                on_batch(positions, batch)

        return super().encode_passages(texts, interrupted)


def only(index: ArticleIndex) -> Article:
    """The one article of an index."""
    (article,) = index.articles()
    return article


def catalog_of(index: ArticleIndex) -> Catalog:
    """A second view of an index's catalog, for looking; close it."""
    return Catalog(index.folder / CATALOG)


def passages_of(index: ArticleIndex, article: Article) -> list[Any]:
    """An article's passages in order."""
    found = index.passages(index.passage_ids([article.id]).tolist())
    return sorted(found.values(), key=lambda passage: passage.ordinal)


def quotable(index: ArticleIndex, article: Article) -> str:
    """All that can be quoted of an article."""
    return "\n".join(article.text[passage.start : passage.end] for passage in passages_of(index, article))


def check_stores(index: ArticleIndex) -> None:
    """The three stores hold the same passages, and every passage and sentence is a slice of its article."""
    catalog = catalog_of(index)
    try:
        expected = catalog.all_passage_ids()
        snapshot = index.snapshot()
        assert snapshot.generation == snapshot.words.generation == snapshot.vectors.generation == catalog.generation()
        np.testing.assert_array_equal(ids_in(snapshot.vectors), expected)
        np.testing.assert_array_equal(snapshot.words.passage_ids(), expected)
        for article in index.articles():
            assert article.sources, f"{article.title!r} has no source"
            check_slices(index, article)
    finally:
        catalog.close()


def check_slices(index: ArticleIndex, article: Article) -> None:
    """Passages and their sentences are slices of the text that is stored, in order, without overlap."""
    assert hashlib.sha256(article.text.encode()).hexdigest() == article.sha256
    passages = passages_of(index, article)
    assert passages, f"{article.title!r} has no passages"
    edge = 0
    for passage in passages:
        assert edge <= passage.start < passage.end <= len(article.text)
        assert passage.sentences
        assert passage.sentences[0][0] == passage.start
        assert passage.sentences[-1][1] == passage.end
        inner = passage.start
        for start, end in passage.sentences:
            assert inner <= start < end <= passage.end
            sentence = article.text[start:end]
            assert sentence == sentence.strip()
            assert not article.text[inner:start].strip(), "something between two sentences is in none"
            inner = end
        edge = passage.end


def flip(path: Path, position: int) -> None:
    """Turns one bit of a file round."""
    data = bytearray(path.read_bytes())
    data[position % len(data)] ^= 0x10
    path.write_bytes(bytes(data))


def remove_folder(folder: Path, other: Path) -> None:
    """Damage to a cache; ``other`` is the same cache of another index, which some kinds of damage take."""
    shutil.rmtree(folder)


def empty_folder(folder: Path, other: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def replace_by_a_file(folder: Path, other: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("not a folder")
