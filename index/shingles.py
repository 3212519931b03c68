"""What tells near-duplicates: runs of five words as numbers, a few of them as keys, and how much two texts share.

The keys are chosen by winnowing (Schleimer, Wilkerson and Aiken, "Winnowing: Local Algorithms for Document
Fingerprinting", 2003): any twenty words that two texts have in common give them a common key, however long the texts
are. MinHash looks at whole texts and misses a short version of a long story; ``benchmarks/near_duplicates.py`` tells
how often.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

HashArray = npt.NDArray[np.uint64]

WORDS = 5
"""In a shingle."""
WINDOW = 16
"""Of so many shingles in a row at least one is a key."""
SHARED = 60
"""Shingles that two texts share before a likeness below ``ALIKE_SHORT`` is believed: forms repeat whole sentences."""
ALIKE = 0.7
"""The share of the shorter text that the longer one holds, from which they are near-duplicates."""
SHARED_SHORT = 12
ALIKE_SHORT = 0.9
"""The same for short texts: dividend notices of two companies differ in three words."""
FINGERPRINT = f"winnowing-1/{WORDS}-{WINDOW}/{SHARED}-{ALIKE}-{SHARED_SHORT}-{ALIKE_SHORT}"
"""Names everything that decides what is a near-duplicate of what."""

# Scripts that put no spaces between words: each character counts as one.
_WORD = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[^\W_]+"
)
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_FINISH = np.uint64(0xBF58476D1CE4E5B9)  # both are those of splitmix64
_KEY_SHIFT = np.uint64(17)
"""Keys have 47 bits, which SQLite stores in six bytes."""
_AT_ONCE = 1 << 16
"""Windows."""


@dataclass(frozen=True, slots=True)
class Shingles:
    """A text as near-duplicates see it.

    Attributes:
        hashes: of its shingles, in the order of the text.
        chosen: positions in ``hashes`` of those that are keys, ascending.
    """

    hashes: HashArray
    chosen: npt.NDArray[np.int64]

    @property
    def keys(self) -> list[int]:
        """The keys, one for each chosen position: whole numbers below 2^47."""
        keys: list[int] = (self.hashes[self.chosen] >> _KEY_SHIFT).tolist()
        return keys

    def stretch(self, key: int) -> HashArray:
        """The hashes from a chosen shingle up to the next chosen one.

        Args:
            key: the place of a key in ``keys``.
        """
        end = self.chosen[key + 1] if key + 1 < len(self.chosen) else len(self.hashes)
        return self.hashes[self.chosen[key] : end]


def shingles(title: str, text: str) -> Shingles:
    """The shingles of an article; its title counts, for in a short notice it tells whose it is."""
    words = (word.group() for word in _WORD.finditer(f"{title}\n{text}".casefold()))
    numbers = np.fromiter((zlib.crc32(word.encode("utf-8", "surrogatepass")) for word in words), np.uint64)
    count = len(numbers) - WORDS + 1
    if count < 1:
        return Shingles(np.empty(0, np.uint64), np.empty(0, np.int64))
    hashes = np.zeros(count, np.uint64)
    for offset in range(WORDS):
        hashes = hashes * _MULTIPLIER + numbers[offset : offset + count]
        hashes ^= hashes >> np.uint64(29)
    hashes *= _FINISH
    hashes ^= hashes >> np.uint64(32)
    return Shingles(hashes, _winnowed(hashes))


def _winnowed(hashes: HashArray) -> npt.NDArray[np.int64]:
    if len(hashes) <= WINDOW:
        return np.array([hashes.argmin()], np.int64)
    windows = np.lib.stride_tricks.sliding_window_view(hashes, WINDOW)
    # In parts, because ``argmin`` copies what it looks at: for a text of five million words that would be 600 MB.
    return np.unique(
        np.concatenate(
            [
                windows[first : first + _AT_ONCE].argmin(axis=1) + np.arange(first, min(first + _AT_ONCE, len(windows)))
                for first in range(0, len(windows), _AT_ONCE)
            ]
        )
    )


def are_near(first: HashArray, second: HashArray) -> bool:
    """Whether two texts are near-duplicates, one may be a short version of the other.

    Args:
        first, second: their hashes, each once, in ascending order.
    """
    shorter = min(len(first), len(second))
    if shorter < SHARED_SHORT:
        return False
    shared = len(np.intersect1d(first, second, assume_unique=True))
    alike = shared / shorter
    return (shared >= SHARED and alike >= ALIKE) or (shared >= SHARED_SHORT and alike >= ALIKE_SHORT)
