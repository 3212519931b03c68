"""What the commands share: opening the index, asking a running server, printing, and the exit codes."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import typer

from .options import index_folder

if TYPE_CHECKING:
    from rich.console import Console

    from index import AddReport, ArticleIndex, SyncReport

Json = dict[str, Any]

FAILED, WRONG_USAGE, INTERRUPTED = 1, 2, 130
"""Exit codes, beside 0."""


@contextlib.contextmanager
def opened(index: str | None, *, create: bool = False, allow_private: bool = False) -> Iterator[ArticleIndex]:
    """The index; what had to be mended in it is told on stderr in the end, and a new one that stays empty goes."""
    from index import ArticleIndex, Settings
    from index.folder import discard_empty

    from .terminal import tell

    settings = dataclasses.replace(Settings.from_environment(), allow_private=allow_private)
    folder = index_folder(index)
    is_new = create and not folder.exists()
    try:
        with ArticleIndex.open(folder, create=create, settings=settings) as articles:
            yield articles
            for note in articles.notes:
                tell(note, prefix="Note: ")
    finally:
        if is_new:
            discard_empty(folder, settings.lock_timeout)


def from_server(index: str | None, path: str, body: Json) -> Json | None:
    """What a server that runs on the same index answers, or None when there is none."""
    from .client import running_server

    server = running_server(index_folder(index))
    return server.post(path, body) if server else None


def reported(articles: ArticleIndex, report: AddReport, sync: SyncReport | None, as_json: bool) -> int:
    """Tells what ``add`` or ``sync`` did, or what ``sync`` would do, and returns the exit code."""
    from .terminal import added_line, place, show_plan, tell

    held = articles.counts()[0]
    for note in report.notes:
        tell(note, prefix="Note: ")
    for failure in report.failed:
        tell(f"{place(failure.source)}: {failure.reason}", prefix="Failed: ")
    if report.stopped:
        kept = f"{held:,} article{' is' if held == 1 else 's are'}"
        tell(f"Stopped. {kept} kept; run the same command again to go on.", prefix="")
    document = report.as_dict() | {"index": str(articles.folder), "articles": held}
    if sync is not None:
        moved = [{"from": before, "to": after} for before, after in sync.moved]
        unread = [dataclasses.asdict(link) for link in sync.unread]
        document |= {"removed": list(sync.removed), "moved": moved, "dry_run": sync.dry_run, "unread": unread}
    line = added_line(document)

    def show(console: Console) -> None:
        if sync is not None and sync.dry_run:
            show_plan(console, document)
        console.print(line, soft_wrap=True)

    print_result(as_json, document, show)
    if report.stopped:
        return INTERRUPTED
    came_through = bool(report.added or report.updated or report.unchanged or report.duplicates)
    came_through = came_through or (sync is not None and bool(sync.removed or sync.moved))
    return FAILED if report.failed and not came_through else 0


def confirm(what: str) -> None:
    """Asks whether to go on.

    Raises:
        typer.TyperException: the answer is no, or nobody can be asked.
    """
    if not sys.stdin.isatty():
        raise typer.TyperException(f"{what}; add --yes to do it without being asked")
    if not typer.confirm(f"{what}. Go on?", err=True):
        raise typer.TyperException("nothing was removed")


def print_result(as_json: bool, document: Json, show: Callable[[Console], None]) -> None:
    """Prints a result: as one JSON document, or as a person reads it."""
    try:
        if as_json:
            print(json_text(document))
        else:
            from .terminal import console_for

            show(console_for(sys.stdout))
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise typer.TyperException(f"the output cannot be written: {error.strerror or error}") from error


def json_text(document: Json) -> str:
    """A document as JSON that the terminal or pipe can take."""
    text = json.dumps(document, ensure_ascii=False, indent=2)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(document, indent=2)
    return text
