"""``pullquote mcp``: the articles as tools for a program that speaks the Model Context Protocol."""

from __future__ import annotations

from .options import IndexOption, StrictnessOption, index_folder


def mcp(strictness: StrictnessOption = None, index: IndexOption = None) -> int:
    """Offers the articles to a program that speaks MCP, such as a desktop assistant, over standard input and output.

    The program starts this command by itself; its settings name it, for example {"command": "pullquote", "args":
    ["mcp", "--index", "/home/me/articles-index"]}. It can ask and read; it can change nothing.
    """
    from index import Settings

    from .mcp_server import run

    run(index_folder(index), settings=Settings.from_environment(), strictness=strictness)
    return 0
