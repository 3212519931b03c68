"""The gate before the page: what is shut, how one gets in and out, and that nobody sees what another one keeps."""

from __future__ import annotations

import base64
import http.client
import json
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import anyio
import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AuthenticationError
from starlette.routing import BaseRoute, Mount, Route
from web_support import Served, apart, make_index, serving

from index import HashingEmbedder
from qa import SentenceReader
from ui.accounts import hash_of
from ui.server import create_app
from ui.store import Store, store_path

ANNA, BO = ("anna", "four words of Anna"), ("bo", "vier Wörter von Bo")
QUESTION = "How many cars does the ferry Aurora carry?"
ASKED = "How many cars does the ferry Aurora carry&#63;"
"""The question as it stands in the page."""
SIGN_IN, SIGN_OUT = "/account/sign-in", "/account/sign-out"
OPEN_TO_ALL = {SIGN_IN, "/account/style.css"}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with two accounts."""
    folder = tmp_path_factory.mktemp("guarded")
    with make_index(folder, HashingEmbedder()) as index:
        with Store(store_path(index)) as store:
            for name, password in (ANNA, BO):
                store.accounts.add(name, hash_of(password))
        with serving(index, folder / "articles", auth=True, strictness="generous", reader=SentenceReader()) as running:
            yield running


@pytest.fixture
def store(guarded: Served) -> Iterator[Store]:
    with Store(store_path(guarded.index)) as opened:
        yield opened


@pytest.fixture
def client(guarded: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=guarded.url, trust_env=False) as opened:
        yield opened


def origin(client: httpx.Client) -> dict[str, str]:
    """What a browser says of where a form comes from."""
    return {"Origin": str(client.base_url).rstrip("/")}


def sign_in(client: httpx.Client, who: tuple[str, str], to: str = "") -> httpx.Response:
    form = {"name": who[0], "password": who[1], "to": to}
    return client.post(SIGN_IN, data=form, headers=origin(client))


def signed_in(guarded: Served, store: Store, name: str) -> httpx.Client:
    """A browser that holds the cookie of a session."""
    token = store.accounts.begin_session(store.accounts.get(name))
    return httpx.Client(base_url=guarded.url, trust_env=False, cookies={cookie(guarded): token or ""})


def cookie(guarded: Served) -> str:
    from ui.access import cookie_name

    return cookie_name(store_path(guarded.index))


# What is shut.


def paths(routes: list[BaseRoute]) -> Iterator[tuple[str, str]]:
    """Every method and path that the program and Gradio answer, with something put in for each parameter."""
    for route in routes:
        if isinstance(route, Mount):
            yield from paths(route.routes)
            yield "GET", f"{route.path}/anything"
        elif isinstance(route, Route):
            for method in route.methods or ():
                yield method, re.sub(r"\{[^}]*\}", "anything", route.path)
        else:  # FastAPI keeps a router that was included as one route
            yield from paths(route.original_router.routes)  # type: ignore[attr-defined]


def test_without_signing_in_every_route_is_shut(guarded: Served) -> None:
    app = create_app(guarded.index, auth=True)
    found = sorted(set(paths(app.routes)))
    known = {path for _, path in found}
    assert len(found) > 80
    assert {"/", "/config", "/api/v1/ask", "/gradio_api/queue/join", "/gradio_api/queue/data"} <= known
    assert {"/gradio_api/upload", "/gradio_api/file=anything", "/gradio_api/call/anything"} <= known
    extra = {("GET", path) for path in ("/docs", "/openapi.json", "/pullquote/page.js", "/pullquote/fonts", "/%2e")}

    async def statuses() -> dict[tuple[str, str], tuple[int, str]]:
        replies = {}
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as asking:
            for method, path in [*found, *extra]:
                body = {"json": {}} if method == "POST" else {}
                reply = await asking.request(method, path, **body)
                replies[method, path] = reply.status_code, reply.headers.get("location", "")
        return replies

    shut = apart(anyio.run, statuses)
    fonts = [key for key in shut if key[1].startswith("/pullquote/fonts/")]
    assert fonts
    for key, (status, location) in shut.items():
        if key[1] == "/":
            assert (status, location) == (303, SIGN_IN)
        elif key in fonts:
            assert status == 404  # anybody may fetch typefaces; this is none
        else:
            # Those of Gradio that the page does not need are shut for all.
            assert status == 401 or (status == 404 and key[1].startswith("/gradio_api/")), key


def test_a_guess_at_a_session_is_worth_nothing(guarded: Served) -> None:
    for guess in ("", "x", "x" * 5000, "' OR 1=1 --", "%00"):
        headers = {"Cookie": f"{cookie(guarded)}={guess}"}
        assert httpx.get(f"{guarded.url}/api/v1/status", headers=headers, trust_env=False).status_code == 401


def test_an_upload_needs_a_session_and_has_bounds(guarded: Served, store: Store, client: httpx.Client) -> None:
    files = {"files": ("a.txt", b"text")}
    assert client.post("/gradio_api/upload", files=files).status_code == 401
    with signed_in(guarded, store, "anna") as anna:
        assert anna.post("/gradio_api/upload", files=files).status_code == 200
        assert anna.post("/gradio_api/upload", content=iter([b"x"])).status_code == 411
        session = f"{cookie(guarded)}={anna.cookies[cookie(guarded)]}"
    for path, most in (("/gradio_api/upload", 500_000_000), ("/gradio_api/queue/join", 10_000_000)):
        # Refused before anything of it is sent.
        asking = http.client.HTTPConnection(urlsplit(guarded.url).netloc, timeout=10)
        with closing(asking):
            asking.request("POST", path, headers={"Cookie": session, "Content-Length": str(most + 1)})
            assert asking.getresponse().status == 413


def test_files_of_the_server_are_neither_shown_nor_taken(guarded: Served, store: Store) -> None:
    catalog, article = guarded.index.folder / "catalog.sqlite", guarded.sources / "bridge.txt"
    assert catalog.exists()
    with signed_in(guarded, store, "anna") as anna:
        for path in (
            catalog,
            store.path,
            article,
            "/etc/hostname",
            guarded.index.folder / ".." / "articles" / "bees.txt",
        ):
            reply = anna.get(f"/gradio_api/file={path}")
            assert reply.status_code in (403, 404)
            dropped = [{"path": str(path), "orig_name": "a.txt", "meta": {"_type": "gradio.FileData"}}]
            told = press(anna, "pq-add", "click", dropped, "", session="dropping")[-1]
            assert told["msg"] == "process_completed"
            assert not told["success"]
    assert not (guarded.index.folder / "uploads").exists()


# In and out.


def test_the_page_for_signing_in_is_complete_and_needs_nothing_from_elsewhere(client: httpx.Client) -> None:
    page = client.get(SIGN_IN)
    assert page.status_code == 200
    assert "<script" not in page.text
    assert set(re.findall(r'(?:href|src)="([^"]*)"', page.text)) == {"data:,", "/account/style.css"}
    for name in ("name", "password"):
        assert f'<label for="{name}">' in page.text
    style = client.get("/account/style.css")
    assert "url(http" not in style.text
    typeface = re.search(r'url\("(/pullquote/fonts/[^"]+)"\)', style.text)
    assert typeface
    assert client.get(typeface[1]).status_code == 200
    for reply in (page, style, client.get("/")):
        assert "frame-ancestors 'none'" in reply.headers["Content-Security-Policy"]
        assert reply.headers["X-Content-Type-Options"] == "nosniff"


def test_signing_in_and_out(client: httpx.Client) -> None:
    link = client.get("/?chat=abc&x=%3Cb%3E")
    assert (link.status_code, link.headers["location"]) == (303, f"{SIGN_IN}?to=%2F%3Fchat%3Dabc%26x%3D%253Cb%253E")
    assert 'value="/?chat=abc&amp;x=%3Cb%3E"' in client.get(link.headers["location"]).text
    entered = sign_in(client, ANNA, "/?chat=abc&x=%3Cb%3E")
    assert (entered.status_code, entered.headers["location"]) == (303, "/?chat=abc&x=%3Cb%3E")
    stated = entered.headers["set-cookie"].lower()
    assert "httponly" in stated
    assert "samesite=lax" in stated
    assert "max-age=1209600" in stated
    assert "secure" not in stated  # it came without HTTPS
    assert client.get("/").status_code == 200
    assert client.get("/").headers["cache-control"] == "no-store"
    assert client.get("/api/v1/status").status_code == 200
    assert client.get(SIGN_IN).headers["location"] == "/"
    held = dict(client.cookies)
    left = client.post(SIGN_OUT, headers=origin(client))
    assert (left.status_code, left.headers["location"]) == (303, SIGN_IN)
    assert dict(client.cookies) == {}
    assert client.get("/").status_code == 303
    client.cookies.update(held)  # whoever has copied the cookie has nothing
    assert client.get("/api/v1/status").status_code == 401


def test_behind_https_the_cookie_is_secure(client: httpx.Client) -> None:
    client.headers["X-Forwarded-Proto"] = "https"
    assert "secure" in sign_in(client, ANNA).headers["set-cookie"].lower()


@pytest.mark.parametrize(
    "to", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/x"]
)
def test_signing_in_leads_nowhere_else(guarded: Served, store: Store, to: str) -> None:
    with signed_in(guarded, store, "anna") as anna:
        assert anna.get(SIGN_IN, params={"to": to}).headers["location"] == "/"
        assert anna.get(SIGN_IN, params={"to": f"/?{to}\r\nX: y"}).headers["location"].startswith("/?")


def test_a_wrong_password_is_said_kindly_and_equally(client: httpx.Client) -> None:
    for who in (("anna", "a wrong password"), ('<b a="', "a wrong password")):
        reply = sign_in(client, who)
        assert reply.status_code == 401
        assert "The name or the password is wrong." in reply.text
        assert "<b " not in reply.text
        assert "set-cookie" not in reply.headers


def test_forms_of_other_pages_neither_sign_in_nor_out(guarded: Served, store: Store, client: httpx.Client) -> None:
    form = {"name": ANNA[0], "password": ANNA[1]}
    for headers in ({}, {"Origin": "null"}, {"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        reply = client.post(SIGN_IN, data=form, headers=headers)
        assert reply.status_code == 403
        assert "set-cookie" not in reply.headers
        with signed_in(guarded, store, "anna") as anna:
            assert anna.post(SIGN_OUT, headers=headers).status_code == 403
            assert anna.get(SIGN_OUT).status_code == 405
            assert anna.get("/api/v1/status").status_code == 200


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"name=anna&password=%FF%FE", "application/x-www-form-urlencoded"),
        (b"&".join(b"a=%d" % number for number in range(99)), "application/x-www-form-urlencoded"),
        (b"name=" + b"x" * 20_000, "application/x-www-form-urlencoded"),
        (b'{"name": "anna"}', "application/json"),
        (b"\xff", "application/x-www-form-urlencoded"),
    ],
)
def test_what_is_no_form_is_refused(client: httpx.Client, content: bytes, kind: str) -> None:
    reply = client.post(SIGN_IN, content=content, headers={**origin(client), "Content-Type": kind})
    assert reply.status_code == 400


def test_a_session_that_has_expired_or_lost_its_password_is_over(guarded: Served, store: Store) -> None:
    account = store.accounts.add("carla", hash_of("four words of Carla"))
    over = store.accounts.begin_session(account, timedelta(seconds=-1)) or ""
    headers = {"Cookie": f"{cookie(guarded)}={over}"}
    assert httpx.get(f"{guarded.url}/config", headers=headers, trust_env=False).status_code == 401
    with signed_in(guarded, store, "carla") as carla:
        assert carla.get("/config").status_code == 200
        store.accounts.set_password("carla", hash_of("other words of Carla"))
        assert carla.get("/config").status_code == 401
    with signed_in(guarded, store, "carla") as carla:
        assert carla.get("/config").status_code == 200
        store.accounts.remove("carla")
        assert carla.get("/config").status_code == 401


# Programs.


def test_programs_send_name_and_password(guarded: Served, client: httpx.Client) -> None:
    asked: dict[str, Any] = {"json": {"question": QUESTION}}
    assert client.post("/api/v1/ask", **asked).status_code == 401
    told = client.post("/api/v1/ask", **asked)
    assert "HTTP Basic" in told.json()["error"]
    assert "Basic" not in told.headers["www-authenticate"]  # at which browsers open a window of their own
    reply = client.post("/api/v1/ask", **asked, auth=(BO[0], BO[1].encode()))  # type: ignore[arg-type]
    assert reply.status_code == 200
    assert "two hundred cars" in reply.text
    assert client.get("/api/v1/openapi.json", auth=BO).status_code == 200
    assert client.get("/api/v1/status", auth=("bo", "a wrong password")).status_code == 401


def test_gradios_own_client_does_too(guarded: Served) -> None:
    with pytest.raises(AuthenticationError):
        Client(guarded.url, verbose=False)
    sent = {"Authorization": f"Basic {base64.b64encode(':'.join(BO).encode()).decode()}"}
    asking = Client(guarded.url, verbose=False, headers=sent)
    assert "two hundred cars" in json.dumps(asking.predict(QUESTION, api_name="/ask"))


# Whose is what.


def press(client: httpx.Client, part: str, event: str, *values: Any, session: str) -> list[dict[str, Any]]:
    """Does on the page what a browser does, and gives what comes back, message by message.

    Args:
        client: a browser.
        part: the name of a part of the page.
        event: what happens to it.
        values: of its first inputs; the browser's own name comes after them, where the page wants to know it.
        session: names the page in this browser.
    """
    config = client.get("/config").json()
    numbers = {one["props"].get("elem_id"): one["id"] for one in config["components"]}
    called = next(one for one in config["dependencies"] if [numbers[part], event] in one["targets"])
    data = [*values, *[None] * (len(called["inputs"]) - len(values))]
    body = {"data": data, "fn_index": called["id"], "session_hash": session, "trigger_id": None, "event_data": None}
    assert client.post("/gradio_api/queue/join", json=body).status_code == 200
    messages = []
    with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}, timeout=60) as stream:
        for line in stream.iter_lines():
            if line.startswith("data:"):
                messages.append(json.loads(line[5:]))
                if messages[-1]["msg"] in ("process_completed", "close_stream"):
                    break
    return messages


def test_two_people_do_not_see_each_others_conversations(guarded: Served, store: Store) -> None:
    with signed_in(guarded, store, "anna") as anna, signed_in(guarded, store, "bo") as bo:
        press(anna, "pq-question", "submit", QUESTION, session="annaspage")
        (chat,) = store.chats.list(store.accounts.get("anna").owner)
        assert chat.name == QUESTION
        assert store.chats.list(store.accounts.get("bo").owner) == ()
        assert ASKED in json.dumps(press(anna, "pq-find-chat", "change", "ferry", session="annasother"))
        # Whatever he says is his name.
        for claimed in (None, store.accounts.get("anna").owner, "anna"):
            found = press(bo, "pq-find-chat", "change", "ferry", claimed, session="bospage")
            assert ASKED not in json.dumps(found)
            assert "No conversation holds these words" in json.dumps(found)
            opened = press(bo, "pq-command", "change", f"chat:{chat.id}#1", claimed, session="bospage")
            assert "there is no such chat" in json.dumps(opened).lower()
        # And even when he knows what names her page.
        export = ("pq-command", "change", "export:0.markdown#2")
        assert ASKED not in json.dumps(press(bo, *export, session="annaspage"))
        assert ASKED in json.dumps(press(anna, *export, session="annaspage"))


def test_without_accounts_nobody_can_pass_for_one(guarded: Served, store: Store) -> None:
    with (
        serving(guarded.index, guarded.sources, reader=SentenceReader()) as unguarded,
        httpx.Client(base_url=unguarded.url, trust_env=False) as anybody,
    ):
        owner = store.accounts.get("anna").owner
        store.chats.start(owner, "The price of tickets")
        store.chats.start("a browser", "The price of tickets")
        search = ("pq-find-chat", "change", "tickets")
        assert "The price of tickets" not in json.dumps(press(anybody, *search, owner, session="page"))
        assert "The price of tickets" in json.dumps(press(anybody, *search, "a browser", session="page"))
