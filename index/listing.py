"""A library as a person looks through it: rows of articles without their texts, searched, sorted and page by page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .catalog import Catalog
from .selection import Filters

_ORDERS: dict[str, str] = {
    "newest": "published IS NULL, published DESC, id DESC",
    "oldest": "published IS NULL, published, id",
    "title": "title COLLATE NOCASE, id",
    "author": "author IS NULL, author COLLATE NOCASE, id",
    "added": "id DESC",
}
_LIKE_ESCAPES = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"})


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """What a list shows of an article.

    Attributes:
        id: the catalog's number for it.
        title, source, author, published, language, site: as of ``Article``; the day is written as ISO 8601.
        characters: the length of its text.
        near: the ids of its near-duplicates among the articles that are listed, which have no row of their own.
    """

    id: int
    title: str
    source: str
    author: str | None
    published: str | None
    language: str | None
    site: str | None
    characters: int
    near: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list.

    Attributes:
        rows: the articles of the page.
        groups: how many rows there are on all pages; near-duplicates share one.
        articles: how many articles pass.
    """

    rows: tuple[ArticleRow, ...]
    groups: int
    articles: int


def list_page(catalog: Catalog, filters: Filters, search: str, order: str, first: int, count: int) -> Listing:
    """One page of the articles that pass the filters and hold every word of the search in title, author or source."""
    where, values = _condition(catalog, filters, search)
    key = "coalesce('near ' || near_group, id)"
    with catalog.reading():
        articles = catalog.select(f"SELECT count(*) FROM article WHERE {where}", values)[0]
        groups = catalog.select(f"SELECT count(DISTINCT {key}) FROM article WHERE {where}", values)[0]
        heads = catalog.select(
            f"SELECT min(id) FROM article WHERE {where} GROUP BY {key} ORDER BY {_ORDERS[order]} LIMIT ? OFFSET ?",
            [*values, count, first],
        )
        rows = tuple(_row(catalog, number, where, values) for number in heads)
    return Listing(rows, groups, articles)


def listed_ids(catalog: Catalog, filters: Filters, search: str) -> list[int]:
    """The articles of all pages of such a list."""
    where, values = _condition(catalog, filters, search)
    return catalog.select(f"SELECT id FROM article WHERE {where} ORDER BY id", values)


def _row(catalog: Catalog, number: int, where: str, values: Sequence[Any]) -> ArticleRow:
    source, title, author, published, language, site, _address = catalog.metadata(number)
    characters = catalog.select("SELECT length(text) FROM article WHERE id = ?", [number])[0]
    near = catalog.select(
        f"SELECT id FROM article WHERE {where} AND id != ? AND near_group = "
        "(SELECT near_group FROM article WHERE id = ?) ORDER BY id",
        [*values, number, number],
    )
    return ArticleRow(number, title or "", source or "", author, published, language, site, characters, tuple(near))


def _condition(catalog: Catalog, filters: Filters, search: str) -> tuple[str, list[Any]]:
    clauses, values = ["TRUE"], list[Any]()
    ids = filters.article_ids(catalog)
    if ids is not None:
        clauses.append("id IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(ids))
    for word in search.split()[:20]:
        pattern = f"%{word.translate(_LIKE_ESCAPES)}%"
        # A catalog of version 1 does not know sites.
        columns = ("title", "author", "site") if catalog.version() >= 2 else ("title", "author")
        either = [rf"{column} LIKE ? ESCAPE '\'" for column in columns]
        either.append(r"id IN (SELECT article_id FROM source WHERE location LIKE ? ESCAPE '\')")
        clauses.append(f"({' OR '.join(either)})")
        values += [pattern] * len(either)
    return " AND ".join(clauses), values
