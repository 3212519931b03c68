"""The gate before the page, the API and the files: only who has signed in comes through.

A browser signs in on a page of ours and then holds a cookie; a program sends name and password with each request
(HTTP Basic). What signing in needs, the page for it, its style sheet and the typefaces, is all that anybody may see.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, quote

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index import PullquoteError

from ..store import Account
from ..store.accounts import SESSION
from ..words import language_of
from .doorkeeper import Doorkeeper, Refused
from .sign_in_page import SIGN_IN, SIGN_OUT, STYLE, sign_in_page, style_sheet

LARGEST_FORM = 10_000
"""Bytes."""
_ACCOUNT = "pullquote.account"
_FOREIGN = "This form was not sent by the page itself; open the page anew and try again."
_NO_FORM = "This is not what the form sends; try again."
_WHO = "you are not signed in, or not any more: load the page again (a program sends name and password, HTTP Basic)"


@dataclass(frozen=True, slots=True)
class _Form:
    """What was typed, and where to go after it."""

    name: str = ""
    password: str = ""
    to: str = ""


class Gate:
    """ASGI middleware; it stands behind ``ui.guard``, which has looked at ``Host`` and ``Origin`` already.

    Args:
        app: what is behind it.
        doorkeeper: says who may pass.
        cookie: its name. Browsers do not tell the ports of a machine apart, so it differs from server to server.
        public: the paths below which anybody may read.
    """

    def __init__(self, app: ASGIApp, doorkeeper: Doorkeeper, cookie: str, public: tuple[str, ...] = ()) -> None:
        self._app = app
        self._doorkeeper = doorkeeper
        self._cookie = cookie
        self._public = public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._is_public(scope):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        response: Response | None
        try:
            response = await self._own_reply(request)
            who = None if response else await self._who(request)
        except PullquoteError as error:
            response, who = _told(503, " ".join(str(error).split())), None
        if isinstance(who, Account):
            await self._app({**scope, _ACCOUNT: who}, receive, _kept_private(send))
            return
        if response is None:
            response = _not_let_in(request, who)
        response.headers.setdefault("Cache-Control", "no-store")
        await response(scope, receive, send)

    def _is_public(self, scope: Scope) -> bool:
        return scope["method"] in ("GET", "HEAD") and any(scope["path"].startswith(path) for path in self._public)

    async def _own_reply(self, request: Request) -> Response | None:
        """The reply to what belongs to signing in and out; None to all else."""
        path, method = request.scope["path"], request.method
        if path not in (SIGN_IN, SIGN_OUT, STYLE):
            return None
        if path == STYLE and method in ("GET", "HEAD"):
            return Response(style_sheet(), media_type="text/css", headers={"Cache-Control": "max-age=3600"})
        if path == SIGN_IN and method in ("GET", "HEAD"):
            if isinstance(await self._who(request), Account):
                return RedirectResponse(_local(request.query_params.get("to", "")), 303)
            return sign_in_page(to=request.query_params.get("to", ""), language=_language(request))
        if method != "POST" or path == STYLE:
            return _told(405, f"{method} is not for {path}")
        if not _is_own(request):
            return sign_in_page(_FOREIGN, status=403, language=_language(request))
        return await (self._signed_in(request) if path == SIGN_IN else self._signed_out(request))

    async def _signed_in(self, request: Request) -> Response:
        form = await _form(request)
        if form is None:
            return sign_in_page(_NO_FORM, status=400, language=_language(request))
        found = await self._doorkeeper.password(form.name, form.password, _address(request))
        token = await self._doorkeeper.begin(found) if isinstance(found, Account) else None
        if token is None:
            refused = found if isinstance(found, Refused) else Refused("The name or the password is wrong.")
            status, language = 429 if refused.wait else 401, _language(request)
            page = sign_in_page(refused.reason, name=form.name, to=form.to, status=status, language=language)
            if refused.wait:
                page.headers["Retry-After"] = str(refused.wait)
            return page
        if before := request.cookies.get(self._cookie):
            await self._doorkeeper.end(before)
        response = RedirectResponse(_local(form.to), 303)
        lasting = int(SESSION.total_seconds())
        secure = request.url.scheme == "https"
        response.set_cookie(self._cookie, token, lasting, httponly=True, samesite="lax", secure=secure)
        return response

    async def _signed_out(self, request: Request) -> Response:
        if token := request.cookies.get(self._cookie):
            await self._doorkeeper.end(token)
        response = RedirectResponse(SIGN_IN, 303)
        response.delete_cookie(self._cookie, httponly=True, samesite="lax", secure=request.url.scheme == "https")
        return response

    async def _who(self, request: Request) -> Account | Refused | None:
        kind, _, rest = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "basic":
            return await self._doorkeeper.basic(rest.strip(), _address(request))
        token = request.cookies.get(self._cookie)
        return await self._doorkeeper.session(token) if token else None


def signed_in_owner(request: Request) -> str | None:
    """The owner whose chats a request may reach: the account that has passed the gate, or None."""
    account = request.scope.get(_ACCOUNT)
    return account.owner if isinstance(account, Account) else None


def _not_let_in(request: Request, who: Refused | None) -> Response:
    """To a person the page for signing in, which leads back; to a program a line."""
    if who is not None:
        response = _told(429 if who.wait else 401, who.reason)
        if who.wait:
            response.headers["Retry-After"] = str(who.wait)
    elif request.method in ("GET", "HEAD") and request.scope["path"] == "/":
        here = f"/?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"{SIGN_IN}?to={quote(here, safe='')}" if here else SIGN_IN, 303)
    else:
        response = _told(401, _WHO)
    if response.status_code == 401:
        # A name that browsers do not know: at "Basic" they would open a window of their own.
        response.headers["WWW-Authenticate"] = 'Pullquote realm="pullquote"'
    return response


def _told(status: int, reason: str) -> JSONResponse:
    return JSONResponse({"error": reason}, status)


def _is_own(request: Request) -> bool:
    """Whether a form comes from this very page: browsers say so, and the guard has refused every other origin."""
    return "origin" in request.headers or request.headers.get("sec-fetch-site") == "same-origin"


async def _form(request: Request) -> _Form | None:
    """What the form holds, or None when it is something else."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        return None
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            return None
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=10, errors="strict")
    except ValueError:
        return None
    return _Form(*(fields.get(name, [""])[0] for name in ("name", "password", "to")))


def _local(to: str) -> str:
    """Where to go after signing in: the page itself, at what its address names, and never another site."""
    return f"/?{quote(to[2:], safe='=&%+')}" if to.startswith("/?") else "/"


def _language(request: Request) -> str:
    return language_of(request.headers.get("accept-language"))


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _kept_private(send: Send) -> Send:
    """Replies that say nothing else of caching are kept by nobody: who comes after signing out must not find them."""

    async def send_private(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).setdefault("Cache-Control", "no-store")
        await send(message)

    return send_private
