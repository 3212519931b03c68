"""Paragraphs and sentences as spans: one line a paragraph, blank lines, hard-wrapped text, and mixtures."""

from __future__ import annotations

import textwrap
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.paragraphs import paragraph_spans, sentence_spans
from index.passages import passage_spans

PARAGRAPHS = [
    "The council of Skarvik voted on Tuesday to replace the old harbour wall, which has protected the town since 1931 "
    "but no longer keeps out the waves of a western storm.",
    "Mayor Ingrid Solheim said that the town could not afford to patch the wall for another decade, and thanked the "
    "engineers who had measured the basin through two winters. Work begins in April.",
    "“We are going to build,” she said. Fishermen had asked for a cheaper repair, because they fear that higher "
    "berthing fees will drive the smaller boats to the neighbouring port of Lunde before the new wall is ready.",
]


def pieces(text: str) -> list[str]:
    return [" ".join(text[start:end].split()) for start, end in paragraph_spans(text)]


def wrapped(width: int, separator: str) -> str:
    return separator.join(textwrap.fill(paragraph, width) for paragraph in PARAGRAPHS)


def test_one_line_is_one_paragraph() -> None:
    assert pieces("\n".join(PARAGRAPHS)) == PARAGRAPHS


def test_blank_lines_end_paragraphs_whatever_white_space_they_hold() -> None:
    assert pieces("\n \t\n".join(PARAGRAPHS)) == PARAGRAPHS
    assert pieces("\n\n\n\n".join(PARAGRAPHS) + "\n\n ") == PARAGRAPHS


@pytest.mark.parametrize("width", [60, 72, 80, 100])
def test_hard_wrapped_lines_are_joined(width: int) -> None:
    assert pieces(wrapped(width, "\n\n")) == PARAGRAPHS


@pytest.mark.parametrize("width", [72, 80])
def test_wrapped_paragraphs_without_blank_lines_end_where_a_line_is_left_short(width: int) -> None:
    assert pieces(wrapped(width, "\n")) == PARAGRAPHS


@pytest.mark.parametrize("width", [72, 80])
def test_wrapped_and_unwrapped_blocks_in_one_text_are_each_read_as_they_are(width: int) -> None:
    mixed = wrapped(width, "\n\n") + "\n\n" + "\n".join(PARAGRAPHS)
    assert pieces(mixed) == PARAGRAPHS * 2


def test_a_headline_directly_above_wrapped_text_is_a_paragraph_of_its_own() -> None:
    assert pieces("A new wall\n" + wrapped(72, "\n\n")) == ["A new wall", *PARAGRAPHS]


def test_a_long_line_does_not_make_wrapped_text_unwrapped() -> None:
    address = "https://example.org/" + "long-path/" * 20
    assert pieces(f"{address}\n\n{wrapped(72, chr(10) * 2)}") == [address, *PARAGRAPHS]


def test_short_lines_are_a_list_or_a_poem() -> None:
    lines = ["Cod", "Haddock", "Saithe", "Ling and tusk", "Plaice"]
    assert pieces("\n".join(lines)) == lines


def sentences(text: str, longest: int = 900) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text, (0, len(text)), longest)]


def test_sentences_inside_a_quotation_are_split() -> None:
    text = '"We have nothing against stone. We have something against paying for it twice," said Tor Brekke.'
    assert sentences(text) == [
        '"We have nothing against stone.',
        'We have something against paying for it twice," said Tor Brekke.',
    ]


def test_a_quotation_that_opens_straight_and_closes_curly_is_split_too() -> None:
    text = 'She spoke. "The harbour is not going to wait for us to agree,” Solheim said. “We measured, and we build."'
    assert sentences(text) == [
        "She spoke.",
        '"The harbour is not going to wait for us to agree,” Solheim said.',
        '“We measured, and we build."',
    ]


def test_abbreviations_and_numbers_do_not_end_sentences() -> None:
    text = "Dr. Haddad paid 3.5 million U.S. dollars for it. It was a lot."
    assert sentences(text) == ["Dr. Haddad paid 3.5 million U.S. dollars for it.", "It was a lot."]


@pytest.mark.parametrize(
    "text",
    [
        "The wave hit the wall. Sentences go on.",
        "She fell ill. Doctors came.",
        "He kept a pet. It was a cat.",
        "They found ore! “We are rich.”",
    ],
)
def test_words_that_are_abbreviations_in_american_law_end_sentences(text: str) -> None:
    assert len(sentences(text)) == 2


def test_text_without_stops_is_cut_between_words() -> None:
    text = "word " * 1000
    found = sentences(text, longest=200)
    assert all(len(sentence) <= 200 for sentence in found)
    assert " ".join(found) == text.strip()


def test_text_without_spaces_is_cut_where_it_must_be() -> None:
    found = sentences("x" * 1000, longest=300)
    assert [len(sentence) for sentence in found] == [300, 300, 300, 100]


@pytest.mark.parametrize("unit", ["word ", "The boat left. ", "x", "日本語の文。", '"', "a."])
def test_the_time_to_split_a_line_of_a_megabyte_grows_with_its_length(unit: str) -> None:
    def seconds(length: int) -> float:
        text = unit * (length // len(unit)) + "end"
        began = time.thread_time()
        assert passage_spans(text, "A title")
        return time.thread_time() - began

    sentence_spans("Warm up.", (0, 8), 900)  # the first call loads the sentence splitter
    small = min(seconds(100_000) for _ in range(3))
    assert seconds(1_000_000) < 40 * max(small, 0.01)  # with the square of the length it would be 100 times


@given(st.text(alphabet="ab .\n\t!?“”\"'é😀", max_size=400), st.integers(5, 60))
def test_spans_are_ordered_stripped_and_leave_nothing_out(text: str, longest: int) -> None:
    edge = 0
    for start, end in paragraph_spans(text):
        assert not text[edge:start].strip()
        assert text[start:end] == text[start:end].strip() != ""
        inner = start
        for left, right in sentence_spans(text, (start, end), longest):
            assert not text[inner:left].strip()
            assert left < right <= left + longest
            inner = right
        assert inner == end
        edge = end
    assert not text[edge:].strip()
