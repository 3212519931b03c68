"""The choices of the page's lists, and what else of its parts Gradio does not translate by itself."""

from __future__ import annotations

from typing import Any

import gradio as gr

from qa.confidence import calibration

from .html import button
from .words import DEFAULT, language, say

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


def translated() -> dict[str, Any]:
    """The parts of the page that were made in English, in the language of who has opened it."""
    if language() == DEFAULT:
        return {}
    return {
        "box": gr.update(submit_btn=say("ask_it")),
        "name": gr.update(submit_btn=say("save")),
        "library_name": gr.update(submit_btn=say("make")),
        "level": gr.update(choices=levels()),
        "order": gr.update(choices=orders()),
        "origin": gr.update(choices=everything()),
        "language": gr.update(choices=everything()),
        "folder": folder_button(),
    }
