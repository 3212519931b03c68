"""Logistic regression: of the confidence in a quote, and of follow-up questions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Logistic:
    """A fitted logistic regression.

    Attributes:
        intercept, weights: by the name of the feature.
    """

    intercept: float
    weights: dict[str, float]

    def probability(self, features: Mapping[str, float]) -> float:
        """The probability, 0 to 1, of what it was fitted for."""
        logit = self.intercept + sum(weight * features.get(name, 0.0) for name, weight in self.weights.items())
        return 1 / (1 + math.exp(-max(-40.0, min(40.0, logit))))
