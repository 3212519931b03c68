"""``pullquote sync --dry-run``, and tables and archives on the command line."""

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


def write(path: Path, *names: str) -> None:
    path.parent.mkdir(exist_ok=True)
    rows = [{"id": name, "title": name, "text": f"{name} opened the bridge of {name}."} for name in names]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_a_dry_run_shows_what_a_real_run_does(run: Run, tmp_path: Path) -> None:
    stories = tmp_path / "stories"
    write(stories / "a.jsonl", "Ada", "Bea")
    write(stories / "b.jsonl", "Cid")
    assert run("add", "stories")[0] == 0
    write(stories / "a.jsonl", "Ada", "Dot")
    (stories / "b.jsonl").rename(stories / "c.jsonl")
    code, out, _ = run("sync", "--dry-run")
    assert code == 0
    assert out.splitlines() == [
        "would add: stories/a.jsonl#id:Dot",
        "would move: stories/b.jsonl#id:Cid → stories/c.jsonl#id:Cid",
        "would remove: stories/a.jsonl#id:Bea",
        "Nothing was changed. In a real run: 1 article added, 1 unchanged, 1 moved, 1 removed.",
    ]
    plan = json.loads(run("sync", "-n", "--json")[1])
    assert (plan["dry_run"], plan["articles"]) == (True, 3)
    done = json.loads(run("sync", "--json")[1])
    assert done["dry_run"] is False
    for name in ("added", "updated", "duplicates", "moved", "removed", "articles"):
        assert done[name] == plan[name]
    assert done["moved"] == [{"from": f"{stories}/b.jsonl#id:Cid", "to": f"{stories}/c.jsonl#id:Cid"}]
    assert run("sync")[1] == "0 articles added, 3 unchanged. The index holds 3 articles.\n"


def test_removing_a_table_asks_first(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "stories" / "a.jsonl", "Ada", "Bea")
    run("add", "stories/a.jsonl")
    code, _, err = run("remove", "stories/a.jsonl")
    assert code != 0
    assert "2 articles would be removed; add --yes" in err
    assert "Removed “Ada”" in run("remove", "stories/a.jsonl#id:Ada")[1]
    assert run("remove", "--yes", "stories/*.jsonl")[0] == 0
    assert json.loads(run("list", "--json")[1])["articles"] == []
