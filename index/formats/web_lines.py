"""Knows by its words which line of a page is not the article: a link elsewhere, a plea, a signature, a credit.

A story may begin any sentence with "Share", "By" or "Photo". Most of what is here therefore counts only for a line
that is not a sentence, or that leads away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .web_blocks import Block
from .web_tree import ancestors, names_of

SENTENCE_END = re.compile(r"[.!?…。！？؟][\"'”’»“)\]]*(?=\s|$)")

_LEADS_AWAY = re.compile(
    r"(?:(?:also |must )?read(?: more| next| also| on)?|more(?: on this| from| stories| like this)?|see also|related"
    r"(?: stories| articles| content| reading)?|watch|listen|view gallery|in pictures|explainer|go deeper"
    r"|don['’]t miss|recommended|you (?:may|might) also like|what to read next|top stories|most read"
    r"|lesen sie (?:auch|hier|dazu|mehr)|mehr (?:zum thema|dazu|lesen)|auch interessant|siehe auch|zum thema"
    r"|lea (?:también|más|además)|le puede interesar|te puede interesar|más (?:información|noticias|sobre)|ver también"
    r"|(?:à )?lire (?:aussi|la suite|également)|voir aussi|vous aimerez aussi|leia (?:também|mais)|veja também"
    r"|leggi anche|lees ook|اقرأ أيض[اً]+|إقرأ أيض[اً]+|اقرأ المزيد|קראו (?:גם|עוד)|עוד בנושא|читайте также)\b"
    r"(?P<sign>\s*[:：\-–—>»|]*)",
    re.IGNORECASE,
)
_LABEL = re.compile(r"(?P<label>[^.!?:]{2,30}):\s")
_OPENS = re.compile(r"opens (?:in )?(?:a )?new (?:tab|window)\W*$", re.IGNORECASE)
_BUTTON = re.compile(
    r"(?:share (?:this|on|via|the|article)\b|(?:share|tweet|print|e-?mail|save|anzeige|werbung|publicidad|publicité)$"
    r"|إعلان$|פרסומת$|copy link|like us on|join (?:us|our)\b|advertisement\b|sponsored\b"
    r"|(?:article|story) continues (?:below|after)"
    r"|(?:show|hide|view|leave|post|load|add) (?:a |all |more |\d+ )?comments?"
    r"|comments?(?: \(?\d+\)?)?$|\d+ comments?$|copyright\b|\(c\) \d{4}|back to top|skip to\b|jump to\b|loading\b"
    r"|(?:suggested |more )?(?:tags?|topics?|categories):|(?:filed|posted) (?:under|in)\b|explore more on\b"
    r"|schlagw[oö]rt|etiquetas:|temas:|audio by\b|(?:\d+ )?min(?:ute)?s?[ -]read\b|(?:reading time|lesezeit)\b"
    r"|tiempo de lectura|(?=[\d\s.]*[:/])[\d\s:./]+$)",
    re.IGNORECASE,
)
"""Beginnings of lines that are not sentences."""
_PLEA = re.compile(
    r"(?:(?:share|print|e-?mail) this (?:article|story|page)\W*$|follow (?:us|our|me) (?:on|at)\b|©|all rights reserved"
    r"|alle rechte vorbehalten|todos los derechos reservados|this (?:site|website) uses cookies"
    r"|we (?:use|value your|and our partners)\b.{0,60}(?:cookies|privacy)|wir verwenden cookies|usamos cookies"
    r"|was this (?:article|page|story) (?:helpful|useful|interesting)|war (?:der|dieser) (?:artikel|beitrag) "
    r"|click (?:here|below) (?:to|for|and)\b|you have \w+ (?:free )?(?:articles?|stories) (?:left|remaining)"
    r"|listen to this (?:article|story))",
    re.IGNORECASE,
)
_INVITES = re.compile(
    r"(?:sign up\b|(?:please )?subscribe (?:to|now|today|for|and)\b"
    r"|(?:first-time |new )?subscribers (?:also |will )?(?:get|receive)"
    r"|to (?:view|read) the (?:full|whole|rest)|register (?:now|for|here|to)\b|log in (?:to|or|with|now)\b"
    r"|already a subscriber|get (?:our|all the|the (?:latest|best|day))\b|create (?:a|an|your) (?:free )?account"
    r"|enter your\b|support (?:our|us)\b|(?:to )?continue reading|abonnieren sie|melden sie sich"
    r"|jetzt (?:abonnieren|anmelden)"
    r"|suscríb[ae]|regístr[ae]|inscríb[ae]|abonnez-vous|اشترك|הירשמו|(?:enjoy|like)(?:d|ing)? (?:this|what you))",
    re.IGNORECASE,
)
_INVITED_TO = re.compile(
    r"newsletter|inbox|e-?mails?\b|subscri|account|free trial|unlimited|per month|a month|\bapp\b|notifications|alerts"
    r"|\babo\b|abonn|kostenlos|suscri|boletín|correo|القائمة|النشرة|البريد|ניוזלטר|log in|patreon",
    re.IGNORECASE,
)
_SIGNED = re.compile(
    r"(?:(?:by|von|por|par|di|door|بقلم|מאת)[: ]\s*\S.{1,80}|(?:first |last )?(?:published|updated|posted|modified"
    r"|aktualisiert|veröffentlicht|stand|actualizado|publicado|publié|mis à jour|نشر|عدل|פורסם|עודכן)\b.{0,80})",
    re.IGNORECASE,
)
_CREDIT_LINE = re.compile(
    r"(?:(?:photo|photograph|image|picture|illustration|foto|fotografía|bild|imagen|crédito|credit|courtesy)s?"
    r"(?: by| credit| courtesy| of|nachweis)*\s*[:：/|]|(?:photo|photograph|image|picture)s? (?:by|courtesy)|©)"
    r".{0,120}",
    re.IGNORECASE,
)
_CREDIT_AT_END = re.compile(
    r"\s*(?:\((?:photo|image|picture|foto|ap photo|credit|reuters|afp|getty)\b[^()]{0,100}\)"
    r"|(?:(?:photo|photograph|image|picture|foto|bild|credit|imagen)s?(?: by| credit)?\s*[:：/]|©)[^.]{0,80}"
    r"|(?:REUTERS|AFP|AP|EPA|dpa|Getty Images)\s*/\s*[^.]{0,60})\.?$",
    re.IGNORECASE,
)


def ends_a_sentence(text: str) -> bool:
    """Whether a text ends as a sentence does."""
    return SENTENCE_END.search(text[-4:]) is not None


def is_boilerplate(block: Block) -> bool:
    """Whether a line says by itself that it is not the article."""
    text = block.text
    if not any(character.isalnum() for character in text):
        return True
    if len(text) > 300:
        return block.link_share > 0.8 and not SENTENCE_END.search(text)
    if block.kind == "heading":
        leads = _LEADS_AWAY.match(text)
        return leads is not None and leads.end() == len(text)
    return _leads_away(block) or _asks(block) or _is_credit(block)


def _leads_away(block: Block) -> bool:
    """Whether a line is mostly a link, and not a sentence that happens to be one."""
    text, share, ends = block.text, block.link_share, ends_a_sentence(block.text)
    words = len(text.split())
    leads = _LEADS_AWAY.match(text)
    if leads is not None and (leads.end() == len(text) or (share > 0.4 and (leads["sign"].strip() or not ends))):
        return True
    label = _LABEL.match(text)
    if share > 0.6 and words < 30 and label is not None and (not ends or label["label"].isupper()):
        return True
    if share > 0.55 and "\n" in text and not ends:
        return True  # a column of links under a word
    if share > 0.5 and _OPENS.search(text):
        return True
    return share > 0.8 and not (ends and words >= 8 and " | " not in text)


def _asks(block: Block) -> bool:
    """Whether a line is a button, a plea or an invitation."""
    text, words = block.text.lstrip("-–—•*> "), len(block.text.split())
    is_sentence = ends_a_sentence(text) and words > 4
    if block.kind == "paragraph" and not is_sentence and words <= 16 and _SIGNED.fullmatch(text):
        return True
    if block.kind != "row" and not is_sentence and words <= 30 and _BUTTON.match(text):
        return True
    is_speech = any(mark in text for mark in '“”„«»"')
    if is_speech or words > 50:
        return False
    if _PLEA.match(text):
        return True
    return _INVITES.match(text) is not None and _INVITED_TO.search(text) is not None


def _is_credit(block: Block) -> bool:
    if block.time_share > 0.8:
        return True
    if ends_a_sentence(block.text) and len(block.text.split()) > 4:
        return False
    return _CREDIT_LINE.fullmatch(block.text) is not None


def caption_text(text: str) -> str | None:
    """A caption without its credit, when what is left is a sentence."""
    text = _CREDIT_AT_END.sub("", text).strip()
    reads = len(text.split()) >= 6 and ends_a_sentence(text)
    return text if reads else None


_DAY = re.compile(
    r"(?<!\d)\d{1,2}(?:st|nd|rd|th)?[. /-]{1,2}(?:de )?(?:\d{1,2}|[^\W\d_]{3,10})\.?[ /.,-]{1,2}(?:de )?\d{4}(?!\d)"
    r"|[^\W\d_]{3,10}\.? \d{1,2}(?:st|nd|rd|th)?, \d{4}(?!\d)|(?<!\d)\d{4}-\d\d-\d\d(?!\d)"
)


def is_caption(block: Block) -> bool:
    """Whether a block stands under a picture."""
    if block.kind == "caption":
        return bool(block.element.tag != "caption")  # that of a table is a heading
    if block.kind != "paragraph":
        return False
    if "caption" in names_of(block.element):
        return True
    return any(outer.tag == "figure" for outer in (block.element, *ancestors(block.element, 4)))


def reads_as_text(block: Block) -> bool:
    """Whether a block is like a paragraph of an article, without anything else that speaks for it."""
    words = len(block.text.split())
    if block.kind in ("heading", "item", "row"):
        return block.link_share < 0.8
    return block.link_share < 0.8 and (words >= 6 or ends_a_sentence(block.text))


def is_signature(block: Block, authors: Iterable[str]) -> bool:
    """Whether a short line near the headline says who wrote the article or when, and nothing else."""
    text = block.text
    if block.kind in ("heading", "row") or len(text.split()) > 16 or ends_a_sentence(text):
        return False
    return _DAY.search(text) is not None or block.time_share > 0.3 or any(name in text for name in authors)


def without_orphans(blocks: Iterable[tuple[Block, bool]]) -> list[Block]:
    """Of blocks, each with whether it stays, those that stay; a heading goes when all that it headed has gone.

    "Related stories" is such a heading, over links that were left out.
    """
    kept: list[Block] = []
    waiting: list[Block] = []
    lost: set[int] = set()
    for block, stays in blocks:
        if not stays:
            lost.update(map(id, waiting))
        elif block.kind == "heading":
            # What heads nothing, but lost nothing either, was a line of its own; so were those that it stands under.
            alone = [place for place, one in enumerate(waiting) if _rank(one) >= _rank(block) and id(one) not in lost]
            settled = alone[-1] + 1 if alone else 0
            kept += [one for one in waiting[:settled] if id(one) not in lost]
            waiting = [one for one in waiting[settled:] if _rank(one) < _rank(block)] + [block]
        else:
            kept += waiting
            waiting.clear()
            kept.append(block)
    return kept


def _rank(block: Block) -> int:
    tag = block.element.tag
    return int(tag[1]) if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit() else 6
