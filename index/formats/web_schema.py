"""Finds the schema.org description (JSON-LD) of an article in a page; broken or hostile JSON is as none at all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from .web_tree import Element

_LONGEST = 2_000_000
_MOST_OBJECTS = 2_000
_ARTICLE_TYPES = re.compile(r"Article|Posting|Report$|^Review$|^WebPage$")
_TRAILING_COMMA = re.compile(r",\s{0,100}([}\]])")


def schema_articles(root: Element) -> list[dict[str, Any]]:
    """The schema.org objects of a page that describe an article, the fittest first."""
    return sorted((item for script in root.iter("script") for item in _in_script(script)), key=_rank)


def _in_script(script: Element) -> Iterator[dict[str, Any]]:
    text = script.text or ""
    if "ld+json" not in (script.get("type") or "").lower() or len(text) > _LONGEST:
        return
    text = text.strip().removeprefix("<![CDATA[").removesuffix("]]>")
    value = _parsed(text)
    # Many sites write commas before a closing bracket, which no parser of JSON takes.
    queue = [_parsed(_TRAILING_COMMA.sub(r"\1", text)) if value is None else value]
    for _ in range(_MOST_OBJECTS):
        if not queue:
            return
        item = queue.pop(0)
        if isinstance(item, list):
            queue[:0] = item[:500]
        elif isinstance(item, dict):
            if any(_ARTICLE_TYPES.search(kind) for kind in _types(item)):
                yield item
            queue += [item[key] for key in ("@graph", "mainEntity", "mainEntityOfPage") if key in item]


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _types(item: dict[str, Any]) -> list[str]:
    kinds = item.get("@type")
    return [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)]


def _rank(item: dict[str, Any]) -> int:
    """An article before the web page around it, and one with a headline before one without."""
    return 2 * ("WebPage" in _types(item)) + ("headline" not in item)
