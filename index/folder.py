"""The index folder: whether it holds an index, which model that was made with, and the manifest for people."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
import uuid
from pathlib import Path

from . import passages as splitting
from . import vectors, words
from .catalog import Catalog
from .embedding import ModelRecord
from .errors import (
    CorruptIndexError,
    IndexNotFoundError,
    ModelMismatchError,
    NotAnIndexError,
    StorageError,
    StoreError,
)
from .files import replace_file
from .lock import writer_lock
from .milvus import LOCAL, to_record
from .salvaging import DAMAGED
from .schema import VERSION
from .settings import Settings

CATALOG = "catalog.sqlite"
MANIFEST = "pullquote.json"

_STORE = "pullquote-web.sqlite"
"""What the web page keeps lies here too; it says nothing about the articles."""
_LOCKS = ("writer.lock", "writer.json")
_OURS = {*_LOCKS, "server.json", MANIFEST, CATALOG, vectors.FOLDER, words.FOLDER, LOCAL}


def holds_index(path: Path, create: bool) -> bool:
    """Whether a folder holds a complete index; False means that one may be made there.

    Raises:
        IndexNotFoundError: there is none, and ``create`` is False.
        NotAnIndexError: it holds something else, or is a file.
        CorruptIndexError: it held an index, and the catalog is gone or cut off.
        StorageError: it cannot be read.
    """
    try:
        if path.exists() and not path.is_dir():
            raise NotAnIndexError(f"{path} is a file, not an index folder; choose a folder with --index")
        if _has_version(path / CATALOG):
            return True
        entries = [entry for entry in os.listdir(path) if not entry.startswith(".")] if path.is_dir() else []
    except OSError as error:
        raise StorageError(f"{path}: the index folder cannot be read: {error.strerror or error}") from error
    known = (f"{CATALOG}-", DAMAGED, _STORE)
    other = sorted(entry for entry in entries if entry not in _OURS and not entry.startswith(known))
    if other:
        raise NotAnIndexError(
            f"{path} holds other files ({other[0]!r}) and is not an index; choose another folder with --index"
        )
    if MANIFEST in entries:
        raise CorruptIndexError(
            f"{path}: the catalog ({CATALOG}) is missing or cut off; put it back from a backup, "
            "or add the articles to a new index"
        )
    if not create:
        raise IndexNotFoundError(f"there is no index at {path}; make one with `pullquote add FILES --index {path}`")
    return False


def new_record(record: ModelRecord, settings: Settings) -> dict[str, str]:
    """What the catalog of a new index says of it.

    Raises:
        StorageError: the settings name no address at which its vectors could be kept.
    """
    model = json.dumps(dataclasses.asdict(record))
    return {"model": model, "identity": uuid.uuid4().hex} | to_record(settings)


def discard_empty(path: Path, patience: float) -> None:
    """Takes an index away in which there is nothing, no article and no feed; or leaves it, where that is not possible.

    Args:
        path: the folder.
        patience: seconds to wait for another process that is writing.
    """
    with contextlib.suppress(StoreError, OSError):
        if not _has_version(path / CATALOG):
            return
        with writer_lock(path, patience):
            with contextlib.closing(Catalog(path / CATALOG)) as catalog:
                if catalog.counts()[0] or any("://" in root for root in catalog.roots()):
                    return
            for entry in list(path.iterdir()):
                if entry.name in (vectors.FOLDER, words.FOLDER, LOCAL):
                    shutil.rmtree(entry)
                elif entry.name == MANIFEST or entry.name.startswith(CATALOG):
                    entry.unlink()
        for name in _LOCKS:
            (path / name).unlink(missing_ok=True)
        path.rmdir()  # which fails, as it should, when somebody has put something there meanwhile


def _has_version(path: Path) -> bool:
    """Whether a catalog is there and complete; one whose making was cut short has no version yet and is made again."""
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except FileNotFoundError:
        return False
    # Bytes 60 to 63 of an SQLite file are its user version; see https://www.sqlite.org/fileformat2.html
    return len(header) == 100 and header[60:64] != b"\0\0\0\0"


def check_model(folder: Path, catalog: Catalog, record: ModelRecord) -> None:
    """Compares the model that an index was made with and the one in use.

    Raises:
        ModelMismatchError: they differ.
        CorruptIndexError: the catalog does not say.
    """
    try:
        stored = ModelRecord(**json.loads(catalog.meta("model") or "{}"))
    except (TypeError, ValueError) as error:
        raise CorruptIndexError(f"{folder}: the catalog does not say which model it was made with") from error
    if stored != record:
        what = f"{record.name!r}" if record.name != stored.name else f"another copy of it ({record.sha256[:12]}…)"
        raise ModelMismatchError(
            f"{folder} was embedded with {stored.name!r}, not with {what}: set PULLQUOTE_MODEL={stored.name} "
            f"to use it as it is, or embed it anew with `pullquote reembed --index {folder}`"
        )


def manifest_model(folder: Path) -> str | None:
    """The model record in the manifest, as JSON, when that file is ours and of a version that is known."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        record = ModelRecord(**manifest["model"])
        return json.dumps(dataclasses.asdict(record)) if manifest["format"] <= VERSION else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_manifest(folder: Path, version: int, record: ModelRecord) -> None:
    """Writes a copy, for people and other programs, of what the catalog records about the index.

    Args:
        folder: of the index.
        version: of the catalog's tables.
        record: the model it was made with.

    Raises:
        StorageError: the disk refused.
    """
    manifest = {
        "format": version,
        "model": dataclasses.asdict(record),
        "splitter": splitting.fingerprint(),
        "about": "A Pullquote index. catalog.sqlite holds the articles; vectors/ and words/ are made from it.",
    }
    data = (json.dumps(manifest, indent=1) + "\n").encode()
    path = folder / MANIFEST
    with contextlib.suppress(OSError):
        if path.read_bytes() == data:
            return
    replace_file(path, data)
