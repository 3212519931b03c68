"""axe-core looks at every view of the page, in a real Chromium: light and dark, on a desktop and on a phone.

Every rule of WCAG 2.0, 2.1 and 2.2 at levels A and AA and of axe's best practices must hold. ``FORCED`` lists what
stands in Gradio's own parts and cannot be mended from here, with the reason; nothing else is let through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect
from test_page_quotes import KEEPER, LAMP, STEPS, WIRE, KnowingReader
from web_support import Served, Visit, serving, visiting, write_articles

from index import ArticleIndex, HashingEmbedder

pytestmark = pytest.mark.browser

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FORCED: dict[tuple[str, str], str] = {}
"""By the rule and a part of the place: why it cannot be mended here."""
DRAFT = "Holm said: “I would rather polish the lens than look at a phone.” And “The bridge is made of cheese today.”"


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with articles, near-duplicates among them."""
    place = tmp_path_factory.mktemp("shelf")
    folder = write_articles(place / "articles")
    (folder / "keeper.txt").write_text(KEEPER, "utf-8")
    for name in ("one", "two", "three"):
        (folder / f"{name}.txt").write_text(f"Paper {name}\n\n{WIRE} So says {name}.\n", "utf-8")
    with ArticleIndex.open(place / "index", embedder=HashingEmbedder()) as index:
        index.add(folder)
        with serving(index, folder, reader=KnowingReader()) as running:
            yield running


def violations(visit: Visit, view: str) -> list[str]:
    """What axe finds on the page as it is: all rules in light, and in dark those that colours can break."""
    body = visit.page.locator("body")
    visit.page.emulate_media(color_scheme="light")
    expect(body).not_to_have_class("dark")
    _settled(visit)
    found = _found(visit, {"runOnly": {"type": "tag", "values": RULES}}, f"{view}, light")
    visit.page.emulate_media(color_scheme="dark")
    expect(body).to_have_class("dark")
    _settled(visit)
    return found + _found(visit, {"runOnly": {"type": "rule", "values": ["color-contrast"]}}, f"{view}, dark")


def _settled(visit: Visit) -> None:
    """Waits for colours that are on their way to others, and for those that they bring about in turn."""
    visit.page.evaluate(
        """async () => {
            for (let under = document.getAnimations(); under.length; under = document.getAnimations())
                await Promise.all(under.map(one => one.finished.catch(() => null)));
        }"""
    )


def _found(visit: Visit, options: dict[str, Any], view: str) -> list[str]:
    results = Axe().run(visit.page, options={"resultTypes": ["violations"], **options}).response
    return [
        f"{view}: {rule['id']} at {place}: {node['failureSummary'].splitlines()[-1].strip()}"
        for rule in results["violations"]
        for node in rule["nodes"]
        if (place := " ".join(map(str, node["target"])))
        and not any(rule["id"] == known and part in place for known, part in FORCED)
    ]


def start(visit: Visit) -> None:
    expect(visit.page.locator("#pq-chat .pq-invitation")).to_be_visible()
    expect(visit.page.locator("#pq-header")).to_contain_text("articles")


def answer_with_its_proof(visit: Visit) -> None:
    visit.ask(STEPS)
    visit.page.locator("#pq-chat .pq-first .pq-open").click()
    expect(visit.page.locator("#pq-pane mark.pq-quoted")).to_be_visible()


def answer(visit: Visit) -> None:
    visit.page.locator("#pq-pane .pq-close").click()
    visit.page.locator("#pq-chat .pq-card details summary").first.click()
    visit.page.locator("#pq-chat .pq-actions summary").first.click()
    visit.page.get_by_role("button", name="Not right").first.click()
    expect(visit.page.locator("#pq-notice .pq-notice")).to_be_visible()
    visit.page.get_by_role("button", name="Keep", exact=True).first.click()
    expect(visit.page.locator("#pq-notice")).to_contain_text("Kept")


def no_answer(visit: Visit) -> None:
    visit.ask(LAMP, turns=2)
    expect(visit.page.locator("#pq-chat .pq-none")).to_be_visible()


def library(visit: Visit) -> None:
    _to(visit, "library")
    visit.page.locator("#pq-adding button").first.click()
    visit.page.locator(".pq-table tbody input").first.check()
    expect(visit.page.get_by_role("button", name="Ask only these (1)")).to_be_visible()


def draft(visit: Visit) -> None:
    _to(visit, "check")
    visit.page.locator("#pq-draft textarea").fill(DRAFT)
    visit.page.locator("#pq-check").click()
    expect(visit.page.locator("#pq-report .pq-verdict")).to_have_count(2)


def clippings(visit: Visit) -> None:
    _to(visit, "clippings")
    expect(visit.page.locator("#pq-clips .pq-card")).to_have_count(1)


def chats(visit: Visit) -> None:
    _open_sidebar(visit)
    visit.page.locator("#pq-chats .pq-sign").first.click()
    expect(visit.page.locator("#pq-name input, #pq-name textarea")).to_be_visible()


VIEWS: list[Callable[[Visit], None]] = [
    start,
    answer_with_its_proof,
    answer,
    no_answer,
    library,
    draft,
    clippings,
    chats,
]
"""In the order in which one visit goes through them."""


def _open_sidebar(visit: Visit) -> None:
    toggle = visit.page.locator(".sidebar .toggle-button")
    if toggle.is_visible() and not visit.page.locator(".sidebar.open").count():
        toggle.click()


def _to(visit: Visit, view: str) -> None:
    _open_sidebar(visit)
    visit.page.locator(f"#pq-to-{view}").click()
    expect(visit.page.locator("#pq-nav [aria-current=page]")).to_have_id(f"pq-to-{view}")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_on_any_view(browser: Browser, shelf: Served, size: dict[str, int]) -> None:
    found = []
    with visiting(browser, shelf, viewport=size, reduced_motion="reduce") as visit:
        for view in VIEWS:
            view(visit)
            found += violations(visit, view.__name__)
            width = visit.page.evaluate("document.documentElement.scrollWidth")
            assert width <= size["width"], f"{view.__name__} is {width} pixels wide"
    assert not found, "\n".join(found)


def test_axe_finds_nothing_in_an_empty_library_nor_where_the_writer_is_off(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULLQUOTE_WRITER_URL", "http://127.0.0.1:9/v1")  # nobody listens there
    monkeypatch.setenv("PULLQUOTE_WRITER_MODEL", "m")
    with (
        ArticleIndex.open(tmp_path / "empty", embedder=HashingEmbedder()) as index,
        serving(index, tmp_path, reader=KnowingReader()) as running,
        visiting(browser, running, reduced_motion="reduce") as visit,
    ):
        expect(visit.page.locator("#pq-chat")).to_contain_text("There are no articles here yet")
        found = violations(visit, "empty")
        _to(visit, "library")
        expect(visit.page.locator("#pq-library .pq-invitation")).to_be_visible()
        found += violations(visit, "empty library")
        _to(visit, "clippings")
        found += violations(visit, "no clippings")
        (tmp_path / "keeper.txt").write_text(KEEPER, "utf-8")
        index.add(tmp_path / "keeper.txt")
        _to(visit, "ask")
        visit.ask(STEPS)
        expect(visit.page.locator("#pq-chat .pq-written")).to_be_visible()
        found += violations(visit, "writer off")
    assert not found, "\n".join(found)


def test_whoever_wants_no_motion_gets_new_colours_at_once_in_the_whole_page(browser: Browser, shelf: Served) -> None:
    with visiting(browser, shelf, color_scheme="dark", reduced_motion="reduce") as visit:
        visit.ask(STEPS)
        expect(visit.page.locator("body")).to_have_class("dark")
        expect(visit.page.locator("#pq-chat .pq-card").first).to_be_visible()
        _settled(visit)
        before, after, under_way = visit.page.evaluate(
            """() => {
                const colours = () => [".pq-asked", ".pq-card"].map(
                    part => getComputedStyle(document.querySelector("#pq-chat " + part)).color);
                const before = colours();
                document.body.classList.remove("dark");
                return [before, colours(), document.getAnimations().length];
            }"""
        )
    assert all(new != old for new, old in zip(after, before, strict=True)), f"still {before}"
    assert not under_way
