"""How quick the page is, in a real Chromium with the real model and reader.

    python -m benchmarks.page [--only asking,article,weight,table] [--questions 30]

* asking: from Enter to the first quote on the screen, beside the same question put to ``ask`` in the same process; on
  the example articles among so many others that there are 10,000 passages. The examples have the model's own vectors,
  the others hashed words in their place.
* article: from the click on a quote to its sentence marked and in view, in an article of 40,000 words.
* weight: what a browser fetches when it opens the page for the first time.
* table: opening, searching, sorting and turning the page of a library of 20,000 articles.

Each is timed in the browser, up to the frame in which it is drawn. Writes ``benchmarks/results/page.json``; a part that
is left out keeps its figures.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from index import ArticleIndex, Filters, HashingEmbedder
from qa import ask
from qa.suggesting import questions_of
from ui.server import create_app, listening_socket

from .page_data import PUFFINS, example_sentences, fill, long_article
from .speed import seconds, spread

EXAMPLES = Path(__file__).parents[1] / "examples"
QUESTIONS = Path(__file__).parents[1] / "docs" / "example-questions.jsonl"
RESULT = Path(__file__).parent / "results" / "page.json"
PASSAGES = 10_000
WORDS = 40_000
ARTICLES = 20_000
LIMIT_MS = 500
"""Of the way from a click to the sentence in a long article."""
_SECONDS = 60
_REST_MS = 4_500
"""After an answer, the questions that follow from it are looked for; the next one is asked when that is over."""

# Waits for an element that was not there before, or for a text, and gives the time of the frame that shows it.
_WATCH = """([selector, count]) => new Promise((done) => {
    const found = () => document.querySelectorAll(selector).length > count;
    const drawn = () => requestAnimationFrame(() => requestAnimationFrame((now) => done(now)));
    if (found()) return drawn();
    const observer = new MutationObserver(() => { if (found()) { observer.disconnect(); drawn(); } });
    observer.observe(document.documentElement, { childList: true, subtree: true, characterData: true });
})"""
_NOTE = """(kinds) => { for (const kind of kinds) addEventListener(kind, (event) => {
    if (kind !== "keydown" || event.key === "Enter") window.began = performance.now(); }, { capture: true }); }"""

# The first articles of the list tell when another one is there.
_FIRST = """() => [...document.querySelectorAll(".pq-table .pq-open")].slice(0, 3).map((one) => one.value).join()"""
_CHANGED = """(before) => new Promise((done) => {
    const first = FIRST;
    const look = () => first() && first() !== before;
    const drawn = () => requestAnimationFrame(() => requestAnimationFrame((now) => done(now)));
    if (look()) return drawn();
    const watch = new MutationObserver(() => { if (look()) { watch.disconnect(); drawn(); } });
    watch.observe(document.documentElement, { childList: true, subtree: true, attributes: true });
})""".replace("FIRST", _FIRST)


def chromium() -> str:
    """Where Chromium is.

    Raises:
        SystemExit: it is not installed.
    """
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise SystemExit("Chromium is missing; tests/install_chromium.sh installs it")


@contextlib.contextmanager
def served(index: ArticleIndex) -> Iterator[str]:
    """Serves the page on an index, and gives its address."""
    listening = listening_socket("127.0.0.1", 0)
    config = uvicorn.Config(create_app(index), log_level="critical", timeout_graceful_shutdown=1, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        deadline = time.monotonic() + _SECONDS
        while not server.started:
            if time.monotonic() > deadline or not thread.is_alive():
                raise SystemExit("the server did not start")
            time.sleep(0.05)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@contextlib.contextmanager
def served_examples() -> Iterator[str]:
    """Serves the page on a new index of the example articles, warmed up, and gives its address."""
    with tempfile.TemporaryDirectory() as place, ArticleIndex.open(Path(place) / "my-articles") as index:
        index.add(EXAMPLES)
        ask(index, "Is everything ready?")
        with served(index) as url:
            yield url


@contextlib.contextmanager
def opened(browser: Browser, url: str) -> Iterator[Page]:
    """The page in a new session, in which what is typed and clicked is timed."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(url)
    page.locator("#pq-question textarea").wait_for()
    page.locator("#pq-chats .pq-none-yet").wait_for()  # what the page fetches at first has come
    page.evaluate(_NOTE, ["keydown", "click"])
    yield page
    context.close()


def since_begun(page: Page, selector: str, count: int = 0) -> float:
    """Seconds from the last Enter or click until there are more elements of a kind than before, and drawn."""
    ended = page.evaluate(_WATCH, [selector, count])
    return float(ended - page.evaluate("window.began")) / 1000


def measure_asking(browser: Browser, index: ArticleIndex, url: str, count: int) -> dict[str, Any]:
    """Each question on the page and to ``ask`` directly, in turn."""
    rows = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    made = [
        made.question
        for article in index.articles(Filters(sources=[str(EXAMPLES)]))
        for made, _, _ in questions_of(article)
    ]
    questions = list(dict.fromkeys([*(str(row["question"]) for row in rows), *made]))[:count]
    whole, bare = [], []
    with opened(browser, url) as page:
        for place, question in enumerate(questions):
            page.locator("#pq-new").click()
            page.locator("#pq-chat .pq-asked").wait_for(state="detached")
            page.locator("#pq-question textarea").fill(question)
            if place % 2:
                bare.append(seconds(lambda question=question: ask(index, question)))
            page.keyboard.press("Enter")
            whole.append(since_begun(page, "#pq-chat .pq-first, #pq-chat .pq-none"))
            page.wait_for_timeout(_REST_MS)
            if not place % 2:
                bare.append(seconds(lambda question=question: ask(index, question)))
    ratios = sorted(one / other for one, other in zip(whole, bare, strict=True))
    return {
        "articles": index.counts()[0],
        "passages": index.counts()[1],
        "questions": len(questions),
        "page_ms": spread(whole),
        "ask_ms": spread(bare),
        "added_ms": spread([one - other for one, other in zip(whole, bare, strict=True)]),
        "ratio": round(ratios[len(ratios) // 2], 3),
    }


def measure_article(browser: Browser, index: ArticleIndex, url: str) -> dict[str, Any]:
    """From the click on a quote to its sentence, at the beginning, in the middle and at the end of a long article."""
    taken, in_view = [], True
    with opened(browser, url) as page:
        for name, (who, what, _sentence) in PUFFINS.items():
            page.locator("#pq-new").click()
            page.locator("#pq-chat .pq-asked").wait_for(state="detached")
            page.locator("#pq-question textarea").fill(f"How many {what} did {who} count?")
            page.keyboard.press("Enter")
            quote = page.locator("#pq-chat .pq-first .pq-open")
            quote.wait_for()
            for _ in range(4):
                page.wait_for_timeout(_REST_MS // 3)
                quote.click()
                taken.append(since_begun(page, "#pq-pane #pq-mark"))
                place = page.locator("#pq-pane #pq-mark")
                box, height = place.bounding_box(), 800
                right = what in place.inner_text() and box is not None and 0 <= box["y"] <= height - box["height"]
                in_view = in_view and right
                page.locator("#pq-pane .pq-close").click()
                page.locator("#pq-pane #pq-mark").wait_for(state="detached")
            print(name, [round(1000 * one) for one in taken[-4:]], flush=True)
    words = max(len(article.text.split()) for article in index.articles(Filters(authors=["Brandvik"])))
    return {"words": words, "shown_ms": spread(taken), "always_in_view": in_view, "limit_ms": LIMIT_MS}


def measure_weight(browser: Browser, url: str) -> dict[str, Any]:
    """Bytes on the wire and requests of a first visit, by kind."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    client = context.new_cdp_session(page)
    client.send("Network.enable")
    kinds: dict[str, str] = {}
    sizes: dict[str, int] = {}
    client.on("Network.responseReceived", lambda told: kinds.update({told["requestId"]: told["type"]}))
    client.on(
        "Network.loadingFinished", lambda told: sizes.update({told["requestId"]: round(told["encodedDataLength"])})
    )
    page.goto(url)
    page.locator("#pq-question textarea").wait_for()
    page.locator("#pq-chats .pq-none-yet").wait_for()
    page.wait_for_timeout(1_000)
    context.close()
    by_kind: dict[str, int] = {}
    for request, size in sizes.items():
        kind = kinds.get(request, "Other").lower()
        by_kind[kind] = by_kind.get(kind, 0) + size
    return {"bytes": sum(sizes.values()), "requests": len(sizes), "by_kind": dict(sorted(by_kind.items()))}


def measure_table(browser: Browser, index: ArticleIndex, url: str) -> dict[str, Any]:
    """What is done in the library, several times each."""
    rows = ".pq-table .pq-open"
    taken: dict[str, list[float]] = {"open": [], "search": [], "sort": [], "turn": [], "tick": []}
    changed, first = _CHANGED, _FIRST

    def timed(kind: str, page: Page, before: str) -> None:
        taken[kind].append(float(page.evaluate(changed, before) - page.evaluate("window.began")) / 1000)
        page.wait_for_timeout(300)

    with opened(browser, url) as page:
        for word in ("bridge", "glacier", "festival", "water", "night"):
            page.locator("#pq-to-ask").click()
            page.locator("#pq-to-library").click()
            page.locator(rows).first.wait_for()
            taken["open"].append(since_begun(page, rows))
            page.wait_for_timeout(300)
            box = page.locator("#pq-search input, #pq-search textarea")
            before = str(page.evaluate(first))
            box.focus()
            page.evaluate("window.began = performance.now()")
            page.keyboard.insert_text(word)
            timed("search", page, before)
            before = str(page.evaluate(first))
            page.locator(".pq-pages .pq-do").last.click()
            timed("turn", page, before)
            before = str(page.evaluate(first))
            page.evaluate("window.began = performance.now()")
            box.fill("")
            timed("search", page, before)
            for order in ("Title", "Newest first"):
                before = str(page.evaluate(first))
                page.locator("#pq-order input").click()
                page.locator("[role=option]", has_text=order).click()
                timed("sort", page, before)
            before = str(page.evaluate(first))
            page.locator(".pq-pages .pq-do").last.click()
            timed("turn", page, before)
            count = page.locator(".pq-table input:checked").count()
            page.locator(".pq-table input:not(:checked)").first.click()
            taken["tick"].append(since_begun(page, ".pq-table input[checked]", count))
            page.wait_for_timeout(300)
    return {"articles": index.counts()[0], **{f"{kind}_ms": spread(times) for kind, times in taken.items()}}


def measured(parts: list[str], questions: int) -> dict[str, Any]:
    """The figures of some parts."""
    found: dict[str, Any] = {}
    sentences = example_sentences(EXAMPLES)
    with contextlib.ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        browser = stack.enter_context(sync_playwright()).chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--headless", "--disable-gpu"]
        )
        stack.callback(browser.close)
        if {"asking", "article", "weight"} & set(parts):
            with ArticleIndex.open(place / "my-articles") as index:
                index.add(EXAMPLES)
                fill(index, sentences, PASSAGES, 450, most_passages=PASSAGES)
                if "article" in parts:
                    long_article(index, sentences, WORDS)
                ask(index, "Is everything ready?")
                with served(index) as url:
                    if "weight" in parts:
                        found["weight"] = measure_weight(browser, url)
                    if "asking" in parts:
                        found["asking"] = measure_asking(browser, index, url, questions)
                    if "article" in parts:
                        found["article"] = measure_article(browser, index, url)
        if "table" in parts:
            with ArticleIndex.open(place / "archive", embedder=HashingEmbedder()) as index:
                fill(index, sentences, ARTICLES, 450, split=False)
                with served(index) as url:
                    found["table"] = measure_table(browser, index, url)
    return found


def main() -> None:
    """Measures and writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="asking,article,weight,table")
    parser.add_argument("--questions", type=int, default=30)
    arguments = parser.parse_args()
    report = json.loads(RESULT.read_text("utf-8")) if RESULT.exists() else {}
    load = [round(value, 2) for value in os.getloadavg()]
    for part, figures in measured(arguments.only.split(","), arguments.questions).items():
        report[part] = figures | {"cores": os.cpu_count(), "load_before": load[0]}
    RESULT.write_text(json.dumps(report, indent=1, sort_keys=True) + "\n", "utf-8")
    print(json.dumps(report, indent=1, sort_keys=True))


if __name__ == "__main__":
    main()
