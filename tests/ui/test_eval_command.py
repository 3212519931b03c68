"""``pullquote eval``: what it prints, as text and as JSON, what it refuses, and that Ctrl-C shows what there is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ui.command_line import main

BRIDGE = "The mayor opened the iron bridge on Monday."
BAKER = "The baker sold her last loaf in March."
ROWS = [
    {"id": "1", "question": "Who opened the iron bridge?", "paragraph": BRIDGE, "answers": ["The mayor"]},
    {"id": "2", "question": "When did the baker sell her last loaf?", "answers": ["in May", "June"]},
    {"id": "3", "question": "Who painted Neptune's moons?", "answerable": False},
]

WriteSet = Callable[..., str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """An index of two articles, hashed, which commands use by default."""
    monkeypatch.setenv("PULLQUOTE_MODEL", "hashing")
    monkeypatch.setenv("PULLQUOTE_INDEX", str(tmp_path / "index"))
    (tmp_path / "stories").mkdir()
    (tmp_path / "stories" / "a.txt").write_text(f"A bridge opens\n\n{BRIDGE}\n")
    (tmp_path / "stories" / "b.txt").write_text(f"A bakery closes\n\n{BAKER}\n")
    assert main(["add", str(tmp_path / "stories")]) == 0
    capsys.readouterr()
    return tmp_path / "index"


@pytest.fixture
def question_set(tmp_path: Path) -> WriteSet:
    """Writes a question set as JSON lines and gives its path."""

    def question_set(rows: list[dict[str, object]] | None = None) -> str:
        path = tmp_path / "questions.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in (ROWS if rows is None else rows)))
        return str(path)

    return question_set


def test_the_figures_come_with_their_intervals(
    folder: Path, question_set: WriteSet, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["eval", question_set()]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert err == ""
    assert lines[0] == "3 questions asked: 2 answerable, 1 not."
    assert "by its place in the article for 1 question, for 1 by the words of the answer" in lines[1]
    assert "First quote right                     0.500  (0.000 to 1.000)" in lines
    assert "Right passage first (recall@1)        1.000  (1.000 to 1.000)" in lines
    assert len([line for line in lines if " to " in line]) == 12


def test_json_has_the_same_figures(folder: Path, question_set: WriteSet, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", question_set(), "--json", "--failures", "5"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["questions"], found["asked"], found["answerable"], found["stopped"]) == (3, 3, 2, False)
    assert (found["judged_by_place"], found["judged_by_words"]) == (1, 1)
    assert found["measures"]["first_quote_right"] == {"value": 0.5, "low": 0.0, "high": 1.0, "questions": 2}
    assert set(found["measures"]["auroc"]) == {"value", "low", "high", "questions"}
    wrong = next(failure for failure in found["failures"] if failure["id"] == "2")
    assert wrong["expected"] == ["in May", "June"]
    assert wrong["quote"] == BAKER
    assert found["failed"] == len(found["failures"])


def test_failures_show_the_quote_and_what_was_expected(
    folder: Path, question_set: WriteSet, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["eval", question_set(ROWS[:2]), "--failures", "3"]) == 0
    out = capsys.readouterr().out
    assert "Question: When did the baker sell her last loaf?\nExpected: “in May” / “June”\n" in out
    assert f"Quote:    “{BAKER}”\n          A bakery closes · confidence " in out
    assert ROWS[0]["question"] not in out
    assert main(["eval", question_set(ROWS[:1]), "--failures", "3"]) == 0
    assert capsys.readouterr().out.endswith("\nNot one failed.\n")
    assert main(["eval", question_set(ROWS[:2])]) == 0
    assert "Expected:" not in capsys.readouterr().out


def test_what_a_set_holds_does_not_drive_the_terminal(
    folder: Path, question_set: WriteSet, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"question": "Who \x1b[31mopened\x1b]0;x\x07 it?\nNow", "answers": ["\x1b[2J[bold]x"]}
    assert main(["eval", question_set([row]), "--failures", "1"]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\x07" not in out
    assert "[bold]x" in out


def test_a_limit_asks_fewer(folder: Path, question_set: WriteSet, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", question_set(), "--limit", "1"]) == 0
    assert capsys.readouterr().out.startswith("1 question asked: ")
    assert main(["eval", question_set(), "--limit", "0"]) == 2


def test_questions_that_cannot_be_asked_are_told(
    folder: Path, question_set: WriteSet, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [*ROWS, {"question": "why " * 5_000, "answers": ["so"]}]
    assert main(["eval", question_set(rows)]) == 0
    captured = capsys.readouterr()
    assert captured.err == "Note: 1 question was left out, because it is far too long\n"
    assert captured.out.startswith("3 questions asked: ")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "No such file"),
        ("", "holds no questions"),
        ("A text.\n", "neither SQuAD's JSON nor JSON lines"),
        ('{"answers": ["a"]}\n', "line 1: not a question with its answers"),
        (
            '{"question": "Who?", "answers": ["a"], "paragraph": "Of another town."}\n',
            "no paragraph of the question set is in the index",
        ),
    ],
)
def test_what_cannot_be_measured_is_one_line(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None, says: str
) -> None:
    path = tmp_path / "set.jsonl"
    if content is not None:
        path.write_text(content)
    assert main(["eval", str(path)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert str(path) in captured.err
    assert says in captured.err


def test_no_index_is_made(tmp_path: Path, question_set: WriteSet, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", question_set(), "--index", str(tmp_path / "missing")]) == 1
    assert "there is no index" in capsys.readouterr().err
    assert not (tmp_path / "missing").exists()


def test_the_example_set_is_about_the_examples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PULLQUOTE_MODEL", "hashing")
    monkeypatch.setenv("PULLQUOTE_INDEX", str(tmp_path / "index"))
    root = Path(__file__).parents[2]
    assert main(["add", str(root / "examples")]) == 0
    capsys.readouterr()
    assert main(["eval", str(root / "docs" / "example-questions.jsonl"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["asked"], found["answerable"], found["judged_by_place"]) == (12, 9, 9)
    assert found["measures"]["recall@10"]["questions"] == 9


@pytest.mark.skipif(os.name != "posix", reason="signals and terminals as POSIX has them")
def test_ctrl_c_shows_what_was_measured_so_far(folder: Path, question_set: WriteSet) -> None:
    import pty

    rows = [
        {"question": f"Who opened the iron bridge on day {day}?", "answers": ["The mayor"]} for day in range(20_000)
    ]
    ours, theirs = pty.openpty()
    code = "import sys; from ui.command_line import main; sys.exit(main())"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "eval", question_set(rows), "--json"],
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(theirs)
    shown = ""
    while "/20000" not in shown:  # the bar counts once the first batch is done
        shown += os.read(ours, 10_000).decode(errors="replace")
    process.send_signal(signal.SIGINT)
    while "Stopped after" not in shown:
        shown += os.read(ours, 10_000).decode(errors="replace")
    out, _ = process.communicate(timeout=60)
    os.close(ours)
    assert process.returncode == 130
    found = json.loads(out)
    assert found["stopped"]
    assert 0 < found["asked"] < found["questions"] == 20_000
    assert f"Stopped after {found['asked']:,} of 20,000 questions" in shown
    assert found["measures"]["first_quote_right"]["questions"] == found["asked"]
