"""The web page in a real Chromium, on a real server with the real model."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, expect
from web_support import BEES, INJECTION, LIGHTHOUSE, Served, Visit, visiting

pytestmark = [pytest.mark.browser, pytest.mark.model]

POLISH = "What would Holm rather polish than look at a screen?"
POLISHED = "“I would rather polish the lens than look at a screen,” Holm said."
MUSEUM = "Which museum gets the old lens that was ground in Paris in 1858?"
MUSEUM_ANSWER = (
    "The old lens, ground in Paris in 1858, goes to the museum in Aalborg, where visitors can see it from June."
)
NOT_THERE = "How tall is the Eiffel Tower?"


def exact(element: Locator) -> str:
    """The text of an element as it stands in the document, white space and all."""
    return element.evaluate("element => element.textContent")


def test_the_answer_is_a_sentence_of_an_article(visit: Visit) -> None:
    visit.ask(POLISH)
    first = visit.page.locator("#pq-chat .pq-first")
    assert exact(first.locator(".pq-exact")) == POLISHED
    assert exact(first.locator(".pq-words-of")) == f"“{POLISHED}”"
    expect(first.locator(".pq-open")).to_have_text("The Lighthouse of Skagen Keeps Its Keeper")
    details = first.locator(".pq-details").inner_text()
    assert re.fullmatch(r"lighthouse\.md · confidence \w+ \(\d+%\)", details)
    quotes = visit.page.locator("#pq-chat .pq-exact")
    assert 1 <= quotes.count() <= 3
    for position in range(quotes.count()):
        assert exact(quotes.nth(position)) in "".join(article.text for article in visit.served.index.articles())
    assert visit.complaints == []


def test_a_click_shows_the_article_with_the_sentence_in_view(visit: Visit) -> None:
    visit.ask(MUSEUM)
    first = visit.page.locator("#pq-chat .pq-first")
    assert exact(first.locator(".pq-exact")) == MUSEUM_ANSWER
    first.locator(".pq-exact").click()
    mark = visit.page.locator("#pq-pane mark.pq-quoted")
    mark.wait_for()
    assert mark.count() == 1
    assert exact(mark) == MUSEUM_ANSWER
    expect(mark).to_be_in_viewport(ratio=0.95)
    shown = exact(visit.page.locator("#pq-pane .pq-text"))
    stored = next(article.text for article in visit.served.index.articles() if article.source.endswith("lighthouse.md"))
    assert "".join(shown.split()) == "".join(stored.split())
    expect(
        visit.page.locator("#pq-pane .pq-text p").first
    ).not_to_be_in_viewport()  # it is a long article: the page has scrolled


def test_the_keyboard_reaches_every_quote(visit: Visit) -> None:
    visit.ask("Which bees were counted in the railway yard of Basel?")
    first = exact(visit.page.locator("#pq-chat .pq-exact").first)
    visit.page.locator("#pq-chat .pq-open").first.focus()
    visit.page.keyboard.press("Enter")
    mark = visit.page.locator("#pq-pane mark.pq-quoted")
    mark.wait_for()
    assert exact(mark) == first
    for _ in range(20):  # backwards from the box, as a person would come
        visit.page.keyboard.press("Tab")
        if "pq-open" in visit.page.evaluate("document.activeElement.className"):
            break
    assert "pq-open" in visit.page.evaluate("document.activeElement.className")
    second = exact(visit.page.locator("#pq-chat .pq-exact").nth(1))
    visit.page.keyboard.press("Space")
    expect(visit.page.locator("#pq-pane mark.pq-quoted")).to_have_text(second)


def test_the_same_quote_scrolls_back_into_view(visit: Visit) -> None:
    visit.ask(MUSEUM)
    quote = visit.page.locator("#pq-chat .pq-first .pq-open")
    quote.click()
    mark = visit.page.locator("#pq-pane mark.pq-quoted")
    mark.wait_for()
    visit.page.locator("#pq-right").evaluate("element => element.scrollTo(0, 0)")
    expect(mark).not_to_be_in_viewport()
    quote.click()
    expect(mark).to_be_in_viewport(ratio=0.95)


def test_other_quotes_of_the_answer_are_marked_lighter(visit: Visit) -> None:
    visit.ask("Tell me about the lamp of Skagen")
    visit.page.locator("#pq-chat .pq-first .pq-open").click()
    visit.page.locator("#pq-pane mark.pq-quoted").wait_for()
    cards = visit.page.locator("#pq-chat .pq-card", has_text="lighthouse.md").locator(".pq-exact")
    quoted = [exact(cards.nth(position)) for position in range(cards.count())]
    lighter = visit.page.locator("#pq-pane mark.pq-also")
    found = [exact(lighter.nth(position)) for position in range(lighter.count())]
    assert len(quoted) > 1
    first = exact(visit.page.locator("#pq-chat .pq-first .pq-exact"))
    assert sorted([first, *found]) == sorted(quoted)


def test_what_the_articles_do_not_say_is_not_answered(visit: Visit) -> None:
    visit.ask(NOT_THERE)
    assert "Not in your articles." in visit.page.locator("#pq-chat .pq-none").inner_text()
    assert visit.page.locator("#pq-chat .pq-exact").count() == 0
    expect(visit.page.locator("#pq-chat .pq-heading")).to_have_text("Nearest passages, not an answer")
    related = visit.page.locator("#pq-chat .pq-card").first
    passage = exact(related.locator(".pq-words-of"))
    related.locator(".pq-open").click()
    visit.page.locator("#pq-pane mark").first.wait_for()
    marks = visit.page.locator("#pq-pane mark")
    marked = "".join(exact(marks.nth(position)) for position in range(marks.count()))
    assert visit.page.locator("#pq-pane mark.pq-quoted").count() == 0
    assert "".join(marked.split()) == "".join(passage.split())


def test_a_follow_up_says_what_was_searched(visit: Visit) -> None:
    visit.ask("Who is Karen Holm?")
    visit.ask("And what did she say about a screen?", turns=2)
    searched = visit.page.locator("#pq-chat .pq-searched")
    expect(searched).to_have_count(1)
    assert "Karen Holm" in searched.inner_text()


def test_what_stands_in_an_article_does_nothing(visit: Visit) -> None:
    visit.ask("Which two strings did the scanner report name that the city portal printed unescaped?")
    assert exact(visit.page.locator("#pq-chat .pq-first .pq-exact")) == INJECTION
    visit.page.locator("#pq-chat .pq-first .pq-open").click()
    mark = visit.page.locator("#pq-pane mark.pq-quoted")
    mark.wait_for()
    assert exact(mark) == INJECTION
    shown = exact(visit.page.locator("#pq-pane .pq-text"))
    typed = "**bold**, `code`, $$x^2$$, {{value}}, ${1+1}, &amp; and ![picture](http://192.0.2.7/pixel.png)"
    assert typed in shown
    assert visit.page.locator("#pq-pane img, #pq-pane strong, #pq-pane code, #pq-chat img").count() == 0
    assert visit.page.evaluate("window.hacked") is None
    assert visit.complaints == []


def test_a_question_is_shown_as_it_was_typed(visit: Visit) -> None:
    question = "<img src=x onerror='window.hacked = 3'> **what** {{value}} $$x$$ [link](http://192.0.2.7/) ‘’ 🐝?"
    visit.ask(question)
    assert exact(visit.page.locator("#pq-chat .pq-asked")) == question
    assert visit.page.evaluate("window.hacked") is None
    assert visit.page.locator("#pq-chat a, #pq-chat img, #pq-chat strong").count() == 0


def test_odd_characters_are_quoted_as_they_stand(visit: Visit) -> None:
    visit.ask("What did Élodie Dürr, the botanist, say about the warm gravel?")
    quote = exact(visit.page.locator("#pq-chat .pq-first .pq-exact"))
    assert "“It’s the warm gravel,” said the botanist Élodie Dürr, “that brings them here.”" in quote
    assert quote in BEES
    visit.page.locator("#pq-chat .pq-first .pq-open").click()
    visit.page.locator("#pq-pane mark.pq-quoted").wait_for()
    assert "🐝" in exact(visit.page.locator("#pq-pane .pq-text"))


def test_nothing_leaves_this_machine(visit: Visit) -> None:
    visit.ask(POLISH)
    visit.page.locator("#pq-chat .pq-first .pq-open").click()
    visit.page.locator("#pq-pane mark").first.wait_for()
    visit.page.wait_for_timeout(500)  # time for what a page may still fetch when it is done
    outside = [address for address in visit.addresses if not address.startswith((visit.served.url, "data:", "blob:"))]
    assert outside == []
    assert len(visit.addresses) > 5
    assert visit.complaints == []  # the browser complains when the policy has stopped something


def test_sessions_do_not_see_each_other(browser: Browser, served: Served) -> None:
    with visiting(browser, served) as one, visiting(browser, served) as other:
        one.ask(POLISH)
        other.ask("And what did she say about it?")
        expect(other.page.locator("#pq-chat .pq-asked")).to_have_count(1)
        expect(other.page.locator("#pq-chat .pq-searched")).to_have_count(0)  # there is nothing to lean on
        one.ask(MUSEUM, turns=2)
        assert "Aalborg" not in other.page.locator("#pq-chat").inner_text()
        one.page.reload()
        expect(one.page.locator("#pq-chat .pq-asked")).to_have_count(2)  # a conversation is saved
        other.page.goto(one.page.url)
        expect(other.page.locator("#pq-notice")).to_contain_text("no such chat")
        expect(other.page.locator("#pq-chat .pq-asked")).to_have_count(0)


def test_a_changed_source_is_not_marked(browser: Browser, served: Served) -> None:
    source = served.sources / "tram.txt"
    source.write_text(
        "Trams Come Back to Ghent\n\nThe first tram to Ghent left the depot at noon with ninety people.\n"
    )
    served.index.add(source)
    with visiting(browser, served) as visit:
        visit.ask("When did the first tram to Ghent leave the depot?")
        quote = visit.page.locator("#pq-chat .pq-first")
        assert "at noon" in exact(quote)
        source.write_text(
            "Trams Come Back to Ghent\n\nThe first tram to Ghent left the depot at nine with ninety people.\n"
        )
        served.index.add(source)
        quote.locator(".pq-open").click()
        expect(visit.page.locator("#pq-pane .pq-note")).to_contain_text("The source has changed since this answer")
        assert "at nine" in exact(visit.page.locator("#pq-pane .pq-text"))
        assert visit.page.locator("#pq-pane mark").count() == 0
        served.index.remove(source)
        quote.locator(".pq-open").click()
        expect(visit.page.locator("#pq-pane .pq-note")).to_contain_text("no longer in the index")
        assert visit.page.locator("#pq-pane mark").count() == 0


def test_the_box_has_focus_and_an_empty_question_gets_a_line(visit: Visit) -> None:
    expect(visit.page.locator("#pq-question textarea")).to_be_focused()
    assert "What would you like to know?" in visit.page.locator("#pq-chat").inner_text()
    expect(visit.page.locator("#pq-header")).to_contain_text("articles")
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("#pq-notice")).to_contain_text("The question is empty")
    assert visit.page.locator("#pq-chat .pq-asked").count() == 0
    visit.ask(POLISH)
    expect(visit.page.locator("#pq-notice")).not_to_contain_text("empty")


def test_what_is_suggested_after_an_answer_leaves_the_answer_as_it_is(visit: Visit) -> None:
    visit.ask(MUSEUM)
    fold = visit.page.locator("#pq-chat .pq-actions details")
    fold.locator("summary").click()
    visit.page.locator("#pq-chat .pq-follow button").first.wait_for()
    expect(fold).to_have_attribute("open", "")
    expect(fold.locator("summary")).to_be_focused()
    visit.ask(NOT_THERE, turns=2)
    expect(visit.page.locator("#pq-chat .pq-follow")).to_have_count(0)


def test_a_question_that_is_too_long_is_kept_in_the_box(visit: Visit) -> None:
    visit.page.locator("#pq-question textarea").fill("why " * 3000)
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("#pq-notice")).to_contain_text("12,000 characters")
    expect(visit.page.locator("#pq-question textarea")).to_have_value("why " * 3000)


def test_a_new_conversation_forgets(visit: Visit) -> None:
    visit.ask(POLISH)
    visit.page.locator("#pq-chat .pq-first .pq-open").click()
    visit.page.locator("#pq-pane mark").first.wait_for()
    visit.page.locator("#pq-new").click()
    expect(visit.page.locator("#pq-chat .pq-asked")).to_have_count(0)
    expect(visit.page.locator("#pq-pane mark")).to_have_count(0)
    visit.ask("And what did she say about it?")
    expect(visit.page.locator("#pq-chat .pq-searched")).to_have_count(0)


def test_a_narrow_screen_stacks_and_scrolls_to_the_mark(browser: Browser, served: Served) -> None:
    with visiting(browser, served, viewport={"width": 390, "height": 844}) as visit:
        visit.ask(MUSEUM)
        visit.page.locator("#pq-chat .pq-first .pq-open").click()
        mark = visit.page.locator("#pq-pane mark.pq-quoted")
        mark.wait_for()
        expect(mark).to_be_in_viewport(ratio=0.95)
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390
        visit.page.locator("#pq-pane .pq-close").click()
        expect(visit.page.locator("#pq-chat .pq-asked")).to_be_in_viewport(ratio=0.95)


def test_the_newest_question_stands_at_the_top(visit: Visit) -> None:
    for turns, question in enumerate([POLISH, MUSEUM, NOT_THERE], 1):
        visit.ask(question, turns)
    expect(visit.page.locator("#pq-chat .pq-asked").last).to_be_in_viewport(ratio=0.95)
    expect(visit.page.locator("#pq-chat .pq-none").last).to_be_in_viewport(ratio=0.95)


def test_the_article_is_written_in_lines_that_can_be_read(visit: Visit) -> None:
    assert len(LIGHTHOUSE) > 5000
    visit.ask(MUSEUM)
    visit.page.locator("#pq-chat .pq-first .pq-open").click()
    visit.page.locator("#pq-pane mark").first.wait_for()
    for scheme in ("light", "dark"):
        visit.page.emulate_media(color_scheme=scheme)
        contrast = visit.page.locator("#pq-pane .pq-text").evaluate(CONTRAST)
        assert contrast > 7, scheme
        assert visit.page.locator("#pq-pane mark.pq-quoted").evaluate(CONTRAST) > 4.5, scheme
        assert visit.page.locator("#pq-chat .pq-details").first.evaluate(CONTRAST) > 4.5, scheme


CONTRAST = """element => {
    const light = colour => {
        const parts = colour.match(/[\\d.]+/g).slice(0, 3).map(part => part / 255);
        const linear = parts.map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    };
    let ground = element;
    while (/rgba\\(.*, 0\\)|transparent/.test(getComputedStyle(ground).backgroundColor)) ground = ground.parentElement;
    const [a, b] = [light(getComputedStyle(element).color), light(getComputedStyle(ground).backgroundColor)];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}"""
"""The contrast of an element's text to what is behind it, as the WCAG defines it."""
