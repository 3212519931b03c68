"""Chooses the weights of fusion and of the sentence reader on the tuning half of the titles.

    python -m benchmarks.tune --data FOLDER

Prints what each choice gives; the constants in ``qa/fusion.py`` and ``qa/sentence_reader.py`` are then set by hand.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from index import ArticleIndex
from qa import SentenceReader, retrieve_many
from qa.answering import PASSAGES
from qa.query import read_query

from .cases import is_right
from .datasets import CORPUS_SETS, Question, questions
from .quality import build_index

Matrix = np.ndarray[Any, Any]
DEPTH = 100


def candidates(
    index: ArticleIndex, asked: Sequence[Question], title_weight: float
) -> list[tuple[Matrix, Matrix, Matrix, float]]:
    """For each question the ids, cosines and BM25 scores of the passages that either search finds."""
    snapshot = index.snapshot()
    texts = [read_query(question.text).text for question in asked]
    vectors = np.concatenate([index.embed_questions(texts[first : first + 512]) for first in range(0, len(texts), 512)])
    found = []
    for text, vector in zip(texts, vectors, strict=True):
        dense_ids, _ = snapshot.vectors.search(vector[None, :], DEPTH)
        terms = snapshot.words.terms(text)
        word_ids, scores = snapshot.words.search(terms, DEPTH, title_weight=title_weight)
        ids = np.union1d(dense_ids[0][dense_ids[0] >= 0], word_ids)
        lexical = np.zeros(len(ids))
        lexical[np.searchsorted(ids, word_ids)] = scores
        found.append((ids, snapshot.vectors.cosines(vector, ids), lexical, snapshot.words.weight(terms)))
    return found


def gold_passages(index: ArticleIndex, asked: Sequence[Question]) -> list[set[int]]:
    """For each question the ids of the passages that lie mostly in its gold paragraph."""
    spans: dict[int, list[tuple[int, int, int]]] = {}
    for rows in index._catalog.passage_rows():
        for row in rows:
            spans.setdefault(row.passage.article_id, []).append((row.passage.id, row.passage.start, row.passage.end))
    gold = []
    for question in asked:
        start, end = question.paragraph
        gold.append(
            {
                number
                for number, left, right in spans[question.article_id]
                if 2 * (min(right, end) - max(left, start)) >= right - left
            }
        )
    return gold


def recalls(
    found: list[Any], gold: list[set[int]], score: Callable[[Matrix, Matrix, float], Matrix]
) -> tuple[float, ...]:
    """recall@1, @5 and @10 of a way to score."""
    hits = np.zeros(3)
    for (ids, dense, lexical, weight), right in zip(found, gold, strict=True):
        best = ids[np.argsort(-score(dense, lexical, weight), kind="stable")[:10]]
        for position, k in enumerate((1, 5, 10)):
            hits[position] += any(int(number) in right for number in best[:k])
    return tuple(np.round(hits / max(1, len(found)), 4))


def scalings() -> dict[str, Callable[[Matrix, float], Matrix]]:
    """Ways to bring BM25 to a scale on which it can be mixed with a cosine."""
    return {
        "by its highest": lambda lexical, _: lexical / max(float(lexical.max(initial=0)), 1e-9),
        "saturated 20": lambda lexical, _: lexical / (lexical + 20),
        "divided by 40": lambda lexical, _: lexical / 40,
        "by the question's weight": lambda lexical, weight: lexical / weight,
    }


SENTENCE_EVIDENCE = ("cosine", "coverage", "kind", "fused", "passage_cosine", "passage_coverage")


def fit_sentences(index: ArticleIndex, asked: Sequence[Question]) -> None:
    """Fits the weights of ``SentenceReader``: the right sentence should be the most probable of all that were read."""
    groups: list[tuple[Matrix, Matrix]] = []
    for first in range(0, len(asked), 256):
        part = asked[first : first + 256]
        hits = retrieve_many(index, [question.text for question in part], PASSAGES)
        texts = [read_query(question.text).text for question in part]
        read = SentenceReader().read(index, list(zip(texts, hits, strict=True)))
        for question, candidates in zip(part, read, strict=True):
            features = np.array(
                [[candidate.evidence[name] for name in SENTENCE_EVIDENCE] for candidate in candidates]
            ).reshape(-1, len(SENTENCE_EVIDENCE))
            groups.append((features, np.array([is_right(question, candidate) for candidate in candidates])))
        print(f"  {first + len(part)}/{len(asked)}", flush=True)
    answered = [(features, right) for features, right in groups if right.any()]

    def loss(weights: Matrix) -> float:
        total = 0.0
        for features, right in answered:
            scores = features @ weights
            total += float(np.logaddexp.reduce(scores) - np.logaddexp.reduce(scores[right]))
        return total / len(answered)

    without_fused = tuple(name for name in SENTENCE_EVIDENCE if name != "fused")
    for names in (SENTENCE_EVIDENCE, without_fused, SENTENCE_EVIDENCE[:4], ("cosine",)):
        used = np.array([name in names for name in SENTENCE_EVIDENCE], float)
        solved = minimize(lambda weights, used=used: loss(weights * used), np.ones(len(used)), method="L-BFGS-B")
        weights = solved.x * used
        first, three = (
            sum(right[np.argsort(-(features @ weights), kind="stable")[:k]].any() for features, right in groups)
            / len(groups)
            for k in (1, 3)
        )
        shown = {
            name: round(float(weight / weights[0]), 3) for name, weight in zip(SENTENCE_EVIDENCE, weights, strict=True)
        }
        print("sentences", shown, f"first {first:.4f} three {three:.4f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--index", type=Path, default=Path(tempfile.gettempdir()) / "pullquote-quality")
    parser.add_argument("--limit", type=int, default=400, help="answerable questions per set")
    parser.add_argument("--sentences", action="store_true", help="fit the sentence reader instead of the fusion")
    arguments = parser.parse_args()
    with build_index(arguments.data, arguments.index) as index:
        articles = list(index.articles())
        asked: list[Question] = []
        for name in CORPUS_SETS:
            half = questions(arguments.data, [name], articles, "tuning")
            answerable = [question for question in half if question.answerable]
            asked += answerable[:: max(1, len(answerable) // arguments.limit)]
        if arguments.sentences:
            fit_sentences(index, asked)
            return
        gold = gold_passages(index, asked)
        print(len(asked), "questions,", index.counts(), "articles and passages")
        for title_weight in (0.0, 0.2, 0.5, 1.0):
            found = candidates(index, asked, title_weight)
            print(
                "title",
                title_weight,
                "words",
                recalls(found, gold, lambda _dense, lexical, _weight: lexical),
                flush=True,
            )
            if title_weight == 0.0:
                print("dense", recalls(found, gold, lambda dense, _lexical, _weight: dense), flush=True)
            for (name, scaled), share in itertools.product(scalings().items(), (0.5, 0.6, 0.69, 0.8)):

                def mixed(
                    dense: Matrix, lexical: Matrix, weight: float, scaled: Any = scaled, share: float = share
                ) -> Matrix:
                    return np.asarray(share * dense + (1 - share) * scaled(lexical, weight))

                print("title", title_weight, name, share, recalls(found, gold, mixed), flush=True)


if __name__ == "__main__":
    main()
