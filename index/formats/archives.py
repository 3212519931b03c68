"""Archives: zip, tar and packed files; what they hold is read in memory, and nothing is ever unpacked to the disk."""

from __future__ import annotations

import bz2
import contextlib
import functools
import gzip
import io
import lzma
import tarfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from ..article import Failure
from ..errors import SourceError
from .detection import HEAD, detect_bytes, detect_head, readable_suffix, suffix_of
from .failures import ARCHIVE_ERRORS
from .members import DEEPEST, ENTRY, Budget, Chained, Item, Member, Note, one_line, read_all
from .registry import CONTAINERS, Container

_ENCRYPTED = 0x1
_BUFFER = 65_536


def zip_members(source: str, stream: BinaryIO, budget: Budget) -> Iterator[Item]:
    """The files in a zip archive, in the order in which they lie there; of those with the same name the last one."""
    passed = _PassedOver(source)
    with _damage(source), zipfile.ZipFile(stream) as archive:
        last = {_named(source, entry.filename): entry for entry in archive.infolist()}
        for name, entry in sorted(last.items(), key=lambda item: item[1].header_offset):
            if entry.is_dir() or passed.over(entry.filename):
                continue
            budget.count(source)
            if entry.flag_bits & _ENCRYPTED:
                yield Failure(name, "is encrypted; save it without a password")
                continue
            try:
                with archive.open(entry) as member:
                    yield from _expanded(name, cast("BinaryIO", member), budget, passed)
            except ARCHIVE_ERRORS as error:
                yield Failure(name, f"is damaged: it cannot be unpacked ({_reason(error)})")
    yield from passed.note()


def tar_members(source: str, stream: BinaryIO, budget: Budget) -> Iterator[Item]:
    """The files in a tar archive; links and devices are passed over. A name that comes again gets a number."""
    passed = _PassedOver(source)
    names: Counter[str] = Counter()
    with _damage(source), tarfile.open(fileobj=stream, mode="r|") as archive:
        for entry in archive:
            # The library keeps every header that it has met.
            archive.members = []  # type: ignore[attr-defined]
            if not entry.isreg() or passed.over(entry.name):
                continue
            budget.count(source)
            member = archive.extractfile(entry)
            if member is not None:
                name = _named(source, entry.name)
                names[name] += 1
                if names[name] > 1:
                    suffix = PurePosixPath(name).suffix
                    name = f"{name.removesuffix(suffix)} ({names[name]}){suffix}"
                yield from _expanded(name, cast("BinaryIO", member), budget, passed)
    yield from passed.note()


def packed_members(source: str, stream: BinaryIO, budget: Budget) -> Iterator[Item]:
    """What a file holds that was packed by gzip, bzip2 or xz: an archive, a table, or a single article."""
    with _damage(source):
        unpacked = _unpacked(stream)
        head = unpacked.read(HEAD)
        inner = source[: -len(suffix_of(source))] if suffix_of(source) in CONTAINERS["packed"].suffixes else source
        found = detect_head(inner, head)
        body = io.BufferedReader(Chained(source, head, unpacked, budget), _BUFFER)
        if isinstance(found, Container) and found.name != "zip":
            # Its records are named as those of the file itself: the packing is not a place.
            yield from _inside(found, source, cast("BinaryIO", body), budget)
        else:
            name = _named(source, PurePosixPath(inner.replace("\\", "/")).name)
            yield from _expanded(name, cast("BinaryIO", body), budget, _PassedOver(source))


def _unpacked(stream: BinaryIO) -> BinaryIO:
    magic = stream.read(2)
    stream.seek(0)
    if magic == b"\x1f\x8b":
        return cast("BinaryIO", gzip.GzipFile(fileobj=stream))
    return cast("BinaryIO", bz2.BZ2File(stream) if magic == b"BZ" else lzma.LZMAFile(stream))


def _expanded(name: str, stream: BinaryIO, budget: Budget, passed: _PassedOver) -> Iterator[Item]:
    """A file in an archive: an article, or what is in it; what is wrong with it is its own failure."""
    try:
        head = stream.read(HEAD)
        budget.spend(name, len(head))
        found = detect_head(name, head)
        body = cast("BinaryIO", io.BufferedReader(Chained(name, head, stream, budget), _BUFFER))
        if isinstance(found, Container) and found.name not in ("zip", "packed"):
            yield from _inside(found, name, body, budget)
            return
        data = read_all(name, body, budget)
        found = detect_bytes(name, data)
        if isinstance(found, Container):
            yield from _inside(found, name, io.BytesIO(data), budget)
        else:
            yield Member(name, data, functools.partial(found.read, name, data))
    except SourceError as error:
        if budget.total_bytes < 0 or budget.members < 0:
            raise
        if readable_suffix(name):
            yield Failure(name, error.reason)
        else:
            passed.count(name)


def _inside(found: Container, name: str, stream: BinaryIO, budget: Budget) -> Iterator[Item]:
    if budget.depth <= 0:
        raise SourceError(name, f"lies more than {DEEPEST} archives deep; unpack it")
    budget.depth -= 1
    try:
        yield from found.members(name, stream, budget)
    finally:
        budget.depth += 1


def _named(source: str, entry: str) -> str:
    """The name of a file in an archive; it is only a name, and leads nowhere."""
    return source + ENTRY + one_line(entry.replace("\\", "/").lstrip("/"), 1000)


@contextlib.contextmanager
def _damage(source: str) -> Iterator[None]:
    try:
        yield
    except ARCHIVE_ERRORS as error:
        raise SourceError(source, f"is damaged: the rest of it cannot be read ({_reason(error)})") from error


def _reason(error: Exception) -> str:
    return one_line(" ".join(str(error).split()), 100) or type(error).__name__


class _PassedOver:
    """Counts the files in an archive that are of kinds that are not read, as those in a folder."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._kinds: Counter[str] = Counter()

    def over(self, name: str) -> bool:
        """Whether a file is passed over because of its name."""
        plain = PurePosixPath(name.replace("\\", "/"))
        if any(part.startswith((".", "__MACOSX")) for part in plain.parts if part not in (".", "..")):
            return True
        if plain.suffix and not readable_suffix(name):
            self.count(name)
            return True
        return False

    def count(self, name: str) -> None:
        self._kinds[one_line(suffix_of(name), 20)] += 1

    def note(self) -> Iterator[Note]:
        """One line about them, if there were any."""
        if self._kinds:
            kinds = ", ".join(f"{count} {kind or 'without a suffix'}" for kind, count in self._kinds.most_common(6))
            count = self._kinds.total()
            yield Note(f"{self._source}: passed over {count} file{'s' * (count != 1)} of other kinds ({kinds})")
