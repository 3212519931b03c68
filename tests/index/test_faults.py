"""Kills, full disks, damaged files, crowds: a seeded sample of ``make soak``; and what else can befall a disk."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from index_support import check_stores
from soak.corpus import finds, write_article
from soak.crowding import crowd
from soak.damaging import damage_everywhere
from soak.filling import fill_at_every_write, why_not
from soak.killing import kill_many

from index import ArticleIndex, HashingEmbedder, Settings, StorageError

Write = Callable[..., Path]
Open = Callable[..., ArticleIndex]


def test_kills_lose_nothing_that_was_reported(tmp_path: Path) -> None:
    seen = kill_many(tmp_path / "kills", 10, 2024, longest=0.4)
    assert seen["killed"] == 10
    assert seen["killed in the middle of a change"] >= 2


@pytest.mark.parametrize("broken", ["early", "torn"])
def test_the_kill_test_notices_a_broken_promise(tmp_path: Path, broken: str) -> None:
    with pytest.raises(AssertionError, match=r"kill \d+ of seed"):
        kill_many(tmp_path / "kills", 80, 7, broken=broken, longest=0.3)


@pytest.mark.parametrize("action", ["add", "remove", "rebuild"])
def test_a_disk_that_fills_ends_in_one_line_and_tears_nothing(tmp_path: Path, action: str) -> None:
    if reason := why_not():
        pytest.skip(reason)
    fill_at_every_write(tmp_path / "disk", action, 114_000)


def test_damaged_files_never_answer_wrongly(tmp_path: Path) -> None:
    seen = damage_everywhere(tmp_path / "damage", 5, 1, large=True)
    assert seen.total() > 45
    assert len(seen) >= 3


def test_readers_and_writers_at_the_same_time(tmp_path: Path) -> None:
    seen = crowd(tmp_path / "crowd", readers=4, writers=2, seconds=8.0)
    assert min(seen["added"], seen["asked"], seen["found new"]) > 0


def test_a_folder_that_vanishes_while_open_is_said_in_one_line_and_not_made_anew(
    tmp_path: Path, open_index: Open
) -> None:
    index = open_index()
    path = write_article(tmp_path, 1)
    index.add(path)
    (tmp_path / "index").rename(tmp_path / "elsewhere")
    for refused in (
        lambda: index.add(write_article(tmp_path, 2)),
        lambda: index.remove(str(path)),
        index.verify,
        lambda: index.export_to(tmp_path / "export"),
    ):
        with pytest.raises(StorageError, match=r"^[^\n]*no longer there[^\n]*$"):
            refused()
    assert not (tmp_path / "index").exists()
    assert not (tmp_path / "export").exists()
    (tmp_path / "elsewhere").rename(tmp_path / "index")
    assert index.add(write_article(tmp_path, 2)).added
    check_stores(index)


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Takes away the right to write; for root, who may write everywhere, by a disk that is read-only."""
    if os.geteuid() == 0:
        if reason := why_not():
            pytest.skip(reason)
        subprocess.run(["mount", "--bind", "-o", "ro", str(folder), str(folder)], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)
    else:
        folder.chmod(0o500)
    try:
        yield
    finally:
        if os.geteuid() == 0:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
        else:
            folder.chmod(0o700)


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
@pytest.mark.parametrize("state", ["closed", "killed", "without caches"])
def test_a_read_only_folder_is_searched_and_not_written(tmp_path: Path, open_index: Open, state: str) -> None:
    first = open_index("made")
    first.add(write_article(tmp_path, 1))
    first.add(write_article(tmp_path, 2))
    if state != "killed":
        first.close()
    folder = tmp_path / "index"
    shutil.copytree(tmp_path / "made", folder)
    assert (folder / "catalog.sqlite-wal").exists() == (state == "killed")
    if state == "without caches":
        shutil.rmtree(folder / "words")
        shutil.rmtree(folder / "vectors")
    with read_only(folder):
        index = open_index()
        assert finds(index, 1)
        assert finds(index, 2)
        assert index.verify().problems == []
        index.export_to(tmp_path / "export")
        for refused in (
            lambda: index.add(write_article(tmp_path, 3)),
            lambda: index.remove(1),
            lambda: index.verify(repair=True),
            lambda: index.import_from(tmp_path / "export"),
        ):
            with pytest.raises(StorageError, match=r"^[^\n]*no permission[^\n]*$"):
                refused()
        index.close()


def test_a_clock_that_jumps_back_hides_no_change(
    tmp_path: Path, open_index: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = open_index()
    path = write_article(tmp_path, 1)
    times = path.stat().st_mtime_ns - 3_600_000_000_000
    os.utime(path, ns=(times, times))
    now = time.time_ns
    with monkeypatch.context() as ahead:
        ahead.setattr(time, "time_ns", lambda: now() + 86_400_000_000_000)
        assert index.add(path).added
    # The same size and the same time as before, and by the clock of that day it was changed before it was read.
    path.write_text(path.read_text("utf-8").replace("harbour", "HARBOUR").replace("station", "STATION"), "utf-8")
    os.utime(path, ns=(times, times))
    assert index.add(path).updated == [str(path)]
    assert index.add(path).unchanged == [str(path)]
    check_stores(index)


def test_a_change_behind_the_same_size_and_time_is_noticed(tmp_path: Path, open_index: Open) -> None:
    index = open_index()
    path = write_article(tmp_path, 1)
    times = path.stat().st_mtime_ns - 3_600_000_000_000
    os.utime(path, ns=(times, times))
    index.add(path)
    path.write_text(path.read_text("utf-8").swapcase(), "utf-8")
    os.utime(path, ns=(times, times))
    assert index.add(path).updated == [str(path)]


ADDING = """
import sys
from index import ArticleIndex, HashingEmbedder, Settings
with ArticleIndex.open(sys.argv[1], embedder=HashingEmbedder(), settings=Settings(window=8)) as index:
    print("begun", flush=True)
    index.add(sys.argv[2], progress=lambda state: print("stored" if state.passages > 50 else "", flush=True))
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGKILL"])
def test_a_long_add_that_is_stopped_keeps_whole_articles_and_goes_on(
    tmp_path: Path, open_index: Open, name: str
) -> None:
    (tmp_path / "articles").mkdir()
    for number in range(400):
        write_article(tmp_path / "articles", number)
    command = [sys.executable, "-c", ADDING, str(tmp_path / "index"), str(tmp_path / "articles")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line == "stored\n":
                break
        time.sleep(0.3)
        process.send_signal(getattr(signal, name))
        process.communicate(timeout=60)
    assert process.returncode != 0
    index = open_index()
    kept = index.counts()[0]
    assert 0 < kept < 400
    assert index.verify().whole
    report = index.add(tmp_path / "articles")
    assert (len(report.unchanged), len(report.added)) == (kept, 400 - kept)
    check_stores(index)


def test_opening_where_the_disk_is_a_file_or_full_of_nothing_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StorageError, match=r"^[^\n]*$"):
        ArticleIndex.open(tmp_path / "file" / "index", embedder=HashingEmbedder(), settings=Settings(lock_timeout=0.1))
    shutil.rmtree(tmp_path / "index", ignore_errors=True)
