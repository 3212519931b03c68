"""How sure an answer must be: strict, balanced, generous, or a probability."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from confidence_support import evidence_for

from index import ArticleIndex, QuestionError
from qa import Candidate, Chat, Hit, ask, ask_many
from qa.answering import UNSURE
from qa.confidence import DEFAULT_STRICTNESS, FILE, calibration


class SureReader:
    """Finds the first sentence of the first passage, and is as sure of it as it was told."""

    fingerprint = "sure"

    def __init__(self, probability: float) -> None:
        self.evidence = evidence_for(probability)

    def read(self, index: ArticleIndex, asked: Sequence[tuple[str, Sequence[Hit]]]) -> list[list[Candidate]]:
        return [[Candidate(hits[0], *hits[0].sentences[0], 1.0, self.evidence)] for _, hits in asked]


@pytest.fixture
def filled(index: ArticleIndex, write: Callable[..., Path], articles: Path) -> ArticleIndex:
    write("a.txt", "Medals\n\nA cheese from Lund won the gold medal.\n")
    index.add(articles)
    return index


def test_the_levels_are_ordered_and_the_default_is_one_of_them() -> None:
    levels = calibration().levels
    assert list(levels) == ["strict", "balanced", "generous"]
    assert 1 > levels["strict"] > levels["balanced"] > levels["generous"] > 0
    assert levels[DEFAULT_STRICTNESS] == calibration().threshold == calibration().bar(None)
    assert json.loads(FILE.read_text("utf-8"))["levels"] == levels


@pytest.mark.parametrize("between", [("strict", "balanced"), ("balanced", "generous")])
def test_a_stricter_level_refuses_what_the_next_one_answers(filled: ArticleIndex, between: tuple[str, str]) -> None:
    levels = calibration().levels
    stricter, laxer = between
    reader = SureReader((levels[stricter] + levels[laxer]) / 2)
    assert not ask(filled, "Which cheese won?", threshold=stricter, reader=reader).answered
    assert ask(filled, "Which cheese won?", threshold=laxer, reader=reader).answered
    default = ask(filled, "Which cheese won?", reader=reader)
    assert default.answered is (laxer == DEFAULT_STRICTNESS)
    assert ask_many(filled, ["Which cheese won?"], threshold=laxer, reader=reader)[0].answered
    assert Chat(filled).ask("Which cheese won?", threshold=laxer, reader=reader).answered


@pytest.mark.parametrize("name", ["sharp", "", "Strict", "0.5"])
def test_a_wrong_name_gets_one_line_with_the_right_ones(filled: ArticleIndex, name: str) -> None:
    with pytest.raises(QuestionError) as failure:
        ask(filled, "Which cheese won?", threshold=name)
    assert str(failure.value) == f"{name!r} is not a strictness: choose strict, balanced or generous"


@pytest.mark.parametrize("number", [-0.1, 1.5, math.nan])
def test_a_number_that_is_no_probability_is_refused(filled: ArticleIndex, number: float) -> None:
    with pytest.raises(QuestionError, match="give a probability from 0 to 1"):
        ask(filled, "Which cheese won?", threshold=number)


class PaperReader:
    """Finds the first sentence of each article, with the words that it was told, and prefers none much."""

    fingerprint = "papers"

    def __init__(self, *answers: str) -> None:
        self.answers = answers

    def read(self, index: ArticleIndex, asked: Sequence[tuple[str, Sequence[Hit]]]) -> list[list[Candidate]]:
        return [[self._first(hit, rank) for rank, hit in enumerate(hits)] for _, hits in asked]

    def _first(self, hit: Hit, rank: int) -> Candidate:
        start, end = hit.sentences[0]
        places = [hit.article.text.find(answer, start, end) for answer in self.answers]
        place, answer = next((place, answer) for place, answer in zip(places, self.answers, strict=True) if place >= 0)
        return Candidate(hit, start, end, -rank, evidence_for(0.7), place, place + len(answer))


def test_two_articles_that_give_the_same_answer_are_surer_than_each(
    index: ArticleIndex, write: Callable[..., Path], articles: Path
) -> None:
    write("a.txt", "A cheese from Lund won the gold medal at the fair of Tarsk on Monday.\n")
    write("b.txt", "At the fair the judges gave gold to the dairy of Lund, which cried with joy.\n")
    index.add(articles)
    assert calibration().threshold > 0.7
    assert ask(index, "Where is the cheese from that won?", reader=PaperReader("Lund")).answered
    # The same sentences, but other words of them: neither supports the other.
    apart = ask(index, "Where is the cheese from that won?", reader=PaperReader("Tarsk", "dairy"))
    assert not apart.answered
    assert apart.reason == UNSURE
