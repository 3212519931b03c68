"""The same articles and questions with both stores of vectors and words: in files, and in Milvus Lite.

    python -m benchmarks.milvus --data FOLDER [--passages 800] [--questions 150] [--uri http://HOST:19530]

Whole articles of the reporting half are added to an index in files and to one in Milvus, with the same vectors. Each
question then goes to both in turn, now one first and now the other, so that both have the same of what else the machine
does. A passage is *found* when it lies mostly in the gold paragraph; a quote is *right* when it overlaps a gold answer,
in the gold paragraph. Questions are embedded beforehand: the times are those of the stores. A server keeps its
collection. Writes ``benchmarks/results/milvus.json``.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from index import ArticleIndex, SentenceTransformerEmbedder, Settings
from qa import Answer, Hit, ask, retrieve
from qa.measures import in_paragraph, is_right

from .datasets import CORPUS_SETS, CachingEmbedder, Question, questions
from .peers.corpus import write_task
from .speed import RESULTS, spread

STORES = ("files", "milvus")


def chosen(data: Path, index: ArticleIndex, asked: int) -> list[Question]:
    """About so many answerable questions on the articles of an index, evenly from each set."""
    found: list[Question] = []
    for name in CORPUS_SETS:
        there = [one for one in questions(data, [name], list(index.articles()), "reporting") if one.answerable]
        found += there[:: max(1, -(-len(there) * len(CORPUS_SETS) // asked))]
    return found


def run(indexes: dict[str, ArticleIndex], data: Path, asked: int) -> dict[str, Any]:
    """Asks both stores every question, and compares."""
    golds = {name: chosen(data, index, asked) for name, index in indexes.items()}
    hits: dict[str, list[list[Hit]]] = {name: [] for name in STORES}
    answers: dict[str, list[Answer]] = {name: [] for name in STORES}
    seconds: dict[str, list[float]] = {name: [] for name in STORES}
    texts = [question.text for question in golds["files"]]
    indexes["files"].embed_questions(texts)
    for index in indexes.values():
        retrieve(index, texts[0], 10)
    for place, text in enumerate(texts):
        for name in STORES if place % 2 else STORES[::-1]:
            began = time.perf_counter()
            hits[name].append(retrieve(indexes[name], text, 10))
            seconds[name].append(time.perf_counter() - began)
            answers[name].append(ask(indexes[name], text, threshold=0.0))
        print(f"  {place + 1}/{len(texts)}", end="\r", flush=True)
    return {
        "questions": len(texts),
        "stores": {name: figures(golds[name], hits[name], answers[name], seconds[name]) for name in STORES},
        "same_passages": _share([_places(one) == _places(two) for one, two in zip(*hits.values(), strict=True)]),
        "same_first_quote": _share([_first(one) == _first(two) for one, two in zip(*answers.values(), strict=True)]),
    }


def figures(
    golds: Sequence[Question], hits: Sequence[Sequence[Hit]], answers: Sequence[Answer], seconds: list[float]
) -> dict[str, Any]:
    """What one store found."""
    return {
        "recall@10": _share(
            [any(in_paragraph(hit, gold) for hit in some) for some, gold in zip(hits, golds, strict=True)]
        ),
        "first_right": _share(
            [
                bool(answer.quotes) and is_right(answer.quotes[0], gold)
                for answer, gold in zip(answers, golds, strict=True)
            ]
        ),
        "retrieve_ms": spread(seconds),
    }


def _places(hits: Sequence[Hit]) -> list[tuple[str, int]]:
    return [(hit.article.title, hit.start) for hit in hits]


def _first(answer: Answer) -> tuple[str, int, int] | None:
    return next(((quote.article.title, quote.start, quote.end) for quote in answer.quotes), None)


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0


def main() -> None:
    """Runs it and writes the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--passages", type=int, default=800)
    parser.add_argument("--questions", type=int, default=150)
    parser.add_argument("--uri", help="of a Milvus; Milvus Lite in a file when not given")
    given = parser.parse_args()
    embedder = CachingEmbedder(SentenceTransformerEmbedder())
    with tempfile.TemporaryDirectory() as work:
        task = write_task(given.data, Path(work) / "articles", given.passages, given.questions)
        indexes: dict[str, ArticleIndex] = {}
        settings = {"files": Settings(), "milvus": Settings(vectors="milvus", milvus_uri=given.uri)}
        try:
            for name in STORES:
                indexes[name] = ArticleIndex.open(Path(work) / name, embedder=embedder, settings=settings[name])
                indexes[name].add(task.folder)
            report = {
                "passages": indexes["files"].counts()[1],
                "articles": indexes["files"].counts()[0],
                "described": {name: index.stats().vectors for name, index in indexes.items()},
                **run(indexes, given.data, given.questions),
            }
        finally:
            for index in indexes.values():
                index.close()
    (RESULTS / "milvus.json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
