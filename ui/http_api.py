"""The HTTP API: what ``ask``, ``retrieve``, ``list`` and ``add`` do, as JSON, for programs on this machine.

The document that describes it in OpenAPI's terms is made from the routes themselves.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import Annotated, Any, Literal, TypeVar

import anyio
import anyio.to_thread
from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError
from pydantic.json_schema import models_json_schema

from index import ArticleIndex, IndexLockedError, PullquoteError
from qa import Reader, Turn, ask, check_draft, retrieve

from .as_json import answer_json, article_json, checked_json, hit_json
from .http_api_models import (
    REQUESTS,
    AddReply,
    AddRequest,
    AnswerReply,
    ArticlesReply,
    ArticleWithTextReply,
    AskRequest,
    CheckReply,
    CheckRequest,
    ErrorReply,
    RetrieveReply,
    RetrieveRequest,
    StatusReply,
    request_body,
)
from .libraries import Libraries

LARGEST_BODY = 1_000_000
"""Bytes; far more than the longest question and its history."""
LONGEST_HISTORY = 20
"""Earlier questions that are taken into account."""
ASKED_AT_ONCE = 4
"""Questions that are worked on; the others wait without a thread, so that the rest of the server has some."""
PREFIX = "/api/v1"

Adding = Literal["nothing", "links", "everything"]
"""What a server lets its callers add. Paths are files of the server's machine: nobody on another one may name them."""


class Reply(JSONResponse):
    """JSON in ASCII, so that any text there is can be sent."""

    def render(self, content: Any) -> bytes:
        return json.dumps(content, separators=(",", ":")).encode()


class RefusedError(PullquoteError):
    """A request that cannot be understood; the message says what to change."""


class ForbiddenError(PullquoteError):
    """A request for what this server does not do for anybody; the message says how it is allowed."""


Request_ = TypeVar("Request_", bound=BaseModel)
Pick = Callable[[str | None], ArticleIndex]
"""Gives the articles of a library by its name, of the first one for None, or refuses."""
Library = Annotated[str | None, Query(description="The library; the first one when it is left out.")]


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise RefusedError(f"the request is larger than {LARGEST_BODY:,} bytes")
    return body


Body = Annotated[bytes, Depends(_body)]


def add_api(
    app: FastAPI,
    index: ArticleIndex,
    version: str,
    *,
    strictness: str | None = None,
    reader: Reader | None = None,
    adding: Adding = "nothing",
    libraries: Libraries | None = None,
) -> None:
    """Adds the API under ``/api/v1`` to an application.

    Args:
        app: the application.
        index: the articles.
        version: the program's version, which ``/status`` tells.
        strictness: of questions that name none.
        reader: what chooses the sentences; the default reader when None.
        adding: what callers may add.
        libraries: what a request may name as its library; the index alone when None.
    """

    def pick(name: str | None) -> ArticleIndex:
        if libraries is not None:
            return libraries.get(name).index
        if name is not None and name != index.folder.name:
            raise RefusedError(f"there is no library {name[:80]!r}; there is: {index.folder.name}")
        return index

    app.add_exception_handler(PullquoteError, _error_reply)
    app.add_exception_handler(RequestValidationError, _error_reply)
    routes = APIRouter(
        prefix=PREFIX, default_response_class=Reply, responses={"4XX": {"model": ErrorReply, "description": "Refused"}}
    )
    _add_questions(routes, pick, strictness, reader)
    _add_articles(routes, pick, adding)

    @routes.get("/status", response_model=StatusReply, summary="The program and its index")
    def status() -> Response:
        count, passages = index.counts()
        return Reply(
            {
                "pullquote": version,
                "index": str(index.folder),
                "pid": os.getpid(),
                "articles": count,
                "passages": passages,
                "libraries": [library.name for library in libraries] if libraries else [index.folder.name],
            }
        )

    document = _document(routes, version)

    @routes.get("/openapi.json", include_in_schema=False)
    def description() -> Response:
        return Reply(document)

    @routes.api_route("/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
    def nothing(path: str) -> Response:
        return Reply({"error": f"there is no {PREFIX}/{path} for this method"}, status_code=404)

    app.include_router(routes)


def _add_questions(routes: APIRouter, pick: Pick, strictness: str | None, reader: Reader | None) -> None:
    asking = request_body(AskRequest, {"question": "Who signed the treaty?", "since": "2026-01-01"})
    looking = request_body(RetrieveRequest, {"question": "Who signed the treaty?", "k": 5})

    answering, finding = anyio.CapacityLimiter(ASKED_AT_ONCE), anyio.CapacityLimiter(ASKED_AT_ONCE)

    @routes.post("/ask", response_model=AnswerReply, summary="Answer a question with quotes", openapi_extra=asking)
    async def answer(body: Body) -> Response:
        return await anyio.to_thread.run_sync(answered, body, limiter=answering)

    def answered(body: bytes) -> Response:
        asked = _understood(AskRequest, body)
        index = pick(asked.library)
        filters = asked.filters()
        bar = asked.threshold if asked.threshold is not None else asked.strictness or strictness
        turns: tuple[Turn, ...] = ()
        for question in (*asked.history[-LONGEST_HISTORY:], asked.question):
            found = ask(index, question, turns, filters=filters, threshold=bar, reader=reader)
            turns = (*turns, Turn(question, found))
        return Reply(answer_json(found))

    @routes.post(
        "/retrieve", response_model=RetrieveReply, summary="Find the most relevant passages", openapi_extra=looking
    )
    async def hits(body: Body) -> Response:
        return await anyio.to_thread.run_sync(found_passages, body, limiter=finding)

    def found_passages(body: bytes) -> Response:
        asked = _understood(RetrieveRequest, body)
        found = retrieve(pick(asked.library), asked.question, asked.k, filters=asked.filters())
        return Reply({"hits": [hit_json(hit) for hit in found]})


def _add_articles(routes: APIRouter, pick: Pick, adding: Adding) -> None:
    sources = request_body(AddRequest, {"sources": ["https://example.org/a-story"]})

    checking = request_body(CheckRequest, {"text": "She said: “I would rather polish the lens.”"})

    @routes.post("/check", response_model=CheckReply, summary="Check the quotations of a text", openapi_extra=checking)
    def check(body: Body) -> Response:
        wanted = _understood(CheckRequest, body)
        found = check_draft(pick(wanted.library), wanted.text)
        return Reply({"quotations": [checked_json(one, wanted.text) for one in found]})

    @routes.get("/articles", response_model=ArticlesReply, summary="List the articles")
    def articles(library: Library = None) -> Response:
        return Reply({"articles": [article_json(article) for article in pick(library).articles()]})

    @routes.get("/articles/{number}", response_model=ArticleWithTextReply, summary="One article with its text")
    def article(number: Annotated[int, Path(ge=0, lt=2**63)], library: Library = None) -> Response:
        found = pick(library).article(number)
        if found is None:
            return Reply({"error": f"there is no article {number}"}, status_code=404)
        return Reply(article_json(found, with_text=True))

    @routes.post("/add", response_model=AddReply, summary="Add files, folders, links and feeds", openapi_extra=sources)
    def add(body: Body) -> Response:
        asked = _understood(AddRequest, body)
        _check_sources(asked.sources, adding)
        index = pick(asked.library)
        report = index.add(asked.sources)
        return Reply(report.as_dict() | {"articles": index.counts()[0]})


def _check_sources(sources: Sequence[str], adding: Adding) -> None:
    """Raises for what this server does not add."""
    if adding == "nothing":
        raise ForbiddenError(
            "this server adds nothing; start it with `pullquote serve --allow-add`, or use `pullquote add`"
        )
    for source in sources:
        if source.lower().startswith(("http://", "https://")):
            continue
        if "://" in source:
            raise RefusedError(f"{source[:200]!r} is not a link of the web; give http or https")
        if adding == "links":
            raise ForbiddenError(
                f"{source[:200]!r} is a path, and this server listens to other machines: it adds links only"
            )
        if not PurePath(source).is_absolute():
            raise RefusedError(f"{source[:200]!r} is not an absolute path; the server runs in another folder than you")


def _document(routes: APIRouter, version: str) -> dict[str, Any]:
    """The OpenAPI document of the routes, with the models of the requests, which the routes read by themselves."""
    document = get_openapi(
        title="Pullquote",
        version=version,
        summary="Answers questions about your articles, and proves every answer by quoting it.",
        routes=routes.routes,
    )
    _, schemas = models_json_schema(
        [(model, "validation") for model in REQUESTS], ref_template="#/components/schemas/{model}"
    )
    document.setdefault("components", {}).setdefault("schemas", {}).update(schemas["$defs"])
    return document


def _understood(model: type[Request_], body: bytes) -> Request_:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise RefusedError('the request is not a JSON object; send one such as {"question": "Who signed it?"}')
    try:
        return model.model_validate(found)
    except ValidationError as error:
        raise RefusedError(_first_problem(error.errors()[0])) from None


def _first_problem(problem: Any) -> str:
    where = ".".join(str(part) for part in problem["loc"] if part not in ("path", "body"))
    return f"{where}: {problem['msg']}" if where else str(problem["msg"])


def _error_reply(_request: Request, error: Exception) -> Response:
    if isinstance(error, RequestValidationError):
        error = RefusedError(_first_problem(error.errors()[0]))
    status = 403 if isinstance(error, ForbiddenError) else 409 if isinstance(error, IndexLockedError) else 400
    return Reply({"error": " ".join(str(error).split())}, status_code=status)
