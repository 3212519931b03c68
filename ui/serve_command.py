"""``pullquote serve``: its options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .command_support import print_result
from .options import JsonOption, StrictnessOption, index_folder


def serve(
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 7860,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    strictness: StrictnessOption = None,
    allow_add: Annotated[
        bool,
        typer.Option(
            "--allow-add",
            help="Articles may be added through the HTTP API, and on the page from other machines too: files that are "
            "sent, links; paths of this machine only as long as only you can ask.",
        ),
    ] = False,
    auth: Annotated[
        bool | None,
        typer.Option(
            "--auth/--no-auth",
            help="Whether people must sign in (see `pullquote user`); they must if other machines can reach it.",
        ),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="A further name under which the page is reached, as behind a proxy; may be repeated."
        ),
    ] = None,
    index: Annotated[
        list[Path] | None,  # of a list of texts, typer would break the variable at spaces
        typer.Option(
            "--index",
            metavar="DIR",
            envvar="PULLQUOTE_INDEX",
            help="The index folder, your own by default; more of them are further libraries to choose from.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Opens the web page on this machine until Ctrl-C; `ask` and `retrieve` then answer sooner."""
    from index import Settings

    from .server import serve as serve_page
    from .terminal import tell

    def ready(url: str) -> None:
        line = f"Pullquote is at {url} (Ctrl-C ends it)."
        print_result(as_json, {"url": url}, lambda console: console.print(line, soft_wrap=True))

    settings = Settings.from_environment()
    folders = list(dict.fromkeys(index_folder(str(given) if given else None) for given in index or (None,)))
    serve_page(
        folders[0],
        settings=settings,
        host=host,
        port=port,
        open_browser=open_browser,
        strictness=strictness,
        allow_add=allow_add,
        auth=auth,
        names=allow_host or (),
        ready=ready,
        noted=lambda note: tell(note, prefix="Note: "),
        others=folders[1:],
    )
    return 0
