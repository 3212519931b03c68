"""The probability that a quote answers: that the articles do, times that it is the right quote of them."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from index import QuestionError

from .logistic import Logistic

DEFAULT_STRICTNESS = "balanced"
MOST_GENEROUS = "generous"
FILE = Path(__file__).with_name("calibration.json")


@dataclass(frozen=True, slots=True)
class Calibration:
    """A fitted calibration.

    Attributes:
        answered: the probability that what was retrieved answers the question.
        right: the probability that the quote answers, if the articles do; both over the names of ``features``.
        levels: for each strictness by its name the probability from which a quote is shown as an answer, the strictest
            first; "balanced" is the default.
        fingerprints: of what the evidence came from (splitter, model, retrieval, reader).
        share_answerable: the share of answerable questions in the data that it was fitted on.
    """

    answered: Logistic
    right: Logistic
    levels: dict[str, float]
    fingerprints: dict[str, str]
    share_answerable: float

    @property
    def threshold(self) -> float:
        """The default probability from which a quote is shown as an answer."""
        return self.levels[DEFAULT_STRICTNESS]

    def probability(self, evidence: Mapping[str, float]) -> float:
        """The calibrated probability, 0 to 1, that a quote with this evidence answers the question."""
        known = features(evidence)
        return self.answered.probability(known) * self.right.probability(known)

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


def features(evidence: Mapping[str, float]) -> dict[str, float]:
    """What the probabilities rest on: the evidence, and that nearness says the more the larger the index is."""
    return {**evidence, "size*dense": evidence.get("size", 0.0) * evidence.get("dense", 0.0)}


@functools.cache
def calibration() -> Calibration:
    """The calibration that comes with the program."""
    stored = json.loads(FILE.read_text("utf-8"))
    return Calibration(**{**stored, "answered": Logistic(**stored["answered"]), "right": Logistic(**stored["right"])})
