"""Dense search with FAISS. The only module that imports ``faiss``.

The file is a cache of the catalog: an immutable base with the generation that it was built at, and beside it in memory
a small exact delta of what came later and the ids that have gone since. Nothing is changed in place: catching up makes
a new ``VectorIndex``, so that a search that is under way goes on with the old one.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .catalog import FELL_BACK, Catalog, IdArray
from .embedding import FloatMatrix
from .files import replace_file, storage_errors

FOLDER = "vectors"
"""In the index folder."""
DESCRIPTION = "vectors.json"
REBUILD_ROWS = 2_000
"""A delta of so many rows, and of a tenth of the base, is folded into a new base by the next writer."""


@dataclass(frozen=True, slots=True)
class VectorIndex:
    """An immutable view of all vectors at one generation.

    Attributes:
        generation: the catalog's generation that this view shows.
        base, base_last: the FAISS index from the file, and the largest passage id in it.
        delta: the vectors that are newer than the base, or None.
        dead: ids in the base or the delta whose passages are gone, ascending.
        base_generation: the generation of the file.
    """

    generation: int
    base: Any
    base_generation: int
    base_last: int
    delta: Any
    dead: IdArray

    @property
    def size(self) -> int:
        """How many vectors are searched, removed ones included."""
        return int(self.base.ntotal) + (int(self.delta.ntotal) if self.delta is not None else 0)

    @property
    def wants_rebuild(self) -> bool:
        """Whether so much has changed since the file was written that it should be written anew."""
        changed = (int(self.delta.ntotal) if self.delta is not None else 0) + len(self.dead)
        return self.base.ntotal == 0 < changed or changed > max(REBUILD_ROWS, int(self.base.ntotal) // 10)

    def search(
        self, questions: FloatMatrix, k: int, allowed: IdArray | None = None, forbidden: IdArray | None = None
    ) -> tuple[IdArray, FloatMatrix]:
        """The nearest passages by cosine similarity.

        Args:
            questions: ``(n, dimension)`` float32, unit length.
            k: how many per question.
            allowed: search only these passage ids; None for all.
            forbidden: never return these.

        Returns:
            Passage ids and cosines, both ``(n, k)``, best first; id -1 where there are fewer than ``k``.
        """
        faiss = _library()
        dead = self.dead if forbidden is None else np.union1d(self.dead, forbidden)
        selector: Any = None
        if allowed is not None:
            living = np.setdiff1d(allowed, dead)
            selector = faiss.IDSelectorBatch(living) if len(living) else None
            if selector is None:
                return np.full((len(questions), k), -1, np.int64), np.zeros((len(questions), k), np.float32)
        elif len(dead):
            removed = faiss.IDSelectorBatch(dead)
            selector = faiss.IDSelectorNot(removed)
        parameters = faiss.SearchParameters(sel=selector) if selector is not None else None
        parts = [part.search(questions, k, params=parameters) for part in (self.base, self.delta) if part is not None]
        scores = np.concatenate([part[0] for part in parts], axis=1)
        ids = np.concatenate([part[1] for part in parts], axis=1)
        scores[ids < 0] = -np.inf
        order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        return np.take_along_axis(ids, order, 1), np.take_along_axis(scores, order, 1)

    def cosines(self, question: np.ndarray[Any, Any], ids: IdArray) -> np.ndarray[Any, Any]:
        """The cosine of one question, ``(dimension,)``, with each of the given passages, ``(len(ids),)`` float32."""
        if not len(ids):
            return np.empty(0, np.float32)
        return np.asarray(self.vectors_of(ids, len(question)) @ question, np.float32)

    def vectors_of(self, ids: IdArray, dimension: int) -> FloatMatrix:
        """The vectors of passages, ``(len(ids), dimension)`` float32; each id must be one of this view's."""
        vectors = np.empty((len(ids), dimension), np.float32)
        in_base = ids <= self.base_last
        for part, chosen in ((self.base, in_base), (self.delta, ~in_base)):
            if chosen.any():
                vectors[chosen] = part.reconstruct_batch(ids[chosen])
        return vectors


def load(folder: Path, catalog: Catalog, dimension: int) -> tuple[VectorIndex, str | None]:
    """Opens the cache and catches it up with the catalog in memory; nothing is written.

    Returns:
        The view, and a line that says why the file could not be used, or None when it could.
    """
    base, generation, last, problem = _read_base(folder, catalog, dimension)
    return _caught_up(base, generation, last, catalog, dimension), problem


def refreshed(view: VectorIndex, catalog: Catalog, dimension: int) -> VectorIndex:
    """The same base with what the catalog has now."""
    return _caught_up(view.base, view.base_generation, view.base_last, catalog, dimension)


def write(folder: Path, catalog: Catalog, dimension: int) -> VectorIndex:
    """Builds a base of everything in the catalog and puts it in the place of the file. Needs the writer's lock."""
    generation = catalog.generation()
    view = _caught_up(_empty(dimension), 0, 0, catalog, dimension)
    base = view.delta if view.delta is not None else view.base
    if len(view.dead) and view.delta is not None:
        base.remove_ids(view.dead)
    name = f"vectors-{generation}.faiss"
    data = _serialised(base)
    with storage_errors(folder):
        if not folder.is_dir():
            folder.unlink(missing_ok=True)
        folder.mkdir(exist_ok=True)
    replace_file(folder / name, data)
    last = _last_id(base)
    description = {
        "catalog": catalog.identity,
        "file": name,
        "generation": generation,
        "last": last,
        "rows": int(base.ntotal),
        "dimension": dimension,
        "kind": "exact, in memory (IndexIDMap2 over IndexFlatIP)",
        "bytes": len(data),
    }
    description["sha256"] = _sha256(description, data)
    replace_file(folder / DESCRIPTION, json.dumps(description, indent=1).encode())
    for old in folder.glob("vectors-*.faiss"):
        if old.name != name:
            # Windows keeps a file that another process has open; the next rebuild tries again.
            try:
                old.unlink()
            except OSError:
                continue
    return VectorIndex(generation, base, generation, last, None, np.empty(0, np.int64))


def ids_in(view: VectorIndex) -> IdArray:
    """All living passage ids of a view, ascending, for ``verify``."""
    faiss = _library()
    parts = [faiss.vector_to_array(part.id_map) for part in (view.base, view.delta) if part is not None]
    return np.setdiff1d(np.concatenate(parts), view.dead)


@functools.cache
def _library() -> Any:
    """FAISS, loaded at its first use."""
    if sys.platform == "darwin":
        # PyTorch and FAISS each bring an OpenMP runtime; on macOS the second one ends the process unless it is told
        # that this is known, and they must not both start threads (faiss-wheels issues 73 and 100).
        os.environ.setdefault("KMP_DUPLICATE_LIB_OK", "TRUE")
    import faiss

    if sys.platform == "darwin":
        faiss.omp_set_num_threads(1)
    return faiss


def _empty(dimension: int) -> Any:
    faiss = _library()
    return faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))


def _last_id(index: Any) -> int:
    faiss = _library()
    ids = faiss.vector_to_array(index.id_map)
    return int(ids.max()) if len(ids) else 0


def _serialised(index: Any) -> bytes:
    faiss = _library()
    return bytes(faiss.serialize_index(index).tobytes())


def _read_base(folder: Path, catalog: Catalog, dimension: int) -> tuple[Any, int, int, str | None]:
    faiss = _library()
    nothing = (_empty(dimension), 0, 0)
    newest = catalog.generation()
    try:
        description, data = _read_files(folder)
        generation, last = int(description["generation"]), int(description["last"])
        if _sha256(description, data) != description["sha256"]:
            return *nothing, "the FAISS file is damaged"
        if description["catalog"] != catalog.identity:
            return *nothing, "the FAISS file belongs to another index"
        if generation > newest and generation > catalog.generation():
            return *nothing, f"the FAISS file is {FELL_BACK}"
        if description["dimension"] != dimension:
            return *nothing, "the FAISS file holds vectors of another length"
        base = faiss.deserialize_index(np.frombuffer(data, np.uint8))
    except (FileNotFoundError, NotADirectoryError):
        return *nothing, "the FAISS file is missing" if newest else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
        return *nothing, f"the FAISS file cannot be read ({type(error).__name__})"
    return base, generation, last, None


def _sha256(description: dict[str, Any], data: bytes) -> str:
    """Of the description, but for the hash itself, and the file."""
    rest = {key: value for key, value in description.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode() + data).hexdigest()


def _read_files(folder: Path) -> tuple[dict[str, Any], bytes]:
    """The description and the file that it names; both again when a writer put new ones in their place meanwhile."""
    while True:
        text = (folder / DESCRIPTION).read_bytes()
        description = json.loads(text)
        try:
            return description, (folder / os.path.basename(description["file"])).read_bytes()
        except FileNotFoundError:
            if (folder / DESCRIPTION).read_bytes() == text:
                raise


def _caught_up(base: Any, generation: int, last: int, catalog: Catalog, dimension: int) -> VectorIndex:
    """Adds to a base what the catalog has after it.

    The generation is read first: a transaction that commits meanwhile is then seen again by the next refresh. A row
    that came and went between the two reads is in neither; one that went after is in both, and ``dead`` wins.
    """
    newest = catalog.generation()
    delta = None
    for rows in catalog.passage_rows(after=generation):
        if delta is None:
            delta = _empty(dimension)
        vectors = np.stack([row.vector for row in rows]).astype(np.float32)
        delta.add_with_ids(vectors, np.array([row.passage.id for row in rows], np.int64))
    return VectorIndex(newest, base, generation, last, delta, np.sort(catalog.tombstones(after=generation)))
