"""What a person sees and can do while ``add`` or ``sync`` works: a bar with the time that is left, and Ctrl-C."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from index import Progress

from .marking import plain
from .terminal import console_for

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_SHOW_CURSOR = "\x1b[?25h"


class Interruption:
    """Turns the first Ctrl-C or SIGTERM into a wish to stop; the second one ends the program at once.

    Attributes:
        requested: whether the person has asked to stop.

    Args:
        promise: what is then said to happen.
    """

    def __init__(self, promise: str = "Stopping after this batch") -> None:
        self.requested = False
        self._promise = promise
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Interruption:
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                # One that is ignored (a job started with nohup) stays so.
                before = signal.getsignal(number)
                if before is not signal.SIG_IGN:
                    self._before[number] = before  # first: a signal may come as soon as the next line is done
                    signal.signal(number, self._stop)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def is_set(self) -> bool:
        """The same as ``requested``, as an event of ``threading`` says it."""
        return self.requested

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.requested = True
        for other in self._before:
            # The system's own way: it works even while a library is busy and Python does not get its turn.
            signal.signal(other, signal.SIG_DFL)
        cursor = _SHOW_CURSOR if sys.stderr.isatty() else ""
        # Not through sys.stderr, which may be in the middle of a write that this handler has interrupted.
        with contextlib.suppress(OSError):
            os.write(2, f"{cursor}\n{self._promise}; press Ctrl-C again to end at once.\n".encode())


@contextlib.contextmanager
def counting_bar(description: str) -> Iterator[Callable[[int, int], None] | None]:
    """A bar over articles on stderr, for work that tells how many of how many are done; None without a terminal."""
    console = console_for(sys.stderr)
    if not console.is_terminal:
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task(description, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextlib.contextmanager
def progress_bar() -> Iterator[Callable[[Progress], None] | None]:
    """A bar on stderr with the time that is left, or None when stderr is no terminal."""
    console = console_for(sys.stderr)
    if not console.is_terminal:
        yield None
        return
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),  # bytes would say little: links have none
        TimeRemainingColumn(),
        TextColumn("{task.fields[file]}", markup=False, style="dim"),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Getting ready", total=None, file="")

        def show(progress: Progress) -> None:
            description = "Embedding" if progress.passages else "Reading"
            file = plain(os.path.basename(progress.current))
            shown: dict[str, Any] = {"file": file} if file else {}
            bar.update(
                task,
                description=f"{description} {progress.done_files:,}/{progress.total_files:,}",
                completed=progress.done_bytes,
                total=progress.total_bytes,
                **shown,
            )

        yield show
