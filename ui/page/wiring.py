"""Joins the parts of the page to what they do, on the library that the page shows."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from index import PullquoteError

from . import checking
from .choices import translated
from .conduct import VIEWS, Changes, Visitor, sentence
from .desks import Desk, Desks
from .held import Held
from .html import notice
from .session import Session
from .visitors import remembered, signed_in, visitor_of
from .words import language_of, say, speaking

AT_ONCE = 4
"""Questions that are answered at the same time; more wait their turn."""
_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "trigger_mode": "multiple"}
_LATEST: dict[str, Any] = {**_QUIET, "trigger_mode": "always_last"}
_BUSY: dict[str, Any] = {**_QUIET, "concurrency_limit": AT_ONCE}
LASTING = ("ask", "retry", "examples")
"""Commands that take long; all others have the session of the page to themselves."""
_TYPED = ("search", "since", "until")
_CHOICES = ("order", "language", "origin")

Parts = dict[str, Any]


class Wiring:
    """Joins each part to what it does. Changes come by the names of the parts; the others are left as they are."""

    def __init__(self, page: gr.Blocks, parts: Parts, owner: gr.BrowserState, desks: Desks) -> None:
        self._page, self._parts, self._desks = page, parts, desks
        self._names = [name for name in parts if name not in ("command", "session")]
        self._who = [owner, parts["session"], parts["level"]]
        self._outputs = [owner, *(parts[name] for name in self._names)]

    def join(self) -> None:
        """All of them."""
        parts = self._parts
        asking = parts["box"].submit(
            self._several(lambda question, visitor: self._of(visitor).conduct.answer(question, visitor), 1),
            [parts["box"], *self._who],
            self._outputs,
            **_BUSY,
        )
        acting = parts["command"].change(
            self._several(self._act, 1), [parts["command"], *self._who], self._outputs, **_BUSY
        )
        parts["box"].stop(
            self._once(lambda visitor: self._of(visitor).conduct.stopped(visitor)),
            self._who,
            self._outputs,
            cancels=[asking, acting],
            **_QUIET,
        )
        fresh = self._once(lambda visitor: self._of(visitor).conduct.fresh(visitor))
        parts["fresh"].click(fresh, self._who, self._outputs, **_QUIET)
        for view in VIEWS:
            parts[f"to_{view}"].click(self._shower(view), self._who, self._outputs, **_QUIET)
        self._join_library()
        self._join_chats()
        self._join_start()

    def _of(self, visitor: Visitor) -> Desk:
        return self._desks.of(visitor.session)

    def _act(self, command: str, visitor: Visitor) -> Iterator[Changes]:
        told = command.rpartition("#")[0]
        name = told.partition(":")[0]
        if name in LASTING:
            yield from self._of(visitor).conduct.act(told, visitor)
            return
        with visitor.held.turn():
            done = [_kept(visitor, changes) for changes in self._done(told, visitor)]
        yield from done

    def _done(self, told: str, visitor: Visitor) -> Iterator[Changes]:
        name, _, value = told.partition(":")
        if name == "library":
            yield self._switched(value, visitor)
        elif name == "new_library":
            yield {"library_name": gr.update(visible=True, value="")}
        else:
            yield from self._of(visitor).conduct.act(told, visitor)

    def _switched(self, name: str, visitor: Visitor) -> Changes:
        """Another library, with a new conversation."""
        visitor.held.session = Session(library=name, owner=visitor.session.owner)
        changes = self._of(visitor).conduct.opened(visitor)
        return changes | {
            "libraries": self._desks.choice(visitor.session),
            "kept_library": name,
            "library_name": gr.update(visible=False),
        }

    def _made(self, name: str, visitor: Visitor) -> Changes:
        """A new library, which is opened at once."""
        try:
            if not self._desks.changeable:
                raise PullquoteError(say("no_new_libraries"))
            library = self._desks.libraries.make(name)
        except PullquoteError as error:
            return {"notice": notice(sentence(error))}
        return self._switched(library.name, visitor)

    def _join_library(self) -> None:
        parts = self._parts
        for name in _TYPED:
            parts[name].change(self._limiter(name), [parts[name], *self._who], self._outputs, **_LATEST)
        for name in _CHOICES:
            parts[name].input(self._limiter(name), [parts[name], *self._who], self._outputs, **_LATEST)
        parts["add"].click(
            self._several(lambda files, links, visitor: self._of(visitor).conduct.dropped(files, links, visitor), 2),
            [parts["files"], parts["links"], *self._who],
            self._outputs,
            **_BUSY,
        )
        parts["library_name"].submit(
            self._once(self._made, 1), [parts["library_name"], *self._who], self._outputs, **_QUIET
        )

        def check(draft: str, visitor: Visitor) -> Changes:
            return {"report": checking.checked(self._of(visitor).start.index, draft or "")}

        parts["check_it"].click(self._once(check, 1), [parts["draft"], *self._who], self._outputs, **_QUIET)

    def _join_chats(self) -> None:
        parts = self._parts

        def found(search: str, visitor: Visitor) -> Changes:
            return self._of(visitor).keeping.listed(visitor.owner, visitor.session, search)

        def renamed(name: str, visitor: Visitor) -> Changes:
            return self._of(visitor).keeping.renamed(name, visitor.owner, visitor.session)

        parts["find_chat"].change(self._once(found, 1), [parts["find_chat"], *self._who], self._outputs, **_LATEST)
        parts["name"].submit(self._once(renamed, 1), [parts["name"], *self._who], self._outputs, **_QUIET)

    def _join_start(self) -> None:
        parts, desks = self._parts, self._desks

        def arrived(kept: str, visitor: Visitor, request: gr.Request) -> Changes:
            address = dict(request.query_params)
            # A link without a library leads into the first one, whatever was chosen last.
            chosen = address.get("library", "" if "chat" in address or "article" in address else kept or "")
            session, changes = visitor.session, translated()
            if (library := desks.known(chosen)) != session.library:
                visitor.held.session = dataclasses.replace(session, library=library)
            changes |= self._of(visitor).conduct.arrived(visitor, address)
            changes |= {"libraries": desks.choice(visitor.session)} | signed_in(desks.home.store, visitor)
            return changes

        def look(held: Held, request: gr.Request) -> tuple[Any, Any]:
            start = desks.of(held.session).start
            if start.suggestions() is None:
                return gr.skip(), gr.skip()
            with speaking(_language(request)):
                return gr.update(placeholder=start.placeholder()), gr.Timer(active=False)

        def load(request: gr.Request, kept: str, *who: Any) -> list[Any]:
            with speaking(_language(request)):
                visitor = visitor_of(request, *who)
                with visitor.held.turn():
                    changes = _kept(visitor, arrived(kept, visitor, request))
                return self._values(visitor, changes)

        self._page.load(load, [parts["kept_library"], *self._who], self._outputs, **_QUIET)
        parts["waiting"].tick(
            look,
            [parts["session"]],
            [parts["chat"], parts["waiting"]],
            show_progress="hidden",
            api_visibility="private",
        )

    def _values(self, visitor: Visitor, changes: Changes) -> list[Any]:
        if "start" in changes:
            messages = {"value": changes["chat"]} if "chat" in changes else {}
            chat = gr.update(placeholder=changes["start"], **messages)
            changes = {**changes, "chat": chat, "waiting": gr.Timer(active=True)}
        return [remembered(visitor), *(changes.get(name, gr.skip()) for name in self._names)]

    def _once(self, action: Callable[..., Changes], inputs: int = 0) -> Callable[..., list[Any]]:
        def run(request: gr.Request, *values: Any) -> list[Any]:
            with speaking(_language(request)):
                visitor = visitor_of(request, *values[inputs:])
                with visitor.held.turn():
                    changes = _kept(visitor, action(*values[:inputs], visitor))
                return self._values(visitor, changes)

        return run

    def _several(self, action: Callable[..., Iterator[Changes]], inputs: int) -> Callable[..., Iterator[list[Any]]]:
        def run(request: gr.Request, *values: Any) -> Iterator[list[Any]]:
            visitor = visitor_of(request, *values[inputs:])
            steps = action(*values[:inputs], visitor)
            while True:
                # What a generator sets does not last from one step to the next: each may run in another thread.
                with speaking(_language(request)):
                    changes = next(steps, None)
                if changes is None:
                    return
                yield self._values(visitor, changes)

        return run

    def _shower(self, view: str) -> Callable[..., list[Any]]:
        return self._once(lambda visitor: self._of(visitor).conduct.view(view, visitor))

    def _limiter(self, name: str) -> Callable[..., list[Any]]:
        return self._once(lambda value, visitor: self._of(visitor).conduct.wanted(visitor, **{name: value or ""}), 1)


def _kept(visitor: Visitor, changes: Changes) -> Changes:
    """Takes the session out of what an action has changed, and keeps it."""
    if "session" in changes:
        visitor.held.session = changes.pop("session")
    return changes


def _language(request: gr.Request) -> str:
    return language_of(request.headers.get("accept-language"))
