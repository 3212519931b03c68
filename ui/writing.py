"""The writer on the command line: whether one is wanted, and its sentences as they come, above the quotes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .command_support import opened

if TYPE_CHECKING:
    from collections.abc import Callable

    from index import Article, ArticleIndex
    from qa import Answer, Quote, WriterSettings

Json = dict[str, Any]

WriteOption = Annotated[
    bool | None,
    typer.Option(
        "--write/--no-write",
        help="Have a language model tell the quotes in prose, and check it; it does when PULLQUOTE_WRITER_URL is set.",
        show_default=False,
    ),
]


def chosen_writer(write: bool | None) -> WriterSettings | None:
    """The writer to use, or None.

    Raises:
        PullquoteError: one is wanted and not set, or a setting of it cannot be used.
    """
    if write is False:
        return None
    from index import PullquoteError
    from qa import WriterSettings

    settings = WriterSettings.from_environment()
    if settings is None and write:
        raise PullquoteError(
            "--write needs a writer: set PULLQUOTE_WRITER_URL to the address of an OpenAI-compatible server, such as "
            "http://127.0.0.1:8080/v1"
        )
    return settings


def written_stream(index: str | None, answer: Json, settings: WriterSettings | None) -> Iterator[Json]:
    """What is written about an answer that came as JSON, from here or from a running server, piece by piece."""
    if settings is None or not answer["answered"]:
        return
    from qa import Notice, write_stream

    from .as_json import written_json

    with opened(index) as articles:
        read = read_answer(answer, articles)
    if read is None:
        changed = "An article was changed in the meantime, so the writer was not asked. The quotes stand alone."
        yield written_json(Notice(changed))
        return
    for item in write_stream(read, settings):
        yield written_json(item)


def written_whole(items: Iterable[Json], settings: WriterSettings) -> Json:
    """What was written, as one object."""
    pieces = list(items)
    notice = next((item["notice"] for item in pieces if "notice" in item), None)
    sentences = [item for item in pieces if "notice" not in item]
    return {"model": settings.model, "sentences": sentences, "notice": notice}


def read_answer(answer: Json, articles: ArticleIndex) -> Answer | None:
    """An answer from its JSON, with the articles from the index; None when one of them is not the same any more."""
    from qa import Answer

    quotes = [_read_quote(quote, articles.article) for quote in answer["quotes"]]
    if any(quote is None for quote in quotes):
        return None
    return Answer(
        asked=answer["asked"],
        question=answer["question"],
        answered=answer["answered"],
        text=answer["text"],
        reason=answer["reason"],
        confidence=answer["confidence"],
        quotes=tuple(quote for quote in quotes if quote is not None),
    )


def _read_quote(quote: Json, article: Callable[[int], Article | None]) -> Quote | None:
    from qa import Quote

    found = article(quote["article"]["id"])
    if found is None or found.sha256 != quote["sha256"]:
        return None
    names = ("start", "end", "sha256", "score", "confidence", "answer_start", "answer_end", "page", "context_start")
    values = {name: quote[name] for name in names}
    return Quote(text=found.text[quote["start"] : quote["end"]], article=found, **values)
