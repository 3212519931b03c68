"""The measures, against values that were worked out by hand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import Article
from qa import Hit, Quote, ScoreParts, measures

ARTICLE = Article(1, "Title", (), None, None, None, "x" * 1000, "0" * 64)
OTHER = Article(2, "Title", (), None, None, None, "x" * 1000, "0" * 64)


@dataclass(frozen=True)
class Place:
    article_id: int
    paragraph: tuple[int, int]
    answers: tuple[tuple[int, int], ...] = ()


def hit(start: int, end: int, article: Article = ARTICLE) -> Hit:
    return Hit(1.0, article.text[start:end], start, end, article, ScoreParts(0, 0, 0))


def quote(start: int, end: int, article: Article = ARTICLE) -> Quote:
    return Quote(article.text[start:end], start, end, article, article.sha256, 1.0, 0.5)


@pytest.mark.parametrize(
    ("start", "end", "inside", "holding"),
    [
        (100, 200, True, True),
        (150, 250, True, True),
        (151, 251, False, False),
        (100, 110, True, False),
        (0, 900, False, True),
        (200, 300, False, False),
        (300, 400, False, False),
    ],
)
def test_a_passage_and_the_gold_paragraph(start: int, end: int, inside: bool, holding: bool) -> None:
    place = Place(1, (100, 200))
    assert measures.in_paragraph(hit(start, end), place) is inside
    assert measures.holds_paragraph(hit(start, end), place) is holding
    assert not measures.in_paragraph(hit(start, end, OTHER), place)
    assert not measures.holds_paragraph(hit(start, end, OTHER), place)


@pytest.mark.parametrize(
    ("start", "end", "right"), [(10, 21, True), (20, 30, True), (29, 40, True), (10, 20, False), (30, 40, False)]
)
def test_a_quote_is_right_when_it_overlaps_any_answer(start: int, end: int, right: bool) -> None:
    place = Place(1, (0, 100), ((500, 510), (20, 30)))
    assert measures.is_right(quote(start, end), place) is right
    assert not measures.is_right(quote(start, end, OTHER), place)


@pytest.mark.parametrize(
    ("given_text", "gold", "exact", "f1"),
    [
        ("The Eiffel Tower!", ["eiffel tower"], 1.0, 1.0),
        ("in the 88th minute", ["88th minute"], 0.0, 0.8),
        ("18.6 million crowns", ["18.6 million", "crowns"], 0.0, 0.8),
        ("a dog", ["the cat", "an ox"], 0.0, 0.0),
        ("dog dog", ["dog"], 0.0, 2 / 3),
        ("the", ["a"], 1.0, 1.0),
        ("the", ["cat"], 0.0, 0.0),
        ("anything", [], 0.0, 0.0),
    ],
)
def test_exact_match_and_f1_are_squads(given_text: str, gold: list[str], exact: float, f1: float) -> None:
    assert measures.exact_match(given_text, gold) == exact
    assert measures.token_f1(given_text, gold) == pytest.approx(f1)


@pytest.mark.parametrize(
    ("text", "answer", "holds"),
    [
        ("It cost 18.6 million crowns, he said.", "18.6 million", True),
        ("“The bridge,” she said", "bridge", True),
        ("It cost 118 crowns", "18 crowns", False),
        ("The end of a line", "end of the line", True),
        ("A whole sentence.", "the", False),
        ("In the end.", "the", True),
        ("It rose by 5 %.", "%", True),
        ("It rose.", " ", False),
    ],
)
def test_whether_a_text_holds_the_words_of_an_answer(text: str, answer: str, holds: bool) -> None:
    assert measures.holds_words(text, answer) is holds


def test_auroc_counts_pairs_and_ties_half() -> None:
    assert measures.auroc([0.9, 0.8], [0.1]) == 1.0
    assert measures.auroc([0.1], [0.9, 0.8]) == 0.0
    assert measures.auroc([0.5], [0.5]) == 0.5
    assert measures.auroc([0.9, 0.5, 0.1], [0.5, 0.2]) == pytest.approx(3.5 / 6)
    assert measures.auroc([], [0.1]) is None
    assert measures.auroc([0.1], []) is None


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12), st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_auroc_is_the_share_of_pairs(answerable: list[int], unanswerable: list[int]) -> None:
    pairs = [(a > b) + 0.5 * (a == b) for a in answerable for b in unanswerable]
    assert measures.auroc(answerable, unanswerable) == pytest.approx(sum(pairs) / len(pairs))


def test_expected_calibration_error_by_hand() -> None:
    # In 0.2 to 0.3: confidence 0.25, accuracy 0.5; in 0.9 to 1, with 1 itself: confidence 0.95, accuracy 1.
    probabilities, right = np.array([0.25, 0.25, 0.9, 1.0]), np.array([True, False, True, True])
    assert measures.expected_calibration_error(probabilities, right) == pytest.approx((0.25 + 0.05) / 2)
    assert measures.expected_calibration_error(np.array([0.7] * 10), np.array([True] * 7 + [False] * 3)) < 1e-12


CONFIDENCES = np.array([0.9, 0.8, 0.8, 0.6, 0.5, 0.2])
RIGHT = np.array([True, True, False, True, False, True])
ANSWERABLE = np.array([True, True, False, True, True, True])


def test_precision_and_coverage_at_a_threshold() -> None:
    assert measures.precision_at(CONFIDENCES, RIGHT, 0.8) == pytest.approx(2 / 3)
    assert measures.coverage_at(CONFIDENCES, ANSWERABLE, 0.8) == pytest.approx(2 / 5)
    assert measures.precision_at(CONFIDENCES, RIGHT, 0.95) is None
    assert measures.coverage_at(CONFIDENCES, ANSWERABLE, 0.95) == 0.0
    assert measures.coverage_at(CONFIDENCES, np.zeros(6, bool), 0.1) is None


@pytest.mark.parametrize(("precision", "coverage"), [(0.9, 1 / 5), (0.75, 3 / 5), (0.66, 1.0), (0.0, 1.0)])
def test_coverage_at_a_precision(precision: float, coverage: float) -> None:
    found = measures.coverage_at_precision(CONFIDENCES, RIGHT, ANSWERABLE, precision)
    assert found == pytest.approx(coverage)


def test_coverage_at_a_precision_that_is_not_reached_or_has_nothing_to_cover() -> None:
    wrong = np.zeros(6, bool)
    assert measures.coverage_at_precision(CONFIDENCES, wrong, ANSWERABLE, 0.9) == 0.0
    assert measures.coverage_at_precision(CONFIDENCES, wrong, wrong, 0.9) is None


def test_questions_of_equal_confidence_are_answered_all_or_none() -> None:
    same, right = np.array([0.5, 0.5]), np.array([True, False])
    assert measures.coverage_at_precision(same, right, np.array([True, True]), 0.9) == 0.0


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.booleans()), min_size=1, max_size=15))
def test_coverage_at_a_precision_is_the_best_of_all_thresholds(rows: list[tuple[int, bool, bool]]) -> None:
    confidences = np.array([row[0] / 4 for row in rows])
    answerable = np.array([row[1] for row in rows])
    right = answerable & np.array([row[2] for row in rows])
    best = 0.0
    for threshold in confidences:
        precision = measures.precision_at(confidences, right, threshold)
        if precision is not None and precision >= 0.6:
            best = max(best, measures.coverage_at(confidences, answerable, threshold) or 0.0)
    expected = best if answerable.any() else None
    assert measures.coverage_at_precision(confidences, right, answerable, 0.6) == expected


def test_an_interval_is_seeded_and_as_wide_as_theory_says() -> None:
    values = np.arange(400) % 2
    mean = lambda chosen: float(values[chosen].mean())  # noqa: E731
    low, high = measures.confidence_interval(mean, 400) or (0, 0)
    # A share of one half of 400 has a standard error of 0.025.
    assert low == pytest.approx(0.5 - 1.96 * 0.025, abs=0.01)
    assert high == pytest.approx(0.5 + 1.96 * 0.025, abs=0.01)
    assert measures.confidence_interval(mean, 400) == (low, high)
    assert measures.confidence_interval(mean, 400, seed=1) != (low, high)


def test_an_interval_leaves_out_resamples_without_a_value() -> None:
    assert measures.confidence_interval(lambda chosen: 0.25 if 0 in chosen else None, 3) == (0.25, 0.25)
    assert measures.confidence_interval(lambda chosen: None, 3) is None
    assert measures.confidence_interval(lambda chosen: 1.0, 0) is None
