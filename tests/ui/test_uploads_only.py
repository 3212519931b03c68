"""A link in the place of a file makes the server fetch nothing, whoever sends it and for whichever part of the page."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from test_accounts_web import press
from web_support import Served, serving, write_articles

from index import ArticleIndex, HashingEmbedder
from qa import SentenceReader


@pytest.fixture
def inside() -> Iterator[tuple[str, list[str]]]:
    """A server of the inner network: its address, and what it was asked, directly or as a proxy."""
    asked: list[str] = []

    class Inside(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"a secret of the inner network")

        do_CONNECT = do_GET  # noqa: N815

        def log_message(self, *arguments: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Inside)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", asked
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def reachable(
    tmp_path: Path, inside: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Served, list[str]]]:
    """A page that other machines reach, on a machine whose way out is a proxy, and what was fetched through it."""
    folder = write_articles(tmp_path / "articles")
    with ArticleIndex.open(tmp_path / "index", embedder=HashingEmbedder()) as index:
        index.add(folder)
        with serving(index, folder, host="0.0.0.0", reader=SentenceReader()) as running:
            for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"):
                monkeypatch.setenv(name, inside[0])
            yield running, inside[1]


def file_at(link: str) -> dict[str, Any]:
    return {"path": link, "url": link, "orig_name": "a.txt", "meta": {"_type": "gradio.FileData"}}


def test_a_link_in_the_place_of_a_file_is_not_fetched(
    reachable: tuple[Served, list[str]], inside: tuple[str, list[str]]
) -> None:
    served, asked = reachable
    with httpx.Client(base_url=served.url, trust_env=False, timeout=60) as client:
        config = client.get("/config").json()
        numbers = {one["props"].get("elem_id"): one["id"] for one in config["components"]}
        add = next(one for one in config["dependencies"] if [numbers["pq-add"], "click"] in one["targets"])
        for link in ("http://192.0.2.7/secret", f"{inside[0]}/secret", "https://huggingface.co/secret"):
            for value in ([file_at(link)], file_at(link)):
                data = [value, "", *[None] * (len(add["inputs"]) - 2)]
                body = {"data": data, "fn_index": add["id"], "session_hash": "s", "event_data": None}
                reply = client.post("/gradio_api/queue/join", json=body)
                assert (reply.status_code, "link" in reply.text) == (403, True)
                # Gradio takes a file for a text, too.
                reply = client.post("/gradio_api/call/ask", json={"data": [value, None, None]})
                assert reply.status_code == 403
        deep = client.post("/gradio_api/queue/join", content=b"[" * 200_000 + b"]" * 200_000)
        assert deep.status_code in (403, 422)
        assert client.post("/gradio_api/queue/join", content=b"{").status_code == 422
    assert asked == []


def test_what_is_no_file_comes_through(reachable: tuple[Served, list[str]]) -> None:
    served, asked = reachable
    with httpx.Client(base_url=served.url, trust_env=False, timeout=60) as client:
        told = press(client, "pq-check", "click", "He said: “https://example.org/a is a link.”", session="draft")[-1]
        assert told["success"]
        event = client.post("/gradio_api/call/ask", json={"data": ["Is https://example.org/ a link?", None, None]})
        assert event.status_code == 200
    assert asked == []


def test_dropped_files_are_taken_as_before(tmp_path: Path) -> None:
    folder = write_articles(tmp_path / "articles")
    with ArticleIndex.open(tmp_path / "index", embedder=HashingEmbedder()) as index:
        index.add(folder)
        with (
            serving(index, folder, reader=SentenceReader()) as running,
            httpx.Client(base_url=running.url, trust_env=False, timeout=60) as client,
        ):
            text = b"The mill\n\nThe mill of Hals was sold.\n"
            path = client.post("/gradio_api/upload", files={"files": ("mill.txt", text)}).json()[0]
            dropped = file_at(path) | {"url": f"{running.url}/gradio_api/file={path}"}
            assert press(client, "pq-add", "click", [dropped], "", session="add")[-1]["success"]
        assert index.counts()[0] == 5
