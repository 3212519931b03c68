"""Mail: which part is read, encodings that lie, footers, and damage."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from index import SourceError
from index.formats.mail import read_eml, without_footer

STORY = [
    f"Paragraph {number} tells how the bridge of Ada opened and who paid for it in the end." for number in range(6)
]


def letter(plain: str | None, page: str | None = None, **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["Subject"] = "Ada Quill <ada@example.org>", "A bridge"
    for name, value in headers.items():
        message[name] = value
    if plain is not None:
        message.set_content(plain)
    if page is not None and plain is not None:
        message.add_alternative(page, subtype="html")
    elif page is not None:
        message.set_content(page, subtype="html")
    return message


def page(*paragraphs: str) -> str:
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    return (
        f"<!doctype html><html><head><style>p {{color: red}}</style></head><body><h1>A bridge</h1>{body}</body></html>"
    )


def test_a_good_text_part_is_read() -> None:
    draft = read_eml("a.eml", letter("\n\n".join(STORY), page(*STORY)).as_bytes())
    assert draft.text == "\n\n".join(STORY)
    assert (draft.title, draft.author) == ("A bridge", "Ada Quill")


@pytest.mark.parametrize("plain", [None, "Your program cannot show this letter.", "See https://example.org/x\n" * 20])
def test_the_page_is_read_where_the_text_says_nothing(plain: str | None) -> None:
    draft = read_eml("a.eml", letter(plain, page(*STORY)).as_bytes())
    assert all(text in draft.text for text in STORY)
    assert "<p>" not in draft.text
    assert "color" not in draft.text


def test_an_attachment_is_not_the_letter() -> None:
    message = letter("\n\n".join(STORY))
    message.add_attachment("An invoice.", filename="invoice.txt")
    assert "invoice" not in read_eml("a.eml", message.as_bytes()).text


@pytest.mark.parametrize("charset", ["no-such-charset", "us-ascii", "utf-8"])
def test_a_charset_that_lies(charset: str) -> None:
    data = b"From: a@example.org\nSubject: x\nContent-Type: text/plain; charset=" + charset.encode() + b"\n\n"
    assert read_eml("a.eml", data + "Zoë opened it.".encode("cp1252")).text == "Zoë opened it."


@pytest.mark.parametrize(
    "data", [b"", b"From: a\n\n", b"From: a\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\n--x--", b"\0" * 100]
)
def test_a_letter_without_text_is_one_clear_failure(data: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        read_eml("a.eml", data)
    assert "\n" not in str(caught.value)


def test_footers_go_and_stories_stay() -> None:
    story = "\n\n".join(STORY)
    for footer in (
        "-- \nAda Quill, Quay 3",
        "---\n\nYou're receiving this because you signed up.\n\nUnsubscribe <https://example.org/u>\n\nQuay 3, Harbour",
        "Abmelden: https://example.org/u",
    ):
        assert without_footer(f"{story}\n\n{footer}") == story
    assert without_footer(f"View this email in your browser\n\n{story}") == story
    assert without_footer("Unsubscribe") == ""
    about = "The firm let its customers unsubscribe by telephone. " * 10
    assert without_footer(f"{story}\n\n{about.strip()}") == f"{story}\n\n{about.strip()}"
