"""Finds the files that a person means: a file, a folder, several of them."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from . import formats
from .article import Failure
from .errors import SourceError
from .folder import CATALOG, MANIFEST


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read: its path, the folder through which it was found, its size, and when it was changed.

    Attributes:
        modified_ns: of its content, as the file says; a copying program may set it to anything.
        changed_ns: of anything about it, as the system says (on Windows, when it was made).
    """

    path: Path
    root: str | None
    size: int
    modified_ns: int
    changed_ns: int

    @property
    def location(self) -> str:
        """The name under which the catalog knows the file: its absolute path."""
        return str(self.path)


@dataclass(slots=True)
class Findings:
    """What the given sources come to.

    Attributes:
        files: to be read.
        roots: the folders among the sources.
        named: the files, folders and links that were named themselves, as the catalog knows them.
        links: the addresses among them, and ``lists`` the files that list feeds (OPML).
        failures: sources that are no files or folders.
        passed_over: files in folders of kinds that are not read, by suffix.
    """

    files: list[Found] = field(default_factory=list)
    roots: list[str] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    lists: list[Path] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)

    def note(self) -> str | None:
        """One line about files in folders that are of no known kind."""
        if not self.passed_over:
            return None
        kinds = ", ".join(
            f"{count} {suffix or 'without a suffix'}" for suffix, count in self.passed_over.most_common(6)
        )
        readable = formats.readable_line()
        return f"passed over {self.passed_over.total()} files of other kinds ({kinds}); these are read: {readable}"


def find(sources: Iterable[str | os.PathLike[str]]) -> Findings:
    """Walks the sources in the order given; a file that is named twice is found once."""
    findings = Findings()
    seen: set[str] = set()
    for source in sources:
        name = os.fspath(source)
        if is_link(name):
            findings.links.append(name)
            findings.named.append(name)
            continue
        if not name or "\0" in name:
            findings.failures.append(Failure(repr(name), "is not the name of a file or folder"))
            continue
        path = Path(os.path.abspath(os.path.expanduser(name)))
        if _has_broken_name(path, findings):
            continue
        findings.named.append(str(path))
        try:
            kind = _kind(path)
            if kind is None:
                findings.failures.append(Failure(name, "no such file or folder"))
            elif stat.S_ISDIR(kind):
                _find_in_folder(path, findings, seen)
            elif path.suffix.lower() == ".opml":
                findings.lists.append(path)
            else:
                _take(path, None, findings, seen)
        except OSError as error:
            findings.failures.append(Failure(name, f"cannot be read: {error.strerror or error}"))
    return findings


def _kind(path: Path) -> int | None:
    """The mode of what stands there, or None: looked up once, for a folder may come back between two looks."""
    try:
        return path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return stat.S_IFLNK if path.is_symlink() else None


def is_link(name: str) -> bool:
    """Whether a source is an address rather than a path."""
    return "://" in name


def _find_in_folder(folder: Path, findings: Findings, seen: set[str]) -> None:
    def unreadable(error: OSError) -> None:
        findings.failures.append(Failure(str(error.filename), f"cannot be read: {error.strerror or error}"))

    root = str(folder)
    findings.roots.append(root)
    before = len(findings.files) + len(findings.failures)
    for parent, folders, names in os.walk(folder, onerror=unreadable):
        if CATALOG in names and MANIFEST in names:
            folders.clear()  # an index, not articles
            continue
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and not _has_broken_name(Path(parent, name), findings)
        )
        for name in sorted(names):
            path = Path(parent, name)
            if name.startswith("."):
                continue
            if path.suffix and not formats.readable_suffix(name):
                findings.passed_over[printable(path.suffix.lower())] += 1
            elif not _has_broken_name(path, findings):
                _take(path, root, findings, seen)
    if len(findings.files) + len(findings.failures) == before:
        readable = formats.readable_line()
        findings.failures.append(Failure(root, f"holds no articles; these files are read: {readable}"))


def _take(path: Path, root: str | None, findings: Findings, seen: set[str]) -> None:
    if str(path) in seen:
        return
    seen.add(str(path))
    try:
        status = path.stat()
    except OSError as error:
        findings.failures.append(Failure(str(path), f"cannot be read: {error.strerror or error}"))
        return
    if not stat.S_ISREG(status.st_mode):
        findings.failures.append(Failure(str(path), "is not a regular file"))  # a pipe is not even opened
        return
    if root is not None and not path.suffix and not _is_readable(path):
        findings.passed_over[""] += 1
        return
    findings.files.append(Found(path, root, status.st_size, status.st_mtime_ns, status.st_ctime_ns))


def _is_readable(path: Path) -> bool:
    """Whether a file whose name tells nothing is in a format that is read; one that cannot be opened may be."""
    try:
        with path.open("rb") as file:
            formats.detect(str(path), file)
    except SourceError:
        return False
    except OSError:
        return True
    return True


def is_gone(location: str) -> bool:
    """Whether a file is certainly not there; one that is only out of reach (permission, a link that loops) is not."""
    try:
        os.lstat(location)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _has_broken_name(path: Path, findings: Findings) -> bool:
    """Whether a path is not Unicode, which no catalog can hold and no terminal show; then it has failed."""
    name = str(path)
    if name == printable(name):
        return False
    findings.failures.append(Failure(printable(name), "its name is not valid Unicode; rename it"))
    return True


def printable(name: str) -> str:
    """A name with bytes that are not Unicode written as escapes, so that it can be shown and stored."""
    return name.encode("utf-8", "backslashreplace").decode()
