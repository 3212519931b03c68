"""The two files of the cache: the FAISS index, and a description that says what it is and how to tell that it is whole.

When is damage noticed? The description carries a hash of itself. An exact base is small: its file is read whole and
compared with its hash whenever it is opened. Of a mapped base the beginning, which FAISS takes into memory (its centres
and where each list is), is compared with its hash whenever it is opened; the lists, which may be gigabytes, when the
file's size or its time of change is not what it was, as after a copy, a restored backup or a careless edit, and always
by ``verify``. A bit that flips in the lists without that can hide a passage from a question until then; it cannot
change a score or a text, which come from the catalog.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..catalog import FELL_BACK
from ..files import replace_file, storage_errors

FOLDER = "vectors"
"""In the index folder."""
DESCRIPTION = "vectors.json"
EXACT = "exact, in memory (IndexIDMap over float16)"
MAPPED = "lists, mapped (IndexIVFScalarQuantizer, 4 bits)"
_VERSION = 2
_BLOCK = 1 << 20


class UnusableError(Exception):
    """Raised with a line that says why the file cannot be used."""


@dataclass(frozen=True, slots=True)
class Description:
    """What is known of the file.

    Attributes:
        catalog: the identity of the catalog that it was made from.
        file: its name.
        generation: the catalog's when it was made.
        rows, last, dimension: how many vectors it holds, the largest passage id, and how long each vector is.
        kind: ``EXACT`` or ``MAPPED``.
        bytes, modified_ns: its size and when it was written.
        head, head_sha256: how many bytes are checked each time a mapped one is opened, and their hash.
        sha256: of the whole file.
        version: of these fields.
    """

    catalog: str
    file: str
    generation: int
    rows: int
    last: int
    dimension: int
    kind: str
    bytes: int
    modified_ns: int
    head: int
    head_sha256: str
    sha256: str
    version: int = _VERSION

    @property
    def is_mapped(self) -> bool:
        """Whether it is searched where it is."""
        return self.kind == MAPPED


def signature(folder: Path) -> tuple[int, int, int] | None:
    """By which a new description is noticed without reading it; None when there is none."""
    try:
        status = (folder / DESCRIPTION).stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def described(folder: Path) -> Description:
    """Reads the description.

    Raises:
        UnusableError: it cannot be trusted.
        OSError: it is not there.
    """
    try:
        fields = json.loads((folder / DESCRIPTION).read_bytes())
        check = fields.pop("check", None)
        if check is None:
            raise UnusableError("the FAISS file is of an earlier version")
        if check != _check(fields):
            raise UnusableError("the FAISS file is damaged")
        return Description(**fields)
    except (ValueError, TypeError, AttributeError) as error:
        raise UnusableError(f"the FAISS file cannot be read ({type(error).__name__})") from error


def check_belongs(description: Description, identity: str, newest: int, dimension: int) -> None:
    """Raises ``UnusableError`` when the file is another index's, newer than the catalog, or another model's."""
    if description.catalog != identity:
        raise UnusableError("the FAISS file belongs to another index")
    if description.generation > newest:
        raise UnusableError(f"the FAISS file is {FELL_BACK}")
    if description.dimension != dimension:
        raise UnusableError("the FAISS file holds vectors of another length")


def check_mapped(path: Path, description: Description, *, whole: bool) -> bool:
    """Checks the file of a mapped base; says whether all of it was read for that.

    Args:
        path: of the file.
        description: of it.
        whole: read all of it in any case.

    Raises:
        UnusableError: it is damaged.
    """
    status = path.stat()
    if status.st_size != description.bytes:
        raise UnusableError("the FAISS file is damaged")
    digest = hashlib.sha256()
    whole = whole or status.st_mtime_ns != description.modified_ns
    with path.open("rb") as file:
        digest.update(file.read(description.head))
        if digest.hexdigest() != description.head_sha256:
            raise UnusableError("the FAISS file is damaged")
        while whole and (block := file.read(_BLOCK)):
            digest.update(block)
    if whole and digest.hexdigest() != description.sha256:
        raise UnusableError("the FAISS file is damaged")
    return whole


def publish(folder: Path, description: Description) -> None:
    """Puts a description in the place of the old one, and takes away all files but the one that it names."""
    fields: dict[str, Any] = dataclasses.asdict(description)
    replace_file(folder / DESCRIPTION, json.dumps(fields | {"check": _check(fields)}, indent=1).encode())
    for path in (*folder.glob("vectors-*.faiss"), *folder.glob(".vectors*.tmp")):
        if path.name != description.file:
            # Windows keeps a file that another process has open; the next rebuild tries again.
            with contextlib.suppress(OSError):
                path.unlink()


def stamp(folder: Path, description: Description) -> None:
    """Remembers the present time of change of a file that was found whole, so that it is not read again next time."""
    modified = (folder / os.path.basename(description.file)).stat().st_mtime_ns
    publish(folder, dataclasses.replace(description, modified_ns=modified))


def make_folder(folder: Path) -> None:
    """Makes the folder of the cache, in the place of whatever else has its name."""
    with storage_errors(folder):
        if not folder.is_dir():
            folder.unlink(missing_ok=True)
        folder.mkdir(exist_ok=True)


def _check(fields: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()
