"""What all tests share: no network, small helpers for articles and indexes, and a fixed seed for property tests."""

from __future__ import annotations

import ipaddress
import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from index import ArticleIndex, HashingEmbedder, Settings

settings.register_profile(
    "default",
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("long", parent=settings.get_profile("default"), max_examples=2000, derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

# Started in the background of a script, these tests and the programs that they start would ignore Ctrl-C, which the
# programs respect.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


class NetworkUsedError(AssertionError):
    """A test tried to leave this machine."""


def _is_local(family: int, address: Any) -> bool:
    if family not in (socket.AF_INET, socket.AF_INET6):
        return True  # a Unix socket
    host = str(address[0])
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections to anything but this machine fail, and so do look-ups of other names."""
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def checked_connect(self: socket.socket, address: Any) -> None:
        if not _is_local(self.family, address):
            raise NetworkUsedError(f"a test connected to {address!r}")
        connect(self, address)

    def checked_connect_ex(self: socket.socket, address: Any) -> int:
        if not _is_local(self.family, address):
            raise NetworkUsedError(f"a test connected to {address!r}")
        return connect_ex(self, address)

    def checked_getaddrinfo(host: Any, *rest: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name and not _is_local(socket.AF_INET, (name,)):
            raise NetworkUsedError(f"a test looked up {name!r}")
        return getaddrinfo(host, *rest, **options)

    monkeypatch.setattr(socket.socket, "connect", checked_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", checked_connect_ex)
    monkeypatch.setattr(socket, "getaddrinfo", checked_getaddrinfo)


@pytest.fixture
def data() -> Path:
    """The folder of articles that the tests bring along."""
    return Path(__file__).parent / "data"


@pytest.fixture
def harbour(data: Path) -> Path:
    """A news article with the quirks of such: headline twice in bold, paragraphs twice, mixed quotation marks."""
    return data / "harbour.txt"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file of articles: ``write("a.txt", "text")``; bytes are written as they are."""

    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / "articles" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """The folder that ``write`` writes to."""
    folder = tmp_path / "articles"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def open_index(tmp_path: Path) -> Iterator[Callable[..., ArticleIndex]]:
    """Opens the index of the test, with hashed vectors unless told otherwise; all are closed at the end."""
    opened: list[ArticleIndex] = []

    def open_index(name: str = "index", **options: Any) -> ArticleIndex:
        options.setdefault("embedder", HashingEmbedder())
        options.setdefault("settings", Settings(lock_timeout=0.5))
        index = ArticleIndex.open(tmp_path / name, **options)
        opened.append(index)
        return index

    yield open_index
    for index in opened:
        index.close()


@pytest.fixture
def index(open_index: Callable[..., ArticleIndex]) -> ArticleIndex:
    """An empty index with hashed vectors."""
    return open_index()
