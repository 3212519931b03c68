"""A program of its own that takes the text out of a PDF: PDFium is native code, and only a process can be stopped.

A PDF may make PDFium compute for hours, fill the memory or crash. The reader starts this file as a script, gives it
the PDF on standard input and reads a JSON object per line: first what the document is, then one for each page. It
imports nothing of the package, so that it starts within a tenth of a second.
"""

from __future__ import annotations

import ctypes
import faulthandler
import json
import math
import sys
from collections.abc import Iterator
from typing import Any

_HYPHENS = (0x2, 0xFFFE)
"""What PDFium gives for a hyphen at a line's end."""
_WIDE_GAP = 0.7
_LEAST_OVERLAP = 0.4
_SMALL = 0.8
_RAISED_BY = 0.15
_RAISED = "\x1e"
_DESCENT = 0.2
"""Of a letter's size, so much lies below the base line."""
_SLANT = 0.17
"""Radians, ten degrees; text that is neither upright nor on its side is a watermark."""
_LITTLE_TEXT = 200
"""Characters; a page with fewer may be a picture with a stamp or a page number."""
_MAX_OBJECTS = 200
"""Of such a page, so many objects are looked at for a picture."""


def main(max_pages: int, page_seconds: float, max_characters: int, max_pieces: int, max_memory: int) -> None:
    """Reads a PDF from standard input and writes its text, with the place of each piece, to standard output."""
    _limit_memory(max_memory)
    faulthandler.dump_traceback_later(page_seconds, exit=True)
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
    except pypdfium2.PdfiumError as error:
        _write({"error": "encrypted" if "password" in str(error).lower() else "damaged"})
        return
    pages = len(document)
    _write({"pages": pages, "properties": document.get_metadata_dict()})
    characters = pieces = 0
    for number in range(pages if pages <= max_pages else 0):  # too many are refused
        faulthandler.dump_traceback_later(page_seconds, exit=True)
        try:
            page = _page(document, number)
        except pypdfium2.PdfiumError:
            page = {"runs": [], "picture": False, "damaged": True}
        characters += sum(len(run[0]) for run in page["runs"])
        pieces += len(page["runs"])
        _write(page)
        if characters > max_characters or pieces > max_pieces:
            break
    faulthandler.cancel_dump_traceback_later()


def _limit_memory(max_memory: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = max_memory if hard == resource.RLIM_INFINITY else min(max_memory, hard)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    except (OSError, ValueError):  # macOS may refuse
        return


def _write(values: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


def _page(document: Any, number: int) -> dict[str, Any]:
    import pypdfium2.raw as pdfium

    page = document[number]
    text = page.get_textpage()
    try:
        runs = list(_runs(text.raw))
        picture = False
        if sum(len(run[0]) for run in runs) < _LITTLE_TEXT:
            count = min(pdfium.FPDFPage_CountObjects(page.raw), _MAX_OBJECTS)
            kinds = (pdfium.FPDFPageObj_GetType(pdfium.FPDFPage_GetObject(page.raw, i)) for i in range(count))
            picture = any(kind in (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM) for kind in kinds)
        return {"runs": runs, "picture": picture, "damaged": False}
    finally:
        text.close()
        page.close()


def _runs(text: Any) -> Iterator[tuple[str, int, float, float, float, float]]:
    """Stretches of characters that stand beside each other: text, quarter turns, left, bottom, right, top.

    The places are those of the page when it is turned so that the text is upright.
    """
    parts: list[str] = []
    turn = 0
    left = bottom = right = top = 0.0
    space = False
    for character, place in _characters(text):
        if place is None:
            space = True
            continue
        new_turn, new_left, new_bottom, new_right, new_top = place
        height = min(top - bottom, new_top - new_bottom)
        overlap = min(top, new_top) - max(bottom, new_bottom)
        beside = (
            turn == new_turn
            and overlap >= _LEAST_OVERLAP * height
            and -(top - bottom) <= new_left - right <= _WIDE_GAP * max(top - bottom, 1.0)
        )
        if parts and not beside:
            yield "".join(parts), turn, left, bottom, right, top
            parts = []
        if not parts:
            turn, left, bottom, right, top = place
        elif space:
            parts.append(" ")
        if new_top - new_bottom > top - bottom:
            bottom, top = new_bottom, new_top
        elif new_top - new_bottom < _SMALL * (top - bottom) and new_bottom - bottom > _RAISED_BY * (top - bottom):
            parts.append(_RAISED)
        right = max(right, new_right)
        space = False
        parts.append(character)
    if parts:
        yield "".join(parts), turn, left, bottom, right, top


def _characters(text: Any) -> Iterator[tuple[str, tuple[int, float, float, float, float] | None]]:
    """Each character with its place; white space has none."""
    import pypdfium2.raw as pdfium

    box, matrix = pdfium.FS_RECTF(), pdfium.FS_MATRIX()
    x, y = ctypes.c_double(), ctypes.c_double()
    for index in range(pdfium.FPDFText_CountChars(text)):
        code = pdfium.FPDFText_GetUnicode(text, index)
        if code in _HYPHENS:
            code = 0x2D
        if code <= 0x20 or code == 0xA0 or code > 0x10FFFF:
            yield " ", None
            continue
        turn = _quarter_turns(pdfium.FPDFText_GetCharAngle(text, index))
        if (
            turn is None
            or not pdfium.FPDFText_GetLooseCharBox(text, index, ctypes.byref(box))
            or not pdfium.FPDFText_GetCharOrigin(text, index, ctypes.byref(x), ctypes.byref(y))
            or not pdfium.FPDFText_GetMatrix(text, index, ctypes.byref(matrix))
        ):
            continue
        # Boxes reach as far as the font says, which may be wrong, or as the letter does; base line and size are sure.
        size = abs(pdfium.FPDFText_GetFontSize(text, index)) * math.hypot(matrix.c, matrix.d)
        if all(map(math.isfinite, (box.left, box.bottom, box.right, box.top, x.value, y.value, size))):
            left, _, right, _ = _turned(turn, box.left, box.bottom, box.right, box.top)
            _, base, _, _ = _turned(turn, x.value, y.value, x.value, y.value)
            yield chr(code), (turn, left, base - _DESCENT * size, right, base + (1 - _DESCENT) * size)


def _quarter_turns(angle: float) -> int | None:
    turns = angle / (math.pi / 2)
    nearest = round(turns)
    return nearest % 4 if abs(turns - nearest) * math.pi / 2 <= _SLANT else None


def _turned(turn: int, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
    if turn == 0:
        return left, bottom, right, top
    if turn == 1:
        return bottom, -right, top, -left
    if turn == 2:
        return -right, -top, -left, -bottom
    return -top, left, -bottom, right


if __name__ == "__main__":
    sys.path[:0] = sys.argv[6:]
    main(int(sys.argv[1]), float(sys.argv[2]), *map(int, sys.argv[3:6]))
