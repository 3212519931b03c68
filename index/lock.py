"""One writer at a time, across processes; the lock of a process that has died is free."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from .errors import IndexLockedError, StorageError
from .files import disk_problem, storage_errors


@contextlib.contextmanager
def writer_lock(folder: Path, timeout: float) -> Iterator[None]:
    """Holds the right to write to an index.

    The operating system gives the lock back when its holder dies, however it dies.

    Args:
        folder: the index.
        timeout: seconds to wait for another writer.

    Raises:
        IndexLockedError: another process still has it; the message says which one, since when.
        StorageError: the folder is gone, or nothing can be written in it.
    """
    from filelock import FileLock, Timeout

    if not folder.is_dir():
        # The lock would make the folder anew, and the index would be an empty one.
        raise StorageError(f"{folder}: {disk_problem(folder) or 'the folder is no longer there'}")
    lock = FileLock(folder / "writer.lock")
    holder = folder / "writer.json"
    with storage_errors(folder):
        try:
            lock.acquire(timeout=timeout)
        except Timeout:
            raise IndexLockedError(f"{folder}: {_who(holder)} is writing to the index; try again later") from None
    try:
        command = " ".join([os.path.basename("".join(sys.argv[:1])) or "python", *sys.argv[1:2]])
        record = {"pid": os.getpid(), "command": command, "since": datetime.now().isoformat(timespec="seconds")}
        # Who holds the lock is told as a help; not being able to write it does not matter.
        with contextlib.suppress(OSError):
            holder.write_text(json.dumps(record))
        yield
    finally:
        with contextlib.suppress(OSError):
            holder.unlink(missing_ok=True)
        lock.release()


@contextlib.contextmanager
def rebuild_lock(folder: Path, timeout: float = 0.0) -> Iterator[None]:
    """Holds the right to make the files of a cache anew, which needs no right to write to the catalog.

    Args:
        folder: of the cache.
        timeout: seconds to wait for another process, or another thread, that is at it.

    Raises:
        IndexLockedError: it still is.
        StorageError: nothing can be written in the folder.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder / "rebuild.lock")
    with storage_errors(folder):
        try:
            lock.acquire(timeout=timeout)
        except Timeout:
            raise IndexLockedError(f"{folder}: another process is making these files anew; try again later") from None
    try:
        yield
    finally:
        lock.release()


def _who(holder: Path) -> str:
    try:
        record = json.loads(holder.read_text())
        return f"process {record['pid']} ({record['command']!r}, since {record['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
