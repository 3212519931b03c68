"""What stands in quotation marks, and whether it stands word for word in a text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .words import folded

_DOUBLE = re.compile('["“”„«»‟]')
_SINGLE = re.compile(r"(?<![^\W_])'(?=[^\s'])((?:[^']|(?<=[^\W_])'(?=[^\W_]))+)'(?![^\W_])")
_SENTENCE_ENDS = re.compile(r"[.!?…][\"')]*\s")
_AROUND = 300
_LONGEST = 2_000


def quotations(sentence: str) -> list[str] | None:
    """The quotations of a sentence, without their marks; None when a mark is opened and not closed."""
    plain = _one_shape(sentence)
    pieces = plain.split('"')
    if len(pieces) % 2 == 0:
        return None
    inside = [piece.strip() for piece in pieces[1::2]]
    inside += [match[1].strip() for piece in pieces[::2] for match in _SINGLE.finditer(piece)]
    return [piece for piece in inside if piece]


def without_quotations(sentence: str, verified: Iterable[str]) -> str:
    """A sentence without some of its quotations; each leaves a space."""
    plain = _one_shape(sentence)
    for quotation in verified:
        plain = plain.replace(f'"{quotation}"', " ").replace(f"'{quotation}'", " ")
    return plain


def verbatim(quotation: str, text: str) -> str | None:
    """What surrounds a quotation in a text, when it stands there word for word; else None.

    Only the shape of quotation marks and apostrophes and white space may differ, and a comma or a stop before the
    closing mark may be the writer's own. Case, digits and every word are the same, and no word is cut.

    Returns:
        The whole of the sentence, or sentences, in which it stands.
    """
    words = _one_shape(quotation).rstrip(",. ")
    if not words or len(words) > _LONGEST:
        return None
    whole = _one_shape(text)
    left = r"(?<![^\W_])" if words[0].isalnum() else ""
    right = r"(?![^\W_])" if words[-1].isalnum() else ""
    found = re.search(left + re.escape(words) + right, whole)
    if found is None:
        return None
    *_, before = _SENTENCE_ENDS.split(whole[max(0, found.start() - _AROUND) : found.start()])
    after = _SENTENCE_ENDS.split(whole[found.end() : found.end() + _AROUND], maxsplit=1)[0]
    return f"{before}{found[0]}{after}"


def _one_shape(text: str) -> str:
    return _DOUBLE.sub('"', folded(text.replace("„", '"')))
