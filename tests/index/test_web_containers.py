"""Archives, tables and web archives that are fetched: read as those in files, and kept in step."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping

import pytest
from index_support import check_stores
from site_support import Answer, Site, serving
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from index import ArticleIndex, Settings

OpenIndex = Callable[..., ArticleIndex]


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


@pytest.fixture
def index(open_index: OpenIndex) -> ArticleIndex:
    """An index whose links may lead to the test's own server."""
    return open_index(settings=Settings(lock_timeout=0.5, allow_private=True, host_delay=0, max_file_bytes=1_000_000))


def story(name: str) -> str:
    return f"{name} opened the bridge. The council of {name} paid for it, and nobody was hurt."


def zipped(*names: str, **others: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(f"news/{name}.txt", story(name))
        for name, data in others.items():
            archive.writestr(name.replace("_", "."), data)
    return target.getvalue()


def tagged(body: bytes, content_type: str | None, tag: str) -> Callable[[Mapping[str, str]], Answer]:
    def answer(headers: Mapping[str, str]) -> Answer:
        if headers.get("if-none-match") == f'"{tag}"':
            return Answer(status=304, content_type=None)
        return Answer(body, content_type, headers={"ETag": f'"{tag}"'})

    return answer


def texts(index: ArticleIndex) -> set[str]:
    return {article.text for article in index.articles()}


def test_an_archive_is_read_kept_in_step_and_removed(index: ArticleIndex, site: Site) -> None:
    url = site.url("/old.zip")
    site.pages["/old.zip"] = tagged(zipped("Ada", "Bea", broken_pdf=b"%PDF-1.4 not one"), "application/zip", "1")
    report = index.add(url)
    assert report.added == [f"{url}!/news/Ada.txt", f"{url}!/news/Bea.txt"]
    assert [failure.source for failure in report.failed] == [f"{url}!/broken.pdf"]
    assert texts(index) == {story("Ada"), story("Bea")}

    again = index.sync().add
    assert again.unchanged == report.added
    assert again.failed == report.failed  # as for an archive on the disk
    assert site.asked("/old.zip")[-1]["if-none-match"] == '"1"'

    site.pages["/old.zip"] = tagged(zipped("Bea", "Cid"), "application/zip", "2")
    synced = index.sync()
    assert synced.add.added == [f"{url}!/news/Cid.txt"]
    assert synced.add.unchanged == [f"{url}!/news/Bea.txt"]
    assert synced.removed == (f"{url}!/news/Ada.txt",)
    assert texts(index) == {story("Bea"), story("Cid")}
    check_stores(index)

    assert len(index.remove(url)) == 2
    asked = len(site.asked("/old.zip"))
    assert index.sync().add.added == []
    assert len(site.asked("/old.zip")) == asked


def test_a_dry_run_does_not_fetch_an_archive(index: ArticleIndex, site: Site) -> None:
    url = site.url("/old.zip")
    site.pages["/old.zip"] = tagged(zipped("Ada"), "application/zip", "1")
    index.add(url)
    assert index.sync(dry_run=True).add.unchanged == [f"{url}!/news/Ada.txt"]
    site.pages["/old.zip"] = tagged(zipped("Bea"), "application/zip", "2")
    plan = index.sync(dry_run=True)
    assert [link.source for link in plan.unread] == [url]
    assert plan.removed == ()


def test_a_table_is_read_in_the_encoding_that_the_server_names(index: ArticleIndex, site: Site) -> None:
    url = site.url("/dump?format=csv")
    table = "title,text\nБулки,Съешь же ещё этих мягких французских булок.\n"
    site.pages["/dump?format=csv"] = Answer(table.encode("windows-1251"), "text/csv; charset=windows-1251")
    assert index.add(url).added == [f"{url}#1"]
    (article,) = index.articles()
    assert (article.title, article.text) == ("Булки", "Съешь же ещё этих мягких французских булок.")


def test_what_is_said_of_columns_is_kept_for_a_link(index: ArticleIndex, site: Site) -> None:
    url = site.url("/dump.jsonl")
    rows = [{"id": name, "story": story(name)} for name in ("Ada", "Bea")]
    site.pages["/dump.jsonl"] = Answer(json.dumps(rows[0]).encode() + b"\n", "application/octet-stream")
    assert index.add(f"{url}#top", columns={"text": "story"}).added == [f"{url}#id:Ada"]
    body = "".join(json.dumps(row) + "\n" for row in rows).encode()
    site.pages["/dump.jsonl"] = Answer(body, "application/octet-stream")
    assert index.sync().add.added == [f"{url}#id:Bea"]


def test_a_web_archive_is_read(index: ArticleIndex, site: Site) -> None:
    target = io.BytesIO()
    writer = WARCWriter(target, gzip=True)
    text = "".join(f"<p>{story(name)} {story(name)}</p>" for name in ("Ada", "Bea", "Cid"))
    page = f"<!doctype html><html><title>Bridge</title><body><article><h1>Bridge</h1>{text}</article>".encode()
    headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.0")
    writer.write_record(
        writer.create_warc_record("https://news.example/a", "response", payload=io.BytesIO(page), http_headers=headers)
    )
    site.pages["/crawl.warc.gz"] = Answer(target.getvalue(), "application/gzip")
    url = site.url("/crawl.warc.gz")
    assert index.add(url).added == [f"{url}#news.example/a"]
    (article,) = index.articles()
    assert article.url == "https://news.example/a"


def test_an_archive_in_a_feed_is_fetched_once(index: ArticleIndex, site: Site) -> None:
    link = site.url("/old.zip")
    body = f"<rss version='2.0'><channel><title>News</title><item><link>{link}</link></item></channel></rss>"
    site.pages["/feed"] = tagged(body.encode(), "application/rss+xml", "f1")
    site.pages["/old.zip"] = Answer(zipped("Ada", "Bea"), "application/zip")
    report = index.add(site.url("/feed"))
    assert len(report.added) == 2
    assert index.sync().add.unchanged == report.added
    site.pages["/feed"] = Answer(body.encode(), "application/rss+xml")
    assert index.sync().add.unchanged == report.added
    assert len(site.asked("/old.zip")) == 1
    assert len(index.remove(link)) == 2


def test_a_bomb_and_a_damaged_archive_are_one_line_each(index: ArticleIndex, site: Site) -> None:
    site.pages["/bomb.zip"] = Answer(zipped(huge_txt=b"a" * 2_000_000), "application/zip")
    site.pages["/cut.zip"] = Answer(zipped("Ada", "Bea")[:150], "application/zip")
    report = index.add([site.url("/bomb.zip"), site.url("/cut.zip")])
    assert [failure.source for failure in report.failed] == [
        f"{site.url('/bomb.zip')}!/huge.txt",
        site.url("/cut.zip"),
    ]
    assert "is larger than" in report.failed[0].reason
    assert "is damaged" in report.failed[1].reason
    assert list(index.articles()) == []


def test_a_link_that_becomes_an_archive_replaces_the_article(index: ArticleIndex, site: Site) -> None:
    url = site.url("/latest")
    site.pages["/latest"] = Answer(story("Ada").encode(), "text/plain")
    assert index.add(url).added == [url]
    site.pages["/latest"] = Answer(zipped("Bea"), "application/zip")
    synced = index.sync()
    assert synced.add.added == [f"{url}!/news/Bea.txt"]
    assert synced.removed == (url,)
