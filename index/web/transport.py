"""One request and its answer: connected to an address that was checked, within limits of time and size.

A name is looked up once; every address found is checked, and the connection goes to one of these very addresses, with
the name in the ``Host`` header and in TLS. A name whose answer changes between check and connection gains nothing.
"""

from __future__ import annotations

import functools
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpcore2

from index.errors import SourceError

from .addresses import Link, as_address, check_addresses, parse_link
from .decoding import decoder_for

HEADER_BYTES = 65_536
"""The most that an answer may say before its body begins."""
_CONNECT_SECONDS = 10.0

Resolve = Callable[[str, int], Sequence[str]]
"""From a host's name and a port to its addresses; ``OSError`` when there are none."""
Connect = Callable[[str, int, float], httpcore2.NetworkStream]
"""From an address, a port and a limit in seconds to a connection."""


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, as the system knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def connect(address: str, port: int, seconds: float) -> httpcore2.NetworkStream:
    """A connection to an address (never a name: that would be looked up once more)."""
    return httpcore2.SyncBackend().connect_tcp(address, port, timeout=seconds)


@dataclass(frozen=True, slots=True)
class Network:
    """How names are looked up and connections made.

    Attributes:
        resolve: looks a name up.
        connect: connects to an address.
        tls: how servers prove who they are; the system's own certificates when None.
    """

    resolve: Resolve = resolve
    connect: Connect = connect
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may cost.

    Attributes:
        max_bytes: of the body, as it is received and unpacked as well.
        ends: the moment of ``time.monotonic`` by which all must have arrived.
        cut: a body that is too long is cut there instead of refused.
        allow_private: addresses inside the machine and its network may be connected to.
        proxy: the URL of an HTTP proxy through which all requests go, or None.
    """

    max_bytes: int
    ends: float
    cut: bool = False
    allow_private: bool = False
    proxy: str | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """What a server answered; header names are in lower case, and the body is unpacked."""

    status: int
    headers: Mapping[str, str]
    data: bytes = field(repr=False)


class TemporaryError(SourceError):
    """A failure that may be over when asked again.

    Attributes:
        status: the server's answer, or None when there was none.
        retry_after: the server's ``Retry-After`` header, or an empty string.
    """

    def __init__(self, source: str, reason: str, status: int | None = None, retry_after: str = "") -> None:
        super().__init__(source, reason)
        self.status = status
        self.retry_after = retry_after


class TimeUpError(SourceError):
    """The limit of time was reached."""


def exchange(
    link: Link,
    headers: Mapping[str, str],
    network: Network,
    limits: Limits,
    wants_body: Callable[[int, Mapping[str, str]], bool],
) -> Response:
    """Sends a GET request and reads the answer.

    Args:
        link: what to ask for.
        headers: of the request, without ``Host``.
        network, limits: how to connect, and what it may cost.
        wants_body: told status and headers of the answer; False leaves the body unread.

    Raises:
        SourceError: the host leads to a forbidden address, or the answer is over a limit or cannot be understood.
        TemporaryError: there was no connection, or it broke off.
    """
    guard = _Guard(link, limits)
    opener = _opener(link, network, limits, guard)
    sent = {"Host": link.authority, **headers, "Connection": "close"}
    url = httpcore2.URL(scheme=link.scheme, host=link.host, port=link.port, target=link.target)
    try:
        with opener, opener.stream("GET", url, headers=list(sent.items())) as answer:
            received = _headers(answer.headers)
            guard.headers_are_complete()
            wanted = wants_body(answer.status, received)
            data = _body(link, received, answer.iter_stream(), limits) if wanted else b""
            return Response(answer.status, received, data)
    except httpcore2.TimeoutException as error:
        raise TimeUpError(link.url, "did not answer in time") from error
    except (httpcore2.NetworkError, httpcore2.RemoteProtocolError, httpcore2.ProxyError) as error:
        raise _network_failure(link, error) from error
    except (httpcore2.ProtocolError, httpcore2.UnsupportedProtocol) as error:
        raise SourceError(link.url, f"cannot be asked for ({error})") from error


def _network_failure(link: Link, error: Exception) -> SourceError:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return SourceError(link.url, f"could not prove that it is {link.host} ({cause.verify_message})")
        cause = cause.__cause__ or cause.__context__
    return TemporaryError(link.url, f"could not be reached ({' '.join(str(error).split()) or type(error).__name__})")


def _opener(
    link: Link, network: Network, limits: Limits, guard: _Guard
) -> httpcore2.HTTPConnection | httpcore2.ConnectionPool:
    tls = None if link.scheme == "http" else network.tls or _system_tls()
    if limits.proxy is None:
        addresses = _addresses(link, network, guard)
        if not limits.allow_private:
            check_addresses(link, addresses)
        origin = httpcore2.Origin(link.scheme.encode(), link.host.encode(), link.port)
        return httpcore2.HTTPConnection(origin, ssl_context=tls, network_backend=_Pinned(addresses, network, guard))
    if not limits.allow_private:
        # The proxy does the looking up. What this machine knows to be inside is refused all the same.
        try:
            addresses = _addresses(link, network, guard)
        except TemporaryError:
            addresses = []
        check_addresses(link, addresses)
    proxy = parse_link(limits.proxy, allow_private=True)
    backend = _Pinned(_addresses(proxy, network, guard), network, guard)
    return httpcore2.HTTPProxy(proxy.origin, ssl_context=tls, network_backend=backend)


@functools.cache
def _system_tls() -> ssl.SSLContext:
    """Loading the system's certificates takes a while."""
    return httpcore2.default_ssl_context()


def _addresses(link: Link, network: Network, guard: _Guard) -> list[str]:
    """Looks a host up, in a thread of its own, because the system's look-up knows no limit of time."""
    literal = as_address(link.host)
    if literal is not None:
        return [literal]
    answers: queue.Queue[list[str] | OSError | UnicodeError] = queue.Queue(1)

    def look_up() -> None:
        try:
            answers.put(list(network.resolve(link.host, link.port)))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=look_up, name="look-up", daemon=True).start()
    try:
        answer = answers.get(timeout=guard.seconds_left())
    except queue.Empty:
        raise TimeUpError(link.url, "could not be looked up in time") from None
    if isinstance(answer, list) and answer:
        return answer
    raise TemporaryError(link.url, f"could not be reached (no address is known for {link.host})")


class _Guard:
    """Counts time and bytes of one request."""

    def __init__(self, link: Link, limits: Limits) -> None:
        self._link = link
        self._limits = limits
        self._received = 0
        self._allowed = HEADER_BYTES

    def seconds_left(self) -> float:
        left = self._limits.ends - time.monotonic()
        if left <= 0:
            raise TimeUpError(self._link.url, "did not arrive in time")
        return left

    def count(self, received: int) -> None:
        self._received += received
        if self._received <= self._allowed:
            return
        if self._allowed == HEADER_BYTES:
            raise SourceError(self._link.url, f"answers with more than {HEADER_BYTES:,} bytes of headers")
        raise _too_large(self._link, self._limits)

    def headers_are_complete(self) -> None:
        self._allowed = 2 * HEADER_BYTES + self._limits.max_bytes


class _Guarded(httpcore2.NetworkStream):
    """A connection on which each step has only the time that is left for the whole."""

    def __init__(self, stream: httpcore2.NetworkStream, guard: _Guard) -> None:
        self._stream = stream
        self._guard = guard

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(min(max_bytes, 16_384), self._guard.seconds_left())
        self._guard.count(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._guard.seconds_left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._guard.seconds_left())
        return _Guarded(secured, self._guard)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Pinned(httpcore2.NetworkBackend):
    """Connects to addresses that are known already, whatever the host's name would lead to by now."""

    def __init__(self, addresses: Sequence[str], network: Network, guard: _Guard) -> None:
        self._addresses = addresses
        self._network = network
        self._guard = guard

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        for position, address in enumerate(self._addresses, start=1):
            seconds = min(_CONNECT_SECONDS, self._guard.seconds_left())
            try:
                return _Guarded(self._network.connect(address, port, seconds), self._guard)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if position == len(self._addresses):
                    raise
        raise httpcore2.ConnectError("no address")


def _headers(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in pairs:
        try:
            text = value.decode("utf-8")
        except UnicodeDecodeError:
            text = value.decode("latin-1")
        headers.setdefault(name.decode("latin-1").lower(), text.strip())
    return headers


def _body(link: Link, headers: Mapping[str, str], chunks: Iterable[bytes], limits: Limits) -> bytes:
    length = headers.get("content-length", "")
    if length.isdecimal() and len(length) < 20 and int(length) > limits.max_bytes and not limits.cut:
        raise _too_large(link, limits)
    decoder = decoder_for(link.url, headers.get("content-encoding", ""))
    body = bytearray()
    for chunk in chunks:
        body += decoder.unpack(chunk, limits.max_bytes - len(body))
        if len(body) > limits.max_bytes:
            if limits.cut:
                return bytes(body[: limits.max_bytes])
            raise _too_large(link, limits)
    if body and not decoder.is_complete():
        raise TemporaryError(link.url, "broke off in the middle")
    return bytes(body)


def _too_large(link: Link, limits: Limits) -> SourceError:
    return SourceError(link.url, f"is larger than {limits.max_bytes / 1_000_000:g} MB")
