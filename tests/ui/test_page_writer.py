"""A writer on the page: its sentences stand above the quotes, marked for what they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from test_page_quotes import KEEPER, STEPS, KnowingReader
from web_support import serving, visiting, write_articles

from index import ArticleIndex, HashingEmbedder


@pytest.mark.browser
def test_what_a_writer_tells_stands_above_the_quotes_and_what_they_do_not_say_is_marked(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "qa"))
    from writer_server import serving as writing
    from writer_server import writes

    reply = "She climbs two hundred & ten steps every morning [1]. She climbs 900 steps [1]."
    sources = write_articles(tmp_path / "articles")
    (sources / "keeper.txt").write_text(KEEPER, "utf-8")
    with writing(writes(reply)) as writer, ArticleIndex.open(tmp_path / "index", embedder=HashingEmbedder()) as index:
        index.add(sources)
        monkeypatch.setenv("PULLQUOTE_WRITER_URL", writer.url)
        monkeypatch.setenv("PULLQUOTE_WRITER_MODEL", "m")
        with serving(index, sources, reader=KnowingReader()) as served, visiting(browser, served) as visit:
            visit.ask(STEPS)
            written = visit.page.locator("#pq-chat .pq-written")
            expect(written).to_contain_text("She climbs two hundred & ten steps every morning. [1]", timeout=20_000)
            expect(written).to_contain_text("Written by a language model")
            expect(written.locator("s")).to_have_text("She climbs 900 steps. [1]")
            expect(visit.page.locator("#pq-chat .pq-first")).to_be_visible()
