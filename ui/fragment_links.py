"""Links to web articles that make the browser scroll to a quote and mark it (``#:~:text=``).

See https://wicg.github.io/scroll-to-text-fragment/.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

_LONGEST_EXACT = 200
"""Characters up to which the whole quote is looked for; a browser does not find a longer one in two paragraphs."""
_END_WORDS = 6
"""Words by which the beginning and the end of a longer quote are found."""
_END_CHARACTERS = 40
_SAFE_IN_ADDRESS = "%/:?#[]@!$&'()*+,;=-._~"


def web_address(url: str) -> str | None:
    """An address of the web that can stand in a link, with what is not ASCII percent-encoded; None for anything else.

    Only ``http`` and ``https`` are links: a ``javascript:`` address acts, and a ``file:`` one names somebody's disk.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not host or any(c.isspace() or c < " " for c in url):
        return None
    return quote(url.encode("utf-8", "replace"), safe=_SAFE_IN_ADDRESS)


def fragment_link(url: str, text: str) -> str | None:
    """The address of a web article with a text fragment, so that the browser marks the quote in it.

    Args:
        url: the article's address.
        text: the quote. White space is levelled, as the browser does; a long quote is given by its first and last
            words, which it also finds when they stand in different paragraphs.

    Returns:
        The link; the plain address when the text is empty; None when the address is not one of the web.
    """
    address = web_address(url)
    if address is None or not text.strip():
        return address
    base = address.split(":~:", 1)[0]
    mark = ":~:" if "#" in base else "#:~:"
    return f"{base}{mark}text={_directive(text)}"


def _directive(text: str) -> str:
    paragraphs = [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text.strip())]
    if len(paragraphs) == 1 and len(paragraphs[0]) <= _LONGEST_EXACT:
        return _encoded(paragraphs[0])
    start, end = paragraphs[0].split(" "), paragraphs[-1].split(" ")
    if len(paragraphs) == 1 and len(start) < 2 * _END_WORDS:
        # A script without spaces: the ends are counted in characters.
        return f"{_encoded(paragraphs[0][:_END_CHARACTERS])},{_encoded(paragraphs[0][-_END_CHARACTERS:])}"
    return f"{_encoded(' '.join(start[:_END_WORDS]))},{_encoded(' '.join(end[-_END_WORDS:]))}"


def _encoded(text: str) -> str:
    """Percent-encoded; a hyphen, a comma and an ampersand mean something in a text fragment and are encoded too."""
    return quote(text.encode("utf-8", "replace"), safe="").replace("-", "%2D")
