"""A real server on a real index, and a real Chromium that asks it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from web_support import Served, Visit, chromium, make_index, serving, visiting


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with the real model."""
    folder = tmp_path_factory.mktemp("served")
    with make_index(folder) as index, serving(index, folder / "articles") as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, one for all tests of a file: its event loop, which runs in this thread, must not meet another's."""
    with chromium() as running:
        yield running


@pytest.fixture
def visit(browser: Browser, served: Served) -> Iterator[Visit]:
    """The page, newly opened in a session of its own."""
    with visiting(browser, served) as opened:
        yield opened
