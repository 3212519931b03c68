"""The commands that look after the index folder: verify and repair it, carry it elsewhere, change its model."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer

from .command_support import FAILED, opened, print_result, reported
from .options import IndexOption, JsonOption, index_folder


def verify(
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended, and say what cannot.")] = False,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> int:
    """Proves that the index is whole: every article, passage, vector and source, and both search indexes.

    The exit code is 1 when something differs, and after --repair when something is lost or still differs.
    """
    from index import ArticleIndex, Settings

    from .progress import counting_bar
    from .terminal import show_verified

    with counting_bar("Checking") as progress:
        if repair:
            report = ArticleIndex.salvage(index_folder(index), settings=Settings.from_environment(), progress=progress)
        else:
            with opened(index) as articles:
                report = articles.verify(progress=progress)
    document = dataclasses.asdict(report) | {"whole": report.whole}
    print_result(as_json, document, lambda console: show_verified(console, document))
    return 0 if report.whole else FAILED


def export(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The file to write, such as articles.pullquote.")],
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> int:
    """Writes the whole index into one file, for a backup or another machine."""
    from .progress import counting_bar

    with opened(index) as articles, counting_bar("Writing") as progress:
        written, passages = articles.export_to(file, progress=progress)
    line = f"{written:,} articles ({passages:,} passages) written to {file}"
    document = {"articles": written, "passages": passages, "file": file}
    print_result(as_json, document, lambda console: console.print(line, soft_wrap=True, markup=False))
    return 0


def import_articles(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A file that `pullquote export` has written.")],
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> int:
    """Takes in the articles of a file that `pullquote export` has written; it is checked as a whole first."""
    from .progress import Interruption, counting_bar

    with Interruption() as interruption, opened(index, create=True) as articles:
        with counting_bar("Taking in") as progress:
            report = articles.import_from(file, progress=progress, stop=lambda: interruption.requested)
        return reported(articles, report, None, as_json)


def reembed(index: IndexOption = None, as_json: JsonOption = False) -> int:
    """Embeds the index anew with another model (PULLQUOTE_MODEL); Ctrl-C leaves it as it was."""
    from index import ArticleIndex, Settings

    from .progress import counting_bar

    settings = Settings.from_environment()
    with counting_bar("Embedding") as progress:
        passages = ArticleIndex.reembed(index_folder(index), settings=settings, progress=progress)
    line = (
        f"{passages:,} passages embedded with {settings.model}"
        if passages
        else f"the model is {settings.model} already"
    )
    document = {"passages": passages, "model": settings.model}
    print_result(as_json, document, lambda console: console.print(line, soft_wrap=True, markup=False))
    return 0
