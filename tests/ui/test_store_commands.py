"""``verify``, ``export``, ``import`` and ``reembed`` as commands."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from ui.command_line import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """An index of two articles, hashed, which commands use by default."""
    monkeypatch.setenv("PULLQUOTE_MODEL", "hashing")
    monkeypatch.setenv("PULLQUOTE_INDEX", str(tmp_path / "index"))
    (tmp_path / "stories").mkdir()
    (tmp_path / "stories" / "a.txt").write_text("A bridge opens\n\nThe mayor opened the bridge on Monday.\n")
    (tmp_path / "stories" / "b.txt").write_text("A bakery closes\n\nThe baker sold her last loaf.\n")
    assert main(["add", str(tmp_path / "stories")]) == 0
    capsys.readouterr()
    return tmp_path / "index"


def test_verify_says_that_all_is_whole(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify"]) == 0
    assert capsys.readouterr().out == "2 articles and 2 passages checked: the index is whole.\n"
    assert main(["verify", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["whole"] is True


def test_verify_names_what_differs_and_repair_mends_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with sqlite3.connect(folder / "catalog.sqlite") as connection:
        connection.execute("UPDATE article SET text = replace(text, 'Monday', 'Friday')")
    assert main(["verify"]) == 1
    out = capsys.readouterr().out
    assert "A bridge opens" in out
    assert "the index is not whole. `pullquote verify --repair` mends" in out
    assert main(["verify", "--repair"]) == 0
    out = capsys.readouterr().out
    assert "Mended: " in out
    assert out.endswith("the index is whole.\n")
    assert main(["ask", "Who opened the bridge?", "--threshold", "0", "--json"]) == 0
    assert "Monday" in json.loads(capsys.readouterr().out)["quotes"][0]["text"]


def test_what_cannot_be_mended_is_said_and_fails(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with sqlite3.connect(folder / "catalog.sqlite") as connection:
        connection.execute("UPDATE article SET text = replace(text, 'Monday', 'Friday')")
    (folder.parent / "stories" / "a.txt").unlink()
    assert main(["verify", "--repair"]) == 1
    out = capsys.readouterr().out
    assert "Lost: " in out
    assert "A bridge opens" in out


def test_export_and_import_carry_the_articles(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder.parent / "articles.pullquote"
    assert main(["export", str(file)]) == 0
    assert "2 articles (2 passages) written" in capsys.readouterr().out
    other = str(folder.parent / "other")
    assert main(["import", str(file), "--index", other]) == 0
    capsys.readouterr()
    assert main(["list", "--index", other, "--json"]) == 0
    there = json.loads(capsys.readouterr().out)["articles"]
    assert main(["list", "--json"]) == 0
    here = json.loads(capsys.readouterr().out)["articles"]
    assert [(row["title"], row["sha256"]) for row in there] == [(row["title"], row["sha256"]) for row in here]


def test_a_file_that_is_no_export_is_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = folder.parent / "bad.pullquote"
    bad.write_text("not an export")
    assert main(["import", str(bad)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert str(bad) in captured.err


def test_reembed_says_when_there_is_nothing_to_do(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reembed"]) == 0
    assert "already" in capsys.readouterr().out


@pytest.mark.parametrize("command", [["verify"], ["export", "x"], ["reembed"], ["verify", "--repair"]])
def test_commands_that_need_an_index_make_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setenv("PULLQUOTE_MODEL", "hashing")
    missing = tmp_path / "missing"
    assert main([*command, "--index", str(missing)]) == 1
    assert "there is no index" in capsys.readouterr().err
    assert not missing.exists()
