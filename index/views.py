"""What a search looks at: the vectors and the words of an index at one moment, wherever they are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from .embedding import FloatMatrix
from .stored_vectors import IdArray

Terms = Sequence[str] | Mapping[str, float]
"""Index terms; or what each of them counts, where 1 is usual."""


class VectorSearch(Protocol):
    """Search by vectors: in files beside the catalog, or in Milvus."""

    @property
    def generation(self) -> int:
        """The catalog's generation that is searched."""

    @property
    def dead(self) -> IdArray:
        """Ids, ascending, of passages that a search by words may still find although they are gone."""

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

    def cosines(self, question: np.ndarray[Any, Any], ids: IdArray) -> np.ndarray[Any, Any]:
        """The cosine of one question with each of the given passages; 0 for one that was removed meanwhile."""

    def vectors_of(self, ids: IdArray) -> FloatMatrix:
        """The vectors of passages, ``(len(ids), dimension)``; zeros for one that was removed meanwhile."""


class WordSearch(Protocol):
    """Search by words (BM25): in files beside the catalog, or in Milvus."""

    @property
    def generation(self) -> int:
        """The catalog's generation that is searched."""

    @property
    def documents(self) -> int:
        """How many passages there are."""

    def terms(self, text: str) -> list[str]:
        """The index terms of a text (lower case, accents folded, stemmed), in order."""

    def content_terms(self, text: str) -> list[str]:
        """The index terms of a text without English function words, each once, in order."""

    def document_frequency(self, term: str) -> int:
        """In how many passages a term occurs."""

    def weight(self, terms: Terms) -> float:
        """The sum of the terms' inverse document frequencies, each once and as often as it counts."""

    def rarity(self, term: str) -> float:
        """The inverse document frequency of a term, as BM25 counts it."""

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
        """The passages with the highest BM25 score for any of the terms.

        Args:
            terms: as ``terms`` gives them; or what each of them counts.
            k: how many.
            title_weight: what a term in the article's title counts, beside 1 for the passage.
            articles, allowed: search only in these article ids or passage ids; None for all.
            forbidden: passage ids never to return.

        Returns:
            Passage ids and scores, ``(n,)`` with ``n <= k``, best first.
        """

    def containing(self, phrase: str, limit: int) -> IdArray:
        """Ids of passages in which the terms of a phrase stand one after the other, at most ``limit``."""

    def passage_ids(self) -> IdArray:
        """All passage ids, ascending."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a search looks at; a write that goes on meanwhile does not touch it, or only adds to it.

    Attributes:
        generation: the catalog's generation up to which both go.
        vectors: at this generation, or at a newer one while a writer is between its two commits.
        words: at this generation.
    """

    generation: int
    vectors: VectorSearch
    words: WordSearch


def counted(terms: Terms) -> dict[str, float]:
    """What each term counts: 1 where nothing was said."""
    return dict(terms) if isinstance(terms, Mapping) else dict.fromkeys(terms, 1.0)
