"""The rule by which libraries are compared: a returned text is right where it covers the answer at its own place."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.peers.corpus import answer_spans
from benchmarks.peers.judging import Gold, hit_at, hit_within, letters, unplaced
from benchmarks.peers.lines import lines_of_code

ARTICLE = "# The bridge\n\nIt opened in 1931.\n\nA storm of 1987 closed it. It reopened in 1931 plus 60 years.\n"
ARTICLES = {"bridge.txt": letters(ARTICLE), "other.txt": letters("# Other\n\nIt opened in 1931.\n")}
FIRST = letters("# The bridge It opened in ")
GOLD = Gold("bridge.txt", ((len(FIRST), len(FIRST) + 4),))


@pytest.mark.parametrize(
    ("file", "text", "right"),
    [
        ("bridge.txt", "It opened in 1931.", True),
        ("bridge.txt", "# the BRIDGE\nIt  opened in\n1931", True),  # spaces, marks and case do not count
        ("other.txt", "It opened in 1931.", False),  # another article
        ("bridge.txt", "It reopened in 1931 plus 60 years.", False),  # the same words elsewhere
        ("bridge.txt", "It opened in 19", False),  # a part of the answer
        ("bridge.txt", "1931", True),  # found at both places: one of them is the answer's
        ("bridge.txt", "It was opened in 1931.", False),  # not in the article
        ("bridge.txt", "", False),
    ],
)
def test_a_text_is_right_where_it_covers_the_answer(file: str, text: str, right: bool) -> None:
    assert hit_at([(file, text)], GOLD, ARTICLES, 1) is right


def test_any_of_the_answers_will_do_and_only_the_first_texts_count() -> None:
    either = Gold("bridge.txt", ((10_000, 10_004), *GOLD.spans))
    found = [("other.txt", "It opened in 1931."), ("bridge.txt", "A storm of 1987"), ("bridge.txt", "opened in 1931")]
    assert not hit_at(found, either, ARTICLES, 2)
    assert hit_at(found, either, ARTICLES, 3)


def test_reading_on_costs_letters() -> None:
    before, own = ("other.txt", "It opened in 1931."), ("bridge.txt", "It opened in 1931. A storm")
    cost = len(letters("It opened in 1931"))
    assert hit_within([own], GOLD, ARTICLES, cost)
    assert not hit_within([own], GOLD, ARTICLES, cost - 1)
    assert hit_within([before, own], GOLD, ARTICLES, 2 * cost)
    assert not hit_within([before, own], GOLD, ARTICLES, 2 * cost - 1)


def test_changed_texts_are_counted() -> None:
    assert unplaced([("bridge.txt", "It opened"), ("bridge.txt", "It was opened"), ("other.txt", "")], ARTICLES) == 2


def test_answers_are_placed_in_the_article_of_their_paragraph() -> None:
    paragraph = "A storm of 1987 closed it. It reopened in 1931 plus 60 years."
    row = {"id": "1", "title": "The bridge", "paragraph": paragraph, "answers": [{"text": "1931", "start": 42}]}
    [(first, last)] = answer_spans(row, ARTICLES["bridge.txt"])
    assert ARTICLES["bridge.txt"][first:last] == "1931"
    assert first > GOLD.spans[0][1]
    with pytest.raises(ValueError, match="1: its paragraph is not in the article 'The bridge'"):
        answer_spans(row, ARTICLES["other.txt"])


def test_lines_of_code_are_those_of_the_way_asked(tmp_path: Path) -> None:
    path = tmp_path / "run.py"
    path.write_text(
        '"""What it is."""\n\nfrom a import b\nfrom c import d\n\n\n'
        "def add(x):\n    # why\n    return b(x)\n\n\ndef searcher(x):\n    return x\n\n\n"
        "def other(x):\n    return d(x)\n",
        "utf-8",
    )
    assert lines_of_code(path, "searcher") == 5
    assert lines_of_code(path, "other") == 6
