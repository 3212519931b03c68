"""Compares a quotation with a text: whether it stands there word for word, and what differs if not."""

from __future__ import annotations

from .aligning import nearest
from .differences import Differences
from .folding import FoldedText, fold
from .matching import exact_places, part_places
from .quoted import Quoted, read_quotation
from .result import Comparison, Kind, Span, Verdict

NOTHING = Comparison(Verdict.NOT_FOUND)


def compare(quotation: str, text: str, *, language: str | None = None) -> Comparison:
    """Compares a quotation with a text.

    The shape of quotation marks, apostrophes and dashes, white space and invisible characters may differ, and so may
    the case of the first letter, a comma or a stop at the very end, and an ellipsis before or after everything;
    the result's notes tell of these. Nothing else may.

    Args:
        quotation: what is claimed to be quoted, without the quotation marks around it.
        text: the text that it is claimed to be from.
        language: of the text (ISO 639-1) where it is known; it only helps to name the differences.

    Returns:
        The verdict with every place, or with the nearest one and the differences. A quotation of one or two words
        stands in the text, bounded by other words, or it does not; it is never called altered.
    """
    quoted, source = read_quotation(quotation), fold(text)
    found = verbatim(quoted, source)
    if found is None or found.verdict is not Verdict.VERBATIM:
        found = found or altered(quoted, source, language)
    return found


def verbatim(quoted: Quoted, source: FoldedText) -> Comparison | None:
    """Every place of a text that holds a quotation.

    None when there is none. Where only quotation marks inside the quotation differ, the verdict is that it is altered.
    """
    exact = exact_places(quoted, source)
    if exact is None:
        return None
    places, variant = exact
    differences = Differences(quoted, source)
    spans: list[Span] = []
    nearly = None
    for first, last in places:
        pairs = list(zip(range(variant.first, variant.last), range(first, last), strict=True))
        characters = (source.starts[first], source.ends[last - 1])
        marks = differences.of_marks(pairs)
        if not marks:
            spans.append(characters)
        elif nearly is None:
            nearly = Comparison(Verdict.ALTERED, (characters,), tuple(marks), variant.notes, 1.0)
    return Comparison(Verdict.VERBATIM, tuple(spans), (), variant.notes, 1.0) if spans else nearly


def altered(quoted: Quoted, source: FoldedText, language: str | None = None) -> Comparison:
    """The place of a text that is nearest to a quotation, of which it is known that it is not verbatim."""
    if not quoted.parts:
        return NOTHING
    differences = Differences(quoted, source, language)
    if chain := part_places(quoted, source):
        found, span = differences.of_parts(chain)
        similarity = 1.0
    elif alignment := nearest(quoted, source):
        found, span = differences.of_pairs(alignment.pairs)
        similarity = alignment.similarity
    else:
        return NOTHING
    if not found:
        return NOTHING
    characters = (source.starts[span[0]], source.ends[span[1] - 1])
    return Comparison(Verdict.ALTERED, (characters,), tuple(found), (), similarity)


def gravity(comparison: Comparison) -> tuple[float, int]:
    """What alterations are ordered by to find the nearest: the similarity, then how little differs."""
    marked = sum(
        difference.kind in (Kind.ELLIPSIS, Kind.JOINED, Kind.INSERTED) for difference in comparison.differences
    )
    return round(comparison.similarity, 3), marked - 2 * len(comparison.differences)
