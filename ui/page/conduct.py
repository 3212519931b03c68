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
from qa import Turn, ask, write_stream
from qa.suggesting import suggest

from . import adding, library, proof
from .article_view import literal
from .html import button, notice
from .keeping import Keeping
from .messages import asked, conversation
from .session import Scope, Session
from .starting import Start
from .words import say

Changes = dict[str, Any]
VIEWS = ("ask", "library", "check", "clippings")
_FOLLOW_SECONDS = 4.0
_FOLLOW = 2


@dataclasses.dataclass(frozen=True, slots=True)
class Visitor:
    """Who acts, and on what.

    Attributes:
        owner: what names the user for good.
        session: the state of the page.
        level: how sure an answer must be.
    """

    owner: str
    session: Session
    level: str | None


class Conduct:
    """The actions; those that belong to what is kept are ``Keeping``'s."""

    def __init__(self, start: Start, keeping: Keeping, adder: adding.Adding, *, changeable: bool) -> None:
        self._changeable = changeable
        self._start = start
        self._keeping = keeping
        self._adder = adder
        self._index = start.index

    def act(self, command: str, visitor: Visitor) -> Iterator[Changes]:
        """Does what a button of ours says: its name, a colon and its value."""
        name, _, value = command.partition(":")
        try:
            if name in ("examples", "remove", "unremove"):
                self._check_changeable()
            if name in ("ask", "retry"):
                yield from self._ask_again(name, value, visitor)
            elif name == "examples":
                yield from self.add([str(self._start.examples())], visitor)
            elif (action := self._simple().get(name)) is not None:
                yield action(value, visitor)
            elif (kept := self._keeping.actions().get(name)) is not None:
                yield kept(value, visitor.owner, visitor.session)
        except PullquoteError as error:
            yield {"notice": notice(sentence(error))}

    def _simple(self) -> dict[str, Callable[[str, Visitor], Changes]]:
        return {
            "open": self._open,
            "article": self._article,
            "close": lambda value, visitor: {"pane": proof.NOTHING_OPEN},
            "edit": self._edit,
            "research": self._research,
            "view": self.view,
            "page": self._page,
            "tick": self._tick,
            "unselect": lambda value, visitor: self._listed(dataclasses.replace(visitor.session, selected=frozenset())),
            "scope": self._scope,
            "unscope": lambda value, visitor: self._scoped(visitor.session, Scope()),
            "remove": self._remove,
            "unremove": self._unremove,
            "stop_adding": self._stop_adding,
            "copied": lambda value, visitor: {"notice": notice("Copied.")},
        }

    # Asking.

    def answer(self, question: str, visitor: Visitor) -> Iterator[Changes]:
        """Shows the question at once, then its answer; an error is a line above the box, with the question kept."""
        session = visitor.session
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
            yield {"chat": before, "box": idle(question), "notice": notice(sentence(error))}
            return
        turn = Turn(question, answer)
        session = dataclasses.replace(session, turns=(*session.turns, turn), follow_on=(), written=())
        session, changes = self._keeping.saved(visitor.owner, session, turn)
        yield {"session": session, "chat": _messages(session), "box": idle(), "notice": "", **changes}
        if answer.answered:
            for item in write_stream(answer, self._start.writer):
                session = dataclasses.replace(session, written=(*session.written, item))
                yield {"session": session, "chat": _messages(session)}
            follow_on = self._follow_on(session)
            if follow_on:
                session = dataclasses.replace(session, follow_on=follow_on)
                yield {"session": session, "chat": _messages(session)}

    def _follow_on(self, session: Session) -> tuple[str, ...]:
        """Two questions that the quoted articles answer, and that nobody has asked yet."""
        articles = list(dict.fromkeys(quote.article.id for quote in session.turns[-1].answer.quotes))
        known = [turn.question for turn in session.turns]
        try:
            found = suggest(
                self._index,
                _FOLLOW,
                articles=articles,
                leave_out=known,
                seconds=_FOLLOW_SECONDS,
                reader=self._start.reader,
            )
        except PullquoteError:
            return ()
        return tuple(one.question for one in found)

    def _ask_again(self, name: str, value: str, visitor: Visitor) -> Iterator[Changes]:
        question = value
        if name == "retry":
            turn = _turn(visitor.session, value)
            if turn is None:
                return
            question = turn.question
            position = int(value)
            session = self._keeping.cut(visitor.owner, visitor.session, position)
            visitor = dataclasses.replace(visitor, session=session)
        yield {"session": visitor.session, **self._views("ask")}
        yield from self.answer(question, visitor)

    def stopped(self, session: Session) -> Changes:
        """The page as it was before the question that was stopped."""
        return {"chat": _messages(session), "box": idle(), "notice": notice("Stopped.")}

    def _edit(self, value: str, visitor: Visitor) -> Changes:
        turn = _turn(visitor.session, value)
        return {"box": idle(turn.question)} if turn else {}

    def _research(self, value: str, visitor: Visitor) -> Changes:
        turn = _turn(visitor.session, value)
        return {"box": idle(turn.answer.question)} if turn else {}

    # Proof.

    def _open(self, value: str, visitor: Visitor) -> Changes:
        shown = proof.opened(self._index, visitor.session.turns, value)
        return {} if shown is None else {"pane": shown}

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
        changes = self._views(name) | {"pane": proof.NOTHING_OPEN}
        if name == "library":
            changes |= self._listed(visitor.session) | {
                "language": gr.update(choices=[("All", ""), *sorted((one, one) for one in self._index.languages())])
            }
        if name == "clippings":
            changes["clips"] = self._keeping.clippings(visitor.owner)
        return changes

    def _views(self, name: str) -> Changes:
        shown: Changes = {f"{view}_view": gr.update(visible=view == name) for view in VIEWS}
        return shown | {f"to_{view}": gr.update(variant="primary" if view == name else "secondary") for view in VIEWS}

    # Library.

    def wanted(self, visitor: Visitor, **fields: str) -> Changes:
        """The list with other limits, from its first page."""
        known = dataclasses.replace(visitor.session.wanted, page=0, **fields)
        return self._listed(dataclasses.replace(visitor.session, wanted=known))

    def _listed(self, session: Session) -> Changes:
        return {"session": session, "list": library.shown(self._index, session)}

    def _page(self, value: str, visitor: Visitor) -> Changes:
        page = int(value) if value.isdecimal() and len(value) < 9 else 0
        known = dataclasses.replace(visitor.session.wanted, page=page)
        return self._listed(dataclasses.replace(visitor.session, wanted=known))

    def _tick(self, value: str, visitor: Visitor) -> Changes:
        if not value.isdecimal() or len(value) > 18:
            return {}
        chosen = visitor.session.selected ^ {int(value)}
        return self._listed(dataclasses.replace(visitor.session, selected=chosen))

    def _scope(self, value: str, visitor: Visitor) -> Changes:
        session = visitor.session
        if value == "selected":
            ids, label = tuple(sorted(session.selected)), ""
        else:
            ids = tuple(self._index.listed_ids(session.wanted.filters(), session.wanted.search))
            label = f"{session.wanted.limits}: "
        if not ids:
            return {}
        if len(ids) == 1 and (article := self._index.article(ids[0])) is not None:
            label = article.title
        else:
            label += f"{len(ids):,} articles"
        return self._scoped(session, Scope(ids, label)) | self._views("ask")

    def _scoped(self, session: Session, scope: Scope) -> Changes:
        return {"session": dataclasses.replace(session, scope=scope), "scope": scope_chip(scope)}

    def _remove(self, value: str, visitor: Visitor) -> Changes:
        session = visitor.session
        ids = sorted(session.selected) if value == "selected" else [int(value)] if value.isdecimal() else []
        gone = self._index.remove(ids) if ids else ()
        sources = tuple(source for article in gone for source in article.sources)
        session = dataclasses.replace(session, selected=session.selected - set(ids), removed=sources)
        what = f"“{gone[0].title}” is" if len(gone) == 1 else f"{len(gone):,} articles are"
        undo = button("unremove", "", "Undo", "pq-tool")
        return self._listed(session) | {"notice": notice(f"{what} removed.", undo), "header": self.header()}

    def _unremove(self, value: str, visitor: Visitor) -> Changes:
        session = visitor.session
        report = self._index.add(list(session.removed))
        session = dataclasses.replace(session, removed=())
        line = "It is back." if not report.failed else f"Not all came back: {report.failed[0].reason}"
        return self._listed(session) | {"notice": notice(line), "header": self.header()}

    def add(self, sources: list[str], visitor: Visitor, note: str = "") -> Iterator[Changes]:
        """Adds sources; the list and the suggestions are made anew at the end."""
        yield self._views("library")
        for told in self._adder.run(sources):
            yield {"progress": told}
        changes = {"progress": told + note, "header": self.header(), "start": self._start.placeholder()}
        yield self.view("library", visitor) | changes

    def dropped(self, files: list[str] | None, links: str, visitor: Visitor) -> Iterator[Changes]:
        """Adds dropped files and pasted links."""
        try:
            self._check_changeable()
            wanted, wrong = adding.links_in(links or "")
            sources = [*adding.kept_files(self._index, files or []), *wanted]
        except PullquoteError as error:
            yield {"progress": notice(sentence(error))}
            return
        note = "".join(notice(f"“{line[:200]}” is no link; begin with https://") for line in wrong[:5])
        if not sources:
            yield {"progress": note or notice("There is nothing to add yet: drop files, or paste a link.")}
            return
        yield from self.add(sources, visitor, note)
        yield {"files": None, "links": ""}

    def _check_changeable(self) -> None:
        if not self._changeable:
            raise PullquoteError("articles cannot be changed here; whoever runs the server can allow it: --allow-add")

    def _stop_adding(self, value: str, visitor: Visitor) -> Changes:
        self._adder.stop()
        return {}

    # The page as a whole.

    def header(self) -> str:
        """The name and how many articles there are."""
        return self._start.header()

    def fresh(self, visitor: Visitor) -> Changes:
        """A new conversation; what it is limited to stays."""
        session = dataclasses.replace(visitor.session, turns=(), chat=None, follow_on=(), written=())
        changes = {"session": session, "chat": [], "pane": proof.NOTHING_OPEN, "notice": "", "box": idle()}
        return changes | self._views("ask") | self._keeping.listed(visitor.owner, session)

    def arrived(self, visitor: Visitor, address: dict[str, str]) -> Changes:
        """The page when it is opened, at what its address names."""
        changes: Changes = {"header": self.header(), **self._keeping.listed(visitor.owner, visitor.session)}
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
    line = " ".join(str(error).split())
    return f"{line[:1].upper()}{line[1:]}" + ("" if line.endswith((".", "!", "?")) else ".")


def idle(question: str = "") -> Any:
    """The box when no question is being answered."""
    return gr.update(value=question, submit_btn=say("ask"), stop_btn=False)


def _messages(session: Session) -> list[dict[str, str]]:
    return [message.as_gradio() for message in conversation(session.turns, session.follow_on, session.written)]


def _turn(session: Session, value: str) -> Turn | None:
    return session.turns[int(value)] if value.isdecimal() and int(value) < len(session.turns) else None
