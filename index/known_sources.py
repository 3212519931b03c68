"""What the catalog knows of sources, looked up as it is asked for: adding one file reads no list of all others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING

from .rows import SourceState

if TYPE_CHECKING:
    from .catalog import Catalog

_SINGLE = 1_000
"""Look-ups, after which all that is left is read at once, which is quicker for so many."""


class KnownSources(Mapping[str, SourceState]):
    """By location. What was asked for once stays as it was then, whatever is stored meanwhile; for several threads."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._seen: dict[str, SourceState | None] = {}
        self._all = False

    def __getitem__(self, location: str) -> SourceState:
        if location not in self._seen and not self._all:
            if len(self._seen) >= _SINGLE:
                self._read_all()
            else:
                self._seen.setdefault(location, self._catalog.sources([location]).get(location))
        state = self._seen.get(location)
        if state is None:
            raise KeyError(location)
        return state

    def _read_all(self) -> None:
        everything = self._catalog.sources()
        for location, state in everything.items():
            self._seen.setdefault(location, state)
        self._all = True

    def __iter__(self) -> Iterator[str]:
        if not self._all:
            self._read_all()
        return iter([location for location, state in self._seen.items() if state is not None])

    def __len__(self) -> int:
        return sum(1 for _ in self)


class KnownSplitters(MutableMapping[int, str]):
    """For each article the fingerprint of the rules that made its passages; None where there is no such article."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._seen: dict[int, str | None] = {}
        self._all = False

    def __getitem__(self, article_id: int) -> str:
        if article_id not in self._seen and not self._all:
            if len(self._seen) >= _SINGLE:
                for number, known in self._catalog.splitters().items():
                    self._seen.setdefault(number, known)
                self._all = True
            else:
                self._seen.setdefault(article_id, self._catalog.splitters([article_id]).get(article_id))
        splitter = self._seen.get(article_id)
        if splitter is None:
            raise KeyError(article_id)
        return splitter

    def __setitem__(self, article_id: int, splitter: str) -> None:
        self._seen[article_id] = splitter

    def __delitem__(self, article_id: int) -> None:
        self._seen[article_id] = None

    def __iter__(self) -> Iterator[int]:
        return iter([number for number, splitter in self._seen.items() if splitter is not None])

    def __len__(self) -> int:
        return sum(1 for _ in self)
