"""Quotations checked against articles: what is verbatim and where, what is not, and what is said to differ."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import ArticleIndex, QuestionError
from qa import find_quote
from qa.checking import Kind, Verdict, compare
from qa.checking.folding import fold

TEXT = """Bridge opens

The mayor, Maria López, did not open the iron bridge on Monday.
It cost 9,500 crowns, and “nobody” was pleased — least of all
Ben Ferry.

"I never said that," she told the workers' paper. "We'll open it on 5 May," said Ferry. It's unlikely
that they will pay €15 per tonne.

The herring do not keep office hours. In 1987 the harbour was dredged without asking Ferry.
"""
WORDS = list(re.finditer(r"\w+(?:[’',.]\w+)*", TEXT))


def kinds(quotation: str, text: str = TEXT) -> list[Kind]:
    return [one.kind for one in compare(quotation, text).differences]


@pytest.fixture
def filled(index: ArticleIndex, write: Callable[..., Path]) -> ArticleIndex:
    """The article above among others, one of which shares a sentence with it."""
    index.add(
        [
            write("bridge.txt", TEXT),
            write("echo.txt", "Echo\n\nThe herring do not keep office hours. Nobody asked the herring about it.\n"),
            *(write(f"{n}.txt", f"Report {n}\n\nThe council of ward {n} met and did not decide.\n") for n in range(30)),
        ]
    )
    return index


@pytest.mark.parametrize(
    "quotation",
    [
        "did not open the iron bridge",
        "The mayor, Maria López, did not open the iron bridge on Monday.",
        "and 'nobody' was pleased—least of all Ben Ferry.",
        "and “nobody” was pleased -- least of all Ben\u00a0Ferry",
        "It cost\n9,500   crowns",
        "We’ll open it on 5 May",
        "Maria Lo\u0301pez",
        "the iron bri\u00addge on Mon\u200bday",
        "the workers’ paper",
        "nobody” was pleased",
    ],
)
def test_marks_dashes_and_spaces_may_differ(quotation: str) -> None:
    found = compare(quotation, TEXT)
    assert found.verdict is Verdict.VERBATIM
    assert found.notes == ()
    (start, end) = found.spans[0]
    assert fold(TEXT[start:end]).keys == fold(quotation).keys


@pytest.mark.parametrize(
    ("quotation", "word"),
    [
        ("Did not open the iron bridge", "first letter"),
        ("the mayor, Maria López", "first letter"),
        ("did not open the iron bridge,", "last punctuation"),
        ("We'll open it on 5 May.", "last punctuation"),
        ("... did not open the iron bridge …", "ellipsis"),
    ],
)
def test_what_is_allowed_to_differ_is_said(quotation: str, word: str) -> None:
    found = compare(quotation, TEXT)
    assert found.verdict is Verdict.VERBATIM
    assert [word in note for note in found.notes] == [True]


@pytest.mark.parametrize(
    ("quotation", "kind", "wrong", "right"),
    [
        ("It cost 9,600 crowns, and", Kind.NUMBER, "9,600", "9,500"),
        ("pay $15 per tonne", Kind.NUMBER, "$", "€"),
        ("pay 15 per tonne", Kind.NUMBER, "", "€"),
        ("The mayor, Mario López, did not open the iron bridge", Kind.NAME, "Mario", "Maria"),
        ("did open the iron bridge on Monday", Kind.NEGATION_DROPPED, "", "not"),
        ("The herring keep office hours", Kind.NEGATION_DROPPED, "", "do not"),
        ("It's likely that they will pay", Kind.NEGATION_DROPPED, "likely", "unlikely"),
        ("I never ever said that", Kind.ADDED, "ever", ""),
        ("they will not pay €15 per tonne", Kind.NEGATION_ADDED, "not", ""),
        ("they won't pay €15 per tonne", Kind.NEGATION_ADDED, "won't", "will"),
        ("the harbour was dredged by asking Ferry", Kind.NEGATION_DROPPED, "by", "without"),
        ("In 1987 the river was dredged", Kind.CHANGED, "river", "harbour"),
        ("The mayor did not open the iron bridge", Kind.DROPPED, "", "Maria López"),
        ("It cost 9,500 crowns; and", Kind.PUNCTUATION, ";", ","),
        ("did not open the Iron bridge", Kind.CAPITAL, "Iron", "iron"),
        ("did not open the iron bridge?", Kind.PUNCTUATION, "?", ""),
    ],
)
def test_a_change_is_found_and_named(quotation: str, kind: Kind, wrong: str, right: str) -> None:
    found = compare(quotation, TEXT)
    assert found.verdict is Verdict.ALTERED
    (difference,) = found.differences
    assert difference.kind is kind
    assert quotation[difference.start : difference.end] == wrong
    assert TEXT[difference.source_start : difference.source_end] == right


def test_words_that_moved_are_told_from_words_that_are_missing() -> None:
    quotation = "on Monday the mayor, Maria López, did not open the iron bridge"
    found = compare(quotation, TEXT)
    moved = next(one for one in found.differences if one.kind is Kind.MOVED)
    assert quotation[moved.start : moved.end] == TEXT[moved.source_start : moved.source_end] == "on Monday"


def test_quotation_marks_inside_may_not_come_and_go() -> None:
    assert kinds("and nobody was pleased") == [Kind.MARKS, Kind.MARKS]
    assert kinds('the "iron" bridge on Monday') == [Kind.MARKS, Kind.MARKS]


def test_an_ellipsis_in_a_sentence_and_one_that_joins_two() -> None:
    assert kinds("The mayor … did not open the iron bridge") == [Kind.ELLIPSIS]
    assert kinds("The mayor [...] did not open the iron bridge") == [Kind.ELLIPSIS]
    assert kinds("did not open the iron bridge ... and “nobody” was pleased") == [Kind.JOINED]
    joined = compare("The mayor ... In 1987 the harbour was dredged", TEXT)
    assert [one.kind for one in joined.differences] == [Kind.JOINED]
    (start, end) = joined.spans[0]
    assert TEXT[start:end].startswith("The mayor, Maria")
    assert TEXT[start:end].endswith("was dredged")


def test_an_ellipsis_that_hides_a_not_is_told_twice() -> None:
    assert kinds("The herring do ... keep office hours") == [Kind.ELLIPSIS, Kind.NEGATION_DROPPED]


def test_an_ellipsis_of_the_article_itself_is_verbatim() -> None:
    assert compare("well… maybe not", "She said: well ... maybe not today.").verdict is Verdict.VERBATIM


@pytest.mark.parametrize(
    ("quotation", "inserted", "instead"),
    [
        ("[She] did not open the iron bridge", "[She]", ""),
        ("The mayor[, she said,] did not", "[, she said,]", ", Maria López,"),
        ("said [the ship owner]. It's unlikely", "[the ship owner]", "Ferry"),
        ("[T]he mayor, Maria López", "[T]he", "The"),
    ],
)
def test_an_insertion_in_brackets_is_told_as_such(quotation: str, inserted: str, instead: str) -> None:
    found = compare(quotation, TEXT)
    assert [one.kind for one in found.differences] == [Kind.INSERTED]
    (one,) = found.differences
    assert (quotation[one.start : one.end], TEXT[one.source_start : one.source_end]) == (inserted, instead)


def test_brackets_of_the_article_itself_are_verbatim() -> None:
    assert compare("He [the mayor] left", "He [the mayor] left early.").verdict is Verdict.VERBATIM


@pytest.mark.parametrize("quotation", ["bridge", "iron bridge", "Ben Ferry,", "1987"])
def test_short_quotations_are_looked_for_as_whole_words(quotation: str) -> None:
    assert compare(quotation, TEXT).verdict is Verdict.VERBATIM


@pytest.mark.parametrize("quotation", ["bridges", "ridge", "iron bridges", "198", "500", "I can", "", " ", "?!", "…"])
def test_short_quotations_are_never_called_altered(quotation: str) -> None:
    assert compare(quotation, TEXT).verdict is Verdict.NOT_FOUND


def test_something_else_is_not_found() -> None:
    assert compare("Goats were seen in the middle of the procession", TEXT).verdict is Verdict.NOT_FOUND


def test_a_superscript_is_no_digit_and_a_ligature_is_its_letters() -> None:
    assert compare("about 102 metres of fine", "about 10² metres of ﬁne sand").verdict is Verdict.ALTERED
    assert compare("of fine sand", "about 10² metres of ﬁne sand").verdict is Verdict.VERBATIM


def test_text_without_spaces_between_words() -> None:
    assert compare("今日は晴れ", "天気予報：今日は晴れです。").verdict is Verdict.VERBATIM
    assert compare("今日は雨です", "天気予報：今日は晴れです。").verdict is Verdict.ALTERED


@given(st.data())
def test_any_slice_is_verbatim_however_it_is_printed(data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(WORDS) - 1))
    last = data.draw(st.integers(first, min(len(WORDS) - 1, first + 40)))
    start, end = WORDS[first].start(), WORDS[last].end()
    printed = TEXT[start:end]
    for shapes in ("'’", "—–", '"“'):
        for old in shapes:
            if data.draw(st.booleans()):
                printed = printed.replace(old, data.draw(st.sampled_from(shapes)))
    space = data.draw(st.sampled_from([" ", "\n", "\u00a0", "  \t"]))
    found = compare(re.sub(r" ", lambda _: space, printed), TEXT)
    assert found.verdict is Verdict.VERBATIM
    assert (start, end) in found.spans


@given(st.data())
def test_any_change_of_a_digit_is_an_alteration(data: st.DataObject) -> None:
    figures = [match.start() for match in re.finditer(r"\d", TEXT)]
    place = data.draw(st.sampled_from(figures))
    other = data.draw(st.sampled_from([figure for figure in "0123456789" if figure != TEXT[place]]))
    reach = data.draw(st.integers(8, 60))
    start = max(match.start() for match in WORDS if match.start() <= max(0, place - reach))
    end = min(match.end() for match in WORDS if match.end() > place)
    quotation = TEXT[start:place] + other + TEXT[place + 1 : end]
    assert compare(quotation, TEXT).verdict is not Verdict.VERBATIM


@given(st.text(max_size=60), st.text(max_size=200))
def test_any_text_can_be_compared_with_any_other(quotation: str, text: str) -> None:
    found = compare(quotation, text)
    for start, end in found.spans:
        assert 0 <= start < end <= len(text)
    for one in found.differences:
        assert 0 <= one.start <= one.end <= len(quotation)
        assert 0 <= one.source_start <= one.source_end <= len(text)
    held = compare(quotation, f"Before it. {quotation} Behind it.")
    assert (held.verdict is Verdict.VERBATIM) == any(map(str.isalnum, "".join(fold(quotation).keys)))


def test_every_place_in_every_article_is_named(filled: ArticleIndex) -> None:
    found = find_quote(filled, "the herring do not keep office hours")
    assert found.verdict is Verdict.VERBATIM
    assert [place.text for place in found.places] == ["The herring do not keep office hours"] * 2
    assert len({place.article.id for place in found.places}) == 2
    for place in found.places:
        assert place.article.text[place.start : place.end] == place.text


def test_the_nearest_passage_is_a_slice_and_the_difference_points_into_it(filled: ArticleIndex) -> None:
    quotation = "It cost 9,600 crowns, and “nobody” was pleased"
    found = find_quote(filled, quotation)
    assert found.verdict is Verdict.ALTERED
    (place,), (one,) = found.places, found.differences
    assert place.text == quotation.replace("9,600", "9,500")
    assert place.article.text[one.source_start : one.source_end] == "9,500"
    assert not found.marked_only
    assert find_quote(filled, "The mayor … did not open the iron bridge").marked_only


def test_a_quotation_that_goes_over_passages_is_found(index: ArticleIndex, write: Callable[..., Path]) -> None:
    lines = [
        f"Sentence {n} of the long report names ward {n} and the street of the {n} lamps in it." for n in range(80)
    ]
    index.add(write("long.txt", "Wards\n\n" + "\n\n".join(lines)))
    assert index.counts()[1] > 5
    for first in range(0, 78, 7):
        quotation = " ".join(lines[first : first + 3])
        assert find_quote(index, quotation).verdict is Verdict.VERBATIM
        edge = f"the {first} lamps in it. Sentence {first + 1} of"
        assert find_quote(index, edge).verdict is Verdict.VERBATIM


def test_two_words_on_either_side_of_a_passage_s_end_are_found(index: ArticleIndex, write: Callable[..., Path]) -> None:
    lines = [
        f"Here comes line {n}, which is as long as it is because passages are filled. It ends w{n}." for n in range(60)
    ]
    index.add(write("long.txt", "Wards\n\n" + "\n\n".join(lines)))
    assert index.counts()[1] > 5
    for n in range(0, 59, 5):
        assert find_quote(index, f"w{n}. Here").verdict is Verdict.VERBATIM


def test_a_headline_can_be_quoted(filled: ArticleIndex) -> None:
    assert find_quote(filled, "Bridge opens").verdict is Verdict.VERBATIM


def test_a_long_article_is_read_around_the_passages_only(index: ArticleIndex, write: Callable[..., Path]) -> None:
    filler = "\n\n".join(f"Paragraph {n} tells of nothing at all but of paragraph {n + 1}." for n in range(4000))
    index.add(write("book.txt", f"Book\n\n{filler}\n\n{TEXT}\n\n{filler.replace('tells', 'speaks')}"))
    found = find_quote(index, "did not open the iron bridge on Monday")
    (place,) = found.places
    assert place.text == found.quotation
    altered = find_quote(index, "did open the iron bridge on Monday")
    assert altered.places[0].text == found.quotation
    one = altered.differences[0]
    assert altered.places[0].article.text[one.source_start : one.source_end] == "not"


def test_hostile_texts_take_no_time_to_speak_of(index: ArticleIndex, write: Callable[..., Path]) -> None:
    index.add([write("a.txt", "a " * 40_000), write("b.txt", "not " * 40_000), write("c.txt", "[" * 50_000 + " text")])
    for quotation in ("a " * 9_000, "a b " * 4_000, "[" * 19_000, "… a " * 4_000, "not a [a] " * 1_900, '"' * 19_000):
        find_quote(index, quotation)


def test_a_quotation_that_is_far_too_long_is_refused(filled: ArticleIndex) -> None:
    with pytest.raises(QuestionError, match=r"20,001 characters; the limit is 20,000"):
        find_quote(filled, "a" * 20_001)


def test_an_empty_index_holds_nothing(index: ArticleIndex) -> None:
    assert find_quote(index, "did not open the iron bridge").verdict is Verdict.NOT_FOUND
