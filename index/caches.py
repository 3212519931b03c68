"""The FAISS file and the tantivy folder beside the catalog: opened, caught up with it, and made anew when damaged."""

from __future__ import annotations

import contextlib
import threading
import time
from pathlib import Path

from . import vectors, words
from .catalog import Catalog
from .errors import IndexLockedError, StorageError
from .lock import writer_lock
from .views import Snapshot
from .word_folder import WordFolder

_POLL = 0.02
"""Seconds between two looks at a word index that another process is about to commit."""
_STAYS = 30.0
"""Seconds that an index has been open for, after which its process is one that stays, such as a server: it makes a
large file of vectors anew in the background. A command would be over before that is done."""


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
        exact_limit: passages up to which all vectors are held in memory.
        notes: where a line goes for each thing that had to be mended.
    """

    def __init__(
        self,
        folder: Path,
        catalog: Catalog,
        dimension: int,
        *,
        writable: bool,
        patience: float,
        exact_limit: int,
        notes: list[str],
    ) -> None:
        self._folder = folder
        self._catalog = catalog
        self._dimension = dimension
        self._writable = writable
        self._patience = patience
        self._notes = notes
        self._exact_limit = exact_limit
        self._opened = time.monotonic()
        self._owes = False
        self._rebuilder = vectors.Rebuilder(folder / vectors.FOLDER, catalog, dimension, exact_limit, self._note)
        self._lock = threading.RLock()
        self._snapshot: Snapshot | None = None
        self._dense: vectors.VectorIndex | None = None
        self._dense_file: tuple[int, int, int] | None = None
        self._on_disk = WordFolder(folder, catalog, self._note)
        self._in_memory: words.WordIndex | None = None

    def close(self) -> None:
        """Forgets what was loaded, and ends what goes on in the background, or waits for it where that is overdue."""
        if self._owes:
            self._rebuilder.wait()
        self._rebuilder.stop()
        with self._lock:
            self._snapshot = self._dense = self._on_disk.opened = self._in_memory = None

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

    def prepare(self) -> None:
        """Nothing: what is written to lies in the folder."""

    def describe(self) -> str:
        """Which index of vectors is used, and why, for people."""
        self.snapshot()
        assert self._dense is not None
        return vectors.describe(self._dense, self._exact_limit)

    def catch_up(self) -> None:
        """Brings the word index on disk up to the catalog, within a longer piece of work. Needs the writer's lock."""
        self.catch_words_up()
        if self._stays and self._catalog.passage_count() > self._exact_limit and self._is_due():
            self._rebuilder.start()

    def catch_words_up(self) -> None:
        """Brings the word index on disk up to the catalog. Needs the writer's lock."""
        self._on_disk.catch_up()

    def fold(self) -> None:
        """Makes the file of vectors anew when enough has changed. Needs the writer's lock.

        A small one is made at once. A large one takes minutes: a process that stays makes it in the background, and
        another one leaves it to later ones, until so much has changed that ``close`` waits for it.
        """
        if not self._is_due():
            return
        if self._catalog.passage_count() <= self._exact_limit:
            with contextlib.suppress(IndexLockedError):
                self._write_vectors()
            return
        self._owes = self._is_due(urgent=True)
        if self._stays or self._owes:
            self._rebuilder.start()

    @property
    def _stays(self) -> bool:
        return time.monotonic() - self._opened >= _STAYS

    def _is_due(self, *, urgent: bool = False) -> bool:
        return vectors.is_due(self._folder / vectors.FOLDER, self._catalog, urgent=urgent)

    def _write_vectors(self) -> None:
        vectors.write(self._folder / vectors.FOLDER, self._catalog, self._dimension, self._exact_limit, patience=0.0)

    def _note(self, line: str) -> None:
        if line not in self._notes:
            self._notes.append(line)

    def _at_newest(self, *, in_memory: bool) -> Snapshot | None:
        """The newest snapshot that can be had, or None when a writer is in the middle of making the first one."""
        newest = self._catalog.generation()
        same_file = vectors.signature(self._folder / vectors.FOLDER) in (self._dense_file, None)
        if self._snapshot is not None and self._snapshot.generation == newest and same_file:
            return self._snapshot
        view = self._on_disk.view()
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
        folder = self._folder / vectors.FOLDER
        file = vectors.signature(folder)
        newest = self._catalog.generation()
        known = self._dense
        if known is not None and known.generation <= newest and file in (self._dense_file, None):
            self._dense = known if known.generation == newest else known.newer(newest)
        else:
            view, problem = vectors.load(folder, self._catalog, self._dimension, writable=self._writable)
            if problem and known is not None and known.generation <= newest:
                view = known.newer(newest)  # the file was damaged after it was opened, which does not matter here
            elif problem:
                view = self._mended_vectors(view, problem)
                file = vectors.signature(folder)
            # As it was before it was read: one that has been put there meanwhile is opened the next time.
            self._dense, self._dense_file = view, file
        if self._writable and self._stays and self._dense.size > self._exact_limit and self._dense.wants_rebuild:
            self._rebuilder.start()
        return self._dense

    def _mended_vectors(self, view: vectors.VectorIndex, problem: str) -> vectors.VectorIndex:
        """Makes a missing or damaged file anew, if that is quick and no other process is at it."""
        if not self._on_disk.began_empty:
            self._note(f"{problem}: the vectors were taken from the catalog")
        if not self._writable or view.size > self._exact_limit:
            return view
        try:
            with writer_lock(self._folder, 0.0):
                self._write_vectors()
        except (IndexLockedError, StorageError):
            return view  # it answers as well; the next writer makes the file anew
        return vectors.load(self._folder / vectors.FOLDER, self._catalog, self._dimension)[0]

    def _mended_view(self) -> words.WordView | None:
        """Catches the word index on disk up if no other writer is at work; that one would do it itself."""
        try:
            with writer_lock(self._folder, 0.0):
                before = self._on_disk.opened
                behind = before is not None and before.view().generation != self._catalog.generation()
                self.catch_words_up()
                assert self._on_disk.opened is not None
                view = self._on_disk.opened.view()
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
