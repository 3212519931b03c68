"""Feeds and lists of feeds, well made, badly made and hostile."""

from __future__ import annotations

import contextlib
import json
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import SourceError
from index.web.feeds import MAX_ENTRIES, Entry, kind_of, read_feed, read_opml

FEED = "https://news.example/feed/"

RSS = b"""<?xml version="1.0" encoding="UTF-8"?>
<!-- made by hand -->
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>Harbour  News</title><link>https://news.example/</link>
<item><title>The harbour &amp; the storm</title><link>https://news.example/a</link>
<pubDate>Sun, 01 Mar 2026 23:30:00 -0200</pubDate><dc:creator>Anna Novak</dc:creator></item>
<item><title>Again</title><link>https://news.example/a</link></item>
<item><title>Relative</title><link>../b?x=1&amp;y=2</link><author>eva@news.example (Eva Mala)</author></item>
<item><title>Only an id</title><guid isPermaLink="true">https://news.example/c</guid></item>
<item><title>An episode</title><enclosure url="https://news.example/d.mp3" type="audio/mpeg" length="1"/></item>
<item><title>A trap</title><link>javascript:alert(1)</link></item>
<item><title>A file</title><link>file:///etc/passwd</link></item>
</channel></rss>"""

ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title type="html">Výběr &lt;b&gt;zpráv&lt;/b&gt;</title>
<entry><title>Příliš žluťoučký</title><link rel="alternate" href="https://news.example/kun"/>
<link rel="edit" href="https://news.example/edit"/><updated>2026-03-02T10:00:00Z</updated>
<author><name>Jan</name></author><id>urn:x</id></entry></feed>"""

RDF = b"""<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/"><channel rdf:about="https://news.example/"><title>Old</title></channel>
<item rdf:about="https://news.example/r"><title>R</title><link>https://news.example/r</link></item></rdf:RDF>"""

JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Json News",
    "items": [
        {"id": "1", "url": "j", "title": "One", "date_published": "2026-03-01T23:30:00-02:00",
         "authors": [{"name": "Anna"}, {"name": "Jan"}]},
        {"id": "2", "external_url": "https://other.example/x", "author": {"name": "Eva"}},
        {"id": "3", "content_text": "no page"},
        "nonsense",
        {"id": "4", "url": 5, "title": [], "date_published": 7, "authors": "x"},
    ],
}  # fmt: skip

OPML = b"""<?xml version="1.0"?><opml version="2.0"><head><title>Mine</title></head><body>
<outline text="News"><outline type="rss" text="A" xmlUrl="https://a.example/feed"/>
<outline type="rss" text="B" XMLURL="https://b.example/feed?x=1&amp;y=2"/></outline>
<outline type="rss" text="A again" xmlUrl="https://a.example/feed"/>
<outline text="A page" htmlUrl="https://c.example/"/><outline xmlUrl="file:///etc/passwd"/></body></opml>"""


def test_rss_is_read() -> None:
    feed = read_feed(FEED, RSS)
    assert feed.title == "Harbour News"
    assert feed.entries == (
        Entry("https://news.example/a", "The harbour & the storm", date(2026, 3, 2), "Anna Novak"),
        Entry("https://news.example/b?x=1&y=2", "Relative", None, "Eva Mala"),
        Entry("https://news.example/c", "Only an id", None, None),
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-8-sig"])
def test_atom_is_read_in_its_encoding(encoding: str) -> None:
    feed = read_feed(FEED, ATOM.replace('"utf-8"', f'"{encoding.removesuffix("-sig")}"').encode(encoding))
    assert feed.entries == (Entry("https://news.example/kun", "Příliš žluťoučký", date(2026, 3, 2), "Jan"),)


def test_rdf_is_read() -> None:
    assert [entry.url for entry in read_feed(FEED, RDF).entries] == ["https://news.example/r"]


def test_json_feed_is_read() -> None:
    feed = read_feed(FEED, json.dumps(JSON_FEED).encode())
    assert feed.title == "Json News"
    assert feed.entries == (
        Entry("https://news.example/feed/j", "One", date(2026, 3, 2), "Anna, Jan"),
        Entry("https://other.example/x", "", None, "Eva"),
    )


def test_a_feed_with_a_broken_part_gives_what_can_be_read() -> None:
    broken = RSS.replace(b"&amp; the storm", b"& the storm <br> & more")
    assert "https://news.example/a" in [entry.url for entry in read_feed(FEED, broken).entries]


def test_a_feed_without_entries_is_a_feed() -> None:
    assert read_feed(FEED, b'<rss version="2.0"><channel><title>New</title></channel></rss>').entries == ()


def test_opml_is_read() -> None:
    assert read_opml("list.opml", OPML) == ("https://a.example/feed", "https://b.example/feed?x=1&y=2")


@pytest.mark.parametrize(
    ("content_type", "content", "kind"),
    [
        ("application/rss+xml", RSS, "feed"),
        ("text/html", RSS, "feed"),
        ("", ATOM.encode(), "feed"),
        ("text/xml", ATOM.encode("utf-16"), "feed"),
        ("text/xml", b"\xef\xbb\xbf\n" + RSS, "feed"),
        ("text/xml", RDF, "feed"),
        ("application/json", json.dumps(JSON_FEED).encode(), "feed"),
        ("application/json", json.dumps(JSON_FEED).replace("/", "\\/").encode(), "feed"),
        ("application/xml", OPML, "opml"),
        ("text/plain", OPML, "opml"),
        ("text/xml", b'<!DOCTYPE rss SYSTEM "x" [<!ENTITY a "b">]><rss version="0.91">', "feed"),
        ("application/atom+xml", b"", "feed"),
        ("text/html", b"<!DOCTYPE html><html><body>An article about <rss> and <feed></body></html>", None),
        ("text/html", b"<html><link rel='alternate' type='application/rss+xml' href='/feed'>", None),
        ("application/json", b'{"items": []}', None),
        ("text/plain", b"<rssish>", None),
        ("text/plain", b"", None),
        ("application/pdf", b"%PDF-1.7", None),
    ],
)
def test_what_is_a_feed_is_seen_in_its_content(content_type: str, content: bytes, kind: str | None) -> None:
    assert kind_of(content_type, content) == kind


@pytest.mark.parametrize(
    "content",
    [b"", b"An article.", b"<html><body>A page</body></html>", b"{", b'{"items": 5}', b"\x00\xff", b"[" * 50_000,
     b'{"items":' + b"[" * 50_000],
)  # fmt: skip
def test_what_is_no_feed_is_one_clear_line(content: bytes) -> None:
    with pytest.raises(SourceError, match=r"^https://news\.example/feed/: is not a") as caught:
        read_feed(FEED, content)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"text", b"<opml>", b"<opml/>", b"<opml><body/></opml>", b"\xff\xfe<"])
def test_what_is_no_list_is_one_clear_line(content: bytes) -> None:
    with pytest.raises(SourceError, match=r"^list\.opml: is ") as caught:
        read_opml("list.opml", content)
    assert "\n" not in str(caught.value)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
DOCTYPE = f'<!DOCTYPE x [<!ENTITY l0 "lol">{LAUGHS}]>'


def test_entities_are_not_unpacked() -> None:
    started = time.monotonic()
    item = "<item><title>&l9;</title><link>https://news.example/a</link></item>"
    feed = read_feed(FEED, f'{DOCTYPE}<rss version="2.0"><channel>{item}</channel></rss>'.encode())
    assert all(len(entry.title) < 100 for entry in feed.entries)
    with pytest.raises(SourceError, match="is not an OPML list that can be read"):
        read_opml("list.opml", f'{DOCTYPE}<opml><body><outline xmlUrl="&l9;"/></body></opml>'.encode())
    assert time.monotonic() - started < 20


def test_a_feed_cannot_read_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    doctype = f'<!DOCTYPE x [<!ENTITY s SYSTEM "{secret.as_uri()}">]>'
    item = "<item><title>It is &s;</title><link>https://news.example/a</link></item>"
    feed = read_feed(FEED, f'{doctype}<rss version="2.0"><channel>{item}</channel></rss>'.encode())
    assert "secret" not in " ".join(entry.title for entry in feed.entries)
    with pytest.raises(SourceError):
        read_feed(FEED, str(secret).encode())
    with pytest.raises(SourceError):
        read_opml("list.opml", f'{doctype}<opml><body><outline xmlUrl="&s;"/></body></opml>'.encode())


def test_deep_nesting_is_refused_at_once() -> None:
    started = time.monotonic()
    with pytest.raises(SourceError, match="deep in each other"):
        read_feed(FEED, b'<rss version="2.0"><channel>' + b"<item>" * 500_000)
    assert time.monotonic() - started < 20


def test_far_too_many_elements_are_refused_at_once() -> None:
    started = time.monotonic()
    with pytest.raises(SourceError, match="far too many"):
        read_feed(FEED, b'<rss version="2.0"><channel>' + b"<item/>" * 1_000_000)
    assert time.monotonic() - started < 20  # reading them would take minutes


@pytest.mark.parametrize(
    "part", [b"<![CDATA[", b"<!---->", b"<!--", b"<? ?>", b"<!DOCTYPE [", b"<a b=", b"<!ENTITY x "]
)
def test_what_never_ends_costs_little_time(part: bytes) -> None:
    for opening in (b"", b'<?xml version="1.0"?><rss version="2.0"><channel>'):
        started = time.monotonic()
        content = opening + part * (10_000 // len(part))
        kind_of("text/xml", content)
        with contextlib.suppress(SourceError):
            read_feed(FEED, content)
        assert time.monotonic() - started < 20  # some would take longer than the world stands


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"2026", b"99999999999999"),
        (b"&amp;", b"&#x110000;"),
        (b"&amp;", b"&#99999999999;"),
        (b'"UTF-8"', b'"UTF\xa58"'),
        (b"<link>", b'<link href="http://[x">'),
        (b"https://news.example/a", b"http://[/"),
    ],
)
def test_broken_parts_never_end_in_a_traceback(old: bytes, new: bytes) -> None:
    with contextlib.suppress(SourceError):
        read_feed(FEED, RSS.replace(old, new).replace(b"</title>", b"", 2))


@given(st.data())
def test_no_damage_ends_in_a_traceback(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from([RSS, ATOM.encode(), RDF, OPML, json.dumps(JSON_FEED).encode()])))
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(content)))
        piece = data.draw(
            st.sampled_from([b"", b"<![CDATA[", b"&#x110000;", b"<!DOCTYPE", b"]]>", b"\0", b"\xff", b"<"])
        )
        content[place : place + data.draw(st.integers(0, 20))] = piece
    for read in (read_feed, read_opml):
        with contextlib.suppress(SourceError):
            read(FEED, bytes(content))


def test_a_feed_that_is_far_too_large_is_refused() -> None:
    with pytest.raises(SourceError, match="too large for a feed"):
        read_feed(FEED, RSS + b" " * 10_000_000)
    with pytest.raises(SourceError, match="too large for a feed"):
        read_opml("list.opml", OPML + b" " * 10_000_000)


def test_of_endless_entries_the_first_count() -> None:
    items = [{"url": f"https://news.example/{number}"} for number in range(MAX_ENTRIES + 10)]
    feed = read_feed(FEED, json.dumps({"version": "https://jsonfeed.org/version/1", "items": items}).encode())
    assert len(feed.entries) == MAX_ENTRIES
