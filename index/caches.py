"""The FAISS file and the tantivy folder beside the catalog: opened, caught up with it, and made anew when damaged."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path

from . import vectors, words
from .catalog import FELL_BACK, Catalog
from .errors import IndexLockedError, StorageError
from .lock import writer_lock

_POLL = 0.02
"""Seconds between two looks at a word index that another process is about to commit."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a search looks at; a write that goes on meanwhile does not touch it.

    Attributes:
        generation: the catalog's generation up to which both caches go.
        vectors: at this generation, or at a newer one while a writer is between its two commits.
        words: at this generation.
    """

    generation: int
    vectors: vectors.VectorIndex
    words: words.WordView


class Caches:
    """Both caches of one index, for any number of threads.

    Searching never waits for a writer: while another one is between its commit to the catalog and that to the word
    index, the words before it are used.

    Args:
        folder: of the index.
        catalog: the truth.
        dimension: of a vector.
        writable: whether the caches on disk may be changed.
        patience: seconds to wait for a writer when there is no earlier snapshot to use.
        notes: where a line goes for each thing that had to be mended.
    """

    def __init__(
        self, folder: Path, catalog: Catalog, dimension: int, *, writable: bool, patience: float, notes: list[str]
    ) -> None:
        self._folder = folder
        self._catalog = catalog
        self._dimension = dimension
        self._writable = writable
        self._patience = patience
        self._notes = notes
        # Then nothing was mended. Caches beside an empty catalog are another matter: it has lost something.
        self._began_empty = not catalog.generation() and not (folder / words.FOLDER).exists()
        self._lock = threading.RLock()
        self._snapshot: Snapshot | None = None
        self._dense: vectors.VectorIndex | None = None
        self._on_disk: words.WordIndex | None = None
        self._in_memory: words.WordIndex | None = None

    def close(self) -> None:
        """Forgets what was loaded."""
        with self._lock:
            self._snapshot = self._dense = self._on_disk = self._in_memory = None

    def snapshot(self) -> Snapshot:
        """Both caches at the newest generation that both have; the same object until something changes."""
        deadline = time.monotonic() + self._patience
        while True:
            with self._lock:
                late = time.monotonic() > deadline
                found = self._at_newest(in_memory=late or not self._writable) or self._snapshot
            if found is not None:
                return found
            time.sleep(_POLL)

    def catch_words_up(self) -> None:
        """Brings the word index on disk up to the catalog. Needs the writer's lock."""
        opened = self._on_disk
        if opened is None:
            opened, problem = words.open_or_none(self._folder / words.FOLDER, self._catalog)
            if problem and not self._began_empty:
                self._note(f"{problem}: the word index was made anew from the catalog")
        try:
            if opened is not None and words.caught_up(opened, self._catalog):
                self._on_disk = opened
                return
            if opened is not None:
                self._note(f"the tantivy folder is {FELL_BACK}: the word index was made anew from the catalog")
        except StorageError as error:
            self._note(f"the tantivy folder cannot be used ({error}): the word index was made anew from the catalog")
        self._on_disk = None
        self._on_disk = words.rebuilt(self._folder / words.FOLDER, self._catalog)

    def fold(self) -> None:
        """Writes the FAISS file anew when enough has changed. Needs the writer's lock."""
        with self._lock:
            if self._dense_at_newest().wants_rebuild:
                self._dense = vectors.write(self._folder / vectors.FOLDER, self._catalog, self._dimension)

    def _note(self, line: str) -> None:
        if line not in self._notes:
            self._notes.append(line)

    def _at_newest(self, *, in_memory: bool) -> Snapshot | None:
        """The newest snapshot that can be had, or None when a writer is in the middle of making the first one."""
        newest = self._catalog.generation()
        if self._snapshot is not None and self._snapshot.generation == newest:
            return self._snapshot
        view = self._view_on_disk()
        if (view is None or view.generation < newest) and self._writable:
            view = self._mended_view() or view
        if (view is None or view.generation < newest) and in_memory:
            view = self._view_in_memory()
        if view is None:
            return None
        dense = self._dense_at_newest()
        # Vectors that are newer than the words know which of their passages have gone since; older ones would not.
        if not dense.base_generation <= view.generation <= dense.generation:
            return None
        self._snapshot = Snapshot(view.generation, dense, view)
        return self._snapshot

    def _dense_at_newest(self) -> vectors.VectorIndex:
        if self._dense is not None:
            if self._dense.generation != self._catalog.generation():
                self._dense = vectors.refreshed(self._dense, self._catalog, self._dimension)
            return self._dense
        folder = self._folder / vectors.FOLDER
        self._dense, problem = vectors.load(folder, self._catalog, self._dimension)
        if problem:
            if not self._began_empty:
                self._note(f"{problem}: the vectors were taken from the catalog")
            if self._writable:
                try:
                    with writer_lock(self._folder, 0.0):
                        self._dense = vectors.write(folder, self._catalog, self._dimension)
                except (IndexLockedError, StorageError):
                    # What was loaded answers as well; the next writer makes the file anew.
                    return self._dense
        return self._dense

    def _view_on_disk(self) -> words.WordView | None:
        """The word index on disk, as it was committed last."""
        if self._on_disk is None:
            opened, problem = words.open_or_none(self._folder / words.FOLDER, self._catalog)
            if opened is None:
                if problem and not self._began_empty:
                    self._note(f"{problem}: the word index was made anew from the catalog")
                return None
            self._on_disk = opened
        try:
            return self._on_disk.view()
        except StorageError as error:
            self._note(f"the tantivy folder cannot be used ({error}): the word index was made anew from the catalog")
            self._on_disk = None
            return None

    def _mended_view(self) -> words.WordView | None:
        """Catches the word index on disk up if no other writer is at work; that one would do it itself."""
        try:
            with writer_lock(self._folder, 0.0):
                behind = self._on_disk is not None and self._on_disk.view().generation != self._catalog.generation()
                self.catch_words_up()
                assert self._on_disk is not None
                view = self._on_disk.view()
        except IndexLockedError:
            return None
        except StorageError as error:
            self._note(f"{error}; meanwhile the words are searched in memory")
            return self._view_in_memory()
        if behind and view.documents:
            self._note("the tantivy folder was not at the state of the catalog: the word index was caught up")
        return view

    def _view_in_memory(self) -> words.WordView:
        """A word index that is not written anywhere: for a folder that may only be read, or a writer that is stuck."""
        if self._in_memory is None or not words.caught_up(self._in_memory, self._catalog):
            self._in_memory = words.rebuilt(None, self._catalog)
        return self._in_memory.view()
