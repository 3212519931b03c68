"""Reranking: the trained reader reads each passage, and its best sentence decides the passage's place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from index import ArticleIndex

from .answer import Hit
from .reader import default_span_reader

READ = 10
"""Passages that are read at least, so that one which retrieval put low can come first."""


def rerank_many(index: ArticleIndex, asked: Sequence[tuple[str, Sequence[Hit]]], k: int) -> list[list[Hit]]:
    """The ``k`` best hits of each question, by the reader's score of their best sentence.

    Every hit that is given is read, which takes some 15 to 30 ms each on two cores.
    """
    found = []
    reader = default_span_reader(index.settings.reader, index.settings.device)
    for (_, hits), read in zip(asked, reader.read_all(index, asked), strict=True):
        scores = [max((sentence.score for sentence in some), default=-math.inf) for some in read]
        order = sorted(range(len(hits)), key=lambda position: -scores[position])[:k]
        found.append(
            [
                replace(
                    hits[position],
                    score=scores[position],
                    explain=replace(hits[position].explain, reader=scores[position]),
                )
                for position in order
            ]
        )
    return found
