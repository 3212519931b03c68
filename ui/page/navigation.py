"""The views of the page: the buttons that lead to them, and which of them is shown."""

from __future__ import annotations

from typing import Any

import gradio as gr

from .html import button
from .words import say

VIEWS = ("ask", "library", "check", "clippings")


def navigation(view: str = "ask") -> str:
    """The way to a new conversation and to each view.

    Args:
        view: the one that is shown; ``page.js`` tells a screen reader so.
    """
    ways = (
        button("view", name, say(name), "pq-way pq-present" if name == view else "pq-way", name=f"pq-to-{name}")
        for name in VIEWS
    )
    return button("fresh", "", say("new"), "pq-main-action", name="pq-new") + "".join(ways)


def shown(view: str) -> dict[str, Any]:
    """What changes on the page when a view is shown."""
    visible = {f"{name}_view": gr.update(visible=name == view) for name in VIEWS}
    return {**visible, "nav": navigation(view)}
