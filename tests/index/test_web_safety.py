"""A link cannot reach into this machine or its network, by whatever way it tries."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from site_support import OTHER_PUBLIC, PAGE, PUBLIC, Answer, Internet, Site, fetcher, serving

from index import SourceError

INSIDE = "an address inside this machine or its network"


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        site.pages["/"] = Answer(PAGE)
        site.pages["/secret"] = Answer(b"<p>secret</p>")
        yield site


@pytest.fixture
def certificate(data: Path) -> Path:
    """For the name news.example, signed by itself, with its key."""
    return data / "web" / "news.example.pem"


def test_a_public_page_is_fetched_from_the_address_that_was_checked(site: Site) -> None:
    internet = Internet({"news.example": [PUBLIC]}, {PUBLIC: site.port})
    fetched = fetcher(internet.network()).fetch("http://news.example/")
    assert fetched.data == PAGE
    assert internet.connected == [PUBLIC, PUBLIC]  # robots.txt, and the page
    assert [headers["host"] for _path, headers in site.requests] == ["news.example", "news.example"]


@pytest.mark.parametrize(
    "spelling", ["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "[::1]", "[::ffff:127.0.0.1]", "localhost"]
)
def test_loopback_is_refused_in_every_spelling(site: Site, spelling: str) -> None:
    internet = Internet({"localhost": ["127.0.0.1"]}, {})
    with pytest.raises(SourceError, match=INSIDE):
        fetcher(internet.network()).fetch(f"http://{spelling}:8080/")
    assert not internet.connected


def test_a_name_that_leads_inside_is_refused(site: Site) -> None:
    internet = Internet({"news.example": ["10.0.0.7"]}, {"10.0.0.7": site.port})
    with pytest.raises(SourceError, match=rf"^http://news\.example/: leads to 10\.0\.0\.7, {INSIDE}"):
        fetcher(internet.network()).fetch("http://news.example/")
    assert not site.requests


def test_one_private_address_among_public_ones_is_enough_to_refuse(site: Site) -> None:
    internet = Internet({"news.example": [PUBLIC, "192.168.1.1", OTHER_PUBLIC]}, {PUBLIC: site.port})
    with pytest.raises(SourceError, match=r"leads to 192\.168\.1\.1"):
        fetcher(internet.network()).fetch("http://news.example/")
    assert not internet.connected


def test_a_name_that_changes_after_the_check_gains_nothing(site: Site) -> None:
    """The first answer is public, every later one is loopback, where a server with a secret waits."""
    internet = Internet({"news.example": [[PUBLIC], ["127.0.0.1"]]}, {PUBLIC: site.port, "127.0.0.1": site.port})
    with pytest.raises(SourceError, match=r"leads to 127\.0\.0\.1"):
        fetcher(internet.network()).fetch("http://news.example/secret")
    assert internet.connected == [PUBLIC]  # robots.txt; the second look-up was checked again
    assert not site.asked("/secret")


def test_each_request_looks_a_name_up_once(site: Site) -> None:
    internet = Internet({"news.example": [PUBLIC]}, {PUBLIC: site.port})
    fetcher(internet.network()).fetch("http://news.example/")
    assert len(internet.looked_up) == len(internet.connected) == len(site.requests) == 2


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1:{port}/secret", "http://inner.example/secret", "http://[::ffff:127.0.0.1]:8080/secret"],
)
def test_a_redirect_inside_is_refused(site: Site, target: str) -> None:
    # The port is one that a public link may name, so that the address alone is what is refused.
    place = target.replace("{port}", "8080")
    site.pages["/moved"] = Answer(status=302, headers={"Location": place})
    internet = Internet(
        {"news.example": [PUBLIC], "inner.example": ["127.0.0.1"]}, {PUBLIC: site.port, "127.0.0.1": site.port}
    )
    with pytest.raises(SourceError, match=rf"^http://news\.example/moved: redirects to http://.*leads to .*{INSIDE}"):
        fetcher(internet.network()).fetch("http://news.example/moved")
    assert not site.asked("/secret")
    assert set(internet.connected) == {PUBLIC}


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("file:///etc/passwd", "begin with http:// or https://"),
        ("ftp://news.example/", "begin with http:// or https://"),
        ("http://news.example:22/", "names port 22"),
        ("http://anna:word@news.example/", "user name or password"),
        ("http://[/", "not a link"),
    ],
)
def test_a_redirect_is_checked_as_a_link_is(site: Site, place: str, reason: str) -> None:
    site.pages["/moved"] = Answer(status=301, headers={"Location": place})
    internet = Internet({"news.example": [PUBLIC]}, {PUBLIC: site.port})
    with pytest.raises(SourceError, match=reason):
        fetcher(internet.network()).fetch("http://news.example/moved")


def test_robots_txt_cannot_lead_inside_either(site: Site) -> None:
    site.pages["/robots.txt"] = Answer(status=302, headers={"Location": "http://127.0.0.1:8080/secret"})
    internet = Internet({"news.example": [PUBLIC]}, {PUBLIC: site.port, "127.0.0.1": site.port})
    with pytest.raises(SourceError, match=rf"robots\.txt.* redirects to http://127\.0\.0\.1:8080/secret.*{INSIDE}"):
        fetcher(internet.network()).fetch("http://news.example/")
    assert not site.asked("/secret")


def test_a_file_link_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_bytes(PAGE)
    with pytest.raises(SourceError, match="begin with http:// or https://"):
        fetcher().fetch(path.as_uri())


def test_redirects_are_followed_five_times(site: Site) -> None:
    for number in range(7):
        site.pages[f"/{number}"] = Answer(status=308, headers={"Location": f"/{number + 1}"})
    site.pages["/7"] = Answer(PAGE)
    fetched = fetcher().fetch(site.url("/2"))
    assert fetched.data == PAGE
    assert (fetched.url, fetched.final_url) == (site.url("/2"), site.url("/7"))
    with pytest.raises(SourceError, match="redirects more than 5 times"):
        fetcher().fetch(site.url("/1"))


def test_a_loop_of_redirects_ends(site: Site) -> None:
    site.pages["/a"] = Answer(status=302, headers={"Location": "/b"})
    site.pages["/b"] = Answer(status=302, headers={"Location": "/a"})
    with pytest.raises(SourceError, match="redirects more than 5 times"):
        fetcher().fetch(site.url("/a"))
    assert len(site.asked("/a")) + len(site.asked("/b")) == 6


def test_a_proxy_in_the_environment_is_not_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url())
        assert fetcher().fetch(site.url()).data == PAGE
        assert not proxy.requests


def test_a_proxy_in_the_settings_is_used_and_names_inside_are_refused_all_the_same() -> None:
    with serving() as proxy:
        proxy.pages["http://news.example:80/"] = Answer(PAGE)
        internet = Internet({"inner.example": ["10.0.0.7"]}, {})
        polite = fetcher(internet.network(), proxy=proxy.url())
        assert polite.fetch("http://news.example/").data == PAGE
        asked = len(proxy.requests)
        for url in ("http://inner.example/", "http://127.0.0.1/", "http://[::1]/"):
            with pytest.raises(SourceError, match=INSIDE):
                polite.fetch(url)
        assert len(proxy.requests) == asked


def test_cookies_are_not_kept(site: Site) -> None:
    site.pages["/moved"] = Answer(status=302, headers={"Location": "/", "Set-Cookie": "who=anna; Path=/"})
    one = fetcher()
    one.fetch(site.url("/moved"))
    one.fetch(site.url())
    assert not [headers for _path, headers in site.requests if "cookie" in headers]


def test_tls_proves_the_name_of_the_link(certificate: Path) -> None:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    names: list[str | None] = []
    server.sni_callback = lambda _socket, name, _context: names.append(name)
    with serving(server) as site:
        site.pages["/"] = Answer(PAGE)
        internet = Internet({"news.example": [PUBLIC], "other.example": [PUBLIC]}, {PUBLIC: site.port})
        one = fetcher(internet.network(ssl.create_default_context(cafile=certificate)))
        assert one.fetch("https://news.example/").data == PAGE
        assert set(names) == {"news.example"}
        with pytest.raises(SourceError, match=r"could not prove that it is other\.example"):
            one.fetch("https://other.example/")


def test_the_next_address_is_tried_when_one_does_not_answer(site: Site) -> None:
    nobody = Site()
    nobody.close()
    internet = Internet({"news.example": [OTHER_PUBLIC, PUBLIC]}, {PUBLIC: site.port, OTHER_PUBLIC: nobody.port})
    assert fetcher(internet.network()).fetch("http://news.example/").data == PAGE


def test_an_unknown_name_is_one_clear_line() -> None:
    with pytest.raises(SourceError) as caught:
        fetcher(Internet({}, {}).network()).fetch("http://news.example/a")
    assert str(caught.value) == ("http://news.example/a: could not be reached (no address is known for news.example)")
