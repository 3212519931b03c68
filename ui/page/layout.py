"""Puts the parts of the page in their places and joins them to what they do.

The parts are Gradio's own. What Gradio has no part for (quotes, the marked article, lists) is HTML in ``gr.Chatbot``
and ``gr.Markdown``; a button in it is handed to ``Conduct.act`` through a hidden box (see ``page.js``). Nothing needs
the browser to compile code, as ``gr.HTML`` and ``js=`` would, so that the page can forbid it (see ``ui.guard``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from index import ArticleIndex
from qa import Reader
from qa.confidence import DEFAULT_STRICTNESS, calibration

from ..store import Store
from ..store.owned import new_token
from . import adding, checking
from .conduct import VIEWS, Changes, Conduct, Visitor
from .keeping import Keeping
from .proof import NOTHING_OPEN
from .session import Session
from .starting import TITLE, Start
from .words import I18N

FOLDER = Path(__file__).parent
SCRIPT = FOLDER / "page.js"
FONTS = FOLDER / "fonts"
AT_ONCE = 4
"""Questions that are answered at the same time; more wait their turn."""
_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "trigger_mode": "multiple"}

Parts = dict[str, Any]


def build_page(
    index: ArticleIndex,
    store: Store,
    *,
    strictness: str | None = None,
    reader: Reader | None = None,
    changeable: bool = True,
) -> gr.Blocks:
    """The page on an index; ``mount_options`` belong to it.

    Args:
        index: the articles.
        store: what the page keeps for its users.
        strictness: what is chosen at first.
        reader: what chooses the sentences; the default reader when None.
        changeable: whether articles may be added and removed on the page.
    """
    start, keeping = Start(index, reader), Keeping(index, store)
    conduct = Conduct(start, keeping, adding.Adding(index), changeable=changeable)
    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True, fill_height=True) as page:
        parts: Parts = {"session": gr.State(Session())}
        owner = gr.BrowserState("", storage_key="pullquote-owner", secret="pullquote")
        # Closed on a phone; on wide screens the style sheet keeps it in view.
        with gr.Sidebar(elem_id="pq-side", width=264, open=False):
            _sidebar(parts, start)
        with gr.Row(elem_id="pq-body", equal_height=True):
            _views(parts, index, start, strictness)
        parts["notice"] = _html("pq-notice")
        parts["outbox"] = _html("pq-outbox")
        parts["command"] = gr.Textbox(elem_id="pq-command", label="Command", show_label=False)
        _Wiring(page, parts, owner, conduct, keeping, start).join()
    return page


def mount_options(script: str) -> dict[str, Any]:
    """What ``gr.mount_gradio_app`` is told about the page.

    Args:
        script: the address under which ``SCRIPT`` is served.
    """
    # Named fonts that come with the page or are on the machine: Gradio's own are fetched from a font server.
    font = ["Inter", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"]
    mono = ["ui-monospace", "Consolas", "Noto Sans Mono", "monospace"]
    return {
        "theme": gr.themes.Default(font=font, font_mono=mono),
        "css_paths": [FOLDER / "fonts.css", FOLDER / "page.css", FOLDER / "views.css"],
        "head": f'<script src="{script}" defer></script>',
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


def _html(name: str, value: Any = "") -> gr.Markdown:
    return gr.Markdown(value, latex_delimiters=[], elem_id=name, sanitize_html=True)


def _sidebar(parts: Parts, start: Start) -> None:
    parts["header"] = _html("pq-header", start.header)
    parts["fresh"] = gr.Button(I18N("new"), elem_id="pq-new", size="sm")
    with gr.Column(elem_id="pq-nav"):
        for view in VIEWS:
            chosen = "primary" if view == "ask" else "secondary"
            parts[f"to_{view}"] = gr.Button(I18N(view), elem_id=f"pq-to-{view}", size="sm", variant=chosen)
    parts["find_chat"] = gr.Textbox(
        elem_id="pq-find-chat",
        label=I18N("find_chat"),
        show_label=False,
        container=False,
        placeholder=I18N("find_chat_hint"),
        max_lines=1,
    )
    parts["name"] = gr.Textbox(elem_id="pq-name", label="New name", visible=False, max_lines=1, submit_btn="Save")
    parts["chats"] = _html("pq-chats")


def _views(parts: Parts, index: ArticleIndex, start: Start, strictness: str | None) -> None:
    with gr.Column(elem_id="pq-ask-view") as parts["ask_view"]:
        _conversation(parts, start, strictness)
    with gr.Column(elem_id="pq-library-view", elem_classes="pq-page-view", visible=False) as parts["library_view"]:
        _library(parts)
    with gr.Column(elem_id="pq-check-view", elem_classes="pq-page-view", visible=False) as parts["check_view"]:
        _check(parts, index)
    with gr.Column(elem_id="pq-keep-view", elem_classes="pq-page-view", visible=False) as parts["clippings_view"]:
        gr.Markdown("## Clippings", elem_classes="pq-title")
        parts["clips"] = _html("pq-clips")
    with gr.Column(elem_id="pq-right", min_width=280):
        parts["pane"] = _html("pq-pane", NOTHING_OPEN)


def _conversation(parts: Parts, start: Start, strictness: str | None) -> None:
    with gr.Column(elem_id="pq-left", min_width=280):
        parts["chat"] = gr.Chatbot(
            elem_id="pq-chat",
            show_label=False,
            label=I18N("conversation"),
            buttons=[],  # the default offers to share the chat on a hub
            latex_delimiters=[],
            feedback_options=None,
            autoscroll=False,  # it would go past the answer to its last quote; page.js goes to the question
            height="100%",
            placeholder=start.placeholder(),
        )
        parts["scope"] = _html("pq-scope")
        parts["box"] = gr.Textbox(
            elem_id="pq-question",
            label=I18N("question"),
            show_label=False,
            placeholder=I18N("question_hint"),
            autofocus=True,
            submit_btn="Ask",
            lines=1,
            max_lines=6,
        )
        parts["level"] = gr.Radio(
            [(name.capitalize(), name) for name in calibration().levels],
            value=strictness or DEFAULT_STRICTNESS,
            label=I18N("strictness"),
            elem_id="pq-strictness",
            container=False,
        )


def _library(parts: Parts) -> None:
    gr.Markdown("## Library", elem_classes="pq-title")
    with gr.Accordion("Add articles", open=False, elem_id="pq-adding"):
        with gr.Row():
            parts["files"] = gr.File(
                label=I18N("files"), file_count="multiple", type="filepath", elem_id="pq-files", height=140
            )
            parts["links"] = gr.Textbox(label=I18N("links"), lines=4, elem_id="pq-links")
        parts["add"] = gr.Button(I18N("add"), elem_id="pq-add", size="sm", variant="primary")
    parts["progress"] = _html("pq-progress")
    with gr.Row(elem_id="pq-limits"):
        parts["search"] = gr.Textbox(
            label=I18N("search"), placeholder=I18N("search_hint"), elem_id="pq-search", max_lines=1, min_width=160
        )
        orders = [("Newest first", "newest"), ("Oldest first", "oldest"), ("Title", "title"), ("Author", "author")]
        orders.append(("Added last", "added"))
        parts["order"] = gr.Dropdown(
            orders, value="newest", label=I18N("sort"), elem_id="pq-order", min_width=120, filterable=False
        )
        parts["language"] = gr.Dropdown(
            [("All", "")], value="", label=I18N("language"), elem_id="pq-language", min_width=90, filterable=False
        )
        for name in ("since", "until"):
            parts[name] = gr.Textbox(
                label=I18N(name), placeholder=I18N("day_hint"), elem_id=f"pq-{name}", max_lines=1, min_width=110
            )
    parts["list"] = _html("pq-library")


def _check(parts: Parts, index: ArticleIndex) -> None:
    gr.Markdown("## Check a draft", elem_classes="pq-title")
    parts["draft"] = gr.Textbox(
        label=I18N("draft"), placeholder=I18N("draft_hint"), lines=8, max_lines=20, elem_id="pq-draft"
    )
    check = gr.Button(I18N("check_it"), elem_id="pq-check", size="sm", variant="primary")
    report = _html("pq-report")
    check.click(lambda draft: checking.checked(index, draft or ""), [parts["draft"]], [report], **_QUIET)


class _Wiring:
    """Joins each part to what it does. Changes come by the names of the parts; the others are left as they are."""

    def __init__(
        self, page: gr.Blocks, parts: Parts, owner: gr.BrowserState, conduct: Conduct, keeping: Keeping, start: Start
    ) -> None:
        self._page, self._parts, self._owner = page, parts, owner
        self._conduct, self._keeping, self._start = conduct, keeping, start
        self._names = [name for name in parts if name != "command"]
        self._who = [owner, parts["session"], parts["level"]]
        self._outputs = [owner, *(parts[name] for name in self._names)]

    def join(self) -> None:
        """All of them."""
        parts, conduct = self._parts, self._conduct
        asking = parts["box"].submit(
            self._several(conduct.answer, 1), [parts["box"], *self._who], self._outputs, **_QUIET, **_busy()
        )
        acting = parts["command"].change(
            self._several(lambda command, visitor: conduct.act(command.rpartition("#")[0], visitor), 1),
            [parts["command"], *self._who],
            self._outputs,
            **_QUIET,
            **_busy(),
        )
        parts["box"].stop(
            self._once(lambda visitor: conduct.stopped(visitor.session)),
            self._who,
            self._outputs,
            cancels=[asking, acting],
            queue=False,
            **_QUIET,
        )
        parts["fresh"].click(self._once(conduct.fresh), self._who, self._outputs, **_QUIET)
        for view in VIEWS:
            parts[f"to_{view}"].click(self._shower(view), self._who, self._outputs, **_QUIET)
        self._join_library()
        self._join_chats()
        self._join_start()

    def _join_library(self) -> None:
        parts, conduct = self._parts, self._conduct
        for name in ("search", "order", "language", "since", "until"):
            listen = parts[name].input if name in ("order", "language") else parts[name].change
            listen(
                self._limiter(name),
                [parts[name], *self._who],
                self._outputs,
                **{**_QUIET, "trigger_mode": "always_last"},
            )
        parts["add"].click(
            self._several(conduct.dropped, 2),
            [parts["files"], parts["links"], *self._who],
            self._outputs,
            **_QUIET,
            **_busy(),
        )

    def _join_chats(self) -> None:
        parts, keeping = self._parts, self._keeping

        def found(search: str, visitor: Visitor) -> Changes:
            return keeping.listed(visitor.owner, visitor.session, search)

        def renamed(name: str, visitor: Visitor) -> Changes:
            return keeping.renamed(name, visitor.owner, visitor.session)

        inputs = [parts["find_chat"], *self._who]
        parts["find_chat"].change(
            self._once(found, 1), inputs, self._outputs, **{**_QUIET, "trigger_mode": "always_last"}
        )
        parts["name"].submit(self._once(renamed, 1), [parts["name"], *self._who], self._outputs, **_QUIET)

    def _join_start(self) -> None:
        parts, conduct, start = self._parts, self._conduct, self._start
        waiting = gr.Timer(3.0)

        def arrived(owner: str, session: Session, level: str | None, request: gr.Request) -> list[Any]:
            visitor = _visitor(owner, session, level)
            return self._values(visitor, conduct.arrived(visitor, dict(request.query_params)))

        def look() -> tuple[Any, Any]:
            found = start.suggestions()
            if found is None:
                return gr.skip(), gr.skip()
            return gr.update(placeholder=start.placeholder()), gr.Timer(active=False)

        self._page.load(arrived, self._who, self._outputs, **_QUIET)
        waiting.tick(look, None, [parts["chat"], waiting], show_progress="hidden", api_visibility="private")

    def _values(self, visitor: Visitor, changes: Changes) -> list[Any]:
        if "start" in changes:
            changes = {**changes, "chat": gr.update(placeholder=changes["start"])}
        return [visitor.owner, *(changes.get(name, gr.skip()) for name in self._names)]

    def _once(self, action: Callable[..., Changes], inputs: int = 0) -> Callable[..., list[Any]]:
        def run(*values: Any) -> list[Any]:
            visitor = _visitor(*values[inputs:])
            return self._values(visitor, action(*values[:inputs], visitor))

        return run

    def _several(self, action: Callable[..., Iterator[Changes]], inputs: int) -> Callable[..., Iterator[list[Any]]]:
        def run(*values: Any) -> Iterator[list[Any]]:
            visitor = _visitor(*values[inputs:])
            for changes in action(*values[:inputs], visitor):
                yield self._values(visitor, changes)

        return run

    def _shower(self, view: str) -> Callable[..., list[Any]]:
        return self._once(lambda visitor: self._conduct.view(view, visitor))

    def _limiter(self, name: str) -> Callable[..., list[Any]]:
        return self._once(lambda value, visitor: self._conduct.wanted(visitor, **{name: value or ""}), 1)


def _visitor(owner: str | None, session: Session, level: str | None) -> Visitor:
    """Who acts; a browser that has no name yet gets one."""
    return Visitor(owner or new_token(), session, level)


def _busy() -> dict[str, Any]:
    return {"concurrency_limit": AT_ONCE}
