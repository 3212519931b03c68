"""How sure an answer must be, on the command line and through the HTTP API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
from web_support import Served, make_index, serving

from index import HashingEmbedder
from qa.confidence import calibration
from ui.command_line import main
from ui.options import Strictness

TEXT = "Medals\n\nA cheese from Lund won the gold medal at the fair. It also won a cup.\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """An index of one article with hashed vectors."""
    monkeypatch.setenv("PULLQUOTE_MODEL", "hashing")
    monkeypatch.setenv("PULLQUOTE_INDEX", str(tmp_path / "index"))
    monkeypatch.delenv("PULLQUOTE_STRICTNESS", raising=False)
    (tmp_path / "medals.txt").write_text(TEXT, "utf-8")
    assert main(["add", str(tmp_path / "medals.txt")]) == 0
    capsys.readouterr()
    return tmp_path


def asked(capsys: pytest.CaptureFixture[str], *options: str) -> Any:
    assert main(["ask", "Which cheese won the gold medal?", "--json", *options]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def levels() -> Iterator[dict[str, float]]:
    """The levels, which a test may change."""
    before = dict(calibration().levels)
    yield calibration().levels
    calibration().levels.update(before)


def test_the_names_are_those_of_the_calibration() -> None:
    assert list(get_args(Strictness)) == list(calibration().levels)


def test_strictness_on_the_command_line(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, levels: dict[str, float]
) -> None:
    sure = asked(capsys, "--threshold", "0")["confidence"]
    levels.update(strict=sure + 0.02, balanced=sure + 0.01, generous=sure - 0.01)
    assert not asked(capsys)["answered"]
    assert not asked(capsys, "--strictness", "strict")["answered"]
    assert asked(capsys, "--strictness", "generous")["answered"]
    assert not asked(capsys, "--strictness", "generous", "--threshold", "1")["answered"]
    monkeypatch.setenv("PULLQUOTE_STRICTNESS", "generous")
    assert asked(capsys)["answered"]
    assert not asked(capsys, "--strictness", "strict")["answered"]
    monkeypatch.setenv("PULLQUOTE_STRICTNESS", "")
    assert not asked(capsys)["answered"]


@pytest.mark.parametrize("command", ["ask", "serve"])
def test_a_wrong_strictness_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    arguments = [command, "question"] if command == "ask" else [command]
    assert main([*arguments, "--strictness", "sharp"]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    for word in ("'sharp'", "'strict', 'balanced', 'generous'", "--strictness"):
        assert word in told
    monkeypatch.setenv("PULLQUOTE_STRICTNESS", "blunt")
    assert main(arguments) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "'blunt'" in told
    assert "PULLQUOTE_STRICTNESS" in told


def test_the_context_of_a_quote_is_in_the_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    quotes = asked(capsys, "--threshold", "0")["quotes"]
    leaning = next(quote for quote in quotes if quote["text"] == "It also won a cup.")
    assert leaning["context"] == "A cheese from Lund won the gold medal at the fair. "
    text = TEXT.rstrip("\n")
    assert text[leaning["context_start"] : leaning["end"]] == leaning["context"] + leaning["text"]
    alone = next(quote for quote in quotes if quote["text"].startswith("A cheese"))
    assert (alone["context"], alone["context_start"]) == (None, None)
    assert main(["ask", "Which cheese won the gold medal?", "--threshold", "0"]) == 0
    assert "A cheese from Lund won the gold medal at the fair. “It also won a cup.”" in capsys.readouterr().out


@pytest.fixture(scope="module")
def hashed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that is generous by default."""
    folder = tmp_path_factory.mktemp("generous")
    with (
        make_index(folder, HashingEmbedder()) as index,
        serving(index, folder / "articles", strictness="generous") as running,
    ):
        yield running


def test_strictness_through_the_http_api(hashed: Served, levels: dict[str, float]) -> None:
    with httpx.Client(base_url=hashed.url, trust_env=False) as client:

        def answered(**options: Any) -> Any:
            body = {"question": "How many cars does the ferry Aurora carry?", **options}
            reply = client.post("/api/v1/ask", json=body)
            return reply.json() if reply.status_code == 200 else (reply.status_code, reply.json())

        sure = answered(threshold=0)["confidence"]
        levels.update(strict=sure + 0.02, balanced=sure + 0.01, generous=sure - 0.01)
        assert answered()["answered"]  # as the server was told
        assert answered(strictness=None)["answered"]
        assert not answered(strictness="balanced")["answered"]
        assert not answered(strictness="strict")["answered"]
        assert answered(strictness="strict", threshold=0)["answered"]
        wrong = answered(strictness="sharp")
        assert wrong == (400, {"error": "'sharp' is not a strictness: choose strict, balanced or generous"})
