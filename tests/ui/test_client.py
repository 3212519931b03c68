"""``ask`` and ``retrieve`` use a server on the same index, and only a server that is really one."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar

import pytest

from index import ArticleIndex, QuestionError, Settings
from ui import client
from ui.command_line import main

HASHING = Settings(model="hashing")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An index with one article."""
    monkeypatch.setenv("PULLQUOTE_MODEL", "hashing")
    (tmp_path / "a.txt").write_text("A bridge opens\n\nThe mayor opened the iron bridge on Monday.\n")
    folder = tmp_path / "index"
    with ArticleIndex.open(folder, settings=HASHING) as index:
        index.add(tmp_path / "a.txt")
    return folder


@pytest.fixture
def served(folder: Path) -> Iterator[Path]:
    """The same index with the program's own API running on it."""
    import uvicorn
    from fastapi import FastAPI

    from ui.http_api import add_api

    with ArticleIndex.open(folder, settings=HASHING) as index, socket.socket() as listening:
        app = FastAPI()
        add_api(app, index, version("pullquote"))
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        while not server.started:
            time.sleep(0.01)
        announce(folder, f"http://127.0.0.1:{listening.getsockname()[1]}")
        yield folder
        server.should_exit = True
        thread.join()


def announce(folder: Path, url: Any) -> None:
    (folder / client.FILE).write_text(json.dumps({"url": url, "pid": 1}))


class Stranger(BaseHTTPRequestHandler):
    """A server of something else, which answers with ``reply`` and remembers what it was asked."""

    reply: ClassVar[bytes] = b"{}"
    seen: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.seen.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.reply)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture
def stranger(folder: Path) -> Iterator[type[Stranger]]:
    """Announced in the index folder."""
    Stranger.seen.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stranger)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    announce(folder, f"http://127.0.0.1:{server.server_address[1]}")
    yield Stranger
    server.shutdown()
    server.server_close()


def run(capsys: pytest.CaptureFixture[str], folder: Path, *arguments: str) -> tuple[int, str, str]:
    code = main([*arguments, "--index", str(folder)])
    return code, *capsys.readouterr()


QUESTION = "Who opened the iron bridge on Monday?"


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask", QUESTION, "--threshold", "0"),
        ("ask", QUESTION, "--threshold", "0", "--json"),
        ("ask", QUESTION, "--threshold", "1"),
        ("retrieve", QUESTION, "-k", "1", "--json"),
        ("retrieve", QUESTION, "--source", "a.txt"),
        ("retrieve", QUESTION, "--source", "other.txt", "--author", "Ada", "--language", "en", "--article", "1"),
    ],
)
def test_a_server_answers_as_the_program_itself(
    served: Path,
    arguments: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(served.parent)
    by_server = run(capsys, served, *arguments)
    with monkeypatch.context() as other_model:
        # What the program itself would refuse, so the answer must have come from the server.
        other_model.setenv("PULLQUOTE_MODEL", "all-MiniLM-L6-v2")
        assert run(capsys, served, *arguments) == by_server
    (served / client.FILE).unlink()
    assert run(capsys, served, *arguments) == by_server
    assert by_server[0] == 0


def test_what_the_server_refuses_is_wrong_usage(served: Path, capsys: pytest.CaptureFixture[str]) -> None:
    by_server = run(capsys, served, "ask", QUESTION, "--since", "yesterday")
    (served / client.FILE).unlink()
    assert by_server == run(capsys, served, "ask", QUESTION, "--since", "yesterday")
    assert by_server[0] == 2


def test_a_refusal_is_an_error_of_ours(served: Path) -> None:
    server = client.running_server(served)
    assert server is not None
    with pytest.raises(QuestionError, match="empty"):
        server.post("/api/v1/ask", {"question": ""})
    assert server.post("/api/v1/nothing", {"question": ""}) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://192.0.2.1:7860",
        "http://example.org:7860",
        "http://127.0.0.1.example.org:7860",
        "https://127.0.0.1:7860",
        "file:///etc/passwd",
        "http://127.0.0.1",
        "http://127.0.0.1:99999",
        "http://[::1",
        "",
        7,
        None,
    ],
)
def test_only_addresses_of_this_machine_are_asked(
    folder: Path, url: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    announce(folder, url)

    def connect(*arguments: Any) -> None:
        raise AssertionError("a connection was made")

    monkeypatch.setattr(socket, "create_connection", connect)
    assert client.running_server(folder) is None
    assert run(capsys, folder, "ask", QUESTION)[0] == 0


@pytest.mark.parametrize("content", ["", "[]", "{", "{}", "null", "\x00"])
def test_an_announcement_that_is_none(folder: Path, content: str) -> None:
    (folder / client.FILE).write_text(content)
    assert client.running_server(folder) is None


@pytest.mark.parametrize("status", [{}, [], "", {"index": "/somewhere/else", "pullquote": version("pullquote")}])
def test_a_server_of_something_else_gets_no_question(
    folder: Path, stranger: type[Stranger], status: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    stranger.reply = json.dumps(status).encode()
    assert run(capsys, folder, "ask", QUESTION)[0] == 0
    assert stranger.seen == ["/api/v1/status"]


def test_a_server_of_another_version_gets_no_question(folder: Path, stranger: type[Stranger]) -> None:
    stranger.reply = json.dumps({"index": str(folder), "pullquote": "0.0.0"}).encode()
    assert client.running_server(folder) is None
    stranger.reply = json.dumps({"index": str(folder), "pullquote": version("pullquote")}).encode()
    assert client.running_server(folder) is not None


def test_a_server_that_is_gone_or_silent_costs_little(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        announce(folder, f"http://127.0.0.1:{listening.getsockname()[1]}")
        began = time.monotonic()
        assert client.running_server(folder) is None
        assert time.monotonic() - began < 2 * client.STATUS_SECONDS
    assert run(capsys, folder, "ask", QUESTION)[0] == 0


def test_no_proxy_sees_a_question(served: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://192.0.2.1:3128")
    monkeypatch.setenv("no_proxy", "")
    assert client.running_server(served) is not None


def test_a_server_with_accounts_is_passed_over_quickly_and_without_a_word(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import uvicorn
    from fastapi import FastAPI

    from ui.accounts import Doorkeeper, Gate
    from ui.http_api import add_api
    from ui.store import Store, store_path

    assert main(["ask", "Who opened the bridge?", "--index", str(folder), "--json"]) == 0
    alone = capsys.readouterr()
    with ArticleIndex.open(folder, settings=HASHING) as index, socket.socket() as listening:
        store = Store(store_path(index))
        app = FastAPI()
        app.add_middleware(Gate, doorkeeper=Doorkeeper(store.accounts), cookie="pullquote")
        add_api(app, index, version("pullquote"))
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        while not server.started:
            time.sleep(0.01)
        announce(folder, f"http://127.0.0.1:{listening.getsockname()[1]}")
        try:
            found = client._announced(folder)
            assert found is not None
            reply = found.request("GET", "/api/v1/status", None, client.STATUS_SECONDS)
            assert reply is not None
            assert reply[0] == 401
            began = time.monotonic()
            assert client.running_server(folder) is None
            assert time.monotonic() - began < 2 * client.STATUS_SECONDS
            assert main(["ask", "Who opened the bridge?", "--index", str(folder), "--json"]) == 0
        finally:
            server.should_exit = True
            thread.join()
            store.close()
    assert capsys.readouterr() == alone
