"""A question is answered from articles in its own language first: a gentle preference, never a filter."""

from __future__ import annotations

from typing import Any

import numpy as np

from index import ArticleIndex
from index.languages import detected_in_question

BONUS = 0.05
"""Added to the fused score of passages in the question's language; neighbours in a ranking are some 0.02 apart."""


def preference(index: ArticleIndex, question: str, ids: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """What to add to the scores of passages; nothing where all articles are in one language, or nothing is sure.

    Args:
        index: the articles.
        question: as it is searched.
        ids: of passages, ``(n,)``.
    """
    language = detected_in_question(question, index.languages())
    if language is None:
        return np.zeros(len(ids))
    return BONUS * np.isin(ids, index.passages_in(language, ids))
