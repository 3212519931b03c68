"""Adds articles while the page looks on: files, links and feeds; how far it has come, and a report at the end.

Files that are dropped on the page are copied into a folder beside the index, so that they stay after the browser has
gone; nothing is written outside of it. A folder keeps its own folders there: its files come named by their way in it
(see ``page.js``). The index is only locked while articles are added.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from index import AddReport, ArticleIndex, Progress, PullquoteError, StorageError, formats
from index.files import replace_file

from .article_view import literal, source_name
from .html import button
from .words import counted, say, told

UPLOADS = "uploads"
"""The folder, in the index's own, that keeps dropped files."""
MOST_FILES = 1000
"""Files in one drop; more are better given as a zip."""
LARGEST_FILE = "50mb"
SLASH = "∕"
"""What stands in the name of a file from a folder between the folders; no browser sends a path."""
_DEEPEST = 8
_SHOWN_EVERY = 0.25
_FAILURES = 200
_UNSAFE = re.compile(r"[^\w.() -]|^\.+", re.UNICODE)
_LINK = re.compile(r"https?://\S+")


@dataclass(slots=True)
class Job:
    """One run of adding; the thread writes, the page reads."""

    began: float = field(default_factory=time.monotonic)
    progress: Progress | None = None
    report: AddReport | None = None
    error: str = ""
    broken: bool = False
    stopping: threading.Event = field(default_factory=threading.Event)


class Adding:
    """Runs one job at a time for all pages of a server."""

    def __init__(self, index: ArticleIndex) -> None:
        self._index = index
        self._lock = threading.Lock()
        self._job: Job | None = None

    def run(self, sources: Sequence[str]) -> Iterator[str]:
        """Adds sources, and says again and again in HTML how far it has come; the last thing said is the report."""
        with self._lock:
            if self._job is not None and not _over(self._job):
                yield f'<div class="pq-note">{say("adding_already")}</div>'
                return
            job = self._job = Job()
        threading.Thread(target=self._work, args=(job, list(sources)), name="adding", daemon=True).start()
        while not _over(job):
            yield _progress(job)
            time.sleep(_SHOWN_EVERY)
        yield _ended(job)

    def stop(self) -> None:
        """Ends what is being added; every article that is complete is kept."""
        if self._job is not None:
            self._job.stopping.set()

    def _work(self, job: Job, sources: list[str]) -> None:
        def told(progress: Progress) -> None:
            job.progress = progress

        try:
            job.report = self._index.add(sources, progress=told, stop=job.stopping.is_set)
        except PullquoteError as error:
            job.error = str(error)
        finally:
            job.broken = job.report is None and not job.error


@dataclass(frozen=True, slots=True)
class Kept:
    """Dropped files.

    Attributes:
        paths: where they are now.
        passed_over: how many of a folder were left out, because files of their kind are not read.
    """

    paths: list[str]
    passed_over: int = 0


def kept_files(index: ArticleIndex, paths: Sequence[str]) -> Kept:
    """Copies dropped files into the folder beside the index; a file of the same name and content is the same file.

    Raises:
        PullquoteError: there are too many, or the disk refused.
    """
    if len(paths) > MOST_FILES:
        raise PullquoteError(say("too_many_files", count=len(paths), most=MOST_FILES))
    kept, passed_over = [], 0
    for path in map(Path, paths):
        folders, name = safe_way(path.name)
        if folders and not _is_wanted([*path.name.split(SLASH)]):
            passed_over += 1
            continue
        folder = index.folder.joinpath(UPLOADS, *folders)
        target = folder / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            data = path.read_bytes()
            if target.exists() and target.read_bytes() != data:
                target = target.with_stem(f"{target.stem}-{hashlib.sha256(data).hexdigest()[:8]}")
        except OSError as error:
            raise StorageError(f"{name}: {error.strerror or error}") from error
        replace_file(target, data)
        kept.append(str(target))
    return Kept(kept, passed_over)


def safe_way(name: str) -> tuple[list[str], str]:
    """The folders and the name of a dropped file, none of which leads out of the folder where it is kept."""
    *folders, own = name.split(SLASH)
    return [safe_name(folder) for folder in folders if folder.strip(" .")][:_DEEPEST], safe_name(own)


def _is_wanted(way: Sequence[str]) -> bool:
    """Whether a file in a folder is of a kind that is read, and none that a system keeps for itself."""
    hidden = any(part.startswith((".", "__MACOSX")) for part in way)
    return not hidden and (not PurePath(way[-1]).suffix or formats.readable_suffix(way[-1]))


def safe_name(name: str) -> str:
    """A file's name without anything that leads out of a folder or that a file system refuses."""
    path = PurePath(name.replace("\\", "/"))
    kept = re.sub(r"[^\w]", "_", path.suffix[1:])[:11]
    return f"{_UNSAFE.sub('_', path.stem).strip()[:100] or 'file'}{'.' + kept if kept else ''}"


def links_in(text: str) -> tuple[list[str], list[str]]:
    """The links of a pasted text, one a line, and the lines that are none."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return [line for line in lines if _LINK.fullmatch(line)], [line for line in lines if not _LINK.fullmatch(line)]


def _over(job: Job) -> bool:
    return job.report is not None or bool(job.error) or job.broken


def _progress(job: Job) -> str:
    stop = button("stop_adding", "", say("stop"), "pq-tool")
    progress = job.progress
    if job.stopping.is_set():
        return f'<div class="pq-progress">{say("stopping")}</div>'
    if progress is None or not progress.total_bytes:
        return f'<div class="pq-progress"><progress></progress><span>{say("getting_ready")}</span>{stop}</div>'
    share = min(1.0, progress.done_bytes / progress.total_bytes)
    files = counted("files_done", progress.total_files, done=progress.done_files)
    words = f"{files} · {counted('passages', progress.passages)}"
    return (
        f'<div class="pq-progress"><progress max="100" value="{100 * share:.0f}"></progress>'
        f"<span>{words}{_time_left(job, share)}</span><bdi>{literal(source_name(progress.current))}</bdi>{stop}</div>"
    )


def _time_left(job: Job, share: float) -> str:
    spent = time.monotonic() - job.began
    if share < 0.02 or spent < 2:
        return ""
    left = spent / share - spent
    words = say("minutes_left", count=round(left / 60)) if left > 90 else say("seconds_left", count=max(1, round(left)))
    return f" · {words}"


def _ended(job: Job) -> str:
    report = job.report
    if report is None:
        return f'<div class="pq-note">{literal(told(job.error) or say("adding_failed"))}</div>'
    parts = [
        counted(f"count_{what}", len(sources))
        for what, sources in (
            ("added", report.added),
            ("updated", report.updated),
            ("unchanged", report.unchanged),
            ("duplicates", report.duplicates),
            ("failed", report.failed),
        )
        if sources
    ]
    stopped = f"{say('stopped')} " if report.stopped else ""
    line = f'<div class="pq-told">{stopped}{", ".join(parts) or say("nothing_added")}.</div>'
    items = "".join(
        f"<li><bdi>{literal(source_name(failure.source))}</bdi>: {literal(failure.reason)}</li>"
        for failure in report.failed[:_FAILURES]
    )
    notes = "".join(f'<div class="pq-told">{literal(note[:1].upper() + note[1:])}.</div>' for note in report.notes)
    failures = (
        f'<details class="pq-fold pq-report" open><summary>{say("what_failed")}</summary><ul>{items}</ul></details>'
    )
    files = [(source, "added") for source in report.added] + [(source, "updated") for source in report.updated]
    files += [(source, "unchanged") for source in report.unchanged]
    files += [(source, "duplicate") for source in report.duplicates]
    done = "".join(
        f"<li><bdi>{literal(source_name(source))}</bdi>: {say(f'file_{what}')}</li>"
        for source, what in files[:_FAILURES]
    )
    each = f'<details class="pq-fold pq-report"><summary>{say("file_by_file")}</summary><ul>{done}</ul></details>'
    return f"{line}{notes}{failures if items else ''}{each if done else ''}"
