"""Answers of a fitting shape: what a question wants, which sentences give it, and whether the articles differ."""

from .differences import differ, disagreeing, quantities
from .gathering import QUOTES, arranged, passages, searches
from .kinds import Shape, Wanted, wanted

__all__ = [
    "QUOTES",
    "Shape",
    "Wanted",
    "arranged",
    "differ",
    "disagreeing",
    "passages",
    "quantities",
    "searches",
    "wanted",
]
