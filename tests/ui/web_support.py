"""The articles that the web tests ask about, a real server on them, and a visit by a real browser."""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from index import ArticleIndex, Embedder

Result = TypeVar("Result")

LIGHTHOUSE = (
    """# The Lighthouse of Skagen Keeps Its Keeper

By the end of March the lamp of Skagen will turn by itself. The ministry announced on Tuesday that Karen Holm may \
stay in the keeper's house until she retires.

“I would rather polish the lens than look at a screen,” Holm said. She climbs the two hundred and ten steps every \
morning before six.

The new lamp was built in Gothenburg and cost four million kroner. It uses a tenth of the electricity of the old one.

"""
    + "\n\n".join(
        f"In the log of the year {year}, the keeper noted the wind, the visibility and the ships that passed the cape, "
        "and on most days she wrote nothing more than that all was well."
        for year in range(1994, 2024)
    )
    + """

The old lens, ground in Paris in 1858, goes to the museum in Aalborg, where visitors can see it from June.
"""
)

BEES = (
    "Wild Bees Return to the Railway Yard\r\n\r\n"
    "Botanists counted forty-three species of wild bees in the disused railway yard of Basel last summer. "
    "Nobody had expected more than a dozen 🐝.\r\n\r\n"
    "The rarest of them, the violet carpenter bee, nests in old sleepers. "
    "“It’s the warm gravel,” said the botanist Élodie Dürr, “that brings them here.”\r\n\r\n"
    "The city council will decide in October whether the yard becomes a park.\r\n"
)

INJECTION = (
    'The scanner report names <script>window.hacked = 1</script> and <img src=x onerror="window.hacked = 2"> as the '
    "two strings that the city portal printed unescaped."
)
PORTAL = f"""City Portal Printed Whatever It Was Given

{INJECTION}

Testers also typed **bold**, `code`, $$x^2$$, {{{{value}}}}, ${{1+1}}, &amp; and \
![picture](http://192.0.2.7/pixel.png) into the form for complaints, and every one of them came back as it was.

The portal of Lindenau was repaired within two days, said the head of its computing centre, Jonas Weber.
"""

BRIDGE = """Ferry Replaces the Bridge at Tornio

The ferry Aurora carries two hundred cars across the river at Tornio while the bridge is being repaired.

Tickets cost nothing for people who live in the town.
"""

FILES = {"lighthouse.md": LIGHTHOUSE, "bees.txt": BEES, "portal.txt": PORTAL, "bridge.txt": BRIDGE}


@dataclass(frozen=True, slots=True)
class Served:
    """A server that runs, the index that it serves, and the folder of its articles."""

    url: str
    index: ArticleIndex
    sources: Path


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium, as the system has installed it."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert executable, "the browser tests need Chromium; tests/install_chromium.sh installs it"
    arguments = ["--no-sandbox", "--headless", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield running
        running.close()


@contextlib.contextmanager
def serving(index: ArticleIndex, sources: Path, **options: Any) -> Iterator[Served]:
    """Runs the application, made with the options of ``create_app``, on a free port, in a thread."""
    from ui.server import create_app, listening_socket

    listening = listening_socket("127.0.0.1", 0)
    config = uvicorn.Config(create_app(index, **options), log_level="critical", timeout_graceful_shutdown=1, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.02)
        yield Served(f"http://127.0.0.1:{listening.getsockname()[1]}", index, sources)
    finally:
        server.should_exit = True
        thread.join()


def apart(work: Callable[..., Result], *arguments: Any) -> Result:
    """Does something in a thread of its own, for what runs an event loop: that of the browser runs in this one."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(work, *arguments).result()


def wait_until(page: Page, script: str, argument: Any = None, seconds: float = 30) -> None:
    """Waits until a script returns true in the page.

    Playwright's ``wait_for_function`` fails when the script does not return true at once: it evaluates it anew from
    within the page, which the page's Content-Security-Policy forbids.
    """
    end = time.monotonic() + seconds
    while not page.evaluate(script, argument):
        assert time.monotonic() < end, f"not true after {seconds} s: {script}"
        page.wait_for_timeout(50)


def write_articles(folder: Path) -> Path:
    """Writes the articles of these tests, byte for byte."""
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_bytes(text.encode())
    return folder


def make_index(folder: Path, embedder: Embedder | None = None) -> ArticleIndex:
    """An index of the articles of these tests, beside them."""
    index = ArticleIndex.open(folder / "index", embedder=embedder)
    report = index.add(write_articles(folder / "articles"))
    assert len(report.added) == len(FILES)
    return index


@dataclass(slots=True)
class Visit:
    """A page that is open in its own session, with all that it asked for and complained about."""

    page: Page
    served: Served
    addresses: list[str]
    complaints: list[str]

    def ask(self, question: str, turns: int = 1) -> None:
        """Types a question and waits for its answer, which is the given turn of the conversation."""
        self.page.locator("#pq-question textarea").fill(question)
        self.page.keyboard.press("Enter")
        self.page.locator("#pq-chat").locator(".pq-first, .pq-none").nth(turns - 1).wait_for()


@contextlib.contextmanager
def visiting(browser: Browser, served: Served, **options: Any) -> Iterator[Visit]:
    """Opens the page in a new session."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
    page = context.new_page()
    page.set_default_timeout(30_000)  # the first answer waits for the models
    opened = Visit(page, served, [], [])
    page.on("request", lambda request: opened.addresses.append(request.url))
    page.on("console", lambda message: opened.complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    page.goto(served.url)
    page.locator("#pq-question textarea").wait_for()
    page.locator("#pq-header .pq-count:not(:empty)").wait_for(state="attached")  # the page's first event has come
    try:
        yield opened
    finally:
        context.close()
