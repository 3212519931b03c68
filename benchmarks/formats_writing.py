"""Writes articles as files of every format, by the programs that people write them with."""

from __future__ import annotations

import csv
import gzip
import hashlib
import html
import io
import json
import mailbox
import shutil
import subprocess
import tarfile
import tempfile
import textwrap
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any

from .formats_stories import Story

Files = Sequence[tuple[Path, list[Story]]]


@dataclass(frozen=True, slots=True)
class Producer:
    """A way to write files of a format.

    Attributes:
        name: the format, and who writes it.
        suffix: of the files.
        write: writes all files of it at once.
        needs: the program that has to be installed, if any.
        stories: in each file.
    """

    name: str
    suffix: str
    write: Callable[[Files], None]
    needs: str | None = None
    stories: int = 1


def _each(content: Callable[[Story], str | bytes]) -> Callable[[Files], None]:
    """Writes files of one story each."""

    def write(files: Files) -> None:
        for path, (story,) in files:
            data = content(story)
            path.write_bytes(data.encode() if isinstance(data, str) else data)

    return write


def _many(content: Callable[[list[Story]], str | bytes]) -> Callable[[Files], None]:
    """Writes files of several stories each."""

    def write(files: Files) -> None:
        for path, group in files:
            data = content(group)
            path.write_bytes(data.encode() if isinstance(data, str) else data)

    return write


def text(story: Story, width: int = 0) -> str:
    """Plain text, in lines of so many characters if there is a width."""
    lines = (textwrap.fill(one, width) if width else one for one in story.paragraphs)
    return "\n\n".join([story.title, f"By {story.author}", *lines]) + "\n"


def markdown(story: Story) -> str:
    """Markdown with front matter."""
    head = f'---\ntitle: "{story.title}"\nauthor: {story.author}\ndate: {story.day}\nlang: en\n---\n\n'
    return head + "\n\n".join(story.paragraphs) + "\n"


_STYLE = "<style>body { hyphens: auto; text-align: justify; font: 11pt/1.4 serif; }</style>"


def page(story: Story) -> str:
    """A web page with some navigation."""
    body = "".join(f"<p>{html.escape(paragraph)}</p>\n" for paragraph in story.paragraphs)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(story.title)}</title>'
        f'<meta name="author" content="{story.author}"><meta property="article:published_time" content="{story.day}">'
        f'{_STYLE}</head><body><nav><a href="/">Home</a> <a href="/news">News</a></nav><article>'
        f"<h1>{html.escape(story.title)}</h1>{body}</article><footer>All rights reserved</footer></body></html>"
    )


def _flat_document(story: Story) -> str:
    """An OpenDocument text in one XML file, for LibreOffice to convert."""
    body = "".join(f"<text:p>{html.escape(paragraph)}</text:p>" for paragraph in story.paragraphs)
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "text", "meta")
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document{names} xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.text"><office:meta>'
        f"<dc:title>{html.escape(story.title)}</dc:title><meta:initial-creator>{story.author}</meta:initial-creator>"
        f'</office:meta><office:body><office:text><text:h text:outline-level="1">{html.escape(story.title)}</text:h>'
        f"{body}</office:text></office:body></office:document>"
    )


def _libreoffice(kind: str, files: Files) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path, (story,) in files:
            (folder / f"{path.stem}.fodt").write_text(_flat_document(story), "utf-8")
        command = ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"]
        command += ["--convert-to", kind, "--outdir", str(folder / "out"), *map(str, sorted(folder.glob("*.fodt")))]
        subprocess.run(command, check=True, capture_output=True)
        for path, _ in files:
            shutil.copy(folder / "out" / path.name, path)


def _pandoc(files: Files) -> None:
    for path, (story,) in files:
        source = markdown(story)
        if path.suffix == ".pptx":  # a slide holds one paragraph
            source = source.replace("\n\n", "\n\n---\n\n").replace("---\n\n---\n\n", "---\n\n", 1)
        command = ["pandoc", "-s", "-f", "markdown-smart", "-o", str(path)]
        subprocess.run(command, input=source.encode(), check=True, capture_output=True)


def _chromium(kind: str, files: Files) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        tab = browser.new_page()
        for path, (story,) in files:
            tab.set_content(page(story))
            if kind == "pdf":
                tab.pdf(path=path, format="A4", display_header_footer=True)
            else:
                session: Any = tab.context.new_cdp_session(tab)
                bundle = session.send("Page.captureSnapshot", {"format": "mhtml"})["data"]
                path.write_bytes(bundle.encode())
        browser.close()


def _reportlab(story: Story) -> bytes:
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate

    target, style = io.BytesIO(), getSampleStyleSheet()
    flow = [Paragraph(html.escape(story.title), style["Title"])]
    flow += [Paragraph(html.escape(paragraph), style["BodyText"]) for paragraph in story.paragraphs]
    SimpleDocTemplate(target, title=story.title, author=story.author).build(flow)
    return target.getvalue()


def _python_docx(story: Story) -> bytes:
    import docx

    document, target = docx.Document(), io.BytesIO()
    document.add_heading(story.title)
    for paragraph in story.paragraphs:
        document.add_paragraph(paragraph)
    document.save(target)
    return target.getvalue()


def _message(story: Story, *, with_page: bool = True) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["Subject"] = f"{story.author} <letters@example.org>", story.title
    message["Date"] = story.day.strftime("%a, %d %b %Y 08:00:00 +0000")
    message["Message-ID"] = f"<{hashlib.sha256(text(story).encode()).hexdigest()[:20]}@example.org>"
    message.set_content("\n\n".join(textwrap.fill(one, 72) for one in story.paragraphs))
    if with_page:
        message.add_alternative(page(story), subtype="html")
    return message


def _mailbox(files: Files) -> None:
    for path, group in files:
        box = mailbox.mbox(path)
        for story in group:
            box.add(_message(story, with_page=False))
        box.close()


def _cues(story: Story, point: str) -> str:
    """Subtitles of one or two lines, which end where a sentence does."""
    cues = []
    clock = 0
    for sentence in story.sentences:
        rows = textwrap.wrap(sentence, 42, break_long_words=False, break_on_hyphens=False)
        for first in range(0, len(rows), 2):
            times = (f"{at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}{point}000" for at in (clock, clock + 3))
            cues.append(f"{len(cues) + 1}\n{' --> '.join(times)}\n" + "\n".join(rows[first : first + 2]))
            clock += 3
    return ("WEBVTT\n\n" if point == "." else "") + "\n\n".join(cues) + "\n"


def _rows(group: list[Story]) -> list[dict[str, str]]:
    return [
        {"title": one.title, "byline": one.author, "published": str(one.day), "body": "\n\n".join(one.paragraphs)}
        for one in group
    ]


def _table(group: list[Story], delimiter: str) -> str:
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, ["title", "byline", "published", "body"], delimiter=delimiter)
    writer.writeheader()
    writer.writerows(_rows(group))
    return target.getvalue()


def _zip(group: list[Story]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (story, write) in enumerate(zip(group, (text, page, markdown), strict=True)):
            archive.writestr(f"news/{number}{('.txt', '.html', '.md')[number]}", write(story))
    return target.getvalue()


def _tar(group: list[Story]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        for number, story in enumerate(group):
            entry, data = tarfile.TarInfo(f"news/{number}.txt"), text(story).encode()
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return target.getvalue()


def _warc(group: list[Story]) -> bytes:
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    target = io.BytesIO()
    writer = WARCWriter(target, gzip=True)
    for number, story in enumerate(group):
        headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
        body = io.BytesIO(page(story).encode())
        address = f"https://example.org/{number}"
        writer.write_record(writer.create_warc_record(address, "response", payload=body, http_headers=headers))
    return target.getvalue()


PRODUCERS = (
    Producer("txt", ".txt", _each(text)),
    Producer("txt-wrapped", ".txt", _each(partial(text, width=72))),
    Producer("txt-gz", ".txt.gz", _each(lambda story: gzip.compress(text(story).encode()))),
    Producer("md", ".md", _each(markdown)),
    Producer("html", ".html", _each(page)),
    Producer("html-pandoc", ".html", _pandoc, "pandoc"),
    Producer("mhtml-chromium", ".mhtml", partial(_chromium, "mhtml"), "chromium"),
    Producer("pdf-chromium", ".pdf", partial(_chromium, "pdf"), "chromium"),
    Producer("pdf-libreoffice", ".pdf", partial(_libreoffice, "pdf:writer_pdf_Export"), "soffice"),
    Producer("pdf-reportlab", ".pdf", _each(_reportlab)),
    Producer("docx-libreoffice", ".docx", partial(_libreoffice, "docx:MS Word 2007 XML"), "soffice"),
    Producer("docx-pandoc", ".docx", _pandoc, "pandoc"),
    Producer("docx-python", ".docx", _each(_python_docx)),
    Producer("odt-libreoffice", ".odt", partial(_libreoffice, "odt:writer8"), "soffice"),
    Producer("odt-pandoc", ".odt", _pandoc, "pandoc"),
    Producer("rtf-libreoffice", ".rtf", partial(_libreoffice, "rtf:Rich Text Format"), "soffice"),
    Producer("rtf-pandoc", ".rtf", _pandoc, "pandoc"),
    Producer("epub-pandoc", ".epub", _pandoc, "pandoc"),
    Producer("pptx-pandoc", ".pptx", _pandoc, "pandoc"),
    Producer("eml", ".eml", _each(lambda story: _message(story).as_bytes())),
    Producer("mbox", ".mbox", _mailbox, stories=3),
    Producer("srt", ".srt", _each(partial(_cues, point=","))),
    Producer("vtt", ".vtt", _each(partial(_cues, point="."))),
    Producer("jsonl", ".jsonl", _many(lambda group: "".join(json.dumps(row) + "\n" for row in _rows(group))), None, 3),
    Producer("csv", ".csv", _many(partial(_table, delimiter=",")), stories=3),
    Producer("tsv", ".tsv", _many(partial(_table, delimiter="\t")), stories=3),
    Producer("zip", ".zip", _many(_zip), stories=3),
    Producer("tgz", ".tgz", _many(_tar), stories=3),
    Producer("warc-gz", ".warc.gz", _many(_warc), stories=3),
)
"""Every way in which files are written here."""
