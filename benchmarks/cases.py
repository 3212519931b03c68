"""Questions as the reader answers them: for each its sentences with their evidence, and which of them are right.

Reading is what takes time, so the cases of a reader are kept in a file beside the index and read once.
"""

from __future__ import annotations

import functools
import hashlib
import json
import random
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from index import Article, ArticleIndex
from index.passages import embedded_text
from qa.joining import SHAPES, neighbours
from qa.measures import holds_words
from qa.query import read_query
from qa.reading import Candidate, Reader
from qa.retrieval import retrieve_many
from qa.shapes import wanted

from .datasets import CORPUS_SETS, CachingEmbedder, Question, questions, write_articles
from .scale import fill
from .scale_data import RealFirst, real_passages
from .training_data import is_trained_on

PASSAGES = 10
QUERIES = ("nq_open_oracle",)
"""Sets of search queries with short answers."""
SHORTEST = 4
"""Characters of an answer whose words are looked for: a "2" stands in many sentences."""
KEPT = 40
"""Sentences of a case that are kept, the best ones."""
LARGE = 100_000
"""Passages of the largest index."""
NEWS = 4_000
"""Of these, real passages of news; those beyond are derived from them (``benchmarks.scale_data``)."""
LARGE_LIMIT = 100
"""Answerable questions per set that it is asked."""
FEW = ((20, 10), (3, 30), (1, 60))
"""Articles in a small index, and how many such indexes."""
MARKED = "neighbours"
"""Changes when a case holds more, so that cases which were kept without it are made anew."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that the reader proposed.

    Attributes:
        passage: the rank of its passage in retrieval, from 0.
        right: whether it overlaps a gold answer.
        answers: whether it is right, or holds the words of a short gold answer to a search query. Such a query was not
            written from one paragraph, and other articles of the corpus answer it too.
        evidence: what the reader says of it.
        place: its place among the sentences of its case, as the reader had them.
        beside: the places of those with which it may be one quote; see ``qa.joining``.
    """

    passage: int
    right: bool
    answers: bool
    evidence: dict[str, float]
    place: int
    beside: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A question and the sentences that the reader proposed, best first.

    Attributes:
        set, id: the question.
        answered_there: whether the articles of the index answer it.
        present: whether its article was in the index.
    """

    set: str
    id: str
    answered_there: bool
    present: bool
    sentences: tuple[Sentence, ...]


def unseen(asked: Sequence[Question]) -> list[Question]:
    """The questions about titles that the reader was not trained on."""
    return [question for question in asked if not is_trained_on(question.title)]


def collect(
    index: ArticleIndex, reader: Reader, asked: Sequence[Question], *, present: bool = True, leave_out: bool = False
) -> list[Case]:
    """Cases over an index; with ``leave_out``, as if each question's own article were not there."""
    found = []
    for first in range(0, len(asked), 64):
        part = asked[first : first + 64]
        hits = retrieve_many(index, [question.text for question in part], 3 * PASSAGES if leave_out else PASSAGES)
        if leave_out:
            hits = [
                [hit for hit in some if hit.article.id != question.article_id]
                for some, question in zip(hits, part, strict=True)
            ]
        texts = [read_query(question.text).text for question in part]
        read = reader.read(index, [(text, some[:PASSAGES]) for text, some in zip(texts, hits, strict=True)])
        there = present and not leave_out
        for question, some, candidates in zip(part, hits, read, strict=True):
            ranks = {id(hit): rank for rank, hit in enumerate(some)}
            best = candidates[:KEPT]
            joins = wanted(read_query(question.text).text).shape in SHAPES
            sentences = tuple(
                Sentence(
                    ranks[id(candidate.hit)],
                    *_right_and_answers(question, candidate, index if there else None),
                    candidate.evidence,
                    place,
                    tuple(other for other, one in enumerate(best) if joins and neighbours(candidate, one)),
                )
                for place, candidate in enumerate(best)
            )
            found.append(Case(question.set, question.id, there and question.answerable, there, sentences))
        print(f"  {min(first + 64, len(asked))}/{len(asked)}", flush=True)
    return found


def _right_and_answers(question: Question, candidate: Candidate, index: ArticleIndex | None) -> tuple[bool, bool]:
    """See ``Sentence``; ``index`` is None when no sentence can answer."""
    right = index is not None and is_right(question, candidate)
    answers = right
    if index is not None and question.set in QUERIES and not right:
        article = index.article(question.article_id)
        assert article is not None
        words = [article.text[start:end] for start, end in question.answers]
        answers = any(len(text) >= SHORTEST and holds_words(candidate.text, text) for text in words)
    return right, answers


def is_right(question: Question, candidate: Candidate) -> bool:
    """Whether a candidate overlaps a gold answer."""
    return candidate.hit.article.id == question.article_id and any(
        candidate.start < end and start < candidate.end for start, end in question.answers
    )


def spread(some: Sequence[Question], count: int) -> list[Question]:
    """At most ``count`` of some questions, evenly over the titles."""
    return list(some) if len(some) <= count else [some[round(place)] for place in np.linspace(0, len(some) - 1, count)]


def over_all(
    data: Path,
    index: ArticleIndex,
    reader: Reader,
    half: str,
    limit: int,
    articles: Sequence[Article] | None = None,
) -> list[Case]:
    """Cases over the index of all articles: answerable questions, traps, and some whose article is left out.

    ``articles`` are those that the questions are about: all of the index if None.
    """
    articles = list(index.articles()) if articles is None else articles
    found: list[Case] = []
    for name in CORPUS_SETS:
        some = unseen(questions(data, [name], articles, half))
        answerable = spread([question for question in some if question.answerable], limit)
        traps = spread([question for question in some if not question.answerable], limit)
        print(f"{name}: {len(answerable)} answerable, {len(traps)} not", flush=True)
        found += collect(index, reader, [*answerable, *traps])
        found += collect(index, reader, spread(answerable, limit // 4), leave_out=True)
    return found


def over_large(data: Path, folder: Path, reader: Reader, half: str) -> list[Case]:
    """Cases over the index of all articles in ``folder``, filled up with news that nobody asks about."""
    with tempfile.TemporaryDirectory() as temporary:
        large = Path(temporary) / "index"
        shutil.copytree(folder, large)
        with ArticleIndex.open(large, create=False) as index:
            asked_about = list(index.articles())  # an article that is filled in may have the title of one of these
        remembered = folder.with_name(folder.name + "-news.npz")
        fill(large, RealFirst(real_passages(data, remembered, NEWS), LARGE), LARGE)
        with ArticleIndex.open(large, create=False) as index:
            return over_all(data, index, reader, half, LARGE_LIMIT, asked_about)


def over_few(
    data: Path, index: ArticleIndex, reader: Reader, embedder: CachingEmbedder, half: str, size: int, groups: int
) -> list[Case]:
    """Cases over small indexes, each of a seeded choice of ``size`` articles, with as many questions from elsewhere."""
    generator = random.Random(size)
    everything = list(index.articles())
    strangers = unseen([one for one in questions(data, CORPUS_SETS, everything, half) if one.answerable])
    titles = sorted({question.title for question in strangers})
    by_title = {article.title: article for article in everything}
    found: list[Case] = []
    for _ in range(groups):
        chosen = [by_title[title] for title in generator.sample(titles, size) if title in by_title]
        with tempfile.TemporaryDirectory() as temporary:
            corpus = Path(temporary) / "corpus"
            write_articles(corpus, {article.title: article.text.split("\n\n")[1:] for article in chosen})
            with ArticleIndex.open(Path(temporary) / "index", embedder=embedder) as small:
                small.add(corpus)
                asked = unseen(questions(data, CORPUS_SETS, list(small.articles()), half))
                asked = generator.sample(asked, min(len(asked), 12))
                inside = {article.title for article in chosen}
                others = [question for question in generator.sample(strangers, 30) if question.title not in inside]
                found += collect(small, reader, asked)
                found += collect(small, reader, others[: len(asked)], present=False)
    return found


def by_size(
    data: Path, folder: Path, index: ArticleIndex, reader: Reader, embedder: CachingEmbedder, half: str, limit: int
) -> dict[str, list[Case]]:
    """The cases of a half of the titles over indexes of all sizes, kept beside ``folder``, the index of all articles.

    Returns:
        By "all", "large", and the numbers of articles of ``FEW``.
    """
    made = {
        f"{half} {limit}": ("all", lambda: over_all(data, index, reader, half, limit)),
        f"{half} large {LARGE_LIMIT}": ("large", lambda: over_large(data, folder, reader, half)),
    }
    for size, count in FEW:
        few = functools.partial(over_few, data, index, reader, embedder, half, size, count)
        made[f"{half} {size} {count}"] = (str(size), few)
    return {size: kept(folder, reader, name, make) for name, (size, make) in made.items()}


def remember_passages(index: ArticleIndex, embedder: CachingEmbedder) -> None:
    """Takes the vectors of the passages from the index, so that small indexes of its articles cost nothing."""
    for rows in index._catalog.passage_rows():
        passages = [row.passage for row in rows]
        for row, (title, text) in zip(rows, index._catalog.texts_of(passages), strict=True):
            embedder.remember(embedded_text(title, text), row.vector.astype(np.float32))


def kept(folder: Path, reader: Reader, name: str, make: Callable[[], list[Case]]) -> list[Case]:
    """The cases of that name from the file beside the index, or made and written there."""
    network = "/".join(
        reader.fingerprint.split("/")[1:3]
    )  # not the weights of the score, which are fitted on the cases
    path = folder.with_name(
        f"{folder.name}-cases-{hashlib.sha256(f'{network} {name}'.encode()).hexdigest()[:16]}.jsonl"
    )
    if path.exists():
        with path.open(encoding="utf-8") as file:
            rows = [json.loads(line) for line in file]
        return [
            Case(
                row["set"],
                row["id"],
                row["answered_there"],
                row["present"],
                tuple(Sentence(**{**one, "beside": tuple(one["beside"])}) for one in row["sentences"]),
            )
            for row in rows
        ]
    print(name, flush=True)
    made = make()
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(asdict(case)) + "\n" for case in made)
    return made
