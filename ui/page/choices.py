"""The choices of the page's lists."""

from __future__ import annotations

from qa.confidence import calibration

from ..words import say
from .html import button

ORDERS = ("newest", "oldest", "title", "author", "added")


def levels() -> list[tuple[str, str]]:
    """How sure an answer may have to be."""
    return [(say(f"level_{name}"), name) for name in calibration().levels]


def orders() -> list[tuple[str, str]]:
    """What the library can be sorted by."""
    return [(say(name), name) for name in ORDERS]


def everything() -> list[tuple[str, str]]:
    """The choices of a limit that is off."""
    return [(say("all"), "")]


def folder_button() -> str:
    """The button that opens the browser's own choice of a folder."""
    return button("folder", "", say("choose_folder"), "pq-tool")
