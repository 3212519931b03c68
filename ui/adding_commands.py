"""The commands that bring articles in and keep them in step: add, sync, watch."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from .command_support import opened, reported
from .options import IndexOption, JsonOption, PrivateOption

if TYPE_CHECKING:
    from index import ArticleIndex, Failure, SyncReport

    from .progress import Interruption

_AGAIN_SECONDS = 1.0
"""After which `watch` tries again while another process is writing."""


def add(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH|URL...", help="Files, folders with all that is below, links, feeds.")
    ],
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WHAT=NAME",
            help="In tables (.csv, .jsonl) this column is the text, title, author, date, url, language, site or id, "
            "such as text=body; may be repeated, and is kept for sync.",
        ),
    ] = None,
    allow_private: PrivateOption = False,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> int:
    """Adds articles: files, all files in folders, pages on the web, and the articles of feeds (RSS, Atom, OPML lists).

    What is in the index already, and unchanged, is passed over. A file that cannot be read is named on stderr with
    the reason, and the rest goes on; the exit code is 1 only when not one file could be added or was there already.

    Ctrl-C stops after the present batch and keeps what is done; run the same command again to go on.
    """
    columns = dict(map(_column, column or ()))
    from .progress import Interruption, progress_bar

    with Interruption() as interruption, opened(index, create=True, allow_private=allow_private) as articles:
        with progress_bar() as progress:
            report = articles.add(
                paths, columns=columns or None, progress=progress, stop=lambda: interruption.requested
            )
        return reported(articles, report, None, as_json)


def _column(said: str) -> tuple[str, str]:
    meaning, equals, name = said.partition("=")
    if not (meaning.strip() and equals and name.strip()):
        raise typer.BadParameter(f"{said!r} is not of the form WHAT=NAME, such as text=body", param_hint="--column")
    return meaning.strip(), name.strip()


def sync(
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Only show what would be done.")] = False,
    allow_private: PrivateOption = False,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> int:
    """Adds, updates and removes, so that the index matches the files, folders and links that were added to it.

    A dry run reads feeds, but of pages it only asks whether they have changed; it says what this leaves open.
    """
    from .progress import Interruption, progress_bar

    with Interruption() as interruption, opened(index, allow_private=allow_private) as articles:
        with progress_bar() as progress:
            report = articles.sync(dry_run=dry_run, progress=progress, stop=lambda: interruption.requested)
        return reported(articles, report.add, report, as_json)


def watch(index: IndexOption = None, as_json: JsonOption = False) -> int:
    """Keeps the index in step with its files and folders as they change, until Ctrl-C.

    It does what `pullquote sync` does, a moment after each change, and says what it did. Links and feeds are left to
    `pullquote sync`.
    """
    from .progress import Interruption
    from .terminal import tell
    from .watching import changes

    with Interruption("Stopping") as interruption, opened(index) as articles:
        places = articles.places()
        if not places.folders and not places.files:
            raise typer.TyperException("there is nothing to watch; add a folder first: `pullquote add FOLDER`")
        count = f"{_counted(len(places.folders), 'folder')} and {_counted(len(places.files), 'file')}"
        tell(f"Watching {count}; Ctrl-C ends it.", prefix="")
        told: set[Failure] | None = None
        for _ in changes(articles.places, articles.folder, interruption):
            report = _synced(articles, interruption)
            if report is None:
                break
            told = _tell_news(articles, report, told, as_json)
    return 0


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


def _synced(articles: ArticleIndex, interruption: Interruption) -> SyncReport | None:
    """Syncs as soon as no other process writes; None when it is to end before that."""
    from index import IndexLockedError

    from .progress import progress_bar
    from .terminal import tell

    is_told = False
    while not interruption.requested:
        try:
            with progress_bar() as progress:
                return articles.sync(links=False, progress=progress, stop=interruption.is_set)
        except IndexLockedError as error:
            if not is_told:
                tell(f"{error} (it goes on as soon as it can)")
            is_told = True
            time.sleep(_AGAIN_SECONDS)
    return None


def _tell_news(articles: ArticleIndex, report: SyncReport, told: set[Failure] | None, as_json: bool) -> set[Failure]:
    """Says what a sync did, if it did anything or is the first; failures that were told before are not told again."""
    add = report.add
    failed = set(add.failed)
    add.failed = [failure for failure in add.failed if told is None or failure not in told]
    if told is not None:
        add.notes.clear()
    did = add.added or add.updated or add.duplicates or add.failed or report.removed or report.moved
    if did or told is None or add.stopped:
        reported(articles, add, report, as_json)
    return failed
