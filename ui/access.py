"""Who can reach a server, and whether they must sign in."""

from __future__ import annotations

import hashlib
import ipaddress
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from index import ArticleIndex, PullquoteError


def is_reachable(host: str, names: Sequence[str]) -> bool:
    """Whether other machines can reach a server: by its address, or through a proxy that has a name of its own."""
    return bool(names) or not _is_loopback(host)


def accounts_wanted(index: ArticleIndex, auth: bool | None, host: str, names: Sequence[str]) -> bool:
    """Whether people must sign in.

    Args:
        index: the articles; the accounts are stored beside them.
        auth: what was asked for; when None, they must if other machines can reach the server.
        host, names: where it is reached.

    Raises:
        PullquoteError: they must, and nobody can: there is no account.
    """
    from .store import Store, store_path

    if not (is_reachable(host, names) if auth is None else auth):
        return False
    with Store(store_path(index)) as store:
        if store.accounts.list():
            return True
    if auth is None:
        raise PullquoteError(
            f"other machines can reach {_where(host, names)}, and nobody has an account yet; make one with "
            "`pullquote user add NAME`, or let everybody in with --no-auth"
        )
    raise PullquoteError("nobody has an account yet; make one with `pullquote user add NAME`")


def about_access(host: str, names: Sequence[str], auth: bool) -> Iterator[str]:
    """What whoever runs a server should know about who can reach it."""
    if not is_reachable(host, names):
        return
    if not auth:
        where = _where(host, names)
        yield f"everybody who can reach {where} can ask and read all articles without signing in (--no-auth)"
    elif not names:
        yield "passwords and articles cross the network unencrypted; docs/serving.md shows how to put HTTPS before it"


def cookie_name(store: Path) -> str:
    """Browsers send the cookies of one server of a machine to the others, so each index has a name of its own."""
    return f"pullquote-{hashlib.sha256(os.path.realpath(store).encode('utf-8', 'surrogateescape')).hexdigest()[:12]}"


def _where(host: str, names: Sequence[str]) -> str:
    return ", ".join(names) or host


def _is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address; of a name, no more than ``localhost`` is believed."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
