"""What chats, clippings and feedback share: owners, tokens, times, and the words that are searched."""

from __future__ import annotations

import re
import secrets
import unicodedata
from datetime import UTC, datetime

from index import PullquoteError

from ..marking import plain
from .values import NotKeptError, storable

ACCOUNT = "account:"
"""What the owners that are accounts begin with; a browser's own name never does."""
LONGEST_OWNER = 200
LONGEST_NAME = 200
LONGEST_NOTE = 10_000
"""Characters."""

_WORD = re.compile(r"\w+")
_MOST_WORDS = 20


def checked_owner(owner: str) -> str:
    """The owner, unless it is none: an empty name would be shared by everybody who has none.

    Raises:
        PullquoteError: it is empty or far too long.
    """
    if not owner.strip() or len(owner) > LONGEST_OWNER:
        raise PullquoteError(f"{owner[:20]!r} is not a user; sign in, or allow this page to remember your browser")
    return storable(owner)


def is_account(owner: str) -> bool:
    """Whether an owner is an account, and so only whoever has signed in to it."""
    return owner.startswith(ACCOUNT)


def new_token() -> str:
    """A name that nobody can guess: 128 random bits."""
    return secrets.token_urlsafe(16)


def now() -> str:
    """The present time as it is stored."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def moment(text: str) -> datetime:
    """A time that was stored."""
    return datetime.fromisoformat(text)


def missing(kind: str) -> NotKeptError:
    """The error for what is not there; it is the same for what is somebody else's, so that nothing is given away."""
    return NotKeptError(f"there is no such {kind}; it may have been deleted, or it is not yours")


def short_name(text: str, most: int = 80) -> str:
    """A text as the name of a chat: one line, cut at a word."""
    line = storable(plain(text))
    if len(line) <= most:
        return line
    cut = line[: most - 1]
    at_word = cut.rsplit(" ", 1)[0] if " " in cut[most // 2 :] else cut
    return f"{at_word.rstrip()}…"


def bounded(text: str, most: int, what: str) -> str:
    """A text that is not longer than it may be.

    Raises:
        PullquoteError: it is.
    """
    if len(text) > most:
        raise PullquoteError(f"the {what} is {len(text):,} characters long; the limit is {most:,}")
    return storable(text)


def folded(text: str) -> str:
    """A text as it is searched: without case and accents."""
    apart = unicodedata.normalize("NFKD", storable(text).casefold())
    return "".join(character for character in apart if not unicodedata.combining(character))


def searched_words(text: str) -> list[str]:
    """The words of a search, as they are looked up; none twice."""
    return list(dict.fromkeys(_WORD.findall(folded(text))))[:_MOST_WORDS]
