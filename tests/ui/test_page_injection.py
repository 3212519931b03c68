"""Texts that try to act: in titles, authors, bodies, questions, file names and names of chats. Nothing runs, nothing
leaves this machine, and the text is shown as it is."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from web_support import Visit, serving, visiting

from index import ArticleIndex, HashingEmbedder
from qa import SentenceReader
from ui.page.adding import safe_name

pytestmark = pytest.mark.browser

ACT = "window.hacked=1"
CALL = "http://192.0.2.7/out"
STRINGS = [
    f"<script>{ACT}</script>",
    f"<ScRiPt src={CALL}.js></sCrIpT>",
    f"</div></p><script>{ACT}</script>",
    f"<img src=x onerror={ACT}>",
    f'<img src="{CALL}.png">',
    f"<svg onload={ACT}>",
    f"<svg><script>{ACT}</script></svg>",
    f"<svg><animate onbegin={ACT} attributeName=x dur=1s>",
    f"<math><mtext><img src=x onerror={ACT}></mtext></math>",
    f"<iframe src={CALL}></iframe>",
    f"<iframe srcdoc='<script>parent.{ACT}</script>'></iframe>",
    f"<object data={CALL}></object>",
    f"<embed src={CALL}>",
    f"<link rel=stylesheet href={CALL}.css>",
    f"<style>@import '{CALL}.css';</style>",
    f"<meta http-equiv=refresh content='0;url={CALL}'>",
    f"<base href={CALL}/>",
    f"<form action={CALL}><input type=submit autofocus onfocus={ACT}></form>",
    f"<video src={CALL} onerror={ACT} autoplay></video>",
    f"<audio src={CALL} onerror={ACT}></audio>",
    f"<body onload={ACT}>",
    f"<details open ontoggle={ACT}>x</details>",
    f"<input autofocus onfocus={ACT}>",
    f"<button class=pq-do name=remove value=1 onclick={ACT}>x</button>",
    f"<a href='javascript:{ACT}'>x</a>",
    f"<a href='jav&#x09;ascript:{ACT}'>x</a>",
    f"[x](javascript:{ACT})",
    f"[x](data:text/html,<script>{ACT}</script>)",
    f"![x]({CALL}.png)",
    f"![x][1] [1]: {CALL}.png",
    f"<{CALL}>",
    f"```html <script>{ACT}</script> ```",
    f"$$\\href{{javascript:{ACT}}}{{x}}$$",
    f"{{{{constructor.constructor('{ACT}')()}}}}",
    f"${{{ACT}}}",
    f"&lt;script&gt;{ACT}&lt;/script&gt;",
    f"&#60;img src=x onerror={ACT}&#62;",
    f'" onmouseover="{ACT}" x="',
    f"' onmouseover='{ACT}' x='",
    f"--><script>{ACT}</script><!--",
    f"]]><script>{ACT}</script>",
    "\u202egnp.exe\u202c stays \u2066where\u2069 it is",
    "\x1b[31mred\x1b]8;;http://192.0.2.7/\x07link",
    f"<noscript><p title='</noscript><img src=x onerror={ACT}>'>",
    f"<template><script>{ACT}</script></template>",
    f'__i18n__{{"key": "<img src=x onerror={ACT}>"}}',
]


def written(folder: Path, texts: list[str]) -> None:
    """One article for each text, which is its title, its author, its body and, as far as it can be, its file name."""
    folder.mkdir()
    for number, text in enumerate(texts):
        line = " ".join(text.split())
        name = f"{number} {line}".replace("/", "_").replace("\0", "")[:120]
        author = line.replace("\x1b", "").replace("\x07", "")
        quoted = author.replace("\\", "\\\\").replace('"', '\\"')
        (folder / f"{name}.md").write_text(
            f'---\nauthor: "{quoted}"\n---\n# {line}\n\nMark{number} says {line} to everybody who asks.\n', "utf-8"
        )


def tried(browser: Browser, tmp_path: Path, texts: list[str]) -> None:
    """Shows each text in every place where the page shows texts."""
    written(tmp_path / "articles", texts)
    with ArticleIndex.open(tmp_path / "index", embedder=HashingEmbedder()) as index:
        report = index.add(tmp_path / "articles")
        assert not report.failed
        with (
            serving(index, tmp_path / "articles", reader=SentenceReader()) as served,
            visiting(browser, served) as visit,
        ):
            for number, text in enumerate(texts):
                asked(visit, number, text)
            listed(visit)
            outside = [one for one in visit.addresses if not one.startswith((served.url, "data:", "blob:"))]
            assert outside == []
            assert visit.complaints == []


def asked(visit: Visit, number: int, text: str) -> None:
    """As a question, which names the chat, and as the article that it finds."""
    page = visit.page
    page.locator("#pq-new").click()
    expect(page.locator("#pq-chat .pq-asked")).to_have_count(0)
    question = f"What says Mark{number} {text}?"
    visit.ask(question)
    shown = page.locator("#pq-chat .pq-asked").evaluate("element => element.textContent")
    assert shown == question
    page.locator("#pq-chat .pq-open").first.click()
    expect(page.locator("#pq-pane .pq-text")).to_have_count(1)
    assert page.locator("#pq-chat :is(.pq-card, .pq-asked) :is(img, script, iframe, svg, a, style, form)").count() == 0
    assert page.locator("#pq-pane :is(img, script, iframe, svg, style, form, object, embed)").count() == 0
    assert page.evaluate("window.hacked") is None, text


def listed(visit: Visit) -> None:
    """In the lists of chats and of articles."""
    page = visit.page
    page.locator("#pq-to-library").click()
    expect(page.locator(".pq-table .pq-open").first).to_be_visible()
    assert page.locator("#pq-library :is(img, script, iframe, svg, a, style, form)").count() == 0
    assert page.locator("#pq-chats :is(img, script, iframe, svg, a, style, form)").count() == 0
    assert page.evaluate("window.hacked") is None


def test_there_are_enough_texts() -> None:
    assert len(set(STRINGS)) >= 40


def test_some_texts_that_try_to_act_do_not(browser: Browser, tmp_path: Path) -> None:
    tried(browser, tmp_path, random.Random(7).sample(STRINGS, 4))


@pytest.mark.soak
def test_no_text_that_tries_to_act_does(browser: Browser, tmp_path: Path) -> None:
    tried(browser, tmp_path, STRINGS)


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
