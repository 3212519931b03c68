"""The two logistic regressions of follow-ups; their numbers are fitted by ``benchmarks/follow_ups_fit.py``."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path

from ..logistic import Logistic

FILE = Path(__file__).with_name("weights.json")


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was fitted for follow-ups.

    Attributes:
        leans: the probability that a question needs the earlier ones.
        least: from this probability a question is searched with terms of the earlier turns.
        belongs: the probability that a term of an earlier turn belongs in the standalone question.
        power: a term's weight in the search is its probability to this power, where the question's own words have 1.
        most: how many terms are added to the search at most.
    """

    leans: Logistic
    least: float
    belongs: Logistic
    power: float
    most: int


@functools.cache
def fitted() -> Fitted:
    """The numbers that ship with the program."""
    stored = json.loads(FILE.read_text("utf-8"))
    return Fitted(
        Logistic(**stored["leans"]), stored["least"], Logistic(**stored["belongs"]), stored["power"], stored["most"]
    )
