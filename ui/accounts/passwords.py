"""Passwords: what is one, its hash, and whether a password belongs to a hash.

The hash is Argon2id with the library's present costs (RFC 9106); it carries its own salt and costs, so that they can be
raised later. The only module that imports ``argon2``.
"""

from __future__ import annotations

import functools
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from index import CorruptIndexError, PullquoteError

SHORTEST = 8
LONGEST = 1000
"""Characters."""

_HASHER = PasswordHasher()


def checked_password(text: str) -> str:
    """A password that may be used, in one form of Unicode, whatever the keyboard that it is typed on.

    Raises:
        PullquoteError: it is too short, too long, or no text.
    """
    password = normal(text)
    if len(password) < SHORTEST:
        raise PullquoteError(
            f"the password has fewer than {SHORTEST} characters; take a longer one, such as four words"
        )
    if len(password) > LONGEST:
        raise PullquoteError(f"the password is {len(password):,} characters long; the limit is {LONGEST:,}")
    if len(set(password)) == 1:
        raise PullquoteError("the password is one character again and again; take another, such as four words")
    return password


def hash_of(password: str) -> str:
    """The hash that is stored of a password."""
    return _HASHER.hash(normal(password).encode("utf-8", "replace"))


def belongs(password: str, stored: str | None) -> bool:
    """Whether a password belongs to a stored hash; without one, it takes as long and is False.

    Raises:
        CorruptIndexError: what is stored is no hash.
    """
    if len(password) > LONGEST:
        return False
    try:
        _HASHER.verify(stored or _nobodys(), normal(password).encode("utf-8", "replace"))
    except VerificationError:
        return False
    except InvalidHashError as error:
        raise CorruptIndexError("the account's password is damaged; set another: pullquote user password") from error
    return stored is not None


def normal(password: str) -> str:
    """A password in the form in which it is hashed: Unicode NFC, as RFC 8265 has it."""
    return unicodedata.normalize("NFC", password)


@functools.cache
def _nobodys() -> str:
    """A hash to compare with when there is no account: a name that is unknown must not be told by a quick reply."""
    return _HASHER.hash(b"nobody has this password")
