"""Several processes on one index: readers see what others add, one writes at a time, a dead writer holds nothing."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from index_support import check_stores

from index import ArticleIndex, HashingEmbedder, IndexLockedError, Settings
from index.lock import writer_lock

Write = Callable[..., Path]
Open = Callable[..., ArticleIndex]


@contextlib.contextmanager
def process(code: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """Runs Python in another process; what it prints can be read, and it is ended when the test is done."""
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def line_of(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    return child.stdout.readline().strip()


HOLD = """
    import sys, time
    from pathlib import Path
    from index.lock import writer_lock
    with writer_lock(Path(sys.argv[1]), 5):
        print("held", flush=True)
        sys.stdin.readline()
"""
ADD = """
    import sys
    from index import ArticleIndex, HashingEmbedder
    with ArticleIndex.open(sys.argv[1], embedder=HashingEmbedder()) as index:
        print(len(index.add(sys.argv[2:]).added), flush=True)
"""


def test_a_reader_sees_what_another_process_adds_and_removes(write: Write, open_index: Open) -> None:
    reader = open_index()
    reader.add(write("first.txt", "First\n\nThe zebra."))
    before = reader.snapshot()
    with process(ADD, reader.folder, write("second.txt", "Second\n\nThe giraffe.")) as child:
        assert line_of(child) == "1"
        child.wait()
    assert len(reader.snapshot().words.containing("giraffe", 5)) == 1
    assert len(before.words.containing("giraffe", 5)) == 0  # a search that is under way is not disturbed
    check_stores(reader)
    with open_index() as other:
        other.remove("First")
    assert len(reader.snapshot().words.containing("zebra", 5)) == 0
    check_stores(reader)
    assert reader.notes == []


def test_a_second_writer_waits_and_then_says_who_writes(write: Write, open_index: Open) -> None:
    index = open_index(settings=Settings(lock_timeout=0.4))
    path = write("a.txt", "Headline\n\nText.")
    with process(HOLD, index.folder) as child:
        assert line_of(child) == "held"
        began = time.monotonic()
        with pytest.raises(IndexLockedError, match=rf"process {child.pid} .*since \d{{4}}.*try again") as caught:
            index.add(path)
        assert time.monotonic() - began >= 0.4
        assert "\n" not in str(caught.value)
        assert index.counts() == (0, 0)
        index.snapshot()  # reading goes on
    assert index.add(path).added == [str(path)]


def test_a_second_writer_goes_on_when_the_first_is_done(write: Write, open_index: Open) -> None:
    index = open_index(settings=Settings(lock_timeout=20.0))
    with process(HOLD, index.folder) as child:
        assert line_of(child) == "held"
        assert child.stdin is not None
        timer = threading.Timer(0.3, lambda: (child.stdin.write("\n"), child.stdin.flush()))  # type: ignore[union-attr]
        timer.start()
        assert index.add(write("a.txt", "Headline\n\nText.")).added
        timer.join()


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
def test_the_lock_of_a_killed_writer_is_free(write: Write, open_index: Open) -> None:
    index = open_index()
    with process(HOLD, index.folder) as child:
        assert line_of(child) == "held"
        child.send_signal(signal.SIGKILL)
        child.wait()
        assert (index.folder / "writer.json").exists()
        assert index.add(write("a.txt", "Headline\n\nText.")).added
    assert not (index.folder / "writer.json").exists()


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
def test_a_writer_that_is_killed_in_the_middle_leaves_a_whole_index(
    write: Write, articles: Path, open_index: Open
) -> None:
    for n in range(200):
        write(f"{n:03}.txt", f"Headline {n}\n\n" + f"Story {n} tells of it. " * 30)
    index = open_index()
    code = """
        import sys
        from index import ArticleIndex, HashingEmbedder, Settings
        with ArticleIndex.open(sys.argv[1], embedder=HashingEmbedder(), settings=Settings(window=8)) as index:
            index.add(sys.argv[2], progress=lambda state: print(state.passages, flush=True))
    """
    with process(code, index.folder, articles) as child:
        while int(line_of(child) or 999) < 60:
            pass
        child.send_signal(signal.SIGKILL)
        child.wait()
    kept = index.counts()[0]
    assert 0 < kept < 200
    check_stores(index)
    report = index.add(articles)
    assert (len(report.unchanged), len(report.added)) == (kept, 200 - kept)
    check_stores(index)


def test_a_reader_that_finds_no_word_index_while_another_writes_answers_all_the_same(
    write: Write, open_index: Open
) -> None:
    import shutil

    index = open_index()
    index.add(write("a.txt", "Headline\n\nThe zebra."))
    index.close()
    shutil.rmtree(index.folder / "words")
    with process(HOLD, index.folder) as child:
        assert line_of(child) == "held"
        reader = open_index(settings=Settings(lock_timeout=0.2))
        assert len(reader.snapshot().words.containing("zebra", 5)) == 1
        check_stores(reader)
        assert len(reader.notes) == 1
    reader.add(write("b.txt", "Second\n\nThe giraffe."))
    assert (index.folder / "words" / "meta.json").exists()
    check_stores(reader)


def test_searching_goes_on_in_one_thread_while_another_adds(write: Write, articles: Path, open_index: Open) -> None:
    for n in range(120):
        write(f"{n}.txt", f"Headline {n}\n\n" + f"Story {n} tells of the vessel. " * 20)
    index = open_index(settings=Settings(window=16, lock_timeout=5.0))
    index.add(write("0.txt", "First\n\nStory of the vessel."))
    waits: list[float] = []
    done = threading.Event()
    errors: list[BaseException] = []

    def search() -> None:
        try:
            while not done.is_set():
                began = time.monotonic()
                snapshot = index.snapshot()
                assert snapshot.generation == snapshot.words.generation <= snapshot.vectors.generation
                ids, _ = snapshot.words.search(["vessel"], 50, title_weight=0.0)
                snapshot.vectors.cosines(HashingEmbedder().encode_questions(["vessel"])[0], ids)
                waits.append(time.monotonic() - began)
                time.sleep(0.005)
        except BaseException as error:
            errors.append(error)
            raise

    thread = threading.Thread(target=search)
    thread.start()
    try:
        index.add(articles)
    finally:
        done.set()
        thread.join()
    assert not errors
    assert len(waits) > 5
    assert max(waits) < 3.0
    check_stores(index)


def test_two_threads_that_write_to_one_index_take_turns(write: Write, open_index: Open) -> None:
    index = open_index(settings=Settings(lock_timeout=20.0))
    paths = [write(f"{n}.txt", f"Headline {n}\n\nStory {n}.") for n in range(20)]
    threads = [threading.Thread(target=index.add, args=(paths[part::4],)) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert index.counts()[0] == 20
    check_stores(index)


def test_a_broken_note_about_the_holder_is_no_error(tmp_path: Path) -> None:
    with writer_lock(tmp_path, 1.0):
        for content in ("", "{", "[]", "{}"):
            (tmp_path / "writer.json").write_text(content)
            with pytest.raises(IndexLockedError, match="another process is writing"), writer_lock(tmp_path, 0.0):
                pass
