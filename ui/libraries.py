"""The libraries that a server shows: index folders, each with its own articles, chats and clippings.

The first one is home: accounts are stored beside it, and so is the list of the libraries that were made on the page,
which are folders next to it. They are there again when the server is started on the same home.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index import ArticleIndex, PullquoteError, StorageError
from index.files import replace_file

from .store import Store, store_path

FILE = "libraries.json"
"""In the home's folder: the names of the folders next to it that are libraries too."""
MOST = 100
"""Libraries; more are no help to anybody who has to choose one."""
LONGEST_NAME = 60
_NAME = re.compile(r"[^\W_][\w .,()&'’+-]*", re.UNICODE)
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Library:
    """One of them.

    Attributes:
        name: that of its folder; what people and programs call it by.
        index: its articles.
        store: what the page keeps for its users.
    """

    name: str
    index: ArticleIndex
    store: Store


class Libraries:
    """All libraries of a server; new ones can be made while it runs.

    Args:
        indexes: open indexes, the home first; they stay the caller's to close.
        remembered: whether the libraries that were made before are opened too.

    Attributes:
        notes: one line for each library that was made before and cannot be opened.
    """

    def __init__(self, indexes: Sequence[ArticleIndex], *, remembered: bool = True) -> None:
        self._closing = contextlib.ExitStack()
        self._making = threading.Lock()
        self._shown: dict[str, Library] = {}
        self.notes: list[str] = []
        for index in indexes:
            self._show(index)
        if remembered:
            self._open_made()

    def __iter__(self) -> Iterator[Library]:
        return iter(list(self._shown.values()))

    def __len__(self) -> int:
        return len(self._shown)

    @property
    def home(self) -> Library:
        """The first one."""
        return next(iter(self._shown.values()))

    def find(self, name: str | None) -> Library | None:
        """The library of a name, the home for an empty one; None when there is none."""
        return self._shown.get(name) if name else self.home

    def get(self, name: str | None) -> Library:
        """The library of a name, the home for an empty one.

        Raises:
            PullquoteError: there is no such library.
        """
        found = self.find(name)
        if found is None:
            names = ", ".join(self._shown)
            raise PullquoteError(f"there is no library {str(name)[:80]!r}; there are: {names}")
        return found

    def make(self, name: str) -> Library:
        """A new, empty library in a folder next to the home.

        Raises:
            PullquoteError: the name cannot be one or is taken, or the disk refused.
        """
        name = checked_name(name)
        with self._making:
            folder = self.home.index.folder.parent / name
            if any(name.casefold() == known.casefold() for known in self._shown) or folder.exists():
                raise PullquoteError(f"there is something called “{name}” already; choose another name")
            if len(self._shown) >= MOST:
                raise PullquoteError(f"there are {MOST} libraries already; add the articles to one of them")
            library = self._open(folder, create=True)
            self._remember([*self._made(), name])
        return library

    def close(self) -> None:
        """Gives back what was opened here."""
        self._closing.close()

    def _open(self, folder: Path, *, create: bool) -> Library:
        home = self.home.index
        index = ArticleIndex.open(folder, create=create, settings=home.settings, embedder=home.embedder)
        self._closing.callback(index.close)
        return self._show(index)

    def _show(self, index: ArticleIndex) -> Library:
        name = index.folder.name or "library"
        if name in self._shown:  # two folders of one name, in different places
            name = f"{name} ({index.folder.parent.name})"
        for number in range(2, MOST + 2):
            if name not in self._shown:
                break
            name = f"{index.folder.name} {number}"
        store = Store(store_path(index))
        self._closing.callback(store.close)
        library = Library(name, index, store)
        self._shown[name] = library
        return library

    def _open_made(self) -> None:
        folders = {library.index.folder for library in self}
        for name in self._made():
            folder = self.home.index.folder.parent / name
            if folder in folders:
                continue
            try:
                self._open(folder, create=False)
            except PullquoteError as error:
                self.notes.append(f"the library {name!r} is not shown: {error}")

    def _made(self) -> list[str]:
        """The names of the libraries that were made on the page; what is no name is passed over."""
        path = self.home.index.folder / FILE
        try:
            names = json.loads(path.read_text("utf-8"))["libraries"]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, KeyError, TypeError):
            self.notes.append(f"{path}: the list of libraries cannot be read; name them with --index")
            return []
        return [name for name in names if isinstance(name, str) and _is_name(name)][:MOST]

    def _remember(self, names: Sequence[str]) -> None:
        try:
            replace_file(self.home.index.folder / FILE, json.dumps({"libraries": names}, indent=1).encode())
        except StorageError as error:
            self.notes.append(f"the new library is not remembered: {error}")


def checked_name(text: str) -> str:
    """A name for a library, which is that of its folder.

    Raises:
        PullquoteError: it cannot be one.
    """
    name = " ".join(text.split())
    if not _is_name(name):
        raise PullquoteError(
            f"{text[:80]!r} cannot be the name of a library; take 1 to {LONGEST_NAME} letters, digits and spaces, "
            "such as Budget 2026"
        )
    return name


def _is_name(name: str) -> bool:
    known = bool(_NAME.fullmatch(name)) and len(name) <= LONGEST_NAME and name == name.rstrip(" .")
    return known and not _RESERVED.fullmatch(name)
