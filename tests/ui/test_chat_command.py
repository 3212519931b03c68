"""``pullquote chat``: a conversation through a pipe and at a terminal."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ui.command_line import main

STORY = "Bridge of Velsund\n\nIt rained.\n\nThe bridge of Velsund was built by Ada Holm in 1931.\n\nGeese live there.\n"
PROMPT = b"\x1b[?2004h"
"""Pasting is switched on when the prompt stands."""
Talk = Callable[..., str]


@pytest.fixture
def talk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Talk:
    """Sends lines to a conversation over one article, and gives what it printed."""
    monkeypatch.setenv("PULLQUOTE_MODEL", "hashing")
    monkeypatch.setenv("PULLQUOTE_INDEX", str(tmp_path / "index"))
    monkeypatch.setenv("PULLQUOTE_STRICTNESS", "generous")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bridge.txt").write_text(STORY)
    assert main(["add", "bridge.txt"]) == 0
    capsys.readouterr()

    def send(*lines: str) -> str:
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        assert main(["chat"]) == 0
        return capsys.readouterr().out

    return send


@pytest.mark.model
def test_a_conversation_answers_opens_tells_its_sources_and_exports(talk: Talk, tmp_path: Path) -> None:
    out = talk(
        "Who built the bridge of Velsund?",
        "/open 1",
        "/sources",
        "/export chat.json",
        "/export chat.json",
        "/quit",
        "Never read",
    )
    quote = "The bridge of Velsund was built by Ada Holm in 1931."
    assert f"1. “{quote}”" in out
    assert f"It rained.\n\n{quote}\n\nGeese live there." in out
    assert "1. Bridge of Velsund · bridge.txt" in out
    assert "1 question and what was answered: chat.json" in out
    assert "chat.json is there already; give another name." in out
    assert "Never read" not in out
    exported = json.loads((tmp_path / "chat.json").read_text("utf-8"))
    assert quote in json.dumps(exported)


def test_what_cannot_be_done_is_told_in_a_line_and_the_conversation_goes_on(talk: Talk) -> None:
    out = talk("/dance", "/open 1", "/sources", "/export chat", "/export chat.md", "/new", "a" * 20_000, "/help")
    lines = out.splitlines()
    assert "There is no /dance; /help tells what there is." in lines
    assert "The last answer has no quotes to open." in lines
    assert "Nothing has been quoted yet." in lines
    assert "Give a file that ends in .md, .html or .json, such as /export conversation.md." in lines
    assert "There is nothing to export yet." in lines
    assert "A new conversation." in lines
    assert any("the limit is 10,000" in line for line in lines)
    assert lines[-1].strip().startswith("/quit")


def test_a_line_that_ends_in_a_backslash_goes_on(talk: Talk) -> None:
    assert "the question has 14,000 characters" in talk("a" * 7_000 + "\\", "b" * 6_999)


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
def test_at_a_terminal_ctrl_c_takes_back_the_line_and_ctrl_d_ends(talk: Talk) -> None:
    import pty

    main_end, other_end = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", "import sys; from ui.command_line import main; sys.exit(main(['chat']))"],
        stdin=other_end,
        stdout=other_end,
        stderr=other_end,
        env={**os.environ, "TERM": "xterm", "PYTHONPATH": str(Path(__file__).parents[2])},
        start_new_session=True,
    )
    os.close(other_end)
    shown = _until(main_end, PROMPT)
    os.write(main_end, b"half a quest\x03")
    shown += _until(main_end, PROMPT)
    os.write(main_end, b"/sources\r")
    shown += _until(main_end, b"Nothing has been quoted yet.")
    shown += _until(main_end, PROMPT)
    os.write(main_end, b"\x04")
    assert process.wait(60) == 0
    os.close(main_end)
    assert b"/help tells what else can be typed" in shown


def _until(terminal: int, wanted: bytes) -> bytes:
    """What a terminal shows until it has shown something."""
    shown = b""
    while wanted not in shown:
        shown += os.read(terminal, 4096)
    return shown
