"""Reads what a page says about its article: title, authors, date, site, language and address.

Four sources are asked in this order: schema.org data (JSON-LD), ``<meta>`` tags, the markup that is seen, and at last
what trafilatura and htmldate find.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

from ..reading import normalise
from .web_schema import schema_articles
from .web_tree import Element, letters, text_of

LONGEST = 300
"""Characters of a title, a list of authors or a site's name; what is longer is not one."""
_LONGEST_URL = 2_000


@dataclass(frozen=True, slots=True)
class PageMetadata:
    """What a page says about its article; None where it says nothing that can be trusted."""

    title: str | None
    author: str | None
    published: date | None
    site: str | None
    language: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Guess:
    """What a library found, used where the page's own data are silent."""

    author: str | None = None
    site: str | None = None


def read_metadata(
    root: Element, address: str | None, guess: Callable[[], Guess], today: date, *, search: bool = True
) -> PageMetadata:
    """Reads the metadata of a page.

    Args:
        root: the tree of the whole page, with its ``<head>`` and scripts.
        address: where the page was fetched or saved from, if known.
        guess: asked for author and site only when the page's own data lack one.
        today: a date after tomorrow is not believed.
        search: whether to look through the whole page for what its data lack; not in one without measure.
    """
    article = next(iter(schema_articles(root)), {})
    meta = _meta_tags(root)
    url = _first(map(_as_address, _addresses(root, meta, article, address)))
    site = _plain(meta.get("og:site_name")) or _name(article.get("publisher")) or _plain(meta.get("application-name"))
    author = _authors(article.get("author")) or _meta_authors(meta) or _signed(root)
    guessed = guess() if search and (author is None or site is None) else Guess()
    site = site or _plain(guessed.site)
    author = author or _person(guessed.author)
    title = _title(root, meta, article, site)
    published = _stamped(root, meta, article, today) or (_found_date(root, url, today) if search else None)
    return PageMetadata(title, author, published, site, _language(root, meta, article), url)


def _title(root: Element, meta: dict[str, str], article: dict[str, Any], site: str | None) -> str | None:
    heading = next((text for one in root.iter("h1") if (text := text_of(one))), None)
    page_title = next((text_of(one) for one in root.iter("title")), None)
    headline = article.get("headline")
    found = (meta.get("og:title"), headline, meta.get("twitter:title"), meta.get("citation_title"), heading, page_title)
    for value in found:
        if title := _plain(value):
            if headline and letters(headline) == letters(title):
                return title
            return _without_site(title, site, heading)
    return None


_SEPARATOR = re.compile(r"\s+[|–—·•»«:-]+\s+|\s*[|»]\s*")


def _without_site(title: str, site: str | None, heading: str | None) -> str:
    """A title without `` | The Site``; the heading on the page says what belongs to the title where it agrees."""
    key = letters(heading or "")
    for separator in _SEPARATOR.finditer(title):
        left, right = title[: separator.start()], title[separator.end() :]
        if key and letters(left) == key:
            return left
        if site and letters(site) and letters(site) in (letters(right), letters("The" + right), letters(right)[3:]):
            return left
        if site and letters(left) == letters(site) and right:
            return right
    return title


def _stamped(root: Element, meta: dict[str, str], article: dict[str, Any], today: date) -> date | None:
    names = (
        "article:published_time datepublished date dc.date dc.date.issued dcterms.created citation_publication_date "
    )
    names += "parsely-pub-date sailthru.date pubdate publish-date article.published og:published_time"
    stamps = [article.get("datePublished"), *(meta.get(name) for name in names.split())]
    stamps += [
        one.get("datetime") or one.get("content")
        for one in root.iter("time", "meta", "span", "abbr")
        if "datepublished" in (one.get("itemprop") or "").lower() or one.get("pubdate") is not None
    ]
    for stamp in stamps:
        day = _as_day(stamp)
        if day is not None and day <= today + timedelta(days=1):
            return day
    return None


def _found_date(root: Element, url: str | None, today: date) -> date | None:
    from htmldate import find_date

    try:
        # Not the extensive search: it takes any number that could be a year, and a wrong date is worse than none.
        day = find_date(root, extensive_search=False, original_date=True, url=url, max_date=today.isoformat())
    except (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RecursionError):
        return None  # htmldate does not say what it raises on markup made to break it
    return _as_day(day)


def _as_day(value: object) -> date | None:
    """The day of a time stamp as it is written, in the newsroom's own time zone."""
    match = re.match(r"\s*(\d{4})-?(\d\d)-?(\d\d)(?!\d)", value) if isinstance(value, str) else None
    try:
        day = date(*map(int, match.groups())) if match else None
    except ValueError:
        return None
    return day if day is not None and day.year >= 1600 else None


def _meta_tags(root: Element) -> dict[str, str]:
    """``<meta>`` values by name in lower case; several of one name are joined by semicolons."""
    found: dict[str, str] = {}
    for tag in root.iter("meta"):
        name = (tag.get("property") or tag.get("name") or tag.get("itemprop") or tag.get("http-equiv") or "").lower()
        content = (tag.get("content") or "").strip()
        if not name or not content or len(content) > _LONGEST_URL:
            continue
        if name in ("author", "article:author", "citation_author", "dc.creator") and content not in found.get(name, ""):
            found[name] = f"{found[name]}; {content}"[:LONGEST] if name in found else content
        found.setdefault(name, content)
    return found


def _authors(value: object) -> str | None:
    names = [_person(_name(one)) for one in (value[:20] if isinstance(value, list) else [value])]
    return ", ".join(dict.fromkeys(filter(None, names)))[:LONGEST] or None


def _name(value: object) -> str | None:
    """The name of a schema.org person or organisation, which may be given as a plain string."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("name")
        if isinstance(value, list):
            value = ", ".join(part for part in value if isinstance(part, str))
    return _plain(value)


def _meta_authors(meta: dict[str, str]) -> str | None:
    for name in (
        "author",
        "article:author",
        "citation_author",
        "dc.creator",
        "parsely-author",
        "byl",
        "sailthru.author",
    ):
        if name in meta and (author := _authors(re.split(r"\s*;\s*", meta[name]))):
            return author
    return None


_BY = re.compile(r"\s*(?:by|von|por|par|di|door|text:|بقلم:?|מאת:?)\s+", re.IGNORECASE)


def _signed(root: Element) -> str | None:
    """The authors in the markup that is seen: ``rel="author"``, ``itemprop="author"`` or a byline."""
    for marked in ("author", "byline"):
        names = []
        for element in root.iter("a", "span", "p", "div", "address", "strong", "b"):
            kinds = " ".join(element.get(key) or "" for key in ("rel", "itemprop", "class")).lower().split()
            if marked in kinds and (name := _person(text_of(element, LONGEST))):
                names.append(name)
        names = [name for name in dict.fromkeys(names) if not any(name != one and name in one for one in names)]
        if 0 < len(names) <= 6:
            return ", ".join(names)[:LONGEST]
    return None


def _person(value: object) -> str | None:
    """A name, without ``By`` and what follows the name; None for an address or a sentence."""
    name = _plain(value)
    if name is None:
        return None
    name = re.split(r"\s+[|•·]\s+|\s[–—-]\s|, (?=[a-zß-ÿ])", _BY.sub("", name, count=1))[0].strip(" ,;:|")
    is_sentence = name.endswith((".", "!", "?")) and len(name.split()) > 5
    if not name or is_sentence or len(name) > 120 or re.search(r"https?:|www\.|\d{4}|[@<>{}]", name):
        return None
    return name


_LOCALE = re.compile(r"([A-Za-z]{2,3})(?:[-_].*)?")


def _language(root: Element, meta: dict[str, str], article: dict[str, Any]) -> str | None:
    """The ISO 639-1 code that the page gives."""
    declared = (
        root.get("lang"),
        root.get("{http://www.w3.org/XML/1998/namespace}lang") or root.get("xml:lang"),
        *(one.get("lang") for one in root.iter("body")),
        article.get("inLanguage"),
        meta.get("content-language"),
        meta.get("language"),
        meta.get("og:locale"),
    )
    for value in declared:
        match = _LOCALE.fullmatch(value.strip()) if isinstance(value, str) else None
        if match and len(match[1]) == 2:
            return match[1].lower()
    return None


def _addresses(
    root: Element, meta: dict[str, str], article: dict[str, Any], address: str | None
) -> Iterator[tuple[object, str | None]]:
    """Addresses that the page gives for itself, best first, each with the address that it is relative to."""
    for link in root.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split():
            yield link.get("href"), address
    yield meta.get("og:url"), address
    whole = article.get("mainEntityOfPage")
    yield (whole.get("@id") if isinstance(whole, dict) else whole), address
    yield article.get("url"), address
    yield address, None


def _as_address(pair: tuple[object, str | None]) -> str | None:
    """An absolute http(s) address, or None."""
    value, base = pair
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST_URL:
        return None
    try:
        absolute = urljoin(base or "", value.strip())
        parts = urlsplit(absolute)
        host = parts.hostname
    except ValueError:
        return None
    clean = re.search(r"[\s\x00-\x1f\x7f<>\"\\]", absolute) is None
    return absolute if parts.scheme in ("http", "https") and host and clean and "@" not in parts.netloc else None


def _first(values: Iterator[str | None]) -> str | None:
    return next((value for value in values if value), None)


_TAGS = re.compile(r"<[^<>]{0,200}>")


def _plain(value: object) -> str | None:
    """A value in one line without markup, or None when there is none or too much."""
    if not isinstance(value, str) or len(value) > 20 * LONGEST:
        return None
    from html import unescape

    # JSON and attributes of many sites are escaped twice.
    text = " ".join(normalise(_TAGS.sub("", unescape(value))).split())
    text = re.sub("[\u00ad\u200b\u2060\ufeff]", "", text)
    return text if text and len(text) <= LONGEST and any(map(str.isalnum, text)) else None
