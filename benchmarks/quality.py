"""How good the passages and the quotes are, on the reporting half of the titles.

    python -m benchmarks.quality --data FOLDER [--half tuning] [--limit 200] [--reader sentences] [--reader FILE]

One corpus of all paragraphs of four question sets, one article per title. A passage is *found* when it lies mostly in
the gold paragraph; a quote is *right* when it overlaps a gold answer by offset (any gold answer), in the gold
paragraph. Accuracy is given with the threshold off, beside it coverage and precision at the default threshold. The
default reader is always measured; each ``--reader`` is measured beside it in the same run: ``sentences``, or a file of
weights. Writes ``benchmarks/results/quality.json``, from which ``docs/benchmarks.md`` is made.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index import ArticleIndex, SentenceTransformerEmbedder
from qa import Answer, Hit, Quote, Reader, SentenceReader, ask_many, retrieve_many
from qa.answering import default_reader
from qa.confidence import calibration
from qa.measures import (
    auroc,
    coverage_at_precision,
    expected_calibration_error,
    in_paragraph,
    is_right,
)
from qa.reader import SpanReader

from .datasets import CORPUS_SETS, CachingEmbedder, Question, questions, write_corpus

RESULTS = Path(__file__).parent / "results"


def build_index(data: Path, folder: Path, sets: Iterable[str] = CORPUS_SETS) -> ArticleIndex:
    """The index over the corpus, made when the folder has none; vectors are remembered in a file beside it."""
    remembered = folder.with_name(folder.name + "-vectors.npz")
    index = ArticleIndex.open(folder, embedder=CachingEmbedder(SentenceTransformerEmbedder(), remembered))
    if not index.counts()[0]:
        with tempfile.TemporaryDirectory() as corpus:
            write_corpus(data, Path(corpus), sets)
            index.add(corpus)
    return index


def recall(index: ArticleIndex, asked: Sequence[Question]) -> dict[str, float]:
    """The share of answerable questions whose gold paragraph is among the first passages."""
    there = [question for question in asked if question.answerable]
    found: list[list[Hit]] = []
    for first in range(0, len(there), 256):
        found += retrieve_many(index, [question.text for question in there[first : first + 256]], 10)
    return {
        f"recall@{k}": _share(
            any(in_paragraph(hit, question) for hit in hits[:k]) for hits, question in zip(found, there, strict=True)
        )
        for k in (1, 5, 10)
    }


def answers(index: ArticleIndex, asked: Sequence[Question], reader: Reader) -> list[Answer]:
    """What ``ask`` answers, with the threshold off."""
    found: list[Answer] = []
    for first in range(0, len(asked), 64):
        part = [question.text for question in asked[first : first + 64]]
        found += ask_many(index, part, threshold=0.0, reader=reader)
        print(f"  {first + len(part)}/{len(asked)}", end="\r", flush=True)
    return found


def measure(index: ArticleIndex, asked: Sequence[Question], given: Sequence[Answer], *, fitted: bool) -> dict[str, Any]:
    """Accuracy of the quotes; with ``fitted``, also how well the confidence holds, which belongs to one reader."""
    answerable = [position for position, question in enumerate(asked) if question.answerable]
    result: dict[str, Any] = {"questions": len(asked), "answerable": len(answerable)}
    for name, k in (("first", 1), ("three", 3)):
        result[name] = _share(
            any(is_right(quote, asked[position]) for quote in given[position].quotes[:k]) for position in answerable
        )
        result[f"{name}_contains"] = _share(
            any(_contains(quote, asked[position], index) for quote in given[position].quotes[:k])
            for position in answerable
        )
    lengths = [len(given[position].quotes[0].text) for position in answerable if given[position].quotes]
    result["first_characters"] = float(np.mean(lengths)) if lengths else 0.0
    scores = [
        answer.confidence if fitted else max((quote.score for quote in answer.quotes), default=-1e9) for answer in given
    ]
    result["auroc"] = auroc(
        [scores[position] for position in answerable],
        [score for score, question in zip(scores, asked, strict=True) if not question.answerable],
    )
    if not fitted:
        return result
    confidences = np.array(scores)
    right = np.array(
        [bool(answer.quotes) and is_right(answer.quotes[0], one) for answer, one in zip(given, asked, strict=True)]
    )
    there = np.array([question.answerable for question in asked])
    shown = confidences >= calibration().threshold
    result["coverage"] = float(shown[there].mean()) if there.any() else 0.0
    result["precision"] = float(right[shown].mean()) if shown.any() else 0.0
    result["coverage_at_90"] = coverage_at_precision(confidences, right, there, 0.9)
    result["calibration_error"] = expected_calibration_error(confidences, right)
    return result


def _contains(quote: Quote, question: Question, index: ArticleIndex) -> bool:
    article = index.article(question.article_id)
    assert article is not None
    text = quote.text.casefold()
    return any(article.text[start:end].casefold() in text for start, end in question.answers)


def _share(values: Iterable[bool]) -> float:
    listed = list(values)
    return sum(listed) / len(listed) if listed else 0.0


def reader_named(name: str) -> Reader:
    """``sentences``, or the weights of a reader."""
    return SentenceReader() if name == "sentences" else SpanReader(Path(name))


def chosen(some: Sequence[Question], limit: int) -> list[Question]:
    """At most ``limit`` answerable questions and as many others, evenly over the titles; all of them for 0."""
    if not limit:
        return list(some)
    groups = ([one for one in some if one.answerable], [one for one in some if not one.answerable])
    return [one for group in groups for one in group[:: max(1, -(-len(group) // limit))]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds dev/")
    parser.add_argument("--index", type=Path, default=Path(tempfile.gettempdir()) / "pullquote-quality")
    parser.add_argument("--half", choices=("tuning", "reporting"), default="reporting")
    parser.add_argument("--limit", type=int, default=0, help="answerable questions per set, evenly chosen; 0 for all")
    parser.add_argument(
        "--reader", action="append", default=[], help="sentences, or a file of weights; may be repeated"
    )
    arguments = parser.parse_args()
    report: dict[str, Any] = {"half": arguments.half, "limit": arguments.limit, "sets": {}, "readers": {}}
    readers: dict[str, Reader] = {"default": default_reader()}
    readers.update({Path(name).stem: reader_named(name) for name in arguments.reader})
    with build_index(arguments.data, arguments.index) as index:
        articles = list(index.articles())
        report["articles"], report["passages"] = index.counts()
        for name in CORPUS_SETS:
            asked = chosen(questions(arguments.data, [name], articles, arguments.half), arguments.limit)
            print(name, flush=True)
            found = recall(index, asked)
            for reader_name, reader in readers.items():
                began = time.monotonic()
                row = measure(index, asked, answers(index, asked, reader), fitted=reader_name == "default")
                row["seconds_per_question"] = (time.monotonic() - began) / len(asked)
                print(reader_name, json.dumps(row), flush=True)
                if reader_name == "default":
                    report["sets"][name] = {**found, **row}
                else:
                    report["readers"].setdefault(reader_name, {})[name] = row
    if arguments.half == "reporting":
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "quality.json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
