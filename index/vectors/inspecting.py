"""Looks into a view: for ``verify``, ``stats`` and tests."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..stored_vectors import IdArray
from .mapped_base import MappedBase
from .view import VectorIndex


def ids_in(view: VectorIndex) -> IdArray:
    """All living passage ids of a view, ascending; one that is there twice is listed twice."""
    base = view.base.ids() if isinstance(view.base, MappedBase) else view.base.ids
    ids = np.sort(np.concatenate([base, *(part.ids for part in view.delta)]))
    return ids[~np.isin(ids, view.dead)]


def differing(view: VectorIndex) -> Iterator[int]:
    """Ids of passages whose vector in a view is not the catalog's."""
    for part in (view.base, *view.delta):
        yield from part.differing(view.stored)


def describe(view: VectorIndex, limit: int) -> str:
    """Which index is used, and why, for people.

    Args:
        view: what is searched.
        limit: passages up to which the base is an exact one.
    """
    count = len(ids_in(view))
    if isinstance(view.base, MappedBase):
        newer = sum(map(len, view.delta))
        return (
            f"search over {count} vectors, {view.base.probes} of {view.base.index.nlist} lists at a time, mapped from "
            f"disk because there are more than {limit:,}; what is found is compared exactly"
            + (f", and so are {newer} newer ones in memory" if newer else "")
        )
    if count > limit:
        return (
            f"exact search over {count} vectors in memory, until a file of lists has been made for so many: whoever "
            "adds next does that, and a server by itself"
        )
    return f"exact search over {count} vectors in memory, as there are no more than {limit:,}"
