"""Fetches links: checked, robots.txt honoured, at a pace, within limits, with redirects, retries and validators.

Safety, at each hop anew: the link is http(s) without a password and on a usual port; its host's addresses are public.
Limits: five redirects, the size of headers and body (packed and unpacked), the time of the whole. No cookies are kept,
no script is run, and no proxy is used that the settings do not name.
"""

from __future__ import annotations

import importlib.metadata
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from index.errors import SourceError
from index.settings import Settings

from .addresses import Link, parse_link, redirected
from .content_types import check_content, check_content_type, media_type
from .decoding import ACCEPTED
from .politeness import Clock, Pace, Sleep, seconds_before_retry
from .robots import MAX_ROBOTS_BYTES, ROBOT_NAME, Robots, RobotsFile
from .transport import Limits, Network, Response, TemporaryError, exchange

MAX_REDIRECTS = 5
TRIES = 3
"""How often a link is asked for when the server is busy or the connection breaks."""
LONGEST_WAIT = 60.0
"""Seconds; a server that wants more before the next try is left in peace until the next ``sync``."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_BUSY = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave along with a page, so that it can be asked later whether the page has changed.

    Attributes:
        url: the page they belong to; a link that redirects elsewhere by then is asked for in full.
        etag, last_modified: the headers of these names, or empty strings.
    """

    url: str = ""
    etag: str = ""
    last_modified: str = ""

    def as_json(self) -> str:
        """As the catalog keeps them."""
        fields = {"url": self.url, "etag": self.etag, "last_modified": self.last_modified}
        return json.dumps({name: value for name, value in fields.items() if value})

    @classmethod
    def from_json(cls, text: str | None) -> Validators:
        """Of what the catalog keeps; what is not understood is left out, and the page is then fetched in full."""
        try:
            values = json.loads(text or "{}")
        except (ValueError, RecursionError):
            return cls()
        names = ("url", "etag", "last_modified")
        given = {name: values[name] for name in names if name in values} if isinstance(values, dict) else {}
        return cls(**given) if all(isinstance(value, str) for value in given.values()) else cls()

    def headers_for(self, link: Link) -> dict[str, str]:
        """The headers that ask for a page only if it has changed."""
        if self.url != link.url:
            return {}
        headers = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in headers.items() if value and value.isascii() and value.isprintable()}


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of a link.

    Attributes:
        url: the link as it was asked for, in its one spelling.
        final_url: where its redirects led.
        status: 200, or 304 when it has not changed.
        content_type: such as ``text/html``, in lower case; empty when the server did not say.
        charset: the encoding that the server named, or None.
        data: the body, unpacked; empty when it has not changed.
        validators: for the next time.
    """

    url: str
    final_url: str
    status: int
    content_type: str
    charset: str | None
    data: bytes = field(repr=False)
    validators: Validators

    @property
    def not_modified(self) -> bool:
        """Whether the server says that it is as it was when the validators were given."""
        return self.status == HTTPStatus.NOT_MODIFIED


@dataclass(frozen=True, slots=True)
class _Request:
    """What is wanted of a link, at every hop."""

    validators: Validators
    max_bytes: int
    is_robots: bool = False
    body: bool = True


def user_agent(contact: str | None) -> str:
    """What the program says it is, with how to reach who runs it, when that person has said so."""
    product = f"{ROBOT_NAME}/{importlib.metadata.version('pullquote')}"
    return f"{product} ({contact})" if contact else product


class Fetcher:
    """Fetches links one after the other; to be used by one thread at a time.

    Args:
        settings: ``allow_private``, ``contact``, ``fetch_seconds``, ``host_delay``, ``proxy`` and ``max_file_bytes``
            count here.
        network: looks names up and connects.
        clock, sleep: seconds that only grow, and a wait: for the pace and the retries.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        network: Network | None = None,
        clock: Clock = time.monotonic,
        sleep: Sleep = time.sleep,
    ) -> None:
        self._settings = settings
        self._network = network or Network()
        self._sleep = sleep
        self._pace = Pace(clock, sleep)
        self._robots = Robots(self._robots_file, clock)
        self._headers = {
            "User-Agent": user_agent(settings.contact),
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Encoding": ACCEPTED,
        }

    def fetch(self, url: str, *, validators: Validators | None = None, body: bool = True) -> Fetched:
        """Fetches a link.

        Args:
            url: the link.
            validators: of the last time; the answer may then be that nothing has changed.
            body: False hangs up when the headers are there: enough to see whether it has changed.

        Raises:
            SourceError: the link is not one to be fetched, its site does not want it, it is over a limit, or the
                server refused or could not be reached; with the link as it was given and one line of reason.
        """
        link = parse_link(url, allow_private=self._settings.allow_private)
        wanted = _Request(validators or Validators(), self._settings.max_file_bytes, body=body)
        try:
            response, final = self._with_retries(link, wanted)
            if response.status not in (HTTPStatus.OK, HTTPStatus.NON_AUTHORITATIVE_INFORMATION, 304):
                raise SourceError(final.url, _refusal(response.status))
            content_type, charset = media_type(response.headers.get("content-type", ""))
            check_content(final.url, content_type, response.data)
        except SourceError as error:
            via = "" if error.source == link.url else f"redirects to {error.source}, which "
            raise SourceError(url, via + error.reason) from error
        given = Validators(final.url, response.headers.get("etag", ""), response.headers.get("last-modified", ""))
        if response.status == HTTPStatus.NOT_MODIFIED:
            old = wanted.validators
            given = Validators(final.url, given.etag or old.etag, given.last_modified or old.last_modified)
        return Fetched(link.url, final.url, response.status, content_type, charset, response.data, given)

    def _with_retries(self, link: Link, wanted: _Request) -> tuple[Response, Link]:
        attempt = 1
        while True:
            try:
                return self._follow(link, wanted)
            except TemporaryError as error:
                wait = seconds_before_retry(attempt, error.retry_after)
                if wait > LONGEST_WAIT:
                    reason = f"{error.reason}, and wants to be left alone for {wait:,.0f} seconds; try again then"
                    raise TemporaryError(error.source, reason, error.status) from error
                if attempt == TRIES:
                    raise
                self._sleep(wait)
                attempt += 1

    def _follow(self, link: Link, wanted: _Request) -> tuple[Response, Link]:
        """Asks, and asks where redirects lead; time that is spent in being polite does not count."""
        left = self._settings.fetch_seconds
        first = link
        for _hop in range(MAX_REDIRECTS + 1):
            if not wanted.is_robots:
                delay = max(self._settings.host_delay, self._robots.check(link))
                self._pace.wait(link.host, delay)
            started = time.monotonic()
            response = self._ask(link, wanted, started + left)
            left -= time.monotonic() - started
            if response.status not in _REDIRECTS:
                return response, link
            location = response.headers.get("location", "")
            if not location:
                raise SourceError(link.url, f"answers {response.status}, a redirect, but does not say where to")
            link = redirected(link, location, allow_private=self._settings.allow_private)
        raise _TooManyRedirectsError(first.url, f"redirects more than {MAX_REDIRECTS} times")

    def _ask(self, link: Link, wanted: _Request, ends: float) -> Response:
        def wants_body(status: int, headers: Mapping[str, str]) -> bool:
            if status in _BUSY:
                raise TemporaryError(link.url, _refusal(status), status, headers.get("retry-after", ""))
            is_good = status in (HTTPStatus.OK, HTTPStatus.NON_AUTHORITATIVE_INFORMATION)
            if is_good and not wanted.is_robots:
                check_content_type(link.url, headers.get("content-type", ""))
            return is_good and wanted.body

        settings = self._settings
        limits = Limits(wanted.max_bytes, ends, wanted.is_robots, settings.allow_private, settings.proxy)
        headers = self._headers | wanted.validators.headers_for(link)
        response = exchange(link, headers, self._network, limits, wants_body)
        if response.status == HTTPStatus.NOT_MODIFIED and not wanted.validators.headers_for(link):
            raise SourceError(link.url, "answers that it has not changed, which it was not asked")
        return response

    def _robots_file(self, link: Link) -> RobotsFile:
        try:
            response, final = self._with_retries(link, _Request(Validators(), MAX_ROBOTS_BYTES, is_robots=True))
            if response.status >= 500:
                raise TemporaryError(final.url, _refusal(response.status), response.status)
        except _TooManyRedirectsError:
            return None  # RFC 9309, section 2.3.1.2: then there is none
        except SourceError as error:
            status = error.status if isinstance(error, TemporaryError) else None
            if status is not None and status < 500:
                return None
            if status is None and error.source == link.url:
                raise  # about the host itself, so true of every page there
            via = "" if error.source == link.url else f"redirects to {error.source}, which "
            reason = f"is not fetched: its site's robots.txt, which says what may be, {via}{error.reason}"
            raise SourceError(link.url, reason) from error
        return response.data if response.status == HTTPStatus.OK else None


class _TooManyRedirectsError(SourceError):
    """A chain of redirects without an end in sight."""


def _refusal(status: int) -> str:
    try:
        meaning = f"{status} ({HTTPStatus(status).phrase})"
    except ValueError:
        meaning = str(status)
    return f"answers {meaning}"
