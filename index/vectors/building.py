"""Makes a new base of everything in the catalog and puts it in the place of the old one.

The catalog is read as it was at one generation, while others read it and write to it. A small base is made in memory. A
large one goes from the catalog into its file by way of a second file beside it, a few thousand vectors at a time, so
that memory holds no more than the sample that its lists are found by. A kill at any moment leaves the old base.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ..catalog import Catalog
from ..embedding import FloatMatrix
from ..errors import StorageError
from ..files import replacing, storage_errors
from ..lock import rebuild_lock
from ..stored_vectors import IdArray
from . import library
from .files import EXACT, MAPPED, Description, make_folder, publish

EXACT_LIMIT = 50_000
"""Passages, up to which all vectors are held in memory and compared: see ``benchmarks/scale.py``."""
_SAMPLE_PER_LIST = 20
_MOST_LISTS = 16_384
_BATCH = 4_000
"""Vectors that are placed at once."""


def write(
    folder: Path,
    catalog: Catalog,
    dimension: int,
    limit: int = EXACT_LIMIT,
    stopped: Callable[[], bool] = lambda: False,
    patience: float = 10.0,
) -> None:
    """Builds a base of everything in the catalog and puts it in the place of the file.

    Args:
        folder: of the cache.
        catalog: what it is made from.
        dimension: of a vector.
        limit: passages up to which the base is an exact one.
        stopped: asked every second or so.
        patience: seconds to wait for another process that is making a base.

    Raises:
        IndexLockedError: another process is still making a base.
        StorageError: the disk refused; the old base is as it was.
        StoppedError: it was to stop.
    """
    make_folder(folder)
    with rebuild_lock(folder, patience):
        generation = catalog.generation()
        ids = catalog.all_passage_ids(until=generation)
        name = f"vectors-{generation}.faiss"
        make = _write_exact if len(ids) <= limit else _write_mapped
        publish(folder, make(folder / name, catalog, dimension, generation, ids, stopped))


def _write_exact(
    path: Path, catalog: Catalog, dimension: int, generation: int, _ids: IdArray, _stopped: Callable[[], bool]
) -> Description:
    rows = list(catalog.vector_rows(0, generation))
    ids = np.concatenate([part[0] for part in rows]) if rows else np.empty(0, np.int64)
    vectors = np.concatenate([part[1] for part in rows]) if rows else np.empty((0, dimension), np.float16)
    data = library.serialised(ids, vectors)
    with replacing(path) as file:
        file.write(data)
    digest = hashlib.sha256(data).hexdigest()
    last = int(ids[-1]) if len(ids) else 0
    return Description(
        catalog.identity,
        path.name,
        generation,
        len(ids),
        last,
        dimension,
        EXACT,
        len(data),
        path.stat().st_mtime_ns,
        0,
        "",
        digest,
    )


def lists_for(count: int) -> int:
    """How many lists so many passages are put in: eight times the square root, as many short lists find more."""
    return int(min(_MOST_LISTS, 2 ** round(np.log2(8 * np.sqrt(max(count, 1))))))


def _write_mapped(
    path: Path, catalog: Catalog, dimension: int, generation: int, ids: IdArray, stopped: Callable[[], bool]
) -> Description:
    lists = lists_for(len(ids))
    index = library.trained(_sample(catalog, ids, lists * _SAMPLE_PER_LIST), lists, stopped)
    with _scratch(path.parent) as scratch:
        placed_ids, placed_lists = _place_all(index, catalog, generation, scratch, stopped)
        codes = np.memmap(scratch.name, np.uint8, "r").reshape(len(placed_ids), index.code_size)
        order = np.argsort(placed_lists, kind="stable")
        sizes = np.bincount(placed_lists, minlength=index.nlist).astype(np.int64)
        try:
            head = library.head(index, sizes)
        except ValueError as error:
            raise StorageError(f"{path}: {error}") from error
        digest, head_sha256 = hashlib.sha256(head), hashlib.sha256(head).hexdigest()
        with replacing(path) as file:
            file.write(head)
            for places in np.split(order, np.cumsum(sizes)[:-1]):
                for block in (codes[places], placed_ids[places]):
                    file.write(block.tobytes())
                    digest.update(block.tobytes())
        del codes
    status = path.stat()
    return Description(
        catalog.identity,
        path.name,
        generation,
        len(placed_ids),
        int(placed_ids.max(initial=0)),
        dimension,
        MAPPED,
        status.st_size,
        status.st_mtime_ns,
        len(head),
        head_sha256,
        digest.hexdigest(),
    )


def _sample(catalog: Catalog, ids: IdArray, most: int) -> FloatMatrix:
    """The vectors of so many passages, evenly spread."""
    chosen = ids[np.unique(np.linspace(0, len(ids) - 1, min(most, len(ids))).astype(np.int64))]
    return np.ascontiguousarray(catalog.vectors(chosen.tolist())[1], np.float32)


def _place_all(
    index: Any, catalog: Catalog, generation: int, scratch: BinaryIO, stopped: Callable[[], bool]
) -> tuple[IdArray, IdArray]:
    """Writes the codes of all vectors into a file; returns the id and the list of each."""
    ids, lists = [], []
    for some, vectors in catalog.vector_rows(0, generation, batch=_BATCH):
        if stopped():
            raise library.StoppedError
        places, codes = library.placed(index, vectors)
        scratch.write(codes.tobytes())
        ids.append(some)
        lists.append(places)
    if not ids:
        raise library.StoppedError  # all of them were removed meanwhile
    scratch.flush()
    return np.concatenate(ids), np.concatenate(lists)


@contextlib.contextmanager
def _scratch(folder: Path) -> Iterator[BinaryIO]:
    """A file beside the cache that is gone at the end; ``publish`` clears away what a kill has left of one."""
    path = folder / f".vectors-codes-{os.getpid()}-{threading.get_ident()}.tmp"
    with storage_errors(folder):
        try:
            with path.open("wb") as file:
                yield file
        finally:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
