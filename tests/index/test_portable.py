"""Export and import: what comes in is what went out; what is damaged, changed or too new does not come in at all."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from index_support import CountingEmbedder, check_stores, passages_of

from index import Article, ArticleIndex, CorruptIndexError, HashingEmbedder, PortableFileError, StorageError
from index import passages as splitting

Write = Callable[..., Path]
Open = Callable[..., ArticleIndex]
Members = dict[str, bytes]

ARTICLES = {
    "ferry.md": "---\nauthor: Ines Carvalho\ndate: 2024-03-05\n---\n# The ferry returns\n\n"
    "“It is our bridge,” said the captain.\n\n"
    + "\n\n".join(f"On day {day} the ferry carried {day * 7} cars across the sound." for day in range(40)),
    "owl.txt": "An owl in the town hall\n\nA tawny owl nested above the clock of Žilina’s town hall 🦉.\n",
    "twin.txt": "An owl in the town hall\n\nA tawny owl nested above the clock of Žilina’s town hall 🦉.\n",
}


@pytest.fixture
def exported(write: Write, articles: Path, tmp_path: Path, open_index: Open) -> Path:
    """The portable file of an index of ``ARTICLES``."""
    for name, text in ARTICLES.items():
        write(name, text)
    index = open_index("first")
    index.add(articles)
    index.add(write("ferry.md", ARTICLES["ferry.md"]))
    path = tmp_path / "all.pullquote"
    assert index.export_to(path) == index.counts()
    return path


def members_of(path: Path) -> Members:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewrite(path: Path, contents: Members, /, **manifest: Any) -> Path:
    """Writes a portable file whose manifest agrees with its members, as somebody who tampers with it would."""
    stated = json.loads(contents["manifest.json"])
    stated["members"] = {
        name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in contents.items()
        if name != "manifest.json"
    }
    stated.update(manifest)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in contents.items():
            archive.writestr(name, json.dumps(stated) if name == "manifest.json" else data)
    return path


def facts(article: Article) -> tuple[Any, ...]:
    return (
        article.title,
        article.author,
        article.published,
        article.language,
        article.text,
        article.sha256,
        article.sources,
        article.page_starts,
    )


def test_what_comes_in_is_what_went_out(exported: Path, open_index: Open) -> None:
    first = open_index("first")
    embedder = CountingEmbedder()
    second = open_index("second", embedder=embedder)
    told: list[tuple[int, int]] = []
    report = second.import_from(exported, progress=lambda done, total: told.append((done, total)))
    assert (len(report.added), report.passages, embedder.texts) == (2, 0, [])
    assert told[-1] == (2, 2)
    assert list(map(facts, first.articles())) == list(map(facts, second.articles()))
    for one, other in zip(first.articles(), second.articles(), strict=True):
        mine, theirs = passages_of(first, one), passages_of(second, other)
        assert [(p.start, p.end, p.sentences) for p in mine] == [(p.start, p.end, p.sentences) for p in theirs]
        np.testing.assert_array_equal(
            first.snapshot().vectors.vectors_of(np.array([p.id for p in mine])),
            second.snapshot().vectors.vectors_of(np.array([p.id for p in theirs])),
        )
    check_stores(second)
    assert second.verify().problems == []
    again = exported.with_name("again.pullquote")
    second.export_to(again)
    before, after = members_of(exported), members_of(again)
    assert before["vectors.f16"] == after["vectors.f16"]
    assert before["passages.jsonl"] == after["passages.jsonl"]


def test_importing_twice_changes_nothing(exported: Path, open_index: Open) -> None:
    index = open_index("second")
    index.import_from(exported)
    generation = index.stats().generation
    report = index.import_from(exported)
    assert (report.added, report.duplicates, len(report.unchanged)) == ([], [], 2)
    assert index.stats().generation == generation


def test_importing_joins_the_sources_of_the_same_text(exported: Path, write: Write, open_index: Open) -> None:
    index = open_index("second")
    here = write("elsewhere/owl.txt", ARTICLES["owl.txt"])
    index.add(here)
    report = index.import_from(exported)
    assert len(report.added) == len(report.duplicates) == 1
    owl = next(article for article in index.articles() if "owl" in article.title)
    assert [Path(source).name for source in owl.sources] == ["owl.txt", "owl.txt", "twin.txt"]
    assert owl.source == str(here)
    check_stores(index)


def test_a_source_that_holds_another_text_here_keeps_it_and_both_are_there(
    exported: Path, write: Write, open_index: Open
) -> None:
    index = open_index("second")
    path = write("ferry.md", "# The ferry sinks\n\nNobody was hurt.")
    index.add(path)
    for _ in range(2):
        index.import_from(exported)
        by_title = {article.title: article.sources for article in index.articles()}
        assert by_title["The ferry sinks"] == (str(path),)
        assert by_title["The ferry returns"] == (f"{path} (from all.pullquote)",)
    check_stores(index)
    assert index.verify().problems == []


def test_imported_articles_are_not_taken_for_deleted_files_by_sync(
    exported: Path, articles: Path, open_index: Open
) -> None:
    index = open_index("second")
    index.import_from(exported)
    for path in articles.iterdir():
        path.unlink()
    report = index.sync()
    assert report.removed == ()
    assert index.counts()[0] == 2


def test_another_model_embeds_anew(exported: Path, open_index: Open) -> None:
    index = open_index("second", embedder=HashingEmbedder(32))
    report = index.import_from(exported)
    assert report.passages == index.counts()[1] > 2
    assert len(report.notes) == 1
    assert index.verify().problems == []
    check_stores(index)


def test_another_splitter_splits_anew(exported: Path, open_index: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    embedder = CountingEmbedder()
    index = open_index("second", embedder=embedder)
    monkeypatch.setattr(splitting, "fingerprint", lambda language=None: "passages of another version")
    index.import_from(exported)
    assert len(embedder.texts) == index.counts()[1]
    assert index.verify().problems == []


def test_a_stopped_import_keeps_whole_articles_and_goes_on(exported: Path, open_index: Open) -> None:
    index = open_index("second", settings=open_index("first")._settings.__class__(window=1))
    report = index.import_from(exported, stop=lambda: True)
    assert report.stopped
    assert (len(report.added), index.counts()[0]) == (1, 1)
    assert index.verify().problems == []
    assert len(index.import_from(exported).added) == 1


def damaged_files(path: Path) -> dict[str, Callable[[Members], Any]]:
    """Ways to damage a portable file or to tamper with it; each writes it again."""

    def raw(change: Callable[[bytes], bytes]) -> Callable[[Members], Any]:
        return lambda _: path.write_bytes(change(path.read_bytes()))

    def lines(name: str, change: Callable[[dict[str, Any]], Any]) -> Callable[[Members], Any]:
        def written(members: Members) -> Any:
            rows = [json.loads(line) for line in members[name].splitlines()]
            change(rows[0])
            data = "".join(json.dumps(row) + "\n" for row in rows).encode()
            return rewrite(path, {**members, name: data})

        return written

    def member(name: str, data: bytes) -> Callable[[Members], Any]:
        return lambda members: rewrite(path, {**members, name: data})

    def sha(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    nested = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    return {
        "empty": raw(lambda data: b""),
        "not a zip": raw(lambda data: b"%PDF-1.7 and so on" * 100),
        "cut off": raw(lambda data: data[: len(data) * 2 // 3]),
        "a flipped bit": raw(lambda data: data[:300] + bytes([data[300] ^ 4]) + data[301:]),
        "no manifest": lambda members: path.write_bytes(b"PK\x05\x06" + bytes(18)),
        "newer": lambda members: rewrite(path, members, format=2),
        "no format": lambda members: rewrite(path, members, format=None),
        "wrong hash": lambda members: rewrite(
            path,
            members,
            members={
                name: {"bytes": len(data), "sha256": "0" * 64} for name, data in members.items() if name[0] != "m"
            },
        ),
        "wrong count": lambda members: rewrite(path, members, articles=3),
        "a further member": member("../../evil.txt", b"evil"),
        "an absolute member": member("/etc/evil.txt", b"evil"),
        "changed text": lines("articles.jsonl", lambda row: row.update(text=row["text"].replace("ferry", "Ferry"))),
        "control characters": lines(
            "articles.jsonl", lambda row: row.update(text="\x1b[2Jgone", sha256=sha("\x1b[2Jgone"))
        ),
        "half a character": lines("articles.jsonl", lambda row: row.update(title="\ud83d")),
        "no source": lines("articles.jsonl", lambda row: row.update(sources=[])),
        "a number for a title": lines("articles.jsonl", lambda row: row.update(title=7)),
        "a date that is none": lines("articles.jsonl", lambda row: row.update(published="yesterday")),
        "a missing field": lines("articles.jsonl", lambda row: row.pop("language")),
        "the same article twice": lambda members: rewrite(
            path, {**members, "articles.jsonl": members["articles.jsonl"].splitlines(keepends=True)[0] * 2}
        ),
        "a span outside the text": lines("passages.jsonl", lambda row: row.update(end=10**9)),
        "a sentence outside the passage": lines("passages.jsonl", lambda row: row.update(sentences=[[0, 10**6]])),
        "a passage of no article": lines("passages.jsonl", lambda row: row.update(article=9)),
        "another embedded text": lines("passages.jsonl", lambda row: row.update(embedded_sha256="00" * 32)),
        "too few vectors": lambda members: rewrite(path, {**members, "vectors.f16": members["vectors.f16"][:-128]}),
        "vectors of nothing": lambda members: rewrite(
            path, {**members, "vectors.f16": bytes(len(members["vectors.f16"]))}
        ),
        "nested too deeply": member("articles.jsonl", nested + b"\n"),
        "not JSON": member("articles.jsonl", b"hello\n"),
        "a line without an end": member("articles.jsonl", b'{"title": "'),
        "a model that is none": lambda members: rewrite(path, members, model={"name": "x"}),
    }


@pytest.mark.parametrize("damage", sorted(damaged_files(Path())))
def test_nothing_comes_in_of_a_file_that_is_not_right(
    damage: str, exported: Path, write: Write, open_index: Open
) -> None:
    index = open_index("second")
    index.add(write("other.txt", "Another story\n\nIt was there before."))
    before = [facts(article) for article in index.articles()], index.stats().generation
    damaged_files(exported)[damage](members_of(exported))
    with pytest.raises(PortableFileError, match=r"^[^\n]*all\.pullquote[^\n]*$"):
        index.import_from(exported)
    assert ([facts(article) for article in index.articles()], index.stats().generation) == before
    assert not (exported.parent / "evil.txt").exists()


def test_a_file_that_grows_beyond_what_it_says_is_not_unpacked(
    exported: Path, open_index: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = members_of(exported)
    bomb = b'{"title": "' + b"a" * 30_000_000 + b'"}\n'
    honest = rewrite(exported.with_name("bomb.pullquote"), {**members, "articles.jsonl": bomb})
    assert honest.stat().st_size < 200_000
    index = open_index("second")
    with pytest.raises(PortableFileError):
        index.import_from(honest)
    small = {"bytes": 1000, "sha256": hashlib.sha256(bomb).hexdigest()}
    stated = json.loads(members["manifest.json"])["members"]
    lying = rewrite(
        exported.with_name("bomb.pullquote"),
        {**members, "articles.jsonl": bomb},
        members={**stated, "articles.jsonl": small},
    )
    with pytest.raises(PortableFileError, match="not the size that its manifest says"):
        index.import_from(lying)
    assert index.counts() == (0, 0)


def test_an_export_replaces_an_older_one_and_leaves_nothing_beside_it(exported: Path, open_index: Open) -> None:
    before = sorted(path.name for path in exported.parent.iterdir())
    index = open_index("first")
    old = exported.read_bytes()
    index.export_to(exported)
    assert exported.read_bytes() == old
    with pytest.raises(StorageError, match="is a folder"):
        index.export_to(exported.parent)
    with pytest.raises(StorageError, match="No such file or directory"):
        index.export_to(exported.parent / "nowhere" / "all.pullquote")
    assert sorted(path.name for path in exported.parent.iterdir()) == before


def test_a_damaged_index_is_not_exported(exported: Path, open_index: Open) -> None:
    index = open_index("first")
    with index._catalog.write() as writer:
        writer._connection.execute("UPDATE article SET text = text || ' more' WHERE id = 1")
    old = exported.read_bytes()
    with pytest.raises(CorruptIndexError):
        index.export_to(exported)
    assert exported.read_bytes() == old
    assert [path.name for path in exported.parent.iterdir() if path.name.endswith(".tmp")] == []
