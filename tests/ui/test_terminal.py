"""What the terminal shows: marks, sources and reasons, and nothing that a text could make it do."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from ui.marking import plain, question_words, visible
from ui.terminal import added_line, confidence, console_for, place, show_answer, show_articles, show_hits, size

HOSTILE = "[red]Bold[/red] \x1b[31mred\x1b]0;title\x07 \u202etxt.exe\u2066 :smile: a\rb\nc\x9b2J"
ACTING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def article(**fields: Any) -> dict[str, Any]:
    return {
        "id": 1,
        "title": "A title",
        "source": "notes/a.txt",
        "sources": ["notes/a.txt"],
        "author": None,
        "published": None,
        "language": None,
        "sha256": "0" * 64,
        "characters": 100,
    } | fields


def quote(text: str, **fields: Any) -> dict[str, Any]:
    return {
        "text": text,
        "start": 10,
        "end": 10 + len(text),
        "sha256": "0" * 64,
        "score": 1.0,
        "confidence": 0.9,
        "answer": None,
        "answer_start": None,
        "answer_end": None,
        "page": None,
        "context_start": None,
        "context": None,
        "article": article(),
        "also_in": [],
    } | fields


def answer(*quotes: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "asked": "Who signed the treaty?",
        "question": "Who signed the treaty?",
        "answered": True,
        "text": quotes[0]["text"] if quotes else "Not in your articles. Nothing relevant was found.",
        "reason": None,
        "confidence": 0.9,
        "quotes": list(quotes),
        "nearest": [],
    } | fields


def hit(text: str, **fields: Any) -> dict[str, Any]:
    parts = {"dense": 0.5, "lexical": 3.25, "fused": 0.625, "reader": None}
    return {"score": 0.625, "text": text, "start": 0, "end": len(text), "article": article(), "explain": parts} | fields


def in_pipe(show: Any, *arguments: Any) -> str:
    stream = io.StringIO()
    show(console_for(stream), *arguments)
    return stream.getvalue()


def on_terminal(show: Any, *arguments: Any, width: int = 60) -> str:
    stream = io.StringIO()
    show(Console(file=stream, force_terminal=True, width=width, markup=False, emoji=False, highlight=False), *arguments)
    return stream.getvalue()


def without_styles(shown: str) -> str:
    return re.sub(r"\x1b\[[\d;]*m", "", shown)


def test_the_words_that_answer_are_marked() -> None:
    found = quote("Queen Ada signed the treaty.", answer_start=10, answer_end=19)
    assert "\x1b[1;30;43mQueen Ada\x1b[0m" in on_terminal(show_answer, answer(found))


def test_without_an_answer_span_the_words_of_the_question_are_marked() -> None:
    shown = on_terminal(show_answer, answer(quote("Queen Ada signs both treaties and the letter.")))
    assert re.findall(r"\x1b\[4m(.*?)\x1b\[0m", shown) == ["signs", "treaties"]


def test_in_a_pipe_a_quote_is_written_as_it_is() -> None:
    text = "A line\nthat is   wrapped, with\ta tab " + "and very many words " * 20
    shown = in_pipe(show_answer, answer(quote(text)))
    assert f"1. “{text}”\n" in shown
    assert "\x1b" not in shown


def test_where_a_quote_stands_is_told() -> None:
    also = article(title="Another", source="notes/b.txt", published="2024-02-03")
    where = article(author="Ada Quill", published="2024-02-01")
    shown = in_pipe(show_answer, answer(quote("He did.", article=where, page=7, context="Who?", also_in=[also])))
    assert shown == (
        "1. Who? “He did.”\n"
        "   A title · 2024-02-01 · Ada Quill · notes/a.txt · page 7\n"
        "   Confidence: high (90%)\n"
        "   Also in: Another · 2024-02-03 · notes/b.txt\n"
    )


def test_what_was_searched_is_shown_when_it_is_not_what_was_asked() -> None:
    shown = in_pipe(show_answer, answer(quote("He did."), asked="And he?"))
    assert shown.startswith("Searched: Who signed the treaty?\n")


def test_nearest_passages_are_not_shown_as_answers() -> None:
    shown = in_pipe(show_answer, answer(answered=False, nearest=[hit("Something near. " * 40)]))
    assert shown.startswith("Not in your articles. Nothing relevant was found.\n\nNearest passages, not an answer:\n")
    assert "“" not in shown
    assert shown.splitlines()[4].endswith(" …")
    assert len(shown.splitlines()[4]) < 320


@pytest.mark.parametrize("shown_by", [in_pipe, on_terminal])
def test_nothing_in_a_text_acts_on_the_terminal(shown_by: Any) -> None:
    where = article(title=HOSTILE, author=HOSTILE, source=HOSTILE)
    found = quote(HOSTILE, article=where, context=HOSTILE, also_in=[where])
    missed = answer(answered=False, text=HOSTILE, nearest=[hit(HOSTILE, article=where)], question=HOSTILE)
    for show, *shown_values in (
        (show_answer, answer(found)),
        (show_answer, missed),
        (show_hits, [hit(HOSTILE, article=where)], HOSTILE),
        (show_articles, [where]),
    ):
        shown = without_styles(shown_by(show, *shown_values))
        rest = shown.replace("\t", "") if show is show_articles else shown
        assert not ACTING.search(rest)
        assert "[red]" in shown


def test_a_quote_loses_no_character_that_acts() -> None:
    assert visible("a\u202eb\x1bc\n") == "a\\u202eb\\u001bc\n"
    assert plain("a\u202eb\x1b[0m\nc") == "ab[0m c"
    assert plain("👩‍👩‍👧 naïve “quotes”") == "👩‍👩‍👧 naïve “quotes”"


def test_no_passage_is_said() -> None:
    assert in_pipe(show_hits, [], "anything") == "No passage was found.\n"


def test_table_of_articles_on_a_terminal() -> None:
    shown = without_styles(on_terminal(show_articles, [article(title="Long title " * 9, published="2024-02-01")]))
    assert max(map(len, shown.splitlines())) <= 60
    assert "2024-02-01" in shown
    assert "no articles" in on_terminal(show_articles, [])


def test_what_was_added_is_told_in_words() -> None:
    report = {"added": ["a"], "updated": [], "unchanged": ["b", "c"], "duplicates": ["d"], "failed": [], "articles": 1}
    told = "1 article added, 2 unchanged, 1 with the text of another. The index holds 1 article."
    assert added_line(report) == told


def test_confidence_and_size_in_words() -> None:
    assert [confidence(value) for value in (1.0, 0.7, 0.5, 0.0)] == [
        "high (100%)",
        "good (70%)",
        "fair (50%)",
        "low (0%)",
    ]
    assert [size(count) for count in (7, 1_234, 5_600_000, 2_000_000_000)] == ["7 bytes", "1.2 kB", "5.6 MB", "2.0 GB"]


def test_place_is_short_below_the_working_folder(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert place(str(tmp_path / "stories" / "a.txt")).replace("\\", "/") == "stories/a.txt"
    assert place(str(tmp_path.parent / "a.txt")) == str(tmp_path.parent / "a.txt")
    assert place("https://example.org/a") == "https://example.org/a"


@pytest.mark.parametrize(
    ("question", "text", "words"),
    [
        ("What does he praise?", "He praised it; praising is a habit.", ["praised", "praising"]),
        ("Which cities were stopped?", "The city stops here, not the citizens.", ["city", "stops"]),
        ("Did the US and Élise agree?", "The US and Elise’s us.", ["US", "Elise’s", "us"]),
        ("What is it about?", "What about it is what it is.", []),
        ("In 1931?", "Built in 1931.", ["1931"]),
    ],
)
def test_words_of_the_question(question: str, text: str, words: list[str]) -> None:
    assert [text[start:end] for start, end in question_words(text, question)] == words


@given(st.text(), st.text())
def test_marked_words_are_in_order_and_inside(text: str, question: str) -> None:
    end = 0
    for span in question_words(text, question):
        assert end <= span[0] < span[1] <= len(text)
        end = span[1]


@given(st.text(min_size=1))
def test_any_quote_can_be_shown(text: str) -> None:
    shown = in_pipe(show_answer, answer(quote(text), question=text, asked=text))
    assert f"“{visible(text)}”" in shown
    without_styles(on_terminal(show_answer, answer(quote(text), question=text, asked=text)))
