"""The probability that a quote answers: a logistic regression over a candidate's evidence, fitted on dev data."""

from __future__ import annotations

import functools
import json
import math
from dataclasses import dataclass
from pathlib import Path

from .reading import Candidate

FILE = Path(__file__).with_name("calibration.json")


@dataclass(frozen=True, slots=True)
class Calibration:
    """A fitted calibration.

    Attributes:
        intercept, weights: of the logistic regression, by the name of the evidence.
        threshold: the default probability from which a quote is shown as an answer.
        fingerprints: of what the evidence came from (splitter, model, retrieval, reader).
        share_answerable: the share of answerable questions in the data that it was fitted on.
    """

    intercept: float
    weights: dict[str, float]
    threshold: float
    fingerprints: dict[str, str]
    share_answerable: float

    def probability(self, candidate: Candidate) -> float:
        """The calibrated probability, 0 to 1, that the candidate answers the question."""
        logit = self.intercept + sum(
            weight * candidate.evidence.get(name, 0.0) for name, weight in self.weights.items()
        )
        return 1 / (1 + math.exp(-max(-40.0, min(40.0, logit))))


@functools.cache
def calibration() -> Calibration:
    """The calibration that comes with the program."""
    return Calibration(**json.loads(FILE.read_text("utf-8")))
