"""Whatever is read, every passage and sentence is a slice of the text that is stored, now and after a restart."""

from __future__ import annotations

import tempfile
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from index_support import CountingEmbedder, check_slices, check_stores

from index import ArticleIndex

ANY_TEXT = st.text(
    alphabet=st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from("\n\n\r\t .!?“”\"'’#*_->|`&<[]()\\\u2028\u00a0\u0301\u200d😀é\x1b\x0c\ufeff"),
        st.sampled_from("abcdefghijklmnop "),
    ),
    max_size=600,
)


@settings(max_examples=30)
@pytest.mark.parametrize("suffix", [".txt", ".md"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@given(text=ANY_TEXT)
def test_any_unicode_text_is_quoted_by_slices(suffix: str, encoding: str, text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"article{suffix}")
        path.write_bytes(text.encode(encoding))
        embedder = CountingEmbedder()
        with ArticleIndex.open(Path(folder, "index"), embedder=embedder) as index:
            report = index.add(path)
            assert len(report.added) + len(report.failed) == 1
            before = list(index.articles())
            check_stores(index)
            generation = index.snapshot().generation
            embedded = len(embedder.texts)
        with ArticleIndex.open(Path(folder, "index"), create=False, embedder=embedder) as index:
            assert list(index.articles()) == before
            check_stores(index)
            assert index.notes == []
            again = index.add(path)
            assert again.unchanged == report.added
            assert not again.added
            assert (index.snapshot().generation, len(embedder.texts)) == (generation, embedded)


def test_offsets_count_characters_not_bytes_or_code_units(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    sentence = "\U0001f469\u200d\U0001f467 Cafe\u0301s opened."
    path.write_text(f"😀 A headline 😀\n\n{sentence} 𝔘nicode said: “Ça va?” 🎉 The end came.", encoding="utf-8")
    with ArticleIndex.open(tmp_path / "index", embedder=CountingEmbedder()) as index:
        index.add(path)
        (article,) = index.articles()
        check_slices(index, article)
        (passage,) = index.passages(index.passage_ids([article.id]).tolist()).values()
        start, end = passage.sentences[0]
        assert article.text[start:end] == unicodedata.normalize("NFC", sentence)
