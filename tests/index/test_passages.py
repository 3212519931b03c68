"""Passages: neighbours joined, repetitions dropped first, nothing longer than the model can read, nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from index_support import CountingEmbedder, only, passages_of, quotable

from index import ArticleIndex
from index.formats.plain_text import read_text
from index.passages import LONGEST, TARGET, embedded_text, fingerprint, passage_spans


def texts(text: str, title: str = "A title", **lengths: int) -> list[str]:
    return [text[passage.start : passage.end] for passage in passage_spans(text, title, **lengths)]


def test_short_neighbours_are_joined() -> None:
    text = "\n".join(f"Paragraph {number} has one short sentence." for number in range(40))
    found = texts(text)
    assert "\n".join(found) == text
    assert len(found) < 10
    assert all(TARGET // 2 <= len(passage) <= LONGEST for passage in found)


def test_a_long_paragraph_is_split_between_sentences() -> None:
    text = " ".join(f"Sentence {number} tells of the harbour and of its wall." for number in range(60))
    found = texts(text)
    assert " ".join(found) == text
    assert len(found) > 2
    assert all(passage.endswith(".") and len(passage) <= LONGEST for passage in found)


def test_a_short_end_is_joined_to_what_comes_before() -> None:
    text = "\n".join(["a" * TARGET, "The end."])
    assert texts(text) == [text]


def test_repeated_paragraphs_are_dropped_before_neighbours_are_joined() -> None:
    text = "\n".join(["First paragraph.", "Second paragraph.", "FIRST  paragraph.", "Third paragraph."])
    assert texts(text) == ["First paragraph.\nSecond paragraph.", "Third paragraph."]


def test_a_passage_never_reaches_across_what_was_dropped() -> None:
    text = "Start.\nA title\nMiddle.\n* * *\nEnd."
    assert texts(text) == ["Start.", "Middle.", "End."]


def test_the_harbour_article_has_nothing_twice(harbour: Path, open_index: Callable[..., ArticleIndex]) -> None:
    embedder = CountingEmbedder()
    index = open_index(embedder=embedder)
    index.add(harbour)
    article = only(index)
    whole = quotable(index, article)
    lines = harbour.read_text(encoding="utf-8").split("\n")
    paragraphs = [line for line in lines if line and not line.startswith("**")]
    assert len(paragraphs) == len(set(paragraphs)) + 5
    for paragraph in set(paragraphs):
        assert whole.count(paragraph) == 1
    assert len(embedder.texts) == len(set(embedder.texts)) == index.counts()[1]
    assert sum(text.count("sunk by forty centimetres") for text in embedder.texts) == 1
    assert all(text.startswith(article.title) for text in embedder.texts)


def test_sentences_of_the_harbour_article_are_whole(harbour: Path, index: ArticleIndex) -> None:
    index.add(harbour)
    article = only(index)
    found = [article.text[start:end] for passage in passages_of(index, article) for start, end in passage.sentences]
    assert '"The harbour is not going to wait for us to agree,” Solheim said.' in found
    assert "She added that the old lighthouse would stay where it is, at the end of the new mole." in found
    assert len(found) == len(set(found))


def test_the_same_passage_in_two_articles_is_embedded_once(
    write: Callable[..., Path], open_index: Callable[..., ArticleIndex]
) -> None:
    embedder = CountingEmbedder()
    index = open_index(embedder=embedder)
    shared = "A headline\n\n" + "The same long paragraph stands in both. " * 15
    index.add(write("a.txt", shared + "\n\nOne\n\n" + "Only the first has this. " * 30))
    index.add(write("b.txt", shared + "\n\nTwo\n\n" + "Only the second has that. " * 30))
    assert index.counts()[0] == 2
    assert len(embedder.texts) == len(set(embedder.texts)) < index.counts()[1]


def test_an_article_of_nothing_but_its_title_has_one_passage() -> None:
    assert texts("A title", "A title") == ["A title"]
    assert texts("A title\n\nA title\n***", "A title") == ["A title"]


def test_what_is_embedded_is_the_title_and_the_passage_in_one_line() -> None:
    assert embedded_text("A title", "Two\n lines") == "A title Two lines"


def test_the_fingerprint_names_the_lengths_and_the_splitter() -> None:
    assert f"{TARGET}-{LONGEST}" in fingerprint()
    assert "nupunkt-" in fingerprint()


WORDS = st.sampled_from(["harbour", "Wall.", "“No,”", "he", "said.", "\n", "\n\n", "x" * 70, "3.5", "😀", "Dr.", "***"])


@pytest.mark.parametrize(("target", "longest"), [(30, 80), (100, 200), (TARGET, LONGEST)])
@given(words=st.lists(WORDS, max_size=120))
def test_every_kept_character_is_in_exactly_one_passage(target: int, longest: int, words: list[str]) -> None:
    text = " ".join(words)
    title = "harbour Wall."
    passages = passage_spans(text, title, target=target, longest=longest)
    seen: set[str] = {title.casefold()}
    edge = 0
    for passage in passages:
        assert edge <= passage.start < passage.end <= passage.start + longest
        # What lies between two passages was said before, is the title, or has no letter or digit.
        for line in text[edge : passage.start].split("\n"):
            key = " ".join(line.split()).casefold()
            assert not key or key in seen or not any(map(str.isalnum, key)) or "\n" in text[edge : passage.start]
        inner = passage.start
        for start, end in passage.sentences:
            assert not text[inner:start].strip()
            inner = end
        assert inner == passage.end
        edge = passage.end


@given(lines=st.lists(st.sampled_from([f"Line {number} of the text." for number in range(8)]), min_size=1, max_size=30))
def test_each_paragraph_is_kept_once_however_often_it_stands_there(lines: list[str]) -> None:
    found = "\n".join(texts("\n\n".join(lines), "Another title", target=40, longest=120))
    for line in set(lines):
        assert found.count(line) == 1


@given(st.text(min_size=1, max_size=200))
def test_any_text_makes_a_title_and_passages(text: str) -> None:
    from index import SourceError

    try:
        draft = read_text("a.txt", text.encode("utf-8", "replace"))
    except SourceError:
        return
    assert draft.title.strip()
    assert passage_spans(draft.text, draft.title)
