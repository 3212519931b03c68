"""What the page shows around a quote, and how sure an answer must be: in a real Chromium, with a reader of its own."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from confidence_support import evidence_for
from playwright.sync_api import Browser, Locator, expect
from web_support import Served, Visit, serving, visiting

from index import ArticleIndex, HashingEmbedder
from qa import Candidate, Hit
from qa.confidence import calibration

pytestmark = pytest.mark.browser

KEEPER = """The keeper of Skagen

The lamp of Skagen turns by itself since March. Karen Holm <b>may</b> stay in the *house*.

She climbs two hundred & ten steps every morning. The steps were painted in May.
"""
WIRE = "The new lens of Skagen weighs <i>nine</i> tons."
FIRST_PAGE = len("The keeper of Skagen\n\nThe lamp of Skagen turns by itself since March.")

STEPS = "How many steps does Karen Holm climb?"
LENS = "How much does the new lens of Skagen weigh?"
LAMP = "Since when does the lamp turn by itself?"
ROOF = "What covers the roof of the house?"
ANSWERS = {
    STEPS: ["two hundred & ten steps", "in May"],
    LENS: ["<i>nine</i> tons"],
    LAMP: ["since March"],
    ROOF: ["*house*"],
}
"""For each question the words that answer, the best first."""
SURE = {
    STEPS: 0.99,
    LENS: 0.99,
    LAMP: sum(calibration().levels[name] for name in ("balanced", "generous")) / 2,
    ROOF: 0.05,
}
"""How sure the reader is; of the last not enough for the default, but for the most generous level."""


class KnowingReader:
    """Finds the answers that it was told, in articles whose second page begins after the first sentence."""

    fingerprint = "knowing"

    def read(self, index: ArticleIndex, asked: Sequence[tuple[str, Sequence[Hit]]]) -> list[list[Candidate]]:
        return [self._read(question, hits) for question, hits in asked]

    def _read(self, question: str, hits: Sequence[Hit]) -> list[Candidate]:
        found = []
        for rank, answer in enumerate(ANSWERS.get(question, [])):
            for hit in hits:
                for start, end in hit.sentences:
                    position = hit.article.text.find(answer, start, end)
                    if position < 0:
                        continue
                    paged = dataclasses.replace(hit.article, page_starts=(0, FIRST_PAGE))
                    places = (position, position + len(answer)) if rank == 0 else (None, None)
                    there = dataclasses.replace(hit, article=paged)
                    found.append(Candidate(there, start, end, -rank, evidence_for(SURE[question]), *places))
        return found


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server whose reader knows the answers."""
    folder = tmp_path_factory.mktemp("known")
    (folder / "articles").mkdir()
    (folder / "articles" / "keeper.txt").write_text(KEEPER, "utf-8")
    for name in ("one", "two", "three"):
        (folder / "articles" / f"{name}.txt").write_text(f"Paper {name}\n\n{WIRE} So says {name}.\n", "utf-8")
    with ArticleIndex.open(folder / "index", embedder=HashingEmbedder()) as index:
        index.add(folder / "articles")
        with serving(index, folder / "articles", reader=KnowingReader()) as running:
            yield running


@pytest.fixture
def here(browser: Browser, known: Served) -> Iterator[Visit]:
    with visiting(browser, known) as opened:
        yield opened


def exact(element: Locator) -> str:
    return element.evaluate("element => element.textContent")


QUOTE = "She climbs two hundred & ten steps every morning."
BEFORE = "Karen Holm <b>may</b> stay in the *house*."


def test_the_sentence_before_is_shown_lighter_and_outside_the_marks(here: Visit) -> None:
    here.ask(STEPS)
    card = here.page.locator("#pq-chat .pq-first")
    assert exact(card.locator(".pq-exact")) == QUOTE
    before = card.locator(".pq-before")
    assert " ".join(exact(before).split()) == BEFORE
    assert exact(card.locator(".pq-words-of")) == f"{exact(before)}“{QUOTE}”"
    expect(before).to_be_visible()
    colours = [
        one.evaluate("element => getComputedStyle(element).color") for one in (before, card.locator(".pq-exact"))
    ]
    assert colours[0] != colours[1]
    # The other quote can be understood alone.
    assert here.page.locator("#pq-chat .pq-more .pq-before").count() == 0
    assert here.complaints == []


def test_the_words_that_answer_are_marked_inside_the_quote(here: Visit) -> None:
    here.ask(STEPS)
    card = here.page.locator("#pq-chat .pq-first")
    expect(card.locator(".pq-exact mark.pq-words")).to_have_text("two hundred & ten steps")
    grounds = [
        card.locator(name).evaluate("element => getComputedStyle(element).backgroundColor")
        for name in ("mark.pq-words", ".pq-exact")
    ]
    assert grounds[0] != grounds[1]
    assert here.page.locator("#pq-chat .pq-more mark").count() == 0  # where no words are known


def test_the_page_and_the_other_articles_are_told(here: Visit) -> None:
    here.ask(STEPS)
    expect(here.page.locator("#pq-chat .pq-first .pq-details")).to_contain_text("keeper.txt · page 2 · confidence")
    here.ask(LENS, turns=2)
    last = here.page.locator("#pq-chat .pq-first").last
    assert exact(last.locator(".pq-exact")) == WIRE
    assert exact(last.locator("mark.pq-words")) == "<i>nine</i> tons"
    expect(last.locator(".pq-details")).to_contain_text("page 1")
    expect(last.locator(".pq-details")).to_contain_text("also in 2 articles")
    assert here.page.locator("#pq-chat i, #pq-chat b, #pq-chat em").count() == 0


def test_the_article_shows_the_sentence_before_lighter(here: Visit) -> None:
    here.ask(STEPS)
    here.page.locator("#pq-chat .pq-first .pq-open").click()
    quoted = here.page.locator("#pq-pane mark.pq-quoted")
    quoted.wait_for()
    assert exact(quoted) == QUOTE
    context = here.page.locator("#pq-pane mark.pq-context")
    assert exact(context) == BEFORE
    grounds = [one.evaluate("element => getComputedStyle(element).backgroundColor") for one in (quoted, context)]
    assert grounds[0] != grounds[1]
    assert here.page.locator("#pq-mark").count() == 1
    assert exact(here.page.locator("#pq-mark")) == QUOTE
    assert exact(here.page.locator("#pq-pane mark.pq-also")) == "The steps were painted in May."


def test_what_is_copied_has_the_quotation_marks_around_the_quote_alone(here: Visit) -> None:
    here.ask(STEPS)
    copied = here.page.locator("#pq-chat .pq-first .pq-words-of").evaluate(
        "element => { getSelection().selectAllChildren(element); return getSelection().toString(); }"
    )
    assert " ".join(copied.split()) == f"{BEFORE} “{QUOTE}”"


def test_how_sure_an_answer_must_be_applies_to_the_next_question(here: Visit) -> None:
    chosen = here.page.locator("#pq-strictness input:checked")
    expect(chosen).to_have_value("balanced")
    here.ask(LAMP)
    expect(here.page.locator("#pq-chat .pq-none")).to_have_count(1)
    here.page.get_by_label("Generous").check(force=True)
    expect(here.page.locator("#pq-chat .pq-none")).to_have_count(1)  # what was answered stays as it is
    here.ask(LAMP, turns=2)
    assert exact(here.page.locator("#pq-chat .pq-first .pq-words")) == "since March"
    here.page.get_by_label("Strict").check(force=True)
    here.ask(LAMP, turns=3)
    expect(here.page.locator("#pq-chat .pq-none")).to_have_count(2)
    assert here.complaints == []


def test_what_may_answer_is_shown_with_one_click_and_the_choice_stays(here: Visit) -> None:
    here.ask(STEPS)
    assert here.page.get_by_role("button", name="Show it").count() == 0
    here.ask(LAMP, turns=2)
    refused = here.page.locator("#pq-chat .pq-none")
    expect(refused).to_contain_text("Not surely in your articles. A sentence may answer it")
    refused.get_by_role("button", name="Show it").click()
    expect(refused).to_have_count(0)
    first = here.page.locator("#pq-chat .pq-first")
    expect(first).to_have_count(2)
    assert exact(first.last.locator(".pq-words")) == "since March"
    expect(here.page.locator("#pq-chat .pq-asked")).to_have_count(2)  # asked once more, in the place of the refusal
    expect(here.page.locator("#pq-strictness input:checked")).to_have_value("balanced")
    assert here.complaints == []


def test_what_may_answer_an_earlier_question_is_shown_at_the_end(here: Visit) -> None:
    here.ask(LAMP)
    here.ask(STEPS, turns=2)
    here.page.get_by_role("button", name="Show it").click()
    asked = here.page.locator("#pq-chat .pq-asked")
    expect(asked).to_have_text([LAMP, STEPS, LAMP])
    expect(here.page.locator("#pq-chat .pq-first").last.locator(".pq-words")).to_have_text("since March")
    assert here.complaints == []


def test_what_hardly_answers_is_not_offered(here: Visit) -> None:
    here.ask(ROOF)
    expect(here.page.locator("#pq-chat .pq-none")).to_have_count(1)
    assert here.page.get_by_role("button", name="Show it").count() == 0


def test_the_choice_can_be_made_with_the_keyboard_and_has_a_name(here: Visit) -> None:
    group = here.page.get_by_role("group", name="How sure an answer must be")
    expect(group).to_have_count(1)
    here.page.get_by_label("Balanced").focus()
    here.page.keyboard.press("ArrowRight")
    expect(here.page.locator("#pq-strictness input:checked")).to_have_value("generous")
    here.ask(LAMP)
    assert here.page.locator("#pq-chat .pq-first").count() == 1


def test_the_server_says_what_the_page_starts_with(browser: Browser, known: Served, tmp_path: Path) -> None:
    with (
        serving(known.index, known.sources, reader=KnowingReader(), strictness="generous") as generous,
        visiting(browser, generous) as visit,
    ):
        expect(visit.page.locator("#pq-strictness input:checked")).to_have_value("generous")
        visit.ask(LAMP)
        assert visit.page.locator("#pq-chat .pq-first").count() == 1


def test_a_narrow_screen_has_room_for_the_choice(browser: Browser, known: Served) -> None:
    with visiting(browser, known, viewport={"width": 360, "height": 740}) as visit:
        for name in ("Strict", "Balanced", "Generous"):
            expect(visit.page.locator("#pq-strictness label", has_text=name)).to_be_in_viewport(ratio=1)
        visit.ask(STEPS)
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= 360
