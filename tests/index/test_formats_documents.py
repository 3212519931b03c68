"""Documents as LibreOffice, pandoc and Chromium write them: all of the story comes out, in order; damage is told."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest
from document_support import AUTHOR, HEADINGS, TITLE, missing, story

from index import SourceError
from index.formats import ARTICLES
from index.reading import Draft, normalise

WRITTEN = (
    "pandoc.docx pandoc.odt pandoc.rtf pandoc.pptx pandoc.epub "
    "libreoffice.docx libreoffice.odt libreoffice.rtf libreoffice.pptx libreoffice.pdf"
).split()
PRINTED = ("chromium.pdf", "chromium-columns.pdf")


def read(path: Path) -> Draft:
    return ARTICLES[path.suffix[1:]].read(path.name, path.read_bytes())


@pytest.fixture
def documents(data: Path) -> Path:
    return data / "formats" / "documents"


@pytest.mark.parametrize("name", WRITTEN)
def test_every_paragraph_comes_out_in_order(documents: Path, name: str) -> None:
    draft = read(documents / name)
    expected = story()
    for number in sorted(HEADINGS, reverse=True):
        expected.insert(number, HEADINGS[number])
    if name.endswith(".pptx"):
        expected = [line for line in expected if line not in HEADINGS.values()]  # its headings are titles of slides
    assert missing(draft.text, expected) == []
    assert draft.title == TITLE
    assert draft.author == (None if name == "pandoc.rtf" else AUTHOR)
    assert normalise(draft.text) == draft.text


@pytest.mark.parametrize("name", WRITTEN)
def test_lists_and_tables_are_lines(documents: Path, name: str) -> None:
    lines = read(documents / name).text.split("\n")
    (first,) = [line for line in lines if "first barge carried" in line]
    assert first.removeprefix("• ") == "The first barge carried grain."
    if name != "pandoc.rtf":  # pandoc ends a paragraph in each cell
        assert {"Lock | Height", "Ostra | 3.9 m"} <= set(lines) or {"Lock Height", "Ostra 3.9 m"} <= set(lines)


@pytest.mark.parametrize("name", PRINTED)
def test_what_a_browser_prints_comes_out_in_order(documents: Path, name: str) -> None:
    draft = read(documents / name)
    assert missing(draft.text, story(3)) == []
    assert draft.title == TITLE
    assert "about:blank" not in draft.text
    assert "1/3" not in draft.text


def test_dates_and_languages_come_from_the_properties(documents: Path) -> None:
    book = read(documents / "pandoc.epub")
    assert (book.published, book.language) == (date(2024, 5, 17), "en")
    assert read(documents / "libreoffice.odt").language == "en"
    assert isinstance(read(documents / "libreoffice.docx").published, date)


@pytest.mark.parametrize("name", [name for name in WRITTEN if not name.endswith(".pdf")])
def test_damaged_files_are_read_or_refused(documents: Path, name: str) -> None:
    path = documents / name
    whole = path.read_bytes()
    reader = ARTICLES[path.suffix[1:]]
    dice = random.Random(name)
    refused = []
    for round_ in range(25):
        data = bytearray(whole)
        if round_ % 2:
            del data[dice.randrange(len(data)) :]
        else:
            for _ in range(dice.choice((1, 20, 400))):
                data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        try:
            draft = reader.read(name, bytes(data))
        except SourceError as error:
            refused.append(error)
        else:
            assert any(character.isalnum() for character in draft.text)
    assert refused or name.endswith(".rtf")
    assert all(error.source == name and error.reason and "\n" not in error.reason for error in refused)


@pytest.mark.parametrize("kind", ["docx", "pptx", "odt", "epub", "rtf", "pdf"])
@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + bytes(18), b"The harbour froze.", bytes(1000)])
def test_what_is_no_document_is_refused(kind: str, content: bytes) -> None:
    with pytest.raises(SourceError, match="is damaged"):
        ARTICLES[kind].read("a file", content)
