"""Several libraries, folders that are handed in, and what was removed and comes back."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect
from test_page_quotes import KEEPER, STEPS, WIRE, KnowingReader
from web_support import Served, serving, visiting, wait_until

from index import ArticleIndex, Filters, HashingEmbedder, PullquoteError
from index.undoing import put_back, take_out
from ui.libraries import Libraries, checked_name
from ui.page.adding import SLASH, kept_files, safe_way
from ui.page.removing import KEPT, Removals
from ui.page.session import Wanted, day_of

MILL = "The mill of Hals\n\nThe mill of Hals was bought by its miller, Ane Krogh, on Friday.\n"
FERRY = "The ferry of Hals\n\nThe ferry of Hals sails twice a day in winter, says its owner Bo Lund.\n"


def index_of(folder: Path, **texts: str) -> ArticleIndex:
    """An index of some texts, beside them."""
    sources = folder.with_name(f"{folder.name}-articles")
    sources.mkdir(parents=True)
    for name, text in texts.items():
        (sources / f"{name}.txt").write_text(text, "utf-8")
    index = ArticleIndex.open(folder, embedder=HashingEmbedder())
    if texts:
        index.add(sources)
    return index


# Removing, and bringing back.


def test_what_is_taken_out_comes_back_whole_when_its_file_is_gone(tmp_path: Path) -> None:
    with index_of(tmp_path / "a", mill=MILL, ferry=FERRY) as index:
        before = next(index.articles(Filters(sources=["*mill.txt"])))
        assert [one.id for one in take_out(index, [before.id, 999], tmp_path / "kept")] == [before.id]
        assert index.counts()[0] == 1
        Path(before.source).unlink()
        assert put_back(index, tmp_path / "kept").added == [before.source]
        after = next(index.articles(Filters(sources=["*mill.txt"])))
        assert (after.text, after.title, after.sources) == (before.text, before.title, before.sources)
        assert index.verify().problems == []


def test_sync_finds_what_came_back_as_it_was(tmp_path: Path) -> None:
    with index_of(tmp_path / "a", mill=MILL, ferry=FERRY) as index:
        take_out(index, index.listed_ids(Filters()), tmp_path / "kept")
        put_back(index, tmp_path / "kept")
        report = index.sync()
        assert len(report.add.unchanged) == 2
        assert (report.add.added, report.add.updated, report.removed) == ([], [], ())


def test_what_was_added_again_meanwhile_is_not_doubled(tmp_path: Path) -> None:
    with index_of(tmp_path / "a", mill=MILL) as index:
        path = next(index.articles()).source
        take_out(index, index.listed_ids(Filters()), tmp_path / "kept")
        Path(path).write_text(FERRY, "utf-8")
        index.add(path)  # another text in the same place
        put_back(index, tmp_path / "kept")
        assert sorted(article.title for article in index.articles()) == ["The ferry of Hals", "The mill of Hals"]
        assert index.verify().problems == []
        take_out(index, [next(index.articles()).id], tmp_path / "again")
        put_back(index, tmp_path / "again")
        put_back(index, tmp_path / "again")
        assert index.counts()[0] == 2


def test_removals_are_kept_for_a_day_and_then_gone_for_good(tmp_path: Path) -> None:
    with index_of(tmp_path / "a", ferry=FERRY) as index:
        source = tmp_path / "mill.txt"
        source.write_text(MILL, "utf-8")
        dropped = kept_files(index, [str(source)]).paths[0]
        index.add(dropped)
        removals = Removals(index)
        number = index.find(dropped)[0].id
        what, removal = removals.remove([number])
        assert what == "“The mill of Hals”"
        assert removal is not None
        assert [one.token for one in removals.recent()] == [removal.token]
        removals.purge()
        assert Path(dropped).exists()
        assert len(removals.recent()) == 1
        old = f"20200101000000-{removal.token.partition('-')[2]}"
        for path in (index.folder / "removed").iterdir():
            path.rename(path.with_stem(old))
        assert removals.recent() == ()
        removals.purge()
        assert list((index.folder / "removed").iterdir()) == []
        assert not Path(dropped).exists()  # nothing else needed the copy
        with pytest.raises(PullquoteError, match="cannot be brought back any more"):
            removals.undo(old)
        with pytest.raises(PullquoteError, match="cannot be brought back any more"):
            removals.undo("../../etc/passwd")


# Handing in.


def test_the_way_of_a_file_in_a_folder_stays_inside() -> None:
    assert safe_way(f"Reports{SLASH}2024{SLASH}May{SLASH}mill.txt") == (["Reports", "2024", "May"], "mill.txt")
    assert safe_way("mill.txt") == ([], "mill.txt")
    for name in (
        f"..{SLASH}..{SLASH}x.txt",
        f"a{SLASH}..{SLASH}x.txt",
        f"a/../{SLASH}x.txt",
        f"{SLASH}etc{SLASH}x.txt",
    ):
        folders, own = safe_way(name)
        assert ".." not in folders
        assert not any("/" in part or "\\" in part for part in [*folders, own])


def test_a_folder_keeps_its_folders_and_leaves_out_what_is_no_article(tmp_path: Path) -> None:
    with index_of(tmp_path / "a") as index:
        sent = []
        for name in (
            "mill.txt",
            f"R{SLASH}mill.txt",
            f"R{SLASH}logo.ico",
            f"R{SLASH}.DS_Store",
            f"__MACOSX{SLASH}mill.txt",
        ):
            path = tmp_path / "sent" / str(len(sent)) / name
            path.parent.mkdir(parents=True)
            path.write_text(MILL, "utf-8")
            sent.append(str(path))
        kept = kept_files(index, sent)
        below = [Path(path).relative_to(index.folder / "uploads").as_posix() for path in kept.paths]
        assert (below, kept.passed_over) == (["mill.txt", "R/mill.txt"], 3)


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("", None, None),
        ("20", None, None),
        ("2024", "2024-01-01", "2024-12-31"),
        ("2024-", "2024-01-01", "2024-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        (" 2024-02-03 ", "2024-02-03", "2024-02-03"),
        ("2024-13", "2024-13-01", "2024-13-01"),
        ("spring", "spring", "spring"),
    ],
)
def test_a_year_or_a_month_is_a_span_of_days(typed: str, first: str | None, last: str | None) -> None:
    assert (day_of(typed), day_of(typed, last=True)) == (first, last)
    assert Wanted(since=typed, until=typed).filters() == Filters(since=first, until=last)


# Libraries.


def test_a_library_that_was_made_is_there_again(tmp_path: Path) -> None:
    with index_of(tmp_path / "home", mill=MILL) as home:
        with contextlib.closing(Libraries([home])) as libraries:
            made = libraries.make("  Budget   2026 ")
            assert (made.name, made.index.folder) == ("Budget 2026", tmp_path / "Budget 2026")
            made.index.add(home.folder.with_name("home-articles"))
            for taken in ("budget 2026", "home", "home-articles"):
                with pytest.raises(PullquoteError, match="choose another name"):
                    libraries.make(taken)
        with contextlib.closing(Libraries([home])) as libraries:
            assert [library.name for library in libraries] == ["home", "Budget 2026"]
            assert libraries.get("Budget 2026").index.counts()[0] == 1
            assert libraries.get(None) is libraries.get("") is libraries.home
            with pytest.raises(PullquoteError, match="there is no library 'x'; there are: home, Budget 2026"):
                libraries.get("x")
        (tmp_path / "Budget 2026" / "catalog.sqlite").write_bytes(b"broken")
        with contextlib.closing(Libraries([home])) as libraries:
            assert len(libraries) == 1
            assert "'Budget 2026' is not shown" in libraries.notes[0]


@pytest.mark.parametrize(
    "name", ["", " ", "a/b", "..", ".hidden", "a\\b", "con", "NUL.txt", "x" * 61, "-x", "a\0b", "a."]
)
def test_what_is_no_name_for_a_folder_everywhere_is_no_name_for_a_library(name: str) -> None:
    with pytest.raises(PullquoteError, match="cannot be the name of a library"):
        checked_name(name)


def test_a_list_of_libraries_leads_nowhere_else(tmp_path: Path) -> None:
    with index_of(tmp_path / "inner" / "home") as home, index_of(tmp_path / "other", mill=MILL):
        (home.folder / "libraries.json").write_text(json.dumps({"libraries": ["../other", 3, "/etc"]}), "utf-8")
        with contextlib.closing(Libraries([home])) as libraries:
            assert len(libraries) == 1
        (home.folder / "libraries.json").write_text("{", "utf-8")
        with contextlib.closing(Libraries([home])) as libraries:
            assert "cannot be read" in libraries.notes[0]


def test_two_folders_of_one_name_have_two_names(tmp_path: Path) -> None:
    with (
        index_of(tmp_path / "a" / "index") as first,
        index_of(tmp_path / "b" / "index") as second,
        contextlib.closing(Libraries([first, second])) as libraries,
    ):
        assert [library.name for library in libraries] == ["index", "index (b)"]


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Served]:
    """A server on one library with articles."""
    with (
        index_of(tmp_path / "my-articles", keeper=KEEPER, wire=f"Paper\n\n{WIRE} So says the paper.\n") as index,
        serving(index, tmp_path, reader=KnowingReader()) as running,
    ):
        yield running


def test_the_api_takes_a_library(tmp_path: Path) -> None:
    with index_of(tmp_path / "a", mill=MILL) as first, index_of(tmp_path / "b", ferry=FERRY) as second:
        libraries = Libraries([first, second])
        with (
            serving(libraries, tmp_path, reader=KnowingReader()) as running,
            httpx2.Client(base_url=running.url) as client,
        ):
            assert client.get("/api/v1/status").json()["libraries"] == ["a", "b"]
            titles = [
                [article["title"] for article in client.get("/api/v1/articles", params=wanted).json()["articles"]]
                for wanted in ({}, {"library": "a"}, {"library": "b"})
            ]
            assert titles == [["The mill of Hals"], ["The mill of Hals"], ["The ferry of Hals"]]
            body = {"question": "ferry of Hals", "library": "b"}
            hits = client.post("/api/v1/retrieve", json=body).json()["hits"]
            assert hits[0]["article"]["title"] == "The ferry of Hals"
            for path, body in (
                ("ask", {"question": "x?"}),
                ("retrieve", {"question": "x?"}),
                ("check", {"text": "“x”"}),
            ):
                refused = client.post(f"/api/v1/{path}", json={**body, "library": "c"})
                assert refused.status_code == 400
                assert refused.json()["error"] == "there is no library 'c'; there are: a, b"


def library_view(page: Page) -> None:
    page.locator("#pq-to-library").click()
    page.locator("#pq-library .pq-list").wait_for()


KEPT_LIBRARY = "localStorage.getItem('pullquote-library')"


@pytest.mark.browser
def test_a_new_library_has_its_own_articles_chats_and_links(browser: Browser, two: Served) -> None:
    with visiting(browser, two) as visit:
        page = visit.page
        visit.ask(STEPS)
        expect(page.locator("#pq-chats .pq-chat-name")).to_have_count(1)
        expect(page.locator(".pq-a-library")).to_have_count(0)  # one library needs no choice
        page.get_by_role("button", name="New library").click()
        name = page.locator("#pq-library-name input, #pq-library-name textarea")
        name.fill("my-articles")
        page.keyboard.press("Enter")
        expect(page.locator("#pq-notice")).to_contain_text("choose another name")
        name.fill("Budget 2026")
        page.keyboard.press("Enter")
        expect(page.locator("#pq-header")).to_contain_text("Budget 2026 · 0 articles")
        expect(page.locator("#pq-chat")).to_contain_text("There are no articles here yet")
        expect(page.locator("#pq-chats .pq-chat-name")).to_have_count(0)
        visit.ask(STEPS)
        expect(page.locator("#pq-chat .pq-none")).to_contain_text("There are no articles")
        expect(page).to_have_url(f"{two.url}/?library=Budget+2026&chat=" + page.url.rpartition("=")[2])
        address = page.url
        assert visit.complaints == []
        page.locator(".pq-a-library", has_text="my-articles").click()
        expect(page.locator("#pq-header")).to_contain_text("my-articles · 2 articles")
        expect(page.locator("#pq-chats .pq-chat-name")).to_have_count(1)
        expect(page).to_have_url(f"{two.url}/")
        page.goto(address)  # a link leads into its library
        expect(page.locator("#pq-header")).to_contain_text("Budget 2026")
        expect(page.locator("#pq-chat .pq-none")).to_have_count(1)
        kept = page.evaluate(KEPT_LIBRARY)
        page.locator(".pq-a-library", has_text="Budget 2026").click()
        expect(page.locator("#pq-chat .pq-none")).to_have_count(0)
        wait_until(page, f"kept => {KEPT_LIBRARY} !== kept", kept)
        page.goto(two.url)  # the browser remembers which one was chosen
        expect(page.locator("#pq-header")).to_contain_text("Budget 2026")


@pytest.mark.browser
def test_a_folder_is_chosen_and_its_files_keep_their_way(browser: Browser, two: Served, tmp_path: Path) -> None:
    folder = tmp_path / "Reports"
    (folder / "2024").mkdir(parents=True)
    (folder / "2024" / "mill.txt").write_text(MILL, "utf-8")
    (folder / "ferry.txt").write_text(FERRY, "utf-8")
    (folder / "logo.ico").write_bytes(b"\0\0\1\0")
    with visiting(browser, two) as visit:
        page = visit.page
        library_view(page)
        page.locator("#pq-adding button").first.click()
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Choose a folder").click()
        chooser.value.set_files(folder)
        expect(page.locator("#pq-files")).to_contain_text("mill")
        page.locator("#pq-add").click()
        expect(page.locator("#pq-progress")).to_contain_text("2 added")
        expect(page.locator("#pq-progress")).to_contain_text("1 file in the folder passed over")
        expect(page.locator(".pq-table tr", has_text="The mill of Hals")).to_contain_text("Reports/2024/mill.txt")
        sources = {Path(article.source).name: Path(article.source) for article in two.index.articles()}
        assert sources["mill.txt"].parts[-4:] == ("uploads", "Reports", "2024", "mill.txt")
        page.locator("#pq-origin input").click()
        page.get_by_role("option", name="Reports/2024").click()
        expect(page.locator(".pq-table .pq-open")).to_have_count(1)
        page.get_by_role("button", name="Ask only these (1)").click()
        expect(page.locator("#pq-scope")).to_contain_text("Only: The mill of Hals")


@pytest.mark.browser
def test_a_removed_article_comes_back_after_its_file_has_gone(browser: Browser, two: Served) -> None:
    with visiting(browser, two) as visit:
        page = visit.page
        library_view(page)
        next(Path(article.source) for article in two.index.articles() if "keeper" in article.source).unlink()
        page.get_by_role("button", name="Remove The keeper of Skagen").click()
        expect(page.locator("#pq-notice")).to_contain_text(
            f"bring it back for {round(KEPT.total_seconds() / 3600)} hours"
        )
        expect(page.locator(".pq-table .pq-open")).to_have_count(1)
        page.reload()
        library_view(page)
        page.locator(".pq-removed summary").click()
        page.get_by_role("button", name="Bring it back").click()
        expect(page.locator(".pq-table .pq-open")).to_have_count(2)
        expect(page.locator(".pq-removed")).to_have_count(0)
        page.get_by_role("button", name="Tick this page").click()
        expect(page.get_by_role("button", name="Ask only these (2)")).to_be_visible()
        page.locator("#pq-to-ask").click()
        visit.ask(STEPS)
        expect(page.locator("#pq-chat .pq-first")).to_have_count(1)


@pytest.mark.browser
def test_a_span_of_time_can_be_asked_alone(browser: Browser, two: Served) -> None:
    with visiting(browser, two) as visit:
        page = visit.page
        library_view(page)
        page.locator("#pq-since input, #pq-since textarea").fill("spring")
        expect(page.locator("#pq-library")).to_contain_text("'spring' is not a date")
        page.locator("#pq-since input, #pq-since textarea").fill("2024")
        expect(page.locator("#pq-library")).to_contain_text("No article matches")
        page.locator("#pq-since input, #pq-since textarea").fill("")
        expect(page.locator(".pq-table .pq-open")).to_have_count(2)
        assert visit.complaints == []
