"""Processes for fault tests: forked from a server that has loaded the libraries and done nothing else."""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.connection
import multiprocessing.process
import multiprocessing.synchronize
import traceback
from collections.abc import Callable, Iterator
from typing import Any

_METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
CONTEXT: Any = multiprocessing.get_context(_METHOD)
"""A process that has searched must not be forked: its threads would not go along."""

if _METHOD == "forkserver":
    CONTEXT.set_forkserver_preload(["faiss", "tantivy", "nupunkt", "filelock", "qa", "index.article_index"])

Pipe = multiprocessing.connection.Connection


class Child:
    """A process that runs a function, and the messages that it has sent.

    Args:
        work: called with a ``send`` function and the arguments.
        arguments: what can be pickled.
    """

    def __init__(self, work: Callable[..., None], *arguments: Any) -> None:
        self._receiving, sending = CONTEXT.Pipe(duplex=False)
        self.process = CONTEXT.Process(target=_run, args=(work, sending, arguments), daemon=True)
        self.process.start()
        sending.close()

    def wait_for(self, seconds: float) -> Any:
        """The next message; None when none came in time or the process has ended."""
        try:
            return self._receiving.recv() if self._receiving.poll(seconds) else None
        except (EOFError, OSError):
            return None

    def kill(self) -> list[Any]:
        """Ends the process by SIGKILL, and gives all that it had sent before."""
        self.process.kill()
        return self.finish()

    def finish(self) -> list[Any]:
        """Waits for the end of the process, and gives all that it has sent."""
        messages = []
        while (message := self.wait_for(3600)) is not None:
            messages.append(message)
        self.process.join()
        self._receiving.close()
        return messages


def _run(work: Callable[..., None], sending: Pipe, arguments: tuple[Any, ...]) -> None:
    try:
        work(sending.send, *arguments)
    except BaseException:  # a panic of a library comes as a BaseException: whatever it is, the test has to see it
        sending.send(("crashed", traceback.format_exc()))
        raise


@contextlib.contextmanager
def children(*started: Child) -> Iterator[None]:
    """Ends processes that still run when a test fails."""
    try:
        yield
    finally:
        for child in started:
            child.process.kill()
