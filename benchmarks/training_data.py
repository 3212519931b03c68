"""Chooses what the reader is trained on, so that what it is measured on stays unseen.

    python -m benchmarks.training_data --data FOLDER --out WORK [--open] [--most 4511]

Writes one JSON-lines file per training set for ``pullquote train-reader``. Left out: one in five articles of
``train/newsqa``, on which reliability is reported; and of ``dev/squad2_dev_half`` everything but three in five
titles of the tuning half. ``is_trained_on`` tells the other benchmarks which those are. With ``--open`` only sets
whose source states an open licence, for the measurement of what a reader of these alone would lose; ``--most`` takes
fewer questions, of each set the same share.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from pathlib import Path
from typing import Any

from .datasets import half_of, plain_title, rows

PER_SET = {
    "squadshifts_new_wiki": 6500,
    "squadshifts_reddit": 2500,
    "squadshifts_amazon_reviews": 1500,
    "newsqa": 4000,
    "policyqa_dev": 800,
    "fairytaleqa_explicit": 1500,
    "qamr_devtest": 500,
    "clickbait_spoiling": 800,
}
"""Questions that are taken of each set, a seeded choice: news and encyclopaedia before reviews and stories."""
OPEN = {"fairytaleqa_explicit": 1700, "policyqa_dev": 1000, "qamr_devtest": 500}
"""Of the sets that state an open licence, beside SQuAD 2.0's."""


def is_trained_on(title: str) -> bool:
    """Whether the questions of ``squad2_dev_half`` about this title are in the training data."""
    return half_of(title) == "tuning" and _share(f"reader titles 1:{title}") < 0.6


def is_held_out_news(article: str) -> bool:
    """Whether the training leaves this article of ``train/newsqa`` out."""
    return _share(f"reader news 1:{article}") < 0.2


def _share(name: str) -> float:
    return hashlib.sha256(name.encode()).digest()[0] / 256


def choose(data: Path, *, open_only: bool = False) -> dict[str, list[dict[str, Any]]]:
    """The rows to train on, by set."""
    chosen: dict[str, list[dict[str, Any]]] = {}
    for name, count in (OPEN if open_only else PER_SET).items():
        found = [row for row in rows(data / "train" / f"{name}.jsonl.xz") if row["answerable"]]
        if name == "newsqa":
            found = [row for row in found if not is_held_out_news(row["article"])]
        if len(found) > count:
            found = random.Random(name).sample(found, count)
        chosen[name] = found
    squad = rows(data / "dev" / "squad2_dev_half.jsonl.xz")
    chosen["squad2_tuning"] = [row for row in squad if is_trained_on(plain_title(row["title"]))]
    if not open_only:
        whole = rows(data / "train" / "newsqa_articles.jsonl.xz")
        chosen["newsqa_articles"] = [row for row in whole if not is_held_out_news(row["article"])]
    return chosen


def fewer(chosen: dict[str, list[dict[str, Any]]], most: int) -> dict[str, list[dict[str, Any]]]:
    """So many of the questions, of each set the same share; rows of whole articles stay."""
    every = {name: [row for row in some if "question" in row] for name, some in chosen.items()}
    share = min(1.0, most / sum(map(len, every.values())))
    return {
        name: random.Random(name).sample(some, round(share * len(some))) if some else chosen[name]
        for name, some in every.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--open", action="store_true", help="only sets whose source states an open licence")
    parser.add_argument("--most", type=int, help="questions in all")
    arguments = parser.parse_args()
    every = choose(arguments.data, open_only=arguments.open)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name, chosen in (every if arguments.most is None else fewer(every, arguments.most)).items():
        path = arguments.out / f"{name}.jsonl"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in chosen), "utf-8")
        unanswerable = sum(not row.get("answerable", True) for row in chosen)
        print(f"{path}: {len(chosen)} lines, {unanswerable} unanswerable")


if __name__ == "__main__":
    main()
