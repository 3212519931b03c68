"""Evidence for the tests' own readers: with which a quote is as sure as a test wants it."""

from __future__ import annotations

from qa.confidence import calibration


def evidence_for(probability: float) -> dict[str, float]:
    """Evidence with which the calibration gives this probability, whatever it was fitted to.

    None that the trained reader gives of a sentence: quotes would be joined.
    """
    low, high = -1000.0, 1000.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if calibration().probability({"lead": middle}) < probability else (low, middle)
    return {"lead": high}
