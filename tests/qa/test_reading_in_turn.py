"""Questions of many threads are read one after the other, first come first served, each with its own result."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from index import ArticleIndex, ModelError
from qa import Hit
from qa.reading import Candidate
from qa.reading_in_turn import InTurn


class SlowReader:
    """Says nothing, slowly, and remembers in which order it was asked, and how many asked at once."""

    fingerprint = "slow"

    def __init__(self) -> None:
        self.order: list[str] = []
        self.at_once = 0
        self._inside = 0
        self.opened = threading.Event()

    def read(self, index: ArticleIndex, asked: Sequence[tuple[str, Sequence[Hit]]]) -> list[list[Candidate]]:
        self._inside += 1
        self.at_once = max(self.at_once, self._inside)
        self.opened.wait(10)
        (question, _), *_ = asked
        self.order.append(question)
        self._inside -= 1
        if question == "bad":
            raise ModelError("the reader's weights are missing")
        return [[] for _ in asked]


def test_who_comes_first_is_read_first_and_nobody_reads_beside(index: ArticleIndex) -> None:
    slow = SlowReader()
    reader = InTurn(slow)
    names = [f"question {number}" for number in range(12)]
    with ThreadPoolExecutor(len(names)) as threads:
        results = []
        for name in names:
            results.append(threads.submit(reader.read, index, [(name, [])] * (1 + len(results) % 3)))
            time.sleep(0.01)  # each has begun to wait before the next one comes
        slow.opened.set()
        assert [len(one.result(10)) for one in results] == [1 + number % 3 for number in range(12)]
    assert slow.order == names
    assert slow.at_once == 1


def test_what_goes_wrong_with_one_question_is_its_own(index: ArticleIndex) -> None:
    slow = SlowReader()
    slow.opened.set()
    reader = InTurn(slow)
    with pytest.raises(ModelError, match="weights are missing"):
        reader.read(index, [("bad", [])])
    assert reader.read(index, [("good", [])]) == [[]]
    assert reader.fingerprint == "slow"
