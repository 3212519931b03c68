"""Which links may be asked for, and which addresses may be connected to.

A link is taken apart once, here; what connects afterwards uses these parts and never reads the link again, so that no
second reading can find another host in it.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from index.errors import SourceError

PORTS = {"http": 80, "https": 443}
"""The schemes that are read, and the port that each means when a link names none."""
OPEN_PORTS = frozenset({80, 443, 8000, 8008, 8080, 8443})
"""Where web pages are served; on other ports there are other services, which a link should not be able to reach."""
LONGEST_LINK = 4000
"""Characters."""
_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PATH_CHARACTERS = "/%:@!$&'()*+,;=~-._?"


@dataclass(frozen=True, slots=True)
class Link:
    """A link, taken apart.

    Attributes:
        scheme: ``http`` or ``https``.
        host: an ASCII name in lower case, or an address (IPv6 without brackets).
        port: always given.
        target: path and query, percent-encoded.
    """

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """Host and port as the ``Host`` header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """The link without path and query."""
        return f"{self.scheme}://{self.authority}"

    @property
    def url(self) -> str:
        """The link in its one spelling: the name under which the catalog knows it."""
        return self.origin + self.target


def parse_link(url: str, *, allow_private: bool = False) -> Link:
    """Takes a link apart.

    Args:
        url: an ``http`` or ``https`` link; what follows ``#`` does not count.
        allow_private: any port may be named.

    Raises:
        SourceError: it is no such link, carries a user name or password, or names a port where no pages are served.
    """
    url = url.strip()
    if not url.isprintable() or len(url) > LONGEST_LINK:
        raise SourceError(repr(url[:200]), "is not a link (it holds control characters or is far too long)")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise SourceError(url, f"is not a link that can be understood ({error})") from error
    if parts.scheme not in PORTS:
        raise SourceError(url, "is not fetched; only links that begin with http:// or https:// are")
    if "@" in parts.netloc:
        shown = url.replace(parts.netloc, parts.netloc.rpartition("@")[2], 1)
        raise SourceError(shown, "was given with a user name or password in it; links are fetched without them only")
    port = PORTS[parts.scheme] if port is None else port
    if port not in OPEN_PORTS and not allow_private:
        known = ", ".join(str(number) for number in sorted(OPEN_PORTS))
        raise SourceError(url, f"names port {port}; pages are fetched from the ports {known} only")
    path = quote(parts.path or "/", safe=_PATH_CHARACTERS.replace("?", ""))
    query = quote(parts.query, safe=_PATH_CHARACTERS)
    return Link(parts.scheme, _host(url, host), port, path + (f"?{query}" if query else ""))


def redirected(link: Link, location: str, *, allow_private: bool) -> Link:
    """The link to which a redirect leads; raises as ``parse_link`` does."""
    try:
        url = urljoin(link.url, location.strip())
    except ValueError as error:
        raise SourceError(link.url, f"redirects to what is not a link ({error})") from error
    return parse_link(url, allow_private=allow_private)


def _host(url: str, host: str) -> str:
    """The host in one spelling: every way of writing an IPv4 address (decimal, octal, short) becomes the usual one."""
    if ":" in host:
        try:
            return str(ipaddress.IPv6Address(host if "%" not in host else ""))
        except ValueError as error:
            raise SourceError(url, f"names {host!r}, which is no valid IPv6 address") from error
    name = _as_ascii(url, host).lower().removesuffix(".")
    if len(name) > 253 or not _NAME.fullmatch(name):
        raise SourceError(url, f"names no valid host ({host!r})")
    if not _NUMBER.fullmatch(name.rpartition(".")[2]):
        return name
    try:
        return socket.inet_ntoa(socket.inet_aton(name))
    except OSError as error:
        raise SourceError(url, f"names {host!r}, which is no valid address") from error


def _as_ascii(url: str, host: str) -> str:
    if host.isascii():
        return host
    import idna

    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise SourceError(url, f"names no valid host ({host!r})") from error


def as_address(host: str) -> str | None:
    """The host when it is an address itself, None when it is a name."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return None


_CLOSED = tuple(
    ipaddress.ip_network(network)
    for network in (
        # Python's own table differs between its versions; what must be closed is therefore named as well.
        "0.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "168.63.129.16/32",  # a cloud's inner service at a public address
        "192.0.0.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "198.18.0.0/15",
        "240.0.0.0/4",
        "64:ff9b:1::/48",  # NAT64 within a network
        "100::/64",
        "2001::/23",  # Teredo and other protocols
        "2001:db8::/32",
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",  # site-local
    )
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether an address is out on the internet: not in this machine, its network, or a range with another purpose.

    An IPv6 address that carries an IPv4 address (mapped, 6to4, NAT64, ISATAP) is judged by that one.
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    carried = _carried(ip) if isinstance(ip, ipaddress.IPv6Address) else None
    if carried is not None:
        return is_public(str(carried))
    return (
        ip.is_global
        and not (ip.is_multicast or ip.is_reserved)
        and not any(ip in network for network in _CLOSED if network.version == ip.version)
    )


def _carried(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip.sixtofour is not None:
        return ip.sixtofour
    isatap = ip.packed[8:12] in (b"\0\0\x5e\xfe", b"\x02\0\x5e\xfe")
    return ipaddress.IPv4Address(ip.packed[12:]) if ip in _NAT64 or isatap else None


def check_addresses(link: Link, addresses: Sequence[str]) -> None:
    """Refuses a host if any of its addresses is not public.

    Raises:
        SourceError: with the address.
    """
    for address in addresses:
        if not is_public(address):
            raise SourceError(
                link.url,
                f"leads to {address}, an address inside this machine or its network; --allow-private permits that",
            )
