"""The examples of docs/doors.md are run against the example articles, and what comes is compared with what is shown.

Scores may differ in a later version without a new page; nothing else may. To write the real output into the page, run
this file with ``UPDATE_README=1`` in the environment.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from urllib.parse import urlsplit

import pytest
from test_readme import commands, masked

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "doors.md"
HOME, ADDRESS = "/home/me", "http://127.0.0.1:7860"
"""What the page says instead of the folder of the test and the address of its server."""
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_WITH_OUTPUT = re.compile(r"^```python\n(.*?)^```\n\n```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the examples in an index."""
    from ui.command_line import main

    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.setenv("PULLQUOTE_INDEX", "my-articles")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    assert main(["add", "examples", "--json"]) == 0
    return tmp_path


@pytest.fixture
def server(place: Path) -> Iterator[str]:
    """The address of ``pullquote serve --allow-add``, run as the page says."""
    command = [sys.executable, "-c", "import sys; from ui.command_line import main; sys.exit(main())"]
    process = subprocess.Popen(
        [*command, "serve", "--allow-add", "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        assert process.stdout is not None
        lines = ""
        while not lines.rstrip().endswith("}"):
            line = process.stdout.readline()
            assert line, "the server ended"
            lines += line
        yield json.loads(lines)["url"]
    finally:
        process.terminate()
        process.communicate(timeout=30)


def run_curl(line: str, server: str) -> str:
    """Sends what ``curl -s URL -H HEADER -d BODY | python -m json.tool | head -N`` would."""
    first, *stages = [shlex.split(stage) for stage in line.split(" | ")]
    assert first[:2] == ["curl", "-s"]
    assert first[3] == "-H"
    assert first[5] == "-d"
    name, value = first[4].split(": ")
    connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=280)
    path = first[2].removeprefix(ADDRESS)
    connection.request("POST", path, first[6].encode(), {name: value})
    text = connection.getresponse().read().decode()
    connection.close()
    for stage in stages:
        if stage == ["python", "-m", "json.tool"]:
            text = json.dumps(json.loads(text), indent=4) + "\n"
        else:
            assert stage[0] in ("head", "tail")
            count = int(stage[1][1:])
            rows = text.splitlines(keepends=True)
            text = "".join(rows[:count] if stage[0] == "head" else rows[-count:])
    return text if text.endswith("\n") else f"{text}\n"


def printed_by(code: CodeType, namespace: dict[str, object]) -> str:
    """What a program prints; its errors are left alone, because a process that it starts writes to the same place."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, namespace)
    return printed.getvalue()


@pytest.mark.model
def test_the_page_on_the_doors_shows_what_really_comes(place: Path, server: str) -> None:
    page = PAGE.read_text("utf-8")
    updated = page
    wrong: list[tuple[str, str, str]] = []
    compared = 0

    def compare(what: str, shown: str, real: str) -> None:
        nonlocal updated, compared
        compared += 1
        real = real.replace(str(place), HOME).replace(server, ADDRESS)
        if masked(real) != masked(shown):
            wrong.append((what, shown, real))
        updated = updated.replace(f"{what}{shown}", f"{what}{real}", 1)

    for language, content in _BLOCK.findall(page):
        if language == "console":
            for line, shown in commands(content):
                compare(f"$ {line}\n", shown, run_curl(line.replace(HOME, str(place)), server))
    namespace: dict[str, object] = {}
    for content, shown in _WITH_OUTPUT.findall(page):
        code = compile(content.replace(ADDRESS, server), "doors.md", "exec")
        real = printed_by(code, namespace)
        compare(f"{content}```\n\n```text\n", shown, real)
    if os.environ.get("UPDATE_README"):
        PAGE.write_text(updated, "utf-8")
    assert not wrong
    assert compared == 8


def test_the_page_names_every_path_and_every_tool() -> None:
    from index import ArticleIndex
    from ui.http_api_models import REQUESTS

    page = PAGE.read_text("utf-8")
    api = (ROOT / "ui" / "http_api.py").read_text("utf-8")
    paths = set(re.findall(r"@routes\.(?:get|post)\(\s*\"(/[^\"]+)\"", api)) - {"/openapi.json"}
    assert len(paths) == 7
    assert {path for path in paths if f" /api/v1{path}`" not in page} == set()
    assert ArticleIndex.__name__ in page
    assert len(REQUESTS) == 4
    assert "`check_quote`" in page
