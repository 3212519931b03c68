"""Makes a new base in the background, while the old one is searched and the catalog is read and written."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from ..catalog import Catalog
from ..errors import IndexLockedError, PullquoteError
from .building import write
from .files import UnusableError, described
from .library import StoppedError
from .view import wants_rebuild

_NICE = 10
"""How much the background gives way to answers, where the system can say that of a thread."""
_PAUSE = 600.0
"""Seconds after a failure, such as a full disk, before it is tried again."""


class Rebuilder:
    """At most one thread; of several processes, the one that holds the lock.

    Args:
        folder, catalog, dimension, limit: as for ``write``.
        note: where a line goes when it cannot be done.
    """

    def __init__(self, folder: Path, catalog: Catalog, dimension: int, limit: int, note: Callable[[str], None]) -> None:
        self._folder = folder
        self._catalog = catalog
        self._dimension = dimension
        self._limit = limit
        self._note = note
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._not_before = 0.0
        self._starting = threading.Lock()

    def start(self) -> None:
        """Begins, unless it is at it already."""
        with self._starting:
            if self._stop.is_set() or self.running or time.monotonic() < self._not_before:
                return
            # A daemon, so that a program that forgets to close the index still ends; then it is stopped first.
            self._thread = threading.Thread(target=self._run, name="pq-vectors", daemon=True)
            atexit.register(self.stop)
            self._thread.start()

    @property
    def running(self) -> bool:
        """Whether it is at it."""
        return self._thread is not None and self._thread.is_alive()

    def wait(self) -> None:
        """Waits until it is done; Ctrl-C gets through."""
        while self.running:
            assert self._thread is not None
            self._thread.join(0.2)

    def stop(self) -> None:
        """Ends it, in a second or two, for good; the old base stays."""
        self._stop.set()
        self.wait()
        atexit.unregister(self.stop)

    def _run(self) -> None:
        if sys.platform == "linux":
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
        try:
            if is_due(self._folder, self._catalog):
                write(self._folder, self._catalog, self._dimension, self._limit, self._stop.is_set, patience=0.0)
        except (StoppedError, IndexLockedError):
            return  # another process is at it
        except PullquoteError as error:
            if not self._stop.is_set():
                self._not_before = time.monotonic() + _PAUSE
                self._note(f"{error}: the vectors' file could not be made anew, and is used as it is")


def is_due(folder: Path, catalog: Catalog, *, urgent: bool = False) -> bool:
    """Whether so much has changed since the base was made that it should be made anew.

    Args:
        folder: of the cache.
        catalog: the truth.
        urgent: whether so much has changed that who has changed it should wait for it.
    """
    try:
        description = described(folder)
        usable = description.catalog == catalog.identity and description.generation <= catalog.generation()
    except (OSError, UnusableError):
        usable = False
    if not usable:
        return catalog.generation() > 0
    changed = catalog.changes(description.generation)
    if not wants_rebuild(description.rows, changed, mapped=description.is_mapped):
        return False
    return not urgent or changed > description.rows // 4
