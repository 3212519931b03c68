"""How fast adding, retrieving and starting are, each beside what it cannot be faster than, in one run.

    python -m benchmarks.speed --data FOLDER [--articles 400] [--only add,retrieve,start]

* add: ``ArticleIndex.add`` against bare ``SentenceTransformer.encode`` on the same passages in the same precision, and
  in float32 where the processor computes in bfloat16.
* retrieve: against the sum of its parts called bare, question by question: encode, search FAISS, search tantivy.
* start: ``pullquote --help``; a cold ``pullquote ask`` against importing and loading the model; ``ask`` with a server.

Everything compared runs in turn, so that a drift of the machine hits both. Writes ``benchmarks/results/speed.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from index import ArticleIndex, SentenceTransformerEmbedder, Settings
from index.embedding import computes_in_bfloat16, default_model_folder
from index.passages import embedded_text, passage_spans
from index.reading import read_file
from qa import retrieve
from qa.fusion import DEPTH, TITLE_WEIGHT

from .datasets import rows, write_articles

RESULTS = Path(__file__).parent / "results"
QUESTIONS = 200
FOLDER = 80
"""Articles that are added at once."""


def seconds(work: Callable[[], Any]) -> float:
    """How long a call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def spread(values: list[float]) -> dict[str, float]:
    """Median, 95th percentile and extremes, in milliseconds."""
    ms = np.array(values) * 1000
    return {
        "p50": round(float(np.percentile(ms, 50)), 2),
        "p95": round(float(np.percentile(ms, 95)), 2),
        "min": round(float(ms.min()), 2),
        "max": round(float(ms.max()), 2),
        "n": len(values),
    }


def passage_texts(corpus: Path) -> list[str]:
    """What is embedded of the articles in a folder."""
    texts = []
    for path in sorted(corpus.iterdir()):
        draft, _ = read_file(path, 10_000_000)
        spans = passage_spans(draft.text, draft.title)
        texts += [embedded_text(draft.title, draft.text[span.start : span.end]) for span in spans]
    return texts


def measure_add(corpora: list[Path], folder: Path) -> dict[str, Any]:
    """Adding folders against encoding their passages bare, folder by folder, each way first in turn."""
    embedder = SentenceTransformerEmbedder()
    embedder.encode_questions(["warm up"])
    model = embedder._model
    adds, bares = [], []
    passages = 0
    with ArticleIndex.open(folder / "index", embedder=embedder) as index:
        for turn, corpus in enumerate(corpora):
            texts = passage_texts(corpus)
            passages += len(texts)

            def add(corpus: Path = corpus) -> None:
                adds.append(seconds(lambda: index.add(corpus)))

            def encode(texts: list[str] = texts) -> None:
                options = {"batch_size": 32, "normalize_embeddings": True, "show_progress_bar": False}
                bares.append(seconds(lambda: model.encode(texts, **options)))

            for work in (add, encode) if turn % 2 else (encode, add):
                work()
        held = index.counts()[1]
    ratios = [add / bare for add, bare in zip(adds, bares, strict=True)]
    result: dict[str, Any] = {
        "passages": held,
        "encoded": passages,
        "add_seconds": adds,
        "bare_encode_seconds": bares,
        "ratios": ratios,
        "add_over_bare": median(ratios),
        "passages_per_second": passages / sum(adds),
        "bfloat16": computes_in_bfloat16(),
    }
    if computes_in_bfloat16():
        single = SentenceTransformerEmbedder(Settings(precision="float32"))
        single.encode_questions(["warm up"])
        with ArticleIndex.open(folder / "float32", embedder=single) as index:
            result["float32_over_add"] = seconds(lambda: index.add(corpora)) / sum(adds)
    return result


def measure_retrieve(folder: Path, questions: list[str]) -> dict[str, Any]:
    """``retrieve`` against its parts, in turn, question by question."""
    wholes, parts, encodes, faisses, tantivys = [], [], [], [], []
    with ArticleIndex.open(folder / "index", create=False) as index:
        snapshot = index.snapshot()
        for position, question in enumerate(questions):
            whole = seconds(lambda question=question: retrieve(index, question, k=10))
            vector: list[Any] = []
            encode = seconds(lambda question=question, vector=vector: vector.append(index.embed_questions([question])))
            faiss = seconds(lambda vector=vector: snapshot.vectors.base.index.search(vector[0], DEPTH))
            terms = snapshot.words.terms(question)
            tantivy = seconds(lambda terms=terms: snapshot.words.search(terms, DEPTH, title_weight=TITLE_WEIGHT))
            if position < 10:
                continue  # warming up
            wholes.append(whole)
            parts.append(encode + faiss + tantivy)
            encodes.append(encode)
            faisses.append(faiss)
            tantivys.append(tantivy)
        passages = index.counts()[1]
    return {
        "passages": passages,
        "retrieve_ms": spread(wholes),
        "parts_ms": spread(parts),
        "encode_ms": spread(encodes),
        "faiss_ms": spread(faisses),
        "tantivy_ms": spread(tantivys),
        "retrieve_over_parts": median(whole / part for whole, part in zip(wholes, parts, strict=True)),
    }


BARE_LOAD = (
    "from sentence_transformers import SentenceTransformer; "
    "SentenceTransformer({folder!r}, device='cpu').encode(['Who signed the agreement?'])"
)


def measure_start(folder: Path, repeats: int) -> dict[str, Any]:
    """Whole processes: help, a cold question against the bare model, a question that a running server answers."""
    command = [str(Path(sys.executable).with_name("pullquote"))]
    index = ["--index", str(folder / "index")]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}

    def run(arguments: list[str]) -> float:
        return seconds(lambda: subprocess.run(arguments, capture_output=True, check=False, env=environment))

    bare = [sys.executable, "-c", BARE_LOAD.format(folder=str(default_model_folder()))]
    ask = [*command, "ask", "Who signed the agreement?", *index]
    helps = [run([*command, "--help"]) for _ in range(2 * repeats)]
    colds, bares = [], []
    for _ in range(repeats):
        colds.append(run(ask))
        bares.append(run(bare))
    result = {
        "help_ms": spread(helps),
        "cold_ask_ms": spread(colds),
        "bare_model_ms": spread(bares),
        "cold_ask_over_bare": median(cold / base for cold, base in zip(colds, bares, strict=True)),
    }
    server = subprocess.Popen(
        [*command, "serve", *index, "--port", "7899"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 120
        while not (folder / "index" / "server.json").exists() and time.monotonic() < deadline:
            time.sleep(0.5)
        run(ask)
        result["ask_with_server_ms"] = spread([run(ask) for _ in range(repeats)])
    finally:
        server.terminate()
        server.wait(30)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds corpora/")
    parser.add_argument("--articles", type=int, default=400)
    parser.add_argument("--repeats", type=int, default=3, help="of each whole process")
    parser.add_argument("--only", default="add,retrieve,start")
    arguments = parser.parse_args()
    wanted = arguments.only.split(",")
    corpus_rows = list(rows(arguments.data / "corpora" / "bbc_articles.jsonl.xz"))
    chosen = corpus_rows[:: max(1, len(corpus_rows) // arguments.articles)][: arguments.articles]
    report: dict[str, Any] = {"articles": len(chosen)}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        corpora = []
        for first in range(0, len(chosen), FOLDER):
            corpora.append(folder / f"corpus-{first}")
            part = {row["article"] + " " + row["title"]: row["paragraphs"] for row in chosen[first : first + FOLDER]}
            write_articles(corpora[-1], part)
        report["add"] = measure_add(corpora, folder)
        print(json.dumps(report["add"]), flush=True)
        if "retrieve" in wanted:
            questions = [f"What is said about {row['title']}?" for row in chosen[:QUESTIONS]]
            report["retrieve"] = measure_retrieve(folder, questions)
            print(json.dumps(report["retrieve"]), flush=True)
        if "start" in wanted:
            report["start"] = measure_start(folder, arguments.repeats)
            print(json.dumps(report["start"]), flush=True)
    if wanted == ["add", "retrieve", "start"]:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "speed.json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
