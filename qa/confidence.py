"""The probability that a quote answers: a logistic regression over a candidate's evidence, fitted on dev data."""

from __future__ import annotations

import functools
import json
import math
from dataclasses import dataclass
from pathlib import Path

from index import QuestionError

from .reading import Candidate

DEFAULT_STRICTNESS = "balanced"
MOST_GENEROUS = "generous"
FILE = Path(__file__).with_name("calibration.json")


@dataclass(frozen=True, slots=True)
class Calibration:
    """A fitted calibration.

    Attributes:
        intercept, weights: of the logistic regression, by the name of the evidence.
        levels: for each strictness by its name the probability from which a quote is shown as an answer, the strictest
            first; "balanced" is the default.
        fingerprints: of what the evidence came from (splitter, model, retrieval, reader).
        share_answerable: the share of answerable questions in the data that it was fitted on.
    """

    intercept: float
    weights: dict[str, float]
    levels: dict[str, float]
    fingerprints: dict[str, str]
    share_answerable: float

    @property
    def threshold(self) -> float:
        """The default probability from which a quote is shown as an answer."""
        return self.levels[DEFAULT_STRICTNESS]

    def probability(self, candidate: Candidate) -> float:
        """The calibrated probability, 0 to 1, that the candidate answers the question."""
        logit = self.intercept + sum(
            weight * candidate.evidence.get(name, 0.0) for name, weight in self.weights.items()
        )
        return 1 / (1 + math.exp(-max(-40.0, min(40.0, logit))))

    def note(self, reader: str) -> str | None:
        """What a person should know when a reader with another fingerprint is used; None when it is the fitted one."""
        if reader == self.fingerprints["reader"]:
            return None
        return (
            "the confidence and its thresholds were fitted for another reader than the one in use, and are only a "
            "guide; `make calibrate` fits them anew"
        )

    def bar(self, threshold: float | str | None) -> float:
        """The probability from which a quote counts as an answer.

        Args:
            threshold: that probability, the name of a level, or None for the default.

        Raises:
            QuestionError: there is no such level, or the number is no probability.
        """
        if threshold is None:
            return self.threshold
        if isinstance(threshold, str):
            if threshold not in self.levels:
                *names, last = self.levels
                raise QuestionError(f"{threshold!r} is not a strictness: choose {', '.join(names)} or {last}")
            return self.levels[threshold]
        if not 0 <= threshold <= 1:
            raise QuestionError(f"{threshold!r} is not a threshold: give a probability from 0 to 1")
        return threshold


@functools.cache
def calibration() -> Calibration:
    """The calibration that comes with the program."""
    return Calibration(**json.loads(FILE.read_text("utf-8")))
