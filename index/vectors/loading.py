"""Opens the cache and catches it up with the catalog in memory; nothing is written."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

import numpy as np

from ..catalog import Catalog
from ..errors import IndexLockedError, StorageError
from ..lock import rebuild_lock
from . import library
from .files import Description, UnusableError, check_belongs, check_mapped, described, stamp
from .mapped_base import MappedBase
from .segments import Segment
from .view import VectorIndex


def load(
    folder: Path, catalog: Catalog, dimension: int, *, whole: bool = False, writable: bool = False
) -> tuple[VectorIndex, str | None]:
    """Opens the cache and catches it up with the catalog in memory.

    Args:
        folder: of the cache.
        catalog: the truth.
        dimension: of a vector.
        whole: read all of a mapped file to see that it is whole, as ``verify`` does.
        writable: whether it may be noted that a file which was copied here is whole.

    Returns:
        The view, and a line that says why the file could not be used, or None when it could.
    """
    newest = catalog.generation()
    base: Segment | MappedBase = Segment.of(np.empty(0, np.int64), np.empty((0, dimension), np.float16))
    generation, problem = 0, None
    try:
        description, base = _opened(folder, catalog, dimension, whole=whole, writable=writable)
        generation = description.generation
    except UnusableError as error:
        problem = str(error)
    except (FileNotFoundError, NotADirectoryError):
        problem = "the FAISS file is missing" if newest else None
    except (OSError, ValueError, RuntimeError) as error:
        problem = f"the FAISS file cannot be read ({type(error).__name__})"
    nothing = np.empty(0, np.int64)
    return VectorIndex(generation, base, generation, (), nothing, catalog).newer(max(newest, generation)), problem


def _opened(
    folder: Path, catalog: Catalog, dimension: int, *, whole: bool, writable: bool
) -> tuple[Description, Segment | MappedBase]:
    """The description and the file that it names; both again when a writer put new ones in their place meanwhile."""
    while True:
        description = described(folder)
        # Read after the description: what was published meanwhile may be newer than the catalog was before.
        check_belongs(description, catalog.identity, catalog.generation(), dimension)
        path = folder / os.path.basename(description.file)
        try:
            if description.is_mapped:
                return description, _mapped(folder, path, description, whole=whole, writable=writable)
            data = path.read_bytes()
            if hashlib.sha256(data).hexdigest() != description.sha256:
                raise UnusableError("the FAISS file is damaged")
            return description, Segment(*library.deserialised(data))
        except (FileNotFoundError, RuntimeError):
            if path.exists() or described(folder) == description:
                raise


def _mapped(folder: Path, path: Path, description: Description, *, whole: bool, writable: bool) -> MappedBase:
    all_read = check_mapped(path, description, whole=whole)
    base = MappedBase(library.mapped(path), description.last)
    if len(base) != description.rows:
        raise UnusableError("the FAISS file is damaged")
    if all_read and writable and path.stat().st_mtime_ns != description.modified_ns:
        with contextlib.suppress(IndexLockedError, StorageError, OSError), rebuild_lock(folder):
            stamp(folder, description)
    return base
