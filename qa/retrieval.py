"""``retrieve``: the passages most relevant to a question, dense and lexical search mixed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from index import ArticleIndex, Filters, Snapshot

from .answer import Hit, ScoreParts
from .collapsing import Ranking, best_hits
from .fusion import DEPTH, TITLE_WEIGHT, fuse
from .language_preference import preference
from .query import Query, holds, read_query
from .reranking import READ, rerank_many

_PHRASE_LIMIT = 20_000
"""Passages that are looked at for a phrase or an exclusion."""


@dataclass(frozen=True, slots=True)
class _Limits:
    """Passage ids that a question may and may not find; None where there is no limit."""

    articles: list[int] | None
    allowed: np.ndarray[Any, Any] | None
    forbidden: np.ndarray[Any, Any] | None

    def without(self, ids: np.ndarray[Any, Any]) -> _Limits:
        """The same limits, and none of these passages."""
        if not len(ids):
            return self
        return replace(
            self,
            allowed=None if self.allowed is None else np.setdiff1d(self.allowed, ids),
            forbidden=ids if self.forbidden is None else np.union1d(self.forbidden, ids),
        )

    @property
    def nothing(self) -> bool:
        return self.allowed is not None and not len(self.allowed)


def retrieve(
    index: ArticleIndex,
    question: str,
    k: int = 10,
    *,
    rerank: bool = False,
    filters: Filters | None = None,
    **limits: Any,
) -> list[Hit]:
    """The passages most relevant to a question.

    Args:
        index: the articles.
        question: any text; ``"an exact phrase"`` must stand in the passage, ``-word`` and ``-"a phrase"`` must not.
        k: how many passages at most.
        rerank: let the trained reader read the passages and order them, which takes longer but puts the passage that
            answers first more often; see ``docs/reader.md``.
        filters: limits the articles; or give its fields here: ``since``, ``until``, ``sources``, ``authors``,
            ``languages``, ``articles``.

    Returns:
        Hits, best first; ``hit.explain`` says what the score is made of.

    Raises:
        QuestionError: the question is empty or far too long.
        FilterError: a filter that cannot be understood.
    """
    return retrieve_many(index, [question], k, rerank=rerank, filters=filters, **limits)[0]


def retrieve_many(
    index: ArticleIndex,
    questions: Sequence[str | Query],
    k: int = 10,
    *,
    rerank: bool = False,
    filters: Filters | None = None,
    **limits: Any,
) -> list[list[Hit]]:
    """``retrieve`` for several questions at once, which is quicker than one after the other."""
    queries = [question if isinstance(question, Query) else read_query(question) for question in questions]
    chosen = filters_of(filters, limits)
    if not queries or k < 1:
        return [[] for _ in queries]
    snapshot = index.snapshot()
    articles = index.article_ids(chosen)
    vectors = index.embed_questions([query.text for query in queries])
    found = [
        _search(index, snapshot, query, vector, max(k, READ) if rerank else k, articles)
        for query, vector in zip(queries, vectors, strict=True)
    ]
    if not rerank:
        return found
    return rerank_many(index, [(query.text, hits) for query, hits in zip(queries, found, strict=True)], k)


def filters_of(filters: Filters | None, limits: dict[str, Any]) -> Filters:
    """The filters of a call, given as an object or as named arguments."""
    if not limits:
        return filters or Filters()
    if filters is not None:
        raise TypeError("give either filters or its fields, not both")
    return Filters(**limits)


def _search(
    index: ArticleIndex,
    snapshot: Snapshot,
    query: Query,
    vector: np.ndarray[Any, Any],
    k: int,
    articles: list[int] | None,
) -> list[Hit]:
    limits = _limits(index, snapshot, query, articles)
    if limits.nothing:
        return []

    def search(without: np.ndarray[Any, Any]) -> Ranking:
        return _ranked(index, snapshot, query, vector, max(DEPTH, k), limits.without(without))

    return best_hits(index, snapshot, search, k)


def _ranked(
    index: ArticleIndex,
    snapshot: Snapshot,
    query: Query,
    vector: np.ndarray[Any, Any],
    depth: int,
    limits: _Limits,
) -> Ranking:
    if limits.nothing:
        return Ranking(np.empty(0, np.int64), lambda _: [])
    terms = dict(query.weights) or dict.fromkeys(snapshot.words.terms(query.text), 1.0)
    dense_ids, cosines = snapshot.vectors.search(vector[None, :], depth, limits.allowed, limits.forbidden)
    word_ids, scores = snapshot.words.search(
        terms,
        depth,
        title_weight=TITLE_WEIGHT,
        articles=limits.articles if not query.phrases else None,
        allowed=limits.allowed if query.phrases else None,
        forbidden=limits.forbidden,
    )
    living = ~np.isin(word_ids, snapshot.vectors.dead)
    word_ids, scores = word_ids[living], scores[living]
    ids = np.union1d(dense_ids[0][dense_ids[0] >= 0], word_ids)
    dense = _looked_up(ids, dense_ids[0], cosines[0], np.nan)
    unknown = np.isnan(dense)
    dense[unknown] = snapshot.vectors.cosines(vector, ids[unknown])
    lexical = _looked_up(ids, word_ids, scores, 0.0)
    fused = fuse(dense, lexical, snapshot.words.weight(terms))
    fused += preference(index, query.text, ids)
    parts = {
        number: ScoreParts(*map(float, some)) for number, *some in zip(ids.tolist(), dense, lexical, fused, strict=True)
    }
    return Ranking(ids[np.argsort(-fused, kind="stable")], lambda some: _hits(index, some, parts))


def _looked_up(
    ids: np.ndarray[Any, Any], known: np.ndarray[Any, Any], values: np.ndarray[Any, Any], default: float
) -> np.ndarray[Any, Any]:
    """For each id its value among ``known``, or the default."""
    result = np.full(len(ids), default, np.float64)
    valid = known >= 0
    result[np.searchsorted(ids, known[valid])] = values[valid]
    return result


def _hits(index: ArticleIndex, ids: np.ndarray[Any, Any], parts: dict[int, ScoreParts]) -> list[Hit]:
    return [
        Hit(
            parts[passage.id].fused,
            article.text[passage.start : passage.end],
            passage.start,
            passage.end,
            article,
            parts[passage.id],
            passage.sentences,
        )
        for passage, article in index.passages_with_articles(ids.tolist())
    ]


def _limits(index: ArticleIndex, snapshot: Snapshot, query: Query, articles: list[int] | None) -> _Limits:
    allowed = index.passage_ids(articles) if articles is not None else None
    for phrase in query.phrases:
        found = _holding(index, snapshot, phrase)
        allowed = found if allowed is None else np.intersect1d(allowed, found)
    forbidden = None
    for exclusion in query.exclusions:
        found = _holding(index, snapshot, exclusion)
        forbidden = found if forbidden is None else np.union1d(forbidden, found)
    if allowed is not None and forbidden is not None:
        allowed = np.setdiff1d(allowed, forbidden)
    return _Limits(articles, allowed, forbidden)


def _holding(index: ArticleIndex, snapshot: Snapshot, phrase: str) -> np.ndarray[Any, Any]:
    """Ids of the passages that hold a phrase word for word; the word index finds candidates, the text decides."""
    candidates = snapshot.words.containing(phrase, _PHRASE_LIMIT)
    kept = [
        passage.id
        for passage, article in index.passages_with_articles(candidates.tolist())
        if holds(article.text[passage.start : passage.end], phrase)
    ]
    return np.array(sorted(kept), np.int64)
