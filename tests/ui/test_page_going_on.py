"""Somebody goes on to another conversation while the last steps of an answer are on their way to the browser."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from store_support import make_index

from qa import SentenceReader
from ui.libraries import Libraries
from ui.page.conduct import Conduct, Visitor
from ui.page.desks import Desks
from ui.page.held import Held
from ui.page.session import Session

QUESTION = "How many cars does the ferry Aurora carry"
ABOUT_BEES = "How many species of wild bees did botanists count"


@pytest.fixture
def conduct(tmp_path: Path) -> Iterator[Conduct]:
    """The actions on two articles."""
    with make_index(tmp_path) as index:
        yield Desks(Libraries([index]), SentenceReader(), changeable=True).home.conduct


@pytest.fixture
def visitor() -> Visitor:
    """Somebody who gets every answer."""
    return Visitor("somebody", Held(Session().begun()), "generous")


def begin_anew(conduct: Conduct, visitor: Visitor) -> None:
    """As the wiring does it."""
    visitor.held.session = conduct.fresh(visitor).pop("session")


def test_the_new_conversation_stands_in_the_end(conduct: Conduct, visitor: Visitor) -> None:
    steps = conduct.answer(QUESTION, visitor)
    while not visitor.session.turns:
        step = next(steps)
    assert QUESTION in str(step["chat"])
    begin_anew(conduct, visitor)  # the step above may reach the browser after this
    assert [step["chat"] for step in steps][-1] == []


def test_nothing_is_said_twice_when_nobody_goes_on(conduct: Conduct, visitor: Visitor) -> None:
    shown = [step["chat"] for step in conduct.answer(QUESTION, visitor)]
    assert all(QUESTION in str(chat) for chat in shown)
    assert all(one != other for one, other in itertools.pairwise(shown))


def test_a_question_in_the_new_conversation_is_not_taken_away(conduct: Conduct, visitor: Visitor) -> None:
    steps = conduct.answer(QUESTION, visitor)
    while not visitor.session.turns:
        next(steps)
    begin_anew(conduct, visitor)
    later = conduct.answer(ABOUT_BEES, visitor)
    assert ABOUT_BEES in str(next(later)["chat"])
    assert list(steps) == []
    assert all(ABOUT_BEES in str(step["chat"]) and QUESTION not in str(step["chat"]) for step in later)
