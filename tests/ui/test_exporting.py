"""Exports: parsed again, they hold the quotes word for word with their citations, and nothing of them acts."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from store_support import FOLLOW_UP, QUESTION, answered, make_index, refused

from index import ArticleIndex, PullquoteError
from qa import Turn
from ui.exporting import FORMS, answer_export, chat_export, clippings_export, write_export
from ui.fragment_links import fragment_link, web_address
from ui.store import Clipping, SavedAnswer, SavedArticle, SavedQuote, Store

NASTY = [
    "<script>window.hacked = 1</script>",
    '<img src=x onerror="window.hacked = 2">',
    "![pixel](http://192.0.2.7/pixel.png)",
    "[click](javascript:alert(1))",
    "<http://evil.example/>",
    "http://evil.example/ and www.evil.example and mail@evil.example",
    "&lt;b&gt; &amp; &#60;script&#62;",
    "</blockquote></title></style><svg onload=alert(1)>",
    "a\n\n# Heading\n\n- list\n\n    code\n\n```\nfence\n```\n",
    "a\n===\nb\n---\n1. one\n> more\n+ plus\n| a | b |\n|---|---|\n| 1 | 2 |",
    "**bold** _it_ `code` ~~gone~~ $x^2$ ==marked== {{value}} [[link]] %%hidden%% [^1] [x]: http://evil.example",
    "\\[x\\](y) \\\nback",
    "<!-- --> <![CDATA[ ]]> <?php ?>",
    "turned \u202e round \u2066 and \u200f back",
    "\x1b[31mred\x1b[0m \x9b31m \x07",
    "  spaces around \t\n  and within  \n",
    "half \ud83d pair",
    "عنوان المقال",
    "\"quotes\" 'single' =cmd|calc!A1",
]
texts = st.one_of(
    st.sampled_from(NASTY),
    st.lists(
        st.sampled_from([*NASTY, " ", "\n", "\n\n", "1", ".", "-", "#", "word", ":", "//", "&", ";"]), max_size=8
    ).map("".join),
    st.text(max_size=60),
)
lines = texts.map(lambda text: text[:200])


def quote_of(text: str, title: str, author: str, source: str, url: str | None = None) -> SavedQuote:
    article = SavedArticle(7, title, (source,), author, date(2026, 3, 1), "en", "ab" * 32, None, url)
    return SavedQuote(text, 10, 10 + len(text), article, "ab" * 32, 0.9, 0.81, page=4)


def exported(quote: SavedQuote, question: str, form: str) -> str:
    answer = SavedAnswer(question, question, True, quote.text, None, 0.81, (quote,))
    return write_export(answer_export(answer), form).text


def as_shown(text: str) -> str:
    """A text with the characters that neither form can write as themselves told by their numbers."""
    pattern = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
    return re.sub(pattern, lambda match: f"\\u{ord(match[0]):04x}", text)


class Read(HTMLParser):
    """What is in a page: its elements, and the texts of its blockquotes."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.quotes: list[str] = []
        self._open = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "blockquote":
            self._open = True
            self.quotes.append("")

    def handle_endtag(self, tag: str) -> None:
        self._open = self._open and tag != "blockquote"

    def handle_data(self, data: str) -> None:
        if self._open:
            self.quotes[-1] += data


ELEMENTS = set(
    "html head meta title style body h1 h2 h3 section p blockquote mark div dl dt dd cite bdi a footer".split()
)


def tokens(markdown: str) -> Iterator[Token]:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    for token in parser.parse(markdown):
        yield token
        yield from token.children or ()


def markdown_quotes(markdown: str) -> list[str]:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    quotes, inside = [], False
    for token in parser.parse(markdown):
        inside = token.type == "blockquote_open" or (inside and token.type != "blockquote_close")
        if inside and token.type == "inline":
            assert {child.type for child in token.children or ()} <= {"text", "softbreak"}
            quotes.append(
                "".join("\n" if child.type == "softbreak" else child.content for child in token.children or ())
            )
    return quotes


@given(text=texts.filter(bool), title=lines, author=lines, source=lines, question=lines)
def test_a_markdown_export_holds_the_quote_and_nothing_that_acts(
    text: str, title: str, author: str, source: str, question: str
) -> None:
    markdown = exported(quote_of(text, title, author, source), question, "markdown")
    assert markdown_quotes(markdown) == [as_shown(text)]
    found = list(tokens(markdown))
    kinds = {token.type for token in found}
    assert kinds <= {
        "heading_open", "heading_close", "inline", "text", "softbreak", "blockquote_open", "blockquote_close",
        "paragraph_open", "paragraph_close", "bullet_list_open", "bullet_list_close", "list_item_open",
        "list_item_close", "link_open", "link_close",
    }  # fmt: skip
    assert kinds & {"html_block", "html_inline", "image", "fence", "code_block", "code_inline"} == set()
    links = [str(token.attrs["href"]) for token in found if token.type == "link_open"]
    assert [link for link in links if urlsplit(link).scheme not in ("http", "https")] == []
    assert len(links) == (1 if web_address(source) else 0)
    assert sum(token.type == "heading_open" for token in found) in (1, 2)
    assert sum(token.type == "blockquote_open" for token in found) == 1
    assert sum(token.type == "bullet_list_open" for token in found) == 1
    around = markdown.replace(as_shown(text), "")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", around)


@given(text=texts, title=lines, author=lines, source=lines, question=lines)
def test_an_html_export_holds_the_quote_and_nothing_that_acts(
    text: str, title: str, author: str, source: str, question: str
) -> None:
    page = exported(quote_of(text, title, author, source), question, "html")
    read = Read(page)
    assert read.quotes == [as_shown(text)]
    assert {tag for tag, _ in read.elements} <= ELEMENTS
    for tag, attributes in read.elements:
        assert not any(name.startswith("on") or name == "style" for name in attributes)
        assert tag == "a" or not {"href", "src"} & attributes.keys()
        if tag == "a":
            assert urlsplit(attributes["href"] or "").scheme in ("http", "https")
    assert sum(tag == "a" for tag, _ in read.elements) == (1 if web_address(source) else 0)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page)
    page.encode()


@given(text=texts, title=lines)
def test_a_json_export_holds_the_quote_exactly(text: str, title: str) -> None:
    text, title = (value.encode("utf-8", "replace").decode() for value in (text, title))
    written = exported(quote_of(text, title, "A", "a.txt"), "Why?", "json")
    assert written.isascii()
    (item,) = json.loads(written)["items"]
    assert item["quotes"][0]["text"] == text
    assert item["quotes"][0]["article"]["title"] == title


def test_the_page_forbids_whatever_it_does_not_bring(tmp_path: Path) -> None:
    page = exported(quote_of("The text.", "Title", "Author", "a.txt"), "Why?", "html")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy[1]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArticleIndex]:
    with make_index(tmp_path_factory.mktemp("exports")) as opened:
        yield opened


@pytest.mark.parametrize("form", FORMS)
def test_citations_are_whole_in_every_form(form: str) -> None:
    quote = quote_of("It rained — twice.", "The Rain", "A. Author", "/articles/rain.pdf")
    quote = dataclasses.replace(
        quote, also_in=(SavedArticle(8, "Another Rain"),), words="twice", answer_start=22, answer_end=27
    )
    written = exported(quote, "How often?", form)
    plain = re.sub(r"\\(?=[^\w\s])", "", written) if form == "markdown" else written
    for part in (
        "The Rain",
        "A. Author",
        "2026-03-01",
        "/articles/rain.pdf",
        "4",
        "10",
        "28",
        "ab" * 32,
        "Another Rain",
    ):
        assert part in plain, part
    assert ("<mark>twice</mark>" in written) == (form == "html")


@pytest.mark.parametrize("form", FORMS)
def test_a_source_that_has_changed_is_told(form: str) -> None:
    quote = dataclasses.replace(quote_of("It rained.", "The Rain", "A", "a.txt"), state="changed")
    written = exported(quote, "When?", form)
    assert ('"state": "changed"' if form == "json" else "The source has changed") in written


@pytest.mark.parametrize("form", FORMS)
def test_chats_saved_or_not_and_refusals_are_exported(index: ArticleIndex, tmp_path: Path, form: str) -> None:
    first = Turn(QUESTION, answered(index, QUESTION))
    last = Turn("Who painted it?", refused(index, "Who painted it?"))
    turns = (first, Turn(FOLLOW_UP, answered(index, FOLLOW_UP, (first,))), last)
    with Store(tmp_path / "web.sqlite") as store:
        chat = store.chats.save("anna", turns[0])
        for turn in turns[1:]:
            store.chats.add("anna", chat.id, turn)
        saved = write_export(chat_export(chat, store.chats.turns("anna", chat.id, index)), form).text
    live = write_export(chat_export(QUESTION, turns), form).text
    stamp = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d[^ \"]*")
    assert stamp.sub("", saved) == stamp.sub("", live)
    if form == "markdown":
        shown = [quote.text for turn in turns for quote in turn.answer.quotes]
        shown += [hit.text for hit in last.answer.nearest]
        assert markdown_quotes(saved) == shown
        assert "Nearest passages, not an answer" in saved


@pytest.mark.parametrize("form", FORMS)
def test_clippings_carry_their_notes(form: str) -> None:
    quote = quote_of("It rained.", "The Rain", "A", "a.txt")
    kept = Clipping("x", quote, "When?", "for <b>page one</b>\n\n# not a heading", datetime(2026, 3, 1, tzinfo=UTC))
    written = write_export(clippings_export([kept], "My week"), form)
    assert written.suffix in (".md", ".html", ".json")
    assert "My week" in written.text
    assert "When?" in written.text
    assert "page one" in written.text
    assert form == "json" or "<b>" not in written.text.replace("\\<", "")
    if form == "markdown":
        assert [token.tag for token in tokens(written.text) if token.type == "heading_open"] == ["h1", "h2"]


def test_an_unknown_form_is_told() -> None:
    with pytest.raises(PullquoteError, match="'docx' is not a form of export; choose one of markdown, html, json"):
        write_export(clippings_export([]), "docx")


@pytest.mark.parametrize(
    ("text", "directive"),
    [
        ("The well-known, old & new", "The%20well%2Dknown%2C%20old%20%26%20new"),
        ("two\n lines\tof it", "two%20lines%20of%20it"),
        ("naïve “quote” #1 50%", "na%C3%AFve%20%E2%80%9Cquote%E2%80%9D%20%231%2050%25"),
        ("one two three. " * 20, "one%20two%20three.%20one%20two%20three.,one%20two%20three.%20one%20two%20three."),
        ("The first ends.\n \nThe second one begins and ends just there.",
         "The%20first%20ends.,one%20begins%20and%20ends%20just%20there."),
        ("一" * 300, "%E4%B8%80" * 40 + "," + "%E4%B8%80" * 40),
    ],
)  # fmt: skip
def test_text_fragments_are_encoded(text: str, directive: str) -> None:
    link = fragment_link("https://example.org/a", text)
    assert link == f"https://example.org/a#:~:text={directive}"


def test_text_fragments_join_what_is_in_the_address() -> None:
    assert (
        fragment_link("https://example.org/a?b=1&c=2#part", "x y") == "https://example.org/a?b=1&c=2#part:~:text=x%20y"
    )
    assert fragment_link("https://example.org/a#:~:text=old", "new") == "https://example.org/a#:~:text=new"
    assert fragment_link("https://example.org/ä b", "x") is None
    assert fragment_link("https://example.org/ä", "x") == "https://example.org/%C3%A4#:~:text=x"
    assert fragment_link("https://example.org/", " \n ") == "https://example.org/"


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "/a/b.txt", "", "http://", "http://[", "ftp://a/b",
     "https://a.example/\x1b", "JAVASCRIPT://a.example/%0aalert(1)"],
)  # fmt: skip
def test_only_the_web_is_linked(address: str) -> None:
    assert fragment_link(address, "text") is None


@given(text=st.text(min_size=1, max_size=500))
def test_a_text_fragment_says_words_of_the_text(text: str) -> None:
    link = fragment_link("https://example.org/", text)
    assert link is not None
    assert link.isascii()
    words = " ".join(text.split()).encode("utf-8", "replace").decode()
    if not words:
        return
    directive = link.removeprefix("https://example.org/#:~:text=")
    assert not set(directive) & set("-&#\"'<> ")
    parts = [unquote(part) for part in directive.split(",")]
    assert len(parts) in (1, 2)
    assert words.startswith(parts[0])
    assert words.endswith(parts[-1])
