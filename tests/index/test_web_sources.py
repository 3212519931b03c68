"""What a link comes to: pages, feeds with what is new in them, lists of feeds."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping

import pytest
from site_support import PAGE, Answer, Site, fetcher, serving

from index import Failure
from index.web.fetching import Validators
from index.web.sources import Item, Links, Page, Subscription, Unchanged


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        site.pages["/a"] = tagged(PAGE + b"a", "a1")
        site.pages["/b"] = tagged(PAGE + b"b", "b1")
        site.pages["/report.pdf"] = Answer(b"%PDF-1.7", "application/pdf")
        site.pages["/feed"] = tagged(feed("/a", "/b"), "f1", "application/rss+xml")
        yield site


def tagged(body: bytes, tag: str, content_type: str = "text/html") -> object:
    def answer(headers: Mapping[str, str]) -> Answer:
        if headers.get("if-none-match") == f'"{tag}"':
            return Answer(status=304, content_type=None)
        return Answer(body, content_type, headers={"ETag": f'"{tag}"'})

    return answer


def feed(*links: str) -> bytes:
    items = "".join(f"<item><title>About {link}</title><link>{link}</link></item>" for link in links)
    return f'<rss version="2.0"><channel><title>News</title>{items}</channel></rss>'.encode()


def opml(*feeds: str) -> bytes:
    return f"<opml><body>{''.join(f'<outline xmlUrl={url!r}/>' for url in feeds)}</body></opml>".encode()


def read(site: Site, *paths: str, known: Mapping[str, Validators] | None = None) -> list[Item]:
    links = Links(fetcher(), (known or {}).get, allow_private=True)
    return list(links.read(site.url(path) for path in paths))


def kept(items: list[Item]) -> dict[str, Validators]:
    """What a catalog would keep of them."""
    return {item.location: item.validators for item in items if not isinstance(item, Failure)}


def test_a_page_and_a_file_are_fetched(site: Site) -> None:
    page, report = read(site, "/a#part", "/report.pdf")
    assert isinstance(page, Page)
    assert (page.location, page.data, page.content_type, page.root) == (site.url("/a"), PAGE + b"a", "text/html", None)
    assert page.validators.etag == '"a1"'
    assert isinstance(report, Page)
    assert (report.content_type, report.data) == ("application/pdf", b"%PDF-1.7")


def test_a_page_that_is_known_is_asked_whether_it_changed(site: Site) -> None:
    known = kept(read(site, "/a", "/b"))
    site.pages["/b"] = tagged(PAGE + b"new", "b2")
    same, changed = read(site, "/a", "/b", known=known)
    assert same == Unchanged(site.url("/a"), known[site.url("/a")])
    assert isinstance(changed, Page)
    assert changed.data == PAGE + b"new"


def test_a_feed_gives_its_articles(site: Site) -> None:
    first, a, b, last = read(site, "/feed")
    assert first == Subscription(site.url("/feed"), "News", Validators(), links=2)
    assert isinstance(a, Page)
    assert isinstance(b, Page)
    assert [a.location, b.location] == [site.url("/a"), site.url("/b")]
    assert a.root == b.root == site.url("/feed")
    assert a.entry is not None
    assert a.entry.title == "About /a"
    assert isinstance(last, Subscription)
    assert last.validators.etag == '"f1"'


def test_only_what_is_new_in_a_feed_is_fetched(site: Site) -> None:
    known = kept(read(site, "/feed"))
    site.pages["/c"] = Answer(PAGE)
    site.pages["/feed"] = tagged(feed("/c", "/a", "/b"), "f2")
    asked = len(site.requests)
    items = read(site, "/feed", known=known)
    assert [item.location for item in items if isinstance(item, Page)] == [site.url("/c")]
    assert [path for path, _headers in site.requests[asked:]] == ["/robots.txt", "/feed", "/c"]


def test_a_feed_that_has_not_changed_is_not_read(site: Site) -> None:
    known = kept(read(site, "/feed"))
    asked = len(site.requests)
    assert read(site, "/feed", known=known) == [Unchanged(site.url("/feed"), known[site.url("/feed")])]
    assert [path for path, _headers in site.requests[asked:]] == ["/robots.txt", "/feed"]


def test_a_feed_of_which_an_article_failed_is_read_again(site: Site) -> None:
    site.pages["/b"] = Answer(status=500)
    items = read(site, "/feed")
    assert [item.source for item in items if isinstance(item, Failure)] == [site.url("/b")]
    known = kept(items)
    assert known[site.url("/feed")] == Validators()
    site.pages["/b"] = Answer(PAGE)
    assert [item.location for item in read(site, "/feed", known=known) if isinstance(item, Page)] == [site.url("/b")]


def test_a_feed_counts_as_read_only_when_its_articles_were_taken(site: Site) -> None:
    """Whoever stops in the middle has not been told the validators with which the rest would never be asked for."""
    taken = []
    for item in Links(fetcher(), lambda _location: None, allow_private=True).read([site.url("/feed")]):
        taken.append(item)
        if isinstance(item, Page):
            break
    assert kept(taken)[site.url("/feed")] == Validators()


def test_a_list_gives_the_articles_of_its_feeds(site: Site) -> None:
    site.pages["/other"] = Answer(feed("/report.pdf", "/a"), "text/xml")
    site.pages["/list"] = Answer(opml(site.url("/feed"), site.url("/other")), "text/x-opml")
    items = read(site, "/list")
    pages = [item for item in items if isinstance(item, Page)]
    assert [page.location for page in pages] == [site.url("/a"), site.url("/b"), site.url("/report.pdf")]
    assert [page.root for page in pages] == [site.url("/feed"), site.url("/feed"), site.url("/other")]
    assert {item.location for item in items if isinstance(item, Subscription)} == {
        site.url("/list"),
        site.url("/feed"),
        site.url("/other"),
    }


def test_a_list_at_hand_is_read_too(site: Site) -> None:
    links = Links(fetcher(), lambda _location: None, allow_private=True)
    items = list(links.read_list("my.opml", opml(site.url("/feed"), site.url("/a"))))
    assert [item.location for item in items if isinstance(item, Page)] == [site.url("/a"), site.url("/b")]
    assert list(links.read_list("my.opml", b"nothing")) == [
        Failure("my.opml", "is not an OPML list that can be read: it is damaged: 'list' in it is not well-formed XML")
    ]


def test_a_list_that_names_pages_or_itself_ends(site: Site) -> None:
    site.pages["/list"] = Answer(opml(site.url("/list"), site.url("/a"), site.url("/list2")), "text/x-opml")
    site.pages["/list2"] = Answer(opml(site.url("/list")), "text/x-opml")
    failed = [item for item in read(site, "/list") if isinstance(item, Failure)]
    assert [item.source for item in failed] == [site.url("/a"), site.url("/list2")]
    assert all(item.reason == f"is not a feed, though {site.url('/list')} lists it as one" for item in failed)


def test_a_feed_that_names_a_feed_as_an_article_is_said(site: Site) -> None:
    site.pages["/outer"] = Answer(feed("/feed", "/a"), "text/xml")
    items = read(site, "/outer")
    assert [item.source for item in items if isinstance(item, Failure)] == [site.url("/feed")]
    assert [item.location for item in items if isinstance(item, Page)] == [site.url("/a")]


def test_a_link_that_is_named_twice_is_fetched_once(site: Site) -> None:
    assert len([item for item in read(site, "/a", "/feed", "/a", "/feed") if isinstance(item, Page)]) == 2
    assert len(site.asked("/a")) == len(site.asked("/feed")) == 1


def test_a_link_that_fails_does_not_stop_the_others(site: Site) -> None:
    links = Links(fetcher(), lambda _location: None, allow_private=True)
    missing, wrong, page = links.read([site.url("/missing"), "ftp://news.example/", site.url("/a")])
    assert missing == Failure(site.url("/missing"), "answers 404 (Not Found)")
    assert isinstance(wrong, Failure)
    assert isinstance(page, Page)


def test_pages_are_fetched_when_their_turn_comes(site: Site) -> None:
    items = Links(fetcher(), lambda _location: None, allow_private=True).read([site.url("/a"), site.url("/b")])
    next(items)
    assert not site.asked("/b")


def test_nothing_of_this_is_loaded_before_somebody_adds_a_link() -> None:
    libraries = "index.web", "httpcore2", "feedparser", "protego", "defusedxml", "brotli"
    program = f"import index, sys; print([name for name in {libraries!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
