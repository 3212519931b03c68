"""The page in other languages than English, in a real Chromium whose user reads them."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, expect
from test_page_quotes import KEEPER, LAMP, LENS, ROOF, STEPS, WIRE, KnowingReader
from web_support import Served, serving, visiting

from index import ArticleIndex, HashingEmbedder

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server whose reader knows the answers."""
    place = tmp_path_factory.mktemp("told")
    folder = place / "articles"
    folder.mkdir()
    (folder / "keeper.txt").write_text(KEEPER, "utf-8")
    for name in ("one", "two", "three"):
        (folder / f"{name}.txt").write_text(f"Paper {name}\n\n{WIRE} So says {name}.\n", "utf-8")
    with ArticleIndex.open(place / "index", embedder=HashingEmbedder()) as index:
        index.add(folder)
        with serving(index, folder, reader=KnowingReader()) as running:
            yield running


def test_who_reads_german_gets_the_page_in_german(browser: Browser, told: Served) -> None:
    with visiting(browser, told, locale="de-AT") as visit:
        page = visit.page
        assert page.locator("html").get_attribute("lang") == "de"
        expect(page.locator("#pq-question textarea")).to_have_attribute("placeholder", "Fragen Sie Ihre Artikel …")
        expect(page.locator("#pq-question .submit-button")).to_have_text("Fragen")
        expect(page.locator("#pq-chat .pq-big")).to_have_text("Was möchten Sie wissen?")
        expect(page.locator("#pq-header")).to_contain_text("4 Artikel")
        expect(page.locator("#pq-strictness")).to_contain_text("Großzügig")
        expect(page.locator("#pq-pane")).to_contain_text("Wählen Sie ein Zitat")
        visit.ask(LENS)
        card = page.locator("#pq-chat .pq-first")
        expect(card.locator(".pq-exact")).to_have_text(WIRE)
        details = card.locator(".pq-details")
        expect(details).to_contain_text("Verlässlichkeit hoch")
        expect(details).to_contain_text("auch in 2 weiteren Artikeln")
        expect(card.locator(".pq-tools button")).to_have_text(["Merken", "Richtig", "Nicht richtig"])
        visit.ask(LAMP, turns=2)
        unsure = page.locator("#pq-chat .pq-none").inner_text()
        assert unsure.startswith("Nicht sicher in Ihren Artikeln. ")
        assert unsure.endswith("Zeigen")
        visit.ask(ROOF, turns=3)
        assert page.locator("#pq-chat .pq-none").last.inner_text().startswith("Nicht in Ihren Artikeln. ")
        assert "Related" not in page.locator("#pq-chat").inner_text()
        page.locator("#pq-to-library").click()
        expect(page.locator("#pq-library-view h2").first).to_have_text("Bibliothek")
        expect(page.locator("#pq-order input")).to_have_value("Neueste")
        expect(page.locator("#pq-library th").nth(1)).to_have_text("Titel")
        page.locator("#pq-order input").click()
        page.get_by_role("option", name="Zuletzt hinzugefügt").click()
        expect(page.locator(".pq-table .pq-open")).to_have_count(4)
        assert page.locator("html").get_attribute("lang") == "de"
        assert visit.complaints == []


@pytest.mark.parametrize(("locale", "lang", "asking"), [("fr-CA", "fr", "Questions"), ("it-IT", "en", "Ask")])
def test_who_reads_another_language_gets_it_or_english(
    browser: Browser, told: Served, locale: str, lang: str, asking: str
) -> None:
    with visiting(browser, told, locale=locale) as visit:
        expect(visit.page.locator("#pq-to-ask")).to_have_text(asking)
        visit.ask(STEPS)
        assert visit.page.locator("html").get_attribute("lang") == lang
        kept = {"fr": "Garder", "en": "Keep"}[lang]
        expect(visit.page.locator("#pq-chat .pq-first .pq-tools button").first).to_have_text(kept)


def test_two_languages_at_once_do_not_mix(browser: Browser, told: Served) -> None:
    with visiting(browser, told, locale="es-ES") as one, visiting(browser, told, locale="en-GB") as other:
        one.ask(STEPS)
        other.ask(STEPS)
        expect(one.page.locator("#pq-chat .pq-first .pq-tools button").first).to_have_text("Guardar")
        expect(other.page.locator("#pq-chat .pq-first .pq-tools button").first).to_have_text("Keep")


def test_programs_are_answered_in_english(told: Served) -> None:
    german = {"Accept-Language": "de"}
    answer = httpx.post(f"{told.url}/api/v1/ask", json={"question": LAMP}, headers=german).json()
    assert answer["text"].startswith("Not surely in your articles.")
    assert httpx.get(told.url, headers=german).text.lstrip().startswith("<!doctype html>")
    page = httpx.get(told.url, headers=german)
    assert 'lang="de"' in page.text
    assert "Accept-Language" in page.headers["vary"]
