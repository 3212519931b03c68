"""Every text that tries to act, in every place of the page, in exports and on the terminal, in a real Chromium."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "ui"))  # what the tests of the page share

from injection_support import STRINGS, tried
from web_support import chromium

EACH = 11
"""Texts on one server; what goes wrong with one is found soon."""


@pytest.mark.soak
@pytest.mark.browser
@pytest.mark.parametrize("first", range(0, len(STRINGS), EACH))
def test_no_text_that_tries_to_act_does(tmp_path: Path, first: int) -> None:
    with chromium() as browser:
        tried(browser, tmp_path, STRINGS[first : first + EACH], everywhere=True)
