"""Parses HTML into a tree of bounded size and depth; the only module that knows lxml."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ..errors import SourceError

Element = Any
"""An element of lxml, whose stubs are not part of it; comments and processing instructions are never in the tree."""

MAX_ELEMENTS = 1_000_000
"""Of 922 saved pages the largest had 10,106."""
_MOST_SEARCHED = 30_000
"""Elements; trafilatura takes seconds for so many, and half a minute for twice as many."""
_MOST_JOINED = 100_000_000
"""Texts between the parts of one element, times their characters; the most in 922 saved pages was 12 million."""

MAX_ATTRIBUTES = 1_000
"""Of one tag; the parser compares each with all before it, and takes minutes for a hundred thousand."""

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_CONTROL_ENTITIES = re.compile(
    r"&#(?:[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]|7[fF]|[fF]{3}[eEfF])|0*(?:[0-8]|1[124-9]|2\d|3[01]|127|6553[45]))(?:;|(?![\da-fA-F;]))"
)
_INLINE_TAGS = re.compile(r"</?(?:a|b|big|center|em|font|i|small|span|strike|strong|tt|u)\b[^<>]*>", re.IGNORECASE)
_LONG_TAG = re.compile(r"<[A-Za-z][^<>]{4000,}")
_ATTRIBUTE = re.compile(r"""[^\s=>"'/]+\s*(?:=\s*(?:"[^"]*"|'[^']*'|[^\s>"']*))?""")


def parse_page(source: str, markup: str) -> Element:
    """The tree of a page; broken markup is repaired as far as possible.

    Raises:
        SourceError: there is no element or text in it, or it is nested or large beyond every real page.
    """
    markup = with_few_attributes(_CONTROL_ENTITIES.sub("", _CONTROLS.sub("", markup)))
    root, too_deep = _parsed(source, markup)
    if too_deep:
        # Thousands of <font> that nobody closed: without them the text is still there.
        root, too_deep = _parsed(source, _INLINE_TAGS.sub("", markup))
    if too_deep:
        raise SourceError(source, "is nested thousands of tags deep; save its text as a .txt file instead")
    if sum(1 for _ in root.iter()) > MAX_ELEMENTS:
        raise SourceError(source, f"has more than {MAX_ELEMENTS:,} tags; split it into several files")
    return root


def with_few_attributes(markup: str) -> str:
    """The markup without the attributes of a tag that go beyond ``MAX_ATTRIBUTES``."""
    return _LONG_TAG.sub(_cut, markup)


def _cut(tag: re.Match[str]) -> str:
    attributes = _ATTRIBUTE.finditer(tag[0], 1)
    first_left_out = next(itertools.islice(attributes, MAX_ATTRIBUTES + 1, None), None)  # the first is the tag's name
    return tag[0] if first_left_out is None else tag[0][: first_left_out.start()]


def is_searchable(root: Element) -> bool:
    """Whether a tree is one that libraries go through in seconds.

    They take elements out one by one, and join the texts on both sides each time: with thousands of them in one
    paragraph that grows with the square of their number.
    """
    elements = 0
    texts: Counter[Element] = Counter()
    lengths: Counter[Element] = Counter()
    for element in root.iter():
        elements += 1
        if element.tail and (parent := element.getparent()) is not None:
            texts[parent] += 1
            lengths[parent] += len(element.tail)
    joining = max((count * lengths[parent] for parent, count in texts.items()), default=0)
    return elements <= _MOST_SEARCHED and joining <= _MOST_JOINED


def _parsed(source: str, markup: str) -> tuple[Element, bool]:
    import lxml.html
    from lxml import etree

    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = lxml.html.document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, AssertionError) as error:
        raise SourceError(source, "holds no text") from error
    return root, any("Excessive depth" in entry.message for entry in parser.error_log)


def walk(root: Element) -> Iterator[tuple[str, Element]]:
    """Pairs of ``"start"`` or ``"end"`` and an element, in document order, without recursion."""
    from lxml import etree

    yield from etree.iterwalk(root, events=("start", "end"))


def empty(element: Element, tag: str) -> None:
    """Takes out all that is in an element, and leaves an empty one in its place; what follows it stays as it is.

    Nothing is joined, so that thousands of them in a row take no longer than they should.
    """
    element.clear(keep_tail=True)
    element.tag = tag


def text_of(element: Element, limit: int = 5_000) -> str:
    """The beginning of the text in an element, in one line; bounded, for elements may be nested in each other."""
    parts: list[str] = []
    length = 0
    for part in element.itertext():
        parts.append(part)
        length += len(part)
        if length > limit:
            break
    return " ".join("".join(parts).split())


def ancestors(element: Element, limit: int = 40) -> Iterator[Element]:
    """The elements around an element, innermost first."""
    return itertools.islice(element.iterancestors(), limit)


def letters(text: str) -> str:
    """The letters and digits of a text alone, in lower case: what two renderings of the same words share."""
    return "".join(character for character in text.casefold() if character.isalnum())


def names_of(element: Element) -> str:
    """What the authors of a page call an element, in words: ``articleShare__list-item`` is four."""
    parts = [
        element.get(key) or "" for key in ("class", "id", "data-component", "data-testid", "data-module", "aria-label")
    ]
    return re.sub(r"[\W_]+", " ", _CAMEL.sub(" ", " ".join(parts)[:2000])).lower()
