"""The web page: a chat whose answers are quotes, and beside it the article that a quote stands in.

It is made of Gradio's own parts. A click on a message, or Enter on the button inside it, is the ``select`` event of
``gr.Chatbot``; the article is shown by ``gr.Markdown``. Neither needs the browser to compile code, as ``gr.HTML``
would, so that the page can forbid it (see ``ui.guard``). A conversation is a tuple of turns in the session's state.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from index import ArticleIndex, PullquoteError
from qa import Hit, Reader, Turn, ask
from qa.confidence import DEFAULT_STRICTNESS, calibration

from .article_view import hit_view, literal, quote_view
from .messages import asked, conversation

TITLE = "Pullquote"
CSS = Path(__file__).with_name("page.css")
SCRIPT = Path(__file__).with_name("page.js")
AT_ONCE = 4
"""Questions that are answered at the same time; more wait their turn."""

_INVITATION = (
    '<div class="pq-invitation"><div class="pq-big">What would you like to know?</div>'
    "<div>Ask in your own words. Every answer is a sentence from your articles, word for word.</div>"
    "<div>If they do not say it, you are told so.</div></div>"
)
_NO_ARTICLE = '<div class="pq-article pq-empty">Choose a quote to read it in its article.</div>'

Turns = tuple[Turn, ...]
Messages = list[dict[str, str]]


def build_page(index: ArticleIndex, *, strictness: str | None = None, reader: Reader | None = None) -> gr.Blocks:
    """The page on an index; ``mount_options`` belong to it.

    Args:
        index: the articles.
        strictness: what is chosen at first.
        reader: what chooses the sentences; the default reader when None.
    """
    conduct = _Conduct(index, reader)
    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True, fill_height=True) as page:
        turns = gr.State(())
        with gr.Row(elem_id="pq-top"):
            gr.Markdown(conduct.header, latex_delimiters=[], elem_id="pq-header")
            level = gr.Radio(
                [(name.capitalize(), name) for name in calibration().levels],
                value=strictness or DEFAULT_STRICTNESS,
                label="How sure an answer must be",
                elem_id="pq-strictness",
                container=False,
            )
            fresh = gr.Button("New conversation", elem_id="pq-new", size="sm")
        with gr.Row(elem_id="pq-main", equal_height=True):
            with gr.Column(elem_id="pq-left", min_width=280):
                chat = gr.Chatbot(
                    elem_id="pq-chat",
                    show_label=False,
                    label="Conversation",
                    buttons=[],  # the default offers to share the chat on a hub
                    latex_delimiters=[],
                    feedback_options=None,
                    autoscroll=False,  # it would go past the answer to its last quote; page.js goes to the question
                    height="100%",
                    placeholder=_INVITATION,
                )
                notice = gr.Markdown("", latex_delimiters=[], elem_id="pq-notice")
                box = gr.Textbox(
                    elem_id="pq-question",
                    label="Your question",
                    show_label=False,
                    placeholder="Ask your articles …",
                    autofocus=True,
                    submit_btn="Ask",
                    lines=1,
                    max_lines=6,
                )
            with gr.Column(elem_id="pq-right", min_width=280):
                article = gr.Markdown(_NO_ARTICLE, latex_delimiters=[], elem_id="pq-pane")
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        box.submit(conduct.answer, [box, turns, level], [box, chat, turns, notice], concurrency_limit=AT_ONCE, **quiet)
        chat.select(conduct.show, [turns], [article], concurrency_limit=AT_ONCE, **quiet)
        fresh.click(conduct.forget, None, [turns, chat, article, notice], **quiet)
    return page


def mount_options(script: str) -> dict[str, Any]:
    """What ``gr.mount_gradio_app`` is told about the page.

    Args:
        script: the address under which ``SCRIPT`` is served.
    """
    # Named fonts that are on the machine: Gradio's own are fetched from a font server.
    font = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"]
    mono = ["ui-monospace", "Consolas", "Noto Sans Mono", "monospace"]
    return {
        "theme": gr.themes.Default(font=font, font_mono=mono),
        "css_paths": [CSS],
        "head": f'<script src="{script}" defer></script>',
        "footer_links": [],
        "run_history": False,
        "ssr_mode": False,
        "mcp_server": False,
        "enable_monitoring": False,
        "pwa": False,
        "show_error": True,
    }


class _Conduct:
    """What the page does; it holds the index, the reader and nothing of any conversation."""

    def __init__(self, index: ArticleIndex, reader: Reader | None) -> None:
        self._index = index
        self._reader = reader

    def header(self) -> str:
        """The line above the page, made anew when the page is loaded."""
        try:
            count = self._index.counts()[0]
        except PullquoteError as error:
            state = literal(str(error))
        else:
            state = f"{count:,} {'article' if count == 1 else 'articles'}"
            if not count:
                command = literal(f"pullquote add FILES --index {self._index.folder}")
                state = f"There are no articles in this index yet. Add some with <code>{command}</code>"
        return f'<div class="pq-header"><h1>{TITLE}</h1><span class="pq-count">{state}</span></div>'

    def answer(self, question: str, turns: Turns, strictness: str | None) -> Iterator[tuple[Any, ...]]:
        """Shows the question at once, then its answer; an error is a line above the box, with the question kept."""
        messages = _messages(turns)
        if question.strip():
            yield "", [*messages, asked(question).as_gradio()], gr.skip(), ""
        try:
            answer = ask(self._index, question, turns, threshold=strictness, reader=self._reader)
        except PullquoteError as error:
            yield question, messages, gr.skip(), f'<div class="pq-notice">{literal(_sentence(error))}</div>'
            return
        turns = (*turns, Turn(question, answer))
        yield gr.skip(), _messages(turns), turns, ""

    def show(self, turns: Turns, event: gr.SelectData) -> Any:
        """Shows the article of the message that was chosen."""
        shown = conversation(turns)
        position = event.index[0] if isinstance(event.index, list | tuple) else event.index
        message = shown[position] if 0 <= position < len(shown) else None
        if message is None or message.opens is None:
            return gr.skip()
        if isinstance(message.opens, Hit):
            return hit_view(self._index, message.opens)
        return quote_view(self._index, message.opens, message.beside)

    def forget(self) -> tuple[Turns, Messages, str, str]:
        """Starts a new conversation."""
        return (), [], _NO_ARTICLE, ""


def _messages(turns: Turns) -> Messages:
    return [message.as_gradio() for message in conversation(turns)]


def _sentence(error: PullquoteError) -> str:
    """An error's line as a sentence."""
    line = " ".join(str(error).split())
    return f"{line[:1].upper()}{line[1:]}" + ("" if line.endswith((".", "!", "?")) else ".")
