"""Reads a quotation: the stretches that claim to be word for word, and what its writer marked between them."""

from __future__ import annotations

from dataclasses import dataclass

from .folding import FoldedText, fold
from .result import Span
from .wording import is_word

ELLIPSIS_REACH = 800
"""Tokens that an ellipsis can leave out; what is farther apart was not joined by it."""
INSERTION_REACH = 12
"""Tokens that an insertion in brackets can stand for."""
_LONGEST_BRACKET = 40
"""Tokens between a pair of brackets."""


@dataclass(frozen=True, slots=True)
class Joint:
    """A place where the writer says that the quotation departs from its source.

    Attributes:
        ellipsis: whether something is left out; otherwise something is put in, in square brackets.
        first, last: its tokens.
        reach: how many tokens of the source it can stand for.
    """

    ellipsis: bool
    first: int
    last: int
    reach: int


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quotation that has been read.

    Attributes:
        folded: its text as tokens.
        parts: the tokens of each stretch that claims to be word for word; never empty unless nothing is quoted.
        joints: what stands between neighbouring parts, one fewer than the parts.
        leading, trailing: what stands before the first and after the last one.
    """

    folded: FoldedText
    parts: tuple[Span, ...]
    joints: tuple[Joint, ...]
    leading: Joint | None
    trailing: Joint | None

    @property
    def words(self) -> int:
        """How many words claim to be word for word."""
        return sum(is_word(key) for first, last in self.parts for key in self.folded.keys[first:last])

    def characters(self, first: int, last: int) -> Span:
        """The characters of a row of tokens; where it is empty, the place between its neighbours."""
        folded = self.folded
        if first < last:
            return folded.starts[first], folded.ends[last - 1]
        place = folded.ends[first - 1] if first else 0
        return place, place


def read_quotation(text: str) -> Quoted:
    """Reads a quotation, given without the quotation marks around it."""
    folded = fold(text)
    parts: list[Span] = []
    joints: list[Joint] = []
    edges: list[Joint | None] = [None, None]
    done = 0
    pending: Joint | None = None
    for joint in (*_joints(folded), None):
        first = joint.first if joint else len(folded)
        if _holds_words(folded, done, first):
            if parts and pending:
                joints.append(pending)
            elif pending:
                edges[0] = pending
            parts.append((done, first))
            pending = joint
        elif joint:
            pending = _merged(pending, joint)
        if joint:
            done = joint.last
    edges[1] = pending
    return Quoted(folded, tuple(parts), tuple(joints), *edges)


def _holds_words(folded: FoldedText, first: int, last: int) -> bool:
    return any(is_word(key) for key in folded.keys[first:last])


def _merged(one: Joint | None, other: Joint) -> Joint:
    """Two joints with nothing but punctuation between them."""
    if one is None:
        return other
    return Joint(one.ellipsis or other.ellipsis, one.first, other.last, max(one.reach, other.reach))


def _joints(folded: FoldedText) -> list[Joint]:
    found: list[Joint] = []
    position, keys = 0, folded.keys
    while position < len(keys):
        joint = None
        if keys[position] == "…":
            joint = Joint(True, position, position + 1, ELLIPSIS_REACH)
        elif keys[position : position + 3] == ["(", "…", ")"]:
            joint = Joint(True, position, position + 3, ELLIPSIS_REACH)
        elif keys[position] == "[":
            joint = _bracket(folded, position)
        if joint is None:
            position += 1
            continue
        found.append(joint)
        position = joint.last
    return found


def _bracket(folded: FoldedText, opening: int) -> Joint | None:
    """What stands in a pair of square brackets, with the letters that touch it: ``[T]he``, ``walk[ed]``."""
    keys = folded.keys
    try:
        closing = keys.index("]", opening, opening + _LONGEST_BRACKET)
    except ValueError:
        return None
    first, last = opening, closing + 1
    if keys[opening + 1 : closing] == ["…"]:
        return Joint(True, first, last, ELLIPSIS_REACH)
    if opening and _touch(folded, opening - 1, opening) and is_word(keys[opening + 1]):
        first -= 1
    if last < len(keys) and _touch(folded, last, closing) and is_word(keys[closing - 1]):
        last += 1
    touches = last - first > closing + 1 - opening
    return Joint(False, first, last, 2 if touches else INSERTION_REACH)


def _touch(folded: FoldedText, word: int, bracket: int) -> bool:
    """Whether a word and a bracket stand together without a space."""
    low, high = sorted((word, bracket))
    return is_word(folded.keys[word]) and folded.ends[low] == folded.starts[high]
