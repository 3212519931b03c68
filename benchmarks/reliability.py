"""How far the confidence can be trusted: is the first quote right as often as it says?

    python -m benchmarks.reliability --data FOLDER [--limit 200]

On the reporting half of the titles, with as many questions whose article is not in the index, over indexes of five
sizes (the largest, of ``LARGE`` passages, holds real news and passages derived from it beside the corpus); on news
(articles of ``train/newsqa`` that training left out); on papers about the coronavirus (``covidqa``); and among
sentences of newswire that people judged (``trecqa_sentences``). Writes ``benchmarks/results/reliability.json``: for
each the calibration error, the reliability diagram and the risk-coverage curve, drawn by ``benchmarks.report``.
"""

from __future__ import annotations

import argparse
import itertools
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index import ArticleIndex
from qa.answering import default_reader
from qa.confidence import calibration
from qa.measures import auroc, expected_calibration_error
from qa.question_sets import LabelledQuestion, QuestionSet, read_questions
from qa.reader import scoring
from qa.training.corpus import locate, write_articles

from .calibrate import FEWEST, MIX, First, Matrix, firsts, kind, mixed, rights, share_right
from .cases import LARGE, NEWS, Case, by_size, collect, kept, remember_passages, spread
from .datasets import CachingEmbedder, Question, half_of, plain_title, rows
from .quality import RESULTS, build_index
from .training_data import is_held_out_news

BINS = 10


def probabilities(first: Sequence[First]) -> tuple[Matrix, Matrix, Matrix]:
    """For each first quote its confidence, whether it is right, and whether the index answers its question."""
    fitted = calibration()
    confidence = np.array([fitted.probability(one.evidence) for one in first])
    return confidence, rights(first), np.array([one.case.answered_there for one in first])


def describe(cases: Sequence[Case]) -> dict[str, Any]:
    """All figures of a group of cases."""
    first = firsts(cases, scoring.weights())
    confidence, right, there = probabilities(first)
    kinds = np.array([kind(one.case) for one in first])
    absent, misleading = kinds == "absent", kinds == "misleading"
    threshold = calibration().threshold
    shown = confidence >= threshold
    weights = mixed(first)
    which = np.where(weights > 0, np.minimum((confidence * BINS).astype(int), BINS - 1), -1)
    order = np.argsort(-confidence)
    order = order[weights[order] > 0]
    reached = np.cumsum((right * weights)[order]) / np.cumsum(weights[order])
    covered = np.cumsum(there[order]) / max(1, there.sum())
    steps = np.unique(np.linspace(max(0, len(order) // 50), len(order) - 1, 60).astype(int))
    return {
        "questions": len(cases),
        "share_answerable": float(there.mean()),
        "first": share_right(cases, scoring.weights(), 1),
        "three": share_right(cases, scoring.weights(), 3),
        "calibration_error": expected_calibration_error(confidence, right, weights=weights),
        "auroc": auroc(confidence[there], confidence[~there & ~absent]),
        "auroc_absent": auroc(confidence[there], confidence[absent]),
        "coverage": float(shown[there].mean()) if there.any() else None,
        "precision": float((right * weights)[shown].sum() / weights[shown].sum()) if shown.any() else None,
        "absent_refused": float(1 - shown[absent].mean()) if absent.any() else None,
        "misleading_refused": float(1 - shown[misleading].mean()) if misleading.sum() >= FEWEST else None,
        "coverage_at_90": float(max(covered[reached >= 0.9], default=0.0)),
        "bins": [
            [
                float(np.average(confidence[which == bin_], weights=weights[which == bin_])),
                float(np.average(right[which == bin_], weights=weights[which == bin_])),
                int((which == bin_).sum()),
            ]
            for bin_ in range(BINS)
            if (which == bin_).any()
        ],
        "risk_coverage": [[float(covered[step]), float(1 - reached[step])] for step in steps],
    }


def corpus_cases(found: QuestionSet, name: str, embedder: CachingEmbedder, limit: int) -> list[Case]:
    """Cases over an index of a question set's own articles, with some whose article is left out."""
    with tempfile.TemporaryDirectory() as temporary:
        written = write_articles(found, Path(temporary) / "corpus")
        with ArticleIndex.open(Path(temporary) / "index", embedder=embedder) as index:
            index.add(Path(temporary) / "corpus")
            embedder.save()
            print(name, index.counts(), flush=True)
            asked = [
                Question(name, one.question.id, "", one.question.text, one.article_id, one.paragraph, one.answers)
                for one in locate(index, found, written)
                if one.answers
            ]
            reader = default_reader()
            there = collect(index, reader, spread(asked, limit))
            return there + collect(index, reader, spread(asked, limit // 2), leave_out=True)


def news(data: Path) -> QuestionSet:
    """The articles of ``train/newsqa`` that training left out, with their questions."""
    found = read_questions([data / "train" / "newsqa_articles.jsonl.xz", data / "train" / "newsqa.jsonl.xz"])
    names = [name for name in found.paragraphs if is_held_out_news(name)]
    return _only(found, set(names))


def papers(data: Path) -> QuestionSet:
    """``covidqa``, the reporting half of its titles."""
    found = read_questions([data / "dev" / "covidqa.jsonl.xz"])
    papers = rows(data / "dev" / "covidqa.jsonl.xz")
    names = {str(row["article"]) for row in papers if half_of(plain_title(row["title"])) == "reporting"}
    return _only(found, names)


def _only(found: QuestionSet, names: set[str]) -> QuestionSet:
    return QuestionSet(
        [question for question in found.questions if question.article in names],
        {name: paragraphs for name, paragraphs in found.paragraphs.items() if name in names},
        {name: title for name, title in found.titles.items() if name in names},
    )


def wire(data: Path) -> QuestionSet:
    """``trecqa_sentences``: one article for each question, of the sentences that people judged; several may answer."""
    found = QuestionSet()
    for row in rows(data / "dev" / "trecqa_sentences.jsonl.xz"):
        right = [sentence["text"] for sentence in row["sentences"] if sentence["label"]]
        wrong = [sentence["text"] for sentence in row["sentences"] if not sentence["label"]]
        if not right or not wrong:
            continue
        paragraph = " ".join(right)
        starts = itertools.accumulate((len(text) + 1 for text in right[:-1]), initial=0)
        answers = tuple(zip(right, starts, strict=True))
        found.paragraphs[row["id"]] = dict.fromkeys([paragraph, *wrong])
        found.titles[row["id"]] = ""
        found.questions.append(
            LabelledQuestion(row["id"], row["id"], "", paragraph, row["question"], answers, answerable=True)
        )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--index", type=Path, default=Path(tempfile.gettempdir()) / "pullquote-quality")
    parser.add_argument("--limit", type=int, default=300, help="answerable questions per set")
    arguments = parser.parse_args()
    data, folder, limit = arguments.data, arguments.index, arguments.limit
    reader = default_reader()
    report: dict[str, Any] = {"groups": {}, "mix": MIX, "news": NEWS}
    with build_index(data, folder) as index:
        embedder = index._embedder
        assert isinstance(embedder, CachingEmbedder)
        remember_passages(index, embedder)
        passages = index.counts()[1]
        groups = by_size(data, folder, index, reader, embedder, "reporting", limit)
        names = {"all": f"{passages:,} passages", "large": f"{LARGE:,} passages", "1": "1 article"}
        for size, cases in groups.items():
            report["groups"][names.get(size, f"{size} articles")] = describe(cases)
        for name, chosen in (
            ("newsqa, held out", news(data)),
            ("covidqa", papers(data)),
            ("trecqa_sentences", wire(data)),
        ):
            found = kept(
                folder,
                reader,
                f"{name} {limit}",
                lambda name=name, chosen=chosen: corpus_cases(chosen, name, embedder, limit),
            )
            report["groups"][name] = describe(found)
    for name, row in report["groups"].items():
        print(name, {key: value for key, value in row.items() if key not in ("bins", "risk_coverage")})
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "reliability.json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
