"""``SentenceReader``: chooses sentences by the embedder and by words, without any training of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from index import ArticleIndex
from index.views import WordSearch

from .answer import Hit
from .answer_kind import holds_kind
from .reading import Candidate

PASSAGES = 8
"""How many passages are read."""
WEIGHTS = {"cosine": 1.0, "coverage": 0.85, "kind": 0.41, "passage_cosine": 3.6, "passage_coverage": 2.2}
"""Chosen by ``benchmarks/tune.py``."""


class SentenceReader:
    """Scores each sentence of the best passages by four things.

    The cosine of question and sentence; the share of the question's words that the sentence holds, rare words
    counting more; whether it holds the kind of thing that is asked for; and the score of the passage around it.
    """

    fingerprint = f"sentences-1/{PASSAGES}/" + "-".join(map(str, WEIGHTS.values()))

    def read(self, index: ArticleIndex, asked: Sequence[tuple[str, Sequence[Hit]]]) -> list[list[Candidate]]:
        """See ``Reader``. The sentences of all questions are embedded together."""
        words = index.snapshot().words
        texts: dict[str, int] = {}
        for _, hits in asked:
            for hit in hits[:PASSAGES]:
                for start, end in hit.sentences:
                    texts.setdefault(" ".join(hit.article.text[start:end].split()), len(texts))
        questions = index.embed_questions([question for question, _ in asked])
        sentences = index.embed_sentences(list(texts)) if texts else np.empty((0, questions.shape[1]), np.float32)
        return [
            self._candidates(words, question, hits[:PASSAGES], vector, sentences, texts)
            for (question, hits), vector in zip(asked, questions, strict=True)
        ]

    def _candidates(
        self,
        words: WordSearch,
        question: str,
        hits: Sequence[Hit],
        vector: np.ndarray[tuple[int], np.dtype[np.float32]],
        sentences: np.ndarray[tuple[int, int], np.dtype[np.float32]],
        rows: dict[str, int],
    ) -> list[Candidate]:
        weights = term_weights(words, question)
        candidates = []
        for hit in hits:
            passage_terms = set(words.content_terms(f"{hit.article.title} {hit.text}"))
            for start, end in hit.sentences:
                text = hit.article.text[start:end]
                cosine = float(vector @ sentences[rows[" ".join(text.split())]])
                evidence = {
                    "cosine": cosine,
                    "coverage": coverage(weights, set(words.content_terms(text))),
                    "passage_cosine": hit.explain.dense,
                    "passage_coverage": coverage(weights, passage_terms),
                    "kind": holds_kind(question, text),
                    "fused": hit.explain.fused,
                    "size": math.log10(max(1, words.documents)),
                }
                score = sum(weight * evidence[name] for name, weight in WEIGHTS.items())
                candidates.append(Candidate(hit, start, end, score, {**evidence, "score": score}))
        return sorted(candidates, key=lambda candidate: -candidate.score)


def term_weights(words: WordSearch, question: str) -> dict[str, float]:
    """For each content word of a question how rare it is: an inverse document frequency, smoothed for small indexes."""
    total = words.documents
    return {
        term: math.log(1 + (total + 1) / (words.document_frequency(term) + 0.5))
        for term in words.content_terms(question)
    }


def coverage(weights: dict[str, float], terms: set[str]) -> float:
    """The share of a question's word weights that a text holds, 0 to 1; 1 for a question without content words."""
    total = sum(weights.values())
    if total == 0.0:
        return 1.0
    return sum(weight for term, weight in weights.items() if term in terms) / total
