"""What is seen before the parts of the page have come."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Browser, Locator, expect
from web_support import Served, visiting

from ui.words import LANGUAGES


@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_the_page_itself_invites_in_the_language_of_its_user(served: Served, code: str) -> None:
    def page(address: str) -> str:
        return httpx.get(f"{served.url}{address}", headers={"Accept-Language": code}).text

    first, _, _ = page("/").partition("<gradio-app")
    assert f'<div class="pq-big">{LANGUAGES[code]["big"]}</div>' in first
    assert 'id="pq-first"' not in page("/?view=library")  # which does not begin with the invitation


@pytest.mark.browser
@pytest.mark.parametrize(("width", "height"), [(1350, 940), (390, 800)])
def test_it_stands_where_it_stays_and_goes_when_the_page_is_there(
    browser: Browser, served: Served, width: int, height: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": height})
    page.route("**/assets/*.js", lambda route: route.abort())
    page.goto(served.url, wait_until="domcontentloaded")
    before = place(page.locator("#pq-first .pq-big"))
    page.close()
    with visiting(browser, served, viewport={"width": width, "height": height}) as visit:
        expect(visit.page.locator("#pq-first")).to_have_count(0)
        # The questions that are suggested come later, when some were found, and move it up by their height.
        visit.page.add_style_tag(content=".pq-follow { display: none !important; }")
        after = place(visit.page.locator("#pq-chat .pq-big"))
        assert abs(before["x"] - after["x"]) < 3
        assert abs(before["y"] - after["y"]) < 30


@pytest.mark.browser
def test_should_the_parts_never_come_it_does_not_hide_why(browser: Browser, served: Served) -> None:
    page = browser.new_page()
    page.route("**/assets/*.js", lambda route: route.abort())
    page.goto(served.url, wait_until="domcontentloaded")
    first = page.locator("#pq-first")
    expect(first).to_be_visible()
    first.evaluate("element => { for (const one of element.getAnimations()) one.finish(); }")
    expect(first).to_be_hidden()
    page.close()


def place(element: Locator) -> dict[str, float]:
    element.wait_for()
    found = element.bounding_box()
    assert found is not None
    return dict(found)
