"""``check_draft``: every quotation of a draft, checked against the articles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from index import ArticleIndex, QuestionError, SourceError
from index.reading import decode, normalise, read_file, within

from .finding import QuoteFinder
from .quotations import Quotation, find_quotations
from .result import CheckedQuotation, QuoteCheck, Verdict

LONGEST_DRAFT = 2_000_000
"""Characters."""
MOST_QUOTATIONS = 10_000
"""In one draft."""
_MOST_BYTES = 50_000_000
"""Of a draft's file, which may hold pictures."""
_AS_IT_IS = frozenset({"", ".md", ".markdown", ".txt", ".text"})
"""Files whose markers are left in, because they show what a block quote is."""


def check_draft(
    index: ArticleIndex, draft: str, *, progress: Callable[[int, int], None] | None = None
) -> list[CheckedQuotation]:
    """Checks every quotation of a draft against all articles.

    A quotation is what stands in quotation marks (curly, straight, German, French; single ones that are no
    apostrophes), in a block quote of Markdown, and what is opened and never closed.

    Args:
        index: the articles.
        draft: the text; Markdown's markers are no part of a quotation.
        progress: told the number of quotations checked so far and their total.

    Returns:
        The quotations in the order of the draft, each with what ``find_quote`` says about it;
        ``one.check.quotation == draft[one.start : one.end]``.

    Raises:
        QuestionError: the draft is too long, or holds too many quotations.
    """
    if len(draft) > LONGEST_DRAFT:
        raise QuestionError(
            f"the draft has {len(draft):,} characters; the limit is {LONGEST_DRAFT:,}: check it in parts"
        )
    quotations = find_quotations(draft)
    if len(quotations) > MOST_QUOTATIONS:
        raise QuestionError(
            f"the draft holds {len(quotations):,} quotations; the limit is {MOST_QUOTATIONS:,}: check it in parts"
        )
    finder = QuoteFinder(index)
    known: dict[tuple[str, str], QuoteCheck] = {}
    checked = []
    for number, one in enumerate(quotations):
        if progress is not None:
            progress(number, len(quotations))
        raw = draft[one.start : one.end]
        check = known.get((raw, one.text))
        if check is None:
            check = known[raw, one.text] = _checked(finder, one, raw)
        checked.append(CheckedQuotation(one.start, one.end, check, one.closed, one.citations))
    if progress is not None:
        progress(len(quotations), len(quotations))
    return checked


def _checked(finder: QuoteFinder, quotation: Quotation, raw: str) -> QuoteCheck:
    """Checks a quotation without its markup; where it is not verbatim, what looks like markup may be its text."""
    first = finder.find(quotation.text)
    for text in (raw, quotation.without_citations):
        if first.verdict is Verdict.VERBATIM:
            break
        if text != quotation.text:
            other = finder.find(text)
            if other.verdict is Verdict.VERBATIM or (text != raw and other.verdict is Verdict.ALTERED):
                first = other
    return replace(first, quotation=raw)


def read_draft(path: Path) -> str:
    """The text of a draft in a file: text and Markdown with their markers, any other format as an article is read.

    Raises:
        SourceError: the file is missing, too large, of no known format, or holds no text.
    """
    if path.suffix.lower() not in _AS_IT_IS or not path.is_file():
        return read_file(path, _MOST_BYTES)[0].text
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise SourceError(str(path), f"cannot be read: {error.strerror or error}") from error
    return draft_text(str(path), data)


def draft_text(source: str, data: bytes) -> str:
    """The text of a draft that came as bytes, in any encoding.

    Raises:
        SourceError: it is empty, too large, or not text.
    """
    return normalise(decode(source, within(source, data, _MOST_BYTES)))
