"""The HTTP API, what the server refuses, and how it starts and ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from web_support import FILES, Served, make_index, serving

from index import ArticleIndex, HashingEmbedder, PullquoteError, Settings
from qa import Hit, Turn, ask, retrieve
from qa.reading import Candidate
from ui.as_json import answer_json, hit_json
from ui.client import running_server
from ui.server import listening_socket, serve

QUESTION = "How many cars does the ferry Aurora carry?"


def _environment() -> dict[str, str]:
    """That of a program of its own which imports the project from here."""
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}


@pytest.fixture(scope="module")
def hashed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server whose embedder is the hashing one: for what does not depend on the model."""
    folder = tmp_path_factory.mktemp("hashed")
    with make_index(folder, HashingEmbedder()) as index, serving(index, folder / "articles") as running:
        yield running


@pytest.fixture
def client(hashed: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=hashed.url, trust_env=False, timeout=60) as opened:
        yield opened


def same(found: Any, expected: Any) -> None:
    """Compares JSON; the numbers may differ in their last digits."""
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for name in expected:
            same(found[name], expected[name])
    elif isinstance(expected, list):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            same(one, other)
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, abs=1e-3)
    else:
        assert found == expected


def test_ask_gives_the_answer_of_python(hashed: Served, client: httpx.Client) -> None:
    reply = client.post("/api/v1/ask", json={"question": QUESTION, "threshold": 0.0})
    assert reply.status_code == 200
    found = reply.json()
    assert found["answered"]
    assert found["quotes"][0]["text"] in FILES["bridge.txt"]
    same(found, json.loads(json.dumps(answer_json(ask(hashed.index, QUESTION, threshold=0.0)))))


def test_history_makes_the_question_that_is_searched(hashed: Served, client: httpx.Client) -> None:
    first = Turn(QUESTION, ask(hashed.index, QUESTION))
    expected = ask(hashed.index, "And what do its tickets cost?", (first,))
    reply = client.post("/api/v1/ask", json={"question": "And what do its tickets cost?", "history": [QUESTION]})
    assert reply.json()["question"] == expected.question != "And what do its tickets cost?"


def test_retrieve_gives_the_passages_of_python(hashed: Served, client: httpx.Client) -> None:
    reply = client.post("/api/v1/retrieve", json={"question": QUESTION, "k": 3})
    expected = [hit_json(hit) for hit in retrieve(hashed.index, QUESTION, 3)]
    assert len(expected) == 3
    same(reply.json(), json.loads(json.dumps({"hits": expected})))


def test_filters_limit_the_articles(hashed: Served, client: httpx.Client) -> None:
    bees = next(article.id for article in hashed.index.articles() if article.source.endswith("bees.txt"))
    body = {"question": QUESTION, "k": 10, "articles": [bees]}
    hits = client.post("/api/v1/retrieve", json=body).json()["hits"]
    assert hits
    assert {hit["article"]["id"] for hit in hits} == {bees}
    dated = client.post("/api/v1/retrieve", json={"question": QUESTION, "since": "2020-01-01"}).json()
    assert dated == {"hits": []}  # none of the articles has a date


def test_articles_are_listed_and_given_whole(hashed: Served, client: httpx.Client) -> None:
    listed = client.get("/api/v1/articles").json()["articles"]
    assert [article["id"] for article in listed] == [article.id for article in hashed.index.articles()]
    assert all("text" not in article for article in listed)
    one = next(article for article in listed if article["source"].endswith("bees.txt"))
    whole = client.get(f"/api/v1/articles/{one['id']}").json()
    assert whole["text"] == FILES["bees.txt"].replace("\r\n", "\n").rstrip("\n") or whole["text"] == FILES[
        "bees.txt"
    ].replace("\r\n", "\n")
    missing = client.get("/api/v1/articles/999999")
    assert (missing.status_code, missing.json()) == (404, {"error": "there is no article 999999"})


def test_status_names_the_index(hashed: Served, client: httpx.Client) -> None:
    status = client.get("/api/v1/status").json()
    assert status["index"] == str(hashed.index.folder)
    assert status["pid"] == os.getpid()
    assert (status["articles"], status["passages"]) == hashed.index.counts()


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ({"question": ""}, "the question is empty"),
        ({"question": "x" * 100_000}, "100,000 characters"),
        ({"question": QUESTION, "since": "yesterday"}, "'yesterday' is not a date"),
        ({"question": QUESTION, "treshold": 0.5}, "treshold"),
        ({"question": QUESTION, "threshold": 2}, "threshold"),
        ({"question": QUESTION, "articles": ["1"]}, "articles.0"),
        ({"question": 5}, "question"),
        ({}, "question"),
        ([], "not a JSON object"),
    ],
)
def test_bad_requests_get_one_line(client: httpx.Client, body: Any, part: str) -> None:
    reply = client.post("/api/v1/ask", json=body)
    assert reply.status_code == 400
    assert list(reply.json()) == ["error"]
    assert part in reply.json()["error"]
    assert "\n" not in reply.json()["error"]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_is_not_json_gets_one_line(client: httpx.Client, content: bytes) -> None:
    reply = client.post("/api/v1/ask", content=content, headers={"Content-Type": "application/json"})
    assert reply.status_code == 400
    assert "not a JSON object" in reply.json()["error"]


def test_a_huge_request_is_refused(client: httpx.Client) -> None:
    body = json.dumps({"question": QUESTION, "history": ["x" * 2_000_000]})
    reply = client.post("/api/v1/ask", content=body, headers={"Content-Type": "application/json"})
    assert reply.status_code == 400
    assert "larger than" in reply.json()["error"]


@pytest.mark.parametrize("question", ["\ud800 lone", "“", '"', "-", "🐝 \u202e", "NUL \x00 inside"])
def test_any_text_is_a_question(client: httpx.Client, question: str) -> None:
    body = json.dumps({"question": question})
    reply = client.post("/api/v1/ask", content=body, headers={"Content-Type": "application/json"})
    assert reply.status_code == 200
    assert reply.json()["asked"] == question


def test_an_unknown_path_says_so(client: httpx.Client) -> None:
    reply = client.get("/api/v1/nothing")
    assert reply.status_code == 404
    assert "/api/v1/nothing" in reply.json()["error"]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:7860", "127.0.0.1.evil.example", "127.0.0.2", ""])
@pytest.mark.parametrize("path", ["/", "/api/v1/status", "/config"])
def test_other_hosts_are_refused(client: httpx.Client, host: str, path: str) -> None:
    reply = client.get(path, headers={"Host": host})
    assert reply.status_code == 400
    assert "does not answer for" in reply.json()["error"]


@pytest.mark.parametrize("host", ["127.0.0.1:1", "localhost", "LOCALHOST:7860", "[::1]:7860"])
def test_this_machine_is_answered(client: httpx.Client, host: str) -> None:
    assert client.get("/api/v1/status", headers={"Host": host}).status_code == 200


def test_pages_of_other_sites_are_refused(client: httpx.Client) -> None:
    for origin in ("http://evil.example", "null", "http://127.0.0.1:1"):
        reply = client.post("/api/v1/ask", json={"question": QUESTION}, headers={"Origin": origin})
        assert reply.status_code == 403
        assert client.get("/config", headers={"Origin": origin}).status_code == 403
    own = str(client.base_url).rstrip("/")
    assert client.post("/api/v1/ask", json={"question": QUESTION}, headers={"Origin": own}).status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None])
def test_the_api_takes_nothing_that_a_form_can_send(client: httpx.Client, kind: str | None) -> None:
    headers = {"Content-Type": kind} if kind else {}
    reply = client.post("/api/v1/ask", content=json.dumps({"question": QUESTION}).encode(), headers=headers)
    assert reply.status_code == 415


@pytest.mark.parametrize("path", ["/", "/api/v1/status", "/pullquote/page.js", "/nothing"])
def test_every_reply_carries_the_security_headers(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    scripts = next(part for part in headers["Content-Security-Policy"].split("; ") if part.startswith("script-src"))
    assert "unsafe" not in scripts
    assert "http" not in headers["Content-Security-Policy"]


def test_a_missing_index_is_said_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(PullquoteError, match="there is no index"):
        serve(tmp_path / "none", settings=Settings())
    assert not (tmp_path / "none").exists()


def test_the_next_free_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with listening_socket("127.0.0.1", port) as found:
            assert port < found.getsockname()[1] <= port + 50


@pytest.mark.parametrize("port", [-1, 65_536])
def test_a_number_that_is_no_port_is_said(port: int) -> None:
    with pytest.raises(PullquoteError, match="is not a port"):
        listening_socket("127.0.0.1", port)


class WaitingReader:
    """Says nothing, and only when it may."""

    fingerprint = "waiting"

    def __init__(self) -> None:
        self.opened = threading.Event()

    def read(self, index: ArticleIndex, asked: Sequence[tuple[str, Sequence[Hit]]]) -> list[list[Candidate]]:
        assert self.opened.wait(60)
        return [[] for _ in asked]


def test_a_crowd_that_waits_for_answers_holds_nobody_else_up(tmp_path: Path) -> None:
    reader = WaitingReader()
    with (
        make_index(tmp_path, HashingEmbedder()) as index,
        serving(index, tmp_path, reader=reader) as served,
        httpx.Client(base_url=served.url, trust_env=False, timeout=60, limits=httpx.Limits()) as client,
        ThreadPoolExecutor(80) as crowd,
    ):
        asked = [crowd.submit(client.post, "/api/v1/ask", json={"question": f"{n}?"}) for n in range(80)]
        try:
            time.sleep(1)
            for _ in range(3):
                assert client.get("/api/v1/status", timeout=10).status_code == 200
                assert client.post("/api/v1/retrieve", json={"question": QUESTION}, timeout=10).json()["hits"]
            assert not any(one.done() for one in asked)
        finally:
            reader.opened.set()
        assert {one.result().json()["asked"] for one in asked} == {f"{n}?" for n in range(80)}


@pytest.mark.model
@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent differently there")
@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.soak)])
def test_serve_announces_itself_and_ends_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    with ArticleIndex.open(tmp_path / "index"):
        pass
    program = textwrap.dedent(
        """
        import sys
        from index import Settings
        from ui.server import serve
        serve(sys.argv[1], settings=Settings(), port=0, ready=lambda url: print(url, flush=True))
        print("ended")
        """
    )
    command = [sys.executable, "-c", program, str(tmp_path / "index")]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=_environment(), cwd=tmp_path
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        announced = json.loads((tmp_path / "index" / "server.json").read_text())
        assert announced == {"url": url, "pid": process.pid}
        server = running_server(tmp_path / "index")
        assert server is not None
        assert (
            server.post("/api/v1/ask", {"question": "Anything?"})["reason"] == "There are no articles in the index yet."
        )
        # A page that is open must not hold the end up.
        with httpx.stream("GET", f"{url}/gradio_api/heartbeat/abc", trust_env=False, timeout=5):
            process.send_signal(number)
            output, errors = process.communicate(timeout=10)
        assert process.returncode == 0
        assert output.strip() == "ended"
        assert errors == ""
        assert not (tmp_path / "index" / "server.json").exists()
    finally:
        process.kill()
        process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent differently there")
@pytest.mark.parametrize(
    "seconds", [0.0, 0.7, *(pytest.param(0.05 * step, marks=pytest.mark.soak) for step in range(1, 200))]
)
def test_serve_can_be_ended_while_it_starts(tmp_path: Path, seconds: float) -> None:
    with ArticleIndex.open(tmp_path / "index"):
        pass
    program = textwrap.dedent(
        """
        import signal, sys
        from index import Settings
        from ui.server import serve

        def listen(number, handler, original=signal.signal):
            before = original(number, handler)
            if number == signal.SIGTERM:  # the second of the two: a Ctrl-C before was Python's own
                print("starting", flush=True)
            return before

        signal.signal = listen
        serve(sys.argv[1], settings=Settings(), port=0, ready=lambda url: print(url, flush=True))
        """
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "index")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=_environment(),
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "starting\n"
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
        assert (process.returncode, errors) == (0, "")
        assert not (tmp_path / "index" / "server.json").exists()
    finally:
        process.kill()
        process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent differently there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_can_be_ended_as_soon_as_it_takes_signals(tmp_path: Path, number: signal.Signals) -> None:
    with ArticleIndex.open(tmp_path / "index"):
        pass
    program = textwrap.dedent(
        """
        import signal, sys
        from index import Settings
        from ui.server import serve

        folder, number = sys.argv[1], int(sys.argv[2])
        usual = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]
        sent = []

        def take(taken, handler, original=signal.signal):
            before = original(taken, handler)
            if taken == number and not sent:
                sent.append(number)
                signal.raise_signal(number)
            return before

        signal.signal = take
        serve(folder, settings=Settings(), port=0, ready=print)
        print(sent, [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)] == usual)
        """
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "index"), str(int(number))],
        capture_output=True,
        text=True,
        env=_environment(),
        check=False,
        timeout=30,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, f"[{int(number)}] True\n", "")


def test_importing_the_server_loads_nothing_heavy() -> None:
    program = "import sys, ui.server; print([name for name in ('gradio', 'fastapi', 'torch') if name in sys.modules])"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=_environment()
    )
    assert loaded.stdout.strip() == "[]"
