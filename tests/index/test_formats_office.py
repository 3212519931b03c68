"""Word and PowerPoint: what is in the file is read, what was deleted or hidden is not."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import docx
import pptx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from index import SourceError
from index.formats.office import read_docx, read_pptx


def saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def append(document: Any, xml: str) -> None:
    document.element.body.insert(-1, parse_xml(xml.replace("<w:p>", f"<w:p {nsdecls('w')}>", 1)))


def test_headings_lists_and_tables_of_word() -> None:
    document = docx.Document()
    document.core_properties.title = "Document1"
    document.core_properties.author = "Mara Oskarsson"
    document.core_properties.created = datetime(2024, 5, 17)  # noqa: DTZ001
    document.add_paragraph("The Courier")
    document.add_heading("Ice on the canal", 1)
    document.add_paragraph("First lock.", style="List Bullet")
    table = document.add_table(2, 2)
    for cell, text in zip(table._cells, ["Lock", "Height", "Vendel", "4.2 m"], strict=True):
        cell.text = text
    document.add_paragraph("One line\nand\tanother.")
    draft = read_docx("a.docx", saved(document))
    assert draft.text.split("\n\n") == [
        "The Courier",
        "Ice on the canal",
        "First lock.",
        "Lock | Height",
        "Vendel | 4.2 m",
        "One line\nand another.",
    ]
    assert (draft.title, draft.author) == ("Ice on the canal", "Mara Oskarsson")
    assert str(draft.published) == "2024-05-17"


def test_the_date_and_author_of_a_template_are_nobodys() -> None:
    document = docx.Document()
    document.add_paragraph("The canal froze.")
    draft = read_docx("a.docx", saved(document))
    assert (draft.author, draft.published) == (None, None)


def test_cells_with_paragraphs_are_paragraphs() -> None:
    document = docx.Document()
    cell = document.add_table(1, 1).cell(0, 0)
    cell.text = "The canal froze in January."
    cell.add_paragraph("Nobody was hurt.")
    assert read_docx("a.docx", saved(document)).text == "The canal froze in January.\n\nNobody was hurt."


def test_tracked_changes_are_accepted() -> None:
    document = docx.Document()
    append(
        document,
        '<w:p><w:r><w:t xml:space="preserve">The gate is </w:t></w:r><w:del w:id="1" w:author="a"><w:r><w:delText>red'
        '</w:delText></w:r></w:del><w:ins w:id="2" w:author="a"><w:r><w:t>green</w:t></w:r></w:ins><w:r><w:t>.</w:t>'
        "</w:r></w:p>",
    )
    append(
        document,
        '<w:p><w:pPr><w:rPr><w:del w:id="3" w:author="a"/></w:rPr></w:pPr><w:r><w:t xml:space="preserve">It '
        "opens </w:t></w:r></w:p>",
    )
    append(document, "<w:p><w:r><w:t>at noon.</w:t></w:r></w:p>")
    assert read_docx("a.docx", saved(document)).text == "The gate is green.\n\nIt opens at noon."


def test_hidden_text_and_the_numbers_of_notes_are_left_out() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("The lock leaks.")
    paragraph.add_run("1").font.superscript = True
    paragraph.add_run(" A chamber holds 90 m")
    paragraph.add_run("2").font.superscript = True
    paragraph.add_run("secret").font.hidden = True
    paragraph.add_run(".")
    assert read_docx("a.docx", saved(document)).text == "The lock leaks. A chamber holds 90 m2."


def test_text_boxes_and_content_controls_are_read_once() -> None:
    document = docx.Document()
    box = "<w:txbxContent><w:p><w:r><w:t>In the box.</w:t></w:r></w:p></w:txbxContent>"
    names = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:x="urn:x"'
    append(
        document,
        f"<w:p><w:r><w:t>Beside</w:t><mc:AlternateContent {names}><mc:Choice Requires='x'>{box}</mc:Choice>"
        f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r><w:sdt><w:sdtContent><w:r>"
        "<w:t xml:space='preserve'> it.</w:t></w:r></w:sdtContent></w:sdt></w:p>",
    )
    assert read_docx("a.docx", saved(document)).text == "Beside it.\n\nIn the box."


def test_old_and_encrypted_office_files_are_told() -> None:
    with pytest.raises(SourceError, match=r"older than Office 2007; save it as \.docx without a password"):
        read_docx("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000))


def test_a_word_file_without_words_holds_no_text() -> None:
    with pytest.raises(SourceError, match="holds no text"):
        read_docx("a.docx", saved(docx.Document()))


def test_slides_are_pages_with_title_first_and_notes_last() -> None:
    deck = pptx.Presentation()
    for number, name in enumerate(("Ice", "Freight")):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.placeholders[1].text = f"First point of {name}.\nSecond point of {name}."
        slide.shapes.title.text = name
        tree = slide.shapes._spTree
        tree.append(slide.shapes.title._element)  # drawn last
        if number:
            table = slide.shapes.add_table(1, 2, 0, 0, 100, 100).table
            table.cell(0, 0).text, table.cell(0, 1).text = "Gravel", "80 lorries"
            slide.notes_slide.notes_text_frame.text = "Say it slowly."
    deck.slides.add_slide(deck.slide_layouts[6])
    draft = read_pptx("a.pptx", saved(deck))
    assert draft.text.split("\n\n") == [
        "Ice",
        "First point of Ice.",
        "Second point of Ice.",
        "Freight",
        "First point of Freight.",
        "Second point of Freight.",
        "Gravel | 80 lorries",
        "Say it slowly.",
    ]
    assert draft.title == "Ice"
    assert draft.page_starts == (0, draft.text.index("Freight"), len(draft.text))
