"""What it costs that nothing is lost: ``add`` with all safety against ``add`` without, and the speed of ``verify``.

    python -m benchmarks.safety --data FOLDER [--articles 1500] [--repeats 6]

Without: SQLite does not wait for the disk, nor do the files of the search indexes; rows carry no checksums; neither
the catalog's pages nor tantivy's files are checked when they are opened. Articles are embedded with the
``HashingEmbedder``, so that the model does not hide the cost; what share the cost has of an ``add`` with the model
follows from the model's speed, measured in the same run. Both ways take turns.

Writes ``benchmarks/results/safety.json``.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any
from unittest import mock

from index import ArticleIndex, HashingEmbedder, SentenceTransformerEmbedder
from index import passages as splitting
from index.embedding import computes_in_bfloat16

from .datasets import rows, write_articles
from .speed import RESULTS, seconds


def _nothing(*_arguments: Any) -> int:
    """Stands for a check; a Mock, which counts its calls, would take longer than what it stands for."""
    return 0


@contextlib.contextmanager
def no_safety() -> Iterator[None]:
    """Switches off what can be switched off."""
    with (
        mock.patch("index.database._SYNCHRONOUS", "OFF"),
        mock.patch("index.database._CHECKED_BYTES", 0),
        mock.patch("index.files.os.fsync", _nothing),
        mock.patch("index.catalog_writer.checksum", _nothing),
        mock.patch("index.rows.checksum", _nothing),
        mock.patch("index.catalog.checksum", _nothing),
        mock.patch("index.words.damaged_files", _nothing),
    ):
        yield


def write_corpus(data: Path, folder: Path, count: int) -> None:
    """Writes the first so many articles of the BBC as text files."""
    articles: dict[str, list[str]] = {}
    for row in itertools.islice(rows(data / "corpora" / "bbc_articles.jsonl.xz"), count):
        articles[row["title"]] = row["paragraphs"]
    write_articles(folder, articles)  # type: ignore[arg-type]


def add(corpus: Path, folder: Path) -> float:
    """Seconds of one ``add``, with opening and closing."""

    def work() -> None:
        with ArticleIndex.open(folder, embedder=HashingEmbedder()) as index:
            index.add(corpus)

    return seconds(work)


def measure_adds(corpus: Path, folder: Path, repeats: int) -> dict[str, Any]:
    """Adding with and without, in turn."""
    taken: dict[bool, list[float]] = {True: [], False: []}
    add(corpus, folder / "warm-up")
    for turn in range(repeats):
        # Whatever comes second is slowed down by what the disk still has to write of the first.
        for safe in (turn % 2 == 0, turn % 2 == 1):
            with contextlib.nullcontext() if safe else no_safety():
                taken[safe].append(add(corpus, folder / f"{'safe' if safe else 'bare'}-{turn}"))
    with_safety, without = median(taken[True]), median(taken[False])
    return {
        "add_with_safety_s": [round(value, 3) for value in taken[True]],
        "add_without_safety_s": [round(value, 3) for value in taken[False]],
        "add_ratio_of_medians": round(with_safety / without, 3),
        "cost_of_safety_s": round(with_safety - without, 3),
    }


def measure_verify(folder: Path, repeats: int) -> dict[str, Any]:
    """Verifying an index that is whole."""
    taken = []
    with ArticleIndex.open(folder, embedder=HashingEmbedder()) as index:
        articles, passages = index.counts()
        for _ in range(repeats):
            taken.append(seconds(lambda: taken_whole(index)))
    return {
        "articles": articles,
        "passages": passages,
        "verify_s": [round(value, 3) for value in taken],
        "verify_articles_per_s": round(articles / median(taken)),
    }


def taken_whole(index: ArticleIndex) -> None:
    """Verifies, and insists on the result."""
    report = index.verify()
    if not report.whole:
        raise SystemExit(f"the index is not whole: {report.problems[0].what}")


def model_speed(folder: Path, sample: int) -> float:
    """Passages a second that the default model embeds, on an evenly spread sample of an index's passages."""
    texts = []
    with ArticleIndex.open(folder, embedder=HashingEmbedder()) as index:
        for article in index.articles():
            ids = index.passage_ids([article.id])
            for passage in index.passages(ids.tolist()).values():
                texts.append(splitting.embedded_text(article.title, article.text[passage.start : passage.end]))
    chosen = texts[:: max(1, len(texts) // sample)]
    embedder = SentenceTransformerEmbedder()
    embedder.encode_questions(["warm up"])
    return len(chosen) / seconds(lambda: embedder.encode_passages(chosen))


def main() -> None:
    """Measures, prints and writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--articles", type=int, default=1500)
    parser.add_argument("--repeats", type=int, default=6)
    parser.add_argument("--sample", type=int, default=300, help="passages that the model embeds")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_corpus(arguments.data, folder / "corpus", arguments.articles)
        adding = measure_adds(folder / "corpus", folder, arguments.repeats)
        verifying = measure_verify(folder / "safe-0", arguments.repeats)
        rate = model_speed(folder / "safe-0", arguments.sample)
    with_model = median(adding["add_with_safety_s"]) + verifying["passages"] / rate
    result = {
        "processors": os.cpu_count(),
        "precision": "bfloat16" if computes_in_bfloat16() else "float32",
        **adding,
        "model_passages_per_s": round(rate, 1),
        "cost_as_share_of_add_with_the_model": round(adding["cost_of_safety_s"] / with_model, 4),
        **verifying,
    }
    print(json.dumps(result, indent=1))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "safety.json").write_text(json.dumps(result, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
