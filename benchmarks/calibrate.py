"""Fits the reader's two formulas: the score that sentences are ordered by, and how probable a right first quote is.

    make calibrate DATA=FOLDER      (python -m benchmarks.calibrate --data FOLDER)

For the reader that comes with the program, or the one whose weights ``PULLQUOTE_READER`` names.

On the tuning half of the titles, without those that the reader was trained on, over indexes of five sizes (100,000
passages, all articles, 20 of them, 3, one), since what looks like an answer by chance is rarer where there is less to
choose from. Questions are mixed with ones that people asked and that only seem to be answered (clapnq's), and with ones
whose article is not in the index; how many of those are shown that were written to mislead (SQuAD 2.0's) is said
beside. Candidates come from the whole index, never from the gold paragraph. Writes ``qa/reader/scoring.json`` (a
listwise logistic model: the right sentence should be the most probable of all that were read) and
``qa/calibration.json`` (two logistic regressions: how probable it is that the articles answer, and that the first quote
does if they do), with the thresholds of the three levels.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from index import Settings
from index.passages import fingerprint
from qa.answering import default_reader
from qa.confidence import FILE, Calibration, calibration, features
from qa.fusion import FINGERPRINT
from qa.joining import likeness, paired
from qa.logistic import Logistic
from qa.measures import expected_calibration_error
from qa.reader import default_span_reader, scoring
from qa.shapes import QUOTES, Shape

from .cases import Case, Sentence, by_size, remember_passages
from .datasets import CachingEmbedder
from .quality import build_index

ORDER = ("sentence", "span", "relevance", "fused", "coverage", "kind")
ANSWERED = ("sentence", "dense", "lead", "size", "size*dense")
"""What says, of the first quote, whether the articles answer."""
RIGHT = ("sentence", "lead", "both")
"""What says whether it answers if they do. Relevance, span and more fitted the tuning questions no better."""
LEVELS = {"strict": 0.95, "balanced": 0.90, "generous": 0.75}
"""The share of the quotes shown that should be right, by level."""
MIX = {"answered": 0.6, "trap": 0.1, "absent": 0.3, "misleading": 0.0}
"""The questions that the confidence assumes: answered by the articles, seemingly answered, about something else."""
MISLEADING = ("squad2_dev_half",)
"""Sets whose unanswerable questions were written to mislead such programs, not asked by people who want to know."""
FEWEST = 10
"""Cases that a kind must have to count."""
MOST = QUOTES[Shape.FACT]
"""Quotes of an answer."""
Matrix = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class First:
    """The first quote of a case."""

    case: Case
    evidence: dict[str, float]
    right: bool


def fit_order(cases: Sequence[Case], ridge: float = 1e-3) -> dict[str, float]:
    """The weights under which the right sentences are the most probable among all sentences of their questions."""
    groups = []
    for case in cases:
        right = np.array([sentence.right for sentence in case.sentences], bool)
        if right.any():
            features = np.array([[one.evidence[name] for name in ORDER] for one in case.sentences])
            groups.append((features, right))
    spread = np.concatenate([features for features, _ in groups]).std(0)

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        total, gradient = 0.0, np.zeros(len(weights))
        for features, right in groups:
            scaled = features / spread
            scores = scaled @ weights
            every = np.exp(scores - np.logaddexp.reduce(scores))
            chosen = np.where(right, np.exp(scores - np.logaddexp.reduce(scores[right])), 0.0)
            total += float(np.logaddexp.reduce(scores) - np.logaddexp.reduce(scores[right]))
            gradient += scaled.T @ (every - chosen)
        return total / len(groups) + ridge * float(weights @ weights), gradient / len(groups) + 2 * ridge * weights

    solved = minimize(loss, np.ones(len(ORDER)), jac=True, method="L-BFGS-B")
    return {name: round(float(weight), 4) for name, weight in zip(ORDER, solved.x / spread, strict=True)}


def quotes(case: Case, weights: dict[str, float], most: int) -> list[Sentence]:
    """A case's first quotes as sentences, with score and lead in their evidence.

    One that is quoted with its neighbour (``qa.joining``) is right when either is.
    """
    scored = sorted(((scoring.score(one.evidence, weights), one) for one in case.sentences), key=lambda pair: -pair[0])
    scores = [value for value, _ in scored]
    leads = scoring.leads(scores, [one.passage for _, one in scored])
    sentences = [one for _, one in scored]
    found = []
    near = paired(scores[: 2 * most], lambda one, other: sentences[other].place in sentences[one].beside, most)
    for place, other in near:
        both = [sentences[one] for one in (place, other) if one is not None]
        evidence = {
            **sentences[place].evidence,
            "score": scores[place],
            "lead": leads[place],
            "both": 0.0 if other is None else likeness(scores[place], scores[other]),
        }
        found.append(
            replace(
                sentences[place],
                right=any(one.right for one in both),
                answers=any(one.answers for one in both),
                evidence=evidence,
            )
        )
    return found


def firsts(cases: Sequence[Case], weights: dict[str, float]) -> list[First]:
    """The first quote of each case that has any."""
    return [First(case, quote.evidence, quote.answers) for case in cases for quote in quotes(case, weights, MOST)[:1]]


def share_right(cases: Sequence[Case], weights: dict[str, float], count: int) -> float:
    """The share of answerable cases with a right one among their first ``count`` quotes."""
    there = [case for case in cases if case.answered_there]
    return sum(any(one.right for one in quotes(case, weights, MOST)[:count]) for case in there) / max(1, len(there))


def evidence_of(some: Sequence[First], names: Sequence[str]) -> Matrix:
    """The evidence of some first quotes, ``(n, names)``."""
    return np.array([[known[name] for name in names] for known in (features(one.evidence) for one in some)])


def rights(some: Sequence[First]) -> Matrix:
    """Whether each first quote is right, ``(n,)``."""
    return np.array([one.right for one in some], float)


def kind(case: Case) -> str:
    """Which of the questions of ``MIX`` a case is."""
    if case.answered_there:
        return "answered"
    if not case.present:
        return "absent"
    return "misleading" if case.set in MISLEADING else "trap"


def mixed(some: Sequence[First], mix: dict[str, float] = MIX) -> Matrix:
    """The weight of each case, ``(n,)``, by which the kinds of questions have the shares of a mix; their sum is 1.

    A kind of fewer than ``FEWEST`` cases has none: one trap among 200 questions would stand for a tenth of them.
    """
    kinds = [kind(one.case) for one in some]
    counts = Counter(kinds)
    weights = np.array([mix[which] / counts[which] if counts[which] >= FEWEST else 0.0 for which in kinds])
    return np.asarray(weights / weights.sum())


def sigmoid(logit: Matrix) -> Matrix:
    """The logistic function."""
    return np.asarray(1 / (1 + np.exp(-logit)))


def fit(some: Sequence[First], sample_weights: Matrix, ridge: float = 1e-4) -> tuple[Logistic, Logistic]:
    """Two logistic regressions whose product is how probable it is that a first quote is right.

    By maximum likelihood, with a slight ridge on evidence of unit spread.
    """
    sample_weights = sample_weights / sample_weights.sum()
    right = rights(some)
    columns = [evidence_of(some, names) for names in (ANSWERED, RIGHT)]
    spreads = [np.maximum(one.std(0), 1e-9) for one in columns]
    ones = np.ones((len(some), 1))
    scaled = [np.hstack([ones, one / spread]) for one, spread in zip(columns, spreads, strict=True)]
    split = scaled[0].shape[1]

    def loss(parameters: Matrix) -> tuple[float, Matrix]:
        parts = [parameters[:split], parameters[split:]]
        first, second = (sigmoid(one @ part) for one, part in zip(scaled, parts, strict=True))
        product = np.clip(first * second, 1e-9, 1 - 1e-9)
        value = -np.sum(sample_weights * (right * np.log(product) + (1 - right) * np.log(1 - product)))
        slope = -sample_weights * (right / product - (1 - right) / (1 - product)) * product
        penalty = 2 * ridge * parameters
        penalty[[0, split]] = 0.0
        gradient = np.concatenate([scaled[0].T @ (slope * (1 - first)), scaled[1].T @ (slope * (1 - second))])
        return float(value + parameters @ penalty / 2), gradient + penalty

    start = np.zeros(split + scaled[1].shape[1])
    start[split] = 2.0
    solved = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 2000}).x
    found = []
    for names, part, spread in zip((ANSWERED, RIGHT), (solved[:split], solved[split:]), spreads, strict=True):
        weights = part[1:] / spread
        found.append(
            Logistic(
                round(float(part[0]), 4), {name: round(float(one), 4) for name, one in zip(names, weights, strict=True)}
            )
        )
    return found[0], found[1]


def threshold_for(probabilities: Matrix, right: Matrix, weights: Matrix, precision: float) -> float:
    """The lowest threshold from which on at least ``precision`` of what is shown is right, for at least 30 shown.

    Where no threshold reaches that, the one from which 30 are shown: more cannot be said from so few.
    """
    order = np.argsort(-probabilities)
    reached = np.cumsum((right * weights)[order]) / np.cumsum(weights[order])
    enough = np.flatnonzero((reached >= precision) & (np.arange(len(order)) >= 30))
    return float(probabilities[order][enough[-1] if len(enough) else 30])


def tuning_cases(data: Path, folder: Path, limit: int) -> tuple[dict[str, list[Case]], str]:
    """The cases by the size of their index, and the hash of the embedding model."""
    with build_index(data, folder) as index:
        embedder = index._embedder
        assert isinstance(embedder, CachingEmbedder)
        remember_passages(index, embedder)
        reader = default_reader(Settings.from_environment())
        groups = by_size(data, folder, index, reader, embedder, "tuning", limit)
        return groups, index.model.sha256


def describe(name: str, some: Sequence[First], probabilities: Matrix, thresholds: dict[str, float]) -> None:
    """Prints how well the probabilities of some first quotes hold."""
    right, weights = rights(some), mixed(some)
    misled = mixed(some, {**MIX, "trap": 0.0, "misleading": MIX["trap"]})
    kinds = np.array([kind(one.case) for one in some])
    error = expected_calibration_error(probabilities, right, weights=weights)
    print(f"{name:>6}: {len(some)} questions, {right @ weights:.3f} right, calibration error {error:.3f}")
    for level, threshold in thresholds.items():
        shown = probabilities >= threshold
        precision, beside = (
            (right * share)[shown].sum() / max(1e-9, share[shown].sum()) for share in (weights, misled)
        )
        of_each = ", ".join(f"{shown[kinds == which].mean():.3f} {which}" for which in MIX if (kinds == which).any())
        print(
            f"        {level} {threshold:.3f}: {precision:.3f} of those shown right, {beside:.3f} with the misleading "
            f"instead of the traps; shown: {of_each}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--index", type=Path, default=Path(tempfile.gettempdir()) / "pullquote-quality")
    parser.add_argument("--limit", type=int, default=400, help="answerable questions per set")
    arguments = parser.parse_args()
    groups, model = tuning_cases(arguments.data, arguments.index, arguments.limit)
    weights = fit_order(groups["all"])
    print("order", weights)
    for name in sorted({case.set for case in groups["all"]}):
        some = [case for case in groups["all"] if case.set == name]
        print(f"{name}: first {share_right(some, weights, 1):.3f}, three {share_right(some, weights, 3):.3f}")
    by_group = {name: firsts(group, weights) for name, group in groups.items()}
    everything = [one for some in by_group.values() for one in some]
    each = np.concatenate([mixed(some) for some in by_group.values()])
    answered, right = fit(everything, each)
    fitted = Calibration(answered, right, {}, {}, MIX["answered"])
    probabilities = {
        name: np.array([fitted.probability(one.evidence) for one in some]) for name, some in by_group.items()
    }
    whole = rights(by_group["all"]), mixed(by_group["all"])
    levels = {name: round(threshold_for(probabilities["all"], *whole, share), 3) for name, share in LEVELS.items()}
    for name, some in by_group.items():
        describe(name, some, probabilities[name], levels)
    scoring.FILE.write_text(json.dumps(weights, indent=1) + "\n", "utf-8")
    scoring.weights.cache_clear()
    fingerprints = {
        "splitter": fingerprint(),
        "model": model,
        "retrieval": FINGERPRINT,
        "reader": fresh_fingerprint(),
    }
    fitted = replace(fitted, levels=levels, fingerprints=fingerprints)
    FILE.write_text(json.dumps(asdict(fitted), indent=1) + "\n", "utf-8")
    calibration.cache_clear()


def fresh_fingerprint() -> str:
    """The reader's fingerprint with the weights of the score that were written just now."""
    default_span_reader.cache_clear()
    return default_span_reader(Settings.from_environment().reader).fingerprint


if __name__ == "__main__":
    main()
