"""Cuts off and flips bits in every file of an index: the answer is right, or the error is clear; nothing else."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index import Article, ArticleIndex, HashingEmbedder, StoreError, database
from index.article import text_sha256
from index.catalog import FELL_BACK
from index.folder import CATALOG

from .corpus import SETTINGS, finds, write_article
from .processes import Child

NUMBERS = range(12)
_CATALOG_WEIGHT = 16
_CHUNK = 20
"""Cases in one process: a crash ends it, and the case is known."""


@dataclass(frozen=True, slots=True)
class Case:
    """One damage.

    Attributes:
        state: ``closed``, or ``open``: as a killed process leaves it, with a log that is not folded in.
        file: which, relative to the index.
        place: of the damaged byte, or where the file is cut off.
        bit: that is flipped; -1 to cut off.
    """

    state: str
    file: str
    place: int
    bit: int


def make_indexes(root: Path) -> dict[str, dict[str, Article]]:
    """Makes the two undamaged indexes, and tells what is in them."""
    (root / "articles").mkdir(parents=True)
    truth: dict[str, dict[str, Article]] = {}
    paths = [write_article(root / "articles", number) for number in NUMBERS]
    with _opened(root / "making") as index:
        index.add(paths[:6])
        index.remove(str(paths[2]))
        index.add(paths)
        index.add(paths[5:7])
        truth["open"] = {article.source: article for article in index.articles()}
        shutil.copytree(root / "making", root / "open")
    shutil.copytree(root / "making", root / "closed")
    for name in ("writer.json", "writer.lock"):
        (root / "closed" / name).touch()
    truth["closed"] = truth["open"]
    assert (root / "open" / "catalog.sqlite-wal").stat().st_size, "the log was folded in"
    return truth


def cases(root: Path, seed: int, places: int) -> Iterator[Case]:
    """Seeded damages of every file of both indexes."""
    random_ = random.Random(seed)
    for state in ("closed", "open"):
        for path in sorted((root / state).rglob("*")):
            if not path.is_file():
                continue
            size = path.stat().st_size
            # The catalog and its log are larger, and hold what cannot be made anew.
            weight = _CATALOG_WEIGHT if path.name.startswith("catalog.sqlite") and not path.name.endswith("-shm") else 1
            for turn in range(places * weight):
                flipped = size > 0 and turn % 3 > 0
                place = random_.randrange(size) if size else 0
                yield Case(state, str(path.relative_to(root / state)), place, random_.randrange(8) if flipped else -1)


def damage_everywhere(root: Path, seed: int, places: int, *, large: bool = False) -> Counter[str]:
    """Damages a copy of an index in one place after the other, and asks it each time.

    Args:
        root: an empty folder.
        seed: of every random choice.
        places: in each file; more in the catalog.
        large: act as if the catalog were too large to be checked whenever it is opened.

    Returns:
        How often what came out.

    Raises:
        AssertionError: something wrong was answered, or left out, or said unclearly; or a process crashed.
    """
    truth = make_indexes(root)
    todo = list(cases(root, seed, places))
    if large:
        todo = [case for case in todo if case.file.startswith(CATALOG)]
    seen: Counter[str] = Counter()
    failures = []
    for first in range(0, len(todo), _CHUNK):
        chunk = todo[first : first + _CHUNK]
        child = Child(work, str(root), chunk, truth, large)
        messages = child.finish()
        for case, message in zip(chunk, messages, strict=False):
            seen[message[0]] += 1
            if message[0] in ("wrong", "crashed"):
                failures.append(f"{case}: {message[1]}")
        if len(messages) < len(chunk):
            failures.append(f"{chunk[len(messages)]}: the process ended with {child.process.exitcode}")
    assert not failures, f"{len(failures)} of {len(todo)}:\n" + "\n".join(failures)
    return seen


def work(send: Any, root: str, todo: list[Case], truth: dict[str, dict[str, Article]], large: bool) -> None:
    """Tries some cases, and sends for each what came out."""
    if large:
        database._CHECKED_BYTES = 0
    for case in todo:
        try:
            outcome = _asked(_damaged(Path(root), case), truth[case.state])
            _repaired(_damaged(Path(root), case), truth[case.state])
        except AssertionError as error:
            send(("wrong", str(error)))
        else:
            send((outcome, ""))


def _damaged(root: Path, case: Case) -> Path:
    folder = root / "damaged"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(root / case.state, folder)
    path = folder / case.file
    data = bytearray(path.read_bytes())
    if case.bit < 0:
        data = data[: case.place]
    else:
        data[case.place] ^= 1 << case.bit
    path.write_bytes(data)
    return folder


def _asked(folder: Path, truth: dict[str, Article]) -> str:
    """Opens a damaged index, asks, lists and verifies; gives what came out."""
    try:
        with _opened(folder) as index:
            missing = [number for number in NUMBERS if not finds(index, number)]
            listed = {article.source: article for article in index.articles()}
            if listed != truth and any(FELL_BACK in note for note in index.notes):
                # The end of the log is gone, and with it the last changes: no checksum can bring them back.
                written = {text_sha256(article.text): article.title for article in truth.values()}
                for article in listed.values():
                    assert written.get(article.sha256) == article.title, f"{article!r} was never added"
                return "last changes lost, and said so"
            assert listed == truth, f"{set(truth) - set(listed)} missing or other than what was added, in silence"
            assert not missing, f"{missing} were not found, in silence"
            noted = bool(index.notes)
            report = index.verify()
    except StoreError as error:
        _check_line(error)
        return "refused with a clear error"
    if not report.whole:
        return "right, and verify names the damage"
    return "right, with a note" if noted else "right"


def _check_line(error: StoreError) -> None:
    assert "\n" not in str(error), f"{error!r} is not one line"


def _repaired(folder: Path, truth: dict[str, Article]) -> None:
    """Repairs: since all articles can be read again from their files, all must be there again, or be named."""
    try:
        report = ArticleIndex.salvage(folder, settings=SETTINGS, embedder=HashingEmbedder())
    except StoreError as error:
        raise AssertionError(f"could not be repaired: {error}") from error
    assert not report.problems, f"still after the repair: {report.problems}"
    with _opened(folder) as index:
        texts = {article.sha256: article for article in index.articles()}
        for source, article in truth.items():
            named = any(source in line or f"article {article.id}" in line or "last" in line for line in report.lost)
            assert article.sha256 in texts or named, f"{source} is neither there after the repair nor named as lost"
        assert not texts.keys() - {article.sha256 for article in truth.values()}, "the repair made something up"


def _opened(folder: Path) -> ArticleIndex:
    return ArticleIndex.open(folder, settings=SETTINGS, embedder=HashingEmbedder())
