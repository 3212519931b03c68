"""One small, good file of every format that is read, of which hostile ones are made."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

_DOCUMENTS = Path(__file__).parents[1] / "data" / "formats" / "documents"
_WORD = "Vendel"
"""A word of the documents, which gives its place to the word that tells one file from another."""


def paragraphs(word: str) -> list[str]:
    """An article's paragraphs, told from another's by a word."""
    return [
        f"The ferry to {word} was late again on Tuesday, and nobody at the landing of {word} was surprised.",
        f"“We wait, and then we wait for {word},” said Ida Moreau, who sells tickets and coffee at the landing stage.",
        f"The council of {word} has promised a second boat since 2019; it is to carry forty cars and 300 people.",
    ]


def page(word: str) -> str:
    """An article as a web page."""
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs(word))
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>The {word} ferry</title></head>"
        f"<body><nav><a href=/>Home</a></nav><article><h1>The {word} ferry</h1>{body}</article></body></html>"
    )


def zipped(members: Mapping[str, bytes]) -> bytes:
    """A zip archive."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return target.getvalue()


def tarred(members: Mapping[str, bytes], mode: str = "w") -> bytes:
    """A tar archive."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return target.getvalue()


def rewritten(data: bytes, changed: Callable[[str, bytes], bytes]) -> bytes:
    """A zip file with other contents in its members."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as after:
        for entry in before.infolist():
            packing = zipfile.ZIP_STORED if entry.filename == "mimetype" else zipfile.ZIP_DEFLATED
            after.writestr(entry.filename, changed(entry.filename, before.read(entry)), packing)
    return target.getvalue()


def document(suffix: str) -> bytes:
    """A document as LibreOffice or pandoc wrote it."""
    name = f"libreoffice.{suffix}" if (_DOCUMENTS / f"libreoffice.{suffix}").exists() else f"pandoc.{suffix}"
    return (_DOCUMENTS / name).read_bytes()


def _office(suffix: str) -> Callable[[str], bytes]:
    def make(word: str) -> bytes:
        return rewritten(document(suffix), lambda _, data: data.replace(_WORD.encode(), word.encode()))

    return make


def _text(word: str) -> bytes:
    return "\n\n".join([f"The {word} ferry", *paragraphs(word)]).encode()


def _markdown(word: str) -> bytes:
    return f"---\nauthor: Ida Moreau\ndate: 2024-03-05\n---\n# The {word} ferry\n\n".encode() + _text(word)


def _mail(word: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "Ida Moreau <ida@example.org>", "all@example.org"
    message["Subject"], message["Date"] = f"The {word} ferry", "Tue, 05 Mar 2024 10:00:00 +0000"
    message["Message-ID"] = f"<{word}@example.org>"
    message.set_content("\n\n".join(paragraphs(word)))
    message.add_alternative(page(word), subtype="html")
    return message


def _mhtml(word: str) -> bytes:
    bundle = MIMEMultipart("related")
    bundle["Snapshot-Content-Location"] = f"https://example.org/{word}"
    part = MIMEText(page(word), "html", "utf-8")
    part["Content-Location"] = f"https://example.org/{word}"
    bundle.attach(part)
    return bundle.as_bytes()


def _cues(word: str, point: str) -> str:
    return "\n\n".join(
        f"{number}\n00:00:{number:02}{point}000 --> 00:00:{number + 1:02}{point}000\n{paragraph}"
        for number, paragraph in enumerate(paragraphs(word), 1)
    )


def _rows(word: str) -> list[dict[str, str]]:
    return [{"title": f"The {word} ferry", "text": "\n\n".join(paragraphs(word)), "date": "2024-03-05"}]


def _csv(word: str, delimiter: str) -> bytes:
    target = io.StringIO()
    writer = csv.DictWriter(target, ["title", "text", "date"], delimiter=delimiter)
    writer.writeheader()
    writer.writerows(_rows(word))
    return target.getvalue().encode()


def _warc(word: str) -> bytes:
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    target = io.BytesIO()
    writer = WARCWriter(target, gzip=False)
    headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.0")
    address = f"https://example.org/{word}"
    writer.write_record(
        writer.create_warc_record(address, "response", payload=io.BytesIO(page(word).encode()), http_headers=headers)
    )
    return target.getvalue()


def _pdf(word: str) -> bytes:
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate

    target = io.BytesIO()
    style = getSampleStyleSheet()
    story = [Paragraph(f"The {word} ferry", style["Title"])]
    story += [Paragraph(paragraph, style["BodyText"]) for paragraph in paragraphs(word)]
    SimpleDocTemplate(target).build(story)
    return target.getvalue()


SEEDS: dict[str, Callable[[str], bytes]] = {
    ".txt": _text,
    ".md": _markdown,
    ".html": lambda word: page(word).encode(),
    ".mhtml": _mhtml,
    ".pdf": _pdf,
    ".docx": _office("docx"),
    ".pptx": _office("pptx"),
    ".odt": _office("odt"),
    ".rtf": lambda word: document("rtf").replace(_WORD.encode(), word.encode()),
    ".epub": _office("epub"),
    ".eml": lambda word: _mail(word).as_bytes(),
    ".mbox": lambda word: b"From ida@example.org Tue Mar  5 10:00:00 2024\n" + _mail(word).as_bytes(),
    ".srt": lambda word: _cues(word, ",").encode(),
    ".vtt": lambda word: f"WEBVTT\n\n{_cues(word, '.')}".encode(),
    ".jsonl": lambda word: "".join(json.dumps(row) + "\n" for row in _rows(word)).encode(),
    ".csv": lambda word: _csv(word, ","),
    ".tsv": lambda word: _csv(word, "\t"),
    ".zip": lambda word: zipped({f"{word}.txt": _text(word), "b/page.html": page(f"{word}b").encode()}),
    ".tar": lambda word: tarred({f"{word}.txt": _text(word), "b/page.html": page(f"{word}b").encode()}),
    ".tgz": lambda word: tarred({f"{word}.txt": _text(word)}, "w:gz"),
    ".txt.gz": lambda word: gzip.compress(_text(word)),
    ".txt.bz2": lambda word: bz2.compress(_text(word)),
    ".txt.xz": lambda word: lzma.compress(_text(word)),
    ".warc": _warc,
    ".warc.gz": lambda word: gzip.compress(_warc(word)),
}
"""For each suffix what makes a file of that format out of a word."""
