"""The headline: found wherever it stands, shown and embedded, never quoted; a sentence stays quotable."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from index_support import only, quotable

from index import ArticleIndex
from index.formats.markdown import read_markdown
from index.formats.plain_text import read_text
from index.passages import passage_spans
from index.reading import SHORT_TITLE, TITLE_LIMIT

BODY = "The council voted on Tuesday. It was a long night."


def text_of_passages(text: str, title: str) -> str:
    return "\n".join(text[passage.start : passage.end] for passage in passage_spans(text, title))


@pytest.mark.parametrize(
    "content",
    [
        f"Skarvik builds a wall\n\n{BODY}",
        f"Skarvik builds a wall\n{BODY}",
        f"# Skarvik builds a wall\n\n{BODY}",
        f"# Skarvik builds a wall #\n\n{BODY}",
        f"**Skarvik builds a wall**\n\n{BODY}",
        f"__Skarvik builds a wall__\n\n{BODY}",
        f"## **Skarvik builds a wall**\n\n{BODY}",
        f"\n\n  Skarvik   builds a wall  \n\n{BODY}",
        f"A lead that comes first.\n**Skarvik builds a wall**\n\n{BODY}",
        f"A lead that comes first.\n\n# Skarvik builds a wall\n\n# Another heading\n\n{BODY}",
    ],
)
@pytest.mark.parametrize("read", [read_text, read_markdown])
def test_the_headline_is_found_and_is_never_quoted(read: Callable[..., object], content: str) -> None:
    draft = read("a", content.encode())
    assert draft.title == "Skarvik builds a wall"  # type: ignore[attr-defined]
    quoted = text_of_passages(draft.text, draft.title)  # type: ignore[attr-defined]
    assert "Skarvik builds" not in quoted
    assert "The council voted on Tuesday." in quoted


def test_a_headline_that_is_repeated_in_bold_is_one_title_and_no_passage(harbour: Path, index: ArticleIndex) -> None:
    index.add(harbour)
    article = only(index)
    assert article.title == "Skarvik Approves New Breakwater After Council Rejects Cheaper Repair Plan"
    assert article.text.count(article.title) == 2
    assert "**" not in article.text
    assert article.title not in quotable(index, article)
    assert "After two winters of storms" in quotable(index, article)


def test_markers_inside_a_line_are_the_authors_own() -> None:
    draft = read_text("a.txt", b"A headline\n\n**Note:** a line with **two** bold parts.\n\nIn C# and C## too.\n\n# C#")
    assert "**Note:** a line with **two** bold parts." in draft.text
    assert draft.text.endswith("\nC#")


@pytest.mark.parametrize(
    ("first", "title"),
    [
        ("The mayor resigned on Friday.", "The mayor resigned on Friday"),
        ("“We will resign,” the mayor said. “All of us.”", "“We will resign,” the mayor said. “All of us”"),
        ('He said: "It is over."', 'He said: "It is over"'),
        ("市長は辞任した。", "市長は辞任した"),
    ],
)
def test_a_first_line_that_is_a_sentence_stays_quotable(first: str, title: str) -> None:
    draft = read_text("a.txt", f"{first}\n\n{BODY}".encode())
    assert draft.title == title
    assert first in text_of_passages(draft.text, draft.title)


def test_a_long_first_line_is_cut_for_the_title_and_stays_quotable() -> None:
    first = "The council of the town " + "and of the islands around it " * 10 + "has voted for a wall."
    draft = read_text("a.txt", f"{first}\n\n{BODY}".encode())
    assert len(first) > TITLE_LIMIT
    assert len(draft.title) <= SHORT_TITLE
    assert draft.title.endswith("…")
    assert first.startswith(draft.title[:-1])
    assert "has voted for a wall." in text_of_passages(draft.text, draft.title)


def test_a_long_first_line_without_spaces_still_makes_a_title() -> None:
    draft = read_text("a.txt", ("市議会は新しい防波堤の建設を承認した、" * 30).encode())
    assert draft.title.startswith("市議会は新しい防波堤")
    assert 20 <= len(draft.title) <= SHORT_TITLE


def test_the_title_of_wrapped_text_is_not_broken_off_at_the_line_end() -> None:
    text = (
        "The council of Skarvik voted on Tuesday to replace the old\n"
        "harbour wall, which had been hit by waves of six metres in\n"
        "Two winters, and to build a new one further out at sea.\n"
    )
    assert read_text("a.txt", text.encode()).title.startswith(
        "The council of Skarvik voted on Tuesday to replace the old harbour wall"
    )


@pytest.mark.parametrize("content", ["One line", "One line.", "# One line", "**One line**", "One line\n\nOne line\n"])
@pytest.mark.parametrize("suffix", [".txt", ".md"])
def test_an_article_that_is_one_line_can_still_be_quoted(
    content: str, suffix: str, write: Callable[..., Path], index: ArticleIndex
) -> None:
    index.add(write(f"a{suffix}", content))
    article = only(index)
    assert article.title == "One line"
    assert quotable(index, article).removesuffix(".") == "One line"


def test_front_matter_gives_title_author_date_and_language() -> None:
    content = (
        "---\ntitle: The real headline\nauthors: [Ada Berg, Bo Lund]\ndate: 2024-05-06T10:00:00Z\nlang: en-GB\n---\n"
    )
    draft = read_markdown("a.md", (content + "# Another heading\n\n" + BODY).encode())
    assert (draft.title, draft.author) == ("The real headline", "Ada Berg, Bo Lund")
    assert (draft.published, draft.language) == (date(2024, 5, 6), "en")
    assert "real headline" not in draft.text
    assert "---" not in draft.text


@pytest.mark.parametrize(
    "meta",
    [
        "date: 2024-13-45",
        "date: soon",
        "title:",
        "title: ~",
        "title: [[a, b], c]",
        "title: {a: b}",
        '"a": "\\uD800"',
        "- a\n- b",
        "a: [",
        "[" * 2000,
        "a: &a [x, x]\nb: &b [*a, *a]\ntitle: [*b, *b, *b]",
        "? [a]\n: b",
    ],
)
def test_odd_front_matter_is_no_error(meta: str) -> None:
    draft = read_markdown("a.md", f"---\n{meta}\n---\n# A headline\n\n{BODY}".encode())
    assert BODY in draft.text
    assert draft.published is None


def test_control_characters_written_as_entities_do_not_reach_the_title() -> None:
    draft = read_markdown("a.md", b"# A &#27;[31mred&#x7; headline\n\nText &#27;[2J here.")
    assert draft.title.startswith("A ")
    assert not any(ord(character) < 32 for character in draft.title + draft.text.replace("\n", ""))


def test_a_surrogate_in_front_matter_cannot_break_the_catalog(write: Callable[..., Path], index: ArticleIndex) -> None:
    report = index.add(write("a.md", f'---\ntitle: "Broken \\uD800 name"\n---\n{BODY}'))
    assert not report.failed
    assert only(index).title == "Broken name"
