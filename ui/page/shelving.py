"""What is done in the library: its list, ticking and limiting, removing and bringing back, adding."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from index import PullquoteError

from . import adding, library
from .choices import everything
from .held import Held
from .html import button, notice
from .removing import KEPT, Removals
from .session import Scope, Session
from .starting import Start
from .words import counted, say

Changes = dict[str, Any]
Action = Callable[[str, Session], Changes]
_LARGEST_ID = 1 << 63


class Shelving:
    """The actions on the articles of one library. Changes come by the names of the parts of the page."""

    def __init__(self, start: Start, adder: adding.Adding, removals: Removals, *, changeable: bool) -> None:
        self._start, self._adder, self._removals = start, adder, removals
        self._index = start.index
        self._changeable = changeable

    def actions(self) -> dict[str, Action]:
        """By the names of the buttons."""
        return {
            "page": self._page,
            "tick": self._tick,
            "tick_page": self._tick_page,
            "unselect": lambda value, session: self.listed(dataclasses.replace(session, selected=frozenset())),
            "remove": self._remove,
            "unremove": self._unremove,
            "stop_adding": self._stop_adding,
            "too_many": self._too_many,
        }

    # The list.

    def shown(self, session: Session) -> Changes:
        """The list, and the choices of its limits as the articles are now."""
        languages = [*everything(), *sorted((one, one) for one in self._index.languages())]
        return self.listed(session) | {
            "language": gr.update(choices=languages, visible=True),
            "origin": gr.update(choices=library.origins(self._index), visible=True),
            **{name: gr.update(visible=True) for name in ("order", "adding", "files")},
        }

    def listed(self, session: Session) -> Changes:
        """The list."""
        removed = self._removals.recent() if self._changeable else ()
        return {"session": session, "list": library.shown(self._index, session, removed)}

    def wanted(self, session: Session, **fields: str) -> Changes:
        """The list with other limits, from its first page."""
        if "origin" in fields:
            fields["origin_name"] = library.place_name(self._index, fields["origin"].partition(":")[2])
        known = dataclasses.replace(session.wanted, page=0, **fields)
        return self.listed(dataclasses.replace(session, wanted=known))

    def scope(self, value: str, session: Session) -> Scope | None:
        """What questions are to be limited to: what is ticked, or what the list shows; None when that is nothing."""
        wanted, label = session.wanted, ""
        if value == "selected":
            ids = tuple(sorted(session.selected))
        else:
            ids = tuple(self._index.listed_ids(wanted.filters(), wanted.search, wanted.origin))
            label = f"{wanted.limits}: "
        if not ids:
            return None
        if len(ids) == 1 and (article := self._index.article(ids[0])) is not None:
            return Scope(ids, article.title)
        return Scope(ids, label + counted("articles", len(ids)))

    def _page(self, value: str, session: Session) -> Changes:
        page = int(value) if value.isdecimal() and len(value) < 9 else 0
        return self.listed(dataclasses.replace(session, wanted=dataclasses.replace(session.wanted, page=page)))

    def _tick(self, value: str, session: Session) -> Changes:
        number = _number(value)
        if number is None:
            return {}
        return self.listed(dataclasses.replace(session, selected=session.selected ^ {number}))

    def _tick_page(self, value: str, session: Session) -> Changes:
        here = {row.id for row in library.listed(self._index, session).rows}
        return self.listed(dataclasses.replace(session, selected=session.selected | here))

    # What changes the articles.

    def _remove(self, value: str, session: Session) -> Changes:
        self.check_changeable()
        number = _number(value)
        ids = sorted(session.selected) if value == "selected" else [] if number is None else [number]
        what, removal = self._removals.remove(ids)
        session = dataclasses.replace(session, selected=session.selected - set(ids))
        changes = self.listed(session) | {"header": self._start.header()}
        if not what:
            return changes | {"notice": notice(say("not_there"))}
        if removal is None:
            return changes | {"notice": notice(say("removed_damaged", what=what))}
        undo = button("unremove", removal.token, say("undo"), "pq-tool")
        hours = round(KEPT.total_seconds() / 3600)
        return changes | {"notice": notice(say("removed", what=what, hours=hours), undo)}

    def _unremove(self, value: str, session: Session) -> Changes:
        self.check_changeable()
        report = self._removals.undo(value)
        count = len(report.added)
        line = counted("are_back", count) if count else say("was_there")
        return self.listed(session) | {"notice": notice(line), "header": self._start.header()}

    def add(self, sources: list[str], held: Held, note: str = "") -> Iterator[Changes]:
        """Adds sources; the list and the suggestions are made anew at the end."""
        self.check_changeable()
        for told in self._adder.run(sources):
            yield {"progress": told}
        changes = {"progress": told + note, "header": self._start.header(), "start": self._start.placeholder()}
        # Meanwhile the person has gone on: the list is that of now.
        yield {name: value for name, value in self.shown(held.session).items() if name != "session"} | changes

    def examples(self, held: Held) -> Iterator[Changes]:
        """Adds the example articles."""
        yield from self.add([str(self._start.examples())], held)

    def dropped(self, files: list[str] | None, links: str, held: Held) -> Iterator[Changes]:
        """Adds dropped files and pasted links."""
        self.check_changeable()
        wanted, wrong = adding.links_in(links or "")
        kept = adding.kept_files(self._index, files or [])
        sources = [*kept.paths, *wanted]
        note = "".join(notice(say("no_link", line=line[:200])) for line in wrong[:5])
        if kept.passed_over:
            note += notice(counted("passed_over", kept.passed_over))
        if not sources:
            yield {"progress": note or notice(say("nothing_to_add"))}
            return
        yield from self.add(sources, held, note)
        yield {"files": None, "links": ""}

    def check_changeable(self) -> None:
        """Refuses where articles may not be changed on the page.

        Raises:
            PullquoteError: they may not.
        """
        if not self._changeable:
            raise PullquoteError(say("not_changeable"))

    def _stop_adding(self, value: str, session: Session) -> Changes:
        self._adder.stop()
        return {}

    def _too_many(self, value: str, session: Session) -> Changes:
        count = int(value) if value.isdecimal() and len(value) < 9 else 0
        return {"progress": notice(say("too_many", count=count, most=adding.MOST_FILES))}


def _number(value: str) -> int | None:
    """An article's id out of a button, or None."""
    if not value.isdecimal() or len(value) > 19 or int(value) >= _LARGEST_ID:
        return None
    return int(value)
