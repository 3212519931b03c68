"""Reads files ahead of the embedder, in a few threads, and hands their articles over in the order of the files."""

from __future__ import annotations

import functools
import hashlib
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import BinaryIO

from . import formats
from .article import Failure
from .errors import SourceError
from .events import ContainerEnd, Known, Reading, Step, member_reading
from .finding import Found
from .languages import with_language
from .reading import within
from .rows import ContainerState, SourceState

_RACY_NS = 2_000_000_000
"""A file that was changed less than this before it was read may be changed again without its time moving on."""
_READERS = 2
"""Threads; reading is quick beside embedding, which needs the processor."""
_WAITING = 48
"""Articles that are read or being read and wait for the embedder."""
_WAITING_BYTES = 100_000_000
_POLL = 0.2
"""Seconds after which a thread that waits looks whether it should end."""


@dataclass(frozen=True, slots=True)
class _Job:
    """A step that is done, or is being done, the bytes that it keeps in memory, and the step to take if it fails."""

    step: Step | Future[Step]
    size: int = 0
    otherwise: Step | None = None

    def done(self) -> Step:
        """The step, once it is done.

        An article is untrusted, and its reader stands on libraries of which each may fail in its own way: a failure
        that nobody foresaw costs that article and not the others.
        """
        if not isinstance(self.step, Future):
            return self.step
        error = self.step.exception()
        if not isinstance(error, Exception) or self.otherwise is None:
            return self.step.result()
        reading = self.otherwise.event
        assert isinstance(reading, Reading)
        what = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        failed = Reading(reading.location, reading.container, f"could not be read; its reader failed ({what})")
        return Step(failed, self.otherwise.bytes, self.otherwise.ends_file)


class _Ended(Exception):
    """Raised in the thread that finds the work, to leave it."""


class ReadAhead:
    """Reads files in threads of its own.

    Args:
        files: in the order in which their articles come out.
        known: what is in the catalog already.
        max_bytes: of one article's file, or of one member of a container.
    """

    def __init__(self, files: list[Found], known: Known, max_bytes: int) -> None:
        self._files = files
        self._known = known
        self._max_bytes = max_bytes
        self._jobs: queue.Queue[_Job | None] = queue.Queue(_WAITING)
        self._ending = threading.Event()
        self._room = threading.Condition()
        self._waiting_bytes = 0

    def steps(self) -> Generator[Step, None, None]:
        """What comes of the files, in their order. However the iteration ends, the threads end with it."""
        with ThreadPoolExecutor(1, "pq-finder") as finder, ThreadPoolExecutor(_READERS, "pq-reader") as pool:
            finding = finder.submit(self._find_jobs, pool)
            try:
                while (job := self._jobs.get()) is not None:
                    yield job.done()
                    with self._room:
                        self._waiting_bytes -= job.size
                        self._room.notify()
                finding.result()
            finally:
                self._ending.set()
                pool.shutdown(wait=False, cancel_futures=True)

    def _find_jobs(self, pool: ThreadPoolExecutor) -> None:
        try:
            for found in self._files:
                for job in self._jobs_of(found, pool):
                    self._put(job)
        except _Ended:
            pass
        finally:
            self._put_last()

    def _put(self, job: _Job | None) -> None:
        while not self._ending.is_set():
            try:
                self._jobs.put(job, timeout=_POLL)
            except queue.Full:
                continue
            return
        raise _Ended

    def _put_last(self) -> None:
        if not self._ending.is_set():
            self._put(None)

    def _jobs_of(self, found: Found, pool: ThreadPoolExecutor) -> Iterator[_Job]:
        location = found.location
        held = self._known.containers.get(location)
        rules = self._known.rules(location)
        if held is not None and held.splitter == rules and surely_unchanged(found, held):
            yield _Job(Step(ContainerEnd(held, unchanged=True, complete=True), found.size, ends_file=True))
            return
        known = self._known.sources.get(location)
        if known is not None and self._known.is_current(known) and surely_unchanged(found, known):
            yield _Job(Step(Reading(location, None, None), found.size, ends_file=True))
            return
        read_at = time.time_ns()
        try:
            with _opened(found) as file:
                format_ = formats.detect(location, file)
                if isinstance(format_, formats.Container):
                    yield from self._jobs_inside(found, format_, file, read_at, pool)
                    return
        except (SourceError, OSError) as error:
            yield _Job(Step(Reading(location, None, _reason(error)), found.size, ends_file=True))
            return
        article_id = known.article_id if known else 0
        size = min(found.size, self._max_bytes)
        otherwise = Step(Reading(location, None, None), found.size, ends_file=True)
        yield self._submitted(pool, size, functools.partial(self._read, found, format_, article_id), otherwise)

    def _submitted(self, pool: ThreadPoolExecutor, size: int, work: Callable[[], Step], otherwise: Step) -> _Job:
        """Orders a step once there is room for what it holds."""
        with self._room:
            while self._waiting_bytes and self._waiting_bytes + size > _WAITING_BYTES:
                self._room.wait(_POLL)
                if self._ending.is_set():
                    raise _Ended
            self._waiting_bytes += size
        try:
            return _Job(pool.submit(work), size, otherwise)
        except RuntimeError as error:  # the pool has been shut down
            raise _Ended from error

    def _read(self, found: Found, format_: formats.Format, article_id: int) -> Step:
        location = found.location
        read_at = time.time_ns()
        try:
            with _opened(found) as file:
                data = within(location, file.read(self._max_bytes + 1), self._max_bytes)
            draft = format_.read(location, data)
        except (SourceError, OSError) as error:
            return Step(Reading(location, None, _reason(error)), found.size, ends_file=True)
        digest = hashlib.sha256(data).hexdigest()
        state = SourceState(location, article_id, found.root, found.size, found.modified_ns, read_at, digest)
        return Step(Reading(location, None, with_language(draft), state), found.size, ends_file=True)

    def _jobs_inside(
        self, found: Found, container: formats.Container, file: BinaryIO, read_at: int, pool: ThreadPoolExecutor
    ) -> Iterator[_Job]:
        """The members of a container, one after the other; only what has changed in them is read further."""
        location = found.location
        budget = formats.Budget.of_file(found.size, self._max_bytes, self._known.columns_of(location))
        done = 0
        complete = False
        try:
            for item in container.members(location, file, budget):
                reached = max(done, min(file.tell(), found.size))
                share, done = reached - done, reached
                if isinstance(item, formats.Member):
                    yield self._member(found, item, share, read_at, pool)
                elif isinstance(item, Failure):
                    yield _Job(Step(Reading(item.source, location, item.reason), share, ends_file=False))
                else:
                    yield _Job(Step(item, share, ends_file=False))
            complete = True
        except (SourceError, OSError) as error:
            yield _Job(Step(Reading(location, None, _reason(error)), 0, ends_file=False))
        times = (found.size, found.modified_ns, read_at)
        state = ContainerState(location, found.root, *times, self._known.rules(location))
        end = ContainerEnd(state, unchanged=False, complete=complete)
        yield _Job(Step(end, found.size - done, ends_file=True))

    def _member(self, found: Found, member: formats.Member, share: int, read_at: int, pool: ThreadPoolExecutor) -> _Job:
        container = found.location
        otherwise = Step(Reading(member.source, container, None), share, ends_file=False)
        state = self._known.member_state(member, container, read_at)
        if state is None:
            return _Job(otherwise)

        def read() -> Step:
            return Step(member_reading(member, container, state), share, ends_file=False)

        return self._submitted(pool, len(member.data), read, otherwise)


def _opened(found: Found) -> BinaryIO:
    """The file; a pipe or a device is not opened at all.

    Raises:
        SourceError: it is no file.
        OSError: it cannot be read.
    """
    path = found.path
    if not path.is_file():
        raise SourceError(found.location, "is not a regular file" if path.exists() else "no such file")
    return path.open("rb")


def _reason(error: SourceError | OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such file"
    return error.reason if isinstance(error, SourceError) else f"cannot be read: {error.strerror or error}"


def surely_unchanged(found: Found, known: SourceState | ContainerState) -> bool:
    """By size and times, without reading it.

    Not for a file that was read in the moment in which it was written, nor for one that was touched since (its time
    may have been set back afterwards), nor when it was read in what is now the future: then the clock was moved, and
    no time says anything. Such a file is read again, which costs little.
    """
    return (
        known.bytes == found.size
        and known.modified_ns == found.modified_ns
        and known.read_at_ns is not None
        and found.modified_ns + _RACY_NS < known.read_at_ns
        and found.changed_ns < known.read_at_ns <= time.time_ns()
    )
