"""``add`` with columns, into a new folder, and the plan that ``sync --dry-run`` prints for links."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ui.command_line import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in this process, in a working folder of its own."""
    monkeypatch.setenv("PULLQUOTE_MODEL", "hashing")
    monkeypatch.setenv("PULLQUOTE_INDEX", str(tmp_path / "index"))
    monkeypatch.chdir(tmp_path)

    def run_command(*arguments: str) -> tuple[int, str, str]:
        return (main(arguments), *capsys.readouterr())

    return run_command


def test_columns_are_named_on_the_command_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "dump.csv").write_text("id,story,head\n1,The mayor opened the bridge.,Bridge opens\n")
    code, _, err = run("add", "dump.csv", "--column", "text=stori")
    assert code == 1
    assert err == (
        "Failed: dump.csv: has no column 'stori', which was to be the text; its columns are: id, story, head\n"
    )
    assert run("add", "dump.csv", "--column", "text=story", "--column", "title=head")[0] == 0
    (article,) = json.loads(run("list", "--json")[1])["articles"]
    assert article["title"] == "Bridge opens"


@pytest.mark.parametrize("said", ["text", "=body", "text="])
def test_a_column_without_a_name_is_one_line(run: Run, said: str) -> None:
    code, _, err = run("add", "dump.csv", "--column", said)
    assert code == 2
    assert f"{said!r} is not of the form WHAT=NAME, such as text=body" in err
    assert len(err.splitlines()) == 1


def test_nothing_is_left_where_nothing_was_added(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert run("add", "missing.txt", "empty")[0] == 1
    assert not (tmp_path / "index").exists()
    (tmp_path / "story.txt").write_text("The mayor opened the bridge.\n")
    assert run("add", "missing.txt", "story.txt")[0] == 0
    assert run("remove", "story.txt")[0] == 0
    assert run("add", "missing.txt")[0] == 1
    assert (tmp_path / "index" / "catalog.sqlite").exists()  # it was there before


def test_a_folder_that_was_there_keeps_what_is_in_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "index").mkdir()
    assert run("add", "missing.txt")[0] == 1
    assert (tmp_path / "index").is_dir()
