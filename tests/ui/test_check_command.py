"""``pullquote check``: what it prints, with which exit code, and as JSON."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from ui.check_command import show_checked
from ui.command_line import main

STORY = (
    "---\ntitle: A bridge opens\nauthor: Ada Quill\ndate: 2024-05-06\n---\n"
    "The mayor did not open the bridge on Monday.\n"
)
DRAFT = (
    'The mayor "did not open the bridge," they say.\n\n'
    'She "did open the bridge on Monday" [2].\n\nA goat “came by train.”\n'
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """An index of one article, in the working folder."""
    monkeypatch.setenv("PULLQUOTE_MODEL", "hashing")
    monkeypatch.setenv("PULLQUOTE_INDEX", str(tmp_path / "index"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bridge.md").write_text(STORY, "utf-8")
    (tmp_path / "draft.md").write_text(DRAFT, "utf-8")
    assert main(["add", "bridge.md"]) == 0
    capsys.readouterr()
    return tmp_path


def test_each_quotation_has_a_block(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "draft.md"]) == 1
    assert capsys.readouterr().out == (
        "1. Verbatim (line 1)\n"
        "   “did not open the bridge,”\n"
        "   A bridge opens · 2024-05-06 · Ada Quill · bridge.md\n"
        "   Its last punctuation mark is not in the article, or another one is, as American style allows.\n"
        "\n"
        "2. Altered: a dropped negation (line 3, cited as [2])\n"
        "   Draft:   “did open the bridge on Monday”\n"
        "   Article: “did [[not]] open the bridge on Monday”\n"
        "   A bridge opens · 2024-05-06 · Ada Quill · bridge.md\n"
        "\n"
        "3. Not found (line 5)\n"
        "   “came by train.”\n"
        "\n"
        "3 quotations: 1 verbatim, 1 altered, 1 not found.\n"
    )


def test_json_has_the_offsets(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "draft.md", "--json"]) == 1
    document: Any = json.loads(capsys.readouterr().out)
    assert document["counts"] == {"verbatim": 1, "altered": 1, "not found": 1}
    one, other, third = document["quotations"]
    assert DRAFT[one["start"] : one["end"]] == one["quotation"] == "did not open the bridge,"
    assert one["places"][0]["text"] == "did not open the bridge"
    assert other["citations"] == [2]
    (difference,) = other["differences"]
    place = other["places"][0]
    shift = place["start"]
    assert difference["kind"] == "a dropped negation"
    assert place["text"][difference["source_start"] - shift : difference["source_end"] - shift] == "not"
    assert (third["verdict"], third["places"], third["line"]) == ("not found", [], 5)


def test_exit_code_0_when_every_quotation_is_verbatim(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "fine.txt").write_text("They “did not open the bridge on Monday.”", "utf-8")
    assert main(["check", "fine.txt"]) == 0
    assert capsys.readouterr().out.endswith("1 quotation: 1 verbatim.\n")
    (folder / "none.txt").write_text("They did not open it.", "utf-8")
    assert main(["check", "none.txt"]) == 0
    assert capsys.readouterr().out == "There are no quotations in the draft.\n"


def test_standard_input(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(DRAFT.encode())))
    assert main(["check", "-", "--json"]) == 1
    assert len(json.loads(capsys.readouterr().out)["quotations"]) == 3


@pytest.mark.parametrize(("draft", "words"), [("missing.md", "no such file"), ("index", "is not a regular file")])
def test_a_draft_that_cannot_be_read_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], draft: str, words: str
) -> None:
    assert main(["check", draft]) == 1
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert draft in err
    assert words in err


def test_no_index_is_made(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "draft.md", "--index", "other"]) == 1
    assert "other" in capsys.readouterr().err
    assert not (folder / "other").exists()


def test_a_terminal_shows_colours_and_no_control_characters(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "draft.txt").write_text("She “did open the bridge on\x1b[31m Mon\u202eday”", "utf-8")
    main(["check", "draft.txt", "--json"])
    rows = json.loads(capsys.readouterr().out)["quotations"]
    assert rows[0]["verdict"] == "altered"
    coloured = Console(file=io.StringIO(), force_terminal=True, width=80, color_system="truecolor", no_color=False)
    show_checked(coloured, rows, {"verbatim": 0, "altered": 1, "not found": 0})
    shown = coloured.file.getvalue()  # type: ignore[attr-defined]
    assert "\x1b[" in shown
    assert "[[" not in shown
    assert "\u202e" not in shown
    plain = Console(file=io.StringIO(), force_terminal=True, width=80, no_color=True)
    show_checked(plain, rows, {"verbatim": 0, "altered": 1, "not found": 0})
    assert "[[not]]" in plain.file.getvalue()  # type: ignore[attr-defined]
