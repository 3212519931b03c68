"""Pictures of the page on the example articles, with the real model, in a real Chromium.

    python -m benchmarks.screenshots [--out docs/screenshots]

Needs Chromium, the ``test`` extra (Playwright), and a font with emoji, which one of the examples has in its title
(Debian: ``fonts-noto-color-emoji``).
"""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import TimeoutError as LateError

from .page import chromium, served_examples

OUT = Path(__file__).parents[1] / "docs" / "screenshots"
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
VOTES = "How many votes does each member have?"
FESTIVAL = "What does the festival remember?"
TOWER = "How tall is the Eiffel Tower?"
DRAFT = (
    "The festival remembers “the winter of 1944, when the people of the town put lamps in their windows”. Every "
    "member, however rich, “has one vote, however many shares they hold.”"
)


@contextlib.contextmanager
def _page(browser: Browser, url: str, size: dict[str, int], scheme: str) -> Iterator[Page]:
    phone = size is PHONE
    context = browser.new_context(
        viewport=size, color_scheme=scheme, reduced_motion="reduce", device_scale_factor=2 if phone else 1
    )
    page = context.new_page()
    page.goto(url)
    page.locator("#pq-question textarea").wait_for()
    yield page
    context.close()


def _ask(page: Page, question: str, turns: int = 1) -> None:
    page.locator("#pq-question textarea").fill(question)
    page.keyboard.press("Enter")
    page.locator("#pq-chat").locator(".pq-first, .pq-none").nth(turns - 1).wait_for()
    with contextlib.suppress(LateError):  # not every answer leads to another question
        page.locator("#pq-chat .pq-follow").wait_for(timeout=6000)
    page.wait_for_timeout(1200)  # the answer comes to rest


def _anew(page: Page) -> None:
    page.locator("#pq-new").click()
    page.locator("#pq-chat .pq-asked").first.wait_for(state="detached")


def _prove(page: Page) -> None:
    page.locator("#pq-chat .pq-first .pq-open").last.click()
    page.locator("#pq-pane mark.pq-quoted").wait_for()
    page.wait_for_timeout(500)


def _show(page: Page, view: str) -> None:
    toggle = page.locator(".sidebar:not(.open) .toggle-button")
    if toggle.is_visible():
        toggle.click()
    page.locator(f"#pq-to-{view}").click()
    page.wait_for_timeout(800)


def take(browser: Browser, url: str, out: Path) -> None:
    """Takes all pictures, each under the name of what it shows."""

    def picture(page: Page, name: str) -> None:
        page.mouse.move(0, 0)
        page.screenshot(path=out / f"{name}.png")
        print(out / f"{name}.png")

    for scheme, suffix in (("light", ""), ("dark", "-dark")):
        with _page(browser, url, DESKTOP, scheme) as page:
            _ask(page, VOTES)
            picture(page, f"ask{suffix}")
            _anew(page)
            _ask(page, FESTIVAL)
            _prove(page)
            picture(page, f"proof{suffix}")
            _anew(page)
            _ask(page, TOWER)
            picture(page, f"not-answered{suffix}")
            _show(page, "library")
            page.locator(".pq-table .pq-open").first.wait_for()
            picture(page, f"library{suffix}")
            _show(page, "check")
            page.locator("#pq-draft textarea").fill(DRAFT)
            page.locator("#pq-check").click()
            page.locator("#pq-report .pq-verdict").first.wait_for()
            picture(page, f"check{suffix}")
        with _page(browser, url, PHONE, scheme) as page:
            _ask(page, FESTIVAL)
            picture(page, f"phone{suffix}")


def main() -> None:
    """Takes the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=OUT)
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    with served_examples() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--headless"])
        take(browser, url, out)
        browser.close()


if __name__ == "__main__":
    main()
