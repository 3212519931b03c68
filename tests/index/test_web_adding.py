"""Links and feeds in an index: added, kept in step, removed."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from site_support import Answer, Site, serving

from index import ArticleIndex, Progress, Settings, UnreadLink
from ui.command_line import main

OpenIndex = Callable[..., ArticleIndex]


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        for name, words in (("a", "harbour"), ("b", "forest"), ("c", "library")):
            site.pages[f"/{name}"] = story(words)
        site.pages["/feed"] = feed("/a", "/b")
        yield site


@pytest.fixture
def index(open_index: OpenIndex) -> ArticleIndex:
    """An index whose links may lead to the test's own server."""
    return open_index(settings=Settings(lock_timeout=0.5, allow_private=True, host_delay=0))


def story(words: str) -> Callable[[Mapping[str, str]], Answer]:
    text = f"The {words} was closed on Monday, and nobody knew why the {words} had been closed so early in the year. "
    page = (
        f"<!DOCTYPE html><html lang='en'><head><title>The {words} is closed</title></head><body><article>"
        f"<h1>The {words} is closed</h1><p>{text * 2}</p><p>The mayor said that the {words} would open again in "
        f"spring, after the repairs had been paid for.</p></article></body></html>"
    )

    def answer(headers: Mapping[str, str]) -> Answer:
        tag = f'"{words}"'
        if headers.get("if-none-match") == tag:
            return Answer(status=304, content_type=None)
        return Answer(page.encode(), headers={"ETag": tag})

    return answer


def feed(*links: str) -> Callable[[Mapping[str, str]], Answer]:
    items = "".join(
        f"<item><title>About {link}</title><link>{link}</link><pubDate>Sun, 01 Mar 2026 12:00:00 GMT</pubDate>"
        f"<author>anna@news.example (Anna Novak)</author></item>"
        for link in links
    )
    body = f'<rss version="2.0"><channel><title>News</title>{items}</channel></rss>'

    def answer(headers: Mapping[str, str]) -> Answer:
        tag = f'"{len(links)}{links[0]}"'
        if headers.get("if-none-match") == tag:
            return Answer(status=304, content_type=None)
        return Answer(body.encode(), "application/rss+xml", headers={"ETag": tag})

    return answer


def asked(site: Site, since: int) -> list[str]:
    return [path for path, _headers in site.requests[since:] if path != "/robots.txt"]


def test_a_page_is_added_and_asked_about_again(index: ArticleIndex, site: Site) -> None:
    url = site.url("/a")
    assert index.add(url).added == [url]
    (article,) = index.articles()
    assert article.source == url
    assert article.title == "The harbour is closed"
    assert "nobody knew why the harbour had been closed" in article.text
    assert index.add(url + "#comments").unchanged == [url]
    assert site.asked("/a")[1]["if-none-match"] == '"harbour"'
    assert index.sync().add.unchanged == [url]


def test_a_page_that_changed_is_updated_by_sync(index: ArticleIndex, site: Site) -> None:
    index.add(site.url("/a"))
    site.pages["/a"] = story("museum")
    report = index.sync()
    assert report.add.updated == [site.url("/a")]
    assert [article.title for article in index.articles()] == ["The museum is closed"]


def test_a_page_that_is_gone_or_out_of_reach_is_kept(index: ArticleIndex, site: Site) -> None:
    index.add(site.url("/a"))
    site.pages["/a"] = Answer(status=404)
    report = index.sync()
    assert [(failure.source, failure.reason) for failure in report.add.failed] == [
        (site.url("/a"), "answers 404 (Not Found)")
    ]
    assert report.removed == ()
    assert len(list(index.articles())) == 1


def test_a_feed_is_added_and_sync_fetches_only_what_is_new(index: ArticleIndex, site: Site) -> None:
    report = index.add(site.url("/feed"))
    assert report.added == [site.url("/a"), site.url("/b")]
    assert {article.author for article in index.articles()} == {"Anna Novak"}
    assert {str(article.published) for article in index.articles()} == {"2026-03-01"}
    before = len(site.requests)
    report = index.sync().add
    assert report.unchanged == [site.url("/a"), site.url("/b")]
    assert asked(site, before) == ["/feed"]
    site.pages["/feed"] = feed("/c", "/b")
    before = len(site.requests)
    synced = index.sync()
    assert synced.add.added == [site.url("/c")]
    assert synced.removed == ()  # an article that has left the feed is kept
    assert asked(site, before) == ["/feed", "/c"]
    assert len(list(index.articles())) == 3


def test_an_article_of_a_feed_that_failed_is_tried_again(index: ArticleIndex, site: Site) -> None:
    site.pages["/b"] = Answer(status=500)
    report = index.add(site.url("/feed"))
    assert report.added == [site.url("/a")]
    assert [failure.source for failure in report.failed] == [site.url("/b")]
    site.pages["/b"] = story("forest")
    assert index.sync().add.added == [site.url("/b")]


def test_stopping_in_a_feed_loses_nothing_of_it(index: ArticleIndex, site: Site) -> None:
    def stop() -> bool:
        return bool(site.asked("/a"))

    assert index.add(site.url("/feed"), stop=stop).stopped
    report = index.sync().add
    assert sorted([*report.added, *report.unchanged]) == [site.url("/a"), site.url("/b")]
    assert len(list(index.articles())) == 2


def test_a_file_that_lists_feeds_is_added(index: ArticleIndex, site: Site, write: Callable[..., Path]) -> None:
    path = write("mine.opml", f"<opml><body><outline xmlUrl='{site.url('/feed')}'/></body></opml>")
    assert index.add(path).added == [site.url("/a"), site.url("/b")]
    site.pages["/feed"] = feed("/c", "/a")
    assert index.sync().add.added == [site.url("/c")]
    bad = index.add(write("bad.opml", "nothing"))
    assert [failure.reason for failure in bad.failed] == [
        "is not an OPML list that can be read: it is damaged: 'list' in it is not well-formed XML"
    ]


def test_a_removed_feed_is_not_asked_again(index: ArticleIndex, site: Site) -> None:
    index.add(site.url("/feed"))
    assert len(index.remove(site.url("/feed"))) == 2
    before = len(site.requests)
    index.sync()
    assert asked(site, before) == []
    assert list(index.articles()) == []


def test_private_addresses_are_refused_unless_permitted(open_index: OpenIndex, site: Site) -> None:
    report = open_index("careful").add("http://127.0.0.1:8080/")
    assert [failure.reason for failure in report.failed] == [
        "leads to 127.0.0.1, an address inside this machine or its network; --allow-private permits that"
    ]
    assert not site.requests


def test_the_encoding_that_the_server_names_counts(index: ArticleIndex, site: Site) -> None:
    words = "Příliš žluťoučký kůň úpěl ďábelské ódy, a nikdo nevěděl proč. " * 5
    page = f"<html><head><title>Kůň</title></head><body><article><p>{words}</p></article></body></html>"
    site.pages["/kun"] = Answer(page.encode("iso-8859-2"), "text/html; charset=ISO-8859-2")
    index.add(site.url("/kun"))
    assert "žluťoučký kůň" in next(iter(index.articles())).text


def test_the_command_line_adds_links(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PULLQUOTE_MODEL", "hashing")
    where = ["--index", str(tmp_path / "index")]
    assert main(["add", site.url("/a"), *where]) == 1
    assert "names port" in capsys.readouterr().err
    assert main(["add", site.url("/a"), "--allow-private", *where]) == 0
    assert main(["sync", "--allow-private", *where]) == 0
    assert main(["add", "ftp://news.example/a", *where]) == 1
    assert "only links that begin with http:// or https:// are" in capsys.readouterr().err


def test_a_page_in_an_encoding_that_only_the_header_names_is_read(index: ArticleIndex, site: Site) -> None:
    words = "Съешь же ещё этих мягких французских булок, да выпей чаю. " * 8
    page = f"<html><head><title>Булки</title></head><body><article><p>{words}</p></article></body></html>"
    site.pages["/bread"] = Answer(page.encode("windows-1251"), "text/html; charset=windows-1251")
    site.pages["/text"] = Answer(words.replace("чаю", "кофе").encode("windows-1251"), "text/plain; charset=cp1251")
    assert index.add([site.url("/bread"), site.url("/text")]).failed == []
    texts = [article.text for article in index.articles()]
    assert "мягких французских булок, да выпей чаю" in texts[0]
    assert "мягких французских булок, да выпей кофе" in texts[1]


def test_a_page_in_utf8_is_read_so_whatever_the_server_thinks(index: ArticleIndex, site: Site) -> None:
    words = "Příliš žluťoučký kůň úpěl ďábelské ódy, a nikdo nevěděl proč. " * 5
    page = f"<html><head><title>Kůň</title></head><body><article><p>{words}</p></article></body></html>"
    site.pages["/kun"] = Answer(page.encode(), "text/html; charset=ISO-8859-1")
    index.add(site.url("/kun"))
    assert "žluťoučký kůň" in next(iter(index.articles())).text


def test_relative_addresses_start_from_where_the_redirects_led(index: ArticleIndex, site: Site) -> None:
    text = "The harbour was closed on Monday, and nobody knew why it had been closed so early in the year. " * 3
    page = (
        "<html><head><title>Harbour</title><link rel='canonical' href='harbour-2026'></head>"
        f"<body><article><p>{text}</p></article></body></html>"
    )
    site.pages["/short"] = Answer(status=302, headers={"Location": "/news/2026/harbour?ref=short"})
    site.pages["/news/2026/harbour?ref=short"] = Answer(page.encode())
    assert index.add(site.url("/short")).added == [site.url("/short")]
    (article,) = index.articles()
    assert article.url == site.url("/news/2026/harbour-2026")


def state_of(index: ArticleIndex) -> list[str]:
    """Everything that the catalog holds."""
    with contextlib.closing(sqlite3.connect(index.folder / "catalog.sqlite")) as connection:
        return list(connection.iterdump())


def test_a_dry_run_asks_but_fetches_no_page_and_changes_nothing(index: ArticleIndex, site: Site) -> None:
    index.add([site.url("/feed"), site.url("/c")])
    site.pages["/d"] = site.pages["/e"] = story("museum")
    site.pages["/feed"] = feed("/d", "/e", "/a")
    site.pages["/c"] = story("station")
    before, asked_before = state_of(index), len(site.requests)
    report = index.sync(dry_run=True)
    assert report.unread == (
        UnreadLink(site.url("/d"), site.url("/feed")),
        UnreadLink(site.url("/e"), site.url("/feed")),
        UnreadLink(site.url("/c"), None),
    )
    assert report.add.unchanged == [site.url("/a")]
    assert (report.add.added, report.add.updated, report.add.failed) == ([], [], [])
    assert asked(site, asked_before) == ["/feed", "/c"]
    assert site.asked("/c")[-1]["if-none-match"] == '"library"'
    assert state_of(index) == before
    synced = index.sync()
    assert synced.add.added == [site.url("/d")]
    assert synced.add.updated == [site.url("/c")]


def test_a_dry_run_does_not_ask_where_the_site_could_not_tell(index: ArticleIndex, site: Site) -> None:
    page = site.pages["/a"]
    site.pages["/a"] = lambda headers: Answer(page({}).body)  # type: ignore[operator]
    index.add([site.url("/a"), site.url("/b")])
    before = len(site.requests)
    report = index.sync(dry_run=True)
    assert report.unread == (UnreadLink(site.url("/a"), None),)
    assert report.add.unchanged == [site.url("/b")]
    assert asked(site, before) == ["/b"]


def test_a_dry_run_hangs_up_before_a_changed_page_arrives(index: ArticleIndex, site: Site) -> None:
    index.add(site.url("/a"))

    def endless() -> Iterator[bytes]:
        for _ in range(1_000):
            yield b"x" * 100_000

    site.pages["/a"] = Answer(endless, headers={"ETag": '"new"'})
    assert index.sync(dry_run=True).unread == (UnreadLink(site.url("/a"), None),)
    assert site.written < 50_000_000


def test_links_count_in_the_progress_as_files_do(index: ArticleIndex, site: Site, write: Callable[..., Path]) -> None:
    opml = write("mine.opml", f"<opml><body><outline xmlUrl='{site.url('/feed')}'/></body></opml>")
    told: list[Progress] = []
    sources = [write("a.txt", "A bridge opens.\n"), site.url("/c"), site.url("/missing"), site.url("/c"), opml]
    index.add(sources, progress=told.append)
    assert told[0].total_files == 5
    assert told[-1].total_files == 8  # the feed in the list and the two articles in the feed came to light
    assert told[-1].done_files == 8
    assert told[-1].done_bytes == told[-1].total_bytes
    assert all(one.done_bytes <= one.total_bytes for one in told)
    index.sync(progress=told.append)
    assert (told[-1].done_files, told[-1].done_bytes) == (told[-1].total_files, told[-1].total_bytes)
