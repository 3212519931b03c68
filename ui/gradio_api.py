"""``ask`` and ``retrieve`` as endpoints of the page, so that the package ``gradio_client`` can call them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from index import ArticleIndex, Filters, PullquoteError
from qa import Reader, ask, retrieve

from .as_json import answer_json, hit_json

AT_ONCE = 4
"""Questions that are answered at the same time; more wait their turn."""


def add_gradio_api(
    page: gr.Blocks, index: ArticleIndex, *, strictness: str | None = None, reader: Reader | None = None
) -> None:
    """Adds the endpoints ``/ask`` and ``/retrieve`` to a page.

    Args:
        page: the page, which is complete.
        index: the articles.
        strictness: of questions that name none.
        reader: what chooses the sentences; the default reader when None.
    """
    default = strictness

    def ask_articles(question: str, strictness: str | None = None, since: str | None = None) -> dict:  # type: ignore[type-arg]
        """Answers a question with quotes from the articles; since limits them to those of that day or later."""
        filters = Filters(since=since)
        return _told(
            lambda: answer_json(ask(index, question, threshold=strictness or default, filters=filters, reader=reader))
        )

    def retrieve_passages(question: str, k: int = 5) -> dict:  # type: ignore[type-arg]
        """Finds the passages most relevant to a question, best first."""
        return _told(lambda: {"hits": [hit_json(hit) for hit in retrieve(index, question, k)]})

    for block in page.blocks.values():
        # Leaving the page a second time would attach what runs when it is loaded a second time.
        if isinstance(block, gr.components.Component):
            block.load_event_to_attach = None
    with page:
        gr.api(ask_articles, api_name="ask", concurrency_limit=AT_ONCE)
        gr.api(retrieve_passages, api_name="retrieve", concurrency_limit=AT_ONCE)


def _told(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The work's result; an error of ours becomes one that the client is told."""
    try:
        return work()
    except PullquoteError as error:
        raise gr.Error(" ".join(str(error).split()), print_exception=False) from error
