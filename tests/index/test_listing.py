"""The list of a library: searched, sorted, limited, page by page, near-duplicates in one row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index import ArticleIndex, FilterError, Filters, HashingEmbedder

WIRE = " ".join(
    f"The harbour board of Hals said on day {number} that the northern pier, built of oak, would be closed for repairs."
    for number in range(12)
)
LONG = "It was read aloud in the hall of Hals, where everybody who had come in from the cold listened to the end of it."


def web_page(title: str, text: str, **metadata: str) -> str:
    """A saved page of a newspaper."""
    told = "".join(f"<meta name='{name}' content='{value}'>" for name, value in metadata.items())
    return (
        f"<html lang='en'><head><title>{title}</title>{told}</head><body><article><h1>{title}</h1><p>{text} {LONG}</p>"
        "</article></body></html>"
    )


PAGES = {
    "2024/bees.html": web_page(
        "Wild bees return", "Forty-three species were counted.", author="Ada Holm", date="2024-03-02"
    ),
    "2024/lamp.html": web_page(
        "the lamp turns by itself",
        "The keeper of Skagen polishes the lens at six.",
        author="Bo Lund",
        date="2024-05-05",
    ),
    "2025/mill.html": web_page("Mill sold", "The mill of Hals was bought by its miller.", date="2025-01-01"),
    "100%_sure.txt": "A bet\n\nNobody wins a bet with the sea, as they say in the harbour of Hals.",
    "pier-a.txt": f"The pier closes\n\n{WIRE} This is the morning paper.",
    "pier-b.txt": f"The pier closes\n\n{WIRE} This is the evening paper.",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArticleIndex]:
    place = tmp_path_factory.mktemp("listing")
    for name, text in PAGES.items():
        path = place / "articles" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    page = web_page("The ferry sails", "The ferry of Hals sails twice a day in winter.")
    page = page.replace("</head>", "<meta property='og:site_name' content='Hals Post'></head>")
    (place / "articles" / "ferry.html").write_text(page, "utf-8")
    with ArticleIndex.open(place / "index", embedder=HashingEmbedder()) as index:
        report = index.add(place / "articles")
        assert len(report.added) == len(PAGES) + 1
        yield index


def titles(index: ArticleIndex, **limits: object) -> list[str]:
    return [row.title for row in index.listing(Filters(), **limits).rows]  # type: ignore[arg-type]


def test_each_row_tells_what_is_known_of_its_article(library: ArticleIndex) -> None:
    row = next(row for row in library.listing(Filters()).rows if row.title == "Wild bees return")
    stored = library.article(row.id)
    assert stored is not None
    assert (row.author, row.published, row.source) == ("Ada Holm", "2024-03-02", stored.source)
    assert (row.characters, row.language, row.site) == (len(stored.text), stored.language, None)


def test_the_newest_come_first_and_those_without_a_day_last(library: ArticleIndex) -> None:
    assert titles(library)[:3] == ["Mill sold", "the lamp turns by itself", "Wild bees return"]
    assert titles(library, order="oldest")[:3] == ["Wild bees return", "the lamp turns by itself", "Mill sold"]


def test_titles_are_sorted_whatever_their_case(library: ArticleIndex) -> None:
    found = titles(library, order="title")
    assert found == sorted(found, key=str.casefold)
    assert titles(library, order="author")[:2] == ["Wild bees return", "the lamp turns by itself"]
    assert titles(library, order="added")[0] == library.article(max(library.listed_ids(Filters()))).title  # type: ignore[union-attr]


def test_near_duplicates_share_a_row_and_are_named_in_it(library: ArticleIndex) -> None:
    listing = library.listing(Filters())
    assert (listing.articles, listing.groups) == (7, 6)
    row = next(row for row in listing.rows if row.near)
    assert row.title == "The pier closes"
    assert [Path(version.source).name for version in row.near] == ["pier-b.txt"]
    assert {row.id, *(version.id for version in row.near)} <= set(library.listed_ids(Filters()))


def test_near_duplicates_that_do_not_pass_are_not_in_the_row(library: ArticleIndex) -> None:
    row = library.listing(Filters(), "pier-b").rows[0]
    assert (Path(row.source).name, row.near) == ("pier-b.txt", ())


def test_every_word_of_a_search_must_stand_in_title_author_site_or_source(library: ArticleIndex) -> None:
    assert titles(library, search="BEES wild") == ["Wild bees return"]
    assert titles(library, search="lund") == ["the lamp turns by itself"]
    assert titles(library, search="hals post") == ["The ferry sails"]
    assert titles(library, search="2025 mill") == ["Mill sold"]
    assert titles(library, search="bees lamp") == []
    assert titles(library, search="species") == []  # the text is what questions are for


@pytest.mark.parametrize(("search", "found"), [("100%_", ["A bet"]), ("%", ["A bet"]), ("\\", []), ("'", [])])
def test_signs_of_sql_are_searched_as_they_are(library: ArticleIndex, search: str, found: list[str]) -> None:
    assert titles(library, search=search) == found


def test_pages_follow_each_other_without_gap_or_repetition(library: ArticleIndex) -> None:
    whole = [row.id for row in library.listing(Filters(), count=100).rows]
    pages = [[row.id for row in library.listing(Filters(), first=first, count=2).rows] for first in (0, 2, 4, 6)]
    assert [number for page in pages for number in page] == whole
    assert pages[-1] == []


def test_filters_limit_the_list_and_the_ids(library: ArticleIndex) -> None:
    spring = Filters(since="2024-01-01", until="2024-12-31")
    assert {row.title for row in library.listing(spring).rows} == {"Wild bees return", "the lamp turns by itself"}
    assert library.listed_ids(spring) == sorted(row.id for row in library.listing(spring).rows)
    assert library.listing(Filters(languages=["xx"])).rows == ()
    with pytest.raises(FilterError, match="is not a date"):
        library.listing(Filters(since="spring"))


def test_origins_are_sites_and_folders(library: ArticleIndex) -> None:
    found = {origin.key: origin.articles for origin in library.origins()}
    folder = f"{library.folder.parent / 'articles'}"
    assert found["site:Hals Post"] == 1
    assert found[f"in:{folder}/2024/".replace("\\", "/") if "/" in folder else f"in:{folder}\\2024\\"] == 2
    assert list(found.values()) == sorted(found.values(), reverse=True)


def test_an_origin_limits_to_a_site_or_to_all_below_a_folder(library: ArticleIndex) -> None:
    assert titles(library, origin="site:Hals Post") == ["The ferry sails"]
    below = next(origin.key for origin in library.origins() if "2024" in origin.key)
    assert set(titles(library, origin=below)) == {"Wild bees return", "the lamp turns by itself"}
    assert titles(library, origin=below, search="lamp") == ["the lamp turns by itself"]
    assert len(library.listed_ids(Filters(), origin=below)) == 2
    whole = next(origin.key for origin in library.origins() if origin.key.rstrip("/\\").endswith("articles"))
    assert library.listing(Filters(), origin=whole).articles == 7
    assert titles(library, origin="in:/nowhere/") == []
