"""Reads saved web pages: the article's own text without what a site puts around it, and what the page says of it.

trafilatura finds *where* the article is; the text itself is then taken from the page, block by block, because an
extractor drops, moves and rewrites a little (``<time>`` in a sentence, a second paragraph with the same words) and a
quote must be what the page says.
"""

from __future__ import annotations

import codecs
import copy
import logging
import re
from datetime import date

from ..errors import SourceError
from ..reading import TITLE_LIMIT, Draft, decode, normalise, shortened
from .document import SEPARATOR, check_length
from .web_blocks import Block, blocks_of
from .web_boilerplate import prune
from .web_bundle import page_in_bundle
from .web_metadata import Guess, PageMetadata, read_metadata
from .web_story import story_blocks
from .web_tree import Element, is_searchable, parse_page

MAX_BYTES = 20_000_000
"""Of the markup of a page alone; the largest of 922 saved pages had 1.6 MB."""
_HEAD = 4_096
_META_CHARSET = re.compile(rb"<meta[^<>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"\s*<\?xml[^<>]{0,100}?encoding\s*=\s*[\"']([\w.:-]{2,40})")
_SAVED_FROM = re.compile(r"<!-- saved from url=\(\d{4}\)(\S{1,2000}) -->")
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")


def read_html(source: str, data: bytes, *, charset: str | None = None, address: str | None = None) -> Draft:
    """A web page: its article, in paragraphs, with title, authors, date, site, language and address.

    Args:
        source: the path or URL, for messages.
        data: the page as it was saved or sent.
        charset: what the transport said about the encoding, if anything.
        address: where the page came from, if that is known.

    Raises:
        SourceError: it is too large, nested beyond all measure, or holds no text.
    """
    if len(data) > MAX_BYTES:
        raise SourceError(source, f"is a page of more than {MAX_BYTES // 1_000_000} MB; split it")
    markup = decode_page(source, data, charset)
    root = parse_page(source, markup)
    saved_from = _SAVED_FROM.search(markup[:_HEAD])
    address = address or (saved_from[1] if saved_from else None)
    metadata = read_metadata(root, address, lambda: _guess(root), date.today(), search=is_searchable(root))
    blocks = _article(root, metadata)
    text = normalise(SEPARATOR.join(block.text for block in blocks)).strip()
    check_length(source, len(text))
    if not any(character.isalnum() for character in text):
        raise SourceError(source, "holds no text; the page may need to be saved again after it has loaded")
    return _draft(text, blocks, metadata)


def read_mhtml(source: str, data: bytes) -> Draft:
    """A web page that a browser saved in one file together with its pictures.

    Raises:
        SourceError: it is damaged, there is no page in it, or the page holds no text.
    """
    page = page_in_bundle(source, data)
    return read_html(source, page.data, charset=page.charset, address=page.address)


def decode_page(source: str, data: bytes, charset: str | None = None) -> str:
    """Decodes a page by its byte-order mark, the transport, its own declaration or its validity, in this order.

    Raises:
        SourceError: the bytes are empty, or not text.
    """
    if data.startswith(_MARKS) or not data.strip():
        return decode(source, data)
    declared = _XML_ENCODING.match(data[:_HEAD]) or _META_CHARSET.search(data[:_HEAD])
    names = [charset, declared[1].decode("ascii") if declared else None, "utf-8"]
    codecs_named = [found for name in names if name and (found := _codec(name))]
    if b"\0" not in data[:_HEAD]:
        for codec in codecs_named:
            try:
                return data.decode(codec)
            except UnicodeError:
                continue
        # A page with a few damaged characters is still in the encoding that it declares.
        text = data.decode(codecs_named[0], "replace")
        if text.count("\ufffd") * 200 < len(text):
            return text
    return decode(source, data)


_WEB_NAMES = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "utf-16": "utf-8",
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
}
"""What browsers read when a page names the encoding on the left: https://encoding.spec.whatwg.org/#names-and-labels"""


def _codec(name: str) -> str | None:
    """Python's codec for an encoding named on the web; None when it knows none, or one that is not for text."""
    try:
        found = codecs.lookup({"x-sjis": "cp932", "iso-8859-8-i": "iso8859-8"}.get(name.lower(), name)).name
        "".encode(found)
    except (LookupError, ValueError, UnicodeError):
        return None
    return None if found in ("idna", "punycode", "undefined", "utf-7") else _WEB_NAMES.get(found, found)


def _article(root: Element, metadata: PageMetadata) -> list[Block]:
    """The blocks of the article; of a page on which none is found, all that is not evidently something else."""
    body = copy.deepcopy(root)
    prune(body, metadata.title)
    found = story_blocks(blocks_of(body), _main_text(body), metadata.title, metadata.author)
    if found:
        return found
    # Nothing was left: names and phrases have deceived. The page is taken as it is seen.
    body = copy.deepcopy(root)
    prune(body, metadata.title, unseen_only=True)
    return blocks_of(body)


def _draft(text: str, blocks: list[Block], metadata: PageMetadata) -> Draft:
    heading = next((block.text for block in blocks[:6] if block.kind == "heading"), None)
    title = metadata.title or heading or text.split("\n", 1)[0]
    title = shortened(normalise(title), 3 * TITLE_LIMIT)
    return Draft(
        title,
        text,
        author=metadata.author,
        published=metadata.published,
        language=metadata.language,
        site=metadata.site,
        url=metadata.url,
    )


def _quiet() -> None:
    """The libraries log what they make of bad markup, which is not for the screen."""
    for name in ("trafilatura", "htmldate", "courlan", "justext", "readability"):
        logging.getLogger(name).addHandler(logging.NullHandler())


def _main_text(body: Element) -> str:
    """What trafilatura takes for the article, as one text; empty when it finds none."""
    import trafilatura

    _quiet()
    if not is_searchable(body):
        return ""
    try:
        found = trafilatura.bare_extraction(
            copy.deepcopy(body), include_comments=False, include_tables=True, favor_recall=True, deduplicate=False
        )
    except (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RecursionError):
        return ""  # trafilatura does not say what it raises on markup made to break it
    return (getattr(found, "text", None) or "") if found is not None else ""


def _guess(root: Element) -> Guess:
    from trafilatura.metadata import extract_metadata

    _quiet()
    try:
        found = extract_metadata(copy.deepcopy(root), date_config={"extensive_search": False, "original_date": True})
    except (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RecursionError):
        return Guess()
    return Guess(found.author, found.sitename)
