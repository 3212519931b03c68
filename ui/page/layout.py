"""Puts the parts of the page in their places and joins them to what they do.

The parts are Gradio's own. What Gradio has no part for (quotes, the marked article, lists) is HTML in ``gr.Chatbot``
and ``gr.Markdown``; a button in it is handed to ``Conduct.act`` through a hidden box (see ``page.js``). Nothing needs
the browser to compile code, as ``gr.HTML`` and ``js=`` would, so that the page can forbid it (see ``ui.guard``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from qa import Reader
from qa.confidence import DEFAULT_STRICTNESS

from ..libraries import Libraries
from . import adding
from .choices import everything, folder_button, levels, orders
from .desks import Desks
from .held import Held
from .navigation import navigation
from .proof import nothing_open
from .starting import TITLE, brand, opening
from .wiring import Parts, Wiring
from .words import catalogue, part, say

FOLDER = Path(__file__).parent
SCRIPT = FOLDER / "page.js"
FONTS = FOLDER / "fonts"
I18N = catalogue({"opening": opening, "nothing_open": nothing_open, "nav": navigation})


def build_page(
    libraries: Libraries,
    *,
    strictness: str | None = None,
    reader: Reader | None = None,
    changeable: bool = True,
) -> gr.Blocks:
    """The page on some libraries; ``mount_options`` belong to it.

    Args:
        libraries: the articles, and what the page keeps for its users.
        strictness: what is chosen at first.
        reader: what chooses the sentences; the default reader when None.
        changeable: whether articles may be added and removed on the page, and libraries made.
    """
    desks = Desks(libraries, reader, changeable=changeable)
    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True, fill_height=True) as page:
        parts: Parts = {"session": gr.State(Held())}
        owner = gr.BrowserState("", storage_key="pullquote-owner", secret="pullquote")
        parts["kept_library"] = gr.BrowserState("", storage_key="pullquote-library", secret="pullquote")
        # Closed on a phone; on wide screens the style sheet keeps it in view.
        with gr.Sidebar(elem_id="pq-side", width=264, open=False):
            _sidebar(parts)
        gr.Markdown(f"# {TITLE}", elem_id="pq-mast")  # the heading of all views; on a phone the bar at the top
        with gr.Row(elem_id="pq-body", equal_height=True):
            _views(parts, strictness)
        parts["notice"] = _html("pq-notice")
        parts["outbox"] = _html("pq-outbox")
        for name in ("command", "long_command"):
            box = gr.Textbox(
                elem_id=f"pq-{name.replace('_', '-')}",
                elem_classes="pq-command",
                label=part("command"),
                show_label=False,
            )
            parts[name] = box
        parts["waiting"] = gr.Timer(3.0)
        Wiring(page, parts, owner, desks).join()
    return page.queue(api_open=False)  # what is asked waits its turn


def style_sheet() -> str:
    """The style of the page.

    What Gradio is given as ``css`` it parses and writes anew in the browser, each rule a second time for its own parts
    alone, where it then outweighs Gradio's. Nested, the same comes to that without the browser's work.
    """
    fonts, *sheets = ((FOLDER / name).read_text("utf-8") for name in ("fonts.css", "page.css", "views.css"))
    rules = "\n".join(sheets)
    return f"{fonts}\n{rules}\n.gradio-container.gradio-container .contain {{\n{rules}\n}}\n"


def head(script: str, style: str, fonts: str) -> str:
    """What the head of the page needs beside Gradio's.

    Args:
        script, style: the addresses under which ``SCRIPT`` and ``style_sheet`` are served.
        fonts: that of the folder ``FONTS``.
    """
    early = "".join(
        f'<link rel="preload" as="font" type="font/woff2" href="{fonts}/{name}.woff2" crossorigin>'
        for name in ("inter-latin", "source-serif-4-latin")
    )
    return f'{early}<link rel="stylesheet" href="{style}"><script src="{script}" defer></script>'


def mount_options() -> dict[str, Any]:
    """What ``gr.mount_gradio_app`` is told about the page."""
    # Named fonts that come with the page or are on the machine: Gradio's own are fetched from a font server.
    font = ["Inter", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"]
    mono = ["ui-monospace", "Consolas", "Noto Sans Mono", "monospace"]
    return {
        "theme": gr.themes.Default(font=font, font_mono=mono),
        "footer_links": [],
        "run_history": False,
        "ssr_mode": False,
        "mcp_server": False,
        "enable_monitoring": False,
        "pwa": False,
        "show_error": True,
        "max_file_size": adding.LARGEST_FILE,
        "i18n": I18N,
    }


def _title(key: str) -> None:
    gr.Markdown(f"## {part(key)}", elem_classes="pq-title")


def _html(name: str, value: Any = "") -> gr.Markdown:
    return gr.Markdown(value, latex_delimiters=[], elem_id=name, sanitize_html=True)


def _sidebar(parts: Parts) -> None:
    # What depends on the language, and is more than a text, comes when the page arrives.
    parts["header"] = _html("pq-header", brand())
    parts["libraries"] = _html("pq-libraries")
    parts["library_name"] = gr.Textbox(
        elem_id="pq-library-name", label=part("library_name"), visible=False, max_lines=1, submit_btn=say("make")
    )
    parts["nav"] = _html("pq-nav", str(part("nav")))
    parts["find_chat"] = gr.Textbox(
        elem_id="pq-find-chat",
        label=part("find_chat"),
        show_label=False,
        container=False,
        placeholder=part("find_chat_hint"),
        max_lines=1,
    )
    parts["name"] = gr.Textbox(
        elem_id="pq-name", label=part("new_name"), visible=False, max_lines=1, submit_btn=say("save")
    )
    parts["chats"] = _html("pq-chats")
    parts["account"] = _html("pq-account")


def _views(parts: Parts, strictness: str | None) -> None:
    with gr.Column(elem_id="pq-ask-view") as parts["ask_view"]:
        _conversation(parts, strictness)
    with gr.Column(elem_id="pq-library-view", elem_classes="pq-page-view", visible=False) as parts["library_view"]:
        _library(parts)
    with gr.Column(elem_id="pq-check-view", elem_classes="pq-page-view", visible=False) as parts["check_view"]:
        _check(parts)
    with gr.Column(elem_id="pq-keep-view", elem_classes="pq-page-view", visible=False) as parts["clippings_view"]:
        _title("clippings")
        parts["clips"] = _html("pq-clips")
    with gr.Column(elem_id="pq-right", min_width=280):
        parts["pane"] = _html("pq-pane", str(part("nothing_open")))


def _conversation(parts: Parts, strictness: str | None) -> None:
    with gr.Column(elem_id="pq-left", min_width=280):
        parts["chat"] = gr.Chatbot(
            elem_id="pq-chat",
            show_label=False,
            label=part("conversation"),
            buttons=[],  # the default offers to share the chat on a hub
            latex_delimiters=[],
            feedback_options=None,
            autoscroll=False,  # it would go past the answer to its last quote; page.js goes to the question
            height="100%",
            placeholder=part("opening"),
        )
        parts["scope"] = _html("pq-scope")
        parts["box"] = gr.Textbox(
            elem_id="pq-question",
            label=part("question"),
            show_label=False,
            placeholder=part("question_hint"),
            autofocus=True,
            submit_btn=say("ask_it"),
            lines=1,
            max_lines=6,
        )
        parts["level"] = gr.Radio(
            levels(),
            value=strictness or DEFAULT_STRICTNESS,
            label=part("strictness"),
            elem_id="pq-strictness",
            container=False,
        )


def _library(parts: Parts) -> None:
    _title("library")
    with gr.Accordion(part("add_articles"), open=False, elem_id="pq-adding", visible=False) as parts["adding"]:
        with gr.Row():
            parts["files"] = gr.File(
                label=part("files"),
                file_count="multiple",
                type="filepath",
                elem_id="pq-files",
                height=140,
                visible=False,
            )
            parts["links"] = gr.Textbox(label=part("links"), lines=4, elem_id="pq-links")
        parts["folder"] = _html("pq-folder", folder_button())
        parts["add"] = gr.Button(part("add"), elem_id="pq-add", size="sm", variant="primary")
    parts["progress"] = _html("pq-progress")
    with gr.Row(elem_id="pq-limits"):
        parts["search"] = gr.Textbox(
            label=part("search"), placeholder=part("search_hint"), elem_id="pq-search", max_lines=1, min_width=160
        )
        parts["order"] = _choice("order", part("sort"), orders(), "newest", 120)
        parts["origin"] = _choice("origin", part("origin"), everything(), "", 140, filterable=True)
        parts["language"] = _choice("language", part("language"), everything(), "", 90)
        for name in ("since", "until"):
            parts[name] = gr.Textbox(
                label=part(name), placeholder=part("day_hint"), elem_id=f"pq-{name}", max_lines=1, min_width=110
            )
    parts["list"] = _html("pq-library")


def _choice(name: str, label: Any, choices: Any, value: str, width: int, filterable: bool = False) -> gr.Dropdown:
    return gr.Dropdown(
        choices,
        value=value,
        label=label,
        elem_id=f"pq-{name}",
        min_width=width,
        filterable=filterable,
        visible=False,  # see ``wiring.LIBRARY``
    )


def _check(parts: Parts) -> None:
    _title("check")
    parts["draft"] = gr.Textbox(
        label=part("draft"), placeholder=part("draft_hint"), lines=8, max_lines=20, elem_id="pq-draft"
    )
    parts["check_it"] = gr.Button(part("check_it"), elem_id="pq-check", size="sm", variant="primary")
    parts["report"] = _html("pq-report")
