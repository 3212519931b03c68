"""Adding: new, changed, moved and equal files; nothing is embedded twice; what is complete is kept at a stop."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from index_support import CountingEmbedder, InterruptedEmbedder, catalog_of, check_stores, only, quotable

from index import ArticleIndex, Progress, Settings
from index.finding import Found

Write = Callable[..., Path]
Open = Callable[..., ArticleIndex]


def article(name: str, sentences: int = 3) -> str:
    return f"Headline of {name}\n\n" + " ".join(f"{name} says that sentence {n} is true." for n in range(sentences))


def age(path: Path) -> Path:
    """Makes a file look as if it had been written an hour ago, so that its time can be trusted."""
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns - 3_600_000_000_000))
    return path


def test_a_folder_is_added_with_all_below_it(write: Write, articles: Path, index: ArticleIndex) -> None:
    names = ["a.txt", "b.md", "deep/er/c.markdown", "deep/D.TXT"]
    for name in names:
        write(name, article(name))
    write("picture.png", b"\x89PNG")
    write(".hidden.txt", "Hidden\n\nText.")
    write(".git/config.txt", "Hidden\n\nText.")
    report = index.add(articles)
    assert sorted(report.added) == sorted(str(articles / name) for name in names)
    assert not report.failed
    (note,) = report.notes
    assert note.startswith("passed over 1 files of other kinds (1 .png); these are read: .bz2, .csv, ")
    check_stores(index)


def test_adding_again_embeds_nothing_and_changes_nothing(write: Write, articles: Path, open_index: Open) -> None:
    embedder = CountingEmbedder()
    index = open_index(embedder=embedder)
    for number in range(5):
        write(f"{number}.txt", article(f"Speaker{number}"))
    index.add(articles)
    embedded, generation = len(embedder.texts), index.snapshot().generation
    for _ in range(2):
        report = index.add([articles, articles / "0.txt"])
        assert len(report.unchanged) == 5
        assert not report.added + report.updated + report.duplicates + report.failed
    for number in range(5):
        (articles / f"{number}.txt").touch()
    assert len(index.add(articles).unchanged) == 5
    assert (len(embedder.texts), index.snapshot().generation) == (embedded, generation)


def test_an_unchanged_file_is_not_even_read(write: Write, index: ArticleIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    path = age(write("a.txt", article("One")))
    index.add(path)

    def refuse(found: Found) -> None:
        raise AssertionError(f"{found.path} was read")

    monkeypatch.setattr("index.read_ahead._opened", refuse)
    assert index.add(path).unchanged == [str(path)]
    path.touch()
    with pytest.raises(AssertionError, match="was read"):
        index.add(path)


def test_a_change_is_seen_even_when_size_and_time_are_as_before(write: Write, index: ArticleIndex) -> None:
    path = age(write("a.txt", article("One")))
    index.add(path)
    times = path.stat()
    path.write_bytes(path.read_bytes().replace(b"true", b"fals"))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert index.add(path).updated == [str(path)]


def test_a_file_that_changed_in_the_moment_of_reading_is_read_again(write: Write, index: ArticleIndex) -> None:
    path = write("a.txt", article("One"))
    times = path.stat()
    index.add(path)
    path.write_bytes(path.read_bytes().replace(b"true", b"fals"))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert index.add(path).updated == [str(path)]
    assert "fals" in quotable(index, only(index))


def test_a_changed_file_replaces_its_article_and_keeps_its_id(write: Write, index: ArticleIndex) -> None:
    path = write("a.txt", article("Old"))
    index.add(path)
    before = only(index)
    write("a.txt", article("New", 50))
    report = index.add(path)
    assert report.updated == [str(path)]
    after = only(index)
    assert (after.id, after.title) == (before.id, "Headline of New")
    assert after.sha256 != before.sha256
    check_stores(index)
    assert not len(index.snapshot().words.containing("Old says", 10))


def test_only_changed_passages_are_embedded_again(write: Write, open_index: Open) -> None:
    embedder = CountingEmbedder()
    index = open_index(embedder=embedder)
    first = "\n\n".join("x" * n + " stands here. " * 40 for n in range(1, 6))
    path = write("a.txt", f"Headline\n\n{first}")
    index.add(path)
    before = len(embedder.texts)
    write("a.txt", f"Headline\n\n{first}\n\nA last paragraph that is new. " + "And long enough. " * 30)
    index.add(path)
    assert 1 <= len(embedder.texts) - before <= 2 < before
    check_stores(index)


def test_the_same_text_in_two_files_is_one_article_with_two_sources(write: Write, index: ArticleIndex) -> None:
    first, second = write("a.txt", article("One")), write("b.txt", article("One"))
    report = index.add([first, second])
    assert (report.added, report.duplicates) == ([str(first)], [str(second)])
    assert only(index).sources == (str(first), str(second))
    third = write("c.txt", article("One"))
    assert index.add(third).duplicates == [str(third)]
    assert only(index).source == str(first)
    check_stores(index)


def test_a_changed_twin_leaves_the_others_text_alone(write: Write, index: ArticleIndex) -> None:
    first, second = write("a.txt", article("One")), write("b.txt", article("One"))
    index.add([first, second])
    write("a.txt", article("Two"))
    assert index.add([first, second]).updated == [str(first)]
    assert {(found.title, found.sources) for found in index.articles()} == {
        ("Headline of One", (str(second),)),
        ("Headline of Two", (str(first),)),
    }
    check_stores(index)


def test_two_files_that_exchange_their_texts(write: Write, index: ArticleIndex) -> None:
    first, second = write("a.txt", article("One")), write("b.txt", article("Two"))
    index.add([first, second])
    write("a.txt", article("Two"))
    write("b.txt", article("One"))
    index.add([first, second])
    assert {(found.title, found.sources) for found in index.articles()} == {
        ("Headline of Two", (str(first),)),
        ("Headline of One", (str(second),)),
    }
    check_stores(index)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_text_that_moves_to_another_file_while_its_own_gets_a_new_one(
    order: tuple[int, int], write: Write, index: ArticleIndex
) -> None:
    first = write("a.txt", article("One"))
    index.add(first)
    write("a.txt", article("Two"))
    second = write("b.txt", article("One"))
    index.add([(first, second)[position] for position in order])
    assert {(found.title, found.sources) for found in index.articles()} == {
        ("Headline of Two", (str(first),)),
        ("Headline of One", (str(second),)),
    }
    check_stores(index)


def test_texts_that_move_on_in_a_ring(write: Write, index: ArticleIndex) -> None:
    paths = [write(f"{number}.txt", article(f"Text{number}")) for number in range(4)]
    index.add(paths)
    for number in range(4):
        write(f"{number}.txt", article(f"Text{(number + 1) % 4}"))
    index.add(paths)
    assert {found.sources: found.title for found in index.articles()} == {
        (str(paths[number]),): f"Headline of Text{(number + 1) % 4}" for number in range(4)
    }
    check_stores(index)


def test_both_twins_change_to_the_same_new_text(write: Write, index: ArticleIndex) -> None:
    paths = [write("a.txt", article("One")), write("b.txt", article("Two"))]
    index.add(paths)
    for path in paths:
        path.write_text(article("Three"))
    index.add(paths)
    assert only(index).sources == tuple(map(str, paths))
    check_stores(index)


def test_a_new_date_in_front_matter_is_taken_over(write: Write, open_index: Open) -> None:
    embedder = CountingEmbedder()
    index = open_index(embedder=embedder)
    path = write("a.md", "---\ntitle: Head\ndate: 2024-01-01\n---\nThe text stays the same.")
    index.add(path)
    embedded = len(embedder.texts)
    write("a.md", "---\ntitle: Head\ndate: 2025-02-02\n---\nThe text stays the same.")
    assert index.add(path).updated == [str(path)]
    assert str(only(index).published) == "2025-02-02"
    assert len(embedder.texts) == embedded
    write("a.md", "---\ntitle: Another head\ndate: 2025-02-02\n---\nThe text stays the same.")
    assert index.add(path).updated == [str(path)]
    assert only(index).title == "Another head"
    assert len(embedder.texts) == embedded + 1
    check_stores(index)


def test_many_files_are_embedded_in_few_calls(write: Write, articles: Path, open_index: Open) -> None:
    calls = []

    class Calls(CountingEmbedder):
        def encode_passages(self, texts, on_batch=None):  # type: ignore[no-untyped-def]
            calls.append(len(texts))
            return super().encode_passages(texts, on_batch)

    for number in range(40):
        write(f"{number}.txt", article(f"Speaker{number}"))
    open_index(embedder=Calls()).add(articles)
    assert calls == [40]


def test_bad_sources_are_reported_and_the_rest_goes_on(write: Write, articles: Path, index: ArticleIndex) -> None:
    good = write("good.txt", article("Good"))
    empty, binary = write("empty.txt", ""), write("binary.txt", b"\x00\x01\x02\x03" * 100)
    (articles / "void").mkdir()
    loop = articles / "loop.txt"
    loop.symlink_to(loop)
    dangling = articles / "dangling.txt"
    dangling.symlink_to(articles / "nothing.txt")
    named = [
        good, empty, binary, articles / "void", loop, dangling, articles / "missing.txt", articles / "a.docx",
        "http://127.0.0.1/a", "", "a\0b", "x" * 5000,
    ]  # fmt: skip
    report = index.add(named)
    assert report.added == [str(good)]
    assert len(report.failed) == len(named) - 1
    assert all(failure.reason and "\n" not in failure.reason for failure in report.failed)
    reasons = {failure.source: failure.reason for failure in report.failed}
    assert reasons[str(empty)] == "is empty"
    assert "binary" in reasons[str(binary)]
    assert reasons[str(articles / "void")].startswith("holds no articles")
    assert reasons[str(articles / "missing.txt")] == "no such file or folder"
    assert "--allow-private" in reasons["http://127.0.0.1/a"]
    check_stores(index)


def test_a_folder_link_that_loops_is_walked_once(write: Write, articles: Path, index: ArticleIndex) -> None:
    path = write("a.txt", article("One"))
    (articles / "again").symlink_to(articles, target_is_directory=True)
    report = index.add(articles)
    assert report.added == [str(path)]
    assert not report.failed


@pytest.mark.parametrize(
    "name", ["two\nlines.txt", "emoji 😀🎉.txt", "a[1]*?.txt", " leading.txt", "Ünï.md", "x" * 200 + ".txt"]
)
def test_odd_names_are_names(name: str, write: Write, index: ArticleIndex) -> None:
    path = write(name, article("One"))
    assert index.add(path.parent).added == [str(path)]
    assert only(index).source == str(path)
    assert index.find(str(path)) == (only(index),)
    assert [gone.title for gone in index.remove(str(path))] == ["Headline of One"]


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
def test_a_name_that_is_not_unicode_is_one_clear_failure(write: Write, articles: Path, index: ArticleIndex) -> None:
    good = write("good.txt", article("One"))
    bad = str(articles / os.fsdecode(b"caf\xe9.txt"))
    try:
        Path(bad).write_text(article("Two"))
        (articles / os.fsdecode(b"d\xff")).mkdir()
    except OSError:
        pytest.skip("this file system takes only Unicode names")
    for sources in (articles, [articles, bad]):
        report = index.add(sources)
        assert report.added + report.unchanged == [str(good)]
        assert report.failed
        for failure in report.failed:
            failure.source.encode()  # can be shown
            assert failure.reason == "its name is not valid Unicode; rename it"
    assert not index.remove(bad)
    assert not index.find(bad)
    assert index.counts()[0] == 1


def test_a_file_that_disappears_between_finding_and_reading(write: Write, articles: Path, index: ArticleIndex) -> None:
    paths = [write(f"{number:03}.txt", article(f"Text{number}")) for number in range(150)]  # more than are read ahead

    def progress(state: Progress) -> None:
        paths[-1].unlink(missing_ok=True)

    report = index.add(articles, progress=progress)
    assert report.added == list(map(str, paths[:-1]))
    assert [(failure.source, failure.reason) for failure in report.failed] == [(str(paths[-1]), "no such file")]


def test_an_index_inside_the_folder_is_not_taken_for_articles(write: Write, articles: Path, open_index: Open) -> None:
    path = write("a.txt", article("One"))
    index = open_index("articles/my-index")
    (index.folder / "words").mkdir(exist_ok=True)
    (index.folder / "words" / "notes.txt").write_text("Not an article\n\nText.")
    assert index.add(articles).added == [str(path)]


def test_progress_reaches_the_end_and_never_goes_back(write: Write, articles: Path, open_index: Open) -> None:
    for number in range(10):
        write(f"{number}.txt", article(f"Text{number}", 60))
    write("same.txt", article("Text0", 60))
    seen: list[Progress] = []
    index = open_index(settings=Settings(window=16))
    index.add(articles, progress=seen.append)
    assert all(before.done_bytes <= after.done_bytes for before, after in itertools.pairwise(seen))
    assert all(state.done_bytes <= state.total_bytes for state in seen)
    total = sum(path.stat().st_size for path in articles.iterdir())
    assert (seen[-1].done_bytes, seen[-1].done_files, seen[-1].total_files) == (total, 11, 11)
    assert seen[-1].passages == index.counts()[1]


def long_articles(write: Write) -> list[Path]:
    return [write(f"{number}.txt", article(f"Speaker{number}", 100)) for number in range(12)]


def test_a_stop_keeps_complete_articles_and_nothing_else(write: Write, articles: Path, open_index: Open) -> None:
    paths = long_articles(write)
    embedder = CountingEmbedder()
    index = open_index(embedder=embedder, settings=Settings(window=16))
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 9

    report = index.add(articles, stop=stop)
    assert report.stopped
    assert 0 < len(report.added) < len(paths)
    assert [found.source for found in index.articles()] == report.added
    check_stores(index)
    rest = index.add(articles)
    assert sorted(rest.added + rest.unchanged) == sorted(map(str, paths))
    assert rest.unchanged == report.added
    check_stores(index)


def test_a_stop_at_once_changes_nothing(write: Write, articles: Path, index: ArticleIndex) -> None:
    long_articles(write)
    report = index.add(articles, stop=lambda: True)
    assert report.stopped
    assert not report.added
    assert index.counts() == (0, 0)


def test_ctrl_c_in_the_encoder_keeps_complete_articles_and_goes_through(
    write: Write, articles: Path, open_index: Open
) -> None:
    paths = long_articles(write)
    index = open_index(embedder=InterruptedEmbedder())
    with pytest.raises(KeyboardInterrupt):
        index.add(articles)
    kept = [found.source for found in index.articles()]
    assert 0 < len(kept) < len(paths)
    check_stores(index)
    index.close()
    again = open_index()
    report = again.add(articles)
    assert report.unchanged == kept
    assert len(report.added) == len(paths) - len(kept)
    check_stores(again)


def test_an_error_in_the_progress_function_keeps_what_was_stored(
    write: Write, articles: Path, open_index: Open
) -> None:
    long_articles(write)
    index = open_index(settings=Settings(window=16))

    def progress(state: Progress) -> None:
        if state.passages > 20:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        index.add(articles, progress=progress)
    assert 0 < index.counts()[0] < 12
    check_stores(index)
    index.add(articles)
    assert index.counts()[0] == 12
    check_stores(index)


def test_passages_of_an_older_splitter_are_made_anew_without_embedding(
    write: Write, open_index: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedder = CountingEmbedder()
    index = open_index(embedder=embedder)
    paths = [write("a.txt", article("One")), write("b.txt", article("One")), write("c.txt", article("Two"))]
    with monkeypatch.context() as patch:
        patch.setattr("index.passages.fingerprint", lambda language=None: "passages-0")
        index.add(paths)
    embedded = len(embedder.texts)
    report = index.add(paths)
    assert sorted(report.updated) == [str(paths[0]), str(paths[2])]
    assert report.unchanged == [str(paths[1])]
    assert len(embedder.texts) == embedded
    assert len(index.add(paths).unchanged) == 3
    catalog = catalog_of(index)
    assert set(catalog.splitters().values()) != {"passages-0"}
    catalog.close()
    check_stores(index)
