"""The catalog's vectors: all in order, those that are newer than a generation, or some by their passages' ids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .connections import Connections
from .rows import PASSAGE_COLUMNS, as_passage_row
from .schema import checksum

IdArray = npt.NDArray[np.int64]
HalfMatrix = npt.NDArray[np.float16]
"""``(n, dimension)`` float16, unit length."""

_LAST_ID = (1 << 63) - 1
_VECTOR = PASSAGE_COLUMNS.split(", ").index("vector")


class StoredVectors(Connections):
    """What the vector search reads of a catalog; each row is compared with its checksum on the way."""

    def vector_rows(self, after: int, until: int, *, batch: int = 2000) -> Iterator[tuple[IdArray, HalfMatrix]]:
        """Ids, ascending, and vectors of the passages that were written after one generation and up to another.

        Raises:
            CorruptIndexError: a row fails its checksum.
        """
        # All of them come by id, later ones by generation and id: either way a batch begins where the last one ended.
        by_id = after <= 0
        where = "id > ? AND generation <= ?" if by_id else "(generation, id) > (?, ?) AND generation <= ?"
        order = "id" if by_id else "generation, id"
        statement = f"SELECT {PASSAGE_COLUMNS}, generation FROM passage WHERE {where} ORDER BY {order} LIMIT {batch}"
        start: tuple[int, ...] = (0,) if by_id else (after, _LAST_ID)
        while rows := self._rows(statement, (*start, until)):
            start = (rows[-1][0],) if by_id else (rows[-1][-1], rows[-1][0])
            yield _ids_and_vectors([row[:-1] for row in rows])

    def vectors(self, ids: Sequence[int]) -> tuple[IdArray, HalfMatrix]:
        """Ids, ascending, and vectors of some passages; those that are gone are left out.

        Raises:
            CorruptIndexError: a row fails its checksum.
        """
        rows = list(self._rows_in(f"SELECT {PASSAGE_COLUMNS} FROM passage WHERE id IN (?)", sorted(ids)))
        return _ids_and_vectors(rows)

    def vectors_at(self, ids: IdArray, dimension: int) -> tuple[npt.NDArray[np.bool_], HalfMatrix]:
        """For each id, -1 for none, whether the catalog has it; and the vectors of those that it has, in their order.

        Raises:
            CorruptIndexError: a row fails its checksum.
        """
        known, vectors = self.vectors(np.unique(ids[ids >= 0]).tolist())
        if not len(known):
            return np.zeros(len(ids), bool), np.empty((0, dimension), np.float16)
        places = np.minimum(np.searchsorted(known, ids), len(known) - 1)
        there = known[places] == ids
        return there, vectors[places[there]]

    def tombstones(self, after: int = 0, until: int | None = None) -> IdArray:
        """Ids of passages that were removed after a generation, and up to another if that is given."""
        last = _LAST_ID if until is None else until
        rows = self._rows("SELECT passage_id FROM tombstone WHERE generation > ? AND generation <= ?", (after, last))
        return np.array([row[0] for row in rows], np.int64)

    def changes(self, after: int) -> int:
        """How many passages were added and removed after a generation."""
        row = self._rows(
            "SELECT (SELECT count(*) FROM passage WHERE generation > ?), "
            "(SELECT count(*) FROM tombstone WHERE generation > ?)",
            (after, after),
        )[0]
        return int(row[0]) + int(row[1])

    def passage_count(self) -> int:
        """How many passages there are."""
        return int(self._rows("SELECT count(*) FROM passage")[0][0])

    def all_passage_ids(self, until: int | None = None) -> IdArray:
        """The ids of all passages, ascending; or of those that were written up to a generation."""
        if until is None:
            rows = self._rows("SELECT id FROM passage ORDER BY id")
            return np.array([row[0] for row in rows], np.int64)
        # Its index alone answers this; the order is made here.
        rows = self._rows("SELECT id FROM passage WHERE generation <= ?", (until,))
        return np.sort(np.array([row[0] for row in rows], np.int64))


def _ids_and_vectors(rows: Sequence[tuple[Any, ...]]) -> tuple[IdArray, HalfMatrix]:
    for row in rows:
        if checksum(*row[1:-1]) != row[-1]:
            as_passage_row(row)  # which says what is the matter
    ids = np.array([row[0] for row in rows], np.int64)
    order = np.argsort(ids, kind="stable")
    if not len(rows):
        return ids, np.empty((0, 0), np.float16)
    half = np.frombuffer(b"".join(row[_VECTOR] for row in rows), "<f2").reshape(len(rows), -1)
    return ids[order], half[order]
