"""Who acts on the page: an account that has signed in, or else a browser that has a random name of its own."""

from __future__ import annotations

import base64
import hmac
import secrets
from typing import Any

import gradio as gr

from ..store import Store, is_account
from ..store.owned import new_token
from .conduct import Changes, Visitor
from .held import Held
from .html import button, isolated
from .session import Session
from .words import say

_SECRET = secrets.token_bytes(32)
"""With it, what a browser calls its page becomes a name that nobody can guess."""


def visitor_of(request: gr.Request, owner: str | None, held: Held, level: str | None) -> Visitor:
    """Who acts.

    Args:
        request: what the browser sent; of somebody who has signed in, the gate has put the owner there.
        owner: the name that the browser keeps. It is whatever the browser says, so it is never taken for an account.
        held: the state of the page; that of another account is not gone on with.
        level: how sure an answer must be.
    """
    account = getattr(request, "username", None) or ""
    with held.turn():
        if account and not held.session.owner:
            held.session = Session(owner=account).begun()
        elif held.session.owner != account:  # whoever names somebody else's page sees and changes nothing of it
            held = Held(Session(owner=account).begun())
    if account:
        return Visitor(account, held, level)
    return Visitor(owner if owner and not is_account(owner) else _first_name(request), held, level)


def _first_name(request: gr.Request) -> str:
    """A name for a browser that has none yet; the same for all that one page asks before it has been told."""
    if not request.session_hash:
        return new_token()
    digest = hmac.digest(_SECRET, request.session_hash.encode("utf-8", "replace"), "sha256")
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")


def remembered(visitor: Visitor) -> Any:
    """What the browser keeps as its name: nothing new of an account."""
    return gr.skip() if is_account(visitor.owner) else visitor.owner


def signed_in(store: Store, visitor: Visitor) -> Changes:
    """The line that says who has signed in, with the button to sign out; empty when nobody has to."""
    account = store.accounts.owned_by(visitor.owner)
    if account is None:
        return {"account": ""}
    out = button("sign_out", "", say("sign_out"), "pq-tool")
    return {"account": f'<div class="pq-account"><span>{say("signed_in")} {isolated(account.name)}</span>{out}</div>'}
