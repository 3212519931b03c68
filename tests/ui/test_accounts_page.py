"""Signing in, asking and signing out, as a person with a keyboard does it in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from web_support import Served, make_index, serving

from index import HashingEmbedder
from qa import SentenceReader
from ui.accounts import hash_of
from ui.store import Store, store_path

QUESTION = "How many cars does the ferry Aurora carry?"


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_sign_in_ask_and_sign_out(tmp_path: Path, browser: Browser, scheme: str, width: int) -> None:
    with make_index(tmp_path, HashingEmbedder()) as index:
        with Store(store_path(index)) as store:
            store.accounts.add("anna", hash_of("four words of Anna"))
        with serving(index, tmp_path / "articles", auth=True, reader=SentenceReader()) as served:
            _visit(browser, served, scheme, width)


def _visit(browser: Browser, served: Served, scheme: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 740}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(30_000)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{served.url}/?view=ask")
    # The page waits for the name; nothing but the keyboard is needed.
    expect(page.get_by_label("Name")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.fonts.load('16px Inter').then(found => found.length)") > 0
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(23, 22, 20)") is (scheme == "dark")
    page.keyboard.type("Anna")
    page.keyboard.press("Tab")
    page.keyboard.type("not her password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("The name or the password is wrong.")
    expect(page.get_by_label("Password")).to_be_focused()
    assert [line for line in complaints if "401" not in line] == []
    complaints.clear()
    page.keyboard.type("four words of Anna")
    page.keyboard.press("Enter")
    # It leads on to what was asked for at first.
    page.wait_for_url("**/?view=ask")
    page.locator("#pq-question textarea").fill(QUESTION)
    page.keyboard.press("Enter")
    page.locator("#pq-chat").locator(".pq-first, .pq-none").first.wait_for()
    if width < 860:
        page.locator("#pq-side .toggle-button").click()
    line = page.locator("#pq-account")
    expect(line).to_contain_text("Signed in as anna")
    expect(page.locator("#pq-chats")).to_contain_text(QUESTION)
    assert complaints == []
    line.get_by_role("button", name="Sign out").press("Enter")
    page.wait_for_url("**/account/sign-in")
    page.go_back()
    expect(page.get_by_label("Name")).to_be_visible()  # nothing of the page is left to see
    with Store(store_path(served.index)) as store:
        assert [chat.name for chat in store.chats.list(store.accounts.get("anna").owner)] == [QUESTION]
    context.close()
