"""A kill in the middle of a write loses nothing that was stored before, and leaves no half of what was not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from store_support import QUESTION, answered, make_index

from qa import Turn
from ui.store import Store

ROOT = Path(__file__).parents[2]

WRITER = """
    import sys, itertools
    from pathlib import Path
    sys.path.insert(0, sys.argv[3])
    from store_support import QUESTION, answered
    from index import ArticleIndex, HashingEmbedder
    from qa import Turn
    from ui.store import Store
    with ArticleIndex.open(sys.argv[1], create=False, embedder=HashingEmbedder()) as index:
        turn = Turn(QUESTION, answered(index, QUESTION))
    store = Store(sys.argv[2])
    chat = store.chats.start("anna", QUESTION)
    print(chat.id, flush=True)
    for number in itertools.count():
        store.chats.add("anna", chat.id, turn)
        store.clippings.add("anna", turn.answer.quotes[0], note=str(number))
        print(number, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL there")
@pytest.mark.parametrize("after", [1, 4, 9])
def test_a_kill_loses_nothing_that_was_stored(tmp_path: Path, after: int) -> None:
    with make_index(tmp_path) as index:
        path = tmp_path / "web.sqlite"
        command = [
            sys.executable,
            "-c",
            textwrap.dedent(WRITER),
            str(index.folder),
            str(path),
            str(Path(__file__).parent),
        ]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
        assert process.stdout is not None
        chat = process.stdout.readline().strip()
        for _ in range(after):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        reported = after + len(process.stdout.read().splitlines())
        process.wait()
        with Store(path) as store:
            turns = store.chats.turns("anna", chat, index)
            assert reported <= len(turns) <= reported + 1
            assert store.chats.get("anna", chat).turns == len(turns)
            expected = answered(index, QUESTION)
            for turn in turns:
                assert [quote.text for quote in turn.answer.quotes] == [quote.text for quote in expected.quotes]
            store.chats.add("anna", chat, Turn(QUESTION, expected))
            assert len(store.clippings.list("anna", index)) == 1


def test_what_was_begun_by_a_process_that_died_is_undone(tmp_path: Path) -> None:
    program = """
        import os, sys
        from ui.store import Store
        store = Store(sys.argv[1])
        chat = store.chats.start("anna", "Kept?")
        with store._database.writing() as connection:
            connection.execute("DELETE FROM chat")
            connection.execute("INSERT INTO chat (id, owner, name, name_words, created, updated)"
                               " VALUES ('x', 'anna', 'torn', 'torn', '2026-01-01', '2026-01-01')")
            os._exit(9)
    """
    path = tmp_path / "web.sqlite"
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), str(path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert ended.returncode == 9
    with Store(path) as store:
        assert [chat.name for chat in store.chats.list("anna")] == ["Kept?"]
