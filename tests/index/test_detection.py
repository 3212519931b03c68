"""A format is found by content first: wrong suffixes, no suffix, and one clear line for what is not read."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from index import ArticleIndex, SourceError
from index.formats import detect

Write = Callable[..., Path]


def zip_of(*names: str, mimetype: str | None = None) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        if mimetype is not None:
            archive.writestr("mimetype", mimetype)
        for name in names:
            archive.writestr(name, "x")
    return target.getvalue()


MAIL = b"Received: by mx\r\nFrom: Ada <a@example.org>\r\nSubject: Hi\r\nMIME-Version: 1.0\r\n"
CONTENT: dict[str, bytes] = {
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj",
    "docx": zip_of("[Content_Types].xml", "word/document.xml"),
    "pptx": zip_of("[Content_Types].xml", "ppt/presentation.xml"),
    "odt": zip_of("content.xml", mimetype="application/vnd.oasis.opendocument.text"),
    "epub": zip_of("META-INF/container.xml", mimetype="application/epub+zip"),
    "zip": zip_of("story.txt"),
    "rtf": b"{\\rtf1\\ansi Hello}",
    "html": b"\xef\xbb\xbf\n<!-- saved -->\n<!DOCTYPE html><html><p>x",
    "mhtml": MAIL + b"Snapshot-Content-Location: https://example.org\r\nContent-Type: multipart/related\r\n\r\n",
    "eml": MAIL + b"\r\nHello.\r\n",
    "mbox": b"From ada@example.org Tue May  7 08:00:00 2024\nFrom: Ada <a@example.org>\nSubject: x\n\nHi\n",
    "vtt": "\ufeffWEBVTT\n\n00:01.000 --> 00:02.000\nHi\n".encode(),
    "srt": b"1\r\n00:00:01,000 --> 00:00:02,000\r\nHi\r\n",
    "jsonl": b'{"title": "x", "text": "y"}\n',
    "packed": gzip.compress(b"x"),
    "warc": b"WARC/1.0\r\nWARC-Type: warcinfo\r\n",
    "text": b"Headline\n\nFrom: here on it is a story, with {braces} and <b>tags</b>.\n",
}


@pytest.mark.parametrize("suffix", ["", ".bin", ".pdf", ".html", ".docx", ".zip", ".gz"])
@pytest.mark.parametrize("name", sorted(CONTENT))
def test_the_content_decides_whatever_the_suffix_says(name: str, suffix: str) -> None:
    if name == "text" and suffix == ".html":
        pytest.skip("a page may begin with text")
    assert detect(f"file{suffix}", io.BytesIO(CONTENT[name])).name == name


@pytest.mark.parametrize(
    ("suffix", "name"), [(".md", "markdown"), (".csv", "csv"), (".tsv", "tsv"), (".html", "html"), (".log", "text")]
)
def test_the_suffix_decides_where_the_content_does_not_tell(suffix: str, name: str) -> None:
    assert detect(f"FILE{suffix.upper()}", io.BytesIO(b"a, b\nc, d\n")).name == name


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "cp1252"])
def test_text_is_text_in_any_encoding(encoding: str) -> None:
    assert detect("story", io.BytesIO("Ein Märchen über Zoë.\n".encode(encoding))).name == "text"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"\0\x01\x02\x03" * 100, "is a picture; only text is read"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0\x01\x02" * 300, "Office before 2007"),
        (bytes(range(256)) * 20, "looks like a binary file"),
        (zip_of("[Content_Types].xml", "xl/workbook.xml"), "Excel workbook"),
        (zip_of("content.xml", mimetype="application/vnd.oasis.opendocument.spreadsheet"), "OpenDocument"),
    ],
)
def test_what_is_not_read_is_said_in_one_line(data: bytes, reason: str) -> None:
    with pytest.raises(SourceError, match=reason) as caught:
        detect("story.txt", io.BytesIO(data))
    assert "\n" not in str(caught.value)


def test_a_text_that_speaks_of_formats_is_a_text() -> None:
    for text in (
        "A file begins with %PDF-1.7, she said.",
        "WEBVTTs are fine.",
        "From here to there 10:00 it rained.\n",
    ):
        assert detect("story.txt", io.BytesIO(text.encode())).name == "text"


def test_a_folder_with_all_kinds_of_things(write: Write, articles: Path, index: ArticleIndex) -> None:
    plain = write("README", "A headline\n\nA story without a suffix.")
    story = "".join(f"<p>Zoë opened bridge {n}, and the council of the harbour paid for it.</p>" for n in range(9))
    page = write("really.txt", f"<!doctype html><title>Zoë</title><body><article><h1>Zoë</h1>{story}</article></body>")
    write("noise", bytes(range(256)) * 20)
    (articles / "loop").symlink_to(articles / "loop")
    if hasattr(os, "mkfifo"):
        os.mkfifo(articles / "pipe")
    report = index.add(articles)
    assert sorted(report.added) == sorted([str(plain), str(page)])
    assert "passed over 1 files of other kinds (1 without a suffix)" in report.notes[0]
    failed = {Path(failure.source).name: failure.reason for failure in report.failed}
    assert failed.pop("pipe", "is not a regular file") == "is not a regular file"
    assert list(failed) == ["loop"]
    assert not any("<" in article.text for article in index.articles())
