"""Two sentences that follow each other, either of which may answer, are quoted as one slice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import ArticleIndex
from qa import Answer, Hit, ask
from qa.joining import LONGEST, MARGIN, paired
from qa.reading import Candidate

Write = Callable[..., Path]

FIRST = "The dam at Orsk was opened in March after a winter without snow."
SECOND = "It had been closed for the repair of both gates."
THIRD = "Farmers below it had asked for water since January."
STORY = f"# The dam of Orsk\n\n{FIRST} {SECOND} {THIRD}\n\nWhat comes next\n\nThe valley waits for rain.\n"
WHY = "Why was the dam at Orsk opened?"


class ScoringReader:
    """A reader that gives some sentences a score, and marks the first four characters of each."""

    fingerprint = "scoring"

    def __init__(self, scores: dict[str, float], name: str = "sentence") -> None:
        self._scores = scores
        self._name = name

    def read(self, index: ArticleIndex, asked: Sequence[tuple[str, Sequence[Hit]]]) -> list[list[Candidate]]:
        """See ``Reader``."""
        return [self._of(hits) for _, hits in asked]

    def _of(self, hits: Sequence[Hit]) -> list[Candidate]:
        found = []
        for hit in hits:
            for start, end in hit.sentences:
                score = self._scores.get(hit.article.text[start:end])
                if score is not None:
                    evidence = {self._name: 9.0, "dense": 1.0, "lead": 8.0}
                    found.append(Candidate(hit, start, end, score, evidence, start, start + 4))
        return sorted(found, key=lambda candidate: -candidate.score)


@pytest.fixture
def dam(index: ArticleIndex, write: Write, articles: Path) -> ArticleIndex:
    """An index of the story about the dam."""
    write("dam.md", STORY)
    index.add(articles)
    return index


def quoted(index: ArticleIndex, scores: dict[str, float], question: str = WHY, name: str = "sentence") -> Answer:
    return ask(index, question, reader=ScoringReader(scores, name), threshold=0.0)


@pytest.mark.parametrize("better", [FIRST, SECOND])
def test_neighbours_that_may_both_answer_are_one_slice(dam: ArticleIndex, better: str) -> None:
    other = SECOND if better is FIRST else FIRST
    answer = quoted(dam, {better: 5.0, other: 5.0 - 0.9 * MARGIN, THIRD: 0.0})
    first, second = answer.quotes
    assert first.text == f"{FIRST} {SECOND}" == first.article.text[first.start : first.end] == answer.text
    assert first.answer == better[:4]
    assert first.score == 5.0
    assert second.text == THIRD


def test_what_is_less_likely_stays_a_quote_of_its_own(dam: ArticleIndex) -> None:
    answer = quoted(dam, {FIRST: 5.0, SECOND: 5.0 - 1.1 * MARGIN})
    assert [quote.text for quote in answer.quotes] == [FIRST, SECOND]


def test_three_in_a_row_are_no_quote(dam: ArticleIndex) -> None:
    answer = quoted(dam, {FIRST: 5.0, SECOND: 4.9, THIRD: 4.8})
    assert [quote.text for quote in answer.quotes] == [f"{FIRST} {SECOND}", THIRD]


def test_sentences_with_another_between_them_stay_apart(dam: ArticleIndex) -> None:
    answer = quoted(dam, {FIRST: 5.0, THIRD: 4.9})
    assert [quote.text for quote in answer.quotes] == [FIRST, THIRD]


def test_a_heading_is_not_joined_to_what_it_stands_over(dam: ArticleIndex) -> None:
    answer = quoted(dam, {"The valley waits for rain.": 5.0, "What comes next": 4.9, THIRD: 0.0})
    assert answer.quotes[0].text == "The valley waits for rain."


def test_what_would_be_too_long_stays_apart(index: ArticleIndex, write: Write, articles: Path) -> None:
    long = f"{'The committee of the valley met and ' * (LONGEST // 40)}went home."
    write("long.md", f"# Water\n\n{long} {SECOND}\n")
    index.add(articles)
    answer = quoted(index, {long: 5.0, SECOND: 4.9})
    assert [quote.text for quote in answer.quotes] == [long, SECOND]


def test_the_scores_of_other_readers_are_no_likelihoods(dam: ArticleIndex) -> None:
    answer = quoted(dam, {FIRST: 5.0, SECOND: 4.9}, name="cosine")
    assert [quote.text for quote in answer.quotes] == [FIRST, SECOND]


def test_a_list_keeps_its_sentences(dam: ArticleIndex) -> None:
    answer = quoted(dam, {FIRST: 5.0, SECOND: 4.9}, "Which farmers asked for water from the dam at Orsk?")
    assert answer.shape == "list"
    assert FIRST in [quote.text for quote in answer.quotes]


def test_who_has_only_one_of_both_keeps_them_apart(dam: ArticleIndex, write: Write, articles: Path) -> None:
    write("other.md", f"# Another paper\n\n{FIRST} Nobody there was asked about the gates.\n")
    dam.add(articles)
    answer = quoted(dam, {FIRST: 5.0, SECOND: 4.9})
    assert [quote.text for quote in answer.quotes] == [FIRST, SECOND]
    assert [len(quote.also_in) for quote in answer.quotes] == [1, 0]


def test_two_that_may_answer_are_surer_than_one(dam: ArticleIndex) -> None:
    alone = quoted(dam, {FIRST: 5.0}).confidence
    weaker, stronger = (quoted(dam, {FIRST: 5.0, SECOND: score}).confidence for score in (3.6, 4.9))
    assert alone < weaker < stronger


@given(
    st.lists(st.floats(-9, 9, allow_subnormal=False), max_size=12).map(lambda scores: sorted(scores, reverse=True)),
    st.sets(st.tuples(st.integers(0, 11), st.integers(0, 11))),
    st.integers(1, 6),
)
def test_each_sentence_is_quoted_once_and_the_best_come_first(
    scores: list[float], near: set[tuple[int, int]], most: int
) -> None:
    quotes = paired(scores, lambda one, other: (one, other) in near, most)
    places = [place for quote in quotes for place in quote if place is not None]
    assert len(places) == len(set(places))
    assert len(quotes) <= most
    firsts = [place for place, _ in quotes]
    assert firsts == sorted(firsts)
    assert set(range(len(scores))) - set(places) == set() or len(quotes) == most
    for place, other in quotes:
        assert other is None or ((place, other) in near and 0 <= scores[place] - scores[other] <= MARGIN)
