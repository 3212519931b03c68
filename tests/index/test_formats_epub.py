"""E-books: chapters in the order of the spine, and what surrounds them left out."""

from __future__ import annotations

import contextlib
import time
from datetime import date

import pytest
from test_formats_zip_safety import zipped

from index import SourceError
from index.formats.epub import read_epub
from index.formats.xhtml import xhtml_blocks

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
)
PACKAGE = """<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">
<metadata><dc:title>Nine locks</dc:title><dc:creator>Mara Oskarsson</dc:creator><dc:creator>Per Lund</dc:creator>
<dc:language>en-GB</dc:language><dc:date>2024-05-17T00:00:00Z</dc:date></metadata>
<manifest><item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="two" href="text/two%20b.xhtml" media-type="application/xhtml+xml"/>
<item id="one" href="text/one.xhtml" media-type="application/xhtml+xml"/>
<item id="cover" href="cover.png" media-type="image/png"/></manifest>
<spine><itemref idref="cover"/><itemref idref="nav"/><itemref idref="one"/><itemref idref="two"/>
<itemref idref="one"/></spine></package>"""
NAVIGATION = """<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><body>
<nav epub:type="toc"><ol><li><a href="text/one.xhtml#a">The ice</a></li>
<li><a href="text/two%20b.xhtml">The freight</a></li></ol></nav></body></html>"""
ONE = """<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><head>
<title>No</title><style>p {}</style></head><body><h1>Ice<br/>on the canal</h1>
<p>The  canal
froze.<a epub:type="noteref" href="#n">1</a> <span epub:type="pagebreak">12</span>Nobody was hurt.</p></body></html>"""
TWO = """<!DOCTYPE html><html><body><p>Gravel&nbsp;goes<br>by water.<p>So do blades &amp; scrap.
<script>never()</script><table><tr><td>Vendel<td>4.2 m</table><ul><li>Grain</li></ul></body></html>"""
BOOK = {
    "mimetype": "application/epub+zip",
    "META-INF/container.xml": CONTAINER,
    "OEBPS/book.opf": PACKAGE,
    "OEBPS/nav.xhtml": NAVIGATION,
    "OEBPS/text/one.xhtml": ONE,
    "OEBPS/text/two b.xhtml": TWO,
}


def book(**changed: str) -> bytes:
    members = {**BOOK, **{name.replace("__", "/").replace("_", "."): text for name, text in changed.items()}}
    return zipped({name: text.encode() for name, text in members.items()})


def test_chapters_come_in_order_with_their_headings() -> None:
    draft = read_epub("a.epub", book())
    assert draft.text.split("\n\n") == [
        "Ice on the canal",
        "The canal froze. Nobody was hurt.",
        "The freight",
        "Gravel goes\nby water.",
        "So do blades & scrap.",
        "Vendel | 4.2 m",
        "Grain",
    ]
    assert (draft.title, draft.author, draft.language) == ("Nine locks", "Mara Oskarsson, Per Lund", "en")
    assert draft.published == date(2024, 5, 17)


def test_a_protected_book_is_told() -> None:
    encryption = (
        '<encryption xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:EncryptedData><e:EncryptionMethod '
        'Algorithm="{}"/><e:CipherData><e:CipherReference URI="OEBPS/text/two%20b.xhtml"/></e:CipherData>'
        "</e:EncryptedData></encryption>"
    )
    protected = {"META-INF__encryption_xml": encryption.format("http://www.w3.org/2001/04/xmlenc#aes128-cbc")}
    with pytest.raises(SourceError, match=r"protected against copying \(DRM\)"):
        read_epub("a.epub", book(**protected))
    fonts = {"META-INF__encryption_xml": encryption.format("http://www.idpf.org/2008/embedding")}
    assert read_epub("a.epub", book(**fonts)).title == "Nine locks"


def test_a_book_without_chapters_is_damaged() -> None:
    with pytest.raises(SourceError, match="is damaged: it names no chapters"):
        read_epub("a.epub", book(OEBPS__book_opf="<package/>"))


def test_html_that_never_ends_what_it_begins_is_still_read() -> None:
    blocks = xhtml_blocks("a", "b", b"<title/><div>" * 50 + b"<p>Deep.<p>Deeper.<br><table><tr><td>Cell")
    assert [block.text for block in blocks] == ["Deep.", "Deeper.", "Cell"]


@pytest.mark.parametrize("piece", [b"<!--", b"<div>", b"<a ", b"&lt", b"<![CDATA[", b"<table><tr><td>"])
def test_hostile_html_takes_no_longer_than_its_length(piece: bytes) -> None:
    started = time.thread_time()
    with contextlib.suppress(SourceError):
        xhtml_blocks("a", "b", b"<p>Ice.</p>" + piece * 50_000)
    assert time.thread_time() - started < 5
