"""A library as a person looks through it: rows of articles without their texts, searched, sorted and page by page."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from .catalog import Catalog
from .finding import is_link
from .selection import Filters

_ORDERS: dict[str, str] = {
    "newest": "published IS NULL, published DESC, id DESC",
    "oldest": "published IS NULL, published, id",
    "title": "title COLLATE NOCASE, id",
    "author": "author IS NULL, author COLLATE NOCASE, id",
    "added": "id DESC",
}
_LIKE_ESCAPES = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"})
_MOST_VERSIONS = 50
"""Near-duplicates that are listed of one article; the others are found by searching."""
_MOST_ORIGINS = 300


@dataclass(frozen=True, slots=True)
class Version:
    """A near-duplicate of an article that is listed.

    Attributes:
        id: the catalog's number for it.
        title, source, published, site: as of ``ArticleRow``.
    """

    id: int
    title: str
    source: str
    published: str | None
    site: str | None


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """What a list shows of an article.

    Attributes:
        id: the catalog's number for it.
        title, source, author, published, language, site: as of ``Article``; the day is written as ISO 8601.
        characters: the length of its text.
        near: its near-duplicates among the articles that are listed, which have no row of their own.
    """

    id: int
    title: str
    source: str
    author: str | None
    published: str | None
    language: str | None
    site: str | None
    characters: int
    near: tuple[Version, ...] = ()


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


@dataclass(frozen=True, slots=True)
class Origin:
    """Where some articles come from.

    Attributes:
        key: names it in a list's limits: ``site:`` and the name of the site, or ``in:`` and what the sources begin
            with, which is a folder or the address of a site that tells no name.
        articles: how many come from there; of a folder, without the folders in it.
    """

    key: str
    articles: int

    @property
    def name(self) -> str:
        """The site, folder or address."""
        return self.key.partition(":")[2]


def origins(catalog: Catalog) -> list[Origin]:
    """Where the articles come from, the places with most articles first; of very many places those with most."""
    named = "site IS NOT NULL" if catalog.version() >= 2 else "FALSE"
    sites: list[Any] = catalog.select(f"SELECT site FROM article WHERE {named}", ()) if named != "FALSE" else []
    found = Counter(f"site:{site}" for site in sites)
    # The address of a site that tells its name would say the same twice.
    located: list[Any] = catalog.select(
        "SELECT location FROM source WHERE instr(location, '://') = 0 "
        f"OR article_id NOT IN (SELECT id FROM article WHERE {named})",
        (),
    )
    found.update(f"in:{_beginning(location)}" for location in located)
    return [Origin(key, count) for key, count in found.most_common(_MOST_ORIGINS)]


def list_page(
    catalog: Catalog, filters: Filters, search: str, order: str, first: int, count: int, origin: str = ""
) -> Listing:
    """One page of the articles that pass the filters and hold every word of the search in title, author or source."""
    where, values = _condition(catalog, filters, search, origin)
    # Of near-duplicates that pass, the first one stands for all; most articles have none, and are not looked up.
    head = (
        "(near_group IS NULL OR id = (SELECT min(id) FROM article AS other WHERE "
        f"other.near_group = article.near_group AND {where}))"
    )
    with catalog.reading():
        articles = catalog.select(f"SELECT count(*) FROM article WHERE {where}", values)[0]
        grouped = f"FROM article WHERE near_group IS NOT NULL AND {where}"
        spare = catalog.select(f"SELECT count(*) - count(DISTINCT near_group) {grouped}", values)[0]
        heads = catalog.select(
            f"SELECT id FROM article WHERE {where} AND {head} ORDER BY {_ORDERS[order]} LIMIT ? OFFSET ?",
            [*values, *values, count, first],
        )
        rows = tuple(_row(catalog, number, where, values) for number in heads)
    return Listing(rows, articles - spare, articles)


def listed_ids(catalog: Catalog, filters: Filters, search: str, origin: str = "") -> list[int]:
    """The articles of all pages of such a list."""
    where, values = _condition(catalog, filters, search, origin)
    return catalog.select(f"SELECT id FROM article WHERE {where} ORDER BY id", values)


def _row(catalog: Catalog, number: int, where: str, values: Sequence[Any]) -> ArticleRow:
    source, title, author, published, language, site, _address = catalog.metadata(number)
    characters = catalog.select("SELECT length(text) FROM article WHERE id = ?", [number])[0]
    near = catalog.select(
        f"SELECT id FROM article WHERE {where} AND id != ? AND near_group = "
        f"(SELECT near_group FROM article WHERE id = ?) ORDER BY id LIMIT {_MOST_VERSIONS}",
        [*values, number, number],
    )
    versions = tuple(_version(catalog, other) for other in near)
    return ArticleRow(number, title or "", source or "", author, published, language, site, characters, versions)


def _version(catalog: Catalog, number: int) -> Version:
    source, title, _author, published, _language, site, _address = catalog.metadata(number)
    return Version(number, title or "", source or "", published, site)


def _beginning(location: str) -> str:
    """The folder of a file with its last separator, or the address of the site of a link."""
    if not is_link(location):
        return re.sub(r"[^/\\]*$", "", location)
    try:
        parts = urlsplit(location)
    except ValueError:
        return location
    return f"{parts.scheme}://{parts.netloc}/"


def _condition(catalog: Catalog, filters: Filters, search: str, origin: str) -> tuple[str, list[Any]]:
    clauses, values = ["TRUE"], list[Any]()
    ids = filters.article_ids(catalog)
    if ids is not None:
        clauses.append("id IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(ids))
    kind, _, place = origin.partition(":")
    if kind == "site" and catalog.version() >= 2:
        clauses.append("site = ?")
        values.append(place)
    elif kind == "in":
        clauses.append("id IN (SELECT article_id FROM source WHERE substr(location, 1, ?) = ?)")
        values += [len(place), place]
    for word in search.split()[:20]:
        pattern = f"%{word.translate(_LIKE_ESCAPES)}%"
        # A catalog of version 1 does not know sites.
        columns = ("title", "author", "site") if catalog.version() >= 2 else ("title", "author")
        either = [rf"{column} LIKE ? ESCAPE '\'" for column in columns]
        either.append(r"id IN (SELECT article_id FROM source WHERE location LIKE ? ESCAPE '\')")
        clauses.append(f"({' OR '.join(either)})")
        values += [pattern] * len(either)
    return " AND ".join(clauses), values
