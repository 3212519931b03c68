"""Knows what on a page is not the article: by how its elements are named.

An element is never taken out for its name when the article's headline or body is inside it, for pages carry states in
their names too (``has-sidebar``, ``comments-open``).
"""

from __future__ import annotations

import re

from .web_blocks import BLOCK_TAGS
from .web_lines import SENTENCE_END
from .web_tree import Element, ancestors, empty, letters, names_of, text_of, walk

_NEVER_TEXT = frozenset(
    "script style noscript template iframe object embed applet svg canvas map audio video select option datalist "
    "textarea input button progress meter label rp rt amp-analytics amp-sidebar amp-consent amp-ad head "
    "annotation link meta noframes".split()
)
_ROLES = frozenset(
    "navigation banner contentinfo search dialog alertdialog menu menubar toolbar tablist tooltip form".split()
)
_WORDS = frozenset(
    # moving about
    "nav navbar navigation breadcrumb breadcrumbs menu toc sitemap pagination pager skip skiplink masthead "
    # other stories
    "related recirc recirculation recommended recommendations outbrain taboola zergnet trending mostread "
    "mostpopular promo promos readmore morefrom upnext onward seealso "
    # sharing and asking
    "share sharing sharebar sharedaddy jetpack social addthis sociable newsletter newsletters signup subscribe cookie "
    "cookies consent gdpr cmp onetrust advert adverts advertisement advertising ads adsense sponsored sponsor "
    "affiliate disclosure donate donation popup modal lightbox sidebar "
    # about the article
    "byline bylines copyright tags taglist authorbox authorbio aboutauthor saboxplugin postmetadata readingtime "
    # encyclopedias
    "reflist references navbox editsection catlinks hatnote metadata mbox ambox noprint jumplinks".split()
)
"""Words in names that are boilerplate: ``related`` is one in ``article-related`` and in ``relatedItems``."""
_AMBIGUOUS = frozenset("teaser teasers overlay".split())
"""Words that name a box with links to other stories on one site, and the first paragraph of the story on another."""
_COMMENTS = frozenset("comments commentlist disqus livefyre respond".split())
_COMMENTS_PHRASE = re.compile(r"\bcomment (?:list|section|area|thread|form|stream|body)\b")
_PHRASES = re.compile(
    r"\b(?:more (?:from|on|stories|in|like)|most (?:read|popular|viewed)|read (?:more|next|also)|see also"
    r"|up next|you may|sign up|skip (?:link|to)|table of contents"
    r"|author (?:bio|box|card|info|profile|meta|desc)|(?:mini|short|writer|contributor) bio|bio (?:box|block|text)"
    r"|about (?:the )?author|post (?:meta|tags|footer|nav)|entry (?:meta|footer)"
    r"|article (?:meta|tags)|reading time|read time|pay ?wall (?:notice|prompt|overlay|barrier|message|banner|box|cta)"
    r"|(?:pay|reg)wall message|ad (?:slot|container|wrapper|unit|box|label|break)|site (?:header|footer|nav)"
    r"|page (?:header|footer)|global (?:header|footer)|jp relatedposts|link list|news letter"
    r"|(?<!elementor )widget (?:rss|calendar|recent|archive|archives|categories|tag|meta|search|nav|links|pages))\b"
)
_UNSEEN = frozenset(
    "hidden invisible visuallyhidden screenreader screenreadertext sronly srt assistive offscreen".split()
)
_UNSEEN_PHRASES = re.compile(r"\b(?:sr only|visually hidden|screen reader|a11y hidden|is hidden|u hidden)\b")
_SEEN_ON_SOME = re.compile(r"\b(?:sm|md|lg|xl|2xl|print):(?:block|flex|grid|inline|table|visible)")
_CREDITS = re.compile(
    r"\b(?:(?:photo|image|picture|caption|media|figure|img|art)s? (?:credit|credits|source|copyright|author|agency|by)"
    r"|credit|credits|copyright|photographer|bildnachweis|fotocredit)\b"
)
_REFERENCES = re.compile(r"\b(?:reference|noteref|footnote ref|fnref|citation ref)\b")
_NOT_SHOWN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)
_PULL_QUOTE = re.compile(r"\bpull ?-?quote\b")
_INLINE_CARRIERS = frozenset("a abbr b cite em font i label mark small span strong sub sup time u".split())


def prune(root: Element, title: str | None, *, unseen_only: bool = False) -> None:
    """Takes out of a tree whatever is not seen or, unless told otherwise, by its name is not the article."""
    protected = _protected(root, title)
    bulky = _bulky(root)
    doomed: set[Element] = set()
    for element in root.iter():
        if element is root or element.tag == "body" or element.getparent() in doomed:
            if element.getparent() in doomed:
                doomed.add(element)
        elif _is_unseen(element, element in protected) or not (
            unseen_only or element in protected or not _is_doomed(element, element in bulky)
        ):
            doomed.add(element)
    for element in doomed:
        if element.getparent() not in doomed:
            _take_out(element)
    if not unseen_only:
        _drop_pull_quotes(root)


def _take_out(element: Element) -> None:
    empty(element, "div" if element.tag in BLOCK_TAGS else "span")


def _is_unseen(element: Element, is_protected: bool) -> bool:
    """Whether nobody who looks at the page sees the element."""
    if element.tag in _NEVER_TEXT or element.get("hidden", "until-found") != "until-found":
        return True
    if _NOT_SHOWN.search(element.get("style") or ""):
        return True
    names = "" if is_protected else names_of(element)
    if _UNSEEN_PHRASES.search(names):
        return True
    if _SEEN_ON_SOME.search(element.get("class") or ""):
        return False
    # Some pages show the parts of a story one after the other, and call those that wait hidden.
    return not _UNSEEN.isdisjoint(names.split()) and not _is_prose(element)


def _is_doomed(element: Element, is_bulky: bool) -> bool:
    """Whether an element that is seen is not the article, by its tag, role or name."""
    tag, names = element.tag, names_of(element)
    if tag in _INLINE_CARRIERS and _stands_in_a_sentence(element):
        return tag == "sup" and _is_reference(element, names)
    if _COMMENTS_PHRASE.search(names) or not _COMMENTS.isdisjoint(names.split()):
        return True
    if is_bulky:
        return False
    if tag in ("nav", "menu", "dialog") or (element.get("role") or "").lower() in _ROLES:
        return True
    if tag in ("header", "footer"):
        inside = ("article", "main", "section") if tag == "header" else ("blockquote",)
        return not any(outer.tag in inside for outer in ancestors(element))
    if tag == "form":
        return True
    if tag == "aside" and not _is_prose(element):
        return not _PULL_QUOTE.search(names)
    words = set(names.split())
    if _WORDS.isdisjoint(words) and not _PHRASES.search(names):
        if not _AMBIGUOUS.isdisjoint(words):
            return not _is_prose(element) or next(element.iter("a"), None) is not None
        return _CREDITS.search(names) is not None and tag != "figcaption" and len(text_of(element, 300)) < 200
    return True


_SHARE_OF_BULK = 0.4


def _bulky(root: Element) -> set[Element]:
    """The elements with so large a share of the page's text that is not links that the article must be in them."""
    counts: list[tuple[Element, int]] = []
    open_counts = [0]
    links = unseen = 0
    for event, element in walk(root):
        step = 1 if event == "start" else -1
        links += step * (element.tag == "a")
        unseen += step * (element.tag in _NEVER_TEXT)
        text = element.text if event == "start" else element.tail
        length = 0 if links or unseen else len((text or "").strip())
        if event == "start":
            open_counts.append(length)
        else:
            own = open_counts.pop()
            counts.append((element, own))
            open_counts[-1] += own + length
    total = open_counts[0]
    return {element for element, own in counts if own > _SHARE_OF_BULK * total}


def _protected(root: Element, title: str | None) -> set[Element]:
    """The elements that the article is in: around its headline and its body, as far as the page names them."""
    headings = [heading for heading in root.iter("h1") if letters(text_of(heading)) and not _in_navigation(heading)]
    key = letters(title or "")
    named = [
        heading
        for heading in headings
        if (key and letters(text_of(heading)) in key) or key == letters(text_of(heading))
    ]
    bodies = [element for element in root.iter() if "articlebody" in (element.get("itemprop") or "").lower()]
    cores = named or headings[:1]
    cores += bodies[:1] + list(root.iter("main"))[:1]
    return {outer for core in cores for outer in (core, *core.iterancestors())}


def _in_navigation(element: Element) -> bool:
    return any(outer.tag == "nav" or (outer.get("role") or "") == "dialog" for outer in ancestors(element))


def _is_reference(element: Element, names: str) -> bool:
    """Whether a raised number leads to a note."""
    return _REFERENCES.search(names) is not None or re.fullmatch(r"\[\s*\w{1,12}\s*\]", text_of(element)) is not None


def _stands_in_a_sentence(element: Element) -> bool:
    """Whether an inline element has text of its parent beside it; taking it out would tear a sentence."""
    for parent in ancestors(element, 8):
        before = element.getprevious()
        beside = (element.tail or "", parent.text or "" if before is None else before.tail or "")
        if any(character.isalnum() for text in beside for character in text):
            return True
        if parent.tag not in _INLINE_CARRIERS:
            break
        element = parent
    return False


def _is_prose(element: Element) -> bool:
    """Whether an element holds sentences of its own: a box with facts, and a form around a whole page."""
    text = text_of(element)
    linked = sum(len(text_of(link)) for link in element.iter("a"))
    return len(SENTENCE_END.findall(text)) >= 2 and len(text.split()) >= 25 and linked * 3 < len(text)


def _drop_pull_quotes(root: Element) -> None:
    """A pull quote repeats a sentence of the article; one that does not is kept."""
    quotes = [element for element in root.iter() if element.tag in BLOCK_TAGS and _PULL_QUOTE.search(names_of(element))]
    if not quotes:
        return
    whole = letters(text_of(root))
    for quote in quotes[:50]:
        words = letters(max(quote.itertext(), key=len, default=""))
        if words and whole.count(words) > 1:
            _take_out(quote)
