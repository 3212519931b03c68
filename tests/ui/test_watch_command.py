"""``pullquote watch`` as a process, on real files."""

from __future__ import annotations

import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ui.command_line import main

SECONDS = 90
"""The most that the machine may take to notice a change; it takes about a second."""


class Watching:
    """The process, and what it has printed."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-c", "import sys; from ui.command_line import main; sys.exit(main(['watch']))"]
        self.process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1
        )
        self.lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))

    def line(self) -> str:
        return self.lines.get(timeout=SECONDS)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with stories that are in the index, and the packages on the path."""
    monkeypatch.setenv("PULLQUOTE_MODEL", "hashing")
    monkeypatch.setenv("PULLQUOTE_INDEX", str(tmp_path / "stories" / "index"))
    monkeypatch.setenv(
        "PYTHONPATH", os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    )
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    (tmp_path / "stories").mkdir()
    (tmp_path / "stories" / "a.txt").write_text("The mayor opened the bridge.\n")
    (tmp_path / "single.txt").write_text("The baker closed the bakery.\n")
    monkeypatch.chdir(tmp_path)
    assert main(["add", "stories", "single.txt"]) == 0
    return tmp_path


@pytest.fixture
def watching(folder: Path) -> Iterator[Watching]:
    watching = Watching(folder)
    yield watching
    watching.process.kill()
    watching.process.wait()


@pytest.mark.skipif(sys.platform == "win32", reason="sends a POSIX signal")
def test_changes_are_taken_in_until_ctrl_c(folder: Path, watching: Watching) -> None:
    stories = folder / "stories"
    assert watching.line() == "Watching 1 folder and 1 file; Ctrl-C ends it."
    assert watching.line() == "0 articles added, 2 unchanged. The index holds 2 articles."

    (stories / "new").mkdir()
    (stories / "new" / "b.txt").write_text("The owl left the town hall.\n")
    assert watching.line() == "1 article added, 2 unchanged. The index holds 3 articles."

    (folder / "single.txt").write_text("The baker opened another bakery.\n")
    assert watching.line() == "0 articles added, 1 updated, 2 unchanged. The index holds 3 articles."

    (stories / "a.txt").unlink()
    assert watching.line() == "0 articles added, 2 unchanged, 1 removed. The index holds 2 articles."

    watching.process.send_signal(signal.SIGINT)
    assert watching.process.wait(SECONDS) == 0
    assert watching.line() == ""
    assert watching.line() == "Stopping; press Ctrl-C again to end at once."
    assert watching.lines.empty()


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use cannot be removed there")
def test_a_folder_that_goes_and_comes_back_is_watched_again(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.move(folder / "stories" / "index", folder / "index")
    monkeypatch.setenv("PULLQUOTE_INDEX", str(folder / "index"))
    watching = Watching(folder)
    try:
        watching.line(), watching.line()
        shutil.move(folder / "stories", folder / "away")
        assert watching.line() == "Failed: stories: no such file or folder"
        assert watching.line() == "0 articles added, 1 unchanged, 1 failed. The index holds 2 articles."
        (folder / "away" / "c.txt").write_text("The owl left the town hall.\n")
        shutil.move(folder / "away", folder / "stories")
        assert watching.line() == "1 article added, 2 unchanged. The index holds 3 articles."
        (folder / "stories" / "d.txt").write_text("The ferry crosses the sound again.\n")
        assert watching.line() == "1 article added, 3 unchanged. The index holds 4 articles."
    finally:
        watching.process.kill()
        watching.process.wait()


def test_without_a_folder_there_is_nothing_to_watch(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["remove", "--yes", "stories", "single.txt"]) == 0
    capsys.readouterr()
    assert main(["watch"]) == 1
    assert capsys.readouterr().err == (
        "pullquote: there is nothing to watch; add a folder first: `pullquote add FOLDER`\n"
    )
