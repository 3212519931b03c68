"""Chooses the blocks of the article among those of a page, from where an extractor found most of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from .web_blocks import Block
from .web_lines import caption_text, is_boilerplate, is_caption, is_signature, reads_as_text, without_orphans
from .web_tree import Element, ancestors, letters

_LONG_ENOUGH = 25
"""Letters; a shorter text may occur in another by chance."""
_PROSE = 12
"""Words; a block with so many is a paragraph of the article's text."""
_HEAD = 3
"""Signature and date stand before so many paragraphs."""
_LITTLE = 0.25
"""When the extractor found less than this share of an article's long paragraphs, it has not understood the page."""
_SHARE = 0.85
"""Of the letters that the extractor found, so many must be in the element that is taken for the article."""


def story_blocks(blocks: list[Block], main_text: str, title: str | None, author: str | None) -> list[Block]:
    """The blocks of the article, in order.

    Args:
        blocks: those of the page, without what is boilerplate by the names of its elements.
        main_text: what an extractor took for the article; empty when it found nothing.
        title: the article's title; its heading is taken in when it stands above the article.
        author: the article's authors, separated by commas.
    """
    if not blocks:
        return []
    found = _found(blocks, main_text)
    staying = [
        not is_boilerplate(block) and (hit or not main_text or reads_as_text(block))
        for block, hit in zip(blocks, found, strict=True)
    ]
    first, last = _range(blocks, staying, found)
    first = _headline(blocks, first, title)
    _strike_head(blocks, staying, first, title, author)
    chosen = []
    for place, (block, stays) in enumerate(zip(blocks, staying, strict=True)):
        is_lead = found[place] and place < first and _is_prose(block)
        if stays and (first <= place <= last or is_lead):
            kept = _caption(block) if is_caption(block) else block
            chosen.append((kept or block, kept is not None))
        else:
            chosen.append((block, False))
    return without_orphans(chosen)


def _found(blocks: list[Block], main_text: str) -> list[bool]:
    """Which blocks the extractor's text holds."""
    whole = letters(main_text)
    lines = {letters(line) for line in main_text.splitlines()}
    found = []
    for block in blocks:
        key = letters(block.text)
        rows = block.text.split("\n")
        found.append(key in whole if len(key) >= _LONG_ENOUGH else all(letters(row) in lines for row in rows))
    return found


def _range(blocks: list[Block], staying: list[bool], found: list[bool]) -> tuple[int, int]:
    """The first and last place of the article: that of the smallest element around nearly all that was found."""
    weights: Counter[Element] = Counter()
    total = 0
    for block, hit, stays in zip(blocks, found, staying, strict=True):
        if hit and stays:
            total += len(block.text)
            for element in (block.element, *ancestors(block.element)):
                weights[element] += len(block.text)
    around = [element for element, weight in weights.items() if weight >= _SHARE * total]
    if not around:
        return 0, len(blocks) - 1
    article = _with_siblings(max(around, key=lambda element: sum(1 for _ in ancestors(element, 3_000))))
    inside = _places(blocks, article)
    for outer in ancestors(article):
        if outer.tag in ("article", "main"):
            wider = _places(blocks, outer)
            text = sum(len(blocks[place].text) for place in wider if staying[place] and _reads_long(blocks[place]))
            if total < _LITTLE * text:
                inside = wider  # a gallery, whose story is in its captions: the extractor found next to nothing
            break
    return inside[0], inside[-1]


def _places(blocks: list[Block], element: Element) -> list[int]:
    """Of the blocks, which are in an element."""
    return [
        place
        for place, block in enumerate(blocks)
        if block.element is element or any(outer is element for outer in ancestors(block.element))
    ]


def _reads_long(block: Block) -> bool:
    return block.kind != "heading" and block.link_share < 0.3 and len(block.text.split()) >= _PROSE


def _with_siblings(article: Element) -> Element:
    """The element around the articles when there are several alike, as the entries of a live blog are.

    The same holds for a body that is cut into parts, and for the body as the page itself marks it.
    """
    around = article
    for outer in ancestors(article, 6):
        if "articlebody" in (outer.get("itemprop") or "").lower():
            around = outer
    for element in (around, *ancestors(around, 2)):
        parent = element.getparent()
        names = (element.get("class") or "").split()[:1]
        if parent is None or not names or element.tag in ("body", "html", "main"):
            continue
        alike = [one for one in parent if one.tag == element.tag and (one.get("class") or "").split()[:1] == names]
        if len(alike) > 1:
            return parent
    return around


def _headline(blocks: list[Block], first: int, title: str | None) -> int:
    """The place of the article's heading when it stands before the article, else the article's first place."""
    key = letters(title or "")
    for place in range(first, -1, -1):
        block = blocks[place]
        if block.kind == "heading" and key and letters(block.text) in (key, key[: len(block.text)]):
            return place
    tops = [place for place in range(first) if blocks[place].element.tag == "h1"]
    return tops[-1] if tops else first


def _strike_head(blocks: list[Block], staying: list[bool], first: int, title: str | None, author: str | None) -> None:
    """Marks as not staying, around the headline, the lines with author and date, and the headline's repetitions."""
    key = letters(title or "")
    names = [name for name in (author or "").split(", ") if len(name) > 3]
    seen_title = prose = 0
    for place in range(first, len(blocks)):
        block = blocks[place]
        if not staying[place]:
            continue
        if key and letters(block.text) == key:
            seen_title += 1
            staying[place] = seen_title == 1
        elif not is_caption(block) and is_signature(block, names):
            staying[place] = False
        prose += _is_prose(block)
        if prose == _HEAD:
            break


def _is_prose(block: Block) -> bool:
    return block.kind == "paragraph" and block.link_share < 0.3 and len(block.text.split()) >= _PROSE


def _caption(block: Block) -> Block | None:
    text = caption_text(block.text)
    return replace(block, text=text) if text else None
