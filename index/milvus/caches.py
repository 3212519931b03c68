"""Vectors and words in Milvus, connected to at the first use; and beside the catalog the word index that counts."""

from __future__ import annotations

import contextlib
import threading
import time
from pathlib import Path

from .. import words
from ..catalog import Catalog
from ..errors import IndexLockedError, StorageError
from ..lock import writer_lock
from ..views import Snapshot
from ..word_folder import WordFolder
from .address import Address
from .collection import Collection
from .views import MilvusVectors, MilvusWords

_POLL = 0.05


class MilvusCaches:
    """What ``Caches`` is for files beside the catalog, for any number of threads.

    Args:
        folder: of the index.
        catalog: the truth.
        dimension: of a vector.
        address: of the Milvus.
        writable: whether the collection may be changed.
        patience: seconds to wait for a writer when there is no earlier snapshot to use.
        notes: where a line goes for each thing that had to be mended.
    """

    def __init__(
        self,
        folder: Path,
        catalog: Catalog,
        dimension: int,
        address: Address,
        *,
        writable: bool,
        patience: float,
        notes: list[str],
    ) -> None:
        self._folder = folder
        self._catalog = catalog
        self._dimension = dimension
        self._address = address
        self._writable = writable
        self._patience = patience
        self._notes = notes
        self._lock = threading.RLock()
        self._snapshot: Snapshot | None = None
        self._collection: Collection | None = None
        self._local = WordFolder(folder, catalog, self._note)

    def close(self) -> None:
        """Gives the connection back."""
        with self._lock:
            collection, self._collection, self._snapshot, self._local.opened = self._collection, None, None, None
        if collection is not None:
            collection.close()

    def snapshot(self) -> Snapshot:
        """The collection at the newest generation that it has; the same object until something changes.

        Raises:
            StorageError: Milvus does not answer.
        """
        deadline = time.monotonic() + self._patience
        while True:
            with self._lock:
                found = self._at_newest() or self._snapshot
            if found is not None:
                return found
            if time.monotonic() > deadline:
                raise StorageError(
                    f"{self._folder}: the collection in Milvus at {self._address.uri} is not there yet: wait for the "
                    "process that writes, or ask somebody who may write to this folder to open the index"
                )
            time.sleep(_POLL)

    def prepare(self) -> None:
        """Connects, before anything is written that would have to wait for Milvus.

        Raises:
            StorageError: Milvus does not answer.
        """
        self.collection()

    def catch_up(self) -> None:
        """Brings the collection up to the catalog. Needs the writer's lock."""
        self.catch_words_up()

    def catch_words_up(self) -> None:
        """Brings the word index beside the catalog and the collection up to it. Needs the writer's lock.

        Raises:
            StorageError: Milvus does not answer. Nothing is lost: the next use does it.
        """
        self._local.catch_up()
        if problem := self.collection().catch_up():
            self._note(f"{problem}: it was made anew from the catalog")

    def fold(self) -> None:
        """Nothing: Milvus merges what it holds by itself."""

    def describe(self) -> str:
        """Which index is used, for people."""
        count = self.snapshot().words.documents
        where = "a file in this folder (Milvus Lite)" if self._address.is_file else self._address.uri
        return f"Milvus, {self._address.index} over {count} vectors and their words, in {where}"

    def make_anew(self) -> str:
        """Makes both anew from the catalog, and says so. Needs the writer's lock."""
        self._local.make_anew()
        collection = self.collection()
        collection.empty()
        collection.catch_up()
        return "the collection in Milvus and the word index were made anew from the catalog"

    def collection(self) -> Collection:
        """The collection, connected.

        Raises:
            StorageError: Milvus does not answer.
        """
        with self._lock:
            if self._collection is None:
                terms = words.WordIndex(None, self._catalog.identity).view().terms
                self._collection = Collection(self._address, self._catalog, self._dimension, terms)
            return self._collection

    def _at_newest(self) -> Snapshot | None:
        """The newest snapshot that can be had, or None where nothing is there and another process is writing."""
        newest, known = self._catalog.generation(), self._snapshot
        if known is not None and known.generation == newest:
            return known
        collection = self.collection()
        held, local = collection.generation(), self._local.view()
        if self._writable and (held != newest or local is None or local.generation != newest):
            # Whoever is writing does it.
            with contextlib.suppress(IndexLockedError), writer_lock(self._folder, 0.0):
                self.catch_words_up()
                held, local = collection.generation(), self._local.view()
        if local is None and not self._writable:
            local = words.rebuilt(None, self._catalog).view()
        if held < 0 or local is None:
            return None
        generation = min(held, local.generation)
        if known is None or known.generation != generation:
            vectors = MilvusVectors(generation, collection, self._catalog)
            self._snapshot = Snapshot(generation, vectors, MilvusWords(generation, collection, local))
        return self._snapshot

    def _note(self, line: str) -> None:
        if line not in self._notes:
            self._notes.append(line)
