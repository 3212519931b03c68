"""Makes the documents in tests/data/formats/documents with LibreOffice, pandoc and Chromium.

``python tests/index/make_documents.py FOLDER`` writes them anew; it is run by hand, where these programs are.
"""

from __future__ import annotations

import html
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from document_support import AUTHOR, HEADINGS, TITLE, story

COLUMNS = """
<style>
  body { column-count: 2; column-gap: 24pt; text-align: justify; hyphens: auto; font: 10pt/1.3 serif; }
  h1 { column-span: all; } p { margin: 0; text-indent: 1.2em; }
</style>
"""
PLAIN = "<style>body { font: 12pt/1.4 sans-serif; } p { margin: 0 0 8pt; }</style>"


def markdown() -> str:
    """The story with headings, a note, a list and a table, for pandoc."""
    lines = ["---", f"title: {TITLE}", f"author: {AUTHOR}", "date: 2024-05-17", "lang: en-GB", "---", ""]
    for number, paragraph in enumerate(story()):
        if number in HEADINGS:
            lines += [f"## {HEADINGS[number]}", ""]
        lines += [paragraph + ("[^1]" if number == 1 else ""), ""]
    lines += ["- The first barge carried grain.", "- The second barge carried timber.", ""]
    lines += ["| Lock | Height |", "|------|--------|", "| Vendel | 4.2 m |", "| Ostra | 3.9 m |", ""]
    return "\n".join([*lines, "[^1]: The ledger is kept in the town archive.", ""])


def page(style: str, times: int) -> str:
    """The story as a web page."""
    rows = []
    for number, paragraph in enumerate(story(times)):
        if number in HEADINGS:
            rows.append(f"<h2>{HEADINGS[number]}</h2>")
        rows.append(f"<p>{html.escape(paragraph)}</p>")
    head = f"<!doctype html><html lang=en><meta charset=utf-8><title>{TITLE}</title>{style}"
    return f"{head}<h1>{TITLE}</h1>{''.join(rows)}"


def print_to_pdf(source: str, target: Path, header: bool) -> None:
    """Prints a web page as a browser does."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        tab = browser.new_page()
        tab.set_content(source)
        tab.pdf(path=target, format="A4", display_header_footer=header)
        browser.close()


def convert(source: Path, kind: str, target: Path) -> None:
    """Converts a document with LibreOffice."""
    with tempfile.TemporaryDirectory() as folder:
        profile = f"-env:UserInstallation={Path(folder, 'profile').as_uri()}"
        command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", folder, str(source)]
        subprocess.run(command, check=True, capture_output=True)
        made = next(path for path in Path(folder).iterdir() if path.is_file())
        target.write_bytes(made.read_bytes())


def main(folder: Path) -> None:
    """Writes all documents."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        source = Path(work, "story.md")
        source.write_text(markdown(), "utf-8")
        for suffix in ("docx", "odt", "rtf", "pptx", "epub"):
            subprocess.run(["pandoc", "-s", source, "-o", folder / f"pandoc.{suffix}"], check=True)
    written = folder / "pandoc.odt"
    for name, kind in (
        ("libreoffice.docx", "docx:MS Word 2007 XML"),
        ("libreoffice.rtf", "rtf:Rich Text Format"),
        ("libreoffice.odt", "odt:writer8"),
        ("libreoffice.pdf", "pdf:writer_pdf_Export"),
    ):
        convert(written, kind, folder / name)
    convert(folder / "pandoc.pptx", "pptx:Impress MS PowerPoint 2007 XML", folder / "libreoffice.pptx")
    print_to_pdf(page(PLAIN, 3), folder / "chromium.pdf", header=True)
    print_to_pdf(page(COLUMNS, 3), folder / "chromium-columns.pdf", header=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
