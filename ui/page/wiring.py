"""Joins the parts of the page to what they do, on the library that the page shows."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import gradio as gr
from gradio.events import Dependency

from index import PullquoteError

from . import checking
from .choices import translated
from .conduct import Changes, Visitor, sentence
from .desks import Desk, Desks
from .held import Held
from .html import notice
from .session import Session
from .visitors import remembered, signed_in, visitor_of
from .words import language_of, say, speaking

AT_ONCE = 4
"""Questions that are answered at the same time; more wait their turn."""
_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "trigger_mode": "multiple"}
_LATEST = "always_last"
_TYPED = ("search", "since", "until")
_CHOICES = ("order", "language", "origin")

LIBRARY = ("list", "order", "language", "origin", "adding", "files")
"""What a library's view changes. Gradio loads what it needs for a part as soon as that is visible, so those that no
other view has become so when the library is opened for the first time."""

Parts = dict[str, Any]


class Wiring:
    """Joins each part to what it does. Changes come by the names of the parts; the others are left as they are.

    Each event names the parts that it may change: a browser goes through all of them several times for each event.
    """

    def __init__(self, page: gr.Blocks, parts: Parts, owner: gr.BrowserState, desks: Desks) -> None:
        self._page, self._parts, self._owner, self._desks = page, parts, owner, desks
        self._names = tuple(name for name in parts if name not in ("command", "long_command", "session"))
        self._who = [owner, parts["session"], parts["level"]]
        # Gradio tells each part that it names here, by default all that an event may change, of every step. Its queue
        # answers over a stream that the browser closes when it expects nothing more: what it asks for at that moment
        # can get lost, so what is done at once is a request of its own.
        self._quiet = {**_QUIET, "queue": False, "show_progress_on": parts["notice"]}

    def join(self) -> None:
        """All of them."""
        parts = self._parts
        asking = self._several(
            parts["box"].submit,
            lambda question, visitor: self._of(visitor).conduct.answer(question, visitor),
            ("box",),
            ("chat", "box", "notice", "chats"),
        )
        acting = self._several(parts["long_command"].change, self._act_long, ("long_command",), self._names)
        for steps in (asking, acting):
            self._once(steps, lambda visitor: self._of(visitor).conduct.answered(visitor), (), ("chat",))
        self._once(parts["command"].change, self._act, ("command",), self._names)
        self._once(
            parts["box"].stop,
            lambda visitor: self._of(visitor).conduct.stopped(visitor),
            (),
            ("chat", "box", "notice"),
            cancels=[asking, acting],
        )
        self._join_library()
        self._join_chats()
        self._join_start()

    def _of(self, visitor: Visitor) -> Desk:
        return self._desks.of(visitor.session)

    def _act(self, command: str, visitor: Visitor) -> Changes:
        told = command.rpartition("#")[0]
        name, _, value = told.partition(":")
        if name == "library":
            return self._switched(value, visitor)
        if name == "new_library":
            return {"library_name": gr.update(visible=True, value="")}
        return self._of(visitor).conduct.act(told, visitor)

    def _act_long(self, command: str, visitor: Visitor) -> Iterator[Changes]:
        yield from self._of(visitor).conduct.act_long(command.rpartition("#")[0], visitor)

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

        def limited(*values: Any) -> Changes:
            *wanted, visitor = values
            limits = {name: value or "" for name, value in zip((*_TYPED, *_CHOICES), wanted, strict=True)}
            return self._of(visitor).conduct.wanted(visitor, **limits)

        changing = [*(parts[name].change for name in _TYPED), *(parts[name].input for name in _CHOICES)]
        self._once(changing, limited, (*_TYPED, *_CHOICES), ("list",), trigger_mode=_LATEST)
        self._several(
            parts["add"].click,
            lambda files, links, visitor: self._of(visitor).conduct.dropped(files, links, visitor),
            ("files", "links"),
            ("progress", "header", "chat", "waiting", "links", *LIBRARY),
        )
        self._once(parts["library_name"].submit, self._made, ("library_name",), self._names)

        def check(draft: str, visitor: Visitor) -> Changes:
            return {"report": checking.checked(self._of(visitor).start.index, draft or "")}

        self._once(parts["check_it"].click, check, ("draft",), ("report",))

    def _join_chats(self) -> None:
        parts = self._parts

        def found(search: str, visitor: Visitor) -> Changes:
            return self._of(visitor).keeping.listed(visitor.owner, visitor.session, search)

        def renamed(name: str, visitor: Visitor) -> Changes:
            return self._of(visitor).keeping.renamed(name, visitor.owner, visitor.session)

        self._once(parts["find_chat"].change, found, ("find_chat",), ("chats",), trigger_mode=_LATEST)
        self._once(parts["name"].submit, renamed, ("name",), ("name", "chats"))

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
                return [remembered(visitor), *self._values(changes, self._names)]

        asked = [parts["kept_library"], *self._who]
        self._page.load(load, asked, [self._owner, *self._of_names(self._names)], **self._quiet)
        look_at = [parts["chat"], parts["waiting"]]
        parts["waiting"].tick(look, [parts["session"]], look_at, **{**self._quiet, "trigger_mode": "once"})

    def _of_names(self, names: Sequence[str]) -> list[Any]:
        return [self._parts[name] for name in names]

    def _values(self, changes: Changes, names: Sequence[str]) -> Any:
        if "start" in changes:
            messages = {"value": changes["chat"]} if "chat" in changes else {}
            chat = gr.update(placeholder=changes["start"], **messages)
            changes = {**changes, "chat": chat, "waiting": gr.Timer(active=True)}
            del changes["start"]
        if unknown := changes.keys() - {*names, "session"}:  # what takes long has kept its session already
            raise LookupError(f"this event does not change {', '.join(sorted(unknown))}")
        values = [changes.get(name, gr.skip()) for name in names]
        return values if len(values) > 1 else values[0]  # as Gradio takes it

    def _once(
        self,
        triggers: Any,
        action: Callable[..., Changes],
        inputs: Sequence[str],
        names: Sequence[str],
        **options: Any,
    ) -> None:
        """Joins an event, or the end of one, to what is done at once; ``action`` gets the inputs and the visitor."""

        def run(request: gr.Request, *values: Any) -> Any:
            with speaking(_language(request)):
                visitor = visitor_of(request, *values[len(inputs) :])
                with visitor.held.turn():
                    changes = _kept(visitor, action(*values[: len(inputs)], visitor))
                return self._values(changes, names)

        taken = [*self._of_names(inputs), *self._who]
        join = triggers.then if isinstance(triggers, Dependency) else functools.partial(gr.on, triggers)
        join(run, taken, self._of_names(names), **{**self._quiet, **options})

    def _several(
        self,
        trigger: Any,
        action: Callable[..., Iterator[Changes]],
        inputs: Sequence[str],
        names: Sequence[str],
    ) -> Any:
        """Joins an event to what takes long and changes the page step by step."""

        def run(request: gr.Request, *values: Any) -> Iterator[Any]:
            visitor = visitor_of(request, *values[len(inputs) :])
            steps = action(*values[: len(inputs)], visitor)
            while True:
                # What a generator sets does not last from one step to the next: each may run in another thread.
                with speaking(_language(request)):
                    changes = next(steps, None)
                if changes is None:
                    return
                yield self._values(changes, names)

        taken = [*self._of_names(inputs), *self._who]
        options = {**_QUIET, "concurrency_limit": AT_ONCE, "show_progress_on": self._parts["chat"]}
        return gr.on(trigger, run, taken, self._of_names(names), **options)


def _kept(visitor: Visitor, changes: Changes) -> Changes:
    """Takes the session out of what an action has changed, and keeps it."""
    if "session" in changes:
        visitor.held.session = changes.pop("session")
    return changes


def _language(request: gr.Request) -> str:
    return language_of(request.headers.get("accept-language"))
