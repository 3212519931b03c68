"""Says whose a name and a password are, or a session, or that they are nobody's."""

from __future__ import annotations

import base64
import hmac
import ipaddress
import math
import secrets
import threading
from dataclasses import dataclass

import anyio
import anyio.to_thread

from ..store import Account, Accounts
from . import passwords
from .throttle import Throttle

TRIES_OF_A_NAME = 5
TRIES_OF_AN_ADDRESS = 30
"""Wrong passwords in a minute from one address: for one name, and for all."""
_HASHES_AT_ONCE = 2
"""Each takes 64 MiB of memory."""
_MOST_KNOWN = 256
_LONGEST_HEADER = 8000


@dataclass(frozen=True, slots=True)
class Refused:
    """Somebody is not let in.

    Attributes:
        reason: one sentence.
        wait: seconds until another try makes sense, or 0.
    """

    reason: str
    wait: int = 0


class Doorkeeper:
    """Judges who comes; it holds no conversation and no page.

    Args:
        accounts: who may sign in.
        by_name: how many tries one address has for one name.
        by_address: how many it has for all names.
    """

    def __init__(self, accounts: Accounts, by_name: Throttle | None = None, by_address: Throttle | None = None) -> None:
        self._accounts = accounts
        self._by_name = by_name or Throttle(TRIES_OF_A_NAME)
        self._by_address = by_address or Throttle(TRIES_OF_AN_ADDRESS)
        self._hashing = anyio.CapacityLimiter(_HASHES_AT_ONCE)
        # A program sends its password with every request, and a hash takes long on purpose. So those that were right
        # are known again, by a digest with a key that this process alone has, of the stored hash too: a password that
        # was changed is not known.
        self._key = secrets.token_bytes(32)
        self._known: dict[bytes, None] = {}
        self._lock = threading.Lock()

    async def session(self, token: str) -> Account | None:
        """Who has signed in and got this token, or None."""
        return await anyio.to_thread.run_sync(self._accounts.signed_in, token)

    async def begin(self, account: Account) -> str | None:
        """A new session's token; None when the account has changed meanwhile."""
        return await anyio.to_thread.run_sync(self._accounts.begin_session, account)

    async def end(self, token: str) -> None:
        """Ends a session."""
        await anyio.to_thread.run_sync(self._accounts.end_session, token)

    async def basic(self, header: str, address: str) -> Account | Refused:
        """Judges what stands in an ``Authorization`` header after ``Basic``."""
        try:
            name, colon, password = base64.b64decode(header[:_LONGEST_HEADER], validate=True).decode().partition(":")
        except ValueError:
            colon = ""
        if not colon:
            return Refused("The header Authorization is not HTTP Basic with a name and a password.")
        return await self.password(name, password, address, known=True)

    async def password(self, name: str, password: str, address: str, *, known: bool = False) -> Account | Refused:
        """Judges a name and a password that come from an address.

        Args:
            name: as it was typed.
            password: as it was typed.
            address: of the client.
            known: whether a password that was right before needs no hash.
        """
        account = await anyio.to_thread.run_sync(self._accounts.find, name[: passwords.LONGEST])
        mark = self._mark(account, password) if account else b""
        if known and account and self._is_known(mark):
            return account
        near = _network(address)
        keys = ((self._by_name, (near, account.name if account else name[:80].casefold())), (self._by_address, near))
        for throttle, key in keys:
            if wait := throttle.take(key):
                return Refused("There were too many wrong passwords; wait a little and try again.", math.ceil(wait))
        stored = account.password if account else None
        right = await anyio.to_thread.run_sync(passwords.belongs, password, stored, limiter=self._hashing)
        if not right or account is None:
            return Refused("The name or the password is wrong.")
        for throttle, key in keys:
            throttle.give_back(key)
        self._remember(mark)
        return account

    def _mark(self, account: Account, password: str) -> bytes:
        return hmac.digest(
            self._key, f"{account.id} {account.password} {password}".encode("utf-8", "replace"), "sha256"
        )

    def _is_known(self, mark: bytes) -> bool:
        with self._lock:
            return mark in self._known

    def _remember(self, mark: bytes) -> None:
        with self._lock:
            self._known[mark] = None
            if len(self._known) > _MOST_KNOWN:
                del self._known[next(iter(self._known))]


def _network(address: str) -> str:
    """What tries are counted by: an address, or the /64 that one household or server has of IPv6."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:100]
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
