"""In which encoding a page is that was fetched: what the server says, unless the bytes themselves say otherwise."""

from __future__ import annotations

from .sources import Page

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def encoding_of(page: Page) -> str | None:
    """The encoding that the server named; UTF-8 for what can hardly be anything else; None where nothing is known.

    Servers say ``ISO-8859-1`` of all their files when nobody has told them better. Text in another encoding is next to
    never valid UTF-8 by chance.
    """
    if page.charset is None or page.data.isascii():
        return page.charset
    try:
        page.data.decode("utf-8")
    except UnicodeDecodeError:
        return page.charset
    return "utf-8"


def in_utf8(page: Page) -> bytes:
    """The bytes of a text in UTF-8 with its mark; those of everything else as they are."""
    charset = encoding_of(page)
    if charset is None or not page.content_type.startswith("text/") or page.data.startswith(_UTF16_MARKS):
        return page.data
    try:
        return page.data.decode(charset).encode("utf-8-sig")
    except (LookupError, UnicodeError, ValueError):
        return page.data  # the server is wrong, or knows an encoding that nobody else does
