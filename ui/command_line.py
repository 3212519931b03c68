"""The program ``pullquote``: reads the command line and hands over; nothing heavy is imported before it is needed."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from .adding_commands import add, sync, watch
from .chat_command import chat
from .check_command import check
from .command_support import (
    FAILED,
    INTERRUPTED,
    WRONG_USAGE,
    confirm,
    from_server,
    json_text,
    opened,
    print_result,
)
from .eval_command import eval_questions
from .mcp_command import mcp
from .options import (
    ArticleOption,
    AuthorOption,
    IndexOption,
    JsonOption,
    LanguageOption,
    QuestionArgument,
    SinceOption,
    SourceOption,
    StrictnessOption,
    UntilOption,
    filter_fields,
)
from .serve_command import serve
from .store_commands import export, import_articles, reembed, verify
from .train_command import train_reader
from .user_commands import users
from .writing import WriteOption, chosen_writer, written_stream, written_whole

if TYPE_CHECKING:
    from rich.console import Console

    from index import Article, ArticleIndex

_LONGEST_ID = 18
"""Digits; no article has a longer id."""

app = typer.Typer(
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    # Plain help: loading what draws boxes around it takes longer than all the rest.
    rich_markup_mode=None,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the program.

    Args:
        arguments: what stands after the program's name; from the command line when None.

    Returns:
        The exit code: 0 when it worked, 1 when it failed, 2 when the command was wrong, 130 when it was interrupted.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets its number instead of an error.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        return _run(given)
    except BrokenPipeError:
        # The reader of our output has gone, as `head` does. What is left in the buffer must not be written at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED


def _run(given: list[str]) -> int:
    try:
        code = app(given, prog_name="pullquote", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except (BrokenPipeError, KeyboardInterrupt, typer.Abort):
        raise
    except typer.TyperException as error:
        hint = f" (see `pullquote {_command(given)}--help`)" if error.exit_code == WRONG_USAGE else ""
        return _failed(given, error.format_message() + hint, error.exit_code)
    except _our_errors() as error:
        return _failed(given, str(error), _exit_code(error))


@app.callback(invoke_without_command=True)
def pullquote(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    """Answers questions about your articles, and proves every answer by quoting it.

    Everything stays on this machine. Start with `pullquote add FOLDER`, then `pullquote ask "QUESTION"`.

    Exit codes: 0 it worked, 1 it failed, 2 the command was wrong, 130 it was interrupted.
    """
    if version:
        from importlib.metadata import version as installed

        print(f"pullquote {installed('pullquote')}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())


@app.command()
def ask(
    question: QuestionArgument,
    strictness: StrictnessOption = None,
    threshold: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="The same as a probability from 0 to 1; it goes before --strictness."),
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourceOption = None,
    author: AuthorOption = None,
    language: LanguageOption = None,
    article: ArticleOption = None,
    write: WriteOption = None,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> int:
    """Answers a question with quotes from the articles, or says that they do not answer it.

    The exit code is 0 in both cases. When `pullquote serve` runs on the same index, it is used and answers sooner.
    """
    writer = chosen_writer(write)
    filters = filter_fields(since, until, source, author, language, article)
    wanted = {"question": question, "strictness": strictness, "threshold": threshold}
    answer = from_server(index, "/api/v1/ask", wanted | filters)
    if answer is None:
        with opened(index) as articles:
            import qa
            from index import Filters

            from .as_json import answer_json

            bar = strictness if threshold is None else threshold
            answer = answer_json(qa.ask(articles, question, threshold=bar, filters=Filters(**filters)))
    from .terminal import show_answer, show_written

    written = written_stream(index, answer, writer)
    if as_json and writer is not None:
        answer |= {"written": written_whole(written, writer)}

    def show(console: Console) -> None:
        show_written(console, written)
        show_answer(console, answer)

    print_result(as_json, answer, show)
    return 0


@app.command()
def retrieve(
    question: QuestionArgument,
    k: Annotated[int, typer.Option("-k", min=1, help="How many passages at most.")] = 5,
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourceOption = None,
    author: AuthorOption = None,
    language: LanguageOption = None,
    article: ArticleOption = None,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> int:
    """Shows the passages most relevant to a question, best first."""
    filters = filter_fields(since, until, source, author, language, article)
    found = from_server(index, "/api/v1/retrieve", {"question": question, "k": k, **filters})
    if found is None:
        with opened(index) as articles:
            import qa
            from index import Filters

            from .as_json import hit_json

            hits = qa.retrieve(articles, question, k, filters=Filters(**filters))
            found = {"hits": [hit_json(hit) for hit in hits]}
    from .terminal import show_hits

    print_result(as_json, found, lambda console: show_hits(console, found["hits"], question))
    return 0


@app.command("list")
def list_articles(index: IndexOption = None, as_json: JsonOption = False) -> int:
    """Lists the articles; in a pipe, one line each with tabs: id, title, date, author, source."""
    with opened(index) as articles:
        from .as_json import article_json

        rows = [article_json(article) for article in articles.articles()]
    from .terminal import show_articles

    print_result(as_json, {"articles": rows}, lambda console: show_articles(console, rows))
    return 0


@app.command()
def remove(
    what: Annotated[
        list[str], typer.Argument(metavar="WHAT...", help="A file, a folder, a pattern with *, a title or an id.")
    ],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask when several articles would go.")] = False,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> int:
    """Removes articles from the index; the files themselves are not touched.

    Asks first when more than one article would go. A name that is not in the index is said on stderr, and the rest
    goes on; the exit code is 1 only when nothing was found.
    """
    from .terminal import removed_line, tell

    with opened(index) as articles:
        from .as_json import article_json

        named, missing, found = _named(articles, what)
        if len(found) > 1 and not yes:
            confirm(f"{len(found):,} articles would be removed")
        rows = [article_json(article) for article in (articles.remove(named) if named else ())]
    for item in missing:
        tell(f"nothing in the index is called {item!r}; `pullquote list` shows what there is")
    line = removed_line(rows, len(found))
    print_result(as_json, {"removed": rows, "missing": missing}, lambda console: console.print(line, soft_wrap=True))
    return 0 if named else FAILED


@app.command()
def stats(index: IndexOption = None, as_json: JsonOption = False) -> int:
    """Shows how much is in the index, how large it is and which model it was made with."""
    import dataclasses

    with opened(index) as articles:
        figures = dataclasses.asdict(articles.stats())
    from .terminal import show_stats

    print_result(as_json, figures, lambda console: show_stats(console, figures))
    return 0


for _command_function in (add, sync, watch, verify, export, reembed):
    app.command()(_command_function)
app.command("import")(import_articles)
app.command()(chat)
app.command()(check)
app.command("eval")(eval_questions)
app.command()(mcp)
app.command("train-reader")(train_reader)
app.command()(serve)
app.add_typer(users, name="user")


def _named(articles: ArticleIndex, what: Sequence[str]) -> tuple[list[str | int], list[str], dict[int, Article]]:
    """What a person named: as it is in the index, what is not in it, and the articles behind it."""
    named: list[str | int] = []
    missing: list[str] = []
    found: dict[int, Article] = {}
    for item in what:
        for meaning in (item, int(item)) if item.isdecimal() and len(item) <= _LONGEST_ID else (item,):
            if behind := articles.find(meaning):
                named.append(meaning)
                found |= {article.id: article for article in behind}
                break
        else:
            missing.append(item)
    return named, missing, found


def _our_errors() -> type[Exception]:
    """Named in an ``except`` clause, it is called, and imports the index, only when something has gone wrong."""
    from index import PullquoteError

    return PullquoteError


def _exit_code(error: Exception) -> int:
    from index import FilterError, QuestionError

    return WRONG_USAGE if isinstance(error, FilterError | QuestionError) else FAILED


def _failed(given: Sequence[str], message: str, code: int) -> int:
    from .terminal import tell

    tell(message)
    if "--json" in given:
        print(json_text({"error": " ".join(message.split())}), flush=True)
    return code


def _command(given: Sequence[str]) -> str:
    """The command that was meant, with a space after it; of a group such as ``user`` with the group before it."""
    found = ""
    here: typer.Typer | None = app
    for word in given:
        if here is None:
            break
        groups = {group.name: group.typer_instance for group in here.registered_groups}
        names = {command.name or getattr(command.callback, "__name__", "") for command in here.registered_commands}
        if word in groups or word in names:
            found, here = f"{found}{word} ", groups.get(word)
    return found
