"""Vectors in memory, compared exactly: a few immutable pieces, of which a newer one is never longer than an older."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..embedding import FloatMatrix
from ..stored_vectors import HalfMatrix, IdArray, StoredVectors
from . import library

_CHECKED = 2_000
"""Vectors that are compared with the catalog at once."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Passages and their vectors.

    Attributes:
        ids: of the passages, ascending.
        index: FAISS's, of their float16 vectors in the same order.
    """

    ids: IdArray
    index: Any

    @classmethod
    def of(cls, ids: IdArray, vectors: HalfMatrix) -> Segment:
        """A piece of ids, ascending, and vectors."""
        return cls(ids, library.half_index(vectors))

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def last(self) -> int:
        """The largest id, 0 when there is none."""
        return int(self.ids[-1]) if len(self.ids) else 0

    def search(self, questions: FloatMatrix, k: int, mask: library.Mask | None) -> tuple[IdArray, FloatMatrix]:
        """The nearest passages, ids and cosines, ``(n, k)``; -1 where there are fewer.

        Args:
            questions: ``(n, dimension)`` float32.
            k: how many.
            mask: for each id whether it may be returned; None for all.
        """
        chosen = mask[self.ids] if mask is not None else None
        scores, places = self.index.search(questions, k, params=library.search_parameters(chosen))
        found = np.full(places.shape, -1, np.int64)
        found[places >= 0] = self.ids[places[places >= 0]]
        return found, scores

    def holds(self, ids: IdArray) -> np.ndarray[Any, Any]:
        """For each id whether it is here."""
        return np.isin(ids, self.ids)

    def vectors(self, ids: IdArray) -> HalfMatrix:
        """The vectors of passages that are here."""
        return np.array(library.half_vectors(self.index)[np.searchsorted(self.ids, ids)])

    def differing(self, stored: StoredVectors) -> Iterator[int]:
        """Ids of passages whose vector here is not the catalog's; those that are not in the catalog are passed over."""
        for first in range(0, len(self.ids), _CHECKED):
            ids, expected = stored.vectors(self.ids[first : first + _CHECKED].tolist())
            if len(ids):
                yield from ids[(self.vectors(ids) != expected).any(axis=1)].tolist()


def extended(segments: tuple[Segment, ...], ids: IdArray, vectors: HalfMatrix) -> tuple[Segment, ...]:
    """The same pieces and a new one; small ones are joined, so that there are few, and each vector is copied seldom."""
    if not len(ids):
        return segments
    kept = list(segments)
    parts = [(ids, vectors)]
    length = len(ids)
    while kept and len(kept[-1]) <= 2 * length:
        older = kept.pop()
        parts.insert(0, (older.ids, library.half_vectors(older.index)))
        length += len(older)
    joined = np.concatenate([part[0] for part in parts])
    order = np.argsort(joined, kind="stable")
    matrix = np.concatenate([part[1] for part in parts])
    if np.any(order != np.arange(len(order))):
        joined, matrix = joined[order], matrix[order]
    return (*kept, Segment.of(joined, matrix))
