"""What comes of everything that was named, files first, then links."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator

from .events import Known, Step
from .finding import Findings
from .read_ahead import ReadAhead
from .settings import Settings

_POLL = 0.2
"""Seconds after which a wait that politeness asks for looks whether it should end."""


class StopRequested(Exception):
    """Raised to leave the work when the person asked to stop."""


def steps_of(
    findings: Findings, known: Known, settings: Settings, stop: Callable[[], bool], *, only_look: bool = False
) -> Generator[Step, None, None]:
    """Reads files, and then fetches links, as their turn comes.

    Args:
        findings: what was named.
        known: what is in the catalog already.
        settings: how large a file may be, and what links may do.
        stop: asked often; True ends it.
        only_look: feeds are read, but of pages only asked whether they have changed.

    Raises:
        StopRequested: it was to stop while it waited for a site's next turn.
    """
    with contextlib.closing(ReadAhead(findings.files, known, settings.max_file_bytes).steps()) as steps:
        yield from steps
    if not findings.links and not findings.lists:
        return
    from .web.fetching import Fetcher  # with its libraries, only for who adds a link
    from .web.steps import LinkSteps

    def sleep(seconds: float) -> None:
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            if stop():
                raise StopRequested
            time.sleep(min(left, _POLL))

    fetcher = Fetcher(settings, sleep=sleep)
    yield from LinkSteps(findings.links, findings.lists, known, fetcher, settings, only_look=only_look).steps()
