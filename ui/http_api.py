"""The HTTP API: ``ask`` and ``retrieve`` as JSON, for programs on this machine and for the command line."""

from __future__ import annotations

import json
import os
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, FastAPI, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from index import ArticleIndex, Filters, PullquoteError
from qa import Reader, Turn, ask, retrieve

from .as_json import answer_json, article_json, hit_json

LARGEST_BODY = 1_000_000
"""Bytes; far more than the longest question and its history."""
LONGEST_HISTORY = 20
"""Earlier questions that are taken into account."""


class Reply(Response):
    """JSON in ASCII, so that any text there is can be sent."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return json.dumps(content, separators=(",", ":")).encode()


class RefusedError(PullquoteError):
    """A request that cannot be understood; the message says what to change."""


class Limits(BaseModel):
    """The filters that ``ask`` and ``retrieve`` share; they mean what they mean in ``index.Filters``."""

    model_config = ConfigDict(extra="forbid", strict=True)

    question: str
    since: str | None = None
    until: str | None = None
    sources: list[str] | None = None
    authors: list[str] | None = None
    languages: list[str] | None = None
    articles: list[Annotated[int, Field(ge=0, lt=2**63)]] | None = None

    def filters(self) -> Filters:
        """The filters as the package ``qa`` takes them."""
        return Filters(self.since, self.until, self.sources, self.authors, self.languages, self.articles)


class AskRequest(Limits):
    """What ``POST /api/v1/ask`` takes.

    Attributes:
        strictness: how sure an answer must be: ``strict``, ``balanced`` or ``generous``; the server's own when None.
        threshold: the same as a probability; it goes before the strictness.
        history: the earlier questions, oldest first.
    """

    strictness: str | None = None
    threshold: Annotated[float, Field(ge=0, le=1)] | None = None
    history: list[str] = []


class RetrieveRequest(Limits):
    """What ``POST /api/v1/retrieve`` takes."""

    k: Annotated[int, Field(ge=1, le=100_000)] = 10


Request_ = TypeVar("Request_", bound=Limits)


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise RefusedError(f"the request is larger than {LARGEST_BODY:,} bytes")
    return body


Body = Annotated[bytes, Depends(_body)]


def add_api(
    app: FastAPI, index: ArticleIndex, version: str, *, strictness: str | None = None, reader: Reader | None = None
) -> None:
    """Adds the API under ``/api/v1`` to an application.

    Args:
        app: the application.
        index: the articles.
        version: the program's version, which ``/status`` tells.
        strictness: of questions that name none.
        reader: what chooses the sentences; the default reader when None.
    """
    app.add_exception_handler(PullquoteError, _error_reply)
    app.add_exception_handler(RequestValidationError, _error_reply)
    routes = APIRouter(prefix="/api/v1", default_response_class=Reply)

    @routes.post("/ask")
    def answer(body: Body) -> Response:
        asked = _understood(AskRequest, body)
        filters = asked.filters()
        bar = asked.threshold if asked.threshold is not None else asked.strictness or strictness
        turns: tuple[Turn, ...] = ()
        for question in (*asked.history[-LONGEST_HISTORY:], asked.question):
            found = ask(index, question, turns, filters=filters, threshold=bar, reader=reader)
            turns = (*turns, Turn(question, found))
        return Reply(answer_json(found))

    @routes.post("/retrieve")
    def hits(body: Body) -> Response:
        asked = _understood(RetrieveRequest, body)
        found = retrieve(index, asked.question, asked.k, filters=asked.filters())
        return Reply({"hits": [hit_json(hit) for hit in found]})

    @routes.get("/articles")
    def articles() -> Response:
        return Reply({"articles": [article_json(article) for article in index.articles()]})

    @routes.get("/articles/{number}")
    def article(number: Annotated[int, Path(ge=0, lt=2**63)]) -> Response:
        found = index.article(number)
        if found is None:
            return Reply({"error": f"there is no article {number}"}, status_code=404)
        return Reply(article_json(found, with_text=True))

    @routes.get("/status")
    def status() -> Response:
        count, passages = index.counts()
        return Reply(
            {
                "pullquote": version,
                "index": str(index.folder),
                "pid": os.getpid(),
                "articles": count,
                "passages": passages,
            }
        )

    @routes.api_route("/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def nothing(path: str) -> Response:
        return Reply({"error": f"there is no /api/v1/{path} for this method"}, status_code=404)

    app.include_router(routes)


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
    return Reply({"error": " ".join(str(error).split())}, status_code=400)
