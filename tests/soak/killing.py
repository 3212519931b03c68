"""Kills a process that adds, updates, removes and rebuilds, at random moments, and looks whether it kept its word."""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from index import ArticleIndex, HashingEmbedder
from index.adding import Adder
from index.languages import with_language
from index.reading import Draft

from .corpus import SETTINGS, finds, write_article
from .processes import Child

ARTICLES = 24
"""How many different articles there are; each comes, changes and goes many times."""

Send = Callable[[Any], None]
Kept = tuple[int, int]
"""Number and version of an article."""


@dataclass(slots=True)
class Promises:
    """What the index has been reported to hold.

    Attributes:
        present: the version of each article that was reported as added.
        absent: articles that were reported as removed, or were never added.
        uncertain: for articles in the middle of a change, the versions that may be there; None means gone.
    """

    present: dict[int, int] = field(default_factory=dict)
    absent: set[int] = field(default_factory=set)
    uncertain: dict[int, set[int | None]] = field(default_factory=dict)

    def hear(self, message: tuple[Any, ...]) -> None:
        """Takes note of what the killed process had said."""
        kind, *rest = message
        if kind == "adding":
            for number, version in rest[0]:
                self.uncertain[number] = {version, self.present.pop(number, None)}
                self.absent.discard(number)
        elif kind == "added":
            number, version = rest
            self.uncertain.pop(number, None)
            self.present[number] = version
        elif kind == "removing":
            self.uncertain[rest[0]] = {None, self.present.pop(rest[0], None)}
        elif kind == "removed":
            self.uncertain.pop(rest[0], None)
            self.absent.add(rest[0])


def work(send: Send, folder: str, seed: int, broken: str) -> None:
    """What the process does until it is killed: random adding, changing, removing and rebuilding."""
    _break_promises(broken, send)
    random_ = random.Random(seed)
    root = Path(folder)
    with_language(Draft("A beginning", "The first article of a process loads what tells its language."))
    send(("started",))
    while True:
        action = random_.choice(("add", "add", "add", "remove", "rebuild"))
        with ArticleIndex.open(root / "index", settings=SETTINGS, embedder=HashingEmbedder()) as index:
            if action == "add":
                numbers = random_.sample(range(ARTICLES), random_.randrange(1, 10))
                _add(send, index, root / "articles", [(number, random_.randrange(1 << 30)) for number in numbers])
            elif action == "remove":
                for number in random_.sample(range(ARTICLES), 3):
                    send(("removing", number))
                    index.remove(str(root / "articles" / f"article-{number}.md"))
                    send(("removed", number))
            else:
                cache = root / "index" / random_.choice(("words", "vectors"))
                if cache.exists():  # in one step: half a folder would be damage, and rightly be reported
                    cache.rename(root / f"old-{seed}-{random_.random()}")
        if action == "rebuild":
            with ArticleIndex.open(root / "index", settings=SETTINGS, embedder=HashingEmbedder()) as index:
                index.snapshot()
                send(("rebuilt",))


def _add(send: Send, index: ArticleIndex, folder: Path, articles: list[Kept]) -> None:
    """Adds new versions of articles, and tells of each when ``add`` has reported it."""
    paths = [write_article(folder, number, version) for number, version in articles]
    send(("adding", articles))
    report = index.add(paths)
    assert sorted([*report.added, *report.updated]) == sorted(map(str, paths)), report
    for number, version in articles:
        send(("added", number, version))


def _break_promises(how: str, send: Send) -> None:
    """Breaks the promise on purpose, to show that the test would notice.

    ``early``: articles are reported while they wait in the window. ``torn``: there are no transactions.
    """
    if how == "early":
        take = Adder._take

        def early(self: Adder, found: Any) -> None:
            take(self, found)
            for item in self._window[-1:]:
                number, version = item.draft.title.split()[1].removeprefix("zq").split("v")
                send(("added", int(number), int(version)))

        Adder._take = early  # type: ignore[method-assign]
    elif how == "torn":
        from index import catalog as module

        connect = module.connect

        class Torn:
            """A connection on which each statement stands alone."""

            in_transaction = False

            def __init__(self, connection: Any) -> None:
                self._connection = connection

            def execute(self, statement: str, *parameters: Any) -> Any:
                if statement.startswith("BEGIN IMM") or statement == "COMMIT":
                    return None
                return self._connection.execute(statement, *parameters)

            def __getattr__(self, name: str) -> Any:
                return getattr(self._connection, name)

        module.connect = lambda *arguments, **options: Torn(connect(*arguments, **options))  # type: ignore[assignment]
    assert how in ("", "early", "torn")


def kill_many(root: Path, kills: int, seed: int, *, broken: str = "", longest: float = 0.6) -> Counter[str]:
    """Lets a process work, kills it, checks everything; as often as is asked for.

    Args:
        root: an empty folder.
        kills: how many.
        seed: of every random choice.
        broken: see ``_break_promises``.
        longest: seconds between the beginning of the work and the kill, at most.

    Returns:
        How often what was seen.

    Raises:
        AssertionError: something that was reported is not so, or the index is not whole.
    """
    (root / "articles").mkdir(parents=True)
    promises = Promises(absent=set(range(ARTICLES)))
    random_ = random.Random(seed)
    seen: Counter[str] = Counter()
    for turn in range(kills):
        child = Child(work, str(root), seed + turn, broken)
        assert child.wait_for(60) == ("started",)
        time.sleep(random_.uniform(0.005, longest))
        messages = child.kill()
        crashed = [message[1] for message in messages if message[0] == "crashed"]
        assert not crashed, crashed[0]
        for message in messages:
            promises.hear(message)
            seen[message[0]] += 1
        seen["killed"] += 1
        seen["killed in the middle of a change"] += bool(promises.uncertain)
        for cache in root.glob("old-*"):
            shutil.rmtree(cache)
        _check(root, promises, random_, seen, f"kill {turn} of seed {seed}")
    return seen


def _check(root: Path, promises: Promises, random_: random.Random, seen: Counter[str], when: str) -> None:
    """Opens, verifies, and asks for what was reported."""
    with ArticleIndex.open(root / "index", settings=SETTINGS, embedder=HashingEmbedder()) as index:
        report = index.verify()
        assert report.whole, f"{when}: {report.problems}"
        there = {int(article.title[6:].split("v")[0]): article.title for article in index.articles()}
        for number, version in promises.present.items():
            assert there.get(number) == f"The zq{number}v{version} affair", (
                f"{when}: article {number} was reported at {version}, is {there.get(number)}"
            )
        for number in promises.absent:
            assert number not in there, f"{when}: article {number} was reported as removed"
        for number, possible in list(promises.uncertain.items()):
            title = there.get(number)
            found = int(title.split("v")[1].split()[0]) if title else None
            assert found in possible, f"{when}: article {number} is at {title!r}, not at one of {possible}"
            del promises.uncertain[number]
            if found is None:
                promises.absent.add(number)
            else:
                promises.present[number] = found
        for number in random_.sample(sorted(promises.present), min(3, len(promises.present))):
            assert finds(index, number, promises.present[number]), f"{when}: article {number} is not found"
            seen["asked"] += 1
        for number in random_.sample(sorted(promises.absent), min(2, len(promises.absent))):
            assert not finds(index, number), f"{when}: article {number} is found and was removed"
        seen["mended at opening"] += bool(index.notes)
