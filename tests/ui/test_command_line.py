"""The program ``pullquote``: what it prints, where, and with which exit code."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from index import ArticleIndex, Settings
from ui.command_line import main

POSIX = pytest.mark.skipif(os.name == "nt", reason="sends POSIX signals or needs a pseudo-terminal")
HASHING = Settings(model="hashing")
PROGRAM = [str(Path(sys.executable).with_name("pullquote"))]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run of the program left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Outcome]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The index that commands use by default; the working folder is the one above it."""
    monkeypatch.setenv("PULLQUOTE_MODEL", "hashing")
    monkeypatch.setenv("PULLQUOTE_INDEX", str(tmp_path / "index"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "index"


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in this process."""

    def run_command(*arguments: str) -> Outcome:
        code = main(arguments)
        return Outcome(code, *capsys.readouterr())

    return run_command


@pytest.fixture
def stories(tmp_path: Path) -> Path:
    """Three articles in a folder."""
    stories = tmp_path / "stories"
    stories.mkdir()
    (stories / "bridge.md").write_text(
        "---\ntitle: A bridge opens\nauthor: Ada Quill\ndate: 2024-05-06\nlanguage: en\n---\n"
        "The mayor opened the iron bridge on Monday. It cost nine million crowns.\n"
    )
    (stories / "bakery.txt").write_text("A bakery closes\n\nThe baker sold her last loaf to a fireman. He ate it.\n")
    (stories / "harbour.md").write_text(
        "---\nauthor: Ben Ferry\ndate: 2025-01-02\n---\n# Harbour dredged\n\nThe harbour was dredged for the herring.\n"
    )
    return stories


@pytest.fixture
def filled(stories: Path, run: Run) -> Run:
    assert run("add", str(stories)).code == 0
    return run


def one_line(text: str) -> bool:
    return text.endswith("\n") and text.count("\n") == 1 and "Traceback" not in text


# Starting


def seconds_of(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def test_help_answers_at_once() -> None:
    """Some four times the start of Python itself; with the whole program loaded it would be many more."""
    rounds = [(seconds_of([*PROGRAM, "--help"]), seconds_of([sys.executable, "-c", "pass"])) for _ in range(5)]
    assert min(first for first, _ in rounds) < 9 * min(second for _, second in rounds)


@pytest.mark.parametrize("statement", ["import index, qa", "import ui.command_line", "import pullquote"])
def test_importing_loads_nothing_heavy(statement: str) -> None:
    heavy = ["torch", "gradio", "faiss", "tantivy", "sentence_transformers", "transformers", "nupunkt", "rich"]
    code = f"{statement}\nimport sys\nprint([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"


def test_help_loads_not_even_the_index() -> None:
    code = (
        "import sys; from ui.command_line import main; main(['--help']);"
        "print([name for name in ('index', 'numpy', 'rich', 'pydantic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.endswith("[]\n")


def test_the_installed_program_tells_its_version() -> None:
    done = subprocess.run([*PROGRAM, "--version"], check=True, capture_output=True, text=True)
    assert done.stdout == "pullquote 0.1.0\n"


@pytest.mark.parametrize("command", ["add", "sync", "ask", "retrieve", "list", "remove", "stats", "serve"])
def test_every_command_takes_index_and_json(run: Run, command: str) -> None:
    shown = run(command, "--help").out
    assert "--index DIR" in shown
    assert "--json" in shown


def test_without_a_command_the_help_is_shown(run: Run) -> None:
    assert "Commands:" in run().out


# Adding


def test_add_says_what_happened(run: Run, stories: Path) -> None:
    first = run("add", str(stories))
    assert first == Outcome(0, "3 articles added. The index holds 3 articles.\n", "")
    (stories / "bakery.txt").write_text("A bakery opens again\n\nThe baker came back with a new oven.\n")
    (stories / "copy.md").write_bytes((stories / "harbour.md").read_bytes())
    again = run("add", str(stories))
    assert again.out.startswith("0 articles added, 1 updated, 2 unchanged, 1 with the text of another.")


def test_add_names_what_it_could_not_read_and_goes_on(run: Run, stories: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "report.pdf").write_bytes(b"%PDF-1.7")
    done = run("add", "nowhere.txt", "empty.txt", "binary.txt", "report.pdf", str(stories))
    assert done.code == 0
    assert "3 articles added, 4 failed." in done.out
    lines = done.err.splitlines()
    assert len(lines) == 4
    assert "Failed: nowhere.txt: no such file or folder" in lines
    assert "Failed: empty.txt: is empty" in lines
    assert any(line.startswith("Failed: binary.txt: is not text") for line in lines)
    assert any(line.startswith("Failed: report.pdf: ") for line in lines)


def test_add_fails_when_nothing_could_be_added(run: Run) -> None:
    done = run("add", "nowhere.txt")
    assert done.code == 1
    assert done.err == "Failed: nowhere.txt: no such file or folder\n"


def test_add_of_what_is_there_already_is_no_failure(filled: Run, stories: Path) -> None:
    assert filled("add", str(stories), "nowhere.txt").code == 0


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions do not bind this user")
def test_unreadable_folder_is_one_line(run: Run, stories: Path) -> None:
    stories.chmod(0)
    try:
        done = run("add", str(stories))
    finally:
        stories.chmod(0o755)
    assert done.code == 1
    assert "cannot be read" in done.err


def test_add_as_json(run: Run, stories: Path) -> None:
    done = run("add", str(stories), "nowhere.txt", "--json")
    assert [Path(source).name for source in done.json["added"]] == ["bakery.txt", "bridge.md", "harbour.md"]
    assert done.json["failed"] == [{"source": "nowhere.txt", "reason": "no such file or folder"}]
    assert done.json["articles"] == 3


def test_sync_follows_the_folder(filled: Run, stories: Path) -> None:
    (stories / "bakery.txt").unlink()
    (stories / "new.txt").write_text("A new story\n\nSomething new has happened here.\n")
    done = filled("sync")
    assert done.out == "1 article added, 2 unchanged, 1 removed. The index holds 3 articles.\n"
    assert filled("sync", "--json").json["removed"] == []


# Asking


def test_ask_prints_quotes_with_their_source(filled: Run) -> None:
    done = filled("ask", "Who opened the iron bridge on Monday?", "--threshold", "0")
    lines = done.out.splitlines()
    assert done.code == 0
    assert done.err == ""
    assert lines[0] == "1. “The mayor opened the iron bridge on Monday.”"
    assert lines[1] == f"   A bridge opens · 2024-05-06 · Ada Quill · {Path('stories', 'bridge.md')}"
    assert lines[2].startswith("   Confidence: ")
    assert lines[2].endswith("%)")


def test_ask_says_why_there_is_no_answer_and_shows_what_is_related(filled: Run) -> None:
    done = filled("ask", "Who opened the iron bridge on Monday?", "--threshold", "1")
    assert done.code == 0
    assert done.out.startswith("Not surely in your articles. ")
    assert "Nearest passages, not an answer:" in done.out
    assert "“" not in done.out  # nothing is shown as a quote


def test_ask_as_json_is_the_answer_and_nothing_else(filled: Run, folder: Path) -> None:
    from qa import ask
    from ui.as_json import answer_json

    done = filled("ask", "Who opened the iron bridge?", "--threshold", "0", "--json")
    with ArticleIndex.open(folder, settings=HASHING) as index:
        assert done.json == answer_json(ask(index, "Who opened the iron bridge?", threshold=0))


def test_retrieve_lists_passages(filled: Run) -> None:
    done = filled("retrieve", "iron bridge", "-k", "1")
    assert done.out.startswith("1. The mayor opened the iron bridge on Monday. It cost nine million crowns.\n")
    assert "Score " in done.out
    hits = filled("retrieve", "iron bridge", "-k", "2", "--json").json["hits"]
    assert hits[0]["article"]["title"] == "A bridge opens"
    assert len(hits) == 2


@pytest.mark.parametrize(
    ("filters", "titles"),
    [
        (["--since", "2025-01-01"], {"Harbour dredged"}),
        (["--until", "2024-12-31"], {"A bridge opens"}),
        (["--author", "quill", "--author", "ferry"], {"A bridge opens", "Harbour dredged"}),
        (["--language", "en"], {"A bridge opens", "A bakery closes", "Harbour dredged"}),
        (["--language", "sv"], set()),
        (["--source", "stories/b*"], {"A bridge opens", "A bakery closes"}),
        (["--source", "stories/bakery.txt", "--source", "stories/harbour.md"], {"A bakery closes", "Harbour dredged"}),
        (["--article", "2"], {"A bridge opens"}),
        ([], {"A bridge opens", "A bakery closes", "Harbour dredged"}),
    ],
)
def test_filters(filled: Run, filters: list[str], titles: set[str]) -> None:
    hits = filled("retrieve", "anything", "-k", "9", "--json", *filters).json["hits"]
    assert {hit["article"]["title"] for hit in hits} == titles
    asked = filled("ask", "anything at all", "--threshold", "0", "--json", *filters).json
    assert {quote["article"]["title"] for quote in asked["quotes"]} <= titles


# Listing and removing


def test_list_in_a_pipe_has_a_line_for_each_article(filled: Run) -> None:
    rows = [line.split("\t") for line in filled("list").out.splitlines()]
    assert rows[1] == ["2", "A bridge opens", "2024-05-06", "Ada Quill", str(Path("stories", "bridge.md"))]
    assert [row[1] for row in rows] == ["A bakery closes", "A bridge opens", "Harbour dredged"]
    assert [article["id"] for article in filled("list", "--json").json["articles"]] == [1, 2, 3]


def test_stats(filled: Run, folder: Path) -> None:
    shown = filled("stats").out
    assert "Articles: 3\n" in shown
    assert str(folder) in shown
    filled("remove", "stories/bridge.md")
    filled("add", "stories")
    figures = filled("stats", "--json").json
    assert figures["articles"] == 3
    assert f"over {figures['passages']} vectors" in figures["vectors"]


@pytest.mark.parametrize("name", ["stories/bridge.md", "A BRIDGE opens", "2"])
def test_one_article_is_removed_without_asking(filled: Run, name: str, stories: Path) -> None:
    done = filled("remove", name)
    assert done == Outcome(0, "Removed “A bridge opens”.\n", "")
    assert len(filled("list").out.splitlines()) == 2
    assert (stories / "bridge.md").exists()


def test_removing_several_without_a_terminal_needs_yes(filled: Run) -> None:
    refused = filled("remove", "stories")
    assert refused.code == 1
    assert one_line(refused.err)
    assert "3 articles" in refused.err
    assert "--yes" in refused.err
    assert len(filled("list").out.splitlines()) == 3
    assert filled("remove", "stories", "--yes").out == "Removed 3 articles.\n"
    assert filled("list").out == ""


@POSIX
@pytest.mark.parametrize(("typed", "code", "left"), [("y\n", 0, 0), ("n\n", 1, 3), ("\x04", 130, 3)])
def test_removing_several_on_a_terminal_asks(filled: Run, folder: Path, typed: str, code: int, left: int) -> None:
    import pty

    ours, theirs = pty.openpty()
    os.write(ours, typed.encode())
    done = run_program(["remove", "stories"], folder, stdin=theirs, capture_output=True)
    os.close(ours)
    os.close(theirs)
    assert "3 articles would be removed" in done.stderr
    assert done.returncode == code
    assert len(filled("list").out.splitlines()) == left


def test_removing_what_is_not_there(filled: Run) -> None:
    done = filled("remove", "nothing", "99999999999999999999", "1")
    assert done.out == "Removed “A bakery closes”.\n"
    assert done.err.count("\n") == 2
    assert done.code == 0
    assert filled("remove", "nothing").code == 1


def test_an_article_with_a_second_source_stays(filled: Run, stories: Path) -> None:
    (stories / "copy.md").write_bytes((stories / "harbour.md").read_bytes())
    filled("add", "stories")
    assert "1 of those named stay" in filled("remove", "stories/copy.md").out
    assert len(filled("list").out.splitlines()) == 3


def test_what_had_to_be_mended_is_told_on_stderr(filled: Run, folder: Path) -> None:
    shutil.rmtree(folder / "words")
    done = filled("ask", "Who opened the iron bridge?", "--json")
    assert done.err.startswith("Note: ")
    assert one_line(done.err)
    assert done.json["asked"] == "Who opened the iron bridge?"
    assert filled("ask", "Who opened the iron bridge?").err == ""


# Bad input


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["ask", "question", "--index", "nowhere"], 1, "there is no index at"),
        (["retrieve", "question", "--index", "nowhere"], 1, "there is no index at"),
        (["list", "--index", "nowhere"], 1, "there is no index at"),
        (["stats", "--index", "nowhere"], 1, "there is no index at"),
        (["remove", "x", "--index", "nowhere"], 1, "there is no index at"),
        (["sync", "--index", "nowhere"], 1, "there is no index at"),
        (["serve", "--index", "nowhere"], 1, "there is no index at"),
        (["ask", "question", "--index", "stories"], 1, "is not an index"),
        (["add", "stories", "--index", "stories"], 1, "is not an index"),
        (["ask", "question", "--index", "stories/bridge.md"], 1, "is a file"),
        (["ask", ""], 2, "the question is empty"),
        (["ask", " \n "], 2, "the question is empty"),
        (["retrieve", ""], 2, "the question is empty"),
        (["ask", "why " * 25_000], 2, "100,000 characters"),
        (["ask", "question", "--since", "yesterday"], 2, "'yesterday' is not a date"),
        (["ask", "question", "--threshold", "2"], 2, "--threshold"),
        (["ask", "question", "--article", "one"], 2, "--article"),
        (["retrieve", "question", "-k", "0"], 2, "-k"),
        (["ask"], 2, "QUESTION"),
        (["ask", "question", "--jsn"], 2, "--jsn"),
        (["answer", "question"], 2, "answer"),
        (["add"], 2, "PATH"),
        (["serve", "--port", "99999"], 2, "--port"),
    ],
)
def test_bad_input_is_one_line(filled: Run, arguments: list[str], code: int, said: str) -> None:
    done = filled(*arguments)
    assert done.code == code
    assert done.out == ""
    assert one_line(done.err)
    assert said in done.err
    assert not Path("nowhere").exists()
    assert json.loads(filled(*arguments, "--json").out)["error"] in done.err


def test_another_model_is_one_line(filled: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULLQUOTE_MODEL")
    done = filled("ask", "question")
    assert done.code == 1
    assert one_line(done.err)
    assert "hashing" in done.err


def test_a_precision_that_is_none_is_one_line(filled: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULLQUOTE_PRECISION", "octuple")
    done = filled("ask", "question")
    assert done.code == 1
    assert one_line(done.err)


def test_a_question_of_many_kinds_of_characters_is_answered(filled: Run) -> None:
    for question in ['"', 'a "b', "-bridge who", "\x1b[31m?", "🐐" * 50, "’", "who\x00"]:
        assert filled("ask", "--", question).code == 0


# Pipes and signals, in a process of its own


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "PULLQUOTE_MODEL": "hashing", "PULLQUOTE_INDEX": str(folder)}


def run_program(
    arguments: list[str], folder: Path, more: dict[str, str] | None = None, **options: Any
) -> subprocess.CompletedProcess[str]:
    settings = environment(folder) | (more or {})
    return subprocess.run([*PROGRAM, *arguments], check=False, env=settings, encoding="utf-8", **options)


@POSIX
def test_a_closed_pipe_ends_silently(filled: Run, folder: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = run_program(["list"], folder, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert process.stderr == ""
    assert process.returncode == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_behind_the_output_is_one_line(filled: Run, folder: Path) -> None:
    with Path("/dev/full").open("w") as full:
        process = run_program(["list"], folder, stdout=full, stderr=subprocess.PIPE)
    assert process.returncode == 1
    assert one_line(process.stderr)


def test_output_that_cannot_show_a_character_still_comes(filled: Run, folder: Path) -> None:
    for arguments in (["ask", "iron bridge", "--threshold", "0"], ["list", "--json"]):
        process = run_program(
            arguments, folder, capture_output=True, more={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
        )
        assert process.returncode == 0
        assert process.stdout.isascii()
        assert "A bridge opens" in process.stdout


def many_articles(folder: Path, count: int) -> None:
    folder.mkdir()
    for number in range(count):
        lines = [f"On day {number} of week {line} the clerk wrote {number * line} letters home." for line in range(30)]
        (folder / f"{number:05}.txt").write_text(f"Story number {number}\n\n" + "\n\n".join(lines))


@POSIX
@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.soak)])
def test_a_stopped_add_keeps_what_is_done_and_goes_on_later(tmp_path: Path, folder: Path, number: int) -> None:
    many_articles(tmp_path / "many", 400)
    process = subprocess.Popen(
        [*PROGRAM, "add", "many"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(folder), text=True
    )
    deadline = time.monotonic() + 60
    kept = 0
    while not kept and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.05)
        if (folder / "words" / "meta.json").exists():
            with ArticleIndex.open(folder, create=False, settings=HASHING) as index:
                kept = index.counts()[0]
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    with ArticleIndex.open(folder, create=False, settings=HASHING) as index:
        kept = index.counts()[0]
    assert 0 < kept < 400
    assert err.splitlines()[-1] == f"Stopped. {kept:,} articles are kept; run the same command again to go on."
    assert f"The index holds {kept:,} articles." in out
    again = run_program(["add", "many", "--json"], folder, capture_output=True)
    assert again.returncode == 0, again.stderr
    report = json.loads(again.stdout)
    assert (len(report["unchanged"]), len(report["added"])) == (kept, 400 - kept)


@POSIX
def test_a_second_signal_ends_at_once() -> None:
    code = "import time\nfrom ui.progress import Interruption\nwith Interruption() as asked:\n"
    code += " print('ready', flush=True)\n while True: time.sleep(0.05)\n"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGINT)
    assert process.stderr.readline() == b"\n"
    assert b"again" in process.stderr.readline()
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == -signal.SIGINT
    process.communicate()


@POSIX
def test_add_on_a_terminal_shows_progress_on_stderr_alone(stories: Path, folder: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    terminal = {"TERM": "xterm", "COLUMNS": "100"}
    process = run_program(["add", "stories"], folder, stdout=subprocess.PIPE, stderr=theirs, more=terminal)
    os.close(theirs)
    pieces = []
    with contextlib.suppress(OSError):  # on Linux the end of a terminal is an error
        while piece := os.read(ours, 4096):
            pieces.append(piece)
    shown = b"".join(pieces).decode()
    os.close(ours)
    assert process.stdout == "3 articles added. The index holds 3 articles.\n"
    assert "/3" in shown
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")  # the cursor is shown again
