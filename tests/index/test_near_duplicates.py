"""Near-duplicates: what is one story, kept right while articles come, change and go, also after a kill."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from index import ArticleIndex, HashingEmbedder
from index.folder import CATALOG
from index.shingles import WINDOW, WORDS, are_near, shingles

WORD_LIST = (
    "harbour council ferry tide lantern captain ledger bridge winter market signal engine river cargo letter mayor "
    "island repair ticket morning budget school garden station copper window orchard festival railway doctor museum"
).split()
FOOTER = " ".join(f"notice{number} of the publisher about rights" for number in range(12))
Write = Callable[..., Path]


def words(seed: int, count: int) -> str:
    """Sentences of ten words that no other seed gives."""
    rng = np.random.default_rng(seed)
    chosen = [f"{WORD_LIST[rng.integers(len(WORD_LIST))]}{rng.integers(1000)}" for _ in range(count)]
    return ". ".join(" ".join(chosen[at : at + 10]).capitalize() for at in range(0, count, 10)) + "."


def groups(index: ArticleIndex) -> set[frozenset[str]]:
    """The groups of near-duplicates, as titles; checks that every row still matches its checksum."""
    titles = {article.id: article.title for article in index.articles()}
    found: dict[int, set[str]] = {}
    for number, group in index.near_groups(titles).items():
        found.setdefault(group, set()).add(titles[number])
    return {frozenset(some) for some in found.values()}


def story(title: str, *paragraphs: str) -> str:
    return "\n\n".join([title, *paragraphs]) + "\n"


def test_another_headline_and_a_changed_paragraph_are_the_same_story(
    index: ArticleIndex, write: Write, articles: Path
) -> None:
    same = words(1, 240)
    write("one.txt", story("Ferry returns", same, words(2, 30)))
    write("two.txt", story("The boat is back", same, words(3, 30)))
    write("other.txt", story("Something else", words(4, 270)))
    index.add(articles)
    assert groups(index) == {frozenset({"Ferry returns", "The boat is back"})}
    assert index.verify().whole


def test_a_short_version_belongs_to_the_long_story(index: ArticleIndex, write: Write, articles: Path) -> None:
    short = words(1, 90)
    write("long.txt", story("Long", words(2, 300), short, words(3, 300)))
    write("short.txt", story("Short", short))
    index.add(articles)
    assert groups(index) == {frozenset({"Long", "Short"})}


def test_forms_with_other_numbers_are_not_the_same_story(index: ArticleIndex, write: Write, articles: Path) -> None:
    form = "Quarterly dividend {} cents against {} cents before. Payable on April {}, to holders of record of March {}."
    for number, name in enumerate(["Alpha", "Beta", "Gamma"]):
        write(
            f"{name}.txt", story(f"{name} Corporation sets dividend", form.format(number, number + 1, 7, number + 20))
        )
    index.add(articles)
    assert groups(index) == set()


def test_adding_one_after_the_other_or_at_once_gives_the_same(
    index: ArticleIndex, write: Write, articles: Path, tmp_path: Path
) -> None:
    for number in range(12):
        path = write(f"{number}.txt", story(f"Version {number}", words(number % 3, 150), words(100 + number, 20)))
        index.add(path)
    with ArticleIndex.open(tmp_path / "at once", embedder=HashingEmbedder()) as other:
        other.add(articles)
        assert groups(other) == groups(index)
    assert sorted(map(len, groups(index))) == [4, 4, 4]


def test_removing_the_link_between_two_stories_parts_them(index: ArticleIndex, write: Write, articles: Path) -> None:
    first, second = words(1, 120), words(2, 120)
    for name, text in {"First": first, "Second": second, "Both": first + " " + second}.items():
        write(f"{name}.txt", story(name, text))
    write("Copy.txt", story("Copy", second, words(3, 20)))
    index.add(articles)
    assert groups(index) == {frozenset({"First", "Second", "Both", "Copy"})}
    index.remove("Both")
    assert groups(index) == {frozenset({"Second", "Copy"})}
    index.remove("Copy")
    assert groups(index) == set()
    assert index.verify().whole


def test_an_article_whose_text_changes_leaves_its_group_and_may_join_another(
    index: ArticleIndex, write: Write, articles: Path
) -> None:
    first, second = words(1, 120), words(2, 120)
    for name, text in {"A": first, "B": first, "C": second, "D": words(3, 120)}.items():
        write(f"{name}.txt", story(name, text, words(ord(name), 15)))
    index.add(articles)
    assert groups(index) == {frozenset("AB")}
    write("A.txt", story("A", second, words(9, 15)))
    index.add(articles)
    assert groups(index) == {frozenset("AC")}
    write("D.txt", story("D", first, words(10, 15)))
    index.add(articles)
    assert groups(index) == {frozenset("AC"), frozenset("BD")}
    assert index.verify().whole


def test_a_footer_in_many_articles_makes_no_story(index: ArticleIndex, write: Write, articles: Path) -> None:
    for number in range(120):
        write(f"{number}.txt", story(f"Notice {number}", words(number, 20), FOOTER))
    index.add(articles)
    together = [len(group) for group in groups(index)]
    # Before a footer has been seen often, nothing tells it from a story.
    assert sum(together) <= 60
    write("real.txt", story("Real", words(500, 20), FOOTER))
    write("real too.txt", story("Real again", words(500, 20), words(7, 100)))
    index.add(articles)
    assert not any("Real" in group and len(group) > 2 for group in groups(index))


def test_copies_beyond_the_number_that_is_looked_at_stay_one_story(
    index: ArticleIndex, write: Write, articles: Path
) -> None:
    same = words(1, 200)
    for number in range(70):
        write(f"{number}.txt", story(f"Copy {number}", same, words(100 + number, 10)))
    index.add(articles)
    assert [len(group) for group in groups(index)] == [70]
    index.remove("Copy 0")
    assert [len(group) for group in groups(index)] == [69]


def test_a_catalog_without_groups_gets_them_with_the_next_write(
    index: ArticleIndex, write: Write, articles: Path
) -> None:
    same = words(1, 150)
    write("one.txt", story("One", same))
    write("two.txt", story("Two", same, words(2, 20)))
    index.add(articles)
    before = groups(index)
    _change(index, "DELETE FROM near_key", "DELETE FROM meta WHERE key = 'near_duplicates'")
    index.add(write("three.txt", story("Three", words(3, 50))))
    assert groups(index) == before == {frozenset({"One", "Two"})}
    assert index.verify().whole


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM near_key WHERE key = (SELECT min(key) FROM near_key)",
        "INSERT INTO near_key VALUES (1, 1)",
        "INSERT INTO near_key VALUES (1, 99)",
    ],
)
def test_verify_notices_wrong_keys_and_repairs_them(
    index: ArticleIndex, write: Write, articles: Path, damage: str
) -> None:
    same = words(1, 150)
    write("one.txt", story("One", same))
    write("two.txt", story("Two", same, words(2, 20)))
    index.add(articles)
    _change(index, damage)
    assert {problem.where for problem in index.verify().problems} == {"near-duplicates"}
    report = index.verify(repair=True)
    assert report.whole
    assert any("near-duplicates" in line for line in report.repaired)
    assert groups(index) == {frozenset({"One", "Two"})}


def test_a_damaged_article_is_not_made_to_look_whole_by_its_group(
    index: ArticleIndex, write: Write, articles: Path
) -> None:
    same = words(1, 150)
    write("one.txt", story("One", same))
    index.add(articles)
    _change(index, "UPDATE article SET author = 'Nobody'")
    index.add(write("two.txt", story("Two", same, words(2, 20))))
    assert [problem.where for problem in index.verify().problems] == ["article"]


def test_twenty_words_in_common_are_a_common_key() -> None:
    common = words(5, WORDS + WINDOW - 1).casefold().replace(".", "")
    for seed in range(40):
        one = shingles("", f"{words(seed, 33)} {common} {words(seed + 1, 47)}")
        two = shingles("", f"{words(seed + 50, 80)} {common}")
        assert set(one.keys) & set(two.keys)


@pytest.mark.parametrize("text", ["", "two words", "港务局星期二表示旧渡轮码头将关闭至三月底", "\ud800 a b c d e"])
def test_any_text_has_shingles(text: str) -> None:
    own = shingles("", text)
    assert len(own.keys) == len(own.chosen)
    assert not len(own.hashes) or own.keys
    assert not are_near(own.hashes[:3], own.hashes[:3])


def test_the_work_for_one_article_does_not_grow_with_the_index(tmp_path: Path) -> None:
    """In statements of SQLite's own clock: its virtual machine's steps."""
    from index.database import connect, create
    from index.near_duplicates import NearDuplicates

    create(tmp_path / "catalog.sqlite", {})
    connection = connect(tmp_path / "catalog.sqlite")
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    connection.execute("BEGIN")
    near = NearDuplicates(connection)
    taken = {}
    for number in range(1, 401):
        title, text = f"Article {number}", words(number, 60)
        connection.execute(
            "INSERT INTO article (id, title, text, sha256, splitter, added_at, generation, checksum) "
            "VALUES (?, ?, ?, ?, '', '', 1, 0)",
            (number, title, text, str(number)),
        )
        connection.set_progress_handler(step, 1)
        steps = 0
        near.join(number, title, text)
        taken[number] = steps
        connection.set_progress_handler(None, 0)
    connection.execute("COMMIT")
    connection.close()
    early, late = (np.mean([taken[number] for number in some]) for some in (range(20, 100), range(320, 400)))
    assert late < 1.3 * early


def _change(index: ArticleIndex, *statements: str) -> None:
    connection = sqlite3.connect(index.folder / CATALOG)
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_a_damaged_article_that_is_removed_takes_its_keys_along(
    index: ArticleIndex, write: Write, articles: Path
) -> None:
    write("one.txt", story("One", words(1, 150)))
    write("two.txt", story("Two", words(2, 150)))
    index.add(articles)
    _change(index, "UPDATE article SET text = text || 'x' WHERE title = 'One'")
    index.remove("One")
    assert index.verify().whole
