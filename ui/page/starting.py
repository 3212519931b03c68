"""What the page starts with: its header, the invitation, the example articles, and questions that are worth asking."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from index import ArticleIndex, PullquoteError, SourceError
from qa import Reader, WriterSettings
from qa.suggesting import suggest

from .article_view import literal
from .html import button, isolated
from .library import invitation
from .words import counted, say, told

TITLE = "Pullquote"
_SECONDS = 60.0
"""Suggestions are looked for in the background for this long."""
_COUNT = 4


def brand(state: str = "") -> str:
    """The name, and beside it what the library holds, as soon as that is known."""
    return f'<div class="pq-header"><div class="pq-brand">{TITLE}</div><span class="pq-count">{state}</span></div>'


class Start:
    """The index with its reader, and the questions that are suggested about it, found in the background.

    Attributes:
        index: the articles.
        reader: what chooses the sentences; the default reader when None.
        writer: the language model that tells the quotes in prose, when one is set.

    Raises:
        PullquoteError: a setting of the writer cannot be used.
    """

    def __init__(self, index: ArticleIndex, reader: Reader | None) -> None:
        self.index = index
        self.reader = reader
        self.writer = WriterSettings.from_environment()
        self._lock = threading.Lock()
        self._found: tuple[int, tuple[str, ...]] | None = None
        self._searching = False

    def header(self) -> str:
        """The name, the library and how many articles it holds."""
        try:
            count = self.index.counts()[0]
        except PullquoteError as error:
            state = literal(told(str(error)))
        else:
            state = f"{isolated(self.index.folder.name)} · {counted('articles', count)}"
        return brand(state)

    def placeholder(self) -> str:
        """What stands in the place of the conversation before the first question."""
        try:
            if not self.index.counts()[0]:
                return invitation()
        except PullquoteError as error:
            return f'<div class="pq-note">{literal(told(str(error)))}</div>'
        return opening(self.suggestions() or ())

    def suggestions(self) -> tuple[str, ...] | None:
        """The questions for the articles as they are now; None while they are looked for in the background."""
        state = self.index.generation()
        with self._lock:
            if self._found is not None and self._found[0] == state:
                return self._found[1]
            if not self._searching:
                self._searching = True
                threading.Thread(target=self._search, args=(state,), name="suggesting", daemon=True).start()
        return None

    def _search(self, state: int) -> None:
        found: tuple[str, ...] = ()
        try:
            made = suggest(self.index, _COUNT, seconds=_SECONDS, reader=self.reader)
            found = tuple(one.question for one in made)
        except PullquoteError:
            found = ()  # the same error is told when a question is asked
        finally:
            with self._lock:
                self._found, self._searching = (state, found), False

    def examples(self) -> Path:
        """The folder of the example articles.

        Raises:
            SourceError: this installation has none.
        """
        package = Path(__file__).parents[1]
        for folder in (package / "examples", package.parent / "examples"):
            if folder.is_dir():
                return folder
        raise SourceError("examples", "they are not part of this installation; add articles of your own")


def first_sight() -> str:
    """What stands on the page until its parts have come, in their places; ``page.js`` takes it away."""
    return f'<div id="pq-first" aria-hidden="true"><aside>{brand()}</aside><main>{opening()}</main></div>'


def opening(suggestions: Sequence[str] = ()) -> str:
    """What invites to the first question."""
    questions = "".join(button("ask", one, one, "pq-suggestion") for one in suggestions)
    offered = f'<div class="pq-follow"><span class="pq-heading">{say("suggested")}</span>{questions}</div>'
    return (
        f'<div class="pq-invitation"><div class="pq-big">{say("big")}</div><div>{say("promise")}</div>'
        f"{offered if questions else ''}</div>"
    )
