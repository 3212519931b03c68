"""How long to wait: between requests to one host, and before asking again after a failure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

Clock = Callable[[], float]
Sleep = Callable[[float], None]


class Pace:
    """Keeps a distance between the requests to one host.

    Args:
        clock: seconds that only grow.
        sleep: waits for so many seconds.
    """

    def __init__(self, clock: Clock, sleep: Sleep) -> None:
        self._clock = clock
        self._sleep = sleep
        self._last: dict[str, float] = {}

    def wait(self, host: str, delay: float) -> None:
        """Waits until ``delay`` seconds have passed since the last request to the host; this is then the last one."""
        last = self._last.get(host)
        if last is not None and (left := last + delay - self._clock()) > 0:
            self._sleep(left)
        self._last[host] = self._clock()


def seconds_before_retry(attempt: int, retry_after: str, now: datetime | None = None) -> float:
    """How long to wait before asking again.

    Args:
        attempt: how often it was tried, from 1; each time the wait doubles, from 2 seconds.
        retry_after: the header of that name, in seconds or as a date; an empty string when there is none.
        now: the time of day; the present when None.

    Returns:
        What the server asks for, and never less than the usual wait.
    """
    usual = 2.0**attempt
    value = retry_after.strip()
    if value.isascii() and value.isdecimal():
        return max(usual, float(value[:12]))
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return usual
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(usual, (when - (now or datetime.now(UTC))).total_seconds())
