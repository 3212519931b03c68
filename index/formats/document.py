"""Makes a ``Draft`` of the paragraphs that a document's reader found, with a title, author and date that make sense."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from ..errors import SourceError
from ..reading import TITLE_LIMIT, Draft, as_language, draft_from_text, normalise

MAX_CHARACTERS = 20_000_000
"""Of one document's text: some ten thousand pages."""
SEPARATOR = "\n\n"
"""Between two paragraphs of an article's text."""
CELL_SEPARATOR = " | "
"""Between the cells of a table's row, which becomes a line."""

Paragraph = TypeVar("Paragraph")
"""What a reader keeps of a paragraph that is open."""
RAISED = "\x1e"
"""A reader puts it before small raised text, which may be the number of a note."""
_LONG_ROW = 600
"""Characters; a table whose rows hold more is there for the layout, and its cells hold paragraphs."""


@dataclass(frozen=True, slots=True)
class Properties:
    """What a document says about itself, each None when it does not, or when what it says is a program's filler."""

    title: str | None = None
    author: str | None = None
    published: date | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, list item or row of a table.

    Attributes:
        text: one or more lines, stripped.
        heading: whether it stands above text.
        page: the page or slide on which it begins, from 0.
    """

    text: str
    heading: bool = False
    page: int = 0


def properties(title: str | None, author: str | None, published: str | None, language: str | None) -> Properties:
    """Properties as they stand in a file, without those that a program filled in."""
    if author in _TEMPLATE_AUTHORS:
        author = published = None
    return Properties(_sensible_title(title), _sensible_author(author), _day(published), as_language(language))


_TEMPLATE_AUTHORS = ("python-docx", "Steve Canny")
"""In the templates of the libraries that wrote the file; the date beside them is the template's."""


def draft_of(source: str, blocks: Sequence[Block], known: Properties, pages: int | None = None) -> Draft:
    """The article that a document's blocks make.

    Args:
        source: the file's name, for messages.
        blocks: in reading order; their pages never go down.
        known: what the document says about itself.
        pages: how many pages or slides there are, when its readers know them by number.

    Raises:
        SourceError: there is no text in the blocks, or far too much.
    """
    kept = [(block, text) for block in blocks if (text := tidy(block.text))]
    starts: list[int] = []
    length = 0
    for block, text in kept:
        starts += [length] * (min(block.page + 1, pages or 0) - len(starts))
        length += len(text) + len(SEPARATOR)
    check_length(source, length)
    whole = SEPARATOR.join(text for _, text in kept)
    starts += [len(whole)] * ((pages or 0) - len(starts))
    heading = next((text for block, text in kept if block.heading and len(text) <= TITLE_LIMIT), None)
    return drafted(source, whole, known, heading, starts)


def drafted(source: str, text: str, known: Properties, heading: str | None, page_starts: Sequence[int]) -> Draft:
    """The article of a text that is ready, with the title that the document has, or its heading, or its first line.

    Raises:
        SourceError: there is no letter and no digit in the text.
    """
    draft = draft_from_text(source, text, known.title or heading)
    return dataclasses.replace(
        draft,
        author=known.author,
        published=known.published,
        language=known.language,
        page_starts=tuple(page_starts),
    )


def row_blocks(cells: Sequence[Sequence[Block]]) -> list[Block]:
    """A table's row: one line, or, where its cells are as long as paragraphs, the paragraphs of one after the other."""
    filled = [cell for cell in cells if cell]
    if not filled:
        return []
    if any(len(cell) > 1 for cell in filled) or sum(len(cell[0].text) for cell in filled) > _LONG_ROW:
        return [block for cell in filled for block in cell]
    line = CELL_SEPARATOR.join(" ".join(cell[0].text.split()) for cell in filled)
    return [Block(line, len(filled) == 1 and filled[0][0].heading, filled[0][0].page)]


class Placing(Generic[Paragraph]):
    """Where the blocks of a document's XML go while it streams by.

    What stands inside an open paragraph (a text box, a frame) follows the paragraph; what stands in a table waits for
    the end of its row; all else is running text.
    """

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._paragraphs: list[Paragraph] = []
        self._rows: list[list[list[Block]]] = []
        self._beside: list[Block] = []

    def _put(self, block: Block) -> None:
        if self._paragraphs:
            self._beside.append(block)
        elif self._rows:
            if self._rows[-1]:
                self._rows[-1][-1].append(block)
        else:
            self.blocks.append(block)

    def _put_beside(self) -> None:
        """Puts what stood inside a paragraph, once no paragraph is open any more."""
        if not self._paragraphs:
            beside, self._beside = self._beside, []
            for block in beside:
                self._put(block)

    def _end_row(self) -> None:
        for block in row_blocks(self._rows.pop()):
            self._put(block)


def check_length(source: str, characters: int) -> None:
    """Raises ``SourceError`` when a document has more text than any that a person wrote."""
    if characters > MAX_CHARACTERS:
        raise SourceError(source, f"holds more than {MAX_CHARACTERS // 1_000_000} million characters; split it")


_SPACES = re.compile(r"[^\S\n]+")
_LINE_ENDS = re.compile(r" ?\n ?")
_MANY_LINE_ENDS = re.compile(r"\n{2,}")


_NOTE_NUMBER = re.compile(rf"([^\W\d_]{{3}}|[.,;:!?”’\"'»)\]])(?:{RAISED}[\d,*†]{{1,3}})+(?=\W|$)")


def without_note_numbers(text: str) -> str:
    """Text without the raised numbers that follow a word or a sentence; those in ``m²`` and the like stay."""
    return _NOTE_NUMBER.sub(r"\1", text)


def tidy(text: str) -> str:
    """Normalised text of one block: single spaces, no blank lines, no hyphens that show only at a line's end."""
    text = _SPACES.sub(" ", normalise(without_note_numbers(text)).replace("\u00ad", ""))
    return _MANY_LINE_ENDS.sub("\n", _LINE_ENDS.sub("\n", text)).strip()


_FILLER_TITLE = re.compile(
    r"(microsoft (word|powerpoint|office word)\b.*|untitled\b.*|unbenannt\b.*|sans titre\b.*|document ?\d*|doc ?\d*"
    r"|dokument ?\d*|(power ?point )?presentation ?\d*|pr[äe]sentation ?\d*|slide ?\d*|layout ?\d*|template|title|titel"
    r"|no title|none|null|\(?(anonymous|unspecified)\)?|unknown|about:blank|print|scan\w*|[\W\d_]*"
    r"|.*\.(docx?|odt|rtf|pptx?|pdf|indd|qxp|qxd|tex|dvi|ps|pub|pages|xlsx?|html?|txt|md|tmp))",
    re.IGNORECASE,
)
_FILLER_AUTHOR = re.compile(
    r"(\(?anonymous\)?|\(?unspecified\)?|administrator|admin|author|autor|default( user)?|guest|home|laptop|none|null"
    r"|office|owner|pc|root|test|unknown|unbekannt|user\d*|(microsoft )?office[- ]user|windows[- ]user"
    r"|microsoft|[\W\d_]*|https?:.*)",
    re.IGNORECASE,
)


def _sensible_title(value: str | None) -> str | None:
    line = " ".join(normalise(value or "").split())
    return None if not line or len(line) > TITLE_LIMIT or _FILLER_TITLE.fullmatch(line) else line


def _sensible_author(value: str | None) -> str | None:
    line = " ".join(normalise(value or "").split())
    return None if not line or len(line) > TITLE_LIMIT or _FILLER_AUTHOR.fullmatch(line) else line


_DAY = re.compile(r"\s*(?:D:)?(\d{4})-?(\d\d)?-?(\d\d)?")


def _day(value: str | None) -> date | None:
    """The day of ``2024-03-05T10:00:00Z`` or of PDF's ``D:20240305100000``; a year or month alone is no day."""
    match = _DAY.match(value or "")
    if not match or not match[2] or not match[3]:
        return None
    try:
        day = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None
    return day if day.year >= 1980 else None
