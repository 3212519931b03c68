"""What the reader's network sees: tokens that map to the text and back, and windows that hold every sentence."""

from __future__ import annotations

import itertools
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.reader.inputs import MAX_TOKENS, QUESTION_TOKENS, Window, batch, by_length, title_text, tokenize, windows

MARKS = ("[CLS]", "[SEP]", "[PAD]", "[MASK]", "[UNK]")
CLS, SEP = 101, 102
HARD = st.sampled_from(
    [
        *MARKS,
        "[S[SEP]EP]",
        "[sep]",
        "\ud800",
        "\udfff",
        "\x00",
        "\x07",
        "\u200b",
        "\ufeff",
        "é",
        "e\u0301",
        "한국어",
        "日本語。",
        "👩‍👩‍👧",
        "🐐",
        "ﬁ",
        "İstanbul",
        "naïve",
        "don't",
        "3.14",
        " ",
        "\n",
        "ά\u0345",
        "עִבְרִית",
        "a\u0315\u0300",
    ]
)
TEXT = st.lists(
    st.one_of(HARD, st.text(max_size=8), st.sampled_from(["the ", "bridge ", "opened. "])), max_size=60
).map("".join)


@st.composite
def passages(draw: st.DrawFn) -> tuple[str, list[tuple[int, int]]]:
    """A text, and spans in order that do not overlap, as the splitter gives them."""
    text = draw(TEXT)
    places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=16)))
    return text, [(start, end) for start, end in zip(places[::2], places[1::2], strict=False) if start < end]


def windows_of(
    question: str, title: str, text: str, sentences: list[tuple[int, int]], limit: int = MAX_TOKENS
) -> list[Window]:
    asked, titled, passage = tokenize([question, title_text(title), text])
    return windows(asked, titled if title else None, passage, sentences, limit)


@given(TEXT)
def test_each_token_stands_at_its_own_characters(text: str) -> None:
    [tokens] = tokenize([text])
    assert len(tokens.ids) == len(tokens.spans)
    for start, end in tokens.spans:
        assert 0 <= start < end <= len(text)
    for (start, end), (following, last) in itertools.pairwise(tokens.spans):
        assert start <= following
        assert end <= last


def test_offsets_are_characters_of_the_text_whatever_comes_before() -> None:
    for before in ("", "🐐 ", "e\u0301 ", "日本 ", "👩‍👩‍👧 ", "[SEP] ", "\ud800 ", "\x00\x07 ", "İ ", "ﬁ "):
        text = f"{before}The bridge opened."
        [tokens] = tokenize([text])
        words = [text[start:end] for start, end in tokens.spans]
        assert words[-4:] == ["The", "bridge", "opened", "."], before


@given(st.text(alphabet=st.characters(categories=["L", "N"]), min_size=1, max_size=30))
def test_no_letter_of_a_normal_text_is_outside_all_tokens(text: str) -> None:
    text = unicodedata.normalize("NFC", text)
    [tokens] = tokenize([text])
    covered = {place for start, end in tokens.spans for place in range(start, end)}
    assert covered == set(range(len(text)))


@given(TEXT, st.sampled_from(MARKS), TEXT)
def test_a_mark_of_the_network_in_a_text_is_plain_characters(before: str, mark: str, after: str) -> None:
    text = f"{before} {mark} {after}"
    [tokens] = tokenize([text])
    assert not {CLS, SEP, 0, 103} & set(tokens.ids)
    inside = [text[start:end] for start, end in tokens.spans if len(before) < start < len(before) + 1 + len(mark)]
    assert "".join(inside) == mark


@given(TEXT, TEXT, passages(), st.integers(120, MAX_TOKENS))
def test_windows_stay_within_the_limit_and_only_the_program_ends_them(
    question: str, title: str, passage: tuple[str, list[tuple[int, int]]], limit: int
) -> None:
    for window in windows_of(question, title, *passage, limit):
        assert len(window.ids) <= limit
        assert window.ids[0] == CLS
        assert [place for place, number in enumerate(window.ids) if number == SEP] == [
            window.context - 1,
            len(window.ids) - 1,
        ]
        assert window.context <= window.first < len(window.ids) - 1
        assert len(window.spans) == len(window.ids) - 1 - window.first


@given(passages(), st.integers(120, MAX_TOKENS))
def test_every_sentence_with_words_lies_in_one_window(passage: tuple[str, list[tuple[int, int]]], limit: int) -> None:
    text, sentences = passage
    [tokens] = tokenize([text])
    begun = {
        number
        for number, (start, end) in enumerate(sentences)
        if any(start <= first < end for first, _ in tokens.spans)
    }
    held = [sentence for window in windows_of("Who?", "Title", text, sentences, limit) for sentence in window.sentences]
    assert [number for number, _, _ in held] == sorted(begun)
    assert all(first < last for _, first, last in held)


@given(TEXT, passages())
def test_tokens_of_a_window_map_to_characters_and_back(title: str, passage: tuple[str, list[tuple[int, int]]]) -> None:
    text, sentences = passage
    for window in windows_of("Who?", title, text, sentences):
        for number, first, last in window.sentences:
            assert window.first <= first < last <= len(window.ids) - 1
            start, end = window.characters(first, last - 1)
            assert sentences[number][0] <= start < end <= len(text)
            found = window.tokens(start, end)
            assert found is not None
            assert window.characters(*found) == (start, end)


def test_a_long_passage_becomes_several_windows_with_question_and_title() -> None:
    sentence = "The ferry crossed the strait under a grey sky. "
    text = sentence * 60
    spans = [(number * len(sentence), (number + 1) * len(sentence) - 1) for number in range(60)]
    found = windows_of("Where did it cross?", "The ferry", text, spans)
    assert len(found) > 1
    before = {window.ids[: window.first] for window in found}
    assert len(before) == 1
    assert [number for window in found for number, _, _ in window.sentences] == list(range(60))
    for window in found:
        for number, first, last in window.sentences:
            start, end = window.characters(first, last - 1)
            assert text[start:end] == sentence.strip()
            assert (start, end) == spans[number]


def test_a_sentence_longer_than_a_window_is_cut_off_and_the_next_one_is_read() -> None:
    text = "word " * 1000 + "end. The second sentence."
    spans = [(0, text.index(".") + 1), (text.index("The"), len(text))]
    found = windows_of("Who?", "", text, spans)
    assert [[number for number, _, _ in window.sentences] for window in found] == [[0], [1]]
    assert len(found[0].ids) == MAX_TOKENS
    assert found[1].characters(*found[1].sentences[0][1:2] * 2)[0] == spans[1][0]


def test_a_question_and_a_title_that_are_far_too_long_leave_room_for_the_passage() -> None:
    [window] = windows_of("why " * 500, "title " * 500, "It opened in May.", [(0, 17)])
    assert window.context == QUESTION_TOKENS + 2
    assert window.characters(*window.tokens(0, 17) or ()) == (0, 17)


def test_words_that_a_window_does_not_hold_have_no_tokens() -> None:
    text = "First here. Second there."
    [window] = windows_of("Who?", "", text, [(0, 11)])
    assert window.tokens(12, 18) is None


@pytest.mark.parametrize("text", ["", "   ", "\x00\x07", "\u200b\u200b"])
def test_a_passage_without_words_has_no_window(text: str) -> None:
    assert windows_of("Who?", "Title", text, [(0, len(text))]) == []


@pytest.mark.parametrize(
    ("title", "shown"),
    [("A  bridge\nopens", "A bridge opens."), ("Who won?", "Who won?"), ("", ""), ("Done.", "Done.")],
)
def test_a_title_stands_before_the_passage_as_a_sentence(title: str, shown: str) -> None:
    assert title_text(title) == shown


def test_a_batch_pads_and_tells_question_from_passage() -> None:
    some = [
        *windows_of("Who?", "", "It opened.", [(0, 10)]),
        *windows_of("Who opened it?", "Bridge", "It opened. In May.", [(0, 10), (11, 18)]),
    ]
    made = batch(some, multiple=8)
    assert made.ids.shape == made.types.shape == made.mask.shape
    assert made.ids.shape[1] % 8 == 0
    for row, window in enumerate(some):
        length = len(window.ids)
        assert made.mask[row].tolist() == [1] * length + [0] * (made.ids.shape[1] - length)
        assert made.types[row].tolist().index(1) == window.context
        assert not made.types[row, length:].any()
        assert not made.ids[row, length:].any()
    assert made.sentences[:, 0].tolist() == [0, 1, 1]


@given(st.lists(st.integers(1, 200), min_size=1, max_size=40))
def test_batches_by_length_hold_each_window_once_and_no_more_than_they_may(lengths: list[int]) -> None:
    some = [Window((0,) * length, 1, 1, (), ()) for length in lengths]
    made = by_length(some, 256)
    assert sorted(itertools.chain(*made)) == list(range(len(lengths)))
    for positions in made:
        assert len(positions) == 1 or len(positions) * max(lengths[position] for position in positions) <= 256
