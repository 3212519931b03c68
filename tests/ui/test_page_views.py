"""The page around the chat, in a real Chromium: proof, library, saved conversations, clippings, drafts, deep links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from test_page_quotes import KEEPER, LENS, STEPS, WIRE, KnowingReader
from web_support import Served, Visit, serving, visiting, write_articles

from index import ArticleIndex, HashingEmbedder

pytestmark = pytest.mark.browser
expect.set_options(timeout=20_000)  # a busy machine takes its time
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server whose articles a test leaves as they were."""
    place = tmp_path_factory.mktemp("library")
    folder = write_articles(place / "articles")
    (folder / "keeper.txt").write_text(KEEPER, "utf-8")
    for name in ("one", "two", "three"):
        (folder / f"{name}.txt").write_text(f"Paper {name}\n\n{WIRE} So says {name}.\n", "utf-8")
    with ArticleIndex.open(place / "index", embedder=HashingEmbedder()) as index:
        index.add(folder)
        with serving(index, folder, reader=KnowingReader()) as running:
            yield running


@pytest.fixture
def here(browser: Browser, library: Served) -> Iterator[Visit]:
    with visiting(browser, library) as opened:
        yield opened


def rows(page: Page) -> list[str]:
    return page.locator(".pq-table .pq-open").all_inner_texts()


def test_the_library_is_searched_sorted_and_read(here: Visit) -> None:
    page = here.page
    page.locator("#pq-to-library").click()
    expect(page.locator(".pq-table .pq-open")).to_have_count(8)
    page.locator("#pq-search input, #pq-search textarea").fill("lighthouse skagen")
    expect(page.locator(".pq-table .pq-open")).to_have_count(1)
    page.locator(".pq-table .pq-open").click()
    expect(page.locator("#pq-pane .pq-article")).to_contain_text("By the end of March the lamp of Skagen")
    page.locator("#pq-search input, #pq-search textarea").fill("no such article")
    expect(page.locator("#pq-library")).to_contain_text("No article matches")
    assert here.complaints == []


def test_an_article_is_removed_and_comes_back(here: Visit) -> None:
    page = here.page
    page.locator("#pq-to-library").click()
    page.locator(".pq-table tr", has_text="Wild Bees").locator(".pq-sign").click()
    expect(page.locator(".pq-table .pq-open")).to_have_count(7)
    assert here.served.index.counts()[0] == 7
    page.locator("#pq-notice").get_by_role("button", name="Undo").click()
    expect(page.locator(".pq-table .pq-open")).to_have_count(8)
    assert here.served.index.counts()[0] == 8


def test_a_question_can_be_limited_to_the_ticked_articles(here: Visit) -> None:
    page = here.page
    here.ask(STEPS)
    expect(page.locator("#pq-chat .pq-first")).to_have_count(1)
    page.locator("#pq-to-library").click()
    page.locator(".pq-table tr", has_text="Wild Bees").locator("input").check()
    page.get_by_role("button", name="Ask only these (1)").click()
    expect(page.locator("#pq-scope")).to_contain_text("Only: Wild Bees Return")
    here.ask(STEPS, turns=2)
    expect(page.locator("#pq-chat .pq-none")).to_have_count(1)
    page.locator("#pq-scope .pq-sign").click()
    expect(page.locator("#pq-scope .pq-chip")).to_have_count(0)
    here.ask(STEPS, turns=3)
    expect(page.locator("#pq-chat .pq-first")).to_have_count(2)


def test_files_are_added_and_each_failure_has_its_reason(here: Visit, tmp_path: Path) -> None:
    page = here.page
    good, bad = tmp_path / "new.txt", tmp_path / "empty.txt"
    good.write_text("The mill of Hals\n\nThe mill of Hals was bought by its miller, Ane Krogh, on Friday.\n", "utf-8")
    bad.write_bytes(b"")
    page.locator("#pq-to-library").click()
    page.locator("#pq-adding button").first.click()
    page.locator("#pq-files input[type=file]").set_input_files([good, bad])
    expect(page.locator("#pq-files")).to_contain_text("new")
    page.locator("#pq-add").click()
    expect(page.locator("#pq-progress")).to_contain_text("1 added, 1 failed")
    expect(page.locator("#pq-progress li").first).to_contain_text("empty.txt")
    expect(page.locator("#pq-library")).to_contain_text("The mill of Hals")
    kept = [article.source for article in here.served.index.articles() if article.title == "The mill of Hals"]
    assert Path(kept[0]).parent == here.served.index.folder / "uploads"
    here.served.index.remove(kept[0])


def test_an_empty_library_begins_with_the_examples(browser: Browser, tmp_path: Path) -> None:
    with (
        ArticleIndex.open(tmp_path / "empty", embedder=HashingEmbedder()) as index,
        serving(index, tmp_path, reader=KnowingReader()) as running,
        visiting(browser, running) as visit,
    ):
        expect(visit.page.locator("#pq-chat")).to_contain_text("There are no articles here yet")
        visit.page.locator("#pq-chat").get_by_role("button", name="Add the example articles").click()
        expect(visit.page.locator("#pq-header")).to_contain_text("8 articles")
        assert index.counts()[0] == 8


def test_a_conversation_is_there_after_the_browser_and_the_server_restart(browser: Browser, library: Served) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(library.url)
    visit = Visit(page, library, [], [])
    visit.ask(STEPS)
    name = page.locator("#pq-chats .pq-chat-name")
    expect(name).to_have_text(STEPS)
    expect(page).to_have_url(re.compile(r"\?chat=[\w-]+$"))
    kept = context.storage_state()
    address = page.url.removeprefix(library.url)
    context.close()
    with serving(library.index, library.sources, reader=KnowingReader()) as again:
        state = {"cookies": [], "origins": [{**kept["origins"][0], "origin": again.url}]}
        context = browser.new_context(storage_state=state)
        page = context.new_page()
        page.goto(again.url + address)
        expect(page.locator("#pq-chat .pq-first")).to_have_count(1)
        expect(page.locator("#pq-chats .pq-chat-name")).to_have_text(STEPS)
        context.close()
        other = browser.new_context()
        page = other.new_page()
        page.goto(again.url + address)
        expect(page.locator("#pq-notice")).to_contain_text("no such chat")
        expect(page.locator("#pq-chat .pq-first")).to_have_count(0)
        other.close()


def test_conversations_are_renamed_found_and_deleted(here: Visit) -> None:
    page = here.page
    here.ask(STEPS)
    page.locator("#pq-new").click()
    expect(page.locator("#pq-chat .pq-first")).to_have_count(0)
    here.ask(LENS)
    names = page.locator("#pq-chats .pq-chat-name")
    expect(names).to_have_count(2)
    page.get_by_role("button", name=f"Rename {LENS}").click()
    page.locator("#pq-name input, #pq-name textarea").fill("The lens")
    page.keyboard.press("Enter")
    expect(names.first).to_have_text("The lens")
    page.locator("#pq-find-chat input, #pq-find-chat textarea").fill("climb")
    expect(names).to_have_count(1)
    page.locator("#pq-find-chat input, #pq-find-chat textarea").fill("")
    expect(names).to_have_count(2)
    page.get_by_role("button", name="Delete The lens").click()
    expect(names).to_have_count(1)
    page.locator("#pq-notice").get_by_role("button", name="Undo").click()
    expect(names).to_have_count(2)


def test_a_quote_is_kept_and_liked(here: Visit) -> None:
    page = here.page
    here.ask(STEPS)
    card = page.locator("#pq-chat .pq-first")
    card.get_by_role("button", name="Not right").click()
    page.locator("#pq-notice").get_by_role("button", name="It does not answer the question").click()
    expect(page.locator("#pq-notice")).to_contain_text("noted on this machine")
    card.get_by_role("button", name="Keep", exact=True).click()
    expect(page.locator("#pq-notice")).to_contain_text("Kept under Clippings")
    page.locator("#pq-to-clippings").click()
    expect(page.locator("#pq-clips .pq-exact")).to_have_text("She climbs two hundred & ten steps every morning.")
    with page.expect_download() as download:
        page.locator("#pq-clips").get_by_role("button", name="Export as Markdown").click()
    assert "two hundred" in Path(download.value.path()).read_text("utf-8")


def test_an_answer_is_exported_edited_and_asked_again(here: Visit) -> None:
    page = here.page
    here.ask(STEPS)
    page.locator("#pq-chat .pq-actions summary").click()
    with page.expect_download() as download:
        page.locator("#pq-chat .pq-actions").get_by_role("button", name="JSON").click()
    assert download.value.suggested_filename == "pullquote.json"
    assert '"She climbs two hundred & ten steps every morning."' in Path(download.value.path()).read_text("utf-8")
    page.locator("#pq-chat .pq-actions").get_by_role("button", name="Edit the question").click()
    expect(page.locator("#pq-question textarea")).to_have_value(STEPS)
    page.locator("#pq-chat .pq-actions").get_by_role("button", name="Ask again").click()
    expect(page.locator("#pq-chat .pq-asked")).to_have_count(1)
    expect(page.locator("#pq-chat .pq-first")).to_have_count(1)


def test_the_keyboard_goes_from_quote_to_quote(here: Visit) -> None:
    page = here.page
    here.ask(STEPS)
    page.locator("#pq-chat .pq-first .pq-open").click()
    quoted = page.locator("#pq-pane mark.pq-quoted")
    expect(quoted).to_have_text("She climbs two hundred & ten steps every morning.")
    page.keyboard.press("n")
    expect(quoted).to_have_text("The steps were painted in May.")
    page.keyboard.press("k")
    expect(quoted).to_have_text("She climbs two hundred & ten steps every morning.")
    page.keyboard.press("/")
    expect(page.locator("#pq-question textarea")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#pq-pane mark")).to_have_count(0)


def test_a_link_opens_an_article_at_a_sentence(browser: Browser, library: Served) -> None:
    article = next(one for one in library.index.articles() if one.source.endswith("lighthouse.md"))
    start = article.text.index("The old lens, ground in Paris")
    with visiting(browser, library) as visit:
        visit.page.goto(f"{library.url}/?article={article.id}&start={start}&end={start + 12}")
        mark = visit.page.locator("#pq-pane mark")
        expect(mark).to_have_text("The old lens")
        expect(mark).to_be_in_viewport(ratio=0.9)


def test_a_draft_is_checked(here: Visit) -> None:
    page = here.page
    page.locator("#pq-to-check").click()
    draft = (
        "Holm said: “I would rather polish the lens than look at a phone.” And “The bridge is made of cheese today.”"
    )
    page.locator("#pq-draft textarea").fill(draft)
    page.locator("#pq-check").click()
    expect(page.locator("#pq-report .pq-verdict").first).to_have_text("Altered")
    expect(page.locator("#pq-report .pq-differs").first).to_contain_text("phone")
    expect(page.locator("#pq-report .pq-verdict").last).to_have_text("Not in your articles")


def test_the_phone_has_the_same_views(browser: Browser, library: Served) -> None:
    with visiting(browser, library, viewport=PHONE, color_scheme="dark") as visit:
        page = visit.page
        visit.ask(STEPS)
        page.locator("#pq-chat .pq-first .pq-open").click()
        mark = page.locator("#pq-pane mark.pq-quoted")
        expect(mark).to_be_in_viewport(ratio=0.95)
        page.locator("#pq-pane .pq-close").click()
        expect(page.locator("#pq-chat .pq-asked")).to_be_visible()
        page.locator(".sidebar .toggle-button").click()
        page.locator("#pq-to-library").click()
        expect(page.locator(".pq-table .pq-open").first).to_be_in_viewport()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
