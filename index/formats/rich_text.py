"""Rich Text Format, ``.rtf``, by way of striprtf; what it would keep or garble is taken out of its way first."""

from __future__ import annotations

import re

from ..errors import SourceError
from ..reading import Draft
from .document import CELL_SEPARATOR, Block, Properties, draft_of, properties

_CELL = "\x1f"
_LINE = "\x1e"
_MAX_FONTS = 2000
_MAX_LENGTH = 10_000_000
"""Of rich text without its pictures: two thousand pages, and some ten seconds."""

# An escaped backslash or brace comes first, so that the word after it is not taken for a control word.
_CONTROL = re.compile(
    r"\\[\\{}]"
    r"|\\(?P<left_out>listtext|deleted|v)(?![a-zA-Z0-9-])[ ]?"
    r"|\\(?P<mark>cell|nestcell|line)(?![a-zA-Z0-9-])[ ]?"
    r"|\\bin(?P<binary>\d{1,9})[ ]?"
)
_HEXADECIMAL = re.compile(r"[0-9a-fA-F\r\n ]{2000,}")  # a picture
_FONT = re.compile(r"\\f(\d{1,5})(?!\d)[^;{}]{0,300}?\\fcharset(\d{1,3})(?!\d)")
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_CODE_PAGE = re.compile(r"\\ansicpg(\d{1,5})")


def read_rtf(source: str, data: bytes) -> Draft:
    """Rich text: paragraphs, rows of tables as lines; no notes, no deleted and no hidden text.

    Raises:
        SourceError: the file is no rich text, is damaged, or holds no text.
    """
    from striprtf.striprtf import rtf_to_text

    if not data.lstrip()[:5].startswith(b"{\\rtf"):
        raise SourceError(source, "is damaged: it does not begin like rich text")
    rtf = _HEXADECIMAL.sub(
        "", data.lstrip().decode("latin-1")
    )  # RTF is ASCII; other bytes keep their values until their code page is known
    if len(rtf) > _MAX_LENGTH:
        limit = f"{_MAX_LENGTH // 1_000_000} million characters"
        raise SourceError(source, f"holds more than {limit} beside its pictures; split it, or save it as .docx")
    prepared = _prepared(rtf)
    try:
        text: str = rtf_to_text(prepared, errors="replace")
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        # The library meets damaged numbers and code pages with whatever error they cause.
        raise SourceError(source, "is damaged: it is not well-formed rich text") from error
    blocks = [_block(line) for line in _SURROGATES.sub(_joined, text).split("\n")]
    return draft_of(source, blocks, _information(prepared))


def _prepared(rtf: str) -> str:
    """The same text with what striprtf would keep made ignorable, and with bytes beyond ASCII escaped.

    Numbers of list items, deleted and hidden text become destinations to ignore. Cells and line breaks get marks of
    their own. The library's search for links is quadratic and puts addresses into the text; a space turns it off.
    """
    pieces = []
    position = 0
    while match := _CONTROL.search(rtf, position):
        pieces.append(rtf[position : match.start()])
        position = match.end()
        if match["left_out"]:
            pieces.append(rf"\*\{match['left_out']} ")
        elif match["mark"]:
            pieces.append(r"\'1e" if match["mark"] == "line" else r"\'1f")
        elif match["binary"]:
            position += int(match["binary"])  # a picture's bytes
        else:
            pieces.append(match[0])
    whole = "".join([*pieces, rtf[position:]]).replace("\\fldinst{", "\\fldinst {")
    whole = re.sub("[\x80-\xff]", lambda match: rf"\'{ord(match[0]):02x}", whole)
    return _with_short_font_table(whole)


def _with_short_font_table(rtf: str) -> str:
    """Its fonts with nothing but number and character set: the library's own search in them is slow on hostile ones."""
    from striprtf.striprtf import font_table_group

    group = font_table_group(rtf)
    if not group:
        return rtf
    fonts = _FONT.findall(group)[:_MAX_FONTS]
    rows = "\n".join(rf"{{\f{number}\fcharset{charset} x;}}" for number, charset in fonts)
    start = rtf.index(group)
    return f"{rtf[:start]}{{\\fonttbl\n{rows}}}{rtf[start + len(group) :]}"


def _joined(match: re.Match[str]) -> str:
    """A character beyond the first 65,536, which RTF writes as two halves."""
    return match[0].encode("utf-16", "surrogatepass").decode("utf-16")


def _block(line: str) -> Block:
    line = line.replace(_LINE, "\n")
    if _CELL in line:
        cells = (" ".join(cell.split()) for cell in line.split(_CELL))
        return Block(CELL_SEPARATOR.join(cell for cell in cells if cell))
    return Block(line)


def _information(rtf: str) -> Properties:
    """Title, author and day of creation as the group of information has them."""
    start = rtf.find("{\\info", 0, 1_000_000)
    if start < 0:
        return Properties()
    head = rtf[start : start + 20_000]
    created = re.search(r"\\creatim\\yr(\d{4})\\mo(\d{1,2})\\dy(\d{1,2})", head)
    day = f"{created[1]}-{int(created[2]):02}-{int(created[3]):02}" if created else None
    page = _CODE_PAGE.search(rtf, 0, 2000)
    return properties(_value(head, "title", page), _value(head, "author", page), day, None)


def _value(head: str, name: str, code_page: re.Match[str] | None) -> str | None:
    from striprtf.striprtf import rtf_to_text

    match = re.search(rf"\{{\\{name} ((?:[^{{}}\\]|\\[^{{}}]|\\[{{}}]){{0,2000}}?)\}}", head)
    if not match:
        return None
    declared = code_page[0] if code_page else ""
    try:
        text: str = rtf_to_text(rf"{{\rtf1{declared} {match[1]}}}", errors="replace")
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return None
    return _SURROGATES.sub(_joined, text)
