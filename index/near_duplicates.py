"""Near-duplicates: articles that are nearly the same have one number in ``article.near_group``.

The table ``near_key`` holds the keys of every article's text (see ``index.shingles``). An article is compared with
those that share keys with it, word for word, so that adding one costs the same however many there are. Everything
happens inside the transaction that changes the article.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import reduce

import numpy as np

from .article import text_sha256
from .database import Connection
from .rows import article_checksum
from .shingles import FINGERPRINT, HashArray, Shingles, are_near, shingles

META = "near_duplicates"
"""The key in the table ``meta`` of the rules that groups were made by."""

_LOOKED_AT = 50
"""Articles that are looked at for one key."""
_STORIES = 25
"""Of those, so many different stories make a key boilerplate, such as a legal footer's; it then tells nothing."""
_COMPARED = 20
"""Articles, those that share most keys, that an article is compared with."""
_REGROUPED = 500
"""Members of a group; a larger one is not looked through when one of them goes."""
_CHECKED = "title, author, published, language, NULL, sha256, page_starts, near_group, splitter, site, url"
"""The columns of an article's checksum, without the text, which has its own."""
_SHA256, _GROUP = map(_CHECKED.split(", ").index, ("sha256", "near_group"))


class NearDuplicates:
    """Keeps groups right inside one transaction; ``settle`` must be called before its end.

    Args:
        connection: to the catalog, with a transaction open.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._left: set[int] = set()

    def make_current(self) -> None:
        """Groups all articles if that was never done, or by other rules; else does nothing."""
        rows = self._connection.execute("SELECT value FROM meta WHERE key = ?", (META,)).fetchall()
        if rows != [(FINGERPRINT,)]:
            self.make_anew()

    def make_anew(self) -> None:
        """Makes all keys and groups from the articles' texts."""
        self._left.clear()
        self._connection.execute("DELETE FROM near_key")
        for (number,) in self._connection.execute("SELECT id FROM article WHERE near_group IS NOT NULL").fetchall():
            self._put_group(number, None)
        last = 0
        while row := self._connection.execute(
            "SELECT id, title, text FROM article WHERE id > ? ORDER BY id LIMIT 1", (last,)
        ).fetchone():
            last, title, text = row
            self.join(last, str(title), str(text))
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (META, FINGERPRINT))

    def join(self, article_id: int, title: str, text: str) -> list[int]:
        """Puts a new article, or one that ``leave`` was called for, into the group it belongs to.

        Returns:
            The ids of the near-duplicates that it was put there for, those most like it first.
        """
        own = shingles(title, text)
        self._connection.executemany(
            "INSERT OR IGNORE INTO near_key VALUES (?, ?)", ((key, article_id) for key in own.keys)
        )
        candidates, boilerplate = self._candidates(article_id, own)
        hashes = _telling(own, boilerplate)
        near = [
            number
            for number in candidates
            if (other := self._shingles_of(number)) is not None and are_near(hashes, _telling(other, boilerplate))
        ]
        if near:
            self._unite([article_id, *near])
        return near

    def leave(self, article_id: int) -> None:
        """Takes an article out, before its row goes or its text changes."""
        row = self._connection.execute(
            f"SELECT {_CHECKED}, checksum, text FROM article WHERE id = ?", (article_id,)
        ).fetchone()
        if row is None:
            return
        *values, stored, text = row
        title, sha256, group = values[0], values[_SHA256], values[_GROUP]
        if article_checksum(values) == stored and isinstance(text, str) and text_sha256(text) == sha256:
            self._connection.executemany(
                "DELETE FROM near_key WHERE key = ? AND article_id = ?",
                [(key, article_id) for key in shingles(title, text).keys],
            )
        else:
            # A damaged text does not tell its keys; they have to be looked for.
            self._connection.execute("DELETE FROM near_key WHERE article_id = ?", (article_id,))
        if group is not None:
            self._left.add(group)
            self._put_group(article_id, None)

    def settle(self) -> None:
        """Looks through the groups that were left: without that article the others may be no group any more."""
        while self._left:
            group = self._left.pop()
            members = self._members(group)
            if len(members) > _REGROUPED:
                continue
            kept: int | None = group
            for part in self._parts(members):
                if len(part) == 1:
                    self._put_group(part[0], None)
                    continue
                number = kept or self._free_number()
                kept = None  # the first part keeps the number
                for member in part:
                    self._put_group(member, number)

    def _candidates(self, article_id: int, own: Shingles) -> tuple[list[int], list[HashArray]]:
        """Articles to compare with, and the stretches of the text that are boilerplate."""
        counts: Counter[int] = Counter()
        boilerplate: list[HashArray] = []
        for place, key in enumerate(own.keys):
            found = [
                number
                for (number,) in self._connection.execute(
                    "SELECT article_id FROM near_key WHERE key = ? AND article_id <> ? LIMIT ?",
                    (key, article_id, _LOOKED_AT),
                )
            ]
            if len(found) == _LOOKED_AT and self._stories(found) >= _STORIES:
                boilerplate.append(own.stretch(place))
            else:
                counts.update(found)
        # One key of many is too little, but a short text has few.
        least = 2 if len(own.chosen) > 8 else 1
        return [number for number, shared in counts.most_common(_COMPARED) if shared >= least], boilerplate

    def _stories(self, article_ids: Sequence[int]) -> int:
        """How many groups some articles are of; one without a group is a story of its own."""
        places = ",".join("?" * len(article_ids))
        statement = f"SELECT count(DISTINCT coalesce(near_group, -id)) FROM article WHERE id IN ({places})"
        return int(self._connection.execute(statement, article_ids).fetchone()[0])

    def _shingles_of(self, article_id: int) -> Shingles | None:
        row = self._connection.execute("SELECT title, text FROM article WHERE id = ?", (article_id,)).fetchone()
        return shingles(str(row[0]), str(row[1])) if row else None

    def _members(self, group: int) -> list[int]:
        rows = self._connection.execute("SELECT id FROM article WHERE near_group = ? ORDER BY id", (group,))
        return [number for (number,) in rows]

    def _unite(self, article_ids: Sequence[int]) -> None:
        """Makes one group of some articles and all the groups they are of; the largest keeps its number."""
        groups: Counter[int] = Counter()
        alone = []
        for number in article_ids:
            group = self._connection.execute("SELECT near_group FROM article WHERE id = ?", (number,)).fetchone()[0]
            if group is None:
                alone.append(number)
            elif group not in groups:
                groups[group] = len(self._members(group))
        kept = groups.most_common(1)[0][0] if groups else self._free_number()
        for group in groups:
            if group != kept:
                alone += self._members(group)
                if group in self._left:
                    self._left.remove(group)
                    self._left.add(kept)
        for number in alone:
            self._put_group(number, kept)

    def _free_number(self) -> int:
        row = self._connection.execute(
            # Which its index answers, as that has no other rows.
            "SELECT coalesce(max(near_group), 0) + 1 FROM article WHERE near_group IS NOT NULL"
        ).fetchone()
        return max(int(row[0]), *(group + 1 for group in self._left), 1)

    def _parts(self, members: Sequence[int]) -> Iterator[list[int]]:
        """The articles of a former group, by what is still near-duplicate of what."""
        parts: list[list[tuple[int, HashArray]]] = []
        for number in members:
            own = self._shingles_of(number)
            if own is None:
                continue
            hashes = _telling(own, self._candidates(number, own)[1])
            near = [part for part in parts if any(are_near(hashes, other) for _, other in part)]
            rest = [part for part in parts if not any(part is one for one in near)]
            parts = [*rest, [*(member for part in near for member in part), (number, hashes)]]
        yield from sorted(sorted(number for number, _ in part) for part in parts)

    def _put_group(self, article_id: int, group: int | None) -> None:
        row = self._connection.execute(
            f"SELECT {_CHECKED}, checksum FROM article WHERE id = ?", (article_id,)
        ).fetchone()
        *values, stored = row
        if values[_GROUP] == group:
            return
        whole = article_checksum(values) == stored
        values[_GROUP] = group
        # A damaged row must go on not matching its checksum.
        new = article_checksum(values) if whole else stored
        self._connection.execute(
            "UPDATE article SET near_group = ?, checksum = ? WHERE id = ?", (group, new, article_id)
        )


def keys_digest(title: str, text: str) -> int:
    """All keys of a text as one number, to compare with those that are stored: they are XORed."""
    return reduce(lambda digest, key: digest ^ key, set(shingles(title, text).keys), 0)


def _telling(own: Shingles, boilerplate: Sequence[HashArray]) -> HashArray:
    """The hashes of a text, each once and ascending, without those of boilerplate."""
    hashes = np.unique(own.hashes)
    return np.setdiff1d(hashes, np.concatenate(boilerplate)) if boilerplate else hashes
