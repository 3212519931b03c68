"""Texts that try to act: in titles, authors, bodies, addresses, questions, file names and names of chats. Nothing
runs, nothing leaves this machine, and the text is shown as it is. ``tests/soak/test_injection.py`` tries all of them
everywhere."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from injection_support import ACT, CALL, STRINGS, Watch, tried
from playwright.sync_api import Browser

from ui.page.adding import safe_name


def test_there_are_enough_texts() -> None:
    assert len(set(STRINGS)) >= 60


@pytest.mark.browser
def test_some_texts_that_try_to_act_do_not(browser: Browser, tmp_path: Path) -> None:
    tried(browser, tmp_path, random.Random(7).sample(STRINGS, 4), everywhere=False)


@pytest.mark.browser
def test_the_watch_sees_what_acts(browser: Browser, tmp_path: Path) -> None:
    page_file = tmp_path / "acts.html"
    page_file.write_text(f"<img src='{CALL}.png'><script>{ACT}; alert('x'); open('about:blank')</script>", "utf-8")
    context = browser.new_context()
    page = context.new_page()
    watch = Watch(context, page_file.as_uri())
    page.goto(page_file.as_uri())
    assert page.evaluate("window.hacked") == 1
    context.close()
    assert {event.partition(":")[0] for event in watch.events} >= {"left this machine", "a dialog"}


@pytest.mark.parametrize(
    "text", [*STRINGS, "../../etc/passwd", "..\\..\\x.txt", ".hidden", "", "a" * 300 + ".txt", "CON"]
)
def test_a_name_stays_in_its_folder(tmp_path: Path, text: str) -> None:
    name = safe_name(text)
    assert name
    assert "/" not in name
    assert "\\" not in name
    assert not name.startswith(".")
    assert len(name) <= 120
    (tmp_path / name).write_text("x")
    assert (tmp_path / name).parent.samefile(tmp_path)
