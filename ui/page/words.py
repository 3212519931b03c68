"""How the words of ``ui.words`` come onto the page.

Gradio translates in the browser what its own parts show of themselves when the page is opened: labels, placeholders,
texts of buttons, and the values of Markdown. These are ``part(...)``. What Gradio does not translate (the choices of
lists, the button in a text box) is sent when the page arrives, and the HTML that is made here is made with ``say``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import gradio as gr
from gradio.i18n import I18nData

from ..words import DEFAULT, LANGUAGES, counted, day, language, language_of, percent, say, speaking, told

__all__ = [
    "DEFAULT",
    "PARTS",
    "catalogue",
    "counted",
    "day",
    "language",
    "language_of",
    "part",
    "percent",
    "say",
    "speaking",
    "told",
]

PARTS = (
    *("add", "add_articles", "check", "check_it", "clippings", "command", "conversation", "day_hint", "draft"),
    *("draft_hint", "files", "find_chat", "find_chat_hint", "language", "library", "library_name", "links"),
    *("new_name", "origin", "question", "question_hint", "search", "search_hint", "since", "sort", "strictness"),
    "until",
)
"""The words that Gradio's own parts show; only these are sent to the browser, in all languages."""
_PREFIX = "pullquote_"
"""Gradio takes any value that is a key for a text to translate, so keys are nothing that anybody types."""


def part(key: str) -> I18nData:
    """A text that Gradio translates in the browser."""
    return I18nData(f"{_PREFIX}{key}")


def catalogue(made: Mapping[str, Callable[[], str]]) -> gr.I18n:
    """What Gradio translates with.

    Args:
        made: further keys for ``part``, with what makes their HTML.
    """
    found = {}
    for code in LANGUAGES:
        with speaking(code):
            pieces = {key: say(key) for key in PARTS} | {key: make() for key, make in made.items()}
        found[code] = {f"{_PREFIX}{key}": text for key, text in pieces.items()}
    return gr.I18n(**found)
