"""A real server on a real index, and a real Chromium that asks it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright
from web_support import Served, Visit, make_index, serving, visiting


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with the real model."""
    folder = tmp_path_factory.mktemp("served")
    with make_index(folder) as index, serving(index, folder / "articles") as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, as the system has installed it."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert executable, "the browser tests need Chromium; tests/install_chromium.sh installs it"
    arguments = ["--no-sandbox", "--headless", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield running
        running.close()


@pytest.fixture
def visit(browser: Browser, served: Served) -> Iterator[Visit]:
    """The page, newly opened in a session of its own."""
    with visiting(browser, served) as opened:
        yield opened
