"""A site is asked as it wants to be: its robots.txt, its pace, its Retry-After, and no page twice that is unchanged."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from site_support import OTHER_PUBLIC, PAGE, PUBLIC, Answer, Clock, Internet, Site, fetcher, serving

from index import PullquoteError, Settings, SourceError
from index.web.fetching import Validators
from index.web.politeness import seconds_before_retry


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        site.pages["/"] = Answer(PAGE)
        yield site


def robots(text: str) -> Answer:
    return Answer(text.encode(), "text/plain")


def test_a_page_that_robots_txt_forbids_is_not_asked_for(site: Site) -> None:
    site.pages["/robots.txt"] = robots("User-agent: *\nDisallow: /private/\nAllow: /private/open\n")
    site.pages["/private/open"] = site.pages["/private/a"] = Answer(PAGE)
    one = fetcher()
    with pytest.raises(SourceError, match=r"is not fetched: its site's robots\.txt asks programs not to$"):
        one.fetch(site.url("/private/a"))
    assert not site.asked("/private/a")
    assert one.fetch(site.url("/private/open")).data == PAGE
    assert len(site.asked("/robots.txt")) == 1


def test_rules_for_this_program_come_before_rules_for_all(site: Site) -> None:
    site.pages["/robots.txt"] = robots("User-agent: *\nAllow: /\n\nUser-agent: pullquote\nDisallow: /\n")
    with pytest.raises(SourceError, match="asks programs not to"):
        fetcher().fetch(site.url())
    site.pages["/robots.txt"] = robots("User-agent: *\nDisallow: /\n\nUser-agent: Pullquote\nAllow: /\n")
    assert fetcher().fetch(site.url()).data == PAGE


def test_robots_txt_is_obeyed_behind_a_redirect(site: Site) -> None:
    site.pages["/robots.txt"] = robots("User-agent: *\nDisallow: /private/\n")
    site.pages["/open"] = Answer(status=302, headers={"Location": "/private/a"})
    with pytest.raises(SourceError, match=r"redirects to .*/private/a, which is not fetched"):
        fetcher().fetch(site.url("/open"))
    assert not site.asked("/private/a")


@pytest.mark.parametrize("status", [401, 403, 404, 410, 429])
def test_a_site_without_robots_txt_permits_all(site: Site, status: int) -> None:
    site.pages["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /", "text/plain", status)
    assert fetcher().fetch(site.url()).data == PAGE


@pytest.mark.parametrize("status", [500, 503, 599])
def test_a_site_whose_robots_txt_fails_permits_nothing(site: Site, status: int) -> None:
    site.pages["/robots.txt"] = Answer(status=status)
    with pytest.raises(SourceError, match=rf"is not fetched: its site's robots\.txt, .* answers {status}"):
        fetcher().fetch(site.url())
    assert not site.asked("/")


def test_a_robots_txt_that_redirects_without_end_is_none(site: Site) -> None:
    site.pages["/robots.txt"] = Answer(status=301, headers={"Location": "/robots.txt"})
    assert fetcher().fetch(site.url()).data == PAGE


def test_a_robots_txt_is_followed_to_where_it_was_moved(site: Site) -> None:
    site.pages["/robots.txt"] = Answer(status=301, headers={"Location": "/rules"})
    site.pages["/rules"] = robots("User-agent: *\nDisallow: /\n")
    with pytest.raises(SourceError, match="asks programs not to"):
        fetcher().fetch(site.url())


def test_of_a_huge_robots_txt_the_beginning_counts(site: Site) -> None:
    site.pages["/robots.txt"] = robots("User-agent: *\nDisallow: /private\n" + "# and so on\n" * 200_000)
    one = fetcher()
    assert one.fetch(site.url()).data == PAGE
    with pytest.raises(SourceError, match="asks programs not to"):
        one.fetch(site.url("/private"))


def test_who_asks_is_said(site: Site) -> None:
    version = importlib.metadata.version("pullquote")
    fetcher().fetch(site.url())
    fetcher(contact="desk@news.example").fetch(site.url())
    agents = [headers["user-agent"] for path, headers in site.requests if path != "/robots.txt"]
    assert agents == [f"Pullquote/{version}", f"Pullquote/{version} (desk@news.example)"]


def test_the_contact_comes_from_the_environment_and_must_fit_into_a_header() -> None:
    assert Settings.from_environment({"PULLQUOTE_CONTACT": " https://news.example/bot "}).contact == (
        "https://news.example/bot"
    )
    assert Settings.from_environment({}).contact is None
    for wrong in ("a\r\nCookie: b", "a (b)", "jiří@news.example", "a" * 201):
        with pytest.raises(PullquoteError, match="PULLQUOTE_CONTACT is"):
            Settings.from_environment({"PULLQUOTE_CONTACT": wrong})


def test_a_second_passes_between_two_requests_to_a_host(site: Site) -> None:
    clock = Clock()
    internet = Internet(
        {"news.example": [PUBLIC], "other.example": [OTHER_PUBLIC]}, {PUBLIC: site.port, OTHER_PUBLIC: site.port}
    )
    one = fetcher(internet.network(), clock)
    one.fetch("http://news.example/")
    assert clock.slept == []
    one.fetch("http://other.example/")
    assert clock.slept == []  # another host waits for nobody
    clock.now += 0.25
    one.fetch("http://news.example/")
    assert clock.slept == [0.75]  # measured from the last request
    clock.now += 60
    one.fetch("http://news.example/")
    assert clock.slept == [0.75]


def test_a_redirect_to_the_same_host_waits_as_well(site: Site) -> None:
    clock = Clock()
    site.pages["/moved"] = Answer(status=302, headers={"Location": "/"})
    fetcher(clock=clock, host_delay=3).fetch(site.url("/moved"))
    assert clock.slept == [3]


@pytest.mark.parametrize(("asked", "kept"), [("7", 7), ("0.2", 1), ("100000", 60), ("soon", 1)])
def test_the_crawl_delay_of_a_site_is_kept(site: Site, asked: str, kept: float) -> None:
    clock = Clock()
    site.pages["/robots.txt"] = robots(f"User-agent: *\nCrawl-delay: {asked}\n")
    one = fetcher(clock=clock)
    one.fetch(site.url())
    one.fetch(site.url())
    assert clock.slept == [kept]


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_asked_again_later(site: Site, status: int) -> None:
    clock = Clock()
    answers = [Answer(status=status), Answer(status=status), Answer(PAGE)]
    site.pages["/busy"] = lambda _headers: answers.pop(0)
    assert fetcher(clock=clock).fetch(site.url("/busy")).data == PAGE
    assert clock.slept == [2, 4]


def test_a_server_that_stays_busy_is_given_up(site: Site) -> None:
    site.pages["/busy"] = Answer(status=503)
    with pytest.raises(SourceError, match=r"answers 503 \(Service Unavailable\)$"):
        fetcher().fetch(site.url("/busy"))
    assert len(site.asked("/busy")) == 3


@pytest.mark.parametrize("status", [400, 403, 404, 410, 500, 501, 999])
def test_a_server_that_says_no_is_not_asked_again(site: Site, status: int) -> None:
    site.pages["/no"] = Answer(status=status)
    with pytest.raises(SourceError, match=f"answers {status}"):
        fetcher().fetch(site.url("/no"))
    assert len(site.asked("/no")) == 1


def test_a_server_that_hangs_up_is_asked_again(site: Site) -> None:
    clock = Clock()
    answers = [Answer(lambda: iter([b"half"]), headers={"Content-Length": "100"}), Answer(PAGE)]
    site.pages["/"] = lambda _headers: answers.pop(0)
    assert fetcher(clock=clock).fetch(site.url()).data == PAGE
    assert clock.slept == [2]


def test_retry_after_is_honoured(site: Site) -> None:
    clock = Clock()
    answers = [Answer(status=429, headers={"Retry-After": "17"}), Answer(PAGE)]
    site.pages["/busy"] = lambda _headers: answers.pop(0)
    assert fetcher(clock=clock).fetch(site.url("/busy")).data == PAGE
    assert clock.slept == [17]


def test_a_server_that_wants_a_long_pause_is_left_alone(site: Site) -> None:
    clock = Clock()
    site.pages["/busy"] = Answer(status=503, headers={"Retry-After": "7200"})
    with pytest.raises(SourceError, match="wants to be left alone for 7,200 seconds"):
        fetcher(clock=clock).fetch(site.url("/busy"))
    assert clock.slept == []
    assert len(site.asked("/busy")) == 1


def test_retry_after_may_be_a_date_or_nonsense() -> None:
    now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    assert seconds_before_retry(1, "Sun, 01 Mar 2026 12:00:30 GMT", now) == 30
    assert seconds_before_retry(1, (now - timedelta(days=1)).strftime("%a, %d %b %Y %H:%M:%S GMT"), now) == 2
    for nonsense in ("", "soon", "-5", "1e9", "٣", "Sun, 99 Foo 2026", "9" * 400):
        assert seconds_before_retry(2, nonsense, now) >= 4
    assert seconds_before_retry(3, "1", now) == 8


def conditional(headers: Mapping[str, str]) -> Answer:
    given = {"ETag": '"v1"', "Last-Modified": "Sun, 01 Mar 2026 12:00:00 GMT"}
    if headers.get("if-none-match") == '"v1"':
        return Answer(status=304, content_type=None, headers={"ETag": '"v1"'})
    return Answer(PAGE, headers=given)


def test_a_page_that_has_not_changed_is_not_sent_again(site: Site) -> None:
    site.pages["/page"] = conditional
    one = fetcher()
    first = one.fetch(site.url("/page"))
    assert not first.not_modified
    kept = Validators.from_json(first.validators.as_json())
    assert kept == first.validators
    second = one.fetch(site.url("/page"), validators=kept)
    assert second.not_modified
    assert second.data == b""
    assert second.validators == kept
    assert site.asked("/page")[1]["if-modified-since"] == "Sun, 01 Mar 2026 12:00:00 GMT"


def test_validators_of_another_page_are_not_sent(site: Site) -> None:
    """A link that leads to a new place now: by the old place's tag, a page that was never read would seem unchanged."""
    site.pages["/old"] = site.pages["/new"] = conditional
    site.pages["/link"] = Answer(status=302, headers={"Location": "/old"})
    one = fetcher()
    kept = one.fetch(site.url("/link")).validators
    assert one.fetch(site.url("/link"), validators=kept).not_modified
    site.pages["/link"] = Answer(status=302, headers={"Location": "/new"})
    assert one.fetch(site.url("/link"), validators=kept).data == PAGE


def test_an_answer_that_nothing_changed_is_no_page_when_it_was_not_asked(site: Site) -> None:
    site.pages["/"] = Answer(status=304, content_type=None)
    with pytest.raises(SourceError, match="answers that it has not changed"):
        fetcher().fetch(site.url())


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"etag": 5}', '{"url": null}', "null", "[" * 100_000])
def test_validators_that_are_not_understood_are_left_out(text: str | None) -> None:
    assert Validators.from_json(text) == Validators()


def test_a_validator_cannot_smuggle_a_header(site: Site) -> None:
    bad = Validators(site.url(), etag='"a"\r\nX-More: yes', last_modified="ä")
    assert fetcher().fetch(site.url(), validators=bad).data == PAGE
    assert "x-more" not in site.asked("/")[0]
