"""The arguments and options that several commands share, and what they mean."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

IndexOption = Annotated[
    str | None,
    typer.Option("--index", metavar="DIR", envvar="PULLQUOTE_INDEX", help="The index folder; your own by default."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Strictness = Literal["strict", "balanced", "generous"]
"""The levels of ``qa.confidence``, named here too because that package takes long to load."""
StrictnessOption = Annotated[
    Strictness | None,
    typer.Option(
        "--strictness",
        metavar="LEVEL",
        envvar="PULLQUOTE_STRICTNESS",
        help="How sure an answer must be: strict, balanced or generous; balanced by default.",
    ),
]
PrivateOption = Annotated[
    bool, typer.Option("--allow-private", help="Links may lead into this machine and its network too.")
]
QuestionArgument = Annotated[
    str,
    typer.Argument(metavar="QUESTION", help='A question; in it "a phrase" must stand as it is, and -word must not.'),
]
SinceOption = Annotated[str | None, typer.Option(metavar="DATE", help="Published on this day (YYYY-MM-DD) or later.")]
UntilOption = Annotated[str | None, typer.Option(metavar="DATE", help="Published on this day or earlier.")]
SourceOption = Annotated[
    list[str] | None, typer.Option(metavar="PATH", help="Only this file, folder or pattern; may be repeated.")
]
AuthorOption = Annotated[
    list[str] | None, typer.Option(metavar="NAME", help="Only this author, or part of the name; may be repeated.")
]
LanguageOption = Annotated[
    list[str] | None, typer.Option(metavar="CODE", help="Only this language, such as en; may be repeated.")
]
ArticleOption = Annotated[
    list[int] | None, typer.Option(metavar="ID", help="Only the article with this id; may be repeated.")
]


def index_folder(given: str | None) -> Path:
    """The index to use, as an absolute path: the one given, or the user's own."""
    if given:
        return Path(os.path.abspath(os.path.expanduser(given)))
    import platformdirs

    return Path(platformdirs.user_data_dir("pullquote", appauthor=False), "index")


def filter_fields(
    since: str | None,
    until: str | None,
    sources: list[str] | None,
    authors: list[str] | None,
    languages: list[str] | None,
    articles: list[int] | None,
) -> dict[str, Any]:
    """The fields of ``Filters``; paths are made absolute, because a server has another working folder."""
    return {
        "since": since,
        "until": until,
        "sources": [_absolute(source) for source in sources] if sources else None,
        "authors": authors or None,
        "languages": languages or None,
        "articles": articles or None,
    }


def _absolute(source: str) -> str:
    return source if "://" in source or source.startswith("*") else os.path.abspath(source)
