"""PDFs: columns, paragraphs over pages, divided words, running heads, and PDFs that cannot be read."""

from __future__ import annotations

import html
import io
import random
from datetime import date
from typing import Any

import pytest
from document_support import TITLE, missing, story
from reportlab.lib.enums import TA_JUSTIFY, TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph

from index import SourceError
from index.formats import pdf
from index.formats.pdf import read_pdf
from index.formats.pdf_words import Vocabulary, joined
from index.reading import Draft

STORY = [paragraph.replace("Ž", "Z") for paragraph in story(3)]  # the fonts of every PDF reader lack the letter


def typeset(columns: int, justified: bool, indent: float, space: float, **properties: Any) -> bytes:
    """The story in columns, with a running head, a page number in it and another below."""
    out = io.BytesIO()
    document = BaseDocTemplate(out, pagesize=A4, **properties)
    width = (A4[0] - 144 - (columns - 1) * 18) / columns
    frames = [Frame(72 + i * (width + 18), 80, width, A4[1] - 170, 0, 0, 0, 0) for i in range(columns)]

    def surroundings(canvas: Canvas, page: Any) -> None:
        canvas.drawString(72, A4[1] - 50, "The Vendel Courier")
        canvas.drawRightString(A4[0] - 72, A4[1] - 50, f"Page {page.page}")
        canvas.drawCentredString(A4[0] / 2, 40, f"- {page.page} -")

    document.addPageTemplates(PageTemplate(frames=frames, onPage=surroundings))
    body = ParagraphStyle(
        "body",
        fontName="Times-Roman",
        leading=12,
        firstLineIndent=indent,
        spaceAfter=space,
        alignment=TA_JUSTIFY if justified else TA_LEFT,
    )
    head = ParagraphStyle("head", fontName="Times-Bold", fontSize=18, leading=22)
    document.build([Paragraph(TITLE, head), *(Paragraph(html.escape(text), body) for text in STORY)])
    return out.getvalue()


def drawn(*pages: list[tuple[float, float, str]], encrypt: Any = None, **properties: str) -> bytes:
    """Pages with lines of text at places."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, encrypt=encrypt)
    for name, value in properties.items():
        getattr(canvas, f"set{name}")(value)
    for lines in pages:
        for x, y, text in lines:
            canvas.drawString(x, y, text)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def in_page(draft: Draft, number: int) -> str:
    starts = [*draft.page_starts, len(draft.text)]
    return draft.text[starts[number] : starts[number + 1]]


@pytest.mark.parametrize(
    ("columns", "justified", "indent", "space"),
    [(1, False, 0, 6), (1, True, 12, 0), (2, True, 12, 0), (2, False, 0, 6), (3, True, 10, 0)],
)
def test_columns_are_read_in_order_and_running_heads_left_out(
    columns: int, justified: bool, indent: float, space: float
) -> None:
    draft = read_pdf("story.pdf", typeset(columns, justified, indent, space, title="untitled", author="anonymous"))
    assert missing(draft.text, STORY) == []
    assert draft.title == TITLE
    assert draft.author is None
    assert "Courier" not in draft.text
    assert "Page" not in draft.text
    assert draft.text.replace("\n", " ").endswith("So they told it in part 2.")


def test_pages_begin_where_they_do_and_paragraphs_run_over_them() -> None:
    data = drawn(
        [(72, 100, "The gate was closed at noon because the water in the upper chamber had risen")],
        [],
        [(72, 780, "by two metres over night. Nobody was hurt.")],
    )
    draft = read_pdf("a.pdf", data)
    assert draft.text == (
        "The gate was closed at noon because the water in the upper chamber had risen "
        "by two metres over night. Nobody was hurt."
    )
    assert in_page(draft, 0).endswith("had risen ")
    assert in_page(draft, 1) == ""
    assert in_page(draft, 2).startswith("by two metres")


def test_properties_are_used_where_they_make_sense() -> None:
    lines = [(72, 700, "The canal froze in the second week of January.")]
    draft = read_pdf("a.pdf", drawn(lines, Title="A winter on the canal", Author="Mara Oskarsson"))
    assert (draft.title, draft.author) == ("A winter on the canal", "Mara Oskarsson")
    assert isinstance(draft.published, date)
    filler = read_pdf("a.pdf", drawn(lines, Title="Microsoft Word - canal.doc", Author="Administrator"))
    assert (filler.title, filler.author) == ("The canal froze in the second week of January", None)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["The authority is inter-", "nationally known."], "The authority is internationally known."),
        (["The well-", "known harbour froze."], "The well-known harbour froze."),
        (["His mother-in-", "law kept the lock."], "His mother-in-law kept the lock."),
        (["It was over-", "whelming."], "It was overwhelming."),
        (["Jean-", "Claude came."], "Jean-Claude came."),
        (["A farm in Val-", "d’Ombre."], "A farm in Val-d’Ombre."),
        (["In COVID-", "19 they closed."], "In COVID-19 they closed."),
        (["A pause -", "then ice."], "A pause - then ice."),
        (["re-", "sign. To re-sign is not to resign twice."], "re-sign. To re-sign is not to resign twice."),
        (["soft\u00ad", "ened"], "softened"),
    ],
)
def test_divided_words_become_whole_where_they_were(lines: list[str], expected: str) -> None:
    words = Vocabulary(lines if "sign" not in expected else ["To re-sign is more."])
    text, starts = joined(lines, words)
    assert text == expected
    assert text[starts[1] :].startswith(lines[1])


def test_a_scan_is_reported_as_such() -> None:
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    out = io.BytesIO()
    canvas = Canvas(out)
    for number in range(3):
        canvas.drawImage(ImageReader(Image.new("L", (60, 80), 200)), 0, 0, 595, 842)
        canvas.drawString(72, 30, f"Scanned by the town archive, {number}")
        canvas.showPage()
    canvas.save()
    with pytest.raises(SourceError, match=r"scan\.pdf: is a scan: .*OCR"):
        read_pdf("scan.pdf", out.getvalue())


def test_an_empty_page_holds_no_text() -> None:
    with pytest.raises(SourceError, match="holds no text"):
        read_pdf("a.pdf", drawn([]))


def test_an_encrypted_pdf_is_told() -> None:
    data = drawn([(72, 700, "Secret.")], encrypt=StandardEncryption("key", "owner"))
    with pytest.raises(SourceError, match="is encrypted; save it without a password"):
        read_pdf("a.pdf", data)


def test_a_pdf_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    data = typeset(1, False, 0, 6)
    monkeypatch.setattr(pdf, "PAGE_SECONDS", 0.0001)
    with pytest.raises(SourceError, match=r"in time|makes the PDF reader fail"):
        read_pdf("a.pdf", data)
    monkeypatch.setattr(pdf, "TOTAL_SECONDS", 0.001)
    with pytest.raises(SourceError, match="takes longer than"):
        read_pdf("a.pdf", data)


def test_too_many_pages_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MAX_PAGES", 1)
    with pytest.raises(SourceError, match="has 2 pages, more than 1; split it"):
        read_pdf("a.pdf", drawn([(72, 700, "One.")], [(72, 700, "Two.")]))


def test_damaged_pdfs_are_read_or_refused() -> None:
    whole = typeset(2, True, 12, 0)
    dice = random.Random(5)
    refused = 0
    for round_ in range(4):
        data = bytearray(whole)
        if round_ % 2:
            del data[dice.randrange(len(data)) :]
        else:
            for _ in range(200):
                data[dice.randrange(len(data))] ^= 1 << dice.randrange(4)
        try:
            assert read_pdf("a.pdf", bytes(data)).text
        except SourceError:
            refused += 1
    assert refused


@pytest.mark.parametrize(
    ("creator", "producer", "is_known"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0", "Skia/PDF m120", False),
        ("Chromium", "Skia/PDF m131", False),
        ("Safari", "macOS Version 14.4 (Build 23E214) Quartz PDFContext", False),
        ("", "Microsoft: Print To PDF", False),
        ("Mozilla Firefox 128.0", "cairo 1.18.0 (https://cairographics.org)", False),
        ("Adobe InDesign 19.0", "Adobe PDF Library 17.0", True),
        ("Writer", "LibreOffice 7.6", True),
    ],
)
def test_the_day_on_which_a_page_was_printed_is_not_its_date(creator: str, producer: str, is_known: bool) -> None:
    data = drawn([(72, 700, "The harbour was closed on Monday.")], Creator=creator, Producer=producer)
    assert (read_pdf("a.pdf", data).published is not None) == is_known
