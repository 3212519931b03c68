"""Where the paragraphs and answers of a question set stand in an index, whatever the white space and the article."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from index import ArticleIndex
from qa.gold import SingleSpaced, answer_spans, find_places, single_spaced
from qa.question_sets import LabelledQuestion

Write = Callable[..., Path]
BRIDGE = "The bridge opened in 1931, and it cost 40 crowns. In 1978 a barge struck it."


def asked(
    paragraph: str, *answers: tuple[str, int | None] | str, title: str = "", answerable: bool = True
) -> LabelledQuestion:
    given_answers = tuple((answer, None) if isinstance(answer, str) else answer for answer in answers)
    return LabelledQuestion("q", "article", title, paragraph, "A question?", given_answers, answerable)


def added(index: ArticleIndex, path: Path) -> ArticleIndex:
    assert not index.add(path).failed
    return index


def slices(index: ArticleIndex, question: LabelledQuestion) -> list[tuple[str, list[str]]]:
    """The paragraph and the answers as they stand in the index, for each place."""
    [places] = find_places(index, [question])
    found = []
    for place in places:
        article = index.article(place.article_id)
        assert article is not None
        text = article.text
        found.append((text[slice(*place.paragraph)], [text[slice(*answer)] for answer in place.answers]))
    return found


def test_a_paragraph_is_found_with_its_answer(index: ArticleIndex, write: Write) -> None:
    added(index, write("a.txt", f"A headline\n\nBefore it.\n\n{BRIDGE}\n\nAfter it.\n"))
    answer = ("1931", BRIDGE.index("1931"))
    assert slices(index, asked(BRIDGE, answer)) == [(BRIDGE, ["1931"])]
    assert slices(index, asked(BRIDGE, answerable=False)) == [(BRIDGE, [])]


def test_line_breaks_make_no_difference(index: ArticleIndex, write: Write) -> None:
    wrapped = BRIDGE.replace(" and", "\nand").replace(" barge", "\nbarge")
    added(index, write("a.txt", f"A headline\n\n{wrapped}\n"))
    start = BRIDGE.index("in 1931, and it")
    assert slices(index, asked(BRIDGE, ("in 1931, and it", start))) == [(wrapped, ["in 1931,\nand it"])]
    spread = BRIDGE.replace(" ", "  \n ")
    start = spread.index("a  \n barge")
    assert slices(index, asked(f"\n{spread}\t", ("a  \n barge", start + 1))) == [(wrapped, ["a\nbarge"])]


def test_the_start_of_an_answer_decides_between_equal_words(index: ArticleIndex, write: Write) -> None:
    text = "He sold one boat and one house and one horse."
    added(index, write("a.txt", f"A headline\n\n{text}\n"))
    question = asked(text, ("one", text.index("one house")))
    [[place]] = find_places(index, [question])
    article = index.article(place.article_id)
    assert article is not None
    assert place.answers == ((article.text.index("one house"), article.text.index("one house") + 3),)
    assert slices(index, asked(text, "one")) == [(text, ["one", "one", "one"])]


def test_an_answer_without_a_start_is_found_as_whole_words(index: ArticleIndex, write: Write) -> None:
    text = "There were 118 boats, and 18 of them sank."
    added(index, write("a.txt", f"A headline\n\n{text}\n"))
    [[place]] = find_places(index, [asked(text, "18")])
    article = index.article(place.article_id)
    assert article is not None
    assert [start for start, _ in place.answers] == [article.text.index("18 of")]


def test_every_place_of_a_repeated_paragraph_is_found(index: ArticleIndex, write: Write) -> None:
    write("a.txt", f"A headline\n\n{BRIDGE}\n\nBetween.\n\n{BRIDGE}\n")
    path = write("b.txt", f"Another headline\n\nMore words.\n\n{BRIDGE}\n")
    added(index, path.parent)
    assert slices(index, asked(BRIDGE, "1931")) == [(BRIDGE, ["1931"])] * 3


def test_other_paragraphs_are_not_found(index: ArticleIndex, write: Write) -> None:
    added(index, write("a.txt", f"A headline\n\n{BRIDGE}\n"))
    for paragraph in (BRIDGE.replace("40", "41"), BRIDGE + " More.", "", "A quite different paragraph of words."):
        assert slices(index, asked(paragraph, "1931")) == []


def test_a_paragraph_is_whole_words(index: ArticleIndex, write: Write) -> None:
    added(index, write("a.txt", "A headline\n\nYesterday the cartwheels rolled.\n"))
    assert slices(index, asked("Yes", "Yes")) == []
    assert slices(index, asked("the cart", "cart")) == []
    assert slices(index, asked("the cartwheels", "the cartwheels")) == [("the cartwheels", ["the cartwheels"])]


def test_the_title_helps_where_the_paragraph_begins_inside_a_word(index: ArticleIndex, write: Write) -> None:
    added(index, write("a.txt", f"# Old  bridges\n\n“{BRIDGE}” he wrote.\n"))
    assert slices(index, asked(BRIDGE, "1931")) == []
    assert slices(index, asked(BRIDGE, "1931", title="old bridges")) == [(BRIDGE, ["1931"])]


def test_characters_are_compared_as_they_are_stored(index: ArticleIndex, write: Write) -> None:
    stored = "Élise Brûlé watched from the balcony."
    given_paragraph = unicodedata.normalize("NFD", stored)
    added(index, write("a.txt", f"A headline\n\n{stored}\n"))
    answer = unicodedata.normalize("NFD", "Brûlé")
    question = asked(given_paragraph, (answer, given_paragraph.index(answer)))
    assert slices(index, question) == [(stored, ["Brûlé"])]


def test_each_question_gets_its_own_places(index: ArticleIndex, write: Write) -> None:
    added(index, write("a.txt", f"A headline\n\n{BRIDGE}\n\nA second paragraph about a mill.\n"))
    found = find_places(index, [asked("Nothing like it.", "x"), asked("A second paragraph about a mill.", "mill")])
    assert [len(places) for places in found] == [0, 1]


TEXTS = st.lists(st.text("ab é\n\u0301\u00a0\x07", max_size=8), max_size=8).map(
    lambda parts: "".join(["Word. ", *parts])
)


@given(TEXTS, st.data())
def test_answers_are_the_words_that_were_meant(paragraph: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(paragraph) - 1))
    answer = paragraph[start : data.draw(st.integers(start + 1, len(paragraph)))]
    single = single_spaced(paragraph)
    spans = answer_spans(asked(paragraph, (answer, start)), single)
    assert {single[slice(*span)] for span in spans} <= {single_spaced(answer)}
    if answer.isascii() and single_spaced(answer):
        assert spans


@given(TEXTS, st.data())
def test_every_span_of_a_single_spaced_text_has_its_own_characters(text: str, data: st.DataObject) -> None:
    single = SingleSpaced(text)
    assert single.text == " ".join(text.split())
    letters = [position for position, character in enumerate(single.text) if character != " "]
    first, last = sorted((data.draw(st.sampled_from(letters)), data.draw(st.sampled_from(letters))))
    start, end = single.original(first, last + 1)
    assert " ".join(text[start:end].split()) == single.text[first : last + 1]
    assert not text[start].isspace()
    assert not text[end - 1].isspace()
