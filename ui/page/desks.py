"""For each library what the page does with it, made when somebody first opens it."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from qa import Reader

from ..libraries import Libraries
from ..store import Store
from .adding import Adding
from .article_view import literal
from .conduct import Conduct
from .html import button, isolated
from .keeping import Keeping
from .removing import Removals
from .session import Session
from .shelving import Shelving
from .starting import Start
from .words import say


@dataclass(frozen=True, slots=True)
class Desk:
    """One library on the page: its store, what it begins with, and its actions."""

    name: str
    store: Store
    start: Start
    keeping: Keeping
    conduct: Conduct


class Desks:
    """All of them.

    Args:
        libraries: the libraries.
        reader: what chooses the sentences; the default reader when None.
        changeable: whether articles may be changed, and libraries made, on the page.
    """

    def __init__(self, libraries: Libraries, reader: Reader | None, *, changeable: bool) -> None:
        self.libraries = libraries
        self.changeable = changeable
        self._reader = reader
        self._lock = threading.Lock()
        self._made: dict[str, Desk] = {}

    @property
    def home(self) -> Desk:
        """That of the first library."""
        return self.of(Session())

    def of(self, session: Session) -> Desk:
        """That of the library that a page shows; one that is not there any more is the first."""
        library = self.libraries.find(session.library) or self.libraries.home
        with self._lock:
            if library.name not in self._made:
                first = library is self.libraries.home
                start = Start(library.index, self._reader)
                keeping = Keeping(library.index, library.store, "" if first else library.name)
                removals = Removals(library.index)
                shelving = Shelving(start, Adding(library.index), removals, changeable=self.changeable)
                desk = Desk(library.name, library.store, start, keeping, Conduct(start, keeping, shelving))
                self._made[library.name] = desk
            return self._made[library.name]

    def known(self, name: str) -> str:
        """The name of a library as it is; empty for one that is not there."""
        return name if self.libraries.find(name) is not None else ""

    def choice(self, session: Session) -> str:
        """The libraries to choose from, when there are several, and the way to a new one."""
        new = button("new_library", "", say("new_library"), "pq-quiet pq-new-library") if self.changeable else ""
        if len(self.libraries) == 1:
            return new
        present = self.of(session).name
        items = "".join(
            f'<li><button type="button" class="pq-do pq-a-library{" pq-present" if library.name == present else ""}" '
            f'name="library" value="{literal(library.name)}">{isolated(library.name)}</button></li>'
            for library in self.libraries
        )
        return f'<div class="pq-heading">{say("libraries")}</div><ul class="pq-libraries">{items}</ul>{new}'
