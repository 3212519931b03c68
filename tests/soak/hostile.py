"""A folder of hostile files with good articles between them, and a process that adds all of it at once."""

from __future__ import annotations

import gzip
import io
import os
import resource
import socket
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from index import ArticleIndex, HashingEmbedder
from index.article import Progress

from .hostile_packed import PACKED
from .hostile_seeds import SEEDS, rewritten
from .hostile_texts import TEXTS

GOOD_EVERY = 25
"""Hostile files between two good articles."""
_PER_FOLDER = 100
_GIGABYTE = 1 << 30
_ZIPPED = (".docx", ".pptx", ".odt", ".epub", ".zip")
_NAMES = (
    "new\nline",
    "\nnewline first",
    "carriage\rreturn",
    "tab\tand\x0bmore",
    "\x1b[31mred\x1b[0m",
    "bell\x07 and \x7f",
    "\u202egnp.exe",
    "{braces} %s %(name)s",
    "[bold red]markup[bold]",
    "--index",
    "-rf",
    "a.jsonl#1",
    "b.zip!",
    " spaces ",
    "quotes \" ' `",
    "back\\slash",
    "e\u0301 and é",
    "\U0001f989\u200d\U0001f525",
    "x" * 240,
    "con",
    "line\u2028separator\x85",
)
"""File names that drive terminals, look like options, or are two lines."""


@dataclass(slots=True)
class Spread:
    """What lies in a folder.

    Attributes:
        good: paths of the good articles, each with the word that only its text holds.
        hostile: paths of files of which something must be said, whatever it is.
        silent: how many more were made of which nothing need be said, such as links to folders.
    """

    good: dict[str, str] = field(default_factory=dict)
    hostile: list[str] = field(default_factory=list)
    silent: int = 0

    @property
    def count(self) -> int:
        """Hostile files of all kinds."""
        return len(self.hostile) + self.silent


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of adding a folder, as measured by the process that did it.

    Attributes:
        report: the ``AddReport`` as a dictionary.
        seconds: for all of it.
        stalls: the most processor time, in seconds, between two files that were done, each with the second of them.
        megabytes: the most memory that the process has had, and the most of a process that it has started.
        problems: what ``verify`` found.
    """

    report: dict[str, Any]
    seconds: float
    stalls: list[tuple[float, str]]
    megabytes: tuple[int, int]
    problems: list[str]


def spread(folder: Path, count: int, seed: int) -> Spread:
    """Fills a new folder with hostile files, the same for the same arguments, and with good ones between them."""
    random = Random(seed)
    made = Spread()
    makers = _makers(count, random)
    random.shuffle(makers)
    number = 0
    while made.count < count:
        place = folder / f"{number // _PER_FOLDER:03}"
        place.mkdir(parents=True, exist_ok=True)
        if number % GOOD_EVERY == 0:
            suffix, good = list(SEEDS.items())[number // GOOD_EVERY % len(SEEDS)]
            word = f"Zq{number}y"
            path = place / f"{number:04}-good{suffix}"
            path.write_bytes(good(word))
            made.good[str(path)] = word
        make = makers.pop() if makers else _damaged
        make(place, f"{number:04}-", random, made)
        number += 1
    return made


Maker = Callable[[Path, str, Random, Spread], None]


def _makers(count: int, random: Random) -> list[Maker]:
    """What is made in any case; damaged files fill the rest. A small folder gets a choice of it, without the heavy."""
    special = {name: _special(name, *values) for name, values in {**TEXTS, **PACKED}.items()}
    if count < len(special):
        light = sorted(special.keys() - HEAVY)
        makers = [special[name] for name in random.sample(light, count // 4)]
        return [*makers, *_odd_places(), *[_empty] * 3, *[_odd_name] * 5, *[_misnamed] * 5]
    again = [special[name] for name in sorted(special.keys() - HEAVY)]
    zeros = [_zeros(suffix) for suffix in (".txt", ".csv", ".jsonl", ".mbox", ".pdf", ".html", ".zip", ".tgz")]
    makers = [*special.values(), *again, *zeros, *_odd_places(), *[_empty] * 50]
    return [*makers, *[_odd_name] * 2 * len(_NAMES), *[_misnamed] * 100]


HEAVY = frozenset(("pdf-same-page", "pdf-content-bomb", "pdf-many-letters", "elements-docx", "huge-field"))
"""Files that take long to make or to read."""


def _special(name: str, suffix: str, content: Callable[[Random], bytes]) -> Maker:
    def make(place: Path, prefix: str, random: Random, made: Spread) -> None:
        _write(place / f"{prefix}{name}{suffix}", content(random), made)

    return make


def _write(path: Path, data: bytes, made: Spread) -> None:
    path.write_bytes(data)
    made.hostile.append(str(path))


def _damaged(place: Path, prefix: str, random: Random, made: Spread) -> None:
    """A good file that was cut off, or in which bits were turned over, or stretches lost, repeated or overwritten."""
    suffix = random.choice(list(SEEDS))
    data = SEEDS[suffix](f"Dq{random.randrange(10**6)}y")
    if suffix in _ZIPPED and random.random() < 0.5:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            chosen = random.choice(archive.namelist())
        data = rewritten(data, lambda name, old: damage(old, random) if name == chosen else old)
    elif suffix == ".tgz" and random.random() < 0.5:
        data = gzip.compress(damage(gzip.decompress(data), random))
    else:
        data = damage(data, random)
    _write(place / f"{prefix}damaged{suffix}", data, made)


def damage(data: bytes, random: Random) -> bytes:
    """Bytes with something wrong in them."""
    kind = random.randrange(8)
    size = max(1, len(data))
    start = random.randrange(size)
    end = min(size, start + 1 + int(random.expovariate(8 / size)))
    if kind < 2:
        return data[:start]
    if kind == 2:
        return data[start:]
    if kind == 3:
        return data[:start] + data[end:]
    if kind == 4:
        return data[:end] + data[start:]
    if kind == 5:
        return data[:start] + random.choice([bytes(end - start), random.randbytes(end - start)]) + data[end:]
    flipped = bytearray(data)
    for _ in range(random.choice([1, 3, 30, 300])):
        if flipped:
            flipped[random.randrange(len(flipped))] ^= 1 << random.randrange(8)
    return bytes(flipped)


def _empty(place: Path, prefix: str, random: Random, made: Spread) -> None:
    nothing = (b"", b"\n", b" \t\r\n" * 100, b"\0", b"\xef\xbb\xbf", b"\xff\xfe", b"\x1a", b"\xe2\x80\x8b" * 30)
    _write(place / f"{prefix}empty{random.choice(list(SEEDS))}", random.choice(nothing), made)


def _misnamed(place: Path, prefix: str, random: Random, made: Spread) -> None:
    content, suffix = random.sample(list(SEEDS), 2)
    _write(place / f"{prefix}misnamed{suffix}", SEEDS[content](f"Mq{random.randrange(10**6)}y"), made)


def _odd_name(place: Path, prefix: str, random: Random, made: Spread) -> None:
    """A name that does harm where it is printed, of a file that is good or empty."""
    name = random.choice(_NAMES)
    data = SEEDS[".txt"](f"Nq{random.randrange(10**6)}y") if random.random() < 0.5 else b""
    _write(place / f"{prefix[:4]}{name}.txt", data, made)


def _zeros(suffix: str) -> Maker:
    def make(place: Path, prefix: str, random: Random, made: Spread) -> None:
        """A gigabyte of zeros, which takes no room on the disk."""
        path = place / f"{prefix}zeros{suffix}"
        with path.open("wb") as file:
            file.truncate(_GIGABYTE)
        made.hostile.append(str(path))

    return make


def _odd_places() -> list[Maker]:
    return [_pipe, _socket, _link_loop, _folder_loop, _dangling, _device, _named_folder, _not_unicode, _deep_folder]


def _pipe(place: Path, prefix: str, random: Random, made: Spread) -> None:
    path = place / f"{prefix}pipe.txt"
    os.mkfifo(path)
    made.hostile.append(str(path))


def _socket(place: Path, prefix: str, random: Random, made: Spread) -> None:
    path = place / f"{prefix}socket.txt"
    before = Path.cwd()
    os.chdir(place)  # the address of a socket may not be long
    try:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(path.name)
    finally:
        os.chdir(before)
    made.hostile.append(str(path))


def _link_loop(place: Path, prefix: str, random: Random, made: Spread) -> None:
    first, second = place / f"{prefix}loop-a.txt", place / f"{prefix}loop-b.txt"
    first.symlink_to(second)
    second.symlink_to(first)
    made.hostile += [str(first), str(second)]


def _folder_loop(place: Path, prefix: str, random: Random, made: Spread) -> None:
    inner = place / f"{prefix}loop"
    inner.mkdir()
    (inner / "above").symlink_to(place.parent)
    (inner / "itself").symlink_to(inner / "itself")
    made.silent += 2


def _dangling(place: Path, prefix: str, random: Random, made: Spread) -> None:
    path = place / f"{prefix}gone.txt"
    path.symlink_to(place / "not there.txt")
    made.hostile.append(str(path))


def _device(place: Path, prefix: str, random: Random, made: Spread) -> None:
    path = place / f"{prefix}device.txt"
    path.symlink_to("/dev/zero")
    made.hostile.append(str(path))


def _named_folder(place: Path, prefix: str, random: Random, made: Spread) -> None:
    (place / f"{prefix}folder.txt").mkdir()
    made.silent += 1


def _not_unicode(place: Path, prefix: str, random: Random, made: Spread) -> None:
    path = os.fsencode(place / prefix) + b"\xff\xfe.txt"
    Path(os.fsdecode(path)).write_bytes(SEEDS[".txt"]("Bytes"))
    made.hostile.append(os.fsdecode(path).encode("utf-8", "backslashreplace").decode())


def _deep_folder(place: Path, prefix: str, random: Random, made: Spread) -> None:
    path = place / prefix
    for _ in range(100):
        path /= "d" * 20
    path.mkdir(parents=True)
    _write(path / "deep.txt", SEEDS[".txt"](f"Fq{random.randrange(10**6)}y"), made)


def add(send: Callable[[Any], None], folder: str, index_folder: str) -> None:
    """Adds the folder with one call, looks whether the index is whole, and sends the ``Outcome``."""
    began, last = time.monotonic(), _processor_seconds()
    stalls: list[tuple[float, str]] = []

    def progress(state: Progress) -> None:
        nonlocal last
        now = _processor_seconds()
        if state.current:
            stalls.append((now - last, state.current))
        last = now

    with ArticleIndex.open(index_folder, embedder=HashingEmbedder()) as index:
        report = index.add([folder], progress=progress)
        seconds = time.monotonic() - began
        problems = [str(problem) for problem in index.verify().problems]
    peaks = [resource.getrusage(who).ru_maxrss // 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    worst = sorted(stalls, reverse=True)[:15]
    send(Outcome(report.as_dict(), seconds, worst, (peaks[0], peaks[1]), problems))


def _processor_seconds() -> float:
    """Of this process and of those that it has started; the time on the clock says how busy the machine is."""
    return sum(os.times()[:4])
