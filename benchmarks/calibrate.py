"""Fits ``qa/calibration.json``: the probability that the first quote answers, from the reader's evidence.

    python -m benchmarks.calibrate --data FOLDER

On the tuning half of the titles. Each answerable question is used twice: as it is, and with the passages of its own
article left out, as if that article were not in the index; questions that the sets mark as unanswerable are used once.
A first quote is right when it overlaps a gold answer. The default threshold is the lowest at which ``--precision`` of
the quotes shown are right.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from index import ArticleIndex
from index.passages import fingerprint
from qa.answering import PASSAGES, default_reader
from qa.confidence import FILE
from qa.fusion import FINGERPRINT
from qa.query import read_query
from qa.reading import Candidate
from qa.retrieval import retrieve_many

from .datasets import CORPUS_SETS, Question, questions
from .quality import build_index

FEATURES = ("cosine", "coverage", "passage_cosine", "passage_coverage", "kind")
Matrix = np.ndarray[Any, Any]


def first_candidates(
    index: ArticleIndex, asked: Sequence[Question], *, without_own: bool
) -> list[tuple[Question, Candidate]]:
    """The reader's first sentence for each question; optionally as if its own article were not there."""
    reader = default_reader()
    found = []
    for first in range(0, len(asked), 256):
        part = asked[first : first + 256]
        texts = [read_query(question.text).text for question in part]
        hits = retrieve_many(index, [question.text for question in part], 3 * PASSAGES)
        if without_own:
            hits = [
                [hit for hit in some if hit.article.id != question.article_id]
                for some, question in zip(hits, part, strict=True)
            ]
        read = reader.read(index, [(text, some[:PASSAGES]) for text, some in zip(texts, hits, strict=True)])
        found += [(question, candidates[0]) for question, candidates in zip(part, read, strict=True) if candidates]
        print(f"  {first + len(part)}/{len(asked)}", flush=True)
    return found


def is_right(question: Question, candidate: Candidate) -> bool:
    """Whether a candidate overlaps a gold answer."""
    return candidate.hit.article.id == question.article_id and any(
        candidate.start < end and start < candidate.end for start, end in question.answers
    )


def fit(features: Matrix, right: Matrix) -> tuple[float, Matrix]:
    """Logistic regression with a slight ridge: intercept and weights."""

    def loss(parameters: Matrix) -> tuple[float, Matrix]:
        logit = features @ parameters[1:] + parameters[0]
        value = np.mean(np.logaddexp(0, logit) - right * logit) + 1e-4 * np.sum(parameters[1:] ** 2)
        error = (1 / (1 + np.exp(-logit)) - right) / len(right)
        gradient = np.concatenate([[error.sum()], features.T @ error + 2e-4 * parameters[1:]])
        return float(value), gradient

    solved = minimize(loss, np.zeros(features.shape[1] + 1), jac=True, method="L-BFGS-B")
    return float(solved.x[0]), solved.x[1:]


def threshold_for(probabilities: Matrix, right: Matrix, precision: float) -> float:
    """The lowest threshold from which on at least ``precision`` of what is shown is right, for at least 50 shown."""
    order = np.argsort(-probabilities)
    reached = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero((reached >= precision) & (np.arange(len(order)) >= 50))
    return float(probabilities[order][enough[-1]]) if len(enough) else 1.0


def expected_calibration_error(probabilities: Matrix, right: Matrix, bins: int = 10) -> float:
    """The mean distance of confidence and accuracy over bins of equal width, weighted by their size."""
    which = np.minimum((probabilities * bins).astype(int), bins - 1)
    return float(
        sum(
            abs(probabilities[which == number].mean() - right[which == number].mean()) * np.mean(which == number)
            for number in range(bins)
            if np.any(which == number)
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--index", type=Path, default=Path(tempfile.gettempdir()) / "pullquote-quality")
    parser.add_argument("--limit", type=int, default=500, help="answerable questions per set")
    parser.add_argument("--precision", type=float, default=0.6)
    arguments = parser.parse_args()
    with build_index(arguments.data, arguments.index) as index:
        articles = list(index.articles())
        pairs: list[tuple[Question, Candidate]] = []
        left_out: list[bool] = []
        for name in CORPUS_SETS:
            half = questions(arguments.data, [name], articles, "tuning")
            answerable = [question for question in half if question.answerable]
            answerable = answerable[:: max(1, len(answerable) // arguments.limit)]
            traps = [question for question in half if not question.answerable]
            traps = traps[:: max(1, len(traps) // (arguments.limit // 4))]
            pairs += first_candidates(index, [*answerable, *traps], without_own=False)
            left_out += [False] * (len(pairs) - len(left_out))
            pairs += first_candidates(index, answerable, without_own=True)
            left_out += [True] * (len(pairs) - len(left_out))
        model = index.model.sha256
    features = np.array([[candidate.evidence[name] for name in FEATURES] for _, candidate in pairs])
    right = np.array([is_right(question, candidate) for question, candidate in pairs], float)
    intercept, weights = fit(features, right)
    probabilities = 1 / (1 + np.exp(-(features @ weights + intercept)))
    threshold = threshold_for(probabilities, right, arguments.precision)
    shown = probabilities >= threshold
    absent = np.array(left_out)
    print(
        f"{len(pairs)} questions, {right.mean():.3f} of the first quotes right; at the threshold {threshold:.3f}: "
        f"{shown.mean():.3f} shown, {right[shown].mean():.3f} of them right, {right[shown].sum() / right.sum():.3f} of "
        f"the right ones shown, {1 - shown[absent].mean():.3f} refused of those whose article was left out; "
        f"expected calibration error {expected_calibration_error(probabilities, right):.3f}"
    )
    FILE.write_text(
        json.dumps(
            {
                "intercept": round(intercept, 4),
                "weights": {name: round(float(weight), 4) for name, weight in zip(FEATURES, weights, strict=True)},
                "threshold": round(threshold, 3),
                "fingerprints": {
                    "splitter": fingerprint(),
                    "model": model,
                    "retrieval": FINGERPRINT,
                    "reader": default_reader().fingerprint,
                },
                "share_answerable": round(float(np.mean([bool(q.answerable) for q, _ in pairs])) / 2, 3),
            },
            indent=1,
        )
        + "\n",
        "utf-8",
    )


if __name__ == "__main__":
    main()
