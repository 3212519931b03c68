"""From what the network says of a sentence to one score. ``benchmarks/calibrate.py`` fits the weights."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from qa.reading import Candidate

FILE = Path(__file__).with_name("scoring.json")
PASSAGES = 5
"""So many of the retrieved passages are read; reading ten gains a point of one-of-three and takes twice as long."""
FAR = 8.0
"""The furthest that a sentence leads, also when there is no other passage."""


@functools.cache
def weights() -> dict[str, float]:
    """The weights of the evidence in the score, by name."""
    stored: dict[str, float] = json.loads(FILE.read_text("utf-8"))
    return stored


def score(evidence: Mapping[str, float], by: Mapping[str, float] | None = None) -> float:
    """The weighted sum by which sentences are ordered."""
    return sum(weight * evidence[name] for name, weight in (weights() if by is None else by).items())


def leads(scores: Sequence[float], passages: Sequence[object]) -> list[float]:
    """How far each sentence stands above the best sentence of any other passage, from ``-FAR`` to ``FAR``.

    A question to which only one passage offers an answer is more surely answered than one for which several compete.

    Args:
        scores: highest first.
        passages: for each score what tells the sentence's passage from others.
    """
    found = []
    for value, passage in zip(scores, passages, strict=True):
        rival = next((other for other, place in zip(scores, passages, strict=True) if place != passage), None)
        distance = FAR if rival is None else value - rival
        found.append(max(-FAR, min(FAR, distance)))
    return found


def in_order(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The candidates of one question, best first, each with its lead in its evidence."""
    ordered = sorted(candidates, key=lambda candidate: -candidate.score)
    distances = leads([one.score for one in ordered], [id(one.hit) for one in ordered])
    for candidate, distance in zip(ordered, distances, strict=True):
        candidate.evidence["lead"] = distance
    return ordered
