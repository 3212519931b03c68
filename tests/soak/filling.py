"""Fills a small disk so that each write in turn is the one for which there is no room."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from index import ArticleIndex, HashingEmbedder, StoreError

from .corpus import SETTINGS, finds, write_article
from .processes import Child

BYTES = 16_000_000
ROOM = 800_000
"""Bytes that are plenty for every action."""
FIRST, SECOND = range(20), range(20, 28)
"""Articles that are there before the disk is full, and those for which there may be no room."""


def why_not() -> str | None:
    """Why no small disk can be made here, or None when it can."""
    if os.name != "posix" or shutil.which("mount") is None:
        return "needs a system that mounts tmpfs"
    return None if os.geteuid() == 0 else "only root may mount a tmpfs"


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of ``BYTES`` in memory."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={BYTES}", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path, free: int) -> Path:
    """Leaves so many bytes free; gives the file that takes up the rest."""
    filler = disk / "filler"
    status = os.statvfs(disk)
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, status.f_bavail * status.f_frsize - free))
    return filler


def work(send: Any, index_folder: str, articles: str, action: str) -> None:
    """Adds, removes or rebuilds where there may be no room, and tells how it ended."""
    folder = Path(index_folder)
    try:
        with ArticleIndex.open(folder, settings=SETTINGS, embedder=HashingEmbedder()) as index:
            if action == "add":
                paths = [Path(articles, f"article-{number}.md") for number in SECOND]
                report = index.add(paths)
                send(("done", len(report.added) + len(report.unchanged)))
            elif action == "remove":
                gone = [index.remove(str(Path(articles, f"article-{number}.md"))) for number in FIRST[:6]]
                send(("done", len(gone)))
            else:
                send(("done", sum(finds(index, number) for number in FIRST)))
    except StoreError as error:
        send(("refused", str(error)))


def fill_at_every_write(root: Path, action: str, step: int) -> Counter[str]:
    """Runs an action with less and less room, down to none; after each, with room again, everything must be whole.

    Args:
        root: an empty folder.
        action: ``add``, ``remove`` or ``rebuild`` (of both search indexes).
        step: bytes by which the room shrinks from one run to the next.

    Returns:
        How often it was done, and how often refused in one line.

    Raises:
        AssertionError: it crashed, said something unclear, or something is lost or torn.
    """
    (root / "articles").mkdir(parents=True)
    for number in (*FIRST, *SECOND):
        write_article(root / "articles", number)
    with _opened(root / "first") as index:
        index.add([root / "articles" / f"article-{number}.md" for number in FIRST])
    if action == "rebuild":
        for name in ("words", "vectors"):
            shutil.rmtree(root / "first" / name)
    seen: Counter[str] = Counter()
    with small_disk(root / "disk") as disk:
        for free in range(ROOM, -1, -step):
            shutil.rmtree(disk / "index", ignore_errors=True)
            shutil.copytree(root / "first", disk / "index")
            filler = fill(disk, free)
            child = Child(work, str(disk / "index"), str(root / "articles"), action)
            messages = child.finish()
            filler.unlink()
            when = f"{action} with {free} bytes free"
            assert len(messages) == 1, f"{when}: {messages}, exit code {child.process.exitcode}"
            kind, what = messages[0]
            assert kind in ("done", "refused"), f"{when}: {what}"
            if kind == "refused":
                assert "\n" not in what, f"{when}: {what!r} is not one line"
                assert "full" in what or "room" in what, f"{when}: {what!r} does not say that the disk is full"
            seen[kind] += 1
            _check(disk / "index", root / "articles", action, kind == "done", when)
    assert min(seen["done"], seen["refused"]) > 0, f"{action}: the room was never, or always, enough: {seen}"
    return seen


def _opened(folder: Path) -> ArticleIndex:
    return ArticleIndex.open(folder, settings=SETTINGS, embedder=HashingEmbedder())


def _check(folder: Path, articles: Path, action: str, done: bool, when: str) -> None:
    with _opened(folder) as index:
        report = index.verify()
        assert report.whole, f"{when}: {report.problems}"
        kept = FIRST[6:] if action == "remove" else FIRST
        for number in kept:
            assert finds(index, number), f"{when}: article {number} is lost"
        if action == "remove":
            left = [number for number in FIRST[:6] if finds(index, number)]
            assert not (done and left), f"{when}: {left} were removed and are there"
        if action == "add":
            there = [number for number in SECOND if finds(index, number)]
            assert not done or len(there) == len(SECOND), f"{when}: added, and only {there} are there"
            index.add([articles / f"article-{number}.md" for number in SECOND])
            assert all(finds(index, number) for number in SECOND), f"{when}: adding again did not go on"
            assert index.verify().whole, when
