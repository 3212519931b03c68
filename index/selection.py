"""Filters: which articles a question may be answered from."""

from __future__ import annotations

import fnmatch
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from .catalog import Catalog
from .errors import FilterError


@dataclass(frozen=True, slots=True)
class Filters:
    """Limits a question to some articles; all given limits must hold.

    Attributes:
        since, until: first and last day of publication, inclusive (a date or ``YYYY-MM-DD``); an article without a
            date is left out when either is given.
        sources: paths or URLs; a folder means everything below it, and ``*`` and ``?`` match as in a shell.
        authors: names; part of a name is enough, whatever the case.
        languages: ISO 639-1 codes.
        articles: article ids.
    """

    since: date | str | None = None
    until: date | str | None = None
    sources: Sequence[str] | None = None
    authors: Sequence[str] | None = None
    languages: Sequence[str] | None = None
    articles: Sequence[int] | None = None

    def article_ids(self, catalog: Catalog) -> list[int] | None:
        """The articles that pass, or None when nothing is limited.

        Raises:
            FilterError: a value that cannot be understood.
        """
        clauses: list[str] = []
        values: list[Any] = []
        for bound, comparison in ((self.since, ">="), (self.until, "<=")):
            if bound is not None:
                clauses.append(f"published {comparison} ?")
                values.append(_day(bound).isoformat())
        if self.languages is not None:
            names = [name.lower() for name in _list("languages", self.languages)]
            clauses.append("language IN (SELECT value FROM json_each(?))")
            values.append(json.dumps(names))
        if self.authors is not None:
            parts = [name.casefold() for name in _list("authors", self.authors)]
            matches = [name for name in catalog.authors() if any(part in name.casefold() for part in parts)]
            clauses.append("author IN (SELECT value FROM json_each(?))")
            values.append(json.dumps(matches))
        if self.articles is not None:
            clauses.append("id IN (SELECT value FROM json_each(?))")
            values.append(json.dumps(_numbers(self.articles)))
        if self.sources is not None:
            patterns = [source_pattern(source) for source in _list("sources", self.sources)]
            begun = [catalog.sources_below(literal_beginning(source)) for source in _list("sources", self.sources)]
            ids = {
                state.article_id
                for some in begun
                for state in some.values()
                if any(pattern.match(place.replace("\\", "/")) for pattern in patterns for place in state.places())
            }
            clauses.append("id IN (SELECT value FROM json_each(?))")
            values.append(json.dumps(sorted(ids)))
        if not clauses:
            return None
        return catalog.select(f"SELECT id FROM article WHERE {' AND '.join(clauses)} ORDER BY id", values)


def _list(name: str, values: Sequence[str]) -> list[str]:
    if isinstance(values, str):
        raise FilterError(f"{name}={values!r}: give a list, such as {name}=[{values!r}]")
    return list(values)


def _day(value: date | str) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise FilterError(f"{value!r} is not a date; write it as YYYY-MM-DD") from None


def _numbers(values: Sequence[int]) -> list[int]:
    try:
        return [int(number) for number in values]
    except (TypeError, ValueError):
        raise FilterError(f"articles={values!r}: give a list of article ids, such as articles=[3, 5]") from None


def source_pattern(source: str) -> re.Pattern[str]:
    """Matches a source by path (relative ones from the working folder), by URL, by what is below it, or by ``*``."""
    plain = _plain(source)
    below = plain.rstrip("/") + "/"
    return re.compile(
        # As it is written first: square brackets in a name are seldom meant as a pattern.
        rf"{re.escape(plain)}\Z|{re.escape(below)}|{fnmatch.translate(plain)}|{fnmatch.translate(below + '*')}"
    )


def literal_beginning(source: str) -> str:
    """With what every name begins that ``source_pattern`` matches."""
    return re.split(r"[*?\[]", _plain(source))[0].rstrip("/")


def _plain(source: str) -> str:
    plain = source.replace("\\", "/")
    if "://" not in plain and not plain.startswith("*"):
        plain = os.path.abspath(os.path.expanduser(source)).replace("\\", "/")
    return plain
