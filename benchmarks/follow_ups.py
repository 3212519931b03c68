"""How well follow-up questions are searched, on the reporting half of the conversations.

    python -m benchmarks.follow_ups --data FOLDER [--half tuning] [--hybrid]

Each turn's question is searched by words among the passages of all sets: alone, joined with what was shown before, as
``qa.follow_up`` resolves it, and as a person rewrote it. ``--hybrid`` also searches by meaning, with the real model.
Questions that stand alone are asked after another question and should be left alone. Writes
``benchmarks/results/follow_ups.json``.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index import ArticleIndex, SentenceTransformerEmbedder
from index.words import WordView
from qa import Turn, retrieve_many
from qa.follow_up import Resolved, resolve
from qa.query import Query

from .datasets import CachingEmbedder
from .follow_up_data import (
    Asked,
    conversations,
    documents,
    history,
    one_line,
    shortened,
    standing_alone,
    word_index,
)

RESULTS = Path(__file__).parent / "results"
DEPTH = 10
SAMPLES = 10_000


class Searcher:
    """Ranks of the gold passages among all documents, by words."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.words: WordView = word_index(texts)
        self.number = {text: position for position, text in enumerate(texts, 1)}
        self.seconds: list[float] = []
        self._known: dict[tuple[str, ...], Resolved] = {}

    def rank(self, asked: Asked, terms: Sequence[str] | Mapping[str, float], *, fresh: bool = False) -> int:
        """The place of the first gold passage, from 0; ``DEPTH`` if it is not found. ``fresh`` skips what was shown."""
        shown = {self.number.get(one_line(answer)) for answer in asked.answers} - {None} if fresh else set()
        gold = {self.number[text] for text in asked.gold}
        ids, _ = self.words.search(terms, DEPTH + len(shown), title_weight=0.0)
        kept = [int(number) for number in ids if number not in shown or number in gold][:DEPTH]
        return next((place for place, number in enumerate(kept) if number in gold), DEPTH)

    def resolved(self, asked: Asked) -> Resolved:
        """What the product makes of the question, after what it made of the ones before."""
        return self._resolve(asked.question, history(asked, lambda *some: self._resolve(*some).question))

    def _resolve(self, question: str, turns: Sequence[Turn]) -> Resolved:
        """Each question of a conversation is resolved once; the processor's time is noted."""
        key = (question, *(text for turn in turns for text in (turn.question, turn.answer.text)))
        if key not in self._known:
            began = time.process_time()
            self._known[key] = resolve(question, turns, self.words)
            if turns:
                self.seconds.append(time.process_time() - began)
        return self._known[key]

    def terms_of(self, found: Resolved) -> Sequence[str] | Mapping[str, float]:
        """What is searched by words."""
        return dict(found.weights) or self.words.terms(found.question)


def methods(searcher: Searcher) -> dict[str, Callable[[Asked], Sequence[str] | Mapping[str, float]]]:
    """The ways to search a turn, by name."""
    words = searcher.words
    return {
        "last question alone": lambda asked: words.terms(asked.question),
        "previous answer joined": lambda asked: words.terms(" ".join([*asked.answers[-1:], asked.question])),
        "previous question and answer joined": lambda asked: words.terms(
            " ".join([*asked.questions[-1:], *asked.answers[-1:], asked.question])
        ),
        "all questions joined": lambda asked: words.terms(" ".join([*asked.questions, asked.question])),
        "resolved": lambda asked: searcher.terms_of(searcher.resolved(asked)),
        "resolved, only the standalone question's words": lambda asked: words.terms(searcher.resolved(asked).question),
        "resolved, one sentence of each answer shown": lambda asked: searcher.terms_of(
            searcher.resolved(shortened(asked, words))
        ),
        "rewritten by a person": lambda asked: words.terms(asked.rewrite or asked.question),
    }


def recall(ranks: Sequence[int], k: int) -> float:
    """The share of ranks below ``k``."""
    return float(np.mean([rank < k for rank in ranks])) if ranks else 0.0


def difference(ours: Sequence[int], theirs: Sequence[int], k: int = 5) -> dict[str, float]:
    """The difference in recall with its interval of 95 %, by a paired bootstrap over the turns."""
    gain = np.array([rank < k for rank in ours], float) - np.array([rank < k for rank in theirs], float)
    drawn = np.random.default_rng(1).integers(0, len(gain), (SAMPLES, len(gain)))
    means = gain[drawn].mean(1)
    return {
        "difference": float(gain.mean()),
        "low": float(np.quantile(means, 0.025)),
        "high": float(np.quantile(means, 0.975)),
        "no_gain": float((means <= 0).mean()),
    }


def conversation_rows(searcher: Searcher, asked: Sequence[Asked]) -> dict[str, Any]:
    """Recall of each way to search, and how the product's compares."""
    ways = methods(searcher)
    if not any(one.rewrite for one in asked):
        ways.pop("rewritten by a person")
    terms = {name: [way(one) for one in asked] for name, way in ways.items()}
    ranks = {name: [searcher.rank(*pair) for pair in zip(asked, some, strict=True)] for name, some in terms.items()}
    fresh = {
        name: [searcher.rank(one, found, fresh=True) for one, found in zip(asked, some, strict=True)]
        for name, some in terms.items()
    }
    rows = {
        name: {
            **{f"recall@{k}": recall(some, k) for k in (1, 5, 10)},
            "reciprocal_rank": float(np.mean([1 / (rank + 1) if rank < DEPTH else 0.0 for rank in some])),
            "fresh@5": recall(fresh[name], 5),
        }
        for name, some in ranks.items()
    }
    compared = {name: difference(ranks["resolved"], some) for name, some in ranks.items() if name != "resolved"}
    result = {"turns": len(asked), "methods": rows, "resolved_against": compared}
    if "rewritten by a person" in rows:
        alone, ours, best = (
            rows[name]["recall@5"] for name in ("last question alone", "resolved", "rewritten by a person")
        )
        result["closed"] = (ours - alone) / (best - alone) if best > alone else None
    return result


def alone_rows(searcher: Searcher, asked: Sequence[Asked]) -> dict[str, Any]:
    """Questions that stand alone: how many are left alone, and what the search finds with and without a history."""
    result = {}
    for name in dict.fromkeys(one.set for one in asked):
        some = [one for one in asked if one.set == name]
        found = [searcher.resolved(one) for one in some]
        before = [searcher.rank(one, searcher.words.terms(one.question)) for one in some]
        after = [searcher.rank(one, searcher.terms_of(one_found)) for one, one_found in zip(some, found, strict=True)]
        result[name] = {
            "questions": len(some),
            "unchanged": float(
                np.mean([one.question == one_found.question for one, one_found in zip(some, found, strict=True)])
            ),
            "recall@5_alone": recall(before, 5),
            "recall@5_after_another": recall(after, 5),
            "against": difference(after, before),
        }
    return result


def hybrid_rows(texts: Sequence[str], searcher: Searcher, asked: Sequence[Asked], folder: Path) -> dict[str, Any]:
    """The same with the whole retrieval: by words and by meaning, each passage an article."""
    embedder = CachingEmbedder(SentenceTransformerEmbedder(), folder.with_name(folder.name + "-vectors.npz"))
    with tempfile.TemporaryDirectory() as corpus, ArticleIndex.open(folder, embedder=embedder) as index:
        if not index.counts()[0]:
            for number, text in enumerate(texts, 1):
                (Path(corpus) / f"{number}.txt").write_text(text + "\n", "utf-8")
            index.add(corpus)
        embedder.save()
        number_of = {article.id: int(Path(article.source).stem) for article in index.articles()}
        words = index.snapshot().words

        def ours(one: Asked) -> Query:
            turns = history(one, lambda question, before: resolve(question, before, words).question)
            return resolve(one.question, turns, words).query

        ways: dict[str, Callable[[Asked], Query]] = {
            "last question alone": lambda one: Query(one.question),
            "previous question and answer joined": lambda one: Query(
                " ".join([*one.questions[-1:], *one.answers[-1:], one.question])
            ),
            "resolved": ours,
            "rewritten by a person": lambda one: Query(one.rewrite or one.question),
        }
        ranks = {}
        for name, way in ways.items():
            found = retrieve_many(index, [way(one) for one in asked], DEPTH)
            ranks[name] = [
                next(
                    (place for place, hit in enumerate(hits) if texts[number_of[hit.article.id] - 1] in one.gold), DEPTH
                )
                for one, hits in zip(asked, found, strict=True)
            ]
        embedder.save()
    return {
        "turns": len(asked),
        "methods": {name: {f"recall@{k}": recall(some, k) for k in (1, 5, 10)} for name, some in ranks.items()},
        "resolved_against": {name: difference(ranks["resolved"], some) for name, some in ranks.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds dev/")
    parser.add_argument("--half", choices=("tuning", "reporting"), default="reporting")
    parser.add_argument("--hybrid", action="store_true", help="search by meaning too, which embeds all passages")
    parser.add_argument("--index", type=Path, default=Path(tempfile.gettempdir()) / "pullquote-follow-ups")
    arguments = parser.parse_args()
    texts = documents(arguments.data)
    searcher = Searcher(texts)
    asked = [one for one in conversations(arguments.data) if one.half == arguments.half and one.gold]
    report: dict[str, Any] = {"half": arguments.half, "documents": len(texts), "sets": {}}
    for name in ("cast", "inscit", "mtragun"):
        some = [one for one in asked if one.set == name]
        report["sets"][name] = conversation_rows(searcher, some)
        for way, row in report["sets"][name]["methods"].items():
            print(f"{name:8}{way:48}", *(f"{key} {value:.3f}" for key, value in row.items()), flush=True)
        print(
            report["sets"][name]["resolved_against"]["previous question and answer joined"],
            report["sets"][name].get("closed"),
        )
    times = 1_000 * np.array(searcher.seconds)
    report["ms"] = {"p50": float(np.quantile(times, 0.5)), "p95": float(np.quantile(times, 0.95))}
    report["alone"] = alone_rows(searcher, standing_alone(arguments.data, arguments.half))
    print(json.dumps(report["alone"], indent=1), report["ms"], flush=True)
    if arguments.hybrid:
        report["hybrid"] = hybrid_rows(texts, searcher, [one for one in asked if one.set == "cast"], arguments.index)
        print(json.dumps(report["hybrid"], indent=1))
    if arguments.half == "reporting":
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "follow_ups.json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
