"""Says when something has changed in the folders and files from which an index was made."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import watchfiles

from index import Places, PullquoteError

_QUIET_MS = 300
"""Changes that follow each other within this time are one."""
_LONGEST_MS = 3_000
"""After which something is said of changes that do not end."""
_LOOK_MS = 1_000
"""After which files, and whether folders are there, are looked at again: of those the system does not tell."""

Look = dict[Path, tuple[int, ...] | None]


class Ending(Protocol):
    """Says whether to end, as an event of ``threading`` does."""

    def is_set(self) -> bool:
        """Whether it is time."""


def changes(places: Callable[[], Places], index: Path, ending: Ending) -> Iterator[None]:
    """Comes round once at the start, and then whenever something has changed.

    Nothing gets lost while the caller is busy: the system is watched all the time. A folder that is removed is
    watched again when it is back.

    Args:
        places: what to watch; asked again each time.
        index: the folder of the index itself, in which changes do not count.
        ending: asked often; when it is set, this ends.

    Raises:
        PullquoteError: the system watches no more files.
    """
    while not ending.is_set():
        here = places()
        look = _look(here)
        watched = [folder for folder in here.folders if look[folder] is not None]
        is_first = True
        for changed in _ticks(watched, index, ending):
            now = _look(here)
            if is_first or changed or now != look:
                yield
            is_other = any(now[folder] != look[folder] for folder in here.folders)
            is_other = is_other or not changed.isdisjoint(map(str, watched)) or (bool(changed) and places() != here)
            is_first, look = False, now
            if is_other:
                break


def _look(places: Places) -> Look:
    """By what a change is seen that the system does not tell of."""
    folders: Look = {}
    for folder in places.folders:
        status = _status(folder)
        folders[folder] = (status.st_dev, status.st_ino) if status else None
    for file in places.files:
        status = _status(file)
        folders[file] = (status.st_ino, status.st_size, status.st_mtime_ns) if status else None
    return folders


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def _ticks(folders: Sequence[Path], index: Path, ending: Ending) -> Iterator[set[str]]:
    """The paths in folders that have changed, or an empty set each second in which nothing has."""
    if not folders:
        while not ending.is_set():
            yield set()
            time.sleep(_LOOK_MS / 1000)
        return
    watching = watchfiles.watch(
        *folders,
        watch_filter=lambda _change, path: _counts(Path(path), folders, index),
        debounce=_LONGEST_MS,
        step=_QUIET_MS,
        stop_event=ending,
        rust_timeout=_LOOK_MS,
        yield_on_timeout=True,
        raise_interrupt=False,
        ignore_permission_denied=True,
    )
    try:
        for changed in watching:
            yield {path for _change, path in changed}
    except FileNotFoundError:
        time.sleep(_LOOK_MS / 1000)  # a folder went between the look and the watch
    except (OSError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        raise PullquoteError(f"the folders cannot be watched ({reason}); run `pullquote sync` now and then") from error


def _counts(path: Path, folders: Sequence[Path], index: Path) -> bool:
    """Whether a change there can matter: not in the index, and not in what is hidden, as editors' own files are."""
    if path.is_relative_to(index):
        return False
    inside = [path.relative_to(folder).parts for folder in folders if path.is_relative_to(folder)]
    return any(not any(part.startswith(".") for part in parts) for parts in inside)
