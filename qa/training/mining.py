"""Step 2: for each question the passage that answers, and near passages that do not.

Most wrong quotes come from passages near the right one, so the negatives come from the question's own article and from
what ``retrieve`` puts first. A passage that holds the answer's words is never a negative: it may answer too.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from index import Article, ArticleIndex, Passage
from qa.answer import Hit
from qa.query import LONGEST
from qa.retrieval import retrieve_many

from .corpus import LocatedQuestion
from .traps import make_trap

RANKS = 20
"""Retrieved passages that negatives are taken from."""
_BATCH = 512


@dataclass(frozen=True, slots=True)
class Example:
    """A question with the passages to read.

    Attributes:
        question: its text.
        trap: the question changed so that ``passages[0]`` does not answer it any more, or None.
        answers: spans in characters of ``passages[0]``; empty when no passage answers.
        passages: ids; the first is the gold passage, the others do not answer.
    """

    question: str
    trap: str | None
    answers: tuple[tuple[int, int], ...]
    passages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TrainingPassage:
    """A passage as training reads it: title, text, and the spans of its sentences in the text."""

    title: str
    text: str
    sentences: tuple[tuple[int, int], ...]


def mine(
    index: ArticleIndex,
    located: Sequence[LocatedQuestion],
    *,
    negatives: int = 2,
    traps: float = 0.3,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> list[Example]:
    """Examples for some questions.

    Args:
        index: holds the paragraphs.
        located: the questions.
        negatives: passages without the answer per question, half of them from its own article where there are any.
        traps: the share of answerable questions that are also made into a trap.
        seed: decides every choice.
        progress: told the number of questions done and their total.
        stop: asked often; once it returns True, the examples so far are returned.
    """
    miner = _Miner(index, random.Random(seed), negatives, traps)
    examples: list[Example] = []
    for first in range(0, len(located), _BATCH):
        if stop is not None and stop():
            break
        part = located[first : first + _BATCH]
        found = retrieve_many(index, [_searchable(place.question.text) for place in part], RANKS)
        made = (miner.example(place, hits) for place, hits in zip(part, found, strict=True))
        examples += [example for example in made if example is not None]
        if progress is not None:
            progress(first + len(part), len(located))
    return examples


def _searchable(text: str) -> str:
    """A question as ``retrieve`` takes it: without phrases, which would limit what it finds, and not too long."""
    return " ".join(text.replace('"', " ").split())[:LONGEST] or "?"


class _Miner:
    """Makes the examples of one index, one after the other, from one random generator."""

    def __init__(self, index: ArticleIndex, generator: random.Random, negatives: int, traps: float) -> None:
        self._generator = generator
        self._negatives = negatives
        self._traps = traps
        self._by_article = passages_by_article(index)
        self._articles = index.articles_by_id(self._by_article)
        self._ids = {
            (passage.article_id, passage.start): passage.id
            for passages in self._by_article.values()
            for passage in passages
        }

    def example(self, place: LocatedQuestion, hits: Sequence[Hit]) -> Example | None:
        """A question with what was retrieved for it; None when no passage holds its answer as a whole."""
        gold = _gold(place, self._by_article.get(place.article_id, ()))
        if gold is None:
            return None
        answers = tuple(
            (start - gold.start, min(end, gold.end) - gold.start)
            for start, end in place.answers
            if gold.start <= start < gold.end
        )
        chosen = _choose(self._generator, *self._pools(place, hits), self._negatives)
        return Example(place.question.text, self._trap(place), answers, (gold.id, *chosen))

    def _pools(self, place: LocatedQuestion, hits: Sequence[Hit]) -> tuple[list[int], list[int]]:
        """Passages that do not answer: from the question's own article, and from others; the best hits first."""
        article = self._articles[place.article_id]
        words = {article.text[start:end].casefold() for start, end in place.answers}
        near = [
            passage.id
            for passage in self._by_article[place.article_id]
            if not _overlaps(passage, place) and not _holds(article, passage.start, passage.end, words)
        ]
        found = [(self._ids.get((hit.article.id, hit.start)), hit) for hit in hits]
        retrieved_near = [number for number, hit in found if hit.article.id == place.article_id and number in set(near)]
        far = [
            number
            for number, hit in found
            if number is not None
            and hit.article.id != place.article_id
            and not _holds(hit.article, hit.start, hit.end, words)
        ]
        return [number for number in retrieved_near if number is not None] or near, far

    def _trap(self, place: LocatedQuestion) -> str | None:
        if not place.answers or self._generator.random() >= self._traps:
            return None
        article = self._articles[place.article_id]
        answers = [article.text[start:end] for start, end in place.answers]
        return make_trap(place.question.text, article.text, answers, self._generator)


def passages_by_article(index: ArticleIndex) -> dict[int, list[Passage]]:
    """All passages, by article, in the order of the text."""
    ids = [article.id for article in index.articles()]
    found: dict[int, list[Passage]] = {}
    for first in range(0, len(ids), 500):
        numbers = index.passage_ids(ids[first : first + 500])
        for passage in index.passages(numbers.tolist()).values():
            found.setdefault(passage.article_id, []).append(passage)
    for passages in found.values():
        passages.sort(key=lambda passage: passage.start)
    return found


def training_passages(index: ArticleIndex, ids: Iterable[int]) -> dict[int, TrainingPassage]:
    """What training reads of some passages, by id."""
    wanted = sorted(set(ids))
    found = {}
    for first in range(0, len(wanted), 1000):
        for passage, article in index.passages_with_articles(wanted[first : first + 1000]):
            sentences = tuple((start - passage.start, end - passage.start) for start, end in passage.sentences)
            found[passage.id] = TrainingPassage(article.title, article.text[passage.start : passage.end], sentences)
    return found


def save_examples(path: Path, examples: Iterable[Example]) -> None:
    """Writes examples as JSON lines."""
    temporary = path.with_suffix(".part")
    with temporary.open("w", encoding="utf-8") as file:
        for example in examples:
            file.write(json.dumps(asdict(example)) + "\n")
    temporary.replace(path)


def load_examples(path: Path) -> list[Example]:
    """Reads what ``save_examples`` wrote."""
    with path.open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return [
        Example(
            row["question"],
            row["trap"],
            tuple((start, end) for start, end in row["answers"]),
            tuple(row["passages"]),
        )
        for row in rows
    ]


def _gold(place: LocatedQuestion, passages: Sequence[Passage]) -> Passage | None:
    """The passage that holds the first answer; for an unanswerable question the one that has most of the paragraph."""
    for start, end in place.answers:
        for passage in passages:
            if passage.start <= start and end <= passage.end:
                return passage
    if place.answers:
        return None
    overlaps = [
        (min(passage.end, place.paragraph[1]) - max(passage.start, place.paragraph[0]), -passage.start)
        for passage in passages
    ]
    if not overlaps or max(overlaps)[0] <= 0:
        return None
    return passages[overlaps.index(max(overlaps))]


def _overlaps(passage: Passage, place: LocatedQuestion) -> bool:
    return passage.start < place.paragraph[1] and place.paragraph[0] < passage.end


def _holds(article: Article, start: int, end: int, words: set[str]) -> bool:
    text = article.text[start:end].casefold()
    return any(word in text for word in words)


def _choose(generator: random.Random, near: list[int], far: list[int], count: int) -> list[int]:
    """Half from the own article, half from elsewhere; the nearer the rank the likelier."""
    chosen: list[int] = []
    pools = [list(near), list(far)]
    for turn in range(count):
        pool = pools[turn % 2] or pools[1 - turn % 2]
        if pool:
            position = min(int(generator.expovariate(1 / 3)), len(pool) - 1)
            chosen.append(pool.pop(position))
    return chosen
