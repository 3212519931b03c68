"""Fits the numbers of follow-ups on the tuning half of the conversations: ``python -m benchmarks.follow_ups_fit``.

    python -m benchmarks.follow_ups_fit --data FOLDER [--power 0.7] [--most 30] [--left 0.98]

Two logistic regressions. Whether a question leans on the earlier ones: learned from turns that a person rewrote or left
as they are, and from questions that were written to stand alone. Whether a term of the earlier turns belongs in the
question: learned from the words of the hand-written questions. Writes ``qa/follow_up/weights.json``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index.words import WordView
from qa.follow_up.earlier import Terms, earlier_turns, of_this_subject
from qa.follow_up.fitted import FILE
from qa.follow_up.independence import features, must_lean
from qa.follow_up.terms import candidates

from .follow_up_data import Asked, conversations, documents, history, standing_alone, word_index

WEIGHT_OF_QUERIES = 0.5


def plain(text: str) -> str:
    """A question without case and punctuation."""
    return " ".join("".join(letter if letter.isalnum() else " " for letter in text.casefold()).split())


def fit_logistic(rows: Sequence[dict[str, float]], labels: Sequence[int], weights: Sequence[float]) -> dict[str, Any]:
    """A logistic regression on scaled features, given for the features as they are."""
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

    names = sorted(rows[0])
    matrix = np.array([[row[name] for name in names] for row in rows])
    mean, scale = matrix.mean(0), matrix.std(0)
    scale[scale == 0] = 1
    model = LogisticRegression(C=1.0, max_iter=1_000).fit((matrix - mean) / scale, labels, sample_weight=weights)
    slopes = model.coef_[0] / scale
    intercept = float(model.intercept_[0] - slopes @ mean)
    return {
        "intercept": round(intercept, 4),
        "weights": {name: round(float(value), 4) for name, value in zip(names, slopes, strict=True)},
    }


def _turns(asked: Asked, terms: Terms) -> list[Any]:
    return of_this_subject(earlier_turns(history(asked, lambda question, _: question + " ")), terms)


def fit_belongs(asked: Sequence[Asked], words: WordView) -> dict[str, Any]:
    """Whether a term belongs in the question: whether the hand-written question holds it."""
    terms, rows, labels = Terms(words), [], []
    for one in asked:
        if one.questions and one.rewrite:
            wanted = set(words.content_terms(one.rewrite))
            for candidate in candidates(one.question, _turns(one, terms), terms):
                rows.append(candidate.features)
                labels.append(int(candidate.term in wanted))
    return fit_logistic(rows, labels, [1.0] * len(rows))


def fit_leans(
    asked: Sequence[Asked], alone: Sequence[Asked], words: WordView, left: float
) -> tuple[dict[str, Any], float]:
    """Whether a question leans, and from which probability: ``left`` of those that stand alone are left alone."""
    terms = Terms(words)
    rows, labels, weights = [], [], []
    for one in asked:
        if one.questions and one.rewrite:
            rows.append(features(one.question, _turns(one, terms), terms))
            labels.append(int(plain(one.rewrite) != plain(one.question)))
            weights.append(1.0)
    leaning = sum(labels)
    for one in alone:
        rows.append(features(one.question, _turns(one, terms), terms))
        labels.append(0)
        weights.append(leaning / len(alone) * 2)
    model = fit_logistic(rows, labels, weights)
    scores = np.array(
        [
            1 / (1 + np.exp(-model["intercept"] - sum(model["weights"][name] * value for name, value in row.items())))
            for row in rows
        ]
    )
    strangers = np.array(
        [
            score
            for score, one in zip(scores[len(rows) - len(alone) :], alone, strict=True)
            if one.set != "same" and not must_lean(one.question)
        ]
    )
    least = float(np.quantile(strangers, left))
    truth = np.array(labels[: len(rows) - len(alone)])
    caught = (scores[: len(truth)] >= least)[truth == 1].mean()
    print(f"threshold {least:.3f}: {caught:.3f} of the turns that were rewritten are seen to lean")
    return model, round(least, 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds dev/")
    parser.add_argument("--power", type=float, default=0.7, help="see qa.follow_up.fitted.Fitted")
    parser.add_argument("--most", type=int, default=30, help="see qa.follow_up.fitted.Fitted")
    parser.add_argument("--left", type=float, default=0.98, help="questions that stand alone and are left alone")
    arguments = parser.parse_args()
    words = word_index(documents(arguments.data))
    asked = [one for one in conversations(arguments.data) if one.half == "tuning"]
    belongs = fit_belongs(asked, words)
    leans, least = fit_leans(asked, standing_alone(arguments.data, "tuning"), words, arguments.left)
    fitted = {
        "leans": leans,
        "least": least,
        "belongs": belongs,
        "power": arguments.power,
        "most": arguments.most,
    }
    FILE.write_text(json.dumps(fitted, indent=1) + "\n", "utf-8")
    for name in ("leans", "belongs"):
        print(name, sorted(fitted[name]["weights"].items(), key=lambda pair: -abs(pair[1]))[:12])


if __name__ == "__main__":
    main()
