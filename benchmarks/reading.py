"""What reading costs and what it brings: time and accuracy by the number of passages that are read.

    python -m benchmarks.reading --data FOLDER [--questions 200]

On the tuning half of the titles, one question at a time, as ``ask`` reads them. Writes
``benchmarks/results/reading.json``, from which ``PASSAGES`` in ``qa/reader/scoring.py`` is chosen.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from index.embedding import computes_in_bfloat16
from qa.query import read_query
from qa.reader import SpanReader
from qa.retrieval import retrieve_many

from .cases import is_right, spread, unseen
from .datasets import CORPUS_SETS, questions
from .quality import RESULTS, build_index

PASSAGES = (3, 4, 5, 6, 8, 10, 15)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--index", type=Path, default=Path(tempfile.gettempdir()) / "pullquote-quality")
    parser.add_argument("--questions", type=int, default=50, help="per set")
    arguments = parser.parse_args()
    rows: list[dict[str, Any]] = []
    with build_index(arguments.data, arguments.index) as index:
        articles = list(index.articles())
        asked = [
            question
            for name in CORPUS_SETS
            for question in spread(
                [one for one in unseen(questions(arguments.data, [name], articles, "tuning")) if one.answerable],
                arguments.questions,
            )
        ]
        texts = [read_query(question.text).text for question in asked]
        found = retrieve_many(index, [question.text for question in asked], max(PASSAGES))
        rate = 0.0
        for count in PASSAGES:
            reader = SpanReader(passages=count)
            reader.read(index, [(texts[0], found[0])])  # loads the weights
            times, first, three = [], 0, 0
            for question, text, hits in zip(asked, texts, found, strict=True):
                began = time.perf_counter()
                read = reader.read(index, [(text, hits)])[0]
                times.append(1000 * (time.perf_counter() - began))
                first += any(is_right(question, one) for one in read[:1])
                three += any(is_right(question, one) for one in read[:3])
            p50, p95 = (float(np.percentile(times, share)) for share in (50, 95))
            rate = 1000 * count * len(asked) / sum(times)
            rows.append(
                {
                    "passages": count,
                    "read_ms": {"p50": p50, "p95": p95},
                    "first": first / len(asked),
                    "three": three / len(asked),
                }
            )
            print(rows[-1], flush=True)
    report = {
        "questions": len(asked),
        "rows": rows,
        "pairs_per_second": rate,
        "precision": "bfloat16" if computes_in_bfloat16() else "float32",
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "reading.json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
