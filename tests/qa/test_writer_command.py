"""``pullquote ask`` with a writer: its sentences above the quotes, the notice apart, and nothing without one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from writer_server import closed_address, serving, writes

import qa.writer.client  # noqa: F401  # loading it may take longer than the limits below
from ui.command_line import main

Outcome = tuple[int, str, str]
Ask = Callable[..., Outcome]
QUESTION = "What did the mayor open on Monday?"


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Asks about an article, with the options and with a writer at an address."""
    monkeypatch.setenv("PULLQUOTE_MODEL", "hashing")
    monkeypatch.setenv("PULLQUOTE_INDEX", str(tmp_path / "index"))
    (tmp_path / "bridge.txt").write_text("A bridge opens\n\nThe mayor opened the iron bridge on Monday.\n")
    assert main(["add", str(tmp_path / "bridge.txt")]) == 0
    capsys.readouterr()

    def run(*options: str, url: str = "", threshold: str = "0") -> Outcome:
        monkeypatch.setenv("PULLQUOTE_WRITER_URL", url)
        code = main(["ask", QUESTION, "--threshold", threshold, *options])
        return code, *capsys.readouterr()

    return run


def test_sentences_stand_above_the_quotes(ask: Ask) -> None:
    plain = ask()
    with serving(writes("The bridge was opened by two cranes [1].\nThe mayor opened the bridge [1].\n")) as server:
        code, out, err = ask(url=server.url)
    assert code == 0
    assert out == (
        "Written by a language model, and checked against the quotes below:\n"
        "   Not supported: The bridge was opened by two cranes. [1] (“2” does not stand in [1])\n"
        f"   The mayor opened the bridge. [1]\n\n{plain[1]}"
    )
    assert err.startswith("Note: The writer at 127.0.0.1:")
    assert err.count("\n") == 1


def test_no_write_and_no_address_leave_it(ask: Ask) -> None:
    with serving(writes("The mayor opened the bridge [1].")) as server:
        assert ask("--no-write", url=server.url) == ask()
        assert server.exchanges == []
        assert "language model" in ask("--write", url=server.url)[1]


def test_a_server_that_is_down_leaves_the_quotes_and_one_line(ask: Ask) -> None:
    plain = ask()
    code, out, err = ask(url=closed_address())
    assert (code, out) == (0, plain[1])
    assert "could not be reached" in err
    assert err.count("\n") == 1


def test_json_holds_what_was_written(ask: Ask) -> None:
    with serving(writes("The mayor opened the bridge [1].")) as server:
        found = json.loads(ask("--json", url=server.url)[1])
    sentence = {"text": "The mayor opened the bridge.", "numbers": [1], "supported": True, "why": None}
    assert found["written"] == {"model": "default", "sentences": [sentence], "notice": None}
    without = json.loads(ask("--json")[1])
    assert "written" not in without
    assert found == without | {"written": found["written"]}


def test_json_holds_the_notice(ask: Ask) -> None:
    code, out, err = ask("--json", url=closed_address())
    written = json.loads(out)["written"]
    assert (code, err, written["sentences"]) == (0, "", [])
    assert "could not be reached" in written["notice"]


def test_what_is_written_cannot_act_on_the_terminal(ask: Ask) -> None:
    with serving(writes("The mayor opened\x1b[2J the \u202ebridge [1].\nThe \x1b]0;mayor\x07 fell [1].")) as server:
        _, out, err = ask(url=server.url)
    assert "The mayor opened" in out
    assert not set("\x1b\x07\u202e") & set(out + err)


def test_nothing_is_sent_for_a_question_without_an_answer(ask: Ask) -> None:
    with serving(writes("The mayor opened the bridge [1].")) as server:
        code, out, err = ask(url=server.url, threshold="1")
        assert server.exchanges == []
    assert (code, err) == (0, "")
    assert out.startswith("Not surely in your articles.")


@pytest.mark.parametrize(("url", "begins"), [("", "pullquote: --write needs a writer"), ("nowhere", "pullquote: PULL")])
def test_a_missing_or_wrong_address_is_one_line(ask: Ask, url: str, begins: str) -> None:
    code, out, err = ask("--write", url=url)
    assert (code, out) == (1, "")
    assert err.startswith(begins)
    assert err.count("\n") == 1


def test_a_writer_that_is_not_installed_is_told(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "openai" else find(name))
    with serving(writes("The mayor opened the bridge [1].")) as server:
        _, _, err = ask(url=server.url)
        assert server.exchanges == []
    assert "pip install 'pullquote[writer]'" in err
