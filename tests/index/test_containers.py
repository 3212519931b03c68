"""Files that hold many articles: tables, mailboxes, archives and web archives, their members, bounds and damage."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import json
import lzma
import os
import sqlite3
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from index_support import CountingEmbedder, check_stores, only

from index import Article, ArticleIndex, Settings
from index.folder import CATALOG

Write = Callable[..., Path]
Open = Callable[..., ArticleIndex]


def story(name: str) -> str:
    return f"{name} opened the bridge. The council of {name} paid for it, and nobody was hurt."


def row(name: str, **values: object) -> dict[str, object]:
    return {"title": f"Bridge of {name}", "text": story(name), **values}


def lines(*rows: object) -> str:
    return "".join(json.dumps(value) + "\n" for value in rows)


def zipped(**members: str | bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_txt", ".txt").replace("_zip", ".zip"), data)
    return target.getvalue()


def tarred(members: dict[str, bytes], mode: str = "w") -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
        link = tarfile.TarInfo("leads/out.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return target.getvalue()


def age(path: Path) -> Path:
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns - 3_600_000_000_000))
    return path


def by_source(index: ArticleIndex, path: Path) -> dict[str, Article]:
    """Articles by the part of their names that stands after the container's."""
    return {found.source.removeprefix(str(path)): found for found in index.articles()}


def test_each_line_of_json_is_an_article_with_what_it_says(write: Write, index: ArticleIndex) -> None:
    path = write(
        "dump.jsonl",
        lines(
            row("Ada", author="A. Quill", date="2024-05-06T10:00:00Z", url="https://example.org/a", lang="en-GB",
                site="The Ferry"),
            {"headline": "Second", "body": ["First paragraph.", "Second paragraph."], "authors": ["B", "C"],
             "published": "Tue, 07 May 2024 08:00:00 +0000"},
            {"title": "Third", "content": story("Cid"), "timestamp": 1715000000},
        ),
    )  # fmt: skip
    report = index.add(path)
    assert report.added == [f"{path}#example.org/a", f"{path}#2", f"{path}#3"]
    assert not report.failed
    found = by_source(index, path)
    first = found["#example.org/a"]
    assert (first.title, first.author, first.published) == ("Bridge of Ada", "A. Quill", date(2024, 5, 6))
    assert (first.url, first.site, first.language) == ("https://example.org/a", "The Ferry", "en")
    assert (found["#2"].author, found["#2"].published) == ("B, C", date(2024, 5, 7))
    assert found["#2"].text == "First paragraph.\n\nSecond paragraph."
    assert found["#3"].published == date(2024, 5, 6)
    check_stores(index)


def test_a_bad_line_is_one_failure_and_the_others_go_on(write: Write, index: ArticleIndex) -> None:
    path = write(
        "dump.jsonl",
        lines(row("Ada")) + "{broken\n[1, 2]\n\n" + lines({"title": "No text", "summary": "x"}, row("Bea"))
        + lines({"title": "Empty", "text": " "}),
    )  # fmt: skip
    report = index.add(path)
    assert report.added == [f"{path}#1", f"{path}#6"]
    assert [failure.source for failure in report.failed] == [f"{path}#{number}" for number in (2, 3, 5, 7)]
    reasons = [failure.reason for failure in report.failed]
    assert reasons[0].startswith("is not JSON")
    assert "not an object" in reasons[1]
    assert "found: title, summary; say which one holds the text with --column text=NAME" in reasons[2]
    assert reasons[3] == "holds no text"
    assert all("\n" not in reason for reason in reasons)


@pytest.mark.parametrize(("name", "delimiter"), [("a.csv", ","), ("a.csv", ";"), ("a.tsv", "\t"), ("b.csv", "\t")])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_table_with_named_columns(
    name: str, delimiter: str, encoding: str, write: Write, index: ArticleIndex
) -> None:
    text = "“Good,” said Zoë.\n\nIt opened."
    content = delimiter.join(("id", "Headline", "Byline", "Article Body", "Date")) + "\r\n"
    content += delimiter.join(("7", "The bridge", "Zoë", '"' + text.replace('"', '""') + '"', "2024-05-06")) + "\r\n"
    path = write(name, content.encode(encoding))
    report = index.add(path)
    assert report.added == [f"{path}#id:7"]
    article = only(index)
    assert (article.title, article.author, article.text) == ("The bridge", "Zoë", text)
    assert article.published == date(2024, 5, 6)


def test_unclear_columns_end_in_one_line_that_names_them(write: Write, index: ArticleIndex) -> None:
    path = write("a.csv", "name,what it says\nAda,hello there\n")
    (failure,) = index.add(path).failed
    assert failure.source == str(path)
    assert "found: name, what it says; say which one holds the text with --column text=NAME" in failure.reason
    assert index.counts() == (0, 0)


def test_an_unchanged_container_is_not_even_read(
    write: Write, index: ArticleIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = age(write("dump.jsonl", lines(row("Ada"), row("Bea")) + "{broken\n"))
    first = index.add(path)

    def refuse(found: object) -> None:
        raise AssertionError

    monkeypatch.setattr("index.read_ahead._opened", refuse)
    again = index.add(path)
    assert again.unchanged == first.added
    assert again.failed == first.failed
    path.touch()
    with pytest.raises(AssertionError):
        index.add(path)


def test_of_a_changed_container_only_what_changed_is_read_and_embedded(write: Write, open_index: Open) -> None:
    embedder = CountingEmbedder()
    index = open_index(embedder=embedder)
    rows = [row(name, id=name) for name in ("Ada", "Bea", "Cid")]
    path = write("dump.jsonl", lines(*rows))
    index.add(path)
    before = len(embedder.texts)
    rows.insert(0, row("Dot", id="Dot"))
    rows[2] = row("Bea", id="Bea", text=story("Bea") + " It rained.")
    write("dump.jsonl", lines(*rows))
    report = index.add(path)
    assert report.added == [f"{path}#id:Dot"]
    assert report.updated == [f"{path}#id:Bea"]
    assert sorted(report.unchanged) == [f"{path}#id:Ada", f"{path}#id:Cid"]
    assert len(embedder.texts) == before + 2
    check_stores(index)


MESSAGE = """From: "The Morning Ferry" <news@example.org>
To: reader@example.org
Subject: =?utf-8?q?The_bridge_of_Zo=C3=AB?=
Date: Tue, 07 May 2024 08:00:00 +0200
Message-ID: <{id}@example.org>
List-Id: The Morning Ferry <list.example.org>
MIME-Version: 1.0
Content-Type: text/plain; charset="utf-8"

The bridge of {id} opened on Tuesday, and the mayor crossed it first.

Read more <https://example.org/long/address> in the evening paper.

--{space}
The Morning Ferry, Quay 3

You are receiving this because you signed up. Unsubscribe: https://example.org/u
"""


def message(name: str) -> str:
    return MESSAGE.format(id=name, space=" ")


def test_a_mail_is_an_article_without_its_footer(write: Write, index: ArticleIndex) -> None:
    path = write("letter.eml", message("one"))
    assert index.add(path).added == [str(path)]
    article = only(index)
    assert (article.title, article.author, article.published) == (
        "The bridge of Zoë", "The Morning Ferry", date(2024, 5, 7),
    )  # fmt: skip
    assert article.site == "The Morning Ferry"
    assert article.text == (
        "The bridge of one opened on Tuesday, and the mayor crossed it first.\n\nRead more in the evening paper."
    )


def test_a_short_paragraph_about_unsubscribing_in_a_long_letter_stays(write: Write, index: ArticleIndex) -> None:
    body = "Customers may now unsubscribe by telephone.\n\n" + "\n\n".join(f"Line {n} of it. " * 20 for n in range(12))
    index.add(write("letter.eml", message("one").split("\n\n")[0] + "\n\nIt began.\n\n" + body))
    assert "unsubscribe by telephone" in only(index).text


def test_a_mailbox_by_message_ids(write: Write, index: ArticleIndex) -> None:
    line = "From news@example.org Tue May  7 08:00:00 2024\n"
    path = write("letters", "".join(line + message(name) + "\n>From here it goes on.\n\n" for name in ("one", "two")))
    report = index.add(path)
    assert report.added == [f"{path}#<one@example.org>", f"{path}#<two@example.org>"]
    assert "of two opened" in by_source(index, path)["#<two@example.org>"].text


def test_archives_of_every_kind_hold_the_same(write: Write, open_index: Open) -> None:
    members = {
        "news/a.txt": f"Ada\n\n{story('Ada')}".encode(),
        "news/b.jsonl": lines(row("Bea")).encode(),
        "news/c.zip": zipped(c_txt=f"Cid\n\n{story('Cid')}"),
        "picture.png": b"\x89PNG\r\n\x1a\n",
        ".hidden.txt": b"Hidden\n\nText.",
    }
    names = {"!/news/a.txt", "!/news/b.jsonl#1", "!/news/c.zip!/c.txt"}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    plain = tarred(members)
    for name, data in {
        "a.zip": target.getvalue(),
        "a.tar": plain,
        "a.tar.gz": gzip.compress(plain),
        "a.tgz": gzip.compress(plain),
        "a.tar.bz2": bz2.compress(plain),
        "a.tar.xz": lzma.compress(plain),
        "wrong.docx": gzip.compress(plain),
    }.items():
        index = open_index(f"index of {name}")
        path = write(name, data)
        report = index.add(path)
        assert not report.failed, name
        assert set(by_source(index, path)) == names, name
        assert len(report.added) == 3
        assert report.notes == [f"{path}: passed over 1 file of other kinds (1 .png)"]


def test_a_packed_file_is_read_as_what_is_in_it(write: Write, index: ArticleIndex) -> None:
    table = write("dump.jsonl.gz", gzip.compress(lines(row("Ada")).encode()))
    single = write("story.md.gz", gzip.compress(f"# Bea\n\n{story('Bea')}".encode()))
    report = index.add([table, single])
    assert report.added == [f"{table}#1", f"{single}!/story.md"]
    assert {article.title for article in index.articles()} == {"Bridge of Ada", "Bea"}


def test_archives_in_archives_end_somewhere(write: Write, index: ArticleIndex) -> None:
    data = zipped(a_txt=f"Ada\n\n{story('Ada')}")
    for _ in range(5):
        data = zipped(in_zip=data, b_txt=f"Bea\n\n{story('Bea')}")
    report = index.add(write("deep.zip", data))
    assert ["archives deep" in failure.reason for failure in report.failed] == [True]
    assert len(report.added) + len(report.duplicates) == 4


def test_a_damaged_member_is_one_failure(write: Write, index: ArticleIndex) -> None:
    data = bytearray(zipped(a_txt=f"Ada\n\n{story('Ada') * 9}", b_txt=f"Bea\n\n{story('Bea')}"))
    place = data.index(b"a.txt") + 20
    data[place : place + 8] = b"\xff" * 8
    path = write("a.zip", bytes(data))
    report = index.add(path)
    assert report.added == [f"{path}!/b.txt"]
    assert [failure.source for failure in report.failed] == [f"{path}!/a.txt"]
    assert "damaged" in report.failed[0].reason


@pytest.mark.parametrize("cut", [0.3, 0.9])
def test_a_container_that_is_cut_off_keeps_what_was_before(cut: float, write: Write, index: ArticleIndex) -> None:
    names = [f"Name{number}" for number in range(400)]
    whole = gzip.compress(tarred({f"{name}.txt": f"{name}\n\n{story(name)}".encode() for name in names}))
    path = write("a.tar.gz", whole)
    index.add(path)
    before = index.counts()[0]
    write("a.tar.gz", whole[: int(len(whole) * cut)])
    report = index.sync().add
    assert [failure.source for failure in report.failed] == [str(path)]
    assert "damaged" in report.failed[0].reason
    assert index.counts()[0] == before == 400


def test_a_bomb_is_one_failure_and_costs_no_memory(write: Write, index: ArticleIndex) -> None:
    zeros = bytes(1_000_000)
    target = io.BytesIO()
    with gzip.GzipFile(fileobj=target, mode="wb", compresslevel=9) as packed:
        for _ in range(400):
            packed.write(zeros)
    good = write("good.txt", f"Ada\n\n{story('Ada')}")
    bomb = write("bomb.txt.gz", target.getvalue())
    inside = write("bomb.zip", zipped(a_txt=zeros * 60, b_txt=f"Bea\n\n{story('Bea')}"))
    tracemalloc.start()
    report = index.add([bomb, inside, good])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert report.added == [f"{inside}!/b.txt", str(good)]
    assert len(report.failed) == 2
    assert peak < 250_000_000


def test_an_archive_that_unpacks_to_far_too_much_is_left_at_its_bound(write: Write, index: ArticleIndex) -> None:
    target = io.BytesIO()
    with gzip.GzipFile(fileobj=target, mode="wb", compresslevel=9) as packed:
        packed.write(tarred({"a.txt": f"Ada\n\n{story('Ada')}".encode()}).rstrip(b"\0").ljust(1536, b"\0"))
        entry = tarfile.TarInfo("big.bin")
        entry.size = 1 << 40
        packed.write(entry.tobuf())
        for _ in range(450):
            packed.write(bytes(1_000_000))
    path = write("a.tgz", target.getvalue())
    (failure,) = index.add(path).failed
    assert failure.source == str(path)
    assert "zip bomb" in failure.reason


def test_a_long_table_is_never_held_in_memory(write: Write, open_index: Open) -> None:
    index = open_index(settings=Settings(max_file_bytes=1_000_000))
    # Lines that are too long cost least to test: nothing of them is embedded.
    path = write("dump.jsonl", "")
    with path.open("w") as file:
        file.write(lines(row("Ada")))
        for _ in range(20):
            file.write('{"text": "' + "x" * 5_000_000 + '"}\n')
        file.write(lines(row("Bea")))
    tracemalloc.start()
    report = index.add(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert report.added == [f"{path}#1", f"{path}#22"]
    assert len(report.failed) == 20
    assert report.failed[0].reason == "is longer than an article may be"
    assert peak < 30_000_000


def warc(*records: tuple[str, str, str, bytes]) -> bytes:
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    target = io.BytesIO()
    writer = WARCWriter(target, gzip=True)
    for url, status, kind, body in records:
        headers = StatusAndHeaders(status, [("Content-Type", kind)], protocol="HTTP/1.1")
        writer.write_record(writer.create_warc_record(url, "response", payload=io.BytesIO(body), http_headers=headers))
    return target.getvalue()


def page(name: str) -> bytes:
    text = "".join(f"<p>{story(name)} {story(name)}</p>" for name in (name, f"{name}ville", f"{name}burg"))
    return f"<!doctype html><html><title>{name}</title><body><article><h1>{name}</h1>{text}</article>".encode()


def test_a_web_archive_gives_its_pages(write: Write, index: ArticleIndex) -> None:
    data = warc(
        ("https://example.org/a", "200 OK", "text/html; charset=utf-8", page("Ada")),
        ("https://example.org/gone", "404 Not Found", "text/html", page("Bea")),
        ("https://example.org/x.png", "200 OK", "image/png", b"\x89PNG"),
        ("https://example.org/c", "200 OK", "text/html", page("Cid")),
    )
    path = write("crawl.warc.gz", data)
    report = index.add(path)
    assert report.added == [f"{path}#example.org/a", f"{path}#example.org/c"]
    article = by_source(index, path)["#example.org/a"]
    assert article.url == "https://example.org/a"
    assert "The council of Ada paid for it" in article.text
    assert not report.failed


def test_a_stop_in_a_container_goes_on_where_it_was(write: Write, open_index: Open) -> None:
    index = open_index(settings=Settings(window=4))
    path = write("dump.jsonl", lines(*(row(f"Name{number}") for number in range(60))))
    report = index.add(path, stop=lambda: index.counts()[0] >= 20)
    assert report.stopped
    assert 20 <= index.counts()[0] < 60
    embedder = CountingEmbedder()
    rest = open_index(embedder=embedder).add(path)
    assert len(rest.unchanged) == len(report.added)
    assert len(rest.added) == 60 - len(report.added) == len(embedder.texts)
    check_stores(index)


def test_more_bad_members_than_can_be_named_are_counted(write: Write, index: ArticleIndex) -> None:
    path = write("dump.jsonl", lines(row("Ada")) + "{\n" * 1000)
    report = index.add(path)
    assert len(report.failed) == 201
    assert report.failed[-1].reason == "800 more of its articles could not be read"


def test_names_in_archives_lead_nowhere(write: Write, articles: Path, index: ArticleIndex) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("../../out.txt", f"Ada\n\n{story('Ada')}")
        archive.writestr("/abs\nolute.txt", f"Bea\n\n{story('Bea')}")
    path = write("a.zip", target.getvalue())
    report = index.add(path)
    assert report.added == [f"{path}!/../../out.txt", f"{path}!/abs\ufffdolute.txt"]
    assert [item.name for item in articles.iterdir()] == ["a.zip"]
    for source in report.added:
        assert len(index.remove(source)) == 1


def test_removing_by_the_containers_name(write: Write, index: ArticleIndex) -> None:
    path = write("dump.jsonl", lines(row("Ada"), row("Bea")))
    write("dump.jsonl#note.txt", f"Cid\n\n{story('Cid')}")
    index.add(path.parent)
    assert {found.title for found in index.find(path)} == {"Bridge of Ada", "Bridge of Bea"}
    assert [gone.title for gone in index.remove(f"{path}#2")] == ["Bridge of Bea"]
    assert index.add(path).added == [f"{path}#2"]
    assert len(index.remove(path)) == 2
    assert only(index).title == "Cid"
    check_stores(index)


def test_a_damaged_article_of_a_table_is_read_again_from_it(write: Write, index: ArticleIndex) -> None:
    path = age(write("dump.jsonl", lines(row("Ada"), row("Bea"))))
    index.add(path)
    with contextlib.closing(sqlite3.connect(index.folder / CATALOG)) as connection:
        connection.execute("UPDATE article SET text = 'x' || text WHERE title = 'Bridge of Bea'")
        connection.commit()
    report = index.verify(repair=True)
    assert report.whole, report
    assert {article.title: article.text for article in index.articles()} == {
        "Bridge of Ada": story("Ada"),
        "Bridge of Bea": story("Bea"),
    }
    assert len(index.add(path).unchanged) == 2


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_files_with_one_name_in_a_zip_the_last_is_read_as_unpacking_would(
    write: Write, open_index: Open, tmp_path: Path
) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in ("Nordvik", "Sulnes"):
            archive.writestr("news.txt", story(name))
    (tmp_path / "a.zip").write_bytes(target.getvalue())
    with open_index() as index:
        report = index.add(tmp_path / "a.zip")
        assert report.added == [f"{tmp_path / 'a.zip'}!/news.txt"]
        assert report.failed == []
        assert "Sulnes" in only(index).text


def test_files_with_one_name_in_a_tar_are_all_kept(open_index: Open, tmp_path: Path) -> None:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name in ("Nordvik", "Sulnes"):
            entry = tarfile.TarInfo("news.txt")
            entry.size = len(story(name))
            archive.addfile(entry, io.BytesIO(story(name).encode()))
    path = tmp_path / "a.tar"
    path.write_bytes(target.getvalue())
    with open_index() as index:
        assert index.add(path).added == [f"{path}!/news.txt", f"{path}!/news (2).txt"]
        assert [article.text for article in index.articles()] == [story("Nordvik"), story("Sulnes")]
        assert len(index.add(path).unchanged) == 2
