"""Many processes on one index: readers that must never see an error or a torn state, and writers that take turns."""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

from index import ArticleIndex, HashingEmbedder

from .corpus import SETTINGS, finds, write_article
from .processes import Child, children

BASE = range(8)
"""Articles that are there from the beginning to the end."""
_PER_WRITER = 1_000_000
_PATIENCE = 30.0
"""Seconds within which a reader must see what a writer has reported."""


def write(send: Any, folder: str, writer: int, seconds: float) -> None:
    """Adds and removes articles of its own, and tells of each in a log that readers follow."""
    root = Path(folder)
    random_ = random.Random(writer)
    mine: list[int] = []
    following = _PER_WRITER * (writer + 1)
    end = time.monotonic() + seconds
    with (root / f"log-{writer}").open("a", buffering=1) as log:
        while time.monotonic() < end:
            with ArticleIndex.open(root / "index", settings=SETTINGS, embedder=HashingEmbedder()) as index:
                numbers = list(range(following, following + random_.randrange(1, 5)))
                following += len(numbers)
                report = index.add([write_article(root / "articles", number) for number in numbers])
                assert len(report.added) == len(numbers), report
                log.write("".join(f"added {number}\n" for number in numbers))
                mine += numbers
                send(("added", len(numbers)))
                while len(mine) > 30 or (mine and random_.random() < 0.3):
                    number = mine.pop(random_.randrange(len(mine)))
                    log.write(f"removing {number}\n")
                    gone = index.remove(str(root / "articles" / f"article-{number}.md"))
                    assert len(gone) == 1, gone
                    log.write(f"removed {number}\n")
                    send(("removed", 1))


def read(send: Any, folder: str, writers: int, reader: int, seconds: float) -> None:
    """Asks without end, in one opened index, for what is there and for what has gone."""
    root = Path(folder)
    random_ = random.Random(1000 + reader)
    end = time.monotonic() + seconds
    waiting = True  # for a first article of a writer, which may start after this process
    with ArticleIndex.open(root / "index", settings=SETTINGS, embedder=HashingEmbedder()) as index:
        while time.monotonic() < end + (_PATIENCE if waiting else 0):
            log = Log(root, writers)
            number = random_.choice(BASE)
            assert finds(index, number), f"article {number}, which was always there, was not found"
            for number in log.some_present(random_):
                if not finds(index, number):
                    assert number in Log(root, writers).going, f"article {number} was reported and is not found"
                send(("found new", 1))
                waiting = False
            for number in log.some_removed(random_):
                assert not finds(index, number), f"article {number} was removed and is found"
                send(("found gone", 1))
            assert not index.notes, index.notes
            send(("asked", 1))


class Log:
    """What all writers had reported when this was made."""

    def __init__(self, root: Path, writers: int) -> None:
        self.added: list[int] = []
        self.going: set[int] = set()
        self.removed: list[int] = []
        for writer in range(writers):
            path = root / f"log-{writer}"
            lines = path.read_text().splitlines() if path.exists() else []
            for line in lines:
                kind, _, number = line.partition(" ")
                if number.isdigit() and len(number) == len(str(_PER_WRITER)):  # the last line may be half written
                    {"added": self.added.append, "removing": self.going.add, "removed": self.removed.append}[kind](
                        int(number)
                    )

    def some_present(self, random_: random.Random) -> list[int]:
        """One of the newest articles and one of all."""
        present = [number for number in self.added if number not in self.going]
        return [present[-1], random_.choice(present)] if present else []

    def some_removed(self, random_: random.Random) -> list[int]:
        """One of those that have gone."""
        return [random_.choice(self.removed)] if self.removed else []


def crowd(root: Path, *, readers: int, writers: int, seconds: float) -> Counter[str]:
    """Lets readers and writers loose on one index, and checks it at the end.

    Returns:
        How much was written and asked.

    Raises:
        AssertionError: a process met an error or a wrong answer, or the index is not whole at the end.
    """
    (root / "articles").mkdir(parents=True)
    with ArticleIndex.open(root / "index", settings=SETTINGS, embedder=HashingEmbedder()) as index:
        index.add([write_article(root / "articles", number) for number in BASE])
    started = [Child(write, str(root), number, seconds) for number in range(writers)]
    started += [Child(read, str(root), writers, number, seconds) for number in range(readers)]
    seen: Counter[str] = Counter()
    with children(*started):
        for child in started:
            for kind, what in child.finish():
                assert kind != "crashed", what
                seen[kind] += what
            assert child.process.exitcode == 0, child.process.exitcode
    log = Log(root, writers)
    with ArticleIndex.open(root / "index", settings=SETTINGS, embedder=HashingEmbedder()) as index:
        report = index.verify()
        assert report.whole, report.problems
        expected = {*BASE, *log.added} - set(log.removed)
        there = {int(article.title[6:].split("v")[0]) for article in index.articles()}
        assert there == expected, f"{there ^ expected} are not as reported"
    return seen
