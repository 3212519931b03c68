"""Searches in the collection, as ``qa`` knows them from the files beside the catalog."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..embedding import FloatMatrix
from ..stored_vectors import IdArray, StoredVectors
from ..views import Terms, WordSearch, counted
from .collection import Collection, among

_FEW = 2_000
"""So many passages are compared one by one, with the catalog's vectors."""
_DEEPER = 2
"""So many times the candidates that are asked for: Milvus compares them roughly, and their exact scores decide."""
_STEPS = 10
"""In so many steps a term may count less than another."""


class MilvusVectors:
    """Milvus finds candidates; the catalog's vectors decide, so that a rough index gives exact cosines.

    Args:
        generation: up to which the collection goes.
        collection: what is searched.
        stored: the catalog.
    """

    def __init__(self, generation: int, collection: Collection, stored: StoredVectors) -> None:
        self.generation = generation
        self.dead: IdArray = np.empty(0, np.int64)
        self._collection = collection
        self._stored = stored

    def search(
        self, questions: FloatMatrix, k: int, allowed: IdArray | None = None, forbidden: IdArray | None = None
    ) -> tuple[IdArray, FloatMatrix]:
        """The nearest passages by cosine similarity; see ``VectorSearch``."""
        where = []
        if allowed is not None:
            wanted = allowed if forbidden is None else np.setdiff1d(allowed, forbidden)
            if len(wanted) <= _FEW:
                return self._best(questions, k, [wanted.tolist()] * len(questions))
            where.append(among("id", wanted))
        elif forbidden is not None and len(forbidden):
            where.append(among("id", forbidden, without=True))
        found = self._collection.nearest(np.asarray(questions, np.float32), _DEEPER * k, " and ".join(where))
        return self._best(questions, k, found)

    def _best(self, questions: FloatMatrix, k: int, found: list[list[int]]) -> tuple[IdArray, FloatMatrix]:
        ids = np.full((len(questions), k), -1, np.int64)
        scores = np.full((len(questions), k), -np.inf, np.float32)
        for place, (question, candidates) in enumerate(zip(questions, found, strict=True)):
            known, vectors = self._stored.vectors(candidates)
            if not len(known):
                continue  # all of them were removed meanwhile
            cosines = vectors.astype(np.float32) @ question
            order = np.argsort(-cosines, kind="stable")[:k]
            ids[place, : len(order)], scores[place, : len(order)] = known[order], cosines[order]
        return ids, scores

    def cosines(self, question: np.ndarray[Any, Any], ids: IdArray) -> np.ndarray[Any, Any]:
        """The cosine of one question with each of the given passages; 0 for one that was removed meanwhile."""
        return np.asarray(self.vectors_of(ids) @ question, np.float32)

    def vectors_of(self, ids: IdArray) -> FloatMatrix:
        """The vectors of passages; zeros for one that was removed meanwhile."""
        found = np.zeros((len(ids), self._collection.dimension), np.float32)
        there, vectors = self._stored.vectors_at(ids, self._collection.dimension)
        found[there] = vectors
        return found


class MilvusWords:
    """Milvus finds candidates by its BM25 function; the word index beside the catalog decides among them.

    It is kept because Milvus does not say how rare a term is, on which follow-up questions and readers depend, and
    Milvus Lite knows no phrases. Its counts are of all passages, where Milvus's are of a segment or a shard: so the
    scores are the same with both kinds of index.

    Args:
        generation: up to which the collection goes.
        collection: what is searched.
        local: the word index beside the catalog.
    """

    def __init__(self, generation: int, collection: Collection, local: WordSearch) -> None:
        self.generation = generation
        self.documents = local.documents
        self._collection = collection
        self._local = local

    def terms(self, text: str) -> list[str]:
        """The index terms of a text, in order."""
        return self._local.terms(text)

    def content_terms(self, text: str) -> list[str]:
        """The index terms of a text without English function words, each once, in order."""
        return self._local.content_terms(text)

    def document_frequency(self, term: str) -> int:
        """In how many passages a term occurs."""
        return self._local.document_frequency(term)

    def weight(self, terms: Terms) -> float:
        """The sum of the terms' inverse document frequencies."""
        return self._local.weight(terms)

    def rarity(self, term: str) -> float:
        """The inverse document frequency of a term, as BM25 counts it."""
        return self._local.rarity(term)

    def search(
        self,
        terms: Terms,
        k: int,
        *,
        title_weight: float,
        articles: Sequence[int] | None = None,
        allowed: IdArray | None = None,
        forbidden: IdArray | None = None,
    ) -> tuple[IdArray, np.ndarray[Any, Any]]:
        """The passages with the highest BM25 score for any of the terms; see ``WordSearch``."""
        query = _query(counted(terms))
        nothing = any(values is not None and not len(values) for values in (articles, allowed))
        if not query or nothing:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        limits = (("article", articles, False), ("id", allowed, False), ("id", forbidden, True))
        where = [
            among(field, values, without=without)
            for field, values, without in limits
            if values is not None and len(values)
        ]
        found = self._collection.by_words(query, title_weight, _DEEPER * max(1, k), " and ".join(where))
        if not found:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        return self._local.search(terms, k, title_weight=title_weight, allowed=np.array(found, np.int64))

    def containing(self, phrase: str, limit: int) -> IdArray:
        """Ids of passages in which the terms of a phrase stand one after the other, at most ``limit``."""
        return self._local.containing(phrase, limit)

    def passage_ids(self) -> IdArray:
        """All passage ids, ascending."""
        return self._collection.ids()


def _query(weights: Mapping[str, float]) -> str:
    """A text in which each term stands as often as it counts.

    BM25 adds up what each word of the question gives: one that stands there twice counts twice.
    """
    weights = {term: weight for term, weight in weights.items() if weight > 0}
    most = max(weights.values(), default=1.0)
    steps = 1 if all(weight == most for weight in weights.values()) else _STEPS
    return " ".join(term for term, weight in weights.items() for _ in range(max(1, round(steps * weight / most))))
