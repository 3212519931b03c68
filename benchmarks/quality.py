"""How good the passages and the quotes are, on the reporting half of the titles.

    python -m benchmarks.quality --data FOLDER [--half tuning] [--limit 200]

One corpus of all paragraphs of four question sets, one article per title. A passage is *found* when it lies mostly in
the gold paragraph; a quote is *right* when it overlaps a gold answer by offset (any gold answer), in the gold
paragraph. Accuracy is given with the threshold off, beside it coverage and precision at the default threshold.
Writes ``benchmarks/results/quality.json``, from which ``docs/quality.md`` is made.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index import ArticleIndex, SentenceTransformerEmbedder
from qa import Answer, Hit, Quote, ask_many, retrieve_many
from qa.confidence import calibration

from .datasets import CORPUS_SETS, CachingEmbedder, Question, questions, write_corpus

RESULTS = Path(__file__).parent / "results"


def in_paragraph(hit: Hit | Quote, question: Question) -> bool:
    """Whether at least half of a passage or quote lies in the question's gold paragraph."""
    if hit.article.id != question.article_id:
        return False
    start, end = question.paragraph
    overlap = min(hit.end, end) - max(hit.start, start)
    return 2 * overlap >= hit.end - hit.start


def is_right(quote: Quote, question: Question) -> bool:
    """Whether a quote overlaps a gold answer."""
    return quote.article.id == question.article_id and any(
        quote.start < end and start < quote.end for start, end in question.answers
    )


def auroc(answerable: Sequence[float], unanswerable: Sequence[float]) -> float | None:
    """The probability that an answerable question scores higher than an unanswerable one."""
    if not answerable or not unanswerable:
        return None
    scores = np.concatenate([answerable, unanswerable])
    ranks = np.empty(len(scores))
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks = ((ends - counts + 1 + ends) / 2)[inverse]
    n, m = len(answerable), len(unanswerable)
    return float((ranks[:n].sum() - n * (n + 1) / 2) / (n * m))


def build_index(data: Path, folder: Path, sets: Iterable[str] = CORPUS_SETS) -> ArticleIndex:
    """The index over the corpus, made when the folder has none; vectors are remembered in a file beside it."""
    remembered = folder.with_name(folder.name + "-vectors.npz")
    index = ArticleIndex.open(folder, embedder=CachingEmbedder(SentenceTransformerEmbedder(), remembered))
    if not index.counts()[0]:
        with tempfile.TemporaryDirectory() as corpus:
            write_corpus(data, Path(corpus), sets)
            index.add(corpus)
    return index


def measure(index: ArticleIndex, asked: Sequence[Question]) -> dict[str, Any]:
    """Recall and quote accuracy over some questions."""
    texts = [question.text for question in asked]
    found: list[list[Hit]] = []
    answers: list[Answer] = []
    for first in range(0, len(asked), 256):
        part = texts[first : first + 256]
        found += retrieve_many(index, part, 10)
        answers += ask_many(index, part, threshold=0.0)
        print(f"  {first + len(part)}/{len(asked)}", flush=True)
    answerable = [position for position, question in enumerate(asked) if question.answerable]
    result: dict[str, Any] = {"questions": len(asked), "answerable": len(answerable)}
    for k in (1, 5, 10):
        result[f"recall@{k}"] = _share(
            any(in_paragraph(hit, asked[position]) for hit in found[position][:k]) for position in answerable
        )
    for name, k in (("first", 1), ("three", 3)):
        result[name] = _share(
            any(is_right(quote, asked[position]) for quote in answers[position].quotes[:k]) for position in answerable
        )
        result[f"{name}_contains"] = _share(
            any(_contains(quote, asked[position], index) for quote in answers[position].quotes[:k])
            for position in answerable
        )
    confidences = [answer.confidence for answer in answers]
    result["auroc"] = auroc(
        [confidences[position] for position in answerable],
        [confidence for confidence, question in zip(confidences, asked, strict=True) if not question.answerable],
    )
    shown = [position for position, confidence in enumerate(confidences) if confidence >= calibration().threshold]
    result["coverage"] = sum(asked[position].answerable for position in shown) / max(1, len(answerable))
    result["precision"] = _share(
        bool(answers[position].quotes) and is_right(answers[position].quotes[0], asked[position]) for position in shown
    )
    return result


def _contains(quote: Quote, question: Question, index: ArticleIndex) -> bool:
    article = index.article(question.article_id)
    assert article is not None
    text = quote.text.casefold()
    return any(article.text[start:end].casefold() in text for start, end in question.answers)


def _share(values: Iterable[bool]) -> float:
    listed = list(values)
    return sum(listed) / len(listed) if listed else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds dev/")
    parser.add_argument("--index", type=Path, default=Path(tempfile.gettempdir()) / "pullquote-quality")
    parser.add_argument("--half", choices=("tuning", "reporting"), default="reporting")
    parser.add_argument("--limit", type=int, default=0, help="questions per set, the first ones; 0 for all")
    arguments = parser.parse_args()
    report: dict[str, Any] = {"half": arguments.half, "sets": {}}
    with build_index(arguments.data, arguments.index) as index:
        articles = list(index.articles())
        report["articles"], report["passages"] = index.counts()
        for name in CORPUS_SETS:
            asked = questions(arguments.data, [name], articles, arguments.half)
            print(name, flush=True)
            report["sets"][name] = measure(index, asked[: arguments.limit] if arguments.limit else asked)
            print(json.dumps(report["sets"][name]), flush=True)
    if not arguments.limit and arguments.half == "reporting":
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "quality.json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
