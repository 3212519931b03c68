"""Any encoding in, one normal form out; what is not text is refused with one line."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import ArticleIndex, Settings, SourceError
from index.formats.markdown import read_markdown
from index.formats.plain_text import read_text
from index.reading import decode, normalise, read_file

ENGLISH = "Café owners in Zürich – and their “friends” – met on Monday.\n\nThey agreed on a price of 5 €."
GERMAN = "Größere Übungen für Ärzte: das Fußballspiel dauerte länger als gewöhnlich. Die Straße blieb geschlossen."
RUSSIAN = (
    "В понедельник городской совет принял решение о строительстве нового моста через реку. Мэр города сказала, что "
    "работы начнутся весной и продлятся два года. Жители соседних улиц опасаются шума и пыли, но многие поддерживают "
    "проект, потому что старый мост закрыт уже третий год. Стоимость строительства оценивается в сорок миллионов "
    "рублей, и половину этой суммы выделит область."
)


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"],
)
def test_western_text_is_read_in_any_encoding(encoding: str) -> None:
    assert normalise(decode("a.txt", ENGLISH.encode(encoding))) == ENGLISH


def test_utf_16_with_either_byte_order_mark_is_read() -> None:
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        assert decode("a.txt", mark + ENGLISH.encode(encoding)) == ENGLISH


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_german_in_latin_1_is_read(encoding: str) -> None:
    assert decode("a.txt", GERMAN.encode(encoding)) == GERMAN


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "utf-8", "utf-16"])
def test_long_russian_text_is_read_in_its_old_encodings(encoding: str) -> None:
    assert decode("a.txt", RUSSIAN.encode(encoding)) == RUSSIAN


def test_a_few_broken_bytes_in_a_long_text_do_not_make_it_unreadable() -> None:
    assert "harbour" in decode("a.txt", b"\xef\xbb\xbf" + b"The harbour is closed. " * 20 + b"\xff\xfe")


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\u2028", "\u2029", "\x85", "\x0b", "\x0c"], ids=repr)
def test_every_kind_of_newline_becomes_one(newline: str) -> None:
    draft = read_text("a.txt", newline.join(["Headline", "First.", "Second."]).encode())
    assert draft.text == "Headline\nFirst.\nSecond."


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("red \x1b[31mwarning\x1b[0m ends", "red warning ends"),
        ("\x1b]0;a window title\x07text", "text"),
        ("a \x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\ here", "a link here"),
        ("\x1b(Btext\x1b[2K\x1b[1;1H", "text"),
        ("\x9b31mtext", "text"),
        ("bell\x07 back\x08space nul\x00 delete\x7f", "bell backspace nul delete"),
        ("\ufeffmark in\ufeff the text", "mark in the text"),
        ("a lone \x1b escape", "a lone  escape"),
        ("lone \ud800 surrogate", "lone  surrogate"),
        ("tabs\tstay", "tabs\tstay"),
    ],
)
def test_control_characters_and_escape_sequences_are_taken_out(dirty: str, clean: str) -> None:
    assert normalise(dirty) == clean


def test_letters_are_composed_and_nothing_else_is_changed() -> None:
    assert normalise("Cafe\u0301") == "Café"
    assert normalise("ﬁne ½ ② Å") == unicodedata.normalize("NFC", "ﬁne ½ ② Å")  # NFKC would rewrite the first three
    assert "ﬁne ½ ②" in normalise("ﬁne ½ ② Å")


@given(st.text(max_size=300))
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert not any(unicodedata.category(character) in ("Cc", "Cs") and character not in "\t\n" for character in once)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b" \n\t \r\n ", "is empty"),
        ("\u2003\u00a0\n".encode(), "holds no text"),
        (b"\xef\xbb\xbf", "holds no text"),
        (b"*** --- !!!", "holds no text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01\x00\x00\x00\x01\x00\x08\x06\x00\x00", "binary"),
        (bytes(range(256)) * 20, "is not text"),
        (b"\x7fELF\x02\x01\x01" + b"\0" * 200, "binary"),
        (b"\x00" * 50, "binary"),
    ],
)
@pytest.mark.parametrize("read", [read_text, read_markdown])
def test_what_is_not_text_is_refused_and_the_reason_said(
    read: Callable[[str, bytes], object], content: bytes, reason: str
) -> None:
    with pytest.raises(SourceError, match=reason) as caught:
        read("a.txt", content)
    assert "\n" not in str(caught.value)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_draft_or_one_clear_line(content: bytes) -> None:
    for read in (read_text, read_markdown):
        try:
            draft = read("a.md", content)
        except SourceError as error:
            reason = error.reason
        else:
            reason = "a draft"
            assert draft.title
            assert normalise(draft.text) == draft.text
        assert reason
        assert "\n" not in reason


def test_a_file_larger_than_the_limit_is_refused(write: Callable[..., Path]) -> None:
    path = write("a.txt", "A headline\n\n" + "text " * 500)
    assert read_file(path, path.stat().st_size)[0].title == "A headline"
    with pytest.raises(SourceError, match="is larger than"):
        read_file(path, path.stat().st_size - 1)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_named_pipe_is_refused_without_waiting_for_it(articles: Path, index: ArticleIndex) -> None:
    os.mkfifo(articles / "pipe.txt")
    report = index.add(articles)
    assert [(failure.source, failure.reason) for failure in report.failed] == [
        (str(articles / "pipe.txt"), "is not a regular file")
    ]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may read everything")
def test_an_unreadable_file_is_reported_and_the_others_go_on(write: Callable[..., Path], index: ArticleIndex) -> None:
    locked, free = write("locked.txt", "Secret\n\nText."), write("free.txt", "Open\n\nText.")
    locked.chmod(0)
    report = index.add(locked.parent)
    assert report.added == [str(free)]
    assert report.failed[0].source == str(locked)


def test_the_limit_in_the_settings_counts(write: Callable[..., Path], open_index: Callable[..., ArticleIndex]) -> None:
    small, large = write("small.txt", "Small\n\nText."), write("large.txt", "Large\n\n" + "text " * 100)
    report = open_index(settings=Settings(max_file_bytes=100)).add([large, small])
    assert report.added == [str(small)]
    assert [failure.source for failure in report.failed] == [str(large)]
