"""The page's endpoints, called by the real ``gradio_client`` from a real server."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import pytest
import uvicorn
from fastapi import FastAPI
from gradio_client import Client
from gradio_client.exceptions import AppError
from store_support import QUESTION, answered, make_index

from index import ArticleIndex
from qa import SentenceReader, retrieve
from ui.gradio_api import add_gradio_api
from ui.guard import Guard
from ui.server import listening_socket


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArticleIndex]:
    with make_index(tmp_path_factory.mktemp("gradio")) as opened:
        yield opened


def small_page() -> gr.Blocks:
    """A page with a part that is made when it is loaded, and an event that is its own business."""
    with gr.Blocks(analytics_enabled=False) as page:
        gr.Markdown(lambda: "made when loaded")
        box = gr.Textbox()
        box.submit(lambda text: text, box, box, api_visibility="private")
    return page


@pytest.fixture(scope="module")
def client(index: ArticleIndex) -> Iterator[Client]:
    page = small_page()
    add_gradio_api(page, index, strictness="generous", reader=SentenceReader())
    app = FastAPI()
    app.add_middleware(Guard)
    gr.mount_gradio_app(app, page, "/", show_error=True, ssr_mode=False)
    listening = listening_socket("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1, ws="none"))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.02)
    yield Client(f"http://127.0.0.1:{listening.getsockname()[1]}", verbose=False, analytics_enabled=False)
    server.should_exit = True
    thread.join()


def test_the_client_gets_what_python_finds(client: Client, index: ArticleIndex) -> None:
    answer = client.predict(QUESTION, api_name="/ask")
    expected = answered(index, QUESTION)
    assert answer["question"] == QUESTION
    assert answer["confidence"] == pytest.approx(expected.confidence, abs=1e-3)
    found = client.predict(QUESTION, k=2, api_name="/retrieve")
    assert [hit["text"] for hit in found["hits"]] == [hit.text for hit in retrieve(index, QUESTION, 2)]
    dated = client.predict(QUESTION, since="2099-01-01", api_name="/ask")
    assert (dated["answered"], dated["reason"]) == (False, "No article passes the filters.")


def test_a_wrong_call_is_told(client: Client) -> None:
    with pytest.raises(AppError, match="the question is empty"):
        client.predict("", api_name="/ask")
    with pytest.raises(AppError, match="'soon' is not a date"):
        client.predict(QUESTION, since="soon", api_name="/ask")


def test_nothing_else_becomes_an_endpoint_or_runs_twice(client: Client, index: ArticleIndex, tmp_path: Path) -> None:
    names = client.view_api(return_format="dict", print_info=False)["named_endpoints"].keys()
    assert {"/ask", "/retrieve"} <= names
    page = small_page()
    before = len(page.fns)
    add_gradio_api(page, index)
    assert len(page.fns) == before + 2
