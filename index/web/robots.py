"""What a site's ``robots.txt`` permits, as RFC 9309 has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.errors import SourceError

from .addresses import Link

if TYPE_CHECKING:
    from protego import Protego

    from .politeness import Clock

ROBOT_NAME = "Pullquote"
"""The name by which rules are meant for this program."""
MAX_ROBOTS_BYTES = 512 * 1024
"""So much of the file is read; RFC 9309, section 2.5, asks for 500 KiB at least."""
LONGEST_CRAWL_DELAY = 60.0
"""Seconds; a longer ``Crawl-delay`` is kept as this."""
_KEPT_SECONDS = 86_400.0

RobotsFile = bytes | None
"""The content of a ``robots.txt``, or None when a site has none."""


@dataclass(frozen=True, slots=True)
class _Rules:
    """A site's rules, or why none could be had."""

    rules: Protego | None
    unreachable: str
    read_at: float


class Robots:
    """The rules of the sites that were asked so far; each site's file is fetched once.

    Args:
        fetch: fetches a ``robots.txt``: its content, or None when the site says that there is none (4xx);
            ``SourceError`` when the site could not be asked or failed (5xx), with the reason.
        clock: seconds that only grow; rules are kept for a day.
    """

    def __init__(self, fetch: Callable[[Link], RobotsFile], clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._sites: dict[str, _Rules] = {}

    def check(self, link: Link) -> float:
        """Refuses what a site does not want fetched.

        Returns:
            The seconds that it wants between requests; 0 when it does not say.

        Raises:
            SourceError: the rules forbid this page, or could not be read, which counts as forbidden.
        """
        site = self._sites.get(link.origin)
        if site is None or self._clock() - site.read_at > _KEPT_SECONDS:
            site = self._sites[link.origin] = self._read(link)
        if site.unreachable:
            raise SourceError(link.url, site.unreachable)
        if site.rules is None:
            return 0.0
        if not site.rules.can_fetch(link.url, ROBOT_NAME):
            raise SourceError(link.url, "is not fetched: its site's robots.txt asks programs not to")
        return min(float(site.rules.crawl_delay(ROBOT_NAME) or 0.0), LONGEST_CRAWL_DELAY)

    def _read(self, link: Link) -> _Rules:
        from protego import Protego

        try:
            content = self._fetch(Link(link.scheme, link.host, link.port, "/robots.txt"))
        except SourceError as error:
            return _Rules(None, error.reason, self._clock())
        text = "" if content is None else content.decode("utf-8-sig", "replace")
        return _Rules(Protego.parse(text) if text.strip() else None, "", self._clock())
