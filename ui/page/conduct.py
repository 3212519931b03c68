"""What the page does: each action of the person, and what changes on the page by it.

``Conduct`` holds the index, the store and nothing of any conversation. Each method takes the session and gives the
changes by the names of the parts that ``layout`` has put on the page; what it does not name stays as it is.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from index import PullquoteError
from qa import Notice, Turn, WrittenSentence, ask, write_stream
from qa.confidence import MOST_GENEROUS
from qa.suggesting import suggest

from . import proof
from .article_view import literal
from .held import Held
from .html import button, notice
from .keeping import Keeping
from .messages import asked, conversation
from .navigation import VIEWS, shown
from .session import Scope, Session, Wanted
from .shelving import Shelving
from .starting import Start
from .words import say, told

Changes = dict[str, Any]
_FOLLOW_SECONDS = 4.0
_FOLLOW = 3


@dataclasses.dataclass(frozen=True, slots=True)
class Visitor:
    """Who acts, and on what.

    Attributes:
        owner: what names the user for good.
        held: the state of the page.
        level: how sure an answer must be.
    """

    owner: str
    held: Held
    level: str | None

    @property
    def session(self) -> Session:
        """The state of the page as it is now."""
        return self.held.session


class Conduct:
    """The actions on one library; those on what is kept are ``Keeping``'s, those on the articles ``Shelving``'s."""

    def __init__(self, start: Start, keeping: Keeping, shelving: Shelving) -> None:
        self._start = start
        self._keeping = keeping
        self._shelving = shelving
        self._index = start.index

    def act(self, command: str, visitor: Visitor) -> Changes:
        """Does at once what a button of ours says: its name, a colon and its value."""
        name, _, value = command.partition(":")
        try:
            if (action := self._simple().get(name)) is not None:
                return action(value, visitor)
            if (shelved := self._shelving.actions().get(name)) is not None:
                return shelved(value, visitor.session)
            if (kept := self._keeping.actions().get(name)) is not None:
                return kept(value, visitor.owner, visitor.session)
        except PullquoteError as error:
            return {"notice": notice(sentence(error))}
        return {}

    def act_long(self, command: str, visitor: Visitor) -> Iterator[Changes]:
        """Does what a button says that takes long, step by step; ``page.js`` knows which do."""
        name, _, value = command.partition(":")
        try:
            if name in ("ask", "retry", "generously"):
                yield from self._ask_again(name, value, visitor)
            elif name == "examples":
                yield self.view("library", visitor)
                yield from self._shelving.examples(visitor.held)
        except PullquoteError as error:
            yield {"notice": notice(sentence(error))}

    def _simple(self) -> dict[str, Callable[[str, Visitor], Changes]]:
        return {
            "open": self._open,
            "article": self._article,
            "close": lambda value, visitor: {"pane": proof.nothing_open()},
            "edit": self._edit,
            "research": self._research,
            "view": self.view,
            "fresh": lambda value, visitor: self.fresh(visitor),
            "scope": self._scope,
            "unscope": lambda value, visitor: self._scoped(visitor.session, Scope()),
            "copied": lambda value, visitor: {"notice": notice(say("copied"))},
        }

    # Asking.

    def answer(self, question: str, visitor: Visitor) -> Iterator[Changes]:
        """Shows the question at once, then its answer; an error is a line above the box, with the question kept."""
        session, stops = visitor.session, visitor.held.stops
        visitor.held.asked_in = session.thread
        before = [message.as_gradio() for message in conversation(session.turns)]
        if question.strip():
            yield {
                "chat": [*before, asked(question).as_gradio()],
                "box": gr.update(value="", submit_btn=False, stop_btn=say("stop")),
                "notice": "",
            }
        try:
            answer = ask(
                self._index,
                question,
                session.turns,
                filters=session.scope.filters(),
                threshold=visitor.level,
                reader=self._start.reader,
            )
        except PullquoteError as error:
            yield self._unanswered(question, error, session, visitor)
            return
        turn = Turn(question, answer)
        if visitor.held.stops != stops:
            return
        try:
            yield self._taken(turn, session, visitor)
        except PullquoteError as error:
            yield self._unanswered(question, error, session, visitor)
            return
        if answer.answered:
            yield from self._added(turn, visitor)

    def answered(self, visitor: Visitor) -> Changes:
        """Once the browser has all steps of an answer: the conversation that is open, if it is another one by now.

        What is done at once goes another way to the browser than these steps, and may have been there before the last.
        """
        return {} if visitor.held.asked_in == visitor.session.thread else {"chat": _messages(visitor.session)}

    def _unanswered(self, question: str, error: PullquoteError, asked_in: Session, visitor: Visitor) -> Changes:
        changes: Changes = {"notice": notice(sentence(error))}
        if visitor.session.thread != asked_in.thread:
            return changes
        return changes | {"chat": _messages(visitor.session), "box": idle(question)}

    def _taken(self, turn: Turn, asked_in: Session, visitor: Visitor) -> Changes:
        """Saves the turn and shows it, unless the person has gone on to another conversation meanwhile.

        The conversation that it was asked in then shows it when it is opened again.
        """
        with visitor.held.turn():
            present = visitor.session
            is_open = present.thread == asked_in.thread
            session = present if is_open else asked_in
            session = dataclasses.replace(session, turns=(*session.turns, turn), follow_on=(), written=())
            session, changes = self._keeping.saved(visitor.owner, session, turn)
            if not is_open:
                return self._keeping.listed(visitor.owner, present)
            visitor.held.session = session
        return {"chat": _messages(session), "box": idle(), "notice": "", **changes}

    def _added(self, turn: Turn, visitor: Visitor) -> Iterator[Changes]:
        """What is told and suggested after an answer, as long as nothing has come after it."""
        written: tuple[WrittenSentence | Notice, ...] = ()
        for item in write_stream(turn.answer, self._start.writer):
            written = (*written, item)
            if (session := visitor.held.tell(turn, written=written)) is None:
                return
            yield {"chat": _messages(session)}
        follow_on = self._follow_on(visitor.session.turns)
        if follow_on and (session := visitor.held.tell(turn, follow_on=follow_on)) is not None:
            yield {"chat": _messages(session)}

    def _follow_on(self, turns: tuple[Turn, ...]) -> tuple[str, ...]:
        """Questions that follow from the answer: the quoted articles answer them, and nobody has asked them yet."""
        if not turns:
            return ()
        known = [turn.question for turn in turns]
        try:
            found = suggest(
                self._index,
                _FOLLOW,
                after=turns[-1].answer,
                leave_out=known,
                seconds=_FOLLOW_SECONDS,
                reader=self._start.reader,
            )
        except PullquoteError:
            return ()
        return tuple(one.question for one in found)

    def _ask_again(self, name: str, value: str, visitor: Visitor) -> Iterator[Changes]:
        """A question that a button holds, or that of a turn once more: with ``generously``, content with less.

        What came after a turn that is asked again goes; what may answer an earlier question is shown at the end.
        """
        question = value
        if name != "ask":
            with visitor.held.turn():
                turn = _turn(visitor.session, value)
                if turn is None:
                    return
                question = turn.question
                last = int(value) == len(visitor.session.turns) - 1
                if name == "generously" and not last:
                    question = turn.answer.question
                else:
                    visitor.held.session = self._keeping.cut(visitor.owner, visitor.session, int(value))
        yield shown("ask")
        if name == "generously":
            visitor = dataclasses.replace(visitor, level=MOST_GENEROUS)
        yield from self.answer(question, visitor)

    def stopped(self, visitor: Visitor) -> Changes:
        """The page as it was before the question that was stopped."""
        visitor.held.stop()
        return {"chat": _messages(visitor.session), "box": idle(), "notice": notice(say("stopped"))}

    def _edit(self, value: str, visitor: Visitor) -> Changes:
        turn = _turn(visitor.session, value)
        return {"box": idle(turn.question)} if turn else {}

    def _research(self, value: str, visitor: Visitor) -> Changes:
        turn = _turn(visitor.session, value)
        return {"box": idle(turn.answer.question)} if turn else {}

    # Proof.

    def _open(self, value: str, visitor: Visitor) -> Changes:
        pane = proof.opened(self._index, visitor.session.turns, value)
        return {} if pane is None else {"pane": pane}

    def _article(self, value: str, visitor: Visitor) -> Changes:
        numbers = value.split("-")
        if not all(number.isdecimal() and len(number) < 19 for number in numbers):
            return {}
        span = (int(numbers[1]), int(numbers[2])) if len(numbers) == 3 else None
        return {"pane": proof.previewed(self._index, int(numbers[0]), span)}

    # Views.

    def view(self, name: str, visitor: Visitor) -> Changes:
        """Another view; its lists are made anew."""
        if name not in VIEWS:
            return {}
        changes = shown(name) | {"pane": proof.nothing_open()}
        if name == "library":
            changes |= self._shelving.shown(visitor.session)
        if name == "clippings":
            changes["clips"] = self._keeping.clippings(visitor.owner)
        return changes

    # Library.

    def wanted(self, visitor: Visitor, **fields: str) -> Changes:
        """The list with other limits, from its first page."""
        return self._shelving.wanted(visitor.session, **fields)

    def _scope(self, value: str, visitor: Visitor) -> Changes:
        scope = self._shelving.scope(value, visitor.session)
        return {} if scope is None else self._scoped(visitor.session, scope) | shown("ask")

    def _scoped(self, session: Session, scope: Scope) -> Changes:
        return {"session": dataclasses.replace(session, scope=scope), "scope": scope_chip(scope)}

    def dropped(self, files: list[str] | None, links: str, visitor: Visitor) -> Iterator[Changes]:
        """Adds dropped files and pasted links."""
        try:
            yield from self._shelving.dropped(files, links, visitor.held)
        except PullquoteError as error:
            yield {"progress": notice(sentence(error))}

    # The page as a whole.

    def header(self) -> str:
        """The name and how many articles there are."""
        return self._start.header()

    def fresh(self, visitor: Visitor) -> Changes:
        """A new conversation; what it is limited to stays."""
        session = visitor.session.begun()
        changes = {"session": session, "chat": [], "pane": proof.nothing_open(), "notice": "", "box": idle()}
        return changes | shown("ask") | self._keeping.listed(visitor.owner, session)

    def opened(self, visitor: Visitor) -> Changes:
        """The page on this library, when another one was shown before."""
        limits = dict.fromkeys(("search", "since", "until", "language", "origin"), "")
        return (
            self.fresh(visitor)
            | {"header": self.header(), "scope": "", "progress": "", "start": self._start.placeholder()}
            | {"name": gr.update(visible=False), "order": Wanted().order, "report": "", "list": ""}
            | limits
        )

    def arrived(self, visitor: Visitor, address: dict[str, str]) -> Changes:
        """The page when it is opened, at what its address names."""
        changes: Changes = {"header": self.header(), "start": self._start.placeholder()}
        changes |= self._keeping.listed(visitor.owner, visitor.session)
        try:
            if address.get("chat"):
                changes |= self._keeping.reopened(address["chat"], visitor.owner, visitor.session)
            if address.get("article"):
                span = [address[name] for name in ("start", "end") if name in address]
                changes |= self._article("-".join([address["article"], *span]), visitor)
            if address.get("view"):
                changes |= self.view(address["view"], visitor)
        except PullquoteError as error:
            changes["notice"] = notice(sentence(error))
        return changes


def scope_chip(scope: Scope) -> str:
    """What questions are limited to, with a button that takes the limit away."""
    if scope.articles is None:
        return ""
    off = button("unscope", "", say("unscope"), "pq-sign", mark="✕")
    return f'<div class="pq-chip"><bdi>{literal(say("scoped", what=scope.label))}</bdi>{off}</div>'


def sentence(error: PullquoteError) -> str:
    """An error's line as a sentence."""
    line = told(" ".join(str(error).split()))
    return f"{line[:1].upper()}{line[1:]}" + ("" if line.endswith((".", "!", "?")) else ".")


def idle(question: str | None = None) -> Any:
    """The box when no question is being answered; without a question, what is typed in it meanwhile stays."""
    known = {} if question is None else {"value": question}
    return gr.update(submit_btn=say("ask_it"), stop_btn=False, **known)


def _messages(session: Session) -> list[dict[str, str]]:
    return [message.as_gradio() for message in conversation(session.turns, session.follow_on, session.written)]


def _turn(session: Session, value: str) -> Turn | None:
    return session.turns[int(value)] if value.isdecimal() and int(value) < len(session.turns) else None
