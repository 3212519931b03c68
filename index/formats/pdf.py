"""PDF, by way of PDFium: text in reading order, as paragraphs, with the places where its pages begin."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import SourceError
from ..reading import TITLE_LIMIT, Draft
from .document import MAX_CHARACTERS, SEPARATOR, Properties, check_length, drafted, properties
from .pdf_layout import Line, Run, page_lines
from .pdf_paragraphs import Paragraph, paragraphs_of
from .pdf_running_heads import without_running_heads
from .pdf_words import Vocabulary, joined

MAX_PAGES = 5000
PAGE_SECONDS = 20.0
"""For a single page, and for opening the file; a dense page takes a twentieth of a second."""
TOTAL_SECONDS = 300.0
MAX_PIECES = 1_000_000
"""Of text that stand apart, most of them lines. A small file can show one page of single letters thousands of times."""
MAX_MEMORY = 3_000_000_000
"""Bytes of address space that PDFium may use."""
_FEW_LETTERS = 5
"""A page; a scan with a stamp on each page has so many."""
_TITLE_PARAGRAPHS = 12


@dataclass(frozen=True, slots=True)
class _Page:
    runs: tuple[tuple[int, Run], ...]
    picture: bool
    damaged: bool


def read_pdf(source: str, data: bytes) -> Draft:
    """A PDF: its paragraphs without running heads and page numbers, and the offset at which each page begins.

    Raises:
        SourceError: the file is encrypted, damaged, a scan without text, too large, or takes too long.
    """
    known, pages = _extracted(source, data)
    check_length(source, sum(len(run.text) for page in pages for _, run in page.runs))
    if sum(len(page.runs) for page in pages) > MAX_PIECES:
        raise SourceError(source, f"holds more than {MAX_PIECES:,} separate pieces of text; split it")
    ends = time.monotonic() + TOTAL_SECONDS
    lines = without_running_heads([_lines(page) for page in pages if _in_time(source, ends)])
    paragraphs = paragraphs_of(lines)
    vocabulary = Vocabulary(line.text for page in lines for line in page)
    texts: list[str] = []
    starts: list[int] = []
    length = 0
    for paragraph in paragraphs:
        text, offsets = joined([line.text for _, line in paragraph.lines], vocabulary)
        for (page, _), offset in zip(paragraph.lines, offsets, strict=True):
            starts += [length + offset] * (page + 1 - len(starts))
        texts.append(text)
        length += len(text) + len(SEPARATOR)
    whole = SEPARATOR.join(texts)
    _refuse_without_text(source, whole, pages)
    starts += [len(whole)] * (len(pages) - len(starts))
    return drafted(source, whole, known, _headline(paragraphs, texts), starts)


def _extracted(source: str, data: bytes) -> tuple[Properties, list[_Page]]:
    """What the worker says of a PDF."""
    output, ended_well = _worker_output(source, data)
    rows = []
    for line in output.splitlines():
        try:
            rows.append(json.loads(line))
        except ValueError:  # the worker was stopped while it wrote
            break
    if not rows:
        raise SourceError(source, "is damaged: it makes the PDF reader fail")
    head, *found = rows
    if "error" in head:
        encrypted = head["error"] == "encrypted"
        reason = "is encrypted; save it without a password" if encrypted else "is damaged: it cannot be opened as a PDF"
        raise SourceError(source, reason)
    if head["pages"] > MAX_PAGES:
        raise SourceError(source, f"has {head['pages']:,} pages, more than {MAX_PAGES:,}; split it")
    if not ended_well:
        raise SourceError(source, f"is damaged or too complex: page {len(found) + 1} of it could not be read in time")
    if not found or all(row["damaged"] for row in found):
        raise SourceError(source, "is damaged: none of its pages can be read")
    said = head["properties"]
    created = None if _is_printed_page(said.get("Creator"), said.get("Producer")) else said.get("CreationDate")
    known = properties(said.get("Title"), said.get("Author"), created, None)
    return known, [_page(row) for row in found]


_BROWSER = re.compile(
    r"skia/pdf|quartz pdfcontext|microsoft:? print to pdf|chromium|headlesschrome|wkhtmltopdf|mozilla|firefox|safari",
    re.IGNORECASE,
)


def _is_printed_page(*programs: str | None) -> bool:
    """Whether a browser or a printer's driver made the PDF: its date is the day of printing, not of the article."""
    return any(_BROWSER.search(program or "") for program in programs)


def _worker_output(source: str, data: bytes) -> tuple[str, bool]:
    """Runs the worker on a PDF; the second value is False when it was stopped or failed."""
    specification = importlib.util.find_spec("pypdfium2")
    if specification is None or specification.origin is None:
        raise SourceError(source, "cannot be read: the package pypdfium2 is missing; install Pullquote again")
    worker = Path(__file__).with_name("pdf_worker.py")
    limits = (MAX_PAGES, PAGE_SECONDS, MAX_CHARACTERS, MAX_PIECES, MAX_MEMORY)
    packages = str(Path(specification.origin).parents[1])
    # -P: the folder of the worker has modules with common names, which must not hide those of Python.
    command = [sys.executable, "-P", str(worker), *map(str, limits), packages]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=TOTAL_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise SourceError(source, f"takes longer than {TOTAL_SECONDS:.0f} seconds to read; split it") from error
    except OSError as error:
        raise SourceError(
            source, f"cannot be read: the PDF reader does not start ({error.strerror or error})"
        ) from error
    return done.stdout.decode("utf-8", "replace"), done.returncode == 0


def _in_time(source: str, ends: float) -> bool:
    """True, until it is too late.

    Raises:
        SourceError: it is.
    """
    if time.monotonic() > ends:
        raise SourceError(source, f"takes longer than {TOTAL_SECONDS:.0f} seconds to read; split it")
    return True


def _page(row: dict[str, Any]) -> _Page:
    runs = tuple((turn, Run(text, left, bottom, right, top)) for text, turn, left, bottom, right, top in row["runs"])
    return _Page(runs, bool(row["picture"]), bool(row["damaged"]))


def _refuse_without_text(source: str, text: str, pages: Sequence[_Page]) -> None:
    letters = sum(character.isalpha() for character in text)
    pictures = sum(page.picture for page in pages)
    if pictures and letters <= _FEW_LETTERS * len(pages):
        raise SourceError(
            source, "is a scan: its pages are pictures without text; have the text recognised (OCR) and add it again"
        )
    unknown = sum("\ue000" <= character <= "\uf8ff" or character == "\ufffd" for character in text)
    if unknown > letters:
        raise SourceError(
            source, "does not say which letters its fonts draw; have the text recognised (OCR) and add it again"
        )


def _lines(page: _Page) -> list[Line]:
    """The page's lines: first those written in its main direction, then what stands on its side."""
    directions = Counter[int]()
    for turn, run in page.runs:
        directions[turn] += len(run.text)
    lines: list[Line] = []
    for turn, _ in directions.most_common():
        regions = 1 + max((line.region for line in lines), default=-1)
        found = page_lines([run for other, run in page.runs if other == turn])
        lines += [dataclasses.replace(line, region=line.region + regions) for line in found]
    return lines


def _headline(paragraphs: Sequence[Paragraph], texts: Iterable[str]) -> str | None:
    """The first of the paragraphs in the largest letters at the beginning of the document."""
    large = [
        (paragraph.height, text)
        for paragraph, text in zip(paragraphs[:_TITLE_PARAGRAPHS], texts, strict=False)
        if paragraph.large and len(text) <= TITLE_LIMIT and sum(character.isalpha() for character in text) > 2
    ]
    return max(large, key=lambda each: each[0])[1] if large else None
