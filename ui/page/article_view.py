"""The article beside the chat: the whole text with the quoted sentence marked, as HTML.

The texts of articles are not trusted, and Gradio sends what it shows through a Markdown renderer. ``literal`` writes
every character that means something to either as a character reference, so that a text shows as it is.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from pathlib import PurePath

from index import Article, ArticleIndex, PullquoteError
from index.paragraphs import paragraph_spans
from qa import Hit, Quote

from ..fragment_links import fragment_link
from .words import day, say, told

Span = tuple[int, int]
Mark = tuple[int, int, str]
"""A span and the class that it is marked with."""

MARK_ID = "pq-mark"
"""The element that the page scrolls to."""
_MEANINGFUL = re.compile(r"[\x00-\x1f!-/:-@\[-`{-~\x7f]")
_LONG_TITLE = 100
"""Characters; a longer headline is set smaller."""
_LONGEST_TITLE = 400
_numbers = itertools.count(1)


def literal(text: str) -> str:
    """A text as HTML that neither HTML nor Markdown can read as anything but that text."""
    return _MEANINGFUL.sub(lambda match: f"&#{ord(match[0])};", text)


def source_name(source: str) -> str:
    """A source in short: a link as it is, a file by its name."""
    return source if "://" in source else PurePath(source.replace("\\", "/")).name


def quote_view(index: ArticleIndex, quote: Quote, others: Sequence[Quote] = (), bar: str = "") -> str:
    """The article of a quote as it is stored now, with the quote marked, and lighter what is shown before it.

    Nothing is marked when the stored text is not the one that the quote was cut from.

    Args:
        index: where the article is looked up.
        quote: what is marked and scrolled to.
        others: more quotes of the same answer; those of the same article are marked lighter.
        bar: HTML that stands above the article.
    """
    span = (quote.start, quote.end)
    lighter = [
        (other.start, other.end)
        for other in others
        if other.article.id == quote.article.id and other.sha256 == quote.sha256
    ]
    marks = [(*other, "pq-also") for other in lighter]
    if quote.context is not None and quote.context_start is not None:
        marks.append((quote.context_start, quote.context_start + len(quote.context.rstrip()), "pq-context"))
    return _view(index, quote.article, quote.sha256, quote.text, span, marks, "pq-quoted", bar)


def hit_view(index: ArticleIndex, hit: Hit, bar: str = "") -> str:
    """The article of a related passage, with the passage marked lighter: it is no answer."""
    return _view(index, hit.article, hit.article.sha256, hit.text, (hit.start, hit.end), [], "pq-related", bar)


def span_view(index: ArticleIndex, number: int, span: Span | None, bar: str = "") -> str:
    """An article as it is stored now, with a span of it marked, such as a link names; without one nothing is."""
    try:
        stored = index.article(number)
    except PullquoteError as error:
        return error_html(told(str(error)), bar)
    if stored is None:
        return error_html(say("gone"), bar)
    inside = span is not None and 0 <= span[0] < span[1] <= len(stored.text)
    return article_html(stored, span if inside else None, (), "pq-related", bar=bar)


def article_html(
    article: Article, main: Span | None, lighter: Sequence[Mark], style: str, note: str = "", bar: str = ""
) -> str:
    """A whole article.

    Args:
        article: the article.
        main: the span that is scrolled to, or None when nothing may be marked.
        lighter: spans that are marked lighter, with their classes; one that overlaps an earlier one is left out.
        style: the class of the main mark.
        note: a line above the article.
        bar: HTML that stands above the article.
    """
    text = article.text
    marks = [(*main, style)] if main else []
    for start, end, lighter_style in lighter:
        if all(end <= left or start >= right for left, right, _ in marks):
            marks.append((start, end, lighter_style))
    marks.sort()
    paragraphs = []
    heading = _heading(article.title, literal(article.title))
    page = 0
    for position, (start, end) in enumerate(paragraph_spans(text)):
        shown = _marked(text, (start, end), marks, main)
        if position == 0 and _is_title(text[start:end], article.title):
            heading, paragraph = "", _heading(text[start:end], shown)
        else:
            paragraph = f'<p dir="auto">{shown}</p>'
        number = article.page_at(start) or 0
        if number != page:
            page = number
            # Counted by CSS: what is shown of the text is the text alone.
            paragraphs.append(f'<div class="pq-page" title="{say("page_number", number=page)}"></div>')
        paragraphs.append(paragraph)
    about = [literal(part) for part in (article.author, _day(article), article.site) if part]
    about += [f'<span title="{literal(source)}">{literal(source_name(source))}</span>' for source in article.sources]
    line = " · ".join(f"<bdi>{part}</bdi>" for part in about)
    quoted = text[main[0] : main[1]] if main else ""
    # The number makes two views of the same quote differ, so that the page scrolls to the mark each time.
    return (
        f'<div class="pq-article pq-view-{next(_numbers)}">{bar}{_note(note)}'
        f'<div class="pq-about">{line}{_original(article, quoted)}</div>{heading}'
        f'<div class="pq-text">{"".join(paragraphs)}</div></div>'
    )


def _heading(title: str, shown: str) -> str:
    style = ' class="pq-long"' if len(title) > _LONG_TITLE else ""
    return f'<h2{style} dir="auto">{shown}</h2>'


def _is_title(paragraph: str, title: str) -> bool:
    """Whether a first paragraph is the headline; the title of a long one has been cut."""
    whole = title.endswith("…") and len(paragraph) <= _LONGEST_TITLE and paragraph.startswith(title[:-1])
    return whole or paragraph == title


def _original(article: Article, quoted: str) -> str:
    """A link to the article on the web, at the quote."""
    for place in (article.url, *article.sources):
        link = fragment_link(place, quoted) if place else None
        if link is not None:
            return f' <a class="pq-original" href="{literal(link)}">{say("original")}</a>'
    return ""


def error_html(line: str, bar: str = "") -> str:
    """A line in the place of an article."""
    return f'<div class="pq-article pq-view-{next(_numbers)}">{bar}{_note(line)}</div>'


def _view(
    index: ArticleIndex,
    article: Article,
    sha256: str,
    text: str,
    span: Span,
    lighter: Sequence[Mark],
    style: str,
    bar: str,
) -> str:
    try:
        # Removed and added again, it has another number.
        stored = index.article(article.id) or _again(index, article)
    except PullquoteError as error:
        return error_html(told(str(error)), bar)
    if stored is None:
        gone = _note(f"{say('changed')} {say('gone')}")
        return f'<div class="pq-article">{bar}{gone}<h2 dir="auto">{literal(article.title)}</h2></div>'
    if stored.sha256 != sha256 or stored.text[span[0] : span[1]] != text:
        return article_html(stored, None, (), style, say("changed"), bar)
    return article_html(stored, span, lighter, style, bar=bar)


def _again(index: ArticleIndex, article: Article) -> Article | None:
    found = (one for source in article.sources for one in index.find(source) if source in one.sources)
    return next(found, None)


def _marked(text: str, paragraph: Span, marks: Sequence[Mark], main: Span | None) -> str:
    """A paragraph with the parts of the marks that lie in it; the marks are in order and do not overlap."""
    position, end = paragraph
    pieces = []
    for left, right, style in marks:
        start, stop = max(left, position), min(right, end)
        if start >= stop:
            continue
        # A mark may reach over several paragraphs; its first piece is the one to scroll to.
        first = main == (left, right) and not text[left:start].strip()
        name = f' id="{MARK_ID}"' if first else ""
        pieces.append(f'{literal(text[position:start])}<mark{name} class="{style}">{literal(text[start:stop])}</mark>')
        position = stop
    return "".join(pieces) + literal(text[position:end])


def _note(line: str) -> str:
    return f'<div class="pq-note">{literal(line)}</div>' if line else ""


def _day(article: Article) -> str:
    return day_in_words(article) or ""


def day_in_words(article: Article) -> str | None:
    """The day of publication, such as ``3 May 2026``."""
    return None if article.published is None else day(article.published)
