"""Exports answers, chats and clippings with their citations, as Markdown, HTML or JSON.

An export is first made as an ``Export``, which holds questions and saved quotes, and then written in one of the forms.
A quote keeps its text; everything that comes out of an article is escaped, so that nothing of it acts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from index import PullquoteError
from qa import Answer, Turn

from .exporting_html import as_html
from .exporting_json import as_json
from .exporting_markdown import as_markdown
from .exporting_model import Export, Item
from .store import Clipping, SavedAnswer, SavedChat, SavedTurn

Form = Literal["markdown", "html", "json"]


@dataclass(frozen=True, slots=True)
class WrittenExport:
    """An export as a file.

    Attributes:
        text: what is in it; write it as UTF-8.
        suffix: how the file's name ends.
        media_type: what it is sent as.
    """

    text: str
    suffix: str
    media_type: str


_FORMS: dict[str, tuple[Callable[[Export], str], str, str]] = {
    "markdown": (as_markdown, ".md", "text/markdown"),
    "html": (as_html, ".html", "text/html"),
    "json": (as_json, ".json", "application/json"),
}
FORMS = tuple(_FORMS)
"""The names of the forms."""


def answer_export(answer: Answer | SavedAnswer) -> Export:
    """An answer."""
    saved = answer if isinstance(answer, SavedAnswer) else SavedAnswer.of(answer)
    return Export("answer", saved.asked, (_item(saved.asked, saved),), _now())


def chat_export(chat: SavedChat | str, turns: Sequence[SavedTurn | Turn]) -> Export:
    """A chat, saved or not; one that is not saved is given by its name."""
    name = chat if isinstance(chat, str) else chat.name
    items = []
    for turn in turns:
        saved = turn.answer if isinstance(turn.answer, SavedAnswer) else SavedAnswer.of(turn.answer)
        items.append(_item(turn.question, saved))
    return Export("chat", name, tuple(items), _now())


def clippings_export(clippings: Sequence[Clipping], title: str = "Clippings") -> Export:
    """Clippings in their order, each with its note."""
    items = tuple(Item(kept.question, quotes=(kept.quote,), note=kept.note) for kept in clippings)
    return Export("clippings", title, items, _now())


def write_export(export: Export, form: str) -> WrittenExport:
    """Writes an export.

    Raises:
        PullquoteError: there is no such form.
    """
    if form not in _FORMS:
        raise PullquoteError(f"{form!r} is not a form of export; choose one of {', '.join(FORMS)}")
    write, suffix, media_type = _FORMS[form]
    return WrittenExport(write(export), suffix, media_type)


def _item(question: str, answer: SavedAnswer) -> Item:
    if answer.answered:
        return Item(question, answer.quotes, note=answer.note or "", searched=answer.question)
    return Item(question, (), answer.nearest, note=answer.text, searched=answer.question)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
