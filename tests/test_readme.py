"""The README's commands and Python are run against the examples, and what they print is compared.

Scores, percentages and the words for them may differ in a later version without a new README; nothing else may. To
write the real output into the README, run this file with ``UPDATE_README=1`` in the environment.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ui.command_line import app, main

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SCORES = re.compile(r"\b(?:high|good|fair|low) \(\d+%\)|\b\d+%|\b\d\.\d+\b|\b\d+\.\d{6,}\b|(?<=words )\d+\.\d+")


@pytest.fixture(scope="module")
def readme() -> str:
    return README.read_text("utf-8")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working folder with the examples, as after ``make run``."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "example-questions.jsonl", tmp_path / "docs")
    shutil.copy(ROOT / "docs" / "example-draft.md", tmp_path / "docs")
    monkeypatch.setenv("PULLQUOTE_INDEX", "my-articles")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def output_of(work: Callable[[], object]) -> str:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        work()
    return printed.getvalue()


def run_command(line: str) -> str:
    """Runs ``printf TEXT | pullquote ... | head -N | grep WORD`` in this process."""
    words = shlex.split(line)
    stages: list[list[str]] = [[]]
    for word in words:
        if word == "|":
            stages.append([])
        else:
            stages[-1].append(word)
    typed = stages.pop(0)[1].replace("\\n", "\n") if stages[0][0] == "printf" else ""
    assert stages[0][0] == "pullquote", line
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", io.StringIO(typed))
        lines = output_of(lambda: main(stages[0][1:])).splitlines(keepends=True)
    for name, argument in stages[1:]:
        assert name in ("head", "grep")
        lines = lines[: int(argument[1:])] if name == "head" else [line for line in lines if argument in line]
    return "".join(lines)


def blocks(readme: str) -> list[tuple[str, str]]:
    """Language and content of the fenced blocks, in the order in which they are run: ``add`` comes first."""
    found = [(match[1], match[2]) for match in _BLOCK.finditer(readme)]
    return sorted(found, key=lambda block: not block[1].startswith("$ pullquote add"))


def commands(console: str) -> list[tuple[str, str]]:
    """Each command of a console block with the output that is shown below it."""
    parts = re.split(r"^\$ (.*)\n", console, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def masked(text: str) -> str:
    return _SCORES.sub("#", text)


@pytest.mark.model
def test_the_readme_shows_what_really_comes(readme: str, place: Path) -> None:
    updated = readme
    wrong: list[tuple[str, str, str]] = []

    def compare(what: str, shown: str, real: str) -> None:
        nonlocal updated
        if masked(real) != masked(shown):
            wrong.append((what, shown, real))
        updated = updated.replace(f"{what}{shown}", f"{what}{real}", 1)

    namespace: dict[str, object] = {}
    ordered = blocks(readme)
    followed_by = dict(_python_and_output(readme))
    for language, content in ordered:
        if language == "console":
            for line, shown in commands(content):
                compare(f"$ {line}\n", shown, run_command(line))
        elif language == "python":
            code = compile(content, "README.md", "exec")
            real = output_of(lambda code=code: exec(code, namespace))  # type: ignore[misc]
            compare(f"{content}```\n\n```text\n", followed_by[content], real)
    if os.environ.get("UPDATE_README"):
        README.write_text(updated, "utf-8")
    assert not wrong


def _python_and_output(readme: str) -> list[tuple[str, str]]:
    return re.findall(r"^```python\n(.*?)^```\n\n```text\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)


def test_every_command_is_in_the_readme(readme: str) -> None:
    names = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    assert len(names) >= 8
    assert {name for name in names if f"pullquote {name}" not in readme} == set()


def test_what_the_readme_links_to_is_there(readme: str) -> None:
    targets = [target for target in re.findall(r"\]\(([^)]+)\)", readme) if "://" not in target]
    assert len(targets) >= 8
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_make_targets_of_the_readme_are_in_the_makefile(readme: str) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"^make (\w+)", readme, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
