"""A base too large for memory: lists of similar vectors in a file that is mapped, four bits for each number.

A search looks through the lists nearest to the question and takes more passages than are wanted; those are compared
exactly by the catalog's own vectors. So a byte that is wrong in the file can hide a passage, but not change a score.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..embedding import FloatMatrix
from ..stored_vectors import IdArray, StoredVectors
from . import library

SCANNED = 0.2
"""The share of 100,000 passages that a search looks through; of more passages a smaller one finds as much."""
_FEWER = 0.7
"""The share goes down with this power of their number. ``benchmarks/scale.py`` tells how much is found."""
LEAST_PROBES = 24
"""Lists that a search looks through at least."""
MORE = 50
"""So many more passages than are wanted are compared exactly."""
FEW = 1_000
"""Up to so many passages that may be found are all compared exactly, without looking into any list."""
_SAME_CENTRE = 1e-4
"""Two centres may be equally near, but for rounding."""


@dataclass(frozen=True, slots=True)
class MappedBase:
    """An immutable FAISS index whose lists are in a file.

    Attributes:
        index: FAISS's.
        last: the largest passage id in it.
    """

    index: Any
    last: int

    def __len__(self) -> int:
        return int(self.index.ntotal)

    @property
    def probes(self) -> int:
        """Lists that a search looks through."""
        lists = int(self.index.nlist)
        share: float = SCANNED * (max(len(self), 1) / 100_000) ** -_FEWER
        return min(lists, max(LEAST_PROBES, round(share * lists)))

    def candidates(self, questions: FloatMatrix, k: int, mask: library.Mask | None, living: int) -> IdArray:
        """Ids of passages that are near, ``(n, k + MORE)``; -1 where there are fewer.

        Args:
            questions: ``(n, dimension)`` float32.
            k: how many are wanted.
            mask: for each id whether it may be returned; None for all.
            living: how many may be returned.
        """
        lists = int(self.index.nlist)
        # Where few of all may be returned, as many of those are looked at in more lists.
        probes = min(lists, int(self.probes * max(1.0, len(self) / max(living, 1))))
        wanted = min(k + MORE, len(self))
        found = self._search(questions, wanted, mask, probes)
        if probes < lists and (found >= 0).sum(axis=1).min(initial=wanted) < min(k, living):
            found = self._search(questions, wanted, mask, lists)
        return found

    def _search(self, questions: FloatMatrix, k: int, mask: library.Mask | None, probes: int) -> IdArray:
        _, ids = self.index.search(questions, k, params=library.search_parameters(mask, probes))
        return np.asarray(ids, np.int64)

    def ids(self) -> IdArray:
        """Ids of all passages in the file, for ``verify``; one that is there twice is listed twice."""
        return np.sort(library.ids_of(self.index))

    def differing(self, stored: StoredVectors) -> Iterator[int]:
        """Ids of passages whose code is not that of the catalog's vector, or that are in a list they do not belong to.

        Another processor may round a number the other way: codes one step apart are the same.
        """
        for number, ids, codes in library.lists_of(self.index):
            order = np.argsort(ids)
            known, vectors = stored.vectors(ids.tolist())
            if not len(known):
                continue
            held = codes[order][np.searchsorted(ids[order], known)]
            lists, expected = library.placed(self.index, vectors)
            wrong = (np.abs(library.steps(held) - library.steps(expected)) > 1).any(axis=1)
            for place in np.flatnonzero(lists != number):
                own, nearest = (self.index.quantizer.reconstruct(int(one)) for one in (number, lists[place]))
                wrong[place] |= float((nearest - own) @ vectors[place].astype(np.float32)) > _SAME_CENTRE
            yield from known[wrong].tolist()
