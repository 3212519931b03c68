"""All vectors at one generation: a base, what is newer, and what is gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..embedding import FloatMatrix
from ..stored_vectors import IdArray, StoredVectors
from .library import Mask
from .mapped_base import FEW, MappedBase
from .segments import Segment, extended

REBUILD_ROWS = 2_000
"""So many changes, and a tenth of the base (a twentieth, if it is mapped), are folded into a new base."""


def wants_rebuild(rows: int, changed: int, *, mapped: bool) -> bool:
    """Whether so much has changed since a base was made that it should be made anew.

    Args:
        rows: of the base.
        changed: passages that were added and removed since.
        mapped: whether it is a mapped one, beside which each newer vector costs a search more than one in it.
    """
    return rows == 0 < changed or changed > max(REBUILD_ROWS, rows // (20 if mapped else 10))


@dataclass(frozen=True, slots=True)
class VectorIndex:
    """An immutable view of all vectors at one generation.

    Attributes:
        generation: the catalog's generation that this view shows.
        base, base_generation: what the file holds, and its generation.
        delta: the vectors that are newer than the base.
        dead: ids in the base or the delta whose passages are gone, ascending.
        stored: the catalog, whose vectors decide among those that a mapped base has found.
    """

    generation: int
    base: Segment | MappedBase
    base_generation: int
    delta: tuple[Segment, ...]
    dead: IdArray
    stored: StoredVectors

    @property
    def size(self) -> int:
        """How many vectors are searched, removed ones included."""
        return len(self.base) + sum(map(len, self.delta))

    @property
    def last(self) -> int:
        """The largest passage id."""
        return max(self.base.last, *(part.last for part in self.delta), 0)

    @property
    def dimension(self) -> int:
        """The length of each vector."""
        return int(self.base.index.d)

    @property
    def is_mapped(self) -> bool:
        """Whether the base is searched in its file."""
        return isinstance(self.base, MappedBase)

    @property
    def wants_rebuild(self) -> bool:
        """Whether so much has changed since the file was written that it should be written anew."""
        changed = sum(map(len, self.delta)) + len(self.dead)
        return wants_rebuild(len(self.base), changed, mapped=self.is_mapped)

    def search(
        self, questions: FloatMatrix, k: int, allowed: IdArray | None = None, forbidden: IdArray | None = None
    ) -> tuple[IdArray, FloatMatrix]:
        """The nearest passages by cosine similarity; see ``VectorSearch``."""
        mask = self._mask(allowed, forbidden)
        living = self.size if mask is None else int(np.count_nonzero(mask))
        parts = [part.search(questions, k, mask) for part in self.delta]
        if isinstance(self.base, Segment):
            parts.append(self.base.search(questions, k, mask))
        else:
            parts.append(self._search_mapped(self.base, questions, k, mask, living))
        ids = np.concatenate([part[0] for part in parts], axis=1)
        scores = np.concatenate([part[1] for part in parts], axis=1)
        scores[ids < 0] = -np.inf
        order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        ids, scores = np.take_along_axis(ids, order, 1), np.take_along_axis(scores, order, 1)
        missing = max(0, k - ids.shape[1])
        return (
            np.pad(ids, ((0, 0), (0, missing)), constant_values=-1),
            np.pad(scores, ((0, 0), (0, missing)), constant_values=-np.inf),
        )

    def _mask(self, allowed: IdArray | None, forbidden: IdArray | None) -> Mask | None:
        """For each id up to the last whether it may be returned; None for all."""
        if allowed is None and forbidden is None and not len(self.dead):
            return None
        mask = np.full(self.last + 1, allowed is None)
        if allowed is not None:
            mask[allowed[allowed <= self.last]] = True
        for gone in (self.dead, forbidden):
            if gone is not None:
                mask[gone[gone <= self.last]] = False
        return mask

    def _search_mapped(
        self, base: MappedBase, questions: FloatMatrix, k: int, mask: Mask | None, living: int
    ) -> tuple[IdArray, FloatMatrix]:
        """The base's candidates with their exact cosines."""
        if mask is not None and living <= FEW:
            # Those in the delta among them have been compared already.
            few = np.flatnonzero(mask[: base.last + 1])
            ids = np.tile(few, (len(questions), 1))
        else:
            ids = base.candidates(questions, k, mask, living)
        scores = np.full(ids.shape, -np.inf, np.float32)
        for place, question in enumerate(questions):
            there, vectors = self.stored.vectors_at(ids[place], self.dimension)
            scores[place, there] = vectors.astype(np.float32) @ question
        ids[scores == -np.inf] = -1  # it was removed meanwhile
        return ids, scores

    def cosines(self, question: np.ndarray[Any, Any], ids: IdArray) -> np.ndarray[Any, Any]:
        """The cosine of one question, ``(dimension,)``, with each of the given passages, ``(len(ids),)`` float32.

        It is 0 for a passage that was removed meanwhile.
        """
        return np.asarray(self.vectors_of(ids) @ question, np.float32)

    def vectors_of(self, ids: IdArray) -> FloatMatrix:
        """The vectors of passages, ``(len(ids), dimension)`` float32; zeros for one that was removed meanwhile."""
        found = np.zeros((len(ids), self.dimension), np.float32)
        left = np.ones(len(ids), bool)
        for part in (*self.delta, self.base):
            if isinstance(part, Segment) and left.any():
                here = left & part.holds(ids)
                found[here] = part.vectors(ids[here])
                left &= ~here
        if self.is_mapped and left.any():
            places = np.flatnonzero(left)
            there, vectors = self.stored.vectors_at(ids[places], self.dimension)
            found[places[there]] = vectors
        return found

    def newer(self, newest: int) -> VectorIndex:
        """This view with what the catalog has up to a later generation.

        Rows of a transaction that commits meanwhile are left to the next time. A passage that went after that is in
        the delta, and gone by then.
        """
        delta = self.delta
        for ids, vectors in self.stored.vector_rows(self.generation, newest):
            delta = extended(delta, ids, vectors)
        gone = self.stored.tombstones(self.generation, newest)
        return VectorIndex(newest, self.base, self.base_generation, delta, np.union1d(self.dead, gone), self.stored)
