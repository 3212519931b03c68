"""Finds the stretch of a text that is nearest to a quotation, and which words of both are the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Indel

from .folding import FoldedText
from .quoted import Quoted
from .wording import is_word, weight

LEAST_SIMILARITY = 0.5
"""Of a place that is called the quotation, altered."""
_LEAST_WORDS = 3
"""Of a quotation; a shorter one stands in a text or does not."""
_LEAST_MATCHED = 1.5
"""Weight of the words that both have."""
_UNORDERED = 0.6
"""What a word counts that the stretch holds in another order."""
_ELLIPSIS_ROOM = 80
"""Tokens that the stretch is longer for each ellipsis."""

Pair = tuple[int, int]
"""A token of the quotation and the token of the source that is the same."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """Which tokens are the same, in order, and how much of the quotation they are.

    Attributes:
        pairs: tokens of the quotation and of the source.
        similarity: the matched share of the quotation's weight, 0 to 1.
        stray: words of the source between the first and the last pair that the quotation has not.
    """

    pairs: tuple[Pair, ...]
    similarity: float
    stray: int

    @property
    def rank(self) -> float:
        """What alignments are ordered by; the similarity, less a little for each stray word."""
        return self.similarity - 0.005 * min(self.stray, 40)


def nearest(quoted: Quoted, source: FoldedText) -> Alignment | None:
    """The nearest stretch of a text; None when it is too far, or when the quotation is too short to be told."""
    if quoted.words < _LEAST_WORDS:
        return None
    wanted = [key.casefold() for key in quoted.folded.keys]
    weights = _weights(quoted)
    given = [key.casefold() for key in source.keys]
    ellipses = sum(joint.ellipsis for joint in quoted.joints)
    span = int(1.4 * len(wanted)) + 8 + _ELLIPSIS_ROOM * ellipses
    first, held = _densest(wanted, weights, given, span)
    pairs = _pairs(wanted, given[first : first + span], first)
    pairs = _without_strays(pairs, weights, source, quoted)
    total = sum(weights)
    matched = sum(weights[one] for one, _ in pairs)
    if not pairs or held < _LEAST_MATCHED:
        return None
    # Words that have changed places are matched in one order only; that all of them are there counts as well.
    similarity = max(matched, _UNORDERED * held) / total
    if similarity < LEAST_SIMILARITY:
        return None
    same = {other for _, other in pairs}
    stray = sum(place not in same and is_word(source.keys[place]) for place in range(pairs[0][1], pairs[-1][1]))
    return Alignment(tuple(pairs), similarity, stray)


def _weights(quoted: Quoted) -> list[float]:
    """What each token of the quotation counts; what stands in brackets claims nothing."""
    weights = [weight(key) for key in quoted.folded.keys]
    for joint in (*quoted.joints, quoted.leading, quoted.trailing):
        if joint is not None:
            weights[joint.first : joint.last] = [0.0] * (joint.last - joint.first)
    return weights


def _densest(wanted: Sequence[str], weights: Sequence[float], given: Sequence[str], span: int) -> tuple[int, float]:
    """The stretch of so many tokens that holds most of what is wanted, in whatever order: its beginning, how much."""
    worth = {key: value for key, value in zip(wanted, weights, strict=True) if value}
    left = Counter(key for key in wanted if key in worth)
    held = best = 0.0
    found = 0
    for place, key in enumerate(given):
        if key in worth:
            held += worth[key] if left[key] > 0 else 0.0
            left[key] -= 1
        if place >= span and (gone := given[place - span]) in worth:
            left[gone] += 1
            held -= worth[gone] if left[gone] > 0 else 0.0
        if held > best + 1e-9:
            best, found = held, max(0, place - span + 1)
    return found, best


def _pairs(wanted: Sequence[str], given: Sequence[str], offset: int) -> list[Pair]:
    return [
        (block.src_start + step, offset + block.dest_start + step)
        for block in Indel.opcodes(wanted, given)
        if block.tag == "equal"
        for step in range(block.src_end - block.src_start)
    ]


def _without_strays(pairs: list[Pair], weights: Sequence[float], source: FoldedText, quoted: Quoted) -> list[Pair]:
    """Moves or drops small words at either end that were matched far from the rest."""
    free = {position for joint in quoted.joints for position in range(joint.first, joint.last)}
    mirrored = False
    for _ in range(2 * len(pairs)):
        if not pairs:
            break
        shorter = _tighter(pairs, weights, source, free, mirrored=mirrored)
        if shorter is not None:
            pairs = shorter
        elif mirrored:
            break
        else:
            mirrored = True
    return pairs


def _tighter(
    pairs: list[Pair], weights: Sequence[float], source: FoldedText, free: set[int], *, mirrored: bool
) -> list[Pair] | None:
    """The pairs with their first run (the last one when mirrored) brought nearer to the rest, or without it."""
    step = -1 if mirrored else 1
    ordered = pairs[::step]
    size = 1
    while size < len(ordered) and (
        ordered[size][0] - ordered[size - 1][0] == step and ordered[size][1] - ordered[size - 1][1] == step
    ):
        size += 1
    if size == len(ordered):
        return None
    run, rest = ordered[:size], ordered[size:]
    between = range(min(run[-1][0], rest[0][0]) + 1, max(run[-1][0], rest[0][0]))
    gap = range(min(run[-1][1], rest[0][1]) + 1, max(run[-1][1], rest[0][1]))
    if any(position in free for position in between):
        return None
    if not between:
        moved = [(one, rest[0][1] - step * (size - place)) for place, (one, _) in enumerate(run)]
        same = all(
            source.keys[new].casefold() == source.keys[old].casefold()
            for (_, new), (_, old) in zip(moved, run, strict=True)
        )
        if same and moved != run:
            return (moved + rest)[::step]
    excess = sum(is_word(source.keys[place]) for place in gap) - sum(weights[place] > 0 for place in between)
    if excess > 3 + 4 * sum(weights[one] for one, _ in run):
        return rest[::step]
    return None
