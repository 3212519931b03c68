"""What the guard refuses before the page and the API hear of it, and what it lets through."""

from __future__ import annotations

import anyio
import httpx
import pytest
from starlette.responses import PlainTextResponse
from web_support import apart

from index import PullquoteError
from ui.guard import LARGEST_REQUEST, LARGEST_UPLOAD, Guard, checked_names

behind = PlainTextResponse("let through", headers={"Referrer-Policy": "same-origin"})


def reply(guard: Guard, path: str = "/config", method: str = "GET", **headers: str) -> httpx.Response:
    """What comes back; the names of headers are written with underscores."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}

    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(guard)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:7860") as client:
            return await client.request(method, path, headers=sent)

    return apart(anyio.run, asked)


@pytest.mark.parametrize(
    ("host", "names", "accepted", "refused"),
    [
        ("127.0.0.1", (), ["127.0.0.1:7860", "localhost", "[::1]:1"], ["192.0.2.1", "evil.example", "0.0.0.0"]),
        ("192.0.2.1", (), ["192.0.2.1:7860", "localhost"], ["192.0.2.2", "evil.example"]),
        ("0.0.0.0", (), ["192.0.2.1:7860", "[2001:db8::1]"], ["evil.example", "192.0.2.1.evil.example", "a@192.0.2.1"]),
        (
            "127.0.0.1",
            ("Quotes.example.org", "[2001:db8::1]"),
            ["quotes.example.org:443", "[2001:DB8::1]"],
            ["example.org"],
        ),
    ],
)
def test_only_known_hosts_are_answered(
    host: str, names: tuple[str, ...], accepted: list[str], refused: list[str]
) -> None:
    guard = Guard(behind, host, names)
    assert [reply(guard, Host=name).status_code for name in accepted] == [200] * len(accepted)
    assert [reply(guard, Host=name).status_code for name in refused] == [400] * len(refused)


def test_names_are_checked() -> None:
    assert checked_names(["quotes.example.org", "2001:db8::1"]) == ("quotes.example.org", "[2001:db8::1]")
    for name in ("", "*", "a:1", "https://a.example", "a b", "-a", "a/b"):
        with pytest.raises(PullquoteError, match="is not the name of a machine"):
            checked_names([name])


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "DELETE"])
@pytest.mark.parametrize("origin", ["null", "http://evil.example", "http://[", "http://127.0.0.1:7861", "file://"])
def test_other_origins_are_refused_and_never_allowed(method: str, origin: str) -> None:
    refused = reply(Guard(behind), method=method, Origin=origin, Access_Control_Request_Method="POST")
    assert refused.status_code == 403
    assert not [name for name in refused.headers if name.lower().startswith("access-control")]


def test_what_browsers_say_of_a_request_counts() -> None:
    def status(site: str, mode: str) -> int:
        return reply(Guard(behind), Sec_Fetch_Site=site, Sec_Fetch_Mode=mode).status_code

    assert status("cross-site", "no-cors") == status("same-site", "cors") == 403
    # A link leads here, or somebody types the address; our own page asks.
    assert status("cross-site", "navigate") == status("none", "navigate") == status("same-origin", "cors") == 200


@pytest.mark.parametrize(
    "path",
    [
        "proxy=https://example.org/",
        "file=https://example.org/",
        "file=HTTP://example.org/",
        "file=https%3A//example.org/",
        "process_recording",
        "component_server",
        "deep_link",
        "vibe-edit",
        "run-history/connect",
        "stream/1",
        "mcp/",
        "",
    ],
)
def test_gradios_other_routes_are_shut(path: str) -> None:
    assert reply(Guard(behind), f"/gradio_api/{path}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "info",
        "queue/data",
        "queue/join",
        "run/ask",
        "call/ask",
        "call/ask/1",
        "upload",
        "heartbeat/a",
        "file=/tmp/a.txt",
    ],
)
def test_what_the_page_needs_of_gradio_is_open(path: str) -> None:
    assert reply(Guard(behind), f"/gradio_api/{path}").status_code == 200


def test_uploads_and_requests_have_bounds() -> None:
    def status(path: str, length: str, **headers: str) -> int:
        return reply(Guard(behind), path, "POST", Content_Length=length, **headers).status_code

    for path, most in (("/gradio_api/upload", LARGEST_UPLOAD), ("/gradio_api/queue/join", LARGEST_REQUEST)):
        assert status(path, str(most)) == 200
        assert status(path, str(most + 1)) == status(path, "9" * 5000) == status(path, "-1") == 413
        # Of two lengths the server would believe the one that is none.
        assert status(path, "1", Transfer_Encoding="chunked") == 411
    assert reply(Guard(behind, uploads=False), "/gradio_api/upload", "POST").status_code == 403
    assert reply(Guard(behind, uploads=False), "/gradio_api/upload/", "POST").status_code == 403


def test_replies_say_what_the_browser_may_do() -> None:
    headers = reply(Guard(behind)).headers
    assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Referrer-Policy"] == "same-origin"  # what a page has chosen for itself stays
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["script-src"] == policy["connect-src"] == "'self'"
    assert policy["object-src"] == policy["frame-src"] == policy["frame-ancestors"] == "'none'"
