"""What the page costs to load: it is sent compressed, and what never changes is kept by the browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from web_support import make_index, serving

from index import HashingEmbedder


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("weight")
    with (
        make_index(folder, HashingEmbedder()) as index,
        serving(index, Path(folder)) as running,
        httpx.Client(base_url=running.url) as open_client,
    ):
        yield open_client


def test_the_page_is_sent_compressed_and_is_the_same_page(client: httpx.Client) -> None:
    packed = client.get("/", headers={"Accept-Encoding": "gzip"})
    plain = client.get("/", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert int(packed.headers["content-length"]) < len(plain.content) / 3
    assert "accept-encoding" in packed.headers["vary"].lower()
    # Gradio writes an id of its own into each page; the rest is the same.
    own = re.compile(r'"(?:app_id|session_hash|username)":[^,}]*')
    assert own.sub("", packed.text) == own.sub("", plain.text)


def test_scripts_that_never_change_are_kept_by_the_browser_and_the_page_is_not(client: httpx.Client) -> None:
    page = client.get("/")
    script = re.search(r'src="\./(assets/[^"]+\.js)"', page.text)
    assert script
    assert "immutable" in client.get(f"/{script[1]}").headers["cache-control"]
    assert "immutable" not in page.headers.get("cache-control", "")
    assert "immutable" not in client.get("/assets/no-such-file.js").headers.get("cache-control", "")
