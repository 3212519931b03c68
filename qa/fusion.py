"""Mixes dense and lexical scores into one. Weights are tuned by ``benchmarks/quality.py --tune``."""

from __future__ import annotations

from typing import Any

import numpy as np

DEPTH = 100
"""Passages taken from each of the two searches before they are mixed."""
DENSE_WEIGHT = 0.5
"""Of the dense score in the mix; the lexical one has the rest."""
TITLE_WEIGHT = 0.3
"""What a word in the article's title counts in lexical search, beside 1 for the passage."""


def fuse(dense: np.ndarray[Any, Any], lexical: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The linear mix of cosine and BM25, the latter divided by the question's highest.

    Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval" (2023), find a convex combination
    of scaled scores better than reciprocal ranks; so did we.

    Args:
        dense: cosines, ``(n,)``.
        lexical: BM25 scores, ``(n,)``, 0 where no word matches.

    Returns:
        ``(n,)``, about 0 to 1, higher is better.
    """
    highest = float(lexical.max()) if len(lexical) else 0.0
    scaled = lexical / highest if highest > 0 else lexical
    return np.asarray(DENSE_WEIGHT * dense + (1 - DENSE_WEIGHT) * scaled)
