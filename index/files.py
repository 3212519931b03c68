"""Writing files so that a crash leaves the old one or the new one, never a torn one."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from .errors import StorageError

_NEARLY_FULL = 1_000_000
"""Bytes: with less room than this, a write that failed most likely failed for want of room."""


def replace_file(path: Path, data: bytes) -> None:
    """Writes a file whole: to a temporary one beside it, flushed to the disk, then renamed.

    Raises:
        StorageError: the disk refused; the old file, if any, is as it was.
    """
    with replacing(path) as file:
        file.write(data)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file that takes the place of an old one, whole, at the end; after an error the old one is as it was.

    Raises:
        StorageError: the disk refused.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    with storage_errors(path):
        try:
            with temporary.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
            sync_folder(path.parent)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Makes a rename last through a power cut, where the system can (not on Windows)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def disk_problem(folder: Path) -> str | None:
    """What is the matter with the disk under a folder, for libraries whose errors do not say; None when nothing is."""
    try:
        if shutil.disk_usage(folder).free < _NEARLY_FULL:
            return "the disk is full; make room and try again"
    except FileNotFoundError:
        return "the folder is no longer there; was it moved, or its drive taken away?"
    except OSError as error:
        return f"the folder cannot be reached: {error.strerror or error}"
    return None


@contextlib.contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turns the file system's errors into ``StorageError``, in words."""
    try:
        yield
    except OSError as error:
        reasons = {
            errno.ENOSPC: "the disk is full; make room and try again",
            errno.EDQUOT: "the disk quota is used up; make room and try again",
            errno.EROFS: "the disk is read-only; choose another folder with --index",
            errno.EACCES: "no permission to write here; choose another folder with --index",
            errno.EPERM: "no permission to write here; choose another folder with --index",
        }
        reason = reasons.get(error.errno or 0, error.strerror or str(error))
        raise StorageError(f"{path}: {reason}") from error
