"""Markdown: the words without the markers, in order, and nothing of the words lost."""

from __future__ import annotations

import pytest

from index.formats.markdown import read_markdown


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("# Head\n\nA *word* and **two** and `code` and ~~no~~.", "Head\n\nA word and two and code and ~~no~~."),
        ("A [link](https://example.org) here.", "A link here."),
        ("A <https://example.org> here.", "A https://example.org here."),
        ("![A boat](boat.jpg) sails.", "A boat sails."),
        ("- one\n- two\n  - three", "one\n\ntwo\n\nthree"),
        ("> A quote\n> of two lines", "A quote\nof two lines"),
        ("| a | b |\n|---|---|\n| c | d |", "a\n\nb\n\nc\n\nd"),
        ("First<br>second<br/>third", "First\nsecond\nthird"),
        ("```\ncode & more\n```", "code & more"),
        ("Head\n====\n\nText", "Head\n\nText"),
        ("Fish &amp; chips &copy; 5 &lt; 6", "Fish & chips © 5 < 6"),
        ("Line one\nline two  \nline three", "Line one\nline two\nline three"),
        (r"Not \*bold\* here", "Not *bold* here"),
        ("<!-- a comment -->\n\nText", "Text"),
        (
            "<div>\n<p>Inside &amp; <b>bold</b></p>\n<script>var x = 1;</script>\n</div>\n\nAfter",
            "Inside &\nbold\n\nAfter",
        ),
        ("<![broken\n\nAfter", "<![broken\n\nAfter"),
    ],
)
def test_markers_go_and_words_stay(content: str, text: str) -> None:
    assert read_markdown("a.md", content.encode()).text == text


def test_crlf_and_bom_do_not_hide_front_matter() -> None:
    draft = read_markdown("a.md", b"\xef\xbb\xbf---\r\ntitle: Head\r\n---\r\nText of it.\r\n")
    assert (draft.title, draft.text) == ("Head", "Text of it.")


def test_a_rule_at_the_top_is_not_front_matter() -> None:
    draft = read_markdown("a.md", b"---\n\nText of it.\n\n---\n\nMore.")
    assert "Text of it." in draft.text
    assert "More." in draft.text


def test_deep_nesting_is_no_error() -> None:
    content = "> " * 500 + "deep\n\n" + "- " * 300 + "deeper\n\n" + "[" * 3000 + "\n\nThe end."
    assert "The end." in read_markdown("a.md", content.encode()).text
