"""Exports as JSON: every field as it is kept, the quotes exactly as they are."""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter

from .exporting_model import Export, Item, source_link
from .store import SavedHit, SavedQuote

FORMAT = 1
"""The version of the document; a reader can tell by it what to expect."""

_QUOTE = TypeAdapter(SavedQuote)
_HIT = TypeAdapter(SavedHit)


def as_json(export: Export) -> str:
    """The export as one JSON document in ASCII, so that no terminal or editor acts on any character of it."""
    document = {
        "pullquote_export": FORMAT,
        "kind": export.kind,
        "title": export.title,
        "exported": export.exported.isoformat(),
        "items": [_item(item) for item in export.items],
    }
    return json.dumps(document, indent=2) + "\n"


def _item(item: Item) -> dict[str, Any]:
    return {
        "question": item.question,
        "searched": item.searched,
        "note": item.note,
        "quotes": [_QUOTE.dump_python(quote, mode="json") | {"link": _link(quote)} for quote in item.quotes],
        "nearest": [_HIT.dump_python(hit, mode="json") | {"link": _link(hit)} for hit in item.nearest],
    }


def _link(piece: SavedQuote | SavedHit) -> str | None:
    return source_link(piece.article, piece.text)
