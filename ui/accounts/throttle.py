"""Slows down who tries one password after another."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable

MOST_KEYS = 10_000
"""That are remembered; the oldest are forgotten first."""


class Throttle:
    """Counts tries by key, and says how long to wait when there were too many. Nobody is shut out for longer than that.

    A try is counted before it is judged, so that many at the same time do not get past; a right one is given back.

    Args:
        limit: tries of one key within the time.
        seconds: the time, from the first of them.
        clock: tells the time in seconds.
    """

    def __init__(self, limit: int, seconds: float = 60.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._seconds, self._clock = limit, seconds, clock
        self._lock = threading.Lock()
        self._tries: dict[Hashable, tuple[float, int]] = {}

    def take(self, key: Hashable) -> float:
        """Counts a try.

        Returns:
            0 when it may be made, else the seconds until the next one may.
        """
        with self._lock:
            began, count = self._tries.get(key, (self._clock(), 0))
            left = began + self._seconds - self._clock()
            if left <= 0:
                began, count = self._clock(), 0
            elif count >= self._limit:
                return left
            # Taken out and put in again, the newest stand last.
            self._tries.pop(key, None)
            self._tries[key] = (began, count + 1)
            if len(self._tries) > MOST_KEYS:
                del self._tries[next(iter(self._tries))]
            return 0.0

    def give_back(self, key: Hashable) -> None:
        """Takes a try back: it was right, or never made."""
        with self._lock:
            began, count = self._tries.get(key, (0.0, 0))
            if count > 1:
                self._tries[key] = (began, count - 1)
            else:
                self._tries.pop(key, None)
