"""The word index beside the catalog: opened, caught up with it, and made anew when it cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from . import words
from .catalog import FELL_BACK, Catalog
from .errors import StorageError


class WordFolder:
    """The tantivy folder of one index.

    Args:
        folder: of the index.
        catalog: the truth.
        note: told a line for each thing that had to be mended.

    Attributes:
        opened: the word index, once it has been opened and for as long as it can be used.
        began_empty: whether the index was new when it was opened: then nothing that is made was mended.
    """

    def __init__(self, folder: Path, catalog: Catalog, note: Callable[[str], None]) -> None:
        self.opened: words.WordIndex | None = None
        self._folder = folder / words.FOLDER
        self._catalog = catalog
        self._note = note
        # A folder beside an empty catalog is another matter: that has lost something.
        self.began_empty = not catalog.generation() and not self._folder.exists()

    def view(self) -> words.WordView | None:
        """The word index as it was committed last; None where it has to be made anew."""
        if (opened := self._open()) is None:
            return None
        try:
            return opened.view()
        except StorageError as error:
            self._unusable(error)
            self.opened = None
            return None

    def catch_up(self) -> None:
        """Brings it up to the catalog. Needs the writer's lock."""
        opened = self._open()
        try:
            if opened is not None and words.caught_up(opened, self._catalog):
                return
            if opened is not None:
                self._note(f"the tantivy folder is {FELL_BACK}: the word index was made anew from the catalog")
        except StorageError as error:
            self._unusable(error)
        self.make_anew()

    def make_anew(self) -> None:
        """Makes it anew from the catalog. Needs the writer's lock."""
        self.opened = None
        self.opened = words.rebuilt(self._folder, self._catalog)

    def _open(self) -> words.WordIndex | None:
        if self.opened is None:
            self.opened, problem = words.open_or_none(self._folder, self._catalog)
            if problem and not self.began_empty:
                self._note(f"{problem}: the word index was made anew from the catalog")
        return self.opened

    def _unusable(self, error: StorageError) -> None:
        self._note(f"the tantivy folder cannot be used ({error}): the word index was made anew from the catalog")
