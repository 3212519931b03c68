"""How time, memory and disk grow from 1,000 to 1,000,000 passages on one machine.

    python -m benchmarks.scale --data FOLDER --work FOLDER [--sizes 1000,10000,100000,1000000] [--real 12000]

Some real passages are embedded with the default model, once (they are remembered in the work folder); all others are
*derived* from them, text and vector, by seeded recombination and perturbation (``benchmarks.scale_data``), and written
into the catalog without the steps of ``add`` before that. Near-duplicates among them are not looked for, but their keys
are stored. The search indexes are made from the catalog as always.

At each size a process of its own opens the index and measures: opening, memory, ``retrieve``, ``ask``, adding and
removing one article. It measures an index of 10,000 passages beside it, question by question in turn, so that what else
the machine does meanwhile hits both alike; processor time is given too, which that changes less. Indexes that are in
the work folder already are measured as they are. Recall is of the dense search alone, against a
comparison with all vectors of the catalog: for questions on derived passages, and for real search queries.

Writes ``benchmarks/results/scale.json``.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any
from unittest import mock

import numpy as np

from index import ArticleIndex, SentenceTransformerEmbedder
from index import passages as splitting
from index.catalog_writer import CatalogWriter
from index.passages import PassageSpan
from index.reading import Draft
from index.rows import SourceState
from index.shingles import shingles
from qa import ask, retrieve

from .datasets import rows
from .scale_data import Deriver, real_passages
from .speed import RESULTS, seconds, spread

PER_ARTICLE = 4
PER_TRANSACTION = 20_000
BASE = 10_000
"""Passages of the index that larger ones are compared with."""
QUESTIONS = 100
ASKED = 16
CHANGES = 9


def fill(folder: Path, deriver: Deriver, passages: int) -> float:
    """Brings an index to so many passages and makes its search indexes; returns the seconds that those took."""
    with ArticleIndex.open(folder) as index:
        there = index.counts()[1]
        while there < passages:
            count = min(PER_TRANSACTION, passages - there)
            with mock.patch("index.database._SYNCHRONOUS", "OFF"), index._catalog.write() as writer:
                writer._connection.execute("PRAGMA cache_size = -400000")
                _put(writer, deriver, there, count)
            there += count
            print(f"{there:,} passages in the catalog", flush=True)
        started = time.perf_counter()
        with index._writing():
            pass
    return time.perf_counter() - started  # closing the index waits for the file of vectors


def _put(writer: CatalogWriter, deriver: Deriver, there: int, count: int) -> None:
    """Writes articles of four passages each."""
    keys: list[tuple[int, int]] = []
    made = deriver.passages(count)
    splitter = splitting.fingerprint()
    with mock.patch.object(writer.near_duplicates, "join", return_value=[]):
        for first in range(0, count, PER_ARTICLE):
            own = made[first : first + PER_ARTICLE]
            title, spans, start = deriver.title(), [], 0
            for passage in own:
                sentences = tuple((start + left, start + right) for left, right in passage.sentences)
                spans.append(PassageSpan(sentences[0][0], sentences[-1][1], sentences))
                start += len(passage.text) + 2
            text = "\n\n".join(passage.text for passage in own)
            hashes = [splitting.embedded_sha256(title, passage.text) for passage in own]
            vectors = np.stack([passage.vector for passage in own])
            number = writer.put_article(Draft(title, text, language="en"), splitter, spans, hashes, vectors)
            path = f"/archive/{(there + first) // 4000:04}/{there + first:07}.txt"
            digest = hashlib.sha256(text.encode()).hexdigest()
            writer.put_source(SourceState(path, number, "/archive", len(text), time.time_ns(), time.time_ns(), digest))
            keys += [(key, number) for key in shingles(title, text).keys]
    writer._connection.executemany("INSERT OR IGNORE INTO near_key VALUES (?, ?)", sorted(keys))


def memory() -> dict[str, int]:
    """Megabytes of this process that are its own, and that are files which are mapped."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    found = {line.split(":")[0]: int(line.split()[1]) // 1024 for line in lines if line.startswith("Rss")}
    return {"anonymous": found["RssAnon"], "files": found["RssFile"]}


def recall(index: ArticleIndex, questions: list[str]) -> dict[str, float]:
    """Share of the ten nearest passages that the dense search finds, and how long it and the comparison take."""
    vectors = index.embed_questions(questions)
    best: list[list[tuple[float, int]]] = [[] for _ in questions]
    for ids, half in index._catalog.vector_rows(0, index._catalog.generation(), batch=20_000):
        scores = half.astype(np.float32) @ vectors.T
        for place, own in enumerate(best):
            top = np.argpartition(-scores[:, place], min(10, len(ids) - 1))[:10]
            own.extend(zip(scores[top, place].tolist(), ids[top].tolist(), strict=True))
            own.sort(reverse=True)
            del own[10:]
    view = index.snapshot().vectors
    taken, found = [], 0
    for vector, own in zip(vectors, best, strict=True):
        started = time.perf_counter()
        ids, _ = view.search(vector[None, :], 100)
        taken.append(time.perf_counter() - started)
        found += len({number for _, number in own} & set(ids[0][:10].tolist()))
    return {"recall@10": found / sum(map(len, best)), "search_ms": spread(taken)["p50"]}


def measure(folder: Path, base: Path | None, questions: list[str], queries: list[str], work: Path) -> dict[str, Any]:
    """Everything about one size, in this process."""
    embedder = SentenceTransformerEmbedder()
    embedder.encode_questions(["warm up"])
    before = memory()
    opened = time.perf_counter()
    index = ArticleIndex.open(folder, create=False, embedder=embedder)
    index.snapshot()
    opening = time.perf_counter() - opened
    retrieve(index, questions[0])
    first = time.perf_counter() - opened
    report: dict[str, Any] = {"passages": index.counts()[1], "articles": index.counts()[0]}
    report["load_average"] = os.getloadavg()[0]
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    report |= {"open_s": opening, "open_and_first_question_s": first, "bytes_per_passage": size / report["passages"]}
    report["files"] = {
        path.name if path.parent == folder else path.parent.name: 0 for path in folder.rglob("*") if path.is_file()
    }
    for path in folder.rglob("*"):
        if path.is_file():
            report["files"][path.name if path.parent == folder else path.parent.name] += path.stat().st_size
    ask(index, questions[0])
    for question in questions[:10]:
        retrieve(index, question)
    beside = ArticleIndex.open(base, create=False, embedder=embedder) if base is not None else None
    report["memory_mb_before_opening"] = before
    for name, work_on, asked in (("retrieve", retrieve, questions), ("ask", ask, questions[:ASKED])):
        own, other, own_cpu, other_cpu = [], [], [], []
        for question in asked:
            for target, taken, processor in ((index, own, own_cpu), (beside, other, other_cpu)):
                if target is not None:
                    started = time.process_time()
                    taken.append(seconds(functools.partial(work_on, target, question)))
                    processor.append(time.process_time() - started)
        report[f"{name}_ms"] = spread(own)
        report[f"{name}_processor_ms"] = spread(own_cpu)
        if other:
            report[f"{name}_ms_at_base"] = spread(other)
            report[f"{name}_processor_ms_at_base"] = spread(other_cpu)
            report[f"{name}_ratio_of_p50"] = median(own) / median(other)
            report[f"{name}_ratio_of_processor_p50"] = median(own_cpu) / median(other_cpu)
        if name == "retrieve":
            report["memory_mb_after_retrieve"] = memory()
    report["memory_mb"] = memory()
    report |= changes(index, beside, work)
    if beside is not None:
        beside.close()
    report["vectors"] = index.stats().vectors
    report["on_derived"] = recall(index, questions)
    report["on_search_queries"] = recall(index, queries)
    index.close()
    return report


def changes(index: ArticleIndex, beside: ArticleIndex | None, work: Path) -> dict[str, Any]:
    """Adding and removing single articles, each until it can be found."""
    taken: dict[str, list[float]] = {}
    articles = work / "one"
    articles.mkdir(exist_ok=True)
    for number in range(CHANGES):
        for target, name in ((index, ""), (beside, "_at_base")):
            if target is None:
                continue
            path = articles / f"{time.time_ns()}.txt"
            sentence = f"The lighthouse keeper {path.stem} counted {number + 3} seals on the skerry before the storm."
            path.write_text(f"A lighthouse story {number}\n\n" + " ".join([sentence, *SENTENCES]) + "\n", "utf-8")
            for change, work_on in (("add", target.add), ("remove", target.remove)):
                started = time.perf_counter()
                work_on(path)
                target.snapshot()
                taken.setdefault(f"{change}_one_ms{name}", []).append(time.perf_counter() - started)
    report: dict[str, Any] = {name: spread(values) for name, values in taken.items()}
    for change in ("add", "remove") if beside is not None else ():
        own, other = taken[f"{change}_one_ms"], taken[f"{change}_one_ms_at_base"]
        report[f"{change}_one_ratio_of_p50"] = median(own) / median(other)
    return report


SENTENCES = [
    "He wrote the number into the log that his father had kept before him.",
    "The animals had come back after eleven years, and nobody in the village could say why.",
    "A biologist from the mainland asked for a copy of every page.",
]


def main() -> None:
    """Fills, measures, prints and writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="a folder for the indexes, about 3 KB a passage")
    parser.add_argument("--sizes", default="1000,10000,100000,1000000")
    parser.add_argument("--real", type=int, default=12_000, help="passages that the model embeds")
    parser.add_argument("--note", help="what is to be said of this run in the docs, such as that the machine was busy")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--beside", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    work: Path = arguments.work
    questions = json.loads((work / "questions.json").read_text("utf-8")) if arguments.measure else {}
    if arguments.measure:
        print(json.dumps(measure(arguments.measure, arguments.beside, **questions, work=work)))
        return
    work.mkdir(parents=True, exist_ok=True)
    real = real_passages(arguments.data, work / "real-vectors.npz", arguments.real)
    queries = [row["question"] for row in rows(arguments.data / "dev" / "nq_open_oracle.jsonl.xz")[:QUESTIONS]]
    step = len(real.titles) // QUESTIONS
    about = [f"What is said about {title}?" for title in dict.fromkeys(real.titles[::step])][:QUESTIONS]
    (work / "questions.json").write_text(json.dumps({"questions": about, "queries": queries}), "utf-8")
    sizes = [int(size) for size in arguments.sizes.split(",")]
    made = {size: fill(work / str(size), Deriver(real, size), size) for size in sizes}
    for size in sizes:
        command = [sys.executable, "-m", "benchmarks.scale", "--data", str(arguments.data), "--work", str(work)]
        command += ["--measure", str(work / str(size))]
        if size != BASE and (work / str(BASE)).exists():
            command += ["--beside", str(work / str(BASE))]
        found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.splitlines()[-1])
        print(json.dumps(found), flush=True)
        store(found | {"search_indexes_s": made[size]}, len(real.texts), arguments.note)


def store(found: dict[str, Any], real: int, note: str | None) -> None:
    """Puts the figures of one size into the file of results, in the place of earlier ones of this size."""
    path = RESULTS / "scale.json"
    before = json.loads(path.read_text("utf-8")) if path.exists() else {"sizes": []}
    rest = [row for row in before["sizes"] if row["passages"] != found["passages"]]
    report = {
        "processors": os.cpu_count(),
        "real_passages": real,
        "note": note if note is not None else before.get("note", ""),
        "sizes": sorted([*rest, found], key=lambda row: int(row["passages"])),
    }
    RESULTS.mkdir(exist_ok=True)
    path.write_text(json.dumps(report, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
