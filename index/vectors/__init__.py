"""Dense search with FAISS.

The folder is a cache of the catalog: an immutable base with the generation that it was built at, and beside it in
memory what came later, compared exactly, and the ids that have gone since. Nothing is changed in place: catching up
makes a new ``VectorIndex``, so that a search that is under way goes on with the old one.

A small base is exact and in memory. A large one stays in its file, which is mapped; a search looks through a part of it
and compares what it finds exactly. It takes minutes to make, which is done in the background.
"""

from .building import EXACT_LIMIT, lists_for, write
from .files import DESCRIPTION, FOLDER, signature
from .inspecting import describe, differing, ids_in
from .loading import load
from .rebuilding import Rebuilder, is_due
from .view import VectorIndex

__all__ = [
    "DESCRIPTION",
    "EXACT_LIMIT",
    "FOLDER",
    "Rebuilder",
    "VectorIndex",
    "describe",
    "differing",
    "ids_in",
    "is_due",
    "lists_for",
    "load",
    "signature",
    "write",
]
