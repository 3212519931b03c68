"""The files of the tantivy folder: whether they are whole, without opening them, and clearing them away."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import struct
import zlib
from pathlib import Path

from .errors import StorageError

_BLOCK = 1 << 20
"""Bytes of a file that are in memory at once while it is checked."""


def is_unfinished(folder: Path) -> bool:
    """Whether nothing was ever committed: the folder is missing, or its making was cut short. That is no damage."""
    if not folder.exists():
        return True
    meta = _meta(folder) if folder.is_dir() else b"-"
    if not meta:
        return not any(folder.glob("*.store"))
    try:
        return not json.loads(meta)["segments"]
    except (ValueError, KeyError, TypeError):
        return False


def damaged_files(folder: Path) -> list[str]:
    """Files of the cache that are missing, or fail the CRC-32 that tantivy writes at their end, one line each.

    Only what the last commit names is looked at: beside it there may be files that a writer is working on.
    """
    while True:
        meta = _meta(folder)
        damaged = _damaged_segments(folder, meta)
        # A writer may have committed and cleared away what we were looking at: then what is there now counts.
        if not damaged or _meta(folder) == meta:
            return damaged


def _meta(folder: Path) -> bytes:
    try:
        return (folder / "meta.json").read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise StorageError(f"{folder}: {error.strerror or error}") from error


def _damaged_segments(folder: Path, meta: bytes) -> list[str]:
    try:
        segments = [(item["segment_id"].replace("-", ""), item["deletes"]) for item in json.loads(meta)["segments"]]
        names = [
            name
            for segment, deletes in segments
            for name in (
                *(f"{segment}.{kind}" for kind in ("fast", "fieldnorm", "idx", "pos", "store", "term")),
                *([f"{segment}.{deletes['opstamp']}.del"] if deletes else []),
            )
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        return ["the tantivy file meta.json is missing or damaged"]
    return [f"the tantivy file {name} is missing or damaged" for name in names if not _is_whole(folder / name)]


def clear_torn_deletes(folder: Path) -> None:
    """Takes away lists of deleted documents that a killed writer left behind: their names would be used again."""
    try:
        segments = json.loads(_meta(folder))["segments"]
        named = {
            f"{item['segment_id'].replace('-', '')}.{item['deletes']['opstamp']}.del"
            for item in segments
            if item["deletes"]
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return
    for path in folder.glob("*.del"):
        if path.name not in named:
            with contextlib.suppress(OSError):
                path.unlink()


def _is_whole(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            end = file.seek(-8, os.SEEK_END)
            length, _magic = struct.unpack("<II", file.read(8))
            left = file.seek(end - length)
            footer = json.loads(file.read(length))
            file.seek(0)
            crc = 0
            while left and (block := file.read(min(left, _BLOCK))):
                crc = zlib.crc32(block, crc)
                left -= len(block)
            return bool(crc == footer["crc"])
    except (OSError, struct.error, ValueError, KeyError, TypeError):
        return False


def clear_away(folder: Path) -> None:
    """Takes the folder away in one step, so that a kill on the way leaves no half of it that looks damaged."""
    for left in folder.parent.glob(f".{folder.name}-*.old"):
        shutil.rmtree(left, ignore_errors=True)
    if not folder.is_dir():
        folder.unlink(missing_ok=True)
        return
    aside = folder.with_name(f".{folder.name}-{os.getpid()}.old")
    try:
        folder.rename(aside)
    except OSError:
        aside = folder  # Windows does not move a folder of which another process has files open
    shutil.rmtree(aside, ignore_errors=True)
