"""Two things that a person does on one page at the same time: neither undoes the other."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from test_page_quotes import KEEPER, LENS, STEPS, WIRE, KnowingReader
from web_support import Served, Visit, serving, visiting, wait_until, write_articles

from index import ArticleIndex, HashingEmbedder
from index.embedding import FloatMatrix
from qa import Candidate, Hit, Turn
from ui.page.conduct import Changes, Conduct, Visitor
from ui.page.messages import conversation

pytestmark = pytest.mark.browser


class Gate:
    """Holds up whoever comes, while it is shut."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self._open = threading.Event()
        self._open.set()

    def shut(self) -> None:
        self.reached.clear()
        self._open.clear()

    def open(self) -> None:
        self._open.set()

    def pass_through(self) -> None:
        self.reached.set()
        assert self._open.wait(60)


READING, EMBEDDING = Gate(), Gate()


class WaitingReader(KnowingReader):
    """Takes its time."""

    def read(self, index: ArticleIndex, asked: Sequence[tuple[str, Sequence[Hit]]]) -> list[list[Candidate]]:
        if any(question in (STEPS, LENS) for question, _ in asked):
            READING.pass_through()
        return super().read(index, asked)


class WaitingEmbedder(HashingEmbedder):
    """Takes its time for articles."""

    def encode_passages(self, *arguments: object, **options: object) -> FloatMatrix:
        EMBEDDING.pass_through()
        return super().encode_passages(*arguments, **options)  # type: ignore[arg-type]

    def encode_questions(self, texts: Sequence[str]) -> FloatMatrix:
        return super().encode_passages(texts)


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that takes as long as a test wants."""
    place = tmp_path_factory.mktemp("slow")
    folder = write_articles(place / "articles")
    (folder / "keeper.txt").write_text(KEEPER, "utf-8")
    (folder / "wire.txt").write_text(f"The wire\n\n{WIRE}\n", "utf-8")
    with ArticleIndex.open(place / "index", embedder=WaitingEmbedder()) as index:
        index.add(folder)
        with serving(index, folder, reader=WaitingReader()) as running:
            yield running


@pytest.fixture
def here(browser: Browser, slow: Served) -> Iterator[Visit]:
    with visiting(browser, slow) as opened:
        yield opened
    READING.open()
    EMBEDDING.open()


def begin(visit: Visit, question: str) -> None:
    """Asks, and comes back as soon as the question is being answered."""
    READING.shut()
    visit.page.locator("#pq-question textarea").fill(question)
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("#pq-chat .pq-asked", has_text=question)).to_have_count(1)
    assert READING.reached.wait(30)


def test_what_is_ticked_while_an_answer_comes_stays_ticked(here: Visit) -> None:
    page = here.page
    begin(here, STEPS)
    page.locator("#pq-to-library").click()
    page.locator(".pq-table tr", has_text="Wild Bees").locator("input").check()
    expect(page.get_by_role("button", name="Ask only these (1)")).to_be_visible()
    READING.open()
    expect(page.locator("#pq-chats .pq-chat-name")).to_have_text([STEPS])
    page.locator(".pq-table tr", has_text="City Portal").locator("input").check()
    expect(page.get_by_role("button", name="Ask only these (2)")).to_be_visible()
    page.locator("#pq-to-ask").click()
    here.ask(LENS, turns=2)
    expect(page.locator("#pq-chat .pq-asked")).to_have_count(2)


def test_a_conversation_goes_on_while_articles_are_added(here: Visit, tmp_path: Path) -> None:
    page = here.page
    (tmp_path / "mill.txt").write_text("The mill of Hals\n\nThe mill of Hals was sold on Friday.\n", "utf-8")
    page.locator("#pq-to-library").click()
    page.locator("#pq-adding button").first.click()
    page.locator("#pq-files input[type=file]").set_input_files([tmp_path / "mill.txt"])
    expect(page.locator("#pq-files")).to_contain_text("mill")
    EMBEDDING.shut()
    page.locator("#pq-add").click()
    assert EMBEDDING.reached.wait(30)
    page.locator("#pq-to-ask").click()
    here.ask(STEPS)
    EMBEDDING.open()
    expect(page.locator("#pq-header")).to_contain_text("7 articles")
    here.ask(LENS, turns=2)
    expect(page.locator("#pq-chat .pq-asked")).to_have_count(2)
    expect(page.locator("#pq-chats .pq-chat-name")).to_have_count(1)


def test_an_answer_does_not_come_into_another_conversation(here: Visit) -> None:
    page = here.page
    begin(here, STEPS)
    page.locator("#pq-new").click()
    expect(page.locator("#pq-chat .pq-asked")).to_have_count(0)
    READING.open()
    expect(page.locator("#pq-chats .pq-chat-name")).to_have_text([STEPS])  # it is kept where it was asked
    expect(page.locator("#pq-chat .pq-invitation")).to_be_visible()
    here.ask(LENS)
    expect(page.locator("#pq-chat .pq-asked")).to_have_text([LENS])
    page.locator("#pq-chats .pq-chat-name", has_text=STEPS).click()
    expect(page.locator("#pq-chat .pq-asked")).to_have_text([STEPS])


def test_a_last_step_that_comes_late_does_not_bring_the_old_conversation_back(
    here: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, late = here.page, threading.Event()

    def step(_: Conduct, turn: Turn, visitor: Visitor) -> Iterator[Changes]:
        shown = [message.as_gradio() for message in conversation([turn])]
        assert late.wait(30)
        yield {"chat": shown}

    monkeypatch.setattr(Conduct, "_added", step)
    here.ask(STEPS)
    page.locator("#pq-new").click()
    expect(page.locator("#pq-chat .pq-asked")).to_have_count(0)
    page.evaluate(
        """() => {
            window.seen = [];
            const chat = document.querySelector("#pq-chat");
            new MutationObserver(() => window.seen.push(chat.querySelectorAll(".pq-asked").length))
                .observe(chat, { childList: true, subtree: true });
        }"""
    )
    late.set()
    wait_until(page, "() => window.seen.includes(1)")
    expect(page.locator("#pq-chat .pq-asked")).to_have_count(0)
    expect(page.locator("#pq-chat .pq-invitation")).to_be_visible()
    page.locator("#pq-chats .pq-chat-name", has_text=STEPS).click()
    expect(page.locator("#pq-chat .pq-asked")).to_have_text([STEPS])


def test_what_is_stopped_is_not_answered_later(here: Visit) -> None:
    page = here.page
    begin(here, STEPS)
    page.locator("#pq-question .stop-button").click()
    expect(page.locator("#pq-notice")).to_contain_text("Stopped.")
    READING.open()
    here.ask(LENS)
    expect(page.locator("#pq-chat .pq-asked")).to_have_text([LENS])
    expect(page.locator("#pq-chats .pq-chat-name")).to_have_text([LENS])
