"""Removing: which articles and sources a person means, and taking them out of the catalog."""

from __future__ import annotations

import os

from .article import Article
from .catalog import Catalog
from .finding import is_link, printable
from .selection import literal_beginning, source_pattern


def named(catalog: Catalog, what: int | Article | str | os.PathLike[str]) -> tuple[dict[str, int], list[int]]:
    """Sources (with their article's id) or article ids that a person named by id, path, pattern or title."""
    if isinstance(what, int | Article):
        number = what if isinstance(what, int) else what.id
        return {}, [article.id for article in catalog.unchecked_articles([number])]
    name = os.fspath(what)
    if not name.strip():
        return {}, []  # as a path it would mean the working folder and all below it
    pattern = source_pattern(name)
    # SQLite looks through the names; only those that begin as they should are compared as a whole.
    beginning = literal_beginning(name)
    candidates = catalog.sources_below(beginning)
    if not name.startswith(beginning):
        candidates |= catalog.sources_below(name)
    found = {
        location: state.article_id
        for location, state in candidates.items()
        if name in (location, state.root) or any(pattern.match(place.replace("\\", "/")) for place in state.places())
    }
    if found:
        return found, []
    title = " ".join(name.split()).casefold()
    return {}, [number for number, known in catalog.titles().items() if known.casefold() == title]


def remove(catalog: Catalog, what: int | Article | str | os.PathLike[str]) -> list[Article]:
    """Removes what was named, in one transaction, and returns the articles that are gone. Needs the writer's lock."""
    locations, ids = named(catalog, what)
    # Unchecked: removing a damaged article is how one gets rid of it.
    before = list(catalog.unchecked_articles([*ids, *locations.values()]))
    with catalog.write() as writer:
        gone: set[int | None] = set(ids)
        for number in ids:
            writer.remove_article(number)
        for location in locations:
            gone.add(writer.remove_source(location))
        if not isinstance(what, int | Article):
            name = os.fspath(what)
            place = name if is_link(name) else printable(os.path.abspath(os.path.expanduser(name)))
            writer.remove_root(place)
            writer.put_columns({place: {}})
    return [article for article in before if article.id in gone]
