"""The quotations of a draft: which there are, and what the articles say about them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import ArticleIndex, QuestionError, SourceError
from qa import check_draft
from qa.checking import Verdict, find_quotations, read_draft

STORY = (
    "Bridge opens\n\nThe mayor did not open the iron bridge on Monday. It cost 9,500 crowns.\n\n"
    "“I was not afraid of the dark,” she said. “I counted every lantern.”\n\n“And it rained.”\n"
)


def found(draft: str) -> list[str]:
    quotations = find_quotations(draft)
    for one in quotations:
        assert len(one.text) == one.end - one.start
    return [draft[one.start : one.end] for one in quotations]


@pytest.mark.parametrize(
    ("draft", "quotations"),
    [
        ("“I was late,” she said.", ["I was late,"]),
        ('"I was late," she said, "and tired."', ["I was late,", "and tired."]),
        ("„Ich war spät“, sagte sie.", ["Ich war spät"]),
        ("»Ich war spät«, sagte sie.", ["Ich war spät"]),
        ("« J’étais en retard », dit-elle.", ["J’étais en retard"]),
        ("”Jag var sen”, sa hon.", ["Jag var sen"]),
        ("「遅れました」と言った。", ["遅れました"]),
        ("``I was late'', she said.", ["I was late"]),
        ("‘I was late,’ she said.", ["I was late,"]),
        ("‘He said “go” to me,’ she said.", ["He said “go” to me,"]),
        ("“He said ‘go’ to me,” she said.", ["He said ‘go’ to me,"]),
        ("‘The workers’ rights matter,’ she said.", ["The workers’ rights matter,"]),
        ("the 'reform' of the council", ["reform"]),
        ("It's the workers' rights, don't you think?", []),
        ("in the '90s of rock 'n' roll, 'tis said", []),
        ("a 6\" pipe and a 4' one", []),
        ('“”, "" and “ … ” say nothing', []),
        ('**"bold"** and _"slanted"_', ["bold", "slanted"]),
        ("(“in brackets”)—“after a dash”", ["in brackets", "after a dash"]),
    ],
)
def test_quotation_marks_of_all_kinds(draft: str, quotations: list[str]) -> None:
    assert found(draft) == quotations


def test_a_quotation_over_paragraphs() -> None:
    assert found("“I was late.\n\n“And tired,” she said. “Yes.”") == ["I was late.\n\n“And tired,", "Yes."]
    assert found('"I was late.\n\nAnd tired," she said. "Yes."') == ["I was late.\n\nAnd tired,", "Yes."]


def test_a_quotation_that_is_never_closed_goes_to_the_end_of_its_paragraph() -> None:
    (one, other) = find_quotations("“I was late, she said.\n\nThen “nothing” came.")
    assert (one.text, one.closed) == ("I was late, she said.", False)
    assert (other.text, other.closed) == ("nothing", True)


def test_block_quotes() -> None:
    draft = "She wrote:\n\n> I was late\n> and tired.\n>\n> Very.\n>\n> — Ada Quill\n\nAnd:\n\n> “Yes,” he said.\n"
    assert found(draft) == ["I was late\n> and tired.\n>\n> Very.", "“Yes,” he said."]
    assert found("> [!NOTE]\n> I was late.\n") == ["I was late."]
    assert found("> “I was late.” — Ada\n") == ["I was late."]


def test_what_is_no_text_quotes_nothing() -> None:
    assert found('---\ntitle: "A title"\n---\n\nText.') == []
    assert found('`code "x"` <a href="y">a “link”</a> [a "name"](http://x.y "title")') == ["link", "name"]
    assert found('```\nprint("x")\n```\n\n"real"') == ["real"]


def test_citations_of_a_language_model() -> None:
    quotations = find_quotations('It says "she was late" [1][3-5]. "And tired." [2, 7] Then "no more" came.')
    assert [one.citations for one in quotations] == [(1, 3, 4, 5), (2, 7), ()]
    assert [one.citations for one in find_quotations("> She was late. [4]\n")] == [(4,)]


@pytest.mark.parametrize(
    "piece",
    ["“a ", '"a ', "'a ", "‘a’s ", "[", "*", "> “", "\n\n“a", "<a", "```\n", "`a", "....", "> a\n\n", "«", "[^"],
)
def test_the_time_for_a_hostile_draft_grows_with_its_length(piece: str) -> None:
    def seconds(length: int) -> float:
        draft = piece * (length // len(piece))
        began = time.thread_time()
        find_quotations(draft)
        return time.thread_time() - began

    seconds(1000)
    small = min(seconds(50_000) for _ in range(2))
    assert seconds(400_000) < 32 * max(small, 0.01)  # with the square of the length it would be 64 times


@given(st.text(alphabet="ab .,\n>“”\"'‘’„«»[]1*_`", max_size=200))
def test_quotations_never_overlap_and_hold_something(draft: str) -> None:
    edge = 0
    for one in find_quotations(draft):
        assert edge <= one.start < one.end <= len(draft)
        assert any(map(str.isalnum, draft[one.start : one.end]))
        edge = one.end


def test_a_draft_is_checked(index: ArticleIndex, write: Callable[..., Path]) -> None:
    index.add(write("bridge.txt", STORY))
    draft = (
        'The mayor "did not open the iron **bridge** on Monday," which "cost 9,600 crowns." [1]\n\n'
        "> I was *not* afraid\n> of the dark\n\n"
        "A goat “was seen in the procession.”\n"
    )
    checked = check_draft(index, draft)
    verdicts = [one.check.verdict for one in checked]
    assert verdicts == [Verdict.VERBATIM, Verdict.ALTERED, Verdict.VERBATIM, Verdict.NOT_FOUND]
    for one in checked:
        assert one.check.quotation == draft[one.start : one.end]
    assert checked[0].check.places[0].text == "did not open the iron bridge on Monday"
    assert checked[1].citations == (1,)
    (difference,) = checked[1].check.differences
    assert draft[checked[1].start :][difference.start : difference.end] == "9,600"


def test_stars_and_numbers_in_brackets_that_are_the_article_s_own(
    index: ArticleIndex, write: Callable[..., Path]
) -> None:
    index.add(write("bridge.txt", "Page\n\nThe f**k was heard [3] by all the people in the hall.\n"))
    (one, other) = check_draft(index, 'He said "The f**k was heard [3] by all" and "was heard by all [7] the people".')
    assert one.check.verdict is Verdict.VERBATIM
    assert other.check.verdict is Verdict.ALTERED


def test_a_number_that_a_model_put_inside_is_no_difference(index: ArticleIndex, write: Callable[..., Path]) -> None:
    index.add(write("bridge.txt", STORY))
    (one,) = check_draft(index, '"I was not afraid of the dark [2]." Fine.')
    assert one.check.verdict is Verdict.VERBATIM


def test_progress_is_told(index: ArticleIndex) -> None:
    told: list[tuple[int, int]] = []
    check_draft(index, '"one of them" and "two of them"', progress=lambda done, total: told.append((done, total)))
    assert told == [(0, 2), (1, 2), (2, 2)]


def test_a_draft_that_is_far_too_long_is_refused(index: ArticleIndex) -> None:
    with pytest.raises(QuestionError, match="limit is 2,000,000"):
        check_draft(index, "a" * 2_000_001)
    with pytest.raises(QuestionError, match="limit is 10,000"):
        check_draft(index, '"a b" ' * 10_001)


def test_drafts_in_several_formats(write: Callable[..., Path], tmp_path: Path) -> None:
    import docx

    document = docx.Document()
    document.add_paragraph("She said: “I was late.”")
    document.save(str(tmp_path / "draft.docx"))
    assert found(read_draft(tmp_path / "draft.docx")) == ["I was late."]
    assert found(read_draft(write("draft.html", "<p>She said: “I was late.” Then she left the hall.</p>"))) == [
        "I was late."
    ]
    assert read_draft(write("draft.md", b"> caf\xe9\r\n")) == "> café\n"
    with pytest.raises(SourceError, match="no such file"):
        read_draft(tmp_path / "missing.md")
    with pytest.raises(SourceError, match="is empty"):
        read_draft(write("empty.md", ""))
