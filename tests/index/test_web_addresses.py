"""Which links are fetched and which addresses are connected to."""

from __future__ import annotations

import pytest

from index import SourceError
from index.web.addresses import is_public, parse_link


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.127.255.255",
        "168.63.129.16",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd00:ec2::254",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "2001:db8::1",
        "100::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:0:7f00:1",
        "2002:7f00:1::",
        "2002:c0a8:101::1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::10.1.2.3",
        "64:ff9b:1::5db8:d822",
        "2a00:1450::5efe:10.0.0.1",
        "2a00:1450::200:5efe:10.0.0.1",
        "not an address",
    ],
)
def test_addresses_inside_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "93.184.216.34",
        "8.8.8.8",
        "172.32.0.1",
        "100.128.0.1",
        "2606:2800:220:1::1",
        "::ffff:93.184.216.34",
        "64:ff9b::93.184.216.34",
        "2002:5db8:d822::1",
    ],
)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("spelling", "host"),
    [
        ("http://2130706433/", "127.0.0.1"),
        ("http://0x7f000001/", "127.0.0.1"),
        ("http://0x7F.1/", "127.0.0.1"),
        ("http://0177.0.0.1/", "127.0.0.1"),
        ("http://017700000001/", "127.0.0.1"),
        ("http://127.1/", "127.0.0.1"),
        ("http://127.0.0.1./", "127.0.0.1"),
        ("http://１２７.0.0.1/", "127.0.0.1"),
        ("http://127。0。0。1/", "127.0.0.1"),
        ("http://[::1]/", "::1"),
        ("http://[0:0:0:0:0:0:0:1]/", "::1"),
        ("http://[::ffff:127.0.0.1]/", "::ffff:7f00:1"),
        ("http://[::FFFF:7F00:0001]/", "::ffff:7f00:1"),
    ],
)
def test_every_spelling_of_loopback_is_seen_through(spelling: str, host: str) -> None:
    link = parse_link(spelling)
    assert link.host == host
    assert not is_public(link.host)


@pytest.mark.parametrize(
    ("url", "one_spelling"),
    [
        ("HTTP://News.Example", "http://news.example/"),
        (" https://news.example:443/a#part ", "https://news.example/a"),
        ("http://news.example:8080/a?b=c d", "http://news.example:8080/a?b=c%20d"),
        ("https://münchen.example/straße?q=ä", "https://xn--mnchen-3ya.example/stra%C3%9Fe?q=%C3%A4"),
        ("http://news.example/a%20b/%C3%A9", "http://news.example/a%20b/%C3%A9"),
        ("http://[2606:2800:220:1::1]:8080/x", "http://[2606:2800:220:1::1]:8080/x"),
        ("http://news.example./", "http://news.example/"),
    ],
)
def test_a_link_has_one_spelling(url: str, one_spelling: str) -> None:
    assert parse_link(url).url == one_spelling
    assert parse_link(one_spelling).url == one_spelling


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("file:///etc/passwd", "begin with http:// or https://"),
        ("ftp://news.example/a", "begin with http:// or https://"),
        ("gopher://news.example/a", "begin with http:// or https://"),
        ("data:text/html,hello", "begin with http:// or https://"),
        ("javascript:alert(1)", "begin with http:// or https://"),
        ("//news.example/a", "begin with http:// or https://"),
        ("http:///a", "no valid host"),
        ("http://", "no valid host"),
        ("http://a..b/", "no valid host"),
        ("http://-a.example/", "no valid host"),
        ("http://evil.example\\.news.example/", "no valid host"),
        ("http://127%2e0.0.1/", "no valid host"),
        ("http://" + "a" * 64 + ".example/", "no valid host"),
        ("http://1.2.3.4.5/", "no valid address"),
        ("http://news.999/", "no valid address"),
        ("http://[::1%25eth0]/", "no valid IPv6 address"),
        ("http://[::1/", "cannot be understood|can be understood"),
        ("http://news.example:99999/", "can be understood"),
        ("http://news.example:22/", "names port 22"),
        ("http://news.example:0/", "names port 0"),
        ("http://news.example/a\nHost: other.example", "control characters"),
        ("http://news.example/" + "a" * 5000, "far too long"),
    ],
)
def test_what_is_no_link_to_a_page_is_refused(url: str, reason: str) -> None:
    with pytest.raises(SourceError, match=reason) as caught:
        parse_link(url)
    assert "\n" not in str(caught.value)


def test_a_link_with_a_password_is_refused_and_the_password_not_repeated() -> None:
    with pytest.raises(SourceError, match="user name or password") as caught:
        parse_link("https://anna:secret@news.example/a")
    assert "secret" not in str(caught.value)
    assert caught.value.source == "https://news.example/a"
    with pytest.raises(SourceError, match="user name or password"):
        parse_link("http://news.example@127.0.0.1/", allow_private=True)


def test_any_port_may_be_named_when_private_addresses_may() -> None:
    assert parse_link("http://localhost:5000/", allow_private=True).port == 5000
