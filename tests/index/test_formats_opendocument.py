"""OpenDocument texts that odfpy wrote."""

from __future__ import annotations

import io

import pytest
from odf import dc, draw, meta, office, table, text
from odf.opendocument import OpenDocumentText
from test_formats_zip_safety import zipped

from index import SourceError
from index.formats.opendocument import read_odt

HEAD = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:text>'
)
FOOT = "</office:text></office:body></office:document-content>"


def saved(document: OpenDocumentText) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_headings_lists_tables_frames_and_notes() -> None:
    document = OpenDocumentText()
    document.meta.addElement(dc.Title(text="Ice on the canal"))
    document.meta.addElement(meta.InitialCreator(text="Mara Oskarsson"))
    document.meta.addElement(meta.CreationDate(text="2024-05-17T10:00:00"))
    document.text.addElement(text.H(outlinelevel=1, text="A long night"))
    paragraph = text.P(text="They broke")
    paragraph.addElement(text.S(c=3))
    paragraph.addElement(text.Span(text="the ice"))
    note = text.Note(noteclass="footnote")
    note.addElement(text.NoteCitation(text="1"))
    body = text.NoteBody()
    body.addElement(text.P(text="By hand."))
    note.addElement(body)
    paragraph.addElement(note)
    paragraph.addText(".")
    box = draw.TextBox()
    box.addElement(text.P(text="In the box."))
    frame = draw.Frame(anchortype="paragraph")
    frame.addElement(box)
    paragraph.addElement(frame)
    document.text.addElement(paragraph)
    remark = office.Annotation()
    remark.addElement(text.P(text="Is this true?"))
    last = text.P(text="Nobody")
    last.addElement(remark)
    last.addElement(text.LineBreak())
    last.addText("slept.")
    grid = table.Table()
    row = table.TableRow()
    for words in ("Vendel", "4.2 m"):
        cell = table.TableCell()
        cell.addElement(text.P(text=words))
        row.addElement(cell)
    grid.addElement(row)
    document.text.addElement(grid)
    document.text.addElement(last)
    draft = read_odt("a.odt", saved(document))
    assert draft.text.split("\n\n") == [
        "A long night",
        "They broke the ice.",
        "In the box.",
        "Vendel | 4.2 m",
        "Nobody\nslept.",
        "By hand.",
    ]
    assert (draft.title, draft.author, str(draft.published)) == ("Ice on the canal", "Mara Oskarsson", "2024-05-17")


def test_deleted_text_and_tables_of_contents_are_left_out() -> None:
    content = (
        f"{HEAD}<text:tracked-changes><text:changed-region><text:deletion><text:p>Deleted.</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes><text:table-of-content><text:index-body><text:p>Ice 3</text:p>"
        f"</text:index-body></text:table-of-content><text:p>Kept.</text:p>{FOOT}"
    )
    assert read_odt("a.odt", zipped({"content.xml": content.encode()})).text == "Kept."


def test_an_encrypted_text_is_told() -> None:
    manifest = (
        b'<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><m:file-entry><m:encryption-data/>'
        b"</m:file-entry></m:manifest>"
    )
    with pytest.raises(SourceError, match="is encrypted; save it without a password"):
        read_odt("a.odt", zipped({"META-INF/manifest.xml": manifest, "content.xml": b"\x93\x12"}))


def test_a_package_without_content_is_damaged() -> None:
    with pytest.raises(SourceError, match=r"'content\.xml' is missing"):
        read_odt("a.odt", zipped({"meta.xml": b"<a/>"}))
