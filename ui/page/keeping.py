"""What the page keeps for its user: conversations, clippings, likes and dislikes, and what is handed out as a file."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import gradio as gr

from index import ArticleIndex
from qa import Answer, Quote, Turn

from ..exporting import answer_export, chat_export, clippings_export, write_export
from ..exporting_model import Export
from ..store import DISLIKE_REASONS, Store
from . import proof
from .article_view import literal
from .chats import chat_list, clipping_list
from .html import button, notice
from .messages import conversation
from .navigation import shown
from .session import Session
from .words import say

Changes = dict[str, Any]
Action = Callable[[str, str, Session], Changes]

_numbers = itertools.count(1)


class Keeping:
    """The actions on the store; every one takes the owner, and none reaches another owner's.

    Args:
        index: the articles.
        store: what is kept.
        library: the name by which a link finds the library; empty for the first.
    """

    def __init__(self, index: ArticleIndex, store: Store, library: str = "") -> None:
        self._library = library
        self._index = index
        self._store = store

    def actions(self) -> dict[str, Action]:
        """By the names of the buttons."""
        return {
            "chat": self.reopened,
            "rename": self._rename,
            "delete": self._delete,
            "undelete": self._undelete,
            "keep": self._keep,
            "unclip": self._unclip,
            "reclip": self._reclip,
            "like": lambda value, owner, session: self._rated(value, owner, session, liked=True),
            "dislike": lambda value, owner, session: self._rated(value, owner, session, liked=False),
            "reason": self._reason,
            "export": self._export,
            "copy": lambda value, owner, session: self._export(f"{value}.markdown", owner, session, copy=True),
            "link": self._link,
            "clips": self._export_clippings,
            "feedback": self._export_feedback,
        }

    def listed(self, owner: str, session: Session, search: str = "") -> Changes:
        """The conversations in the sidebar."""
        here = f'<span class="pq-here" title="{literal(self._address(session))}"></span>'
        return {"chats": here + chat_list(self._store, owner, search, session.chat)}

    def clippings(self, owner: str) -> str:
        """The clippings as HTML."""
        return clipping_list(self._store, owner, self._index)

    def saved(self, owner: str, session: Session, turn: Turn) -> tuple[Session, Changes]:
        """Saves a turn, in a new chat if the session has none."""
        if not owner:
            return session, {}
        if session.chat is None:
            session = dataclasses.replace(session, chat=self._store.chats.save(owner, turn).id)
        else:
            self._store.chats.add(owner, session.chat, turn)
        return session, self.listed(owner, session)

    def cut(self, owner: str, session: Session, position: int) -> Session:
        """The session before one of its turns."""
        if owner and session.chat is not None:
            self._store.chats.cut(owner, session.chat, position)
        return session.begun(session.turns[:position], session.chat)

    def reopened(self, value: str, owner: str, session: Session) -> Changes:
        """A saved conversation, to read and to go on with."""
        turns = self._store.chats.conversation(owner, value, self._index)
        session = session.begun(turns, value)
        messages = [message.as_gradio() for message in conversation(turns)]
        return shown("ask") | {
            "session": session,
            "chat": messages,
            "pane": proof.nothing_open(),
            "notice": "",
            **self.listed(owner, session),
        }

    def _rename(self, value: str, owner: str, session: Session) -> Changes:
        chat = self._store.chats.get(owner, value)
        return {
            "session": dataclasses.replace(session, renaming=value),
            "name": gr.update(value=chat.name, visible=True),
        }

    def renamed(self, name: str, owner: str, session: Session) -> Changes:
        """Gives the chat whose name is being changed its new name."""
        if session.renaming is not None:
            self._store.chats.rename(owner, session.renaming, name)
        session = dataclasses.replace(session, renaming=None)
        return {"session": session, "name": gr.update(visible=False), **self.listed(owner, session)}

    def _delete(self, value: str, owner: str, session: Session) -> Changes:
        chat = self._store.chats.delete(owner, value)
        changes: Changes = {}
        if session.chat == value:
            session = session.begun()
            changes = {"session": session, "chat": [], "pane": proof.nothing_open()}
        undo = button("undelete", value, say("undo"), "pq-tool")
        told = notice(say("deleted", name=chat.name), undo)
        return changes | {"notice": told} | self.listed(owner, session)

    def _undelete(self, value: str, owner: str, session: Session) -> Changes:
        self._store.chats.restore(owner, value)
        return {"notice": notice(say("is_back"))} | self.listed(owner, session)

    def _keep(self, value: str, owner: str, session: Session) -> Changes:
        found = _quote(session, value)
        if found is None:
            return {}
        answer, quote = found
        kept = self._store.clippings.add(owner, quote, answer.asked)
        return {"notice": notice(say("kept"), button("unclip", kept.id, say("undo"), "pq-tool"))}

    def _unclip(self, value: str, owner: str, session: Session) -> Changes:
        self._store.clippings.delete(owner, value)
        undo = button("reclip", value, say("undo"), "pq-tool")
        return {"notice": notice(say("unkept"), undo), "clips": self.clippings(owner)}

    def _reclip(self, value: str, owner: str, session: Session) -> Changes:
        self._store.clippings.restore(owner, value)
        return {"notice": notice(say("is_back")), "clips": self.clippings(owner)}

    def _rated(self, value: str, owner: str, session: Session, *, liked: bool) -> Changes:
        found = _quote(session, value)
        if found is None:
            return {}
        answer, quote = found
        self._store.feedback.give(owner, answer, liked=liked, quote=quote)
        if liked:
            return {"notice": notice(say("noted"))}
        reasons = "".join(
            button("reason", f"{value}.{reason}", say(f"reason_{reason}"), "pq-tool") for reason in DISLIKE_REASONS
        )
        return {"notice": notice(say("noted_why"), reasons)}

    def _reason(self, value: str, owner: str, session: Session) -> Changes:
        place, _, reason = value.rpartition(".")
        found = _quote(session, place)
        if found is None:
            return {}
        self._store.feedback.give(owner, found[0], liked=False, quote=found[1], reason=reason)
        export = button("feedback", "", say("export_feedback"), "pq-tool")
        return {"notice": notice(say("noted"), export)}

    def _export(self, value: str, owner: str, session: Session, *, copy: bool = False) -> Changes:
        number, _, form = value.partition(".")
        if not number.isdecimal() or int(number) >= len(session.turns):
            return {}
        # An answer in the middle of a conversation is exported alone; the last one with all that led to it.
        turn = session.turns[int(number)]
        whole = not copy and len(session.turns) > 1 and int(number) == len(session.turns) - 1
        export = chat_export(session.turns[0].question, session.turns) if whole else answer_export(turn.answer)
        return _handed(export, form, copy)

    def _link(self, value: str, owner: str, session: Session) -> Changes:
        if session.chat is None:
            return {}
        return {"outbox": _out(self._address(session), "link")}

    def _address(self, session: Session) -> str:
        """What the page's address ends with: which conversation is open, and in which library."""
        named = {"library": self._library, "chat": session.chat or ""}
        return "?" + urlencode({name: value for name, value in named.items() if value})

    def _export_clippings(self, value: str, owner: str, session: Session) -> Changes:
        kept = self._store.clippings.list(owner, self._index)
        return _handed(clippings_export(kept), value, copy=False)

    def _export_feedback(self, value: str, owner: str, session: Session) -> Changes:
        found = self._store.feedback.question_set(owner)
        return {"outbox": _out(found.text, "feedback.jsonl")}


def _quote(session: Session, place: str) -> tuple[Answer, Quote] | None:
    turn, _, number = place.partition(".")
    if not (turn.isdecimal() and number.isdecimal()) or int(turn) >= len(session.turns):
        return None
    answer = session.turns[int(turn)].answer
    return (answer, answer.quotes[int(number)]) if int(number) < len(answer.quotes) else None


def _handed(export: Export, form: str, copy: bool) -> Changes:
    written = write_export(export, form)
    return {"outbox": _out(written.text, "copy" if copy else f"pullquote{written.suffix}")}


def _out(text: str, name: str) -> str:
    """What ``page.js`` puts into the clipboard or offers as a file; numbered, so that it sees the same one twice."""
    return f'<div class="pq-out pq-out-{next(_numbers)}" title="{literal(name)}">{literal(text)}</div>'
