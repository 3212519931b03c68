"""Rich text: characters in every notation, and nothing that is not part of the text."""

from __future__ import annotations

import time

import pytest

from index import SourceError
from index.formats.rich_text import read_rtf

HEAD = r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\froman\fcharset0 Times New Roman;}{\f1\fcharset238 Arial CE;}}"


def text_of(body: str) -> str:
    return read_rtf("a.rtf", f"{HEAD}{body}}}".encode("latin-1")).text


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (r"One.\par Two.\par\par Three.", "One.\n\nTwo.\n\nThree."),
        (r"\ldblquote Caf\'e9\rdblquote  \u8212\'97 \u-10178?\u-9079?", "“Café” — 🢉"),
        (r"{\f1 \'8eilina}, {\f0 \'8eilina}", "Žilina, Žilina"),
        ("Café", "Café"),
        (r"A{\deleted gone} b{\v hidden}c.", "A bc."),
        (r"{\listtext\tab 1.\tab}Item.", "Item."),
        (r"One\line two.", "One\ntwo."),
        (r"\trowd\intbl Vendel\cell 4.2 m\cell\row After.", "Vendel | 4.2 m\n\nAfter."),
        (r'See {\field{\*\fldinst{HYPERLINK "https://example.org"}}{\fldrslt the page}}.', "See the page."),
        (r"{\header Courier}Text{\footnote note}.{\*\unknown never}", "Text."),
        (r"Dis\-cretionary, non\_breaking, \{braces\} and \\v.", "Discretionary, non‑breaking, {braces} and \\v."),
        (r"{\pict\pngblip 89504e47" + "0d0a1a0a" * 500 + r"}After.", "After."),
        (r"{\pict\bin5 }{\}}}After.", "After."),
    ],
)
def test_what_is_text_is_read(body: str, expected: str) -> None:
    assert text_of(body) == expected


def test_title_author_and_date_come_from_the_information() -> None:
    body = r"{\info{\title Ice on the \'e9clair}{\author Mara Oskarsson}{\creatim\yr2024\mo5\dy17}}Text."
    draft = read_rtf("a.rtf", f"{HEAD}{body}}}".encode())
    assert (draft.title, draft.author, str(draft.published)) == ("Ice on the éclair", "Mara Oskarsson", "2024-05-17")
    assert draft.text == "Text."


@pytest.mark.parametrize("body", [r"\f1" * 50_000, r"{\fonttbl" + r"{\f1\fcharset0 x" * 20_000, "{" * 200_000])
def test_hostile_rich_text_takes_no_longer_than_its_length(body: str) -> None:
    started = time.thread_time()
    with pytest.raises(SourceError):
        text_of(body)
    assert time.thread_time() - started < 5


def test_what_is_no_rich_text_is_refused() -> None:
    with pytest.raises(SourceError, match="does not begin like rich text"):
        read_rtf("a.rtf", b"Plain text.")
