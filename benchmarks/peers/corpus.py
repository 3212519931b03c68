"""The articles and questions that every library gets: the reporting half of the dev sets, a file for each article."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.training.corpus import one_line

from ..datasets import CORPUS_SETS, half_of, plain_title, rows, write_articles
from .judging import Gold, letters


@dataclass(frozen=True, slots=True)
class Task:
    """What was written for the run.

    Attributes:
        folder: the folder of text files.
        articles: the letters of every article, by the name of its file.
        questions: each with its gold answers.
        passages: paragraphs in all articles.
        characters: characters in all articles.
    """

    folder: Path
    articles: dict[str, str]
    questions: list[tuple[str, Gold]]
    passages: int
    characters: int


def write_task(data: Path, folder: Path, passages: int, asked: int) -> Task:
    """Writes whole articles of the reporting half, in a fixed random order, until they have so many paragraphs.

    Args:
        data: the folder that holds ``dev/``.
        folder: where the files go; empty or absent.
        passages: at least so many paragraphs, or all that there are.
        asked: at most about so many answerable questions, evenly from each set.
    """
    sets = {
        name: [
            {**row, "title": plain_title(row["title"])}
            for row in rows(data / "dev" / f"{name}.jsonl.xz")
            if half_of(plain_title(row["title"])) == "reporting"
        ]
        for name in CORPUS_SETS
    }
    paragraphs: dict[str, dict[str, None]] = defaultdict(dict)
    for some in sets.values():
        for row in some:
            paragraphs[row["title"]].setdefault(one_line(row["paragraph"]))
    chosen: dict[str, dict[str, None]] = {}
    count = 0
    for title in sorted(paragraphs, key=lambda title: hashlib.sha256(title.encode()).digest()):
        if count >= passages:
            break
        chosen[title] = paragraphs[title]
        count += len(paragraphs[title])
    write_articles(folder, chosen)
    texts = {path.name: path.read_text("utf-8") for path in sorted(folder.iterdir())}
    names = {text.partition("\n")[0].removeprefix("# "): name for name, text in texts.items()}
    articles = {name: letters(text) for name, text in texts.items()}
    questions: dict[str, Gold] = {}
    for some in sets.values():
        there = [row for row in some if row["title"] in chosen and row["answerable"] and row["answers"]]
        for row in there[:: max(1, -(-len(there) * len(sets) // asked))]:
            name = names[row["title"]]
            questions.setdefault(row["question"], Gold(name, answer_spans(row, articles[name])))
    return Task(folder, articles, list(questions.items()), count, sum(map(len, texts.values())))


def answer_spans(row: dict[str, Any], article: str) -> tuple[tuple[int, int], ...]:
    """The answers of a row in the letters of its article.

    Raises:
        ValueError: the article does not hold the row's paragraph.
    """
    paragraph = row["paragraph"]
    start = article.find(letters(paragraph))
    if start < 0:
        raise ValueError(f"{row['id']}: its paragraph is not in the article {row['title']!r}")
    spans = []
    for answer in row["answers"]:
        first = start + len(letters(paragraph[: answer["start"]]))
        spans.append((first, first + len(letters(answer["text"]))))
    return tuple(spans)
