"""The collection of one index: a cache of its catalog, with the generation up to which it goes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ..catalog import FELL_BACK, Catalog
from ..embedding import FloatMatrix
from ..stored_vectors import HalfMatrix, IdArray
from . import library
from .address import Address

_SENTINEL = 0
"""The id of the row that carries the generation; passages have ids from 1 up. It is written after the passages."""
_DELETED = 5_000
"""Ids that are deleted in one call."""

Row = dict[str, Any]


class Collection:
    """What Milvus holds of one index.

    Its name is made of the catalog's identity, so that several indexes share a server. Passages are written by id,
    so that writing them again changes nothing: whatever broke off before the generation was written is done again.

    Args:
        address: of the Milvus.
        catalog: the truth.
        dimension: of a vector.
        terms: makes the index terms of a text.

    Raises:
        StorageError: the server does not answer.
    """

    def __init__(
        self, address: Address, catalog: Catalog, dimension: int, terms: Callable[[str], Sequence[str]]
    ) -> None:
        self.address = address
        self.name = f"pullquote_{catalog.identity}"
        self.dimension = dimension
        self._catalog = catalog
        self._terms = terms
        self._lock = threading.Lock()
        self._client = library.Client(address)
        self._open = True
        try:
            self._lite = library.is_lite(self._client)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Gives the connection back."""
        with self._lock:
            was_open, self._open = self._open, False
        if was_open:
            self._client.close()

    def generation(self) -> int:
        """Up to which generation of the catalog it goes, as the whole cluster knows now; -1 when it is not there."""
        if not self._exists():
            return -1
        rows = self._client.query(
            self.name, filter=f"id == {_SENTINEL}", output_fields=["generation"], consistency_level="Strong"
        )
        return int(rows[0]["generation"]) if len(rows) else -1

    def catch_up(self) -> str | None:
        """Brings it up to the catalog. Needs the writer's lock.

        Returns:
            A line that says why it was made anew, or None.
        """
        newest = self._catalog.generation()
        held = self.generation()
        if held == newest:
            return None
        problem = None
        if held > newest:
            problem = f"the collection in Milvus is {FELL_BACK}"
        elif held >= 0 and not self._fits():
            problem = "the collection in Milvus holds vectors of another length"
        if held < 0 or problem:
            self.empty()
            held = 0
        self._write_after(held, newest)
        return problem

    def empty(self) -> None:
        """Makes it anew, without passages. Needs the writer's lock."""
        if self._exists():
            self._client.drop_collection(self.name)
        library.create(self._client, self.name, self.dimension, self.address.index, lite=self._lite)
        self._mark(0)

    def _write_after(self, held: int, newest: int) -> None:
        gone = self._catalog.tombstones(after=held).tolist()
        for rows in self._catalog.passage_rows(after=held, batch=library.BATCH):
            passages = [row.passage for row in rows]
            vectors = library.as_vectors(np.stack([row.vector for row in rows]), lite=self._lite)
            written = [
                {"id": passage.id, "article": passage.article_id, "generation": newest, "vector": vector}
                | self._words_of(title, text)
                for passage, vector, (title, text) in zip(
                    passages, vectors, self._catalog.texts_of(passages), strict=True
                )
            ]
            self._client.upsert(self.name, written)
        for first in range(0, len(gone), _DELETED):
            self._client.delete(self.name, ids=gone[first : first + _DELETED])
        self._mark(newest)
        if self._lite:
            # A server does this by itself; Lite compares what was not flushed row by row, a second for 1,000 passages.
            self._client.flush(self.name)

    def _mark(self, generation: int) -> None:
        vector = np.zeros((1, self.dimension), np.float32)
        vector[0, 0] = 1
        (first,) = library.as_vectors(vector, lite=self._lite)
        row = {"id": _SENTINEL, "article": 0, "generation": generation, "vector": first, "text": "", "title": ""}
        self._client.upsert(self.name, [row])

    def _words_of(self, title: str, text: str) -> Row:
        return {"text": _joined(self._terms(text)), "title": _joined(self._terms(title))}

    def _exists(self) -> bool:
        return bool(self._client.has_collection(self.name))

    def _fits(self) -> bool:
        described = self._client.describe_collection(self.name)
        lengths = [field["params"].get("dim") for field in described["fields"] if field["name"] == "vector"]
        return [int(length or 0) for length in lengths] == [self.dimension]

    def nearest(self, questions: FloatMatrix, k: int, where: str) -> list[list[int]]:
        """Ids of the nearest passages of each question, best first; ``where`` is Milvus's filter."""
        found = library.nearest(self._client, self.name, questions, k + 1, where, self.address.index, lite=self._lite)
        return [[number for number in ids if number != _SENTINEL] for ids in found]

    def by_words(self, query: str, title_weight: float, k: int, where: str) -> list[int]:
        """Ids of the best passages by BM25, best first."""
        return library.mixed(self._client, self.name, query, title_weight, min(k, library.DEEPEST), where)

    def rows(self, fields: Sequence[str]) -> Iterator[list[Row]]:
        """The passages, some at a time, in no order."""
        return self._client.rows(self.name, f"id > {_SENTINEL}", ["id", *fields])

    def ids(self) -> IdArray:
        """The ids of all passages, ascending."""
        return np.array(sorted(int(row["id"]) for page in self.rows([]) for row in page), np.int64)

    def differing(self) -> Iterator[tuple[int, str]]:
        """Passages of which it holds something else than the catalog: their ids, and what it is."""
        for page in self.rows(["article", "text", "title", "vector"]):
            held = {int(row["id"]): row for row in page}
            passages = list(self._catalog.passages(list(held)).values())
            words = [self._words_of(title, text) for title, text in self._catalog.texts_of(passages)]
            stored = dict(zip(*_by_id(self._catalog.vectors(list(held))), strict=True))
            for passage, expected in zip(passages, words, strict=True):
                row = held[passage.id]
                if (row["text"], row["title"], int(row["article"])) != (*expected.values(), passage.article_id):
                    yield passage.id, "other words"
                if not np.array_equal(_as_half(row["vector"]), stored[passage.id]):
                    yield passage.id, "another vector"


def among(field: str, values: Sequence[int] | IdArray, *, without: bool = False) -> str:
    """Milvus's filter for rows of which a field has, or has not, one of some values."""
    return f"{field} {'not in' if without else 'in'} [{', '.join(str(int(value)) for value in values)}]"


def _joined(terms: Sequence[str]) -> str:
    """Terms with spaces between them, as many as a VARCHAR holds."""
    text = " ".join(terms)
    if len(data := text.encode()) <= library.TEXT_BYTES:
        return text
    return data[: library.TEXT_BYTES].decode(errors="ignore").rpartition(" ")[0]


def _by_id(found: tuple[IdArray, HalfMatrix]) -> tuple[list[int], list[Any]]:
    return found[0].tolist(), list(found[1])


def _as_half(vector: Any) -> Any:
    """A vector as Milvus returns it: bytes of float16, or numbers."""
    if isinstance(vector, list) and len(vector) == 1 and isinstance(vector[0], bytes):
        vector = vector[0]
    return np.frombuffer(vector, np.float16) if isinstance(vector, bytes) else np.asarray(vector, np.float16)
