"""The session of one open page, held on the server, where the page's events change it one after another.

Gradio runs the events of one page at the same time: somebody opens a quote while an answer comes, or asks while
articles are added. Were the session handed to each event and back, the last one would undo what the others did. So
each event reads the session here and changes it here. A quick one does so inside ``turn``; one that takes long, such as
an answer, changes only what it has come to, if that still has its place in the conversation.
"""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from collections.abc import Iterator
from typing import Any

from qa import Turn

from .session import Session


class Held:
    """Gradio keeps one for each open page and copies the first one for it."""

    def __init__(self, session: Session | None = None) -> None:
        self._lock = threading.RLock()
        self._session = session or Session()
        self._stops = 0
        self.asked_in = ""
        """The conversation in which the last question was asked, by its thread."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Held:
        return Held(self._session)

    @property
    def session(self) -> Session:
        """The session as it is now."""
        return self._session

    @session.setter
    def session(self, session: Session) -> None:
        with self._lock:
            self._session = session

    @property
    def stops(self) -> int:
        """How often the person has stopped what was being answered."""
        return self._stops

    def stop(self) -> None:
        """What is being answered now is not wanted any more."""
        with self._lock:
            self._stops += 1

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """No other event changes the session inside."""
        with self._lock:
            yield

    def tell(self, turn: Turn, **fields: Any) -> Session | None:
        """Changes what belongs to the last turn; None when the turn is not the last one any more."""
        with self._lock:
            if not self._session.turns or self._session.turns[-1] is not turn:
                return None
            self._session = dataclasses.replace(self._session, **fields)
            return self._session
