"""Where the vectors and words of an index are kept: in files beside its catalog, or in Milvus."""

from __future__ import annotations

import contextlib
from pathlib import Path

from .caches import Caches
from .catalog import Catalog
from .errors import IndexLockedError
from .lock import writer_lock
from .milvus import META, MilvusCaches, moved, recorded
from .settings import Settings


def open_caches(
    folder: Path, catalog: Catalog, dimension: int, settings: Settings, *, writable: bool, notes: list[str]
) -> Caches | MilvusCaches:
    """The caches of an index, as its catalog says; what the settings say of new indexes changes nothing here.

    Raises:
        CorruptIndexError: the catalog's word on it cannot be read.
        StorageError: the address of Milvus cannot be understood.
    """
    address = recorded(folder, catalog, settings)
    if address is None:
        if settings.vectors == "milvus":
            notes.append(
                "this index was made with FAISS and stays so: to have it in Milvus, export it and import the file "
                "into a new index"
            )
        return Caches(
            folder,
            catalog,
            dimension,
            writable=writable,
            patience=settings.lock_timeout,
            exact_limit=settings.exact_limit,
            notes=notes,
        )
    if writable and (record := moved(catalog, settings)):
        # Where another process is writing, the settings count as well; the next one keeps them.
        with contextlib.suppress(IndexLockedError), writer_lock(folder, 0.0), catalog.write() as writer:
            writer.put_meta(META, record)
    return MilvusCaches(
        folder, catalog, dimension, address, writable=writable, patience=settings.lock_timeout, notes=notes
    )
