"""What a link may cost: time, bytes on the wire, bytes unpacked, bytes of headers; and what it may be."""

from __future__ import annotations

import gzip
import random
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator

import brotli
import pytest
from site_support import PAGE, Answer, Site, fetcher, serving

from index import SourceError

BLOCK = bytes(65_536)


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


def endless(blocks: int) -> Callable[[], Iterator[bytes]]:
    return lambda: (BLOCK for _ in range(blocks))


def test_a_body_of_10_gb_is_cut_off(site: Site) -> None:
    site.pages["/big"] = Answer(endless(10_000_000_000 // len(BLOCK)))
    with pytest.raises(SourceError, match=r"is larger than 2 MB$"):
        fetcher(max_file_bytes=2_000_000).fetch(site.url("/big"))
    assert site.written < 20_000_000  # what was on its way when the line was hung up


def test_a_body_that_says_it_is_too_large_is_not_begun(site: Site) -> None:
    site.pages["/big"] = Answer(endless(1), headers={"Content-Length": str(10_000_000_000)})
    with pytest.raises(SourceError, match=r"is larger than 2 MB$"):
        fetcher(max_file_bytes=2_000_000).fetch(site.url("/big"))
    site.pages["/said"] = Answer(lambda: iter(()), headers={"Content-Length": str(10_000_000_000)})
    with pytest.raises(SourceError, match=r"is larger than 2 MB$"):
        fetcher(max_file_bytes=2_000_000).fetch(site.url("/said"))


def test_a_body_of_just_the_limit_comes_through(site: Site) -> None:
    text = random.Random(5).randbytes(50_000).hex().encode()
    site.pages["/whole"] = Answer(text, "text/plain")
    site.pages["/packed"] = Answer(gzip.compress(text), "text/plain", headers={"Content-Encoding": "gzip"})
    one = fetcher(max_file_bytes=100_000)
    assert one.fetch(site.url("/whole")).data == text
    assert one.fetch(site.url("/packed")).data == text
    with pytest.raises(SourceError, match=r"is larger than 0\.099999 MB$"):
        fetcher(max_file_bytes=99_999).fetch(site.url("/packed"))


def gzip_bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(BLOCK * 16) for _ in range(200)) + packer.flush()


def brotli_bomb() -> bytes:
    packer = brotli.Compressor(quality=1)
    return b"".join(packer.process(BLOCK * 16) for _ in range(300)) + packer.finish()


@pytest.mark.parametrize(
    ("encoding", "bomb"),
    [
        ("gzip", gzip_bomb),
        ("deflate", lambda: zlib.compress(BLOCK * 3000, 1)),
        ("br", brotli_bomb),
        ("gzip", lambda: gzip.compress(BLOCK) * 1000),  # many members
    ],
)
def test_a_bomb_is_not_unpacked_beyond_the_limit(site: Site, encoding: str, bomb: Callable[[], bytes]) -> None:
    import tracemalloc

    packed = bomb()
    assert len(packed) < 2_000_000
    site.pages["/bomb"] = Answer(packed, headers={"Content-Encoding": encoding})
    one = fetcher(max_file_bytes=2_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(SourceError, match=r"is larger than 2 MB$"):
            one.fetch(site.url("/bomb"))
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("gzip", lambda data: gzip.compress(data[:9]) + gzip.compress(data[9:])),
        ("x-gzip", lambda data: gzip.compress(data) + bytes(100)),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data)[2:-4]),
        ("br", brotli.compress),
        ("identity", bytes),
    ],
)
def test_packed_pages_are_unpacked(site: Site, encoding: str, pack: Callable[[bytes], bytes]) -> None:
    text = random.Random(1).randbytes(300_000).hex().encode()
    site.pages["/packed"] = Answer(pack(text), headers={"Content-Encoding": encoding})
    assert fetcher().fetch(site.url("/packed")).data == text


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("br", brotli.compress)])
def test_a_packed_page_that_is_cut_short_is_not_taken_for_whole(
    site: Site, encoding: str, pack: Callable[[bytes], bytes]
) -> None:
    site.pages["/cut"] = Answer(pack(PAGE * 100)[:-9], headers={"Content-Encoding": encoding})
    with pytest.raises(SourceError, match=r"broke off in the middle|damaged"):
        fetcher().fetch(site.url("/cut"))


def test_a_page_that_is_shorter_than_it_says_is_not_taken_for_whole(site: Site) -> None:
    site.pages["/cut"] = Answer(lambda: iter([PAGE]), headers={"Content-Length": "5000"})
    with pytest.raises(SourceError, match="could not be reached"):
        fetcher().fetch(site.url("/cut"))


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_damaged_packing_is_one_clear_line(site: Site, encoding: str) -> None:
    site.pages["/bad"] = Answer(b"\xff\xff this is not packed", headers={"Content-Encoding": encoding})
    with pytest.raises(SourceError, match="arrived damaged"):
        fetcher().fetch(site.url("/bad"))


@pytest.mark.parametrize("encoding", ["zstd", "gzip, gzip", "compress"])
def test_other_ways_of_packing_are_refused(site: Site, encoding: str) -> None:
    site.pages["/odd"] = Answer(b"x", headers={"Content-Encoding": encoding})
    with pytest.raises(SourceError, match="packed in a way that is not read here"):
        fetcher().fetch(site.url("/odd"))


def test_a_slow_drip_is_cut_off(site: Site) -> None:
    def drip() -> Iterator[bytes]:
        for _ in range(200):
            time.sleep(0.05)
            yield b"."

    site.pages["/drip"] = Answer(drip)
    started = time.monotonic()
    with pytest.raises(SourceError, match=r"did not (arrive|answer) in time$"):
        fetcher(fetch_seconds=0.5).fetch(site.url("/drip"))
    assert time.monotonic() - started < 3


def test_a_redirect_gets_no_new_time(site: Site) -> None:
    """The limit is for the whole: each of five hops that takes its time brings it nearer."""

    def slowly(number: int) -> Callable[[object], Answer]:
        def answer(_headers: object) -> Answer:
            time.sleep(0.3)
            return Answer(PAGE) if number == 5 else Answer(status=302, headers={"Location": f"/{number + 1}"})

        return answer

    for number in range(6):
        site.pages[f"/{number}"] = slowly(number)
    with pytest.raises(SourceError, match=r"did not (arrive|answer) in time$"):
        fetcher(fetch_seconds=0.7).fetch(site.url("/0"))
    assert fetcher(fetch_seconds=20).fetch(site.url("/0")).data == PAGE


def test_without_any_time_nothing_is_asked(site: Site) -> None:
    with pytest.raises(SourceError, match="did not arrive in time"):
        fetcher(fetch_seconds=0).fetch(site.url("/"))
    assert not site.requests


def raw_server(send: Callable[[socket.socket], None]) -> tuple[socket.socket, str]:
    """A server that answers the request for robots.txt with 404 and every other one with what a test sends."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            with connection:
                asked = connection.recv(65_536)
                try:
                    if b"/robots.txt" in asked:
                        connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                    else:
                        send(connection)
                except OSError:
                    pass  # hung up on, as it should be

    threading.Thread(target=serve, daemon=True).start()
    return listener, f"http://127.0.0.1:{listener.getsockname()[1]}/"


@pytest.mark.parametrize(
    ("opening", "repeated", "reason"),
    [
        (b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"x" * 900 + b"\r\n", "bytes of headers"),
        (b"HTTP/1.1 200 OK\r\nX-Long: ", b"x" * 900, "bytes of headers"),
        (b"", b"HTTP/1.1 103 Early Hints\r\nLink: <" + b"x" * 900 + b">\r\n\r\n", "bytes of headers"),
    ],
)
def test_endless_headers_are_cut_off(opening: bytes, repeated: bytes, reason: str) -> None:
    def send(connection: socket.socket) -> None:
        connection.sendall(opening)
        for _ in range(20_000):
            connection.sendall(repeated)

    listener, url = raw_server(send)
    with listener, pytest.raises(SourceError, match=reason):
        fetcher(fetch_seconds=20).fetch(url)


def test_a_body_of_tiny_pieces_with_much_around_them_is_cut_off() -> None:
    """Chunks of one byte with a long extension each: little body, endless bytes on the wire."""

    def send(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(20_000):
            connection.sendall(b"1;x=" + b"y" * 4000 + b"\r\n.\r\n")

    listener, url = raw_server(send)
    with listener, pytest.raises(SourceError, match="is larger than 1 MB"):
        fetcher(fetch_seconds=20, max_file_bytes=1_000_000).fetch(url)


def test_a_server_that_never_answers_is_left() -> None:
    listener, url = raw_server(lambda connection: time.sleep(3))
    started = time.monotonic()
    with listener, pytest.raises(SourceError, match="did not answer in time"):
        fetcher(fetch_seconds=0.3).fetch(url)
    assert time.monotonic() - started < 2


def test_an_answer_that_is_not_http_is_one_clear_line() -> None:
    listener, url = raw_server(lambda connection: connection.sendall(b"220 mail.example ESMTP\r\n"))
    with listener, pytest.raises(SourceError) as caught:
        fetcher().fetch(url)
    assert "\n" not in str(caught.value)


def test_a_slow_look_up_is_cut_off() -> None:
    from index.web.transport import Network

    def slow(_host: str, _port: int) -> list[str]:
        time.sleep(3)
        return ["127.0.0.1"]

    started = time.monotonic()
    with pytest.raises(SourceError, match="could not be looked up in time"):
        fetcher(Network(resolve=slow), fetch_seconds=0.3).fetch("http://news.example/")
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    "content_type",
    [
        "video/mp4",
        "audio/mpeg",
        "image/png; q=1",
        "font/woff2",
        "Application/X-MSDownload",
        "text/css",
        "text/javascript",
    ],
)
def test_what_is_no_article_is_refused_before_it_is_loaded(site: Site, content_type: str) -> None:
    site.pages["/film"] = Answer(endless(1000), content_type)
    with pytest.raises(SourceError, match="is not an article but "):
        fetcher().fetch(site.url("/film"))
    assert site.written < 60_000_000


@pytest.mark.parametrize(
    "beginning",
    [
        b"MZ" + bytes(70),
        b"\x7fELF" + bytes(60),
        b"\x89PNG\r\n",
        b"\xff\xd8\xff\xe0",
        b"\0\0\0\x20ftypisom",
        b"\xcf\xfa\xed\xfe",
    ],
)
@pytest.mark.parametrize("content_type", [None, "application/octet-stream"])
def test_what_does_not_say_what_it_is_is_looked_at(site: Site, beginning: bytes, content_type: str | None) -> None:
    site.pages["/thing"] = Answer(beginning + bytes(1000), content_type)
    with pytest.raises(SourceError, match="is not an article but a program, picture, sound or film"):
        fetcher().fetch(site.url("/thing"))


@pytest.mark.parametrize(
    "content_type",
    ["text/html", "text/plain", "application/pdf", "application/xhtml+xml", "application/epub+zip", "application/json"],
)
def test_articles_of_all_kinds_come_through(site: Site, content_type: str) -> None:
    site.pages["/article"] = Answer(b"%PDF-1.7 and so on", f"{content_type}; charset=ISO-8859-2")
    fetched = fetcher().fetch(site.url("/article"))
    assert (fetched.content_type, fetched.charset) == (content_type, "iso-8859-2")


def test_a_pdf_that_does_not_say_what_it_is_comes_through(site: Site) -> None:
    site.pages["/article"] = Answer(b"%PDF-1.7 and so on", None)
    assert fetcher().fetch(site.url("/article")).content_type == ""
