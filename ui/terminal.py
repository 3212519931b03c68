"""Shows answers, passages, lists and reports in a terminal or a pipe, from the dictionaries of ``as_json``.

On a terminal, lines are wrapped and words are marked. In a pipe, each quote and each row is written as it is, so that
other programs find whole lines. Everything is built as ``Text``: nothing is read as markup.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from .marking import plain, question_words, visible

Json = dict[str, Any]

WIDEST = 100
"""Columns; longer lines are hard to read."""
EXCERPT = 300
"""Characters that are shown of a passage which is only related."""
_WORDS_FOR = ((0.85, "high"), (0.65, "good"), (0.45, "fair"), (0.0, "low"))


def console_for(stream: TextIO) -> Console:
    """A console that interprets no markup, emoji names or numbers in what it prints."""
    console = Console(file=stream, markup=False, emoji=False, highlight=False)
    if console.is_terminal and console.width > WIDEST:
        console.width = WIDEST
    return console


def tell(line: str, *, prefix: str = "pullquote: ") -> None:
    """Writes one line to stderr."""
    print(prefix + plain(line), file=sys.stderr, flush=True)


def show_answer(console: Console, answer: Json) -> None:
    """The quotes with their sources and confidence, or that there is no answer, why, and what is related."""
    if answer["question"] != answer["asked"] and answer["text"] != answer.get("note"):  # else nothing was searched
        _line(console, Text(f"Searched: {plain(answer['question'])}", "italic"))
    if not answer["answered"]:
        _line(console, Text(plain(answer["text"]), "bold"))
        if answer["nearest"]:
            _line(console, Text(""))
            _line(console, Text("Nearest passages, not an answer:"))
        for number, hit in enumerate(answer["nearest"], 1):
            _line(console, Text(""))
            _entry(console, number, Text(_excerpt(hit["text"])), [_about(hit["article"])])
        return
    if answer.get("note"):
        _line(console, Text(plain(answer["note"]), "bold"))
    for number, quote in enumerate(answer["quotes"], 1):
        if number > 1:
            _line(console, Text(""))
        _show_quote(console, number, quote, answer["question"])


def show_written(console: Console, items: Iterable[Json]) -> None:
    """What a language model wrote, each sentence as it comes; a notice about it goes to stderr."""
    notice: str | None = None
    told = 0
    for item in items:
        if "notice" in item:
            notice = item["notice"]
            continue
        if not told:
            _line(console, Text("Written by a language model, and checked against the quotes below:", "italic"))
        told += 1
        line = Text(f"{plain(item['text'])} {''.join(f'[{number}]' for number in item['numbers'])}".rstrip())
        if not item["supported"]:
            line = Text(f"Not supported: {line.plain} ({plain(item['why'])})", "dim")
        _line(console, line, 3)
        console.file.flush()
    if told:
        _line(console, Text(""))
        console.file.flush()
    if notice is not None:
        tell(notice, prefix="Note: ")


def show_hits(console: Console, hits: Sequence[Json], question: str) -> None:
    """Passages, best first, each with its source and what its score is made of."""
    if not hits:
        _line(console, Text("No passage was found.", "bold"))
    for number, hit in enumerate(hits, 1):
        if number > 1:
            _line(console, Text(""))
        parts = hit["explain"]
        score = f"Score {hit['score']:.3f}: meaning {parts['dense']:.3f}, words {parts['lexical']:.2f}"
        body = _marked(hit["text"], question_words(hit["text"], question), "underline", whole=console.is_terminal)
        _entry(console, number, body, [_about(hit["article"]), Text(score, "dim")])


def show_articles(console: Console, articles: Sequence[Json]) -> None:
    """A table on a terminal; in a pipe one line an article: id, title, date, author, source, with tabs between."""
    if not console.is_terminal:
        for article in articles:
            _line(console, Text("\t".join(_row(article))))
        return
    if not articles:
        _line(console, Text("There are no articles in the index yet."))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, options in (
        ("Id", {"justify": "right"}),
        ("Title", {"ratio": 3, "overflow": "fold"}),
        ("Date", {"no_wrap": True}),
        ("Author", {"ratio": 1}),
        ("Source", {"ratio": 3, "overflow": "fold"}),
    ):
        table.add_column(name, **options)
    for article in articles:
        table.add_row(*(Text(cell) for cell in _row(article)))
    console.print(table)


def show_stats(console: Console, stats: Json) -> None:
    """Figures about an index, one a line."""
    model = stats["model"]
    rows = (
        ("Index", plain(stats["folder"])),
        ("Articles", f"{stats['articles']:,}"),
        ("Passages", f"{stats['passages']:,}"),
        ("Size", size(stats["bytes"])),
        ("Model", plain(f"{model['name']} ({model['revision']}, {model['dimension']} dimensions)")),
        ("Search", plain(stats["vectors"])),
        ("Splitter", plain(stats["splitter"])),
    )
    for name, value in rows:
        _line(console, Text.assemble((f"{name}:".ljust(10), "bold"), value))


def show_verified(console: Console, report: Json) -> None:
    """What ``verify`` found: a line for each thing that was mended, is lost or differs, and a line for the whole."""
    for line in report["repaired"]:
        _line(console, Text(f"Mended: {plain(line)}"))
    for line in report["lost"]:
        _line(console, Text(f"Lost: {plain(line)}", style="bold"))
    for problem in report["problems"]:
        _line(console, Text(f"Differs: {plain(problem['what'])}", style="bold"))
    checked = f"{report['articles']:,} articles and {report['passages']:,} passages checked"
    verdict = "the index is whole." if report["whole"] else "the index is not whole."
    advice = " `pullquote verify --repair` mends what can be mended." if report["problems"] else ""
    _line(console, Text(f"{checked}: {verdict}{advice}"))


def removed_line(gone: Sequence[Json], named: int) -> str:
    """What ``remove`` did, in one or two sentences."""
    line = f"Removed “{plain(gone[0]['title'])}”." if len(gone) == 1 else f"Removed {len(gone):,} articles."
    left = named - len(gone)
    if left:
        line += f" {left:,} of those named stay, because their text is in another file as well."
    return line


_PLANNED = 20
"""Sources of each kind that a dry run names."""


def show_plan(console: Console, report: Json) -> None:
    """What ``sync`` would do to which sources, the first of each kind."""
    moved = [f"{place(pair['from'])} → {place(pair['to'])}" for pair in report["moved"]]
    named = {kind: [place(source) for source in report[kind]] for kind in ("added", "updated", "duplicates", "removed")}
    kinds = (
        ("add", named["added"]),
        ("update", named["updated"]),
        ("add as another copy", named["duplicates"]),
        ("move", moved),
        ("remove", named["removed"]),
    )
    for verb, lines in kinds:
        for line in lines[:_PLANNED]:
            console.print(Text(plain(f"would {verb}: {line}")), soft_wrap=True)
        if len(lines) > _PLANNED:
            console.print(Text(f"would {verb}: {len(lines) - _PLANNED:,} more"), soft_wrap=True)
    _show_unread(console, report["unread"])


def _show_unread(console: Console, links: Sequence[Json]) -> None:
    """What a dry run leaves open: links that it did not fetch."""
    new = Counter(link["feed"] for link in links if link["feed"] is not None)
    again = [link["source"] for link in links if link["feed"] is None]
    for feed, count in new.items():
        console.print(Text(plain(f"would look at {count:,} new link{'s' * (count != 1)} of {feed}")), soft_wrap=True)
    for link in again[:_PLANNED]:
        console.print(Text(plain(f"would look again at {link}, which may have changed")), soft_wrap=True)
    if len(again) > _PLANNED:
        console.print(Text(f"would look again at {len(again) - _PLANNED:,} more links"), soft_wrap=True)
    if links:
        console.print(Text("What these links hold is known only when they are fetched, which a dry run does not do."))


def added_line(report: Json) -> str:
    """What ``add`` or ``sync`` did, or would do, and what there is now."""
    count = len(report["added"])
    parts = [f"{count:,} article{'' if count == 1 else 's'} added"]
    parts += [
        f"{len(report[name]):,} {words}"
        for name, words in (
            ("updated", "updated"),
            ("unchanged", "unchanged"),
            ("duplicates", "with the text of another"),
            ("failed", "failed"),
            ("moved", "moved"),
            ("removed", "removed"),
        )
        if report.get(name)
    ]
    held = report["articles"]
    if report.get("dry_run"):
        return f"Nothing was changed. In a real run: {', '.join(parts)}."
    return f"{', '.join(parts)}. The index holds {held:,} article{'' if held == 1 else 's'}."


def size(count: int) -> str:
    """Bytes in words."""
    for unit, step in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= step:
            return f"{count / step:.1f} {unit}"
    return f"{count} bytes"


def confidence(value: float) -> str:
    """A probability in a word and per cent."""
    return f"{confidence_word(value)} ({value:.0%})"


def confidence_word(value: float) -> str:
    """A probability in a word."""
    return next(word for least, word in _WORDS_FOR if value >= least)


def _show_quote(console: Console, number: int, quote: Json, question: str) -> None:
    text, start = quote["text"], quote["start"]
    if quote["answer_start"] is not None and quote["answer_end"] is not None:
        spans, style = [(quote["answer_start"] - start, quote["answer_end"] - start)], "bold black on yellow"
    else:
        spans, style = question_words(text, question), "underline"
    body = Text("“")
    if quote["context"]:
        context = visible(" ".join(quote["context"].split()))
        body = Text.assemble((f"{context} ", "dim"), "“")
    body.append_text(_marked(text, spans, style, whole=console.is_terminal))
    body.append("”")
    about = _about(quote["article"])
    if quote["page"] is not None:
        about.append(f" · page {quote['page']}")
    details = [about, Text(f"Confidence: {confidence(quote['confidence'])}")]
    details += [Text("Also in: ", "dim").append_text(_about(article)) for article in quote["also_in"]]
    _entry(console, number, body, details)


def _marked(text: str, spans: Iterable[tuple[int, int]], style: str, *, whole: bool) -> Text:
    """A quote's text with some of its words marked.

    Args:
        text: the quote, which is not changed.
        spans: what to mark, in the text's characters, in order.
        style: how.
        whole: show its line breaks as spaces, because the terminal wraps lines itself.
    """
    result = Text()
    done = 0
    for start, end in (*spans, (len(text), len(text))):
        for piece, piece_style in ((text[done:start], ""), (text[start:end], style)):
            shown = visible(piece)
            result.append(shown.replace("\n", " ") if whole else shown, piece_style)
        done = end
    return result


def _about(article: Json) -> Text:
    """Where a quote stands: title, date, author, source."""
    about = Text(plain(article["title"]), "bold")
    for value in (article["published"], article["author"], place(article["source"])):
        if value:
            about.append(f" · {plain(value)}", "not bold")
    return about


def _row(article: Json) -> tuple[str, ...]:
    values = (article["title"], article["published"], article["author"], place(article["source"]))
    return (str(article["id"]), *(plain(value or "") for value in values))


def place(source: str) -> str:
    """A source as a person would write it: a file below the working folder by its relative path."""
    try:
        relative = os.path.relpath(source) if Path(source).is_absolute() else source
    except (OSError, ValueError):  # the working folder is gone, or the file is on another drive
        return source
    return source if relative.startswith(os.pardir) else relative


def _excerpt(text: str) -> str:
    joined = visible(" ".join(text.split()))
    return joined if len(joined) <= EXCERPT else f"{joined[:EXCERPT].rsplit(' ', 1)[0]} …"


def _entry(console: Console, number: int, body: Text, details: Sequence[Text]) -> None:
    """A numbered text, and lines about it below."""
    indent = len(f"{number}. ")
    if console.is_terminal:
        grid = Table.grid()
        grid.add_column(width=indent)
        grid.add_column()
        grid.add_row(f"{number}.", body)
        console.print(grid)
    else:
        _line(console, Text(f"{number}. ").append_text(body))
    for line in details:
        _line(console, line, indent)


def _line(console: Console, text: Text, indent: int = 0) -> None:
    if console.is_terminal:
        console.print(Padding(text, (0, 0, 0, indent), expand=False))
    else:
        # Not through print(), which would make spaces of tabs, in a quote as well.
        console.file.write(f"{' ' * indent}{text.plain}\n")
