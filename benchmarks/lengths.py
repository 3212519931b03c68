"""Chooses how long passages should be, on news whose paragraphs are single sentences.

    python -m benchmarks.lengths --data FOLDER [--articles 150]

For each target and limit: how many passages there are, recall of the answer's sentence in about 5,000 characters of
passages (so that longer ones have no advantage), and how often the first quote and one of the first three are right.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from index import Article, ArticleIndex, SentenceTransformerEmbedder, passages
from index.reading import normalise
from qa import Hit, ask_many, retrieve_many
from qa.measures import is_right
from qa.training.corpus import one_line

from .datasets import CachingEmbedder, Question, rows, write_articles

CHOICES = ((250, 500), (350, 700), (450, 900), (700, 1100))
BUDGET = 5_000


def news_questions(data: Path, articles: list[Article]) -> list[Question]:
    """The questions of newsqa whose articles are in the index (their titles are their numbers)."""
    by_name = {article.title: article for article in articles}
    found = []
    for row in rows(data / "train" / "newsqa.jsonl.xz"):
        article = by_name.get(row["article"])
        paragraph = normalise(one_line(row["paragraph"])).strip()
        start = article.text.find(paragraph) if article else -1
        if article is None or start < 0:
            continue
        lead = len(row["paragraph"]) - len(row["paragraph"].lstrip())
        spans = tuple(
            (start + answer["start"] - lead, start + answer["start"] - lead + len(answer["text"]))
            for answer in row["answers"]
        )
        end = start + len(paragraph)
        found.append(Question("newsqa", row["id"], row["article"], row["question"], article.id, (start, end), spans))
    return found


def in_budget(hits: list[Hit], question: Question) -> bool:
    """Whether the answer lies in the first passages that fit into the budget."""
    used = 0
    for hit in hits:
        used += len(hit.text)
        if used > BUDGET:
            return False
        if hit.article.id == question.article_id and any(hit.start <= start < hit.end for start, _ in question.answers):
            return True
    return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--articles", type=int, default=150)
    arguments = parser.parse_args()
    chosen = list(rows(arguments.data / "train" / "newsqa_articles.jsonl.xz"))[: arguments.articles]
    embedder = CachingEmbedder(SentenceTransformerEmbedder())
    with tempfile.TemporaryDirectory() as temporary:
        corpus = Path(temporary) / "corpus"
        write_articles(corpus, {row["article"]: map(one_line, row["paragraphs"]) for row in chosen})
        for target, longest in CHOICES:
            passages.passage_spans.__kwdefaults__.update(target=target, longest=longest)
            with ArticleIndex.open(Path(temporary) / f"{target}-{longest}", embedder=embedder) as index:
                index.add(corpus)
                asked = news_questions(arguments.data, list(index.articles()))
                texts = [question.text for question in asked]
                found = retrieve_many(index, texts, 25)
                answers = ask_many(index, texts, threshold=0.0)
                recall = sum(in_budget(*pair) for pair in zip(found, asked, strict=True)) / len(asked)
                first, three = (
                    sum(
                        any(is_right(quote, question) for quote in answer.quotes[:k])
                        for answer, question in zip(answers, asked, strict=True)
                    )
                    / len(asked)
                    for k in (1, 3)
                )
                print(
                    f"target {target} longest {longest}: {index.counts()[1]} passages, {len(asked)} questions, "
                    f"recall in {BUDGET} characters {recall:.3f}, first {first:.3f}, three {three:.3f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
