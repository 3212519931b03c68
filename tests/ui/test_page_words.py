"""The words of the page: every language has them all, and no text is shown that does not come from them."""

from __future__ import annotations

import ast
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from index import ArticleIndex, HashingEmbedder, PullquoteError
from qa import SentenceReader, ask
from qa.checking.matching import EDGE_ELLIPSIS, FIRST_LETTER, LAST_MARK
from qa.checking.result import Kind, Verdict
from qa.confidence import calibration
from ui.page.layout import I18N
from ui.page.words import PARTS
from ui.store import DISLIKE_REASONS
from ui.words import LANGUAGES, counted, day, language_of, percent, say, speaking, told

UI = Path(__file__).parents[2] / "ui"
PAGE = sorted((UI / "page").glob("*.py"))
ENGLISH = LANGUAGES["en"]
OTHERS = sorted(set(LANGUAGES) - {"en"})
SHOWN = {"label", "placeholder", "info", "submit_btn", "stop_btn", "title", "description"}
"""Arguments of Gradio's parts that people read."""
SAID = {"Button": "value", "Markdown": "value", "Accordion": "label", "Tab": "label"}
"""Gradio's parts whose first argument people read."""
PLAIN = {"“", "”", "✎", "✕", "←", "→", "Markdown", "HTML", "JSON"}
"""Signs and names that are the same in every language."""


@pytest.mark.parametrize("code", OTHERS)
def test_every_language_has_the_same_words_with_the_same_fields(code: str) -> None:
    words = LANGUAGES[code]
    assert sorted(words) == sorted(ENGLISH)
    for key, text in words.items():
        assert Counter(re.findall(r"\{\w*\}", text)) == Counter(re.findall(r"\{\w*\}", ENGLISH[key])), key
        assert text.strip(), key
        assert text.endswith("…") == ENGLISH[key].endswith("…"), key
        assert (text[-1] in ".!?" and not text.endswith("Min.")) == (ENGLISH[key][-1] in ".!?"), key
    same = [key for key, text in words.items() if text == ENGLISH[key] and len(re.sub(r"\{\w*\}", "", text)) > 12]
    assert not same, "texts that nobody has translated"


def test_no_text_holds_what_html_or_markdown_would_read() -> None:
    for words in LANGUAGES.values():
        assert not [text for text in words.values() if re.search(r"[<>&*_`$\\]", text.replace("&quot;", ""))]


def test_numbers_days_and_shares_are_written_as_in_the_language() -> None:
    found = {}
    for code in LANGUAGES:
        with speaking(code):
            counts = [counted("articles", 1), counted("articles", 0), say("only_these", count=12_345)]
            found[code] = [*counts, percent(0.874), day(date(2026, 5, 3))]
    assert found["en"] == ["1 article", "0 articles", "Ask only these (12,345)", "87%", "3 May 2026"]
    assert found["de"] == ["1 Artikel", "0 Artikel", "Nur diese fragen (12.345)", "87\u00a0%", "3. Mai 2026"]
    assert found["es"][:2] == ["1 artículo", "0 artículos"]
    assert found["fr"][1] == "0 article"  # French counts nought like one
    assert found["fr"][4] == "3 mai 2026"
    assert say("ask") == "Ask"


@pytest.mark.parametrize(
    ("accepted", "code"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("FR", "fr"),
        ("it-IT,de;q=0.9", "en"),  # as Gradio, which looks at the first one alone
        ("es-419", "es"),
        ("deu", "en"),
        ("*", "en"),
        ("", "en"),
        (None, "en"),
        ("<script>", "en"),
    ],
)
def test_the_first_language_of_the_browser_is_taken(accepted: str | None, code: str) -> None:
    assert language_of(accepted) == code


def test_lines_of_the_program_are_said_in_the_language(tmp_path: Path) -> None:
    def unlike(lines: list[str]) -> None:
        for code in OTHERS:
            with speaking(code):
                assert [line for line in lines if told(line) == line] == []

    with ArticleIndex.open(tmp_path / "index", embedder=HashingEmbedder()) as index:
        lines = [str(ask(index, "Who?", reader=SentenceReader()).reason)]
        (tmp_path / "a.txt").write_text("The ferry\n\nThe ferry left at noon.\n", "utf-8")
        index.add(tmp_path / "a.txt")
        lines += [
            str(ask(index, question, reader=SentenceReader()).reason)
            for question in ("Zebra?", '"word for word" ferry')
        ]
        lines.append(str(ask(index, "When did the ferry leave?", threshold=1.0, reader=SentenceReader()).reason))
        lines.append(str(ask(index, "ferry?", since="2030-01-01", reader=SentenceReader()).reason))
        for question in ("", "why " * 4000):
            with pytest.raises(PullquoteError) as caught:
                ask(index, question)
            lines.append(str(caught.value))
        with pytest.raises(PullquoteError) as caught:
            ask(index, "ferry?", since="2030-14-41")
        lines.append(str(caught.value))
    unlike([*lines, EDGE_ELLIPSIS, FIRST_LETTER, LAST_MARK])
    with speaking("de"):
        assert "16.000 Zeichen; die Grenze ist 10.000" in told(lines[-2])
        assert told("No passage holds “a b” word for word.") == "Keine Textstelle enthält “a b” Wort für Wort."
        assert told("a line that nobody knows") == "a line that nobody knows"
    assert told(lines[0]) == lines[0]


def test_every_key_that_is_made_from_a_value_is_there() -> None:
    made = {f"level_{name}" for name in calibration().levels} | {f"reason_{name}" for name in DISLIKE_REASONS}
    made |= {f"differs_{kind.name.lower()}" for kind in Kind} | {f"verdict_{one.name.lower()}" for one in Verdict}
    assert made <= set(ENGLISH)
    assert [ENGLISH[f"reason_{name}"] for name in DISLIKE_REASONS] == list(DISLIKE_REASONS.values())
    for kind in Kind:
        assert ENGLISH[f"differs_{kind.name.lower()}"].replace("’", "'") == str(kind)


def test_gradio_gets_the_words_of_its_parts_in_every_language() -> None:
    asked = {
        node.args[0].value
        for path in PAGE
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "part"
        and isinstance(node.args[0], ast.Constant)
    }
    told_to_gradio = {key.removeprefix("pullquote_") for key in I18N.translations["en"]}
    assert asked <= told_to_gradio
    assert {key for key in told_to_gradio if key in PARTS} == set(PARTS)
    assert {frozenset(words) for words in I18N.translations.values()} == {frozenset(I18N.translations["en"])}
    assert sorted(I18N.translations) == sorted(LANGUAGES)


def literals(tree: ast.AST) -> list[str]:
    """Texts that stand in the code where people would read them."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        shown = [word.value for word in node.keywords if word.arg in SHOWN or word.arg == SAID.get(name)]
        shown += node.args[:1] if name in {*SAID, "notice"} else []
        shown += node.args[2:3] if name == "button" else []
        found += [text for value in shown for text in written(value)]
    found += [text for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for text in between_tags(node)]
    return [text for text in found if re.search(r"[^\W\d_]{2}", text) and text not in PLAIN]


def written(value: ast.expr) -> list[str]:
    """The words of a value that is a text, or is put together from texts."""
    if isinstance(value, ast.Constant):
        return [re.sub(r"<[^>]*>?|#", "", value.value)] if isinstance(value.value, str) else []
    if isinstance(value, ast.JoinedStr):
        return [text for part in value.values for text in written(part)]
    return (
        [text for part in (value.left, value.right) for text in written(part)] if isinstance(value, ast.BinOp) else []
    )


def between_tags(node: ast.JoinedStr) -> list[str]:
    """The words of an f-string of HTML that stand outside of its tags."""
    whole = "".join(str(part.value) if isinstance(part, ast.Constant) else "\0" for part in node.values)
    return re.sub(r"<[^>]*>", "\0", whole).split("\0") if re.search(r"</\w", whole) else []


@pytest.mark.parametrize("path", PAGE, ids=lambda path: path.stem)
def test_every_text_of_the_page_comes_from_the_words(path: Path) -> None:
    found = literals(ast.parse(path.read_text("utf-8")))
    assert not found or set(found) <= {"Pullquote"}, f"{path.name}: put these into ui/words: {found}"


def test_a_text_that_does_not_come_from_the_words_is_found() -> None:
    code = """
gr.Button("Send it"); gr.Textbox(label="Name"); gr.Markdown(f"## {x} Heading"); notice("Gone."); gr.Button(part("a"))
button("a", "b", "Undo", "pq-tool"); f'<div class="pq-x">Not there {x}</div>'; f"page-{number}"; gr.Row(elem_id="x")
"""
    assert [text.strip() for text in literals(ast.parse(code))] == [
        "Send it",
        "Name",
        "Heading",
        "Gone.",
        "Undo",
        "Not there",
    ]


def test_every_word_is_used() -> None:
    code = "\n".join(path.read_text("utf-8") for path in UI.rglob("*.py") if path.parent.name != "words")
    made = re.compile(r"(level|reason|differs|verdict|confidence|count|file)_\w+|line_\w+")
    unused = {key.partition(".")[0] for key in ENGLISH if not made.fullmatch(key.partition(".")[0])}
    assert sorted(key for key in unused if f'"{key}"' not in code and f"'{key}'" not in code) == []
