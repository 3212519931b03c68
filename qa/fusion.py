"""Mixes dense and lexical scores into one. Weights are chosen by ``benchmarks/tune.py``."""

from __future__ import annotations

from typing import Any

import numpy as np

DEPTH = 100
"""Passages taken from each of the two searches before they are mixed."""
DENSE_WEIGHT = 0.69
"""Of the cosine in the mix; the lexical share has the rest."""
TITLE_WEIGHT = 0.2
"""What a word in the article's title counts in lexical search, beside 1 for the passage."""
FINGERPRINT = f"linear-1/{DEPTH}-{DENSE_WEIGHT}-{TITLE_WEIGHT}"
"""Names everything that decides the fused score."""


def fuse(dense: np.ndarray[Any, Any], lexical: np.ndarray[Any, Any], weight: float) -> np.ndarray[Any, Any]:
    """The linear mix of cosine and BM25, the latter divided by the weight of all words of the question.

    Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval" (2023), find a convex combination
    of scaled scores better than reciprocal ranks; so did we. Divided by the question's own weight, BM25 does not
    grow with the length of the question or the size of the index, so that one mix serves all.

    Args:
        dense: cosines, ``(n,)``.
        lexical: BM25 scores, ``(n,)``, 0 where no word matches.
        weight: the sum of the inverse document frequencies of the question's terms.

    Returns:
        ``(n,)``, about 0 to 1, higher is better.
    """
    share = lexical / weight if weight > 0 else lexical
    return np.asarray(DENSE_WEIGHT * dense + (1 - DENSE_WEIGHT) * share)
