"""How long ``add`` takes when nothing has changed, as a share of what the first ``add`` took.

    python -m benchmarks.unchanged --data FOLDER [--articles 20000] [--sample 300]

Newswire articles are written as text files and added twice. Embedding 20,000 articles takes the model most of an hour,
so the index under test is filled with hashed vectors, which take next to no time: an ``add`` of unchanged files embeds
nothing, and costs the same with either. The first ``add`` with the model is *derived*, not measured: a seeded sample of
articles is added with the model and with hashed vectors, the difference divided by its passages is what the model
takes for a passage, and so much is added for each passage of all articles to the time that was measured without it.

Processor time is counted, of all threads: another program that runs at the same time does not change it much. For the
model that is more than the time on the clock, as it computes in several threads; so the share is also given by the
clock, which is the larger one where several processors are free.

Writes ``benchmarks/results/unchanged.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index import AddReport, ArticleIndex, HashingEmbedder, SentenceTransformerEmbedder, Settings
from index.embedding import Embedder

from .datasets import rows
from .speed import RESULTS

CORPORA = ("reuters_articles", "bbc_articles", "gum_wikinews_articles")
PER_FOLDER = 500
AGE = 3600
"""Seconds by which the files are made older: one that was just written is read again, as it may still be changing."""
TIMES = 3
"""How often the unchanged files are added; the median counts."""
AIM = 0.01


@dataclass(frozen=True, slots=True)
class Seconds:
    """What some work took: on the clock, and of the processors in all threads."""

    clock: float
    processor: float


def measured(work: Callable[[], AddReport]) -> tuple[Seconds, AddReport]:
    """Does some work once."""
    clock, processor = time.perf_counter(), time.process_time()
    report = work()
    return Seconds(round(time.perf_counter() - clock, 3), round(time.process_time() - processor, 3)), report


def write_files(data: Path, folder: Path, count: int) -> list[Path]:
    """The first articles of the corpora as files, a few hundred in a folder, last changed some time ago."""
    texts = (row for name in CORPORA for row in rows(data / "corpora" / f"{name}.jsonl.xz") if any(row["paragraphs"]))
    old = time.time() - AGE
    paths = []
    for number, row in zip(range(count), texts, strict=False):
        path = folder / f"{number // PER_FOLDER:03}" / f"{number:05}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n\n".join([row["title"], *row["paragraphs"]]) + "\n", "utf-8")
        os.utime(path, (old, old))
        paths.append(path)
    return paths


def sample(paths: list[Path], folder: Path, size: int) -> dict[str, Any]:
    """What the model takes for a passage, by adding some of the files with it and without it."""
    chosen = sorted(random.Random(5).sample(paths, min(size, len(paths))))
    embedders: dict[str, Embedder] = {
        "model": SentenceTransformerEmbedder(Settings()),
        "hashed": HashingEmbedder(),
    }
    embedders["model"].encode_passages(["The first call prepares what later calls find ready."])
    times: dict[str, Seconds] = {}
    passages = 0
    for name, embedder in embedders.items():
        with ArticleIndex.open(folder / name, embedder=embedder) as index:
            times[name], _ = measured(lambda index=index: index.add(chosen))  # type: ignore[misc]
            passages = index.counts()[1]
    return {
        "articles": len(chosen),
        "passages": passages,
        **{name: asdict(value) for name, value in times.items()},
        "model_clock_per_passage": max(0.0, times["model"].clock - times["hashed"].clock) / passages,
        "model_processor_per_passage": max(0.0, times["model"].processor - times["hashed"].processor) / passages,
    }


def measure(data: Path, folder: Path, count: int, size: int) -> dict[str, Any]:
    """The report that is written."""
    paths = write_files(data, folder / "files", count)
    print(f"{len(paths):,} files", flush=True)
    of_sample = sample(paths, folder / "sample", size)
    print(f"sample: {of_sample}", flush=True)
    settings = Settings()
    with ArticleIndex.open(folder / "index", settings=settings, embedder=HashingEmbedder()) as index:
        first, before = measured(lambda: index.add([folder / "files"]))
        passages = index.counts()[1]
        print(f"first: {first}, {passages:,} passages", flush=True)
    again: list[Seconds] = []
    for _ in range(TIMES):
        # Opened anew, as a second command does; opening is part of what it costs.
        def work() -> AddReport:
            with ArticleIndex.open(folder / "index", settings=settings, embedder=HashingEmbedder()) as index:
                return index.add([folder / "files"])

        taken, report = measured(work)
        assert report.failed == before.failed
        assert len(report.unchanged) == len(paths) - len(before.failed)
        again.append(taken)
        print(f"unchanged: {taken}", flush=True)
    whole = Seconds(
        round(first.clock + passages * of_sample["model_clock_per_passage"], 1),
        round(first.processor + passages * of_sample["model_processor_per_passage"], 1),
    )
    middle = Seconds(*(sorted(getattr(one, name) for one in again)[TIMES // 2] for name in ("clock", "processor")))
    return {
        "articles": len(paths),
        "passages": passages,
        "failed": len(before.failed),
        "sample": of_sample,
        "first_with_hashed_vectors": asdict(first),
        "first_with_the_model_derived": asdict(whole),
        "unchanged": [asdict(one) for one in again],
        "share_of_first_processor": round(middle.processor / whole.processor, 5),
        "share_of_first_clock": round(middle.clock / whole.clock, 5),
        "aim": AIM,
        "processors": os.cpu_count(),
        "load_at_the_end": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--sample", type=int, default=300)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = measure(given.data, Path(folder), given.articles, given.sample)
    (RESULTS / "unchanged.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(f"{100 * report['share_of_first_processor']:.2f} % of the processor time of the first add")


if __name__ == "__main__":
    main()
