"""Mail: newsletters as single messages and in mailboxes, without signatures and the lines about unsubscribing."""

from __future__ import annotations

import email
import email.policy
import email.utils
import functools
import re
from collections.abc import Iterator
from datetime import date
from email.errors import MessageError
from email.message import EmailMessage
from typing import BinaryIO

from ..article import Failure
from ..errors import SourceError
from ..reading import Draft, as_language, draft_from_text, normalise
from .members import Budget, Item, Member, record_name
from .registry import ARTICLES

_DAMAGE = (MessageError, ValueError, LookupError, AttributeError, TypeError, RecursionError, AssertionError)
"""What the standard library raises for headers and parts that are broken in ways nobody foresaw."""

_LONGEST_LINE = 1_000_000
_GOOD_TEXT = 200
"""Characters; a shorter text beside a page says that one's program cannot show pages."""
_FEWER_WORDS = 0.4
"""Of the words of the page; a text part with fewer is only a summary of it."""
_FROM_LINE = re.compile(rb"From \S+ .{0,60}\d\d:\d\d")
_FOOTER = re.compile(
    r"\b(?:unsubscribe|manage (?:your )?(?:subscription|preferences|email)|update (?:your )?preferences|"
    r"view (?:this (?:e-?mail|message) )?in (?:your )?browser|you(?:'|’)?re receiving this|you are receiving this|"
    r"you received this (?:e-?mail|message)|why am i (?:getting|receiving)|forwarded this (?:e-?mail|newsletter)|"
    r"abmelden|abbestellen|se désabonner|désinscri|darse de baja|cancelar (?:la )?suscripción|disiscriv|"
    r"uitschrijven|avregistrera)",
    re.IGNORECASE,
)
_FOOTER_LENGTH = 400
"""Characters; a longer paragraph that speaks of unsubscribing is about it."""
_LONGEST_END = 1500
"""Characters of all that follows after the footer's beginning; where more follows, it was none."""
_LINK = re.compile(r"\s*<(?:https?|mailto):[^>\s]{1,2000}>|\[(?:https?|mailto):[^\]\s]{1,2000}\]")
_BARE_LINK = re.compile(r"\s*(?:https?://\S{1,2000}\s*)+")
_RULE = re.compile(r"[\s\-–—=_*~#.•·|+<>]*")


def read_eml(source: str, data: bytes) -> Draft:
    """A message: the text of its page or its text part, with subject, sender and date."""
    try:
        return _draft_of(source, email.message_from_bytes(data.lstrip(b"\r\n"), policy=email.policy.default))
    except _DAMAGE as error:
        raise SourceError(source, "is an e-mail that is damaged, and could not be read") from error


def mbox_members(source: str, stream: BinaryIO, budget: Budget) -> Iterator[Item]:
    """The messages of a mailbox, by their own ids."""
    taken: set[int] = set()
    for number, data in enumerate(_messages(stream, budget.member_bytes), 1):
        budget.count(source)
        if data is None:
            yield Failure(record_name(source, str(number)), "is larger than an article may be")
            continue
        name = record_name(source, _message_id(data) or str(number))
        if hash(name) in taken:
            name = record_name(source, str(number))
        taken.add(hash(name))
        yield Member(name, data, functools.partial(read_eml, name, data))


def _messages(stream: BinaryIO, longest: int) -> Iterator[bytes | None]:
    """The messages of a mailbox as they are, None for one that is too long; each begins with a ``From `` line."""
    parts: list[bytes] = []
    size = 0
    started, blank, begins = False, True, True
    while line := stream.readline(_LONGEST_LINE):
        if begins and blank and _FROM_LINE.match(line):
            if started:
                yield b"".join(parts) if size <= longest else None
            parts, size, started = [], 0, True
        else:
            size += len(line)
            if size <= longest:
                # A line that began with "From " was written with a mark before it.
                parts.append(line[1:] if begins and re.match(rb">+From ", line) else line)
        blank = begins and not line.strip()
        begins = line.endswith(b"\n")
    if started:
        yield b"".join(parts) if size <= longest else None


def _message_id(data: bytes) -> str | None:
    match = re.search(rb"^message-id:\s*(<[^>\s]{1,200}>)", data[:65_536], re.IGNORECASE | re.MULTILINE)
    return match[1].decode("ascii", "replace") if match else None


def _draft_of(source: str, message: EmailMessage) -> Draft:
    subject = _header(message, "subject")
    name, address = email.utils.parseaddr(_header(message, "from") or "")
    page, text = _part(message, "html"), _part(message, "plain")
    draft = None
    if text is None or not _is_good(text, page):
        draft = _page_draft(source, page)
    if draft is None:
        draft = draft_from_text(source, normalise(text or ""), subject)
    body = without_footer(draft.text)
    if not any(character.isalnum() for character in body):
        raise SourceError(source, "holds no text")
    title = " ".join(normalise(subject or draft.title).split())
    sender = " ".join(normalise(name).split()) or None
    return Draft(
        title[:600],
        body,
        draft.author or sender or address or None,
        _day(message) or draft.published,
        as_language(_header(message, "content-language")) or draft.language,
        site=_list_name(message) or draft.site,
        url=draft.url,
    )


def _page_draft(source: str, page: str | None) -> Draft | None:
    """The page of a message as articles on the web are read, or None when there is nothing on it."""
    if page is None:
        return None
    try:
        return ARTICLES["html"].read(source, page.encode("utf-8", "replace"))
    except SourceError:
        return None


def _part(message: EmailMessage, kind: str) -> str | None:
    """The first part with text of a kind that is not an attachment."""
    for part in message.walk():
        if part.get_content_type() == f"text/{kind}" and part.get_content_disposition() != "attachment":
            content = part.get_payload(decode=True)
            if not isinstance(content, bytes):
                return None
            encoding = part.get_content_charset() or "utf-8"
            try:
                text = content.decode(encoding)
            except (LookupError, UnicodeDecodeError):
                text = content.decode("utf-8", "replace") if _is_utf8(content) else content.decode("cp1252", "replace")
            return text if text.strip() else None
    return None


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_good(text: str, page: str | None) -> bool:
    """Whether a text part says what the page beside it says, rather than that there is one."""
    if page is None:
        return True
    words = len(re.sub(r"<(?:style|script)\b.*?</(?:style|script)>|<[^>]*>", " ", page, flags=re.DOTALL).split())
    return len(text.strip()) >= _GOOD_TEXT and len(_LINK.sub("", text).split()) >= _FEWER_WORDS * words


def without_footer(text: str) -> str:
    """The text of a message without its signature, bare links, and the lines about unsubscribing at either end."""
    body = re.split(r"(?m)^-- ?$", text, maxsplit=1)[0] or text
    paragraphs = [_LINK.sub("", paragraph) for paragraph in re.split(r"\n[ \t]*\n", body)]
    kept = [part for part in paragraphs if not _BARE_LINK.fullmatch(part) and not _RULE.fullmatch(part)]
    if kept and _is_footer(kept[0]):
        del kept[0]
    end = len(kept)
    for place in range(len(kept) - 1, 0, -1):
        if sum(map(len, kept[place:])) > _LONGEST_END:
            break
        if _is_footer(kept[place]):
            end = place
    return "\n\n".join(part.strip("\n").rstrip() for part in kept[:end])


def _is_footer(paragraph: str) -> bool:
    return len(paragraph) <= _FOOTER_LENGTH and _FOOTER.search(paragraph) is not None


def _header(message: EmailMessage, name: str) -> str | None:
    try:
        value = message[name]
    except _DAMAGE:
        return None
    return str(value).strip() or None if value is not None else None


def _day(message: EmailMessage) -> date | None:
    try:
        return email.utils.parsedate_to_datetime(_header(message, "date") or "").date()
    except (ValueError, TypeError, OverflowError):
        return None


def _list_name(message: EmailMessage) -> str | None:
    """The name of a newsletter, as its list calls itself."""
    value = _header(message, "list-id")
    name = re.sub(r"<[^>]*>", "", value).strip(' "') if value else ""
    return " ".join(normalise(name).split())[:200] or None
