"""The HTTP API: its OpenAPI document is true, and it adds only what it may."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from starlette.testclient import TestClient
from store_support import QUESTION, make_index

from index import ArticleIndex
from qa import SentenceReader
from ui.guard import Guard
from ui.http_api import Adding, add_api

OWN = "http://127.0.0.1:7860"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArticleIndex]:
    with make_index(tmp_path_factory.mktemp("api")) as opened:
        yield opened


def client_of(index: ArticleIndex, adding: Adding = "nothing") -> TestClient:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Guard)
    add_api(app, index, "1.2.3", reader=SentenceReader(), adding=adding)
    return TestClient(app, base_url=OWN)


@pytest.fixture(scope="module")
def client(index: ArticleIndex) -> TestClient:
    return client_of(index)


@pytest.fixture(scope="module")
def document(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/v1/openapi.json").json()
    return found


def test_the_document_is_valid_and_whole(document: dict[str, Any]) -> None:
    validate(document)
    assert document["info"]["version"] == "1.2.3"
    assert {path: set(methods) for path, methods in document["paths"].items()} == {
        "/api/v1/ask": {"post"},
        "/api/v1/retrieve": {"post"},
        "/api/v1/articles": {"get"},
        "/api/v1/articles/{number}": {"get"},
        "/api/v1/add": {"post"},
        "/api/v1/check": {"post"},
        "/api/v1/status": {"get"},
    }


def reply_schema(document: dict[str, Any], path: str, method: str, status: str) -> dict[str, Any]:
    replies = document["paths"][path][method]["responses"]
    schema = replies[status]["content"]["application/json"]["schema"]
    return {**schema, "components": document["components"]}


def closed(schema: Any) -> Any:
    """The schema with no field allowed that it does not name, so that a reply cannot say more than the document."""
    if isinstance(schema, dict):
        found = {key: closed(value) for key, value in schema.items()}
        return found | ({"additionalProperties": False} if "properties" in schema else {})
    return [closed(item) for item in schema] if isinstance(schema, list) else schema


REQUESTS: list[tuple[str, str, str, Any]] = [
    ("post", "/api/v1/ask", "/api/v1/ask", {"question": QUESTION, "threshold": 0}),
    ("post", "/api/v1/ask", "/api/v1/ask", {"question": "And who says so?", "threshold": 1, "history": [QUESTION]}),
    ("post", "/api/v1/ask", "/api/v1/ask", {"question": QUESTION, "since": "2099-01-01"}),
    ("post", "/api/v1/retrieve", "/api/v1/retrieve", {"question": QUESTION, "k": 2}),
    ("get", "/api/v1/articles", "/api/v1/articles", None),
    ("get", "/api/v1/articles/1", "/api/v1/articles/{number}", None),
    ("get", "/api/v1/status", "/api/v1/status", None),
    ("post", "/api/v1/check", "/api/v1/check", {"text": "It said “The ferry Aurora carries two hundred cars”."}),
]


@pytest.mark.parametrize(("method", "path", "template", "body"), REQUESTS)
def test_real_replies_are_what_the_document_says(
    client: TestClient, document: dict[str, Any], method: str, path: str, template: str, body: Any
) -> None:
    reply = client.request(method, path, json=body)
    assert reply.status_code == 200, reply.text
    schema = reply_schema(document, template, method, "200")
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(closed(schema)).validate(reply.json())
    assert list(Draft202012Validator(schema).iter_errors({"error": "x"}))
    if body is not None:
        asked = document["paths"][template]["post"]["requestBody"]["content"]["application/json"]
        request = {**asked["schema"], "components": document["components"]}
        Draft202012Validator(request).validate(body)
        Draft202012Validator(request).validate(asked["example"])
        assert list(Draft202012Validator(request).iter_errors({**body, "treshold": 1}))


@pytest.mark.parametrize(
    ("method", "path", "template", "body", "status"),
    [
        ("post", "/api/v1/ask", "/api/v1/ask", {"question": ""}, 400),
        ("post", "/api/v1/ask", "/api/v1/ask", {"question": "x", "threshold": 7}, 400),
        ("get", "/api/v1/articles/99", "/api/v1/articles/{number}", None, 404),
        ("get", "/api/v1/articles/first", "/api/v1/articles/{number}", None, 400),
        ("post", "/api/v1/add", "/api/v1/add", {"sources": ["/etc/passwd"]}, 403),
    ],
)
def test_real_errors_are_what_the_document_says(
    client: TestClient, document: dict[str, Any], method: str, path: str, template: str, body: Any, status: int
) -> None:
    reply = client.request(method, path, json=body)
    assert reply.status_code == status
    Draft202012Validator(closed(reply_schema(document, template, method, "4XX"))).validate(reply.json())


@pytest.fixture
def adding(tmp_path: Path) -> Iterator[Callable[[Adding], TestClient]]:
    with make_index(tmp_path) as index:
        yield lambda what: client_of(index, what)


def test_files_are_added_where_it_is_allowed(
    adding: Callable[[Adding], TestClient], document: dict[str, Any], tmp_path: Path
) -> None:
    story = tmp_path / "story.txt"
    story.write_text("The mayor opened the new library on Monday morning.\n\nIt has forty thousand books.\n", "utf-8")
    client = adding("everything")
    reply = client.post("/api/v1/add", json={"sources": [str(story), str(tmp_path / "none.txt")]})
    assert reply.status_code == 200
    found = reply.json()
    Draft202012Validator(closed(reply_schema(document, "/api/v1/add", "post", "200"))).validate(found)
    assert (found["added"], found["articles"]) == ([str(story)], 3)
    assert [failure["source"] for failure in found["failed"]] == [str(tmp_path / "none.txt")]
    asked = client.post("/api/v1/retrieve", json={"question": "Who opened the new library?", "k": 1}).json()
    assert asked["hits"][0]["article"]["source"] == str(story)


@pytest.mark.parametrize(
    ("what", "sources", "status", "part"),
    [
        ("nothing", ["/etc/hostname"], 403, "--allow-add"),
        ("nothing", ["https://example.org/"], 403, "--allow-add"),
        ("links", ["/etc/hostname"], 403, "it adds links only"),
        ("links", ["https://example.org/", "/etc/hostname"], 403, "it adds links only"),
        ("links", ["file:///etc/hostname"], 400, "not a link of the web"),
        ("everything", ["file:///etc/hostname"], 400, "not a link of the web"),
        ("everything", ["notes.txt"], 400, "not an absolute path"),
        ("everything", ["~/notes.txt"], 400, "not an absolute path"),
        ("everything", ["../notes.txt"], 400, "not an absolute path"),
        ("everything", [], 400, "sources"),
        ("everything", [""], 400, "sources"),
        ("everything", ["/a"] * 1_001, 400, "sources"),
    ],
)
def test_what_may_not_be_added_is_refused(
    adding: Callable[[Adding], TestClient], what: Adding, sources: list[str], status: int, part: str
) -> None:
    client = adding(what)
    reply = client.post("/api/v1/add", json={"sources": sources})
    assert reply.status_code == status
    assert part in reply.json()["error"]
    assert client.get("/api/v1/status").json()["articles"] == 2


def test_a_page_of_another_site_adds_nothing(adding: Callable[[Adding], TestClient], tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("The secret is under the third stone of the garden wall.\n", "utf-8")
    client = adding("everything")
    body = json.dumps({"sources": [str(secret)]})
    ours = {"Content-Type": "application/json"}
    for headers in (
        {**ours, "Origin": "http://evil.example"},
        {**ours, "Origin": "null"},
        {**ours, "Origin": "http://127.0.0.1:8000"},
        {**ours, "Origin": "http://localhost:7860"},
        {**ours, "Host": "evil.example:7860"},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=x"},
    ):
        reply = client.post("/api/v1/add", content=body, headers=headers)
        assert reply.status_code in (400, 403, 415), headers
    asked = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    permission = client.options("/api/v1/add", headers=asked)
    assert "access-control-allow-origin" not in permission.headers
    assert client.get("/api/v1/add").status_code == 404
    assert client.get("/api/v1/status").json()["articles"] == 2
    assert client.post("/api/v1/add", content=body, headers={**ours, "Origin": OWN}).status_code == 200


def test_links_lead_into_no_private_network(adding: Callable[[Adding], TestClient]) -> None:
    reply = adding("links").post("/api/v1/add", json={"sources": ["http://127.0.0.1:1/", "http://169.254.169.254/x"]})
    assert reply.status_code == 200
    assert reply.json()["added"] == []
    assert len(reply.json()["failed"]) == 2
