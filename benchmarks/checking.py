"""Checking quotations: are true ones told from those with one digit, name or "not" changed, and how long does it take.

    python -m benchmarks.checking --data FOLDER [--articles 4000]

Indexes articles of the BBC 2005, Wikinews and Reuters 1987 with hashed vectors: only words matter here. Draws sentences
by a fixed seed: 200 that are true, and 200 of which one digit, one name or one negation is changed. The true ones are
checked as they are and once more as a newspaper would print them: curly marks, other line breaks, a comma before the
closing mark. Times are the processor's, of one quotation after the other. Writes ``benchmarks/results/checking.json``.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from index import Article, ArticleIndex, HashingEmbedder
from qa.checking import Kind, QuoteCheck, Verdict
from qa.checking.finding import QuoteFinder, find_quote

from .datasets import rows, write_articles
from .speed import RESULTS, spread

CORPORA = ("bbc_articles", "gum_wikinews_articles", "reuters_articles")
EACH = 200
SEED = 6
_SENTENCE = re.compile(r"(?<=[.!?] )[A-Z][^.!?\n]{60,260}[.!?](?=\s|$)")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}\b")
_DIGIT = re.compile(r"\d")
_NOT = re.compile(r" not(?= )| never(?= )|(?<=[a-z])n't(?= )")
_VERB = re.compile(r"\b(?:is|are|was|were|will|would|has|have|had|could|should)\b")

Change = Callable[[str, random.Random, Sequence[str]], str | None]


def digit(sentence: str, rng: random.Random, names: Sequence[str]) -> str | None:
    """One digit replaced by another one."""
    found = list(_DIGIT.finditer(sentence))
    if not found:
        return None
    place = rng.choice(found).start()
    other = rng.choice([figure for figure in "123456789" if figure != sentence[place]])
    return sentence[:place] + other + sentence[place + 1 :]


def name(sentence: str, rng: random.Random, names: Sequence[str]) -> str | None:
    """One name replaced by one from another article."""
    found = list(_NAME.finditer(sentence))
    if not found:
        return None
    old = rng.choice(found)
    new = rng.choice([other for other in names if other not in sentence])
    return sentence[: old.start()] + new + sentence[old.end() :]


def negation(sentence: str, rng: random.Random, names: Sequence[str]) -> str | None:
    """A "not", "never" or "n't" taken out, or a "not" put behind a verb where there is none."""
    found = list(_NOT.finditer(sentence))
    if found:
        old = rng.choice(found)
        return sentence[: old.start()] + sentence[old.end() :]
    verbs = list(_VERB.finditer(sentence))
    if not verbs:
        return None
    place = rng.choice(verbs).end()
    return f"{sentence[:place]} not{sentence[place:]}"


CHANGES: dict[str, Change] = {"digit": digit, "name": name, "negation": negation}
EXPECTED = {
    "digit": {Kind.NUMBER},
    "name": {Kind.NAME},
    "negation": {Kind.NEGATION_ADDED, Kind.NEGATION_DROPPED},
}


def printed(sentence: str) -> str:
    """The same sentence as a newspaper would print it."""
    words = re.sub(r'(?<!\w)"', "“", sentence).replace('"', "”").replace("'", "’").split(" ")
    lines = ["\u00a0".join(words[:2]), "\n".join([" ".join(words[2:7]), "  ".join(words[7:])])]
    return " ".join(lines).strip().rstrip(".") + ","


def sentences(articles: Sequence[Article]) -> Iterator[tuple[Article, int, int]]:
    """One sentence of each article, in a random order."""
    rng = random.Random(SEED)
    for article in rng.sample(articles, len(articles)):
        found = list(_SENTENCE.finditer(article.text))
        if found:
            chosen = rng.choice(found)
            yield article, chosen.start(), chosen.end()


def changed(articles: Sequence[Article], true: set[int]) -> Iterator[tuple[str, Article, int, int, str]]:
    """Sentences with one thing changed, of articles from which no true one was drawn; a third of each kind."""
    rng = random.Random(SEED + 1)
    names = sorted({match[0] for article in articles[:500] for match in _NAME.finditer(article.text)})
    wanted = {kind: EACH // 3 + (place < EACH % 3) for place, kind in enumerate(CHANGES)}
    for article, start, end in sentences(articles):
        kinds = [kind for kind, left in wanted.items() if left]
        if not kinds or article.id in true:
            continue
        kind = rng.choice(kinds)
        text = CHANGES[kind](article.text[start:end], rng, names)
        if text is not None:
            wanted[kind] -= 1
            yield kind, article, start, end, text


def stands(check: QuoteCheck, article: Article, start: int, end: int, *, whole: bool = True) -> bool:
    """Whether a check names the right place; without the last marks when it was printed."""
    return any(
        place.article.id == article.id and start == place.start and end - 2 * (not whole) <= place.end <= end
        for place in check.places
    )


def measure(index: ArticleIndex) -> dict[str, Any]:
    """All figures of one index."""
    articles = list(index.articles())
    true = [found for found, _ in zip(sentences(articles), range(EACH), strict=False)]
    altered = list(changed(articles, {article.id for article, _, _ in true}))
    times: dict[str, list[float]] = {"verbatim": [], "altered": []}
    finder = QuoteFinder(index)
    find_quote(index, "Warm up the index and its word patterns.")

    def timed(text: str, kind: str) -> QuoteCheck:
        began = time.process_time()
        check = finder.find(text)
        times[kind].append(time.process_time() - began)
        return check

    told: Counter[str] = Counter()
    wrong: list[dict[str, str]] = []

    def count(kind: str, right: bool, text: str, check: QuoteCheck) -> None:
        told[kind] += right
        if not right:
            wrong.append({"kind": kind, "text": text, "verdict": check.verdict.value})

    for article, start, end in true:
        text = article.text[start:end]
        check = timed(text, "verbatim")
        count("true", check.verdict is Verdict.VERBATIM and stands(check, article, start, end), text, check)
        check = timed(printed(text), "verbatim")
        right = check.verdict is Verdict.VERBATIM and stands(check, article, start, end, whole=False)
        count("true, as printed", right, text, check)
    for kind, article, start, end, text in altered:
        check = timed(text, "altered")
        count(f"changed {kind}", check.verdict is not Verdict.VERBATIM, text, check)
        told[f"changed {kind}: place found"] += stands(check, article, start, end, whole=False)
        told[f"changed {kind}: said so"] += bool(EXPECTED[kind] & {one.kind for one in check.differences})
    kinds = Counter(kind for kind, *_ in altered)
    return {
        "articles": len(articles),
        "passages": index.counts()[1],
        "drawn": {"true": len(true), "true, as printed": len(true)} | {f"changed {k}": n for k, n in kinds.items()},
        "told": dict(told),
        "wrong": wrong,
        "ms": {kind: spread(values) for kind, values in times.items()},
    }


def main() -> None:
    """Measures and writes the results."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--articles", type=int, default=4_000, help="at most so many, the same share of each corpus")
    options = parser.parse_args()
    every = [(corpus, row) for corpus in CORPORA for row in rows(options.data / "corpora" / f"{corpus}.jsonl.xz")]
    chosen = random.Random(SEED).sample(every, min(options.articles, len(every)))
    chosen += [(corpus, row) for corpus, row in every if corpus == CORPORA[1] and (corpus, row) not in chosen]
    with tempfile.TemporaryDirectory() as folder:
        texts = {f"{row['title']} ({row['article']})": row["paragraphs"] for _, row in chosen}
        write_articles(Path(folder, "articles"), texts)
        with ArticleIndex.open(Path(folder, "index"), embedder=HashingEmbedder()) as index:
            index.add(Path(folder, "articles"))
            results = measure(index)
    print(json.dumps(results, indent=1, ensure_ascii=False))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "checking.json").write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
