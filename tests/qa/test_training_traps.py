"""Questions that only seem to be answered: changed by rule, never into one that is answered after all."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.training.traps import make_trap

ARTICLE = (
    "The bridge of Velsund was built in 1931 by Ada Holm. It cost 40 crowns, and 25 men worked on it. In 1954 the "
    "engineer Ivo Marsh raised it, and the town of Odenhof paid. After the storm of 1987 it was shut, said Nora Finch."
)


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def traps(question: str, answers: list[str], article: str = ARTICLE, tries: int = 40) -> set[str]:
    """All traps that some seeds make."""
    made = {make_trap(question, article, answers, random.Random(seed)) for seed in range(tries)}
    return {trap for trap in made if trap is not None}


def test_a_name_becomes_another_name_of_the_article() -> None:
    found = traps("What did the engineer Ivo Marsh do?", ["raised it"])
    assert {"What did the engineer Ada Holm do?", "What did the engineer Nora Finch do?"} <= found
    assert all("Ivo Marsh" not in trap or "didn't" in trap for trap in found)


def test_a_year_becomes_another_year_of_the_article() -> None:
    found = traps("Which storm hit it in 1987?", ["the storm"])
    assert found == {"Which storm hit it in 1931?", "Which storm hit it in 1954?"}


def test_a_number_without_another_in_the_article_becomes_one_near_it() -> None:
    found = traps("Which hall has 12 doors?", ["the old one"], "The old one has twelve.")
    assert found
    assert all(re.fullmatch(r"Which hall has \d+ doors\?", trap) for trap in found)
    assert "Which hall has 12 doors?" not in found


def test_a_word_becomes_its_opposite_and_a_verb_is_negated() -> None:
    assert traps("who went north?", ["the men"]) == {"who went south?"}
    assert "when wasn't it raised?" in traps("when was it raised?", ["in 1954"])


@pytest.mark.parametrize(
    ("question", "answers"),
    [
        ("Who stood beside Nora Finch?", ["Ada Holm, the builder"]),
        ("Who stood beside Nora Finch?", ['"Ada Holm"']),
        ("Who stood beside Nora Finch?", ["ada holm’s"]),
        ("What happened in 1954?", ["the flood of 1931-1987"]),
        ("Which of the 25 came first?", ["the last one, at 40"]),
    ],
)
def test_a_word_of_the_answer_is_never_put_in(question: str, answers: list[str]) -> None:
    for trap in traps(question, answers):
        assert not (words(trap) - words(question)) & words(" ".join(answers)), trap


@given(st.text(max_size=60), st.text(max_size=200), st.lists(st.text(min_size=1, max_size=20), max_size=3))
def test_any_text_is_taken_and_no_trap_holds_words_of_the_answer(
    question: str, article: str, answers: list[str]
) -> None:
    for seed in range(3):
        trap = make_trap(question, article, answers, random.Random(seed))
        if trap is not None:
            assert trap.casefold() != question.casefold()
            assert not (words(trap) - words(question)) & words(" ".join(answers))


def test_the_same_seed_makes_the_same_trap() -> None:
    question = "What did Ivo Marsh raise in 1954?"
    first = [make_trap(question, ARTICLE, ["it"], random.Random(seed)) for seed in range(20)]
    assert first == [make_trap(question, ARTICLE, ["it"], random.Random(seed)) for seed in range(20)]
    assert len(set(first)) > 1


def test_a_question_that_no_rule_fits_has_no_trap() -> None:
    assert traps("what for?", ["the ships"]) == set()


def test_a_number_of_thousands_of_digits_is_left_alone() -> None:
    assert traps(f"what is {'9' * 6000}?", ["a code"], "no number here") <= {f"what isn't {'9' * 6000}?"}
