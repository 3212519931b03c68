"""``pullquote check``: whether the quotations of a draft stand in the articles, and what differs where they do not."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .command_support import FAILED, opened, print_result
from .options import IndexOption, JsonOption

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

Json = dict[str, Any]

_MOST_PLACES = 3
"""Articles, or pages of them, that are shown for one quotation; ``--json`` has them all."""
_SHOWN = 200
"""Characters of a quotation that is verbatim or was not found; an altered one is shown as a whole."""
_STYLES = {"verbatim": "green", "altered": "bold yellow", "not found": "bold red"}
_DRAFT_STYLE, _SOURCE_STYLE = "bold black on yellow", "bold black on green"


def check(
    draft: Annotated[
        str,
        typer.Argument(metavar="DRAFT", help="The draft: text, Markdown, Word or another format; - is standard input."),
    ],
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> int:
    """Checks every quotation of a draft: is it verbatim in the articles, in which one, and if not, what differs.

    A quotation is what stands in quotation marks of any kind or in a block quote of Markdown. The shape of quotation
    marks, dashes and spaces may differ; a digit, a name, a "not" or any other word may not. What differs is shown
    between [[ and ]], or in colour.

    The exit code is 1 when any quotation is not verbatim.
    """
    from .as_json import checked_json

    text = _draft(draft)
    with opened(index) as articles:
        from qa import check_draft

        from .progress import counting_bar

        with counting_bar("Checking") as progress:
            checked = check_draft(articles, text, progress=progress)
    rows = [checked_json(one, text) for one in checked]
    counts = {verdict: sum(row["verdict"] == verdict for row in rows) for verdict in _STYLES}
    document = {"draft": draft, "quotations": rows, "counts": counts}
    print_result(as_json, document, lambda console: show_checked(console, rows, counts))
    return 0 if counts["verbatim"] == len(rows) else FAILED


def _draft(name: str) -> str:
    from qa.checking import draft_text, read_draft

    if name == "-":
        return draft_text("standard input", sys.stdin.buffer.read())
    return read_draft(Path(name).expanduser())


def show_checked(console: Console, rows: Sequence[Json], counts: dict[str, int]) -> None:
    """A block for each quotation, and a line for the whole."""
    from rich.text import Text

    for number, row in enumerate(rows, 1):
        _show_row(console, number, row)
        _line(console, Text(""))
    if not rows:
        _line(console, Text("There are no quotations in the draft."))
        return
    parts = [f"{count:,} {verdict}" for verdict, count in counts.items() if count]
    _line(console, Text(f"{len(rows):,} quotation{'' if len(rows) == 1 else 's'}: {', '.join(parts)}.", "bold"))


def _show_row(console: Console, number: int, row: Json) -> None:
    from rich.text import Text

    from .marking import plain

    verdict = row["verdict"]
    head = Text(f"{number}. ")
    head.append(verdict.capitalize(), _STYLES[verdict])
    if row["differences"]:
        kinds = dict.fromkeys(difference["kind"] for difference in row["differences"])
        head.append(f": {', '.join(kinds)}")
    head.append(f" (line {row['line']}{_cited(row['citations'])})", "dim")
    _line(console, head)
    marked = console.is_terminal and not console.no_color
    if verdict == "altered":
        place = row["places"][0]
        here = [(one["start"], one["end"]) for one in row["differences"]]
        there = [
            (one["source_start"] - place["start"], one["source_end"] - place["start"]) for one in row["differences"]
        ]
        body = Text("Draft:   “").append_text(_with_marks(row["quotation"], here, _DRAFT_STYLE, marked)).append("”")
        _line(console, body, 3)
        body = Text("Article: “").append_text(_with_marks(place["text"], there, _SOURCE_STYLE, marked)).append("”")
        _line(console, body, 3)
    else:
        _line(console, Text(f"“{_shortened(row['quotation'])}”"), 3)
    places = {(place["article"]["id"], place["page"]): place for place in reversed(row["places"])}
    for place in list(places.values())[: -_MOST_PLACES - 1 : -1]:
        _line(console, _about(place), 3)
    rest = len(places) - _MOST_PLACES
    if rest > 0:
        _line(console, Text(f"and {rest:,}{' or more' if row['more'] else ''} other places", "dim"), 3)
    notes = [*row["notes"], *([] if row["closed"] else ["Its closing quotation mark is missing."])]
    for note in notes:
        _line(console, Text(plain(note), "dim"), 3)


def _cited(citations: Sequence[int]) -> str:
    return f", cited as {', '.join(f'[{number}]' for number in citations)}" if citations else ""


def _shortened(text: str) -> str:
    from .marking import visible

    joined = " ".join(text.split())
    return visible(joined if len(joined) <= _SHOWN else f"{joined[:_SHOWN].rsplit(' ', 1)[0]} …")


def _with_marks(text: str, spans: Sequence[tuple[int, int]], style: str, coloured: bool) -> Text:
    """A text in one line with what differs in colour, or between double brackets where there is no colour."""
    from rich.text import Text

    from .marking import visible

    result = Text()
    done = 0
    for start, end in sorted({span for span in spans if span[0] < span[1]}):
        if start < done:
            continue
        result.append(visible(_one_line(text[done:start])))
        piece = visible(_one_line(text[start:end]))
        result.append(piece if coloured else f"[[{piece}]]", style)
        done = end
    return result.append(visible(_one_line(text[done:])))


def _one_line(text: str) -> str:
    """White space in single spaces, also at either end, because the text goes on there."""
    inner = " ".join(text.split())
    if not inner:
        return " " if text else ""
    return f"{' ' if text[0].isspace() else ''}{inner}{' ' if text[-1].isspace() else ''}"


def _about(place: Json) -> Text:
    """Where a quotation stands: title, date, author, source, page."""
    from rich.text import Text

    from .marking import plain
    from .terminal import place as shown

    article = place["article"]
    about = Text(plain(article["title"]), "bold")
    for value in (article["published"], article["author"], shown(article["source"])):
        if value:
            about.append(f" · {plain(value)}", "not bold")
    if place["page"] is not None:
        about.append(f" · page {place['page']}", "not bold")
    return about


def _line(console: Console, text: Text, indent: int = 0) -> None:
    from rich.padding import Padding

    if console.is_terminal:
        console.print(Padding(text, (0, 0, 0, indent), expand=False))
    else:
        console.file.write(f"{' ' * indent}{text.plain}\n")
