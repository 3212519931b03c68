"""Fits ``qa/calibration.json``: the probability that the first quote answers, from the reader's evidence.

    python -m benchmarks.calibrate --data FOLDER

On the tuning half of the titles, over indexes of four sizes: all articles, 20 of them, 3 of them, one of them, since
what looks like an answer by chance is rarer where there is less to choose from. Questions whose article is in the index
are mixed with as many whose article is not. A first quote is right when it overlaps a gold answer. The default
threshold is the lowest at which ``--precision`` of the quotes shown are right, over the index of all articles.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from index import ArticleIndex
from index.passages import embedded_text, fingerprint
from qa.answering import PASSAGES, default_reader
from qa.confidence import FILE
from qa.fusion import FINGERPRINT
from qa.query import read_query
from qa.reading import Candidate
from qa.retrieval import retrieve_many

from .datasets import CORPUS_SETS, CachingEmbedder, Question, half_of, questions, write_articles
from .quality import build_index

FEATURES = ("cosine", "coverage", "passage_cosine", "passage_coverage", "kind", "size")
Matrix = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """A question, the reader's first sentence for it, and whether its article was in the index."""

    question: Question
    candidate: Candidate
    present: bool

    @property
    def answered_there(self) -> bool:
        """Whether the articles of the index answer it."""
        return self.present and self.question.answerable

    @property
    def right(self) -> bool:
        """Whether the sentence answers it."""
        return self.present and is_right(self.question, self.candidate)


def cases(index: ArticleIndex, asked: Sequence[Question], *, present: bool, leave_out: bool = False) -> list[Case]:
    """The first sentences for some questions; with ``leave_out``, as if each one's own article were not there."""
    reader = default_reader()
    found = []
    for first in range(0, len(asked), 256):
        part = asked[first : first + 256]
        texts = [read_query(question.text).text for question in part]
        hits = retrieve_many(index, [question.text for question in part], 3 * PASSAGES if leave_out else PASSAGES)
        if leave_out:
            hits = [
                [hit for hit in some if hit.article.id != question.article_id]
                for some, question in zip(hits, part, strict=True)
            ]
        read = reader.read(index, [(text, some[:PASSAGES]) for text, some in zip(texts, hits, strict=True)])
        found += [
            Case(question, candidates[0], present)
            for question, candidates in zip(part, read, strict=True)
            if candidates
        ]
    return found


def over_all(data: Path, index: ArticleIndex, limit: int) -> list[Case]:
    """Cases over the index of all articles."""
    articles = list(index.articles())
    found: list[Case] = []
    for name in CORPUS_SETS:
        half = questions(data, [name], articles, "tuning")
        answerable = [question for question in half if question.answerable]
        answerable = answerable[:: max(1, len(answerable) // limit)]
        traps = [question for question in half if not question.answerable]
        traps = traps[:: max(1, len(traps) // (limit // 4))]
        found += cases(index, [*answerable, *traps], present=True)
        found += cases(index, answerable, present=False, leave_out=True)
    return found


def over_few(data: Path, index: ArticleIndex, embedder: CachingEmbedder, size: int, groups: int) -> list[Case]:
    """Cases over small indexes, each of a seeded choice of ``size`` articles, with as many questions from elsewhere."""
    generator = random.Random(size)
    everything = list(index.articles())
    strangers = [question for question in questions(data, CORPUS_SETS, everything, "tuning") if question.answerable]
    articles = [article for article in everything if half_of(article.title) == "tuning"]
    found: list[Case] = []
    for _ in range(groups):
        chosen = generator.sample(articles, size)
        with tempfile.TemporaryDirectory() as temporary:
            corpus = Path(temporary) / "corpus"
            write_articles(corpus, {article.title: article.text.split("\n\n")[1:] for article in chosen})
            with ArticleIndex.open(Path(temporary) / "index", embedder=embedder) as small:
                small.add(corpus)
                asked = questions(data, CORPUS_SETS, list(small.articles()), "tuning")
                asked = generator.sample(asked, min(len(asked), 20))
                titles = {article.title for article in chosen}
                others = [question for question in generator.sample(strangers, 40) if question.title not in titles]
                found += cases(small, asked, present=True)
                found += cases(small, others[: len(asked)], present=False)
    return found


def remember_passages(index: ArticleIndex, embedder: CachingEmbedder) -> None:
    """Takes the vectors of the passages from the index, so that small indexes of its articles cost nothing."""
    for rows in index._catalog.passage_rows():
        passages = [row.passage for row in rows]
        for row, (title, text) in zip(rows, index._catalog.texts_of(passages), strict=True):
            embedder.remember(embedded_text(title, text), row.vector.astype(np.float32))


def is_right(question: Question, candidate: Candidate) -> bool:
    """Whether a candidate overlaps a gold answer."""
    return candidate.hit.article.id == question.article_id and any(
        candidate.start < end and start < candidate.end for start, end in question.answers
    )


def arrays(group: Sequence[Case]) -> tuple[Matrix, Matrix]:
    """The evidence, ``(n, features)``, and whether each first quote is right, ``(n,)``."""
    features = [[case.candidate.evidence[name] for name in FEATURES] for case in group]
    return np.array(features), np.array([case.right for case in group], float)


def sigmoid(logit: Matrix) -> Matrix:
    """The logistic function."""
    return np.asarray(1 / (1 + np.exp(-logit)))


def fit(features: Matrix, right: Matrix, sample_weights: Matrix) -> tuple[float, Matrix]:
    """Logistic regression with a slight ridge: intercept and weights."""
    sample_weights = sample_weights / sample_weights.sum()

    def loss(parameters: Matrix) -> tuple[float, Matrix]:
        logit = features @ parameters[1:] + parameters[0]
        value = np.sum(sample_weights * (np.logaddexp(0, logit) - right * logit)) + 1e-4 * np.sum(parameters[1:] ** 2)
        error = (sigmoid(logit) - right) * sample_weights
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
        embedder = index._embedder
        assert isinstance(embedder, CachingEmbedder)
        remember_passages(index, embedder)
        groups = {"all": over_all(arguments.data, index, arguments.limit)}
        for size, count in ((20, 12), (3, 80), (1, 160)):
            groups[str(size)] = over_few(arguments.data, index, embedder, size, count)
        model = index.model.sha256
    everything = [case for group in groups.values() for case in group]
    each = np.concatenate([np.full(len(group), 1 / len(group)) for group in groups.values()])
    intercept, weights = fit(*arrays(everything), each)
    features, right = arrays(groups["all"])
    threshold = threshold_for(sigmoid(features @ weights + intercept), right, arguments.precision)
    for name, group in groups.items():
        features, right = arrays(group)
        probabilities = sigmoid(features @ weights + intercept)
        shown = probabilities >= threshold
        absent = np.array([not case.present for case in group])
        print(
            f"{name:>4}: {len(group)} questions, {right.mean():.3f} of the first quotes right; at {threshold:.3f}: "
            f"{shown.mean():.3f} shown, {right[shown].mean():.3f} of them right, "
            f"{right[shown].sum() / right.sum():.3f} of the right ones shown, {1 - shown[absent].mean():.3f} refused "
            f"whose article is not there; calibration error {expected_calibration_error(probabilities, right):.3f}"
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
                "share_answerable": round(sum(case.answered_there for case in everything) / len(everything), 3),
            },
            indent=1,
        )
        + "\n",
        "utf-8",
    )


if __name__ == "__main__":
    main()
