"""Near-duplicates in newswire: how many pairs are found, in which time, and how many of them are right.

    python -m benchmarks.near_duplicates --data FOLDER [--wrong 12 55] [--show]

Puts the articles of Reuters 1987 and the BBC 2005 into a catalog, without passages and vectors, and tells the
processor time that looking for near-duplicates took. The sample of pairs is always the same one: whoever has read it
(``--show`` prints it) gives the numbers of the pairs that are wrong, or ``--wrong`` alone when none is.

Pairs to be found are known from comparing all shingles of all articles, which takes time that grows with the square
of the number of copies. MinHash LSH is measured on the same texts when ``datasketch`` is installed.

Writes ``benchmarks/results/near_duplicates.json``.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index.article import text_sha256
from index.catalog import Catalog
from index.database import create
from index.reading import Draft
from index.shingles import FINGERPRINT, HashArray, are_near, shingles

from .datasets import rows
from .speed import RESULTS

CORPORA = ("reuters_articles", "bbc_articles")
STEPS = (2_000, 5_000, 10_000, 20_000)
SAMPLE = 100
_MOST = 300
"""Articles with a shingle; a commoner one is no evidence and is not counted for the pairs to be found."""

Pair = tuple[int, int]


def drafts(data: Path) -> list[Draft]:
    """All articles but those whose text is the same as another's, which are one article to the index."""
    found: dict[str, Draft] = {}
    for name in CORPORA:
        for row in rows(data / "corpora" / f"{name}.jsonl.xz"):
            text = "\n\n".join(row["paragraphs"]).strip()
            if text:
                found.setdefault(text_sha256(text), Draft(row["title"], text))
    return list(found.values())


def measure(articles: Sequence[Draft], folder: Path) -> tuple[set[Pair], list[set[int]], list[dict[str, float]]]:
    """Adds articles one after the other.

    Returns:
        The pairs found (places in ``articles``), the groups, and the time after each of ``STEPS``.
    """
    create(folder / "catalog.sqlite", {})
    catalog = Catalog(folder / "catalog.sqlite")
    pairs: set[Pair] = set()
    times = []
    spent = 0.0
    empty = np.empty((0, 1), np.float32)
    places = iter(enumerate(articles))
    while window := list(itertools.islice(places, 100)):
        with catalog.write() as writer:
            for place, draft in window:
                number = writer.put_article(draft, "", [], [], empty)
                assert number == place + 1
                # Once more, alone: what it takes without the rows of the article itself.
                writer.near_duplicates.leave(number)
                began = time.process_time()
                near = writer.near_duplicates.join(number, draft.title, draft.text)
                spent += time.process_time() - began
                pairs.update((other - 1, place) for other in near)
                writer.near_duplicates._left.clear()  # it left only to join again
        if place + 1 in STEPS or place + 1 == len(articles):
            times.append({"articles": place + 1, "seconds": round(spent, 2), "ms_each": round(1e3 * spent / place, 3)})
            print(times[-1], flush=True)
    groups: defaultdict[int, set[int]] = defaultdict(set)
    for number, group in catalog.near_groups(range(1, len(articles) + 1)).items():
        groups[group].add(number - 1)
    catalog.close()
    return pairs, list(groups.values()), times


def all_pairs(hashes: Sequence[HashArray]) -> set[Pair]:
    """Every pair that ``are_near`` holds for, by counting what all articles share."""
    everything = np.concatenate(list(hashes))
    owners = np.concatenate([np.full(len(own), place) for place, own in enumerate(hashes)])
    order = np.argsort(everything, kind="stable")
    everything, owners = everything[order], owners[order]
    bounds = np.flatnonzero(np.r_[True, everything[1:] != everything[:-1], True])
    shared: Counter[Pair] = Counter()
    for start, end in itertools.pairwise(bounds.tolist()):
        if 1 < end - start <= _MOST:
            shared.update(itertools.combinations(owners[start:end].tolist(), 2))
    return {pair for pair, count in shared.items() if count >= 8 and are_near(hashes[pair[0]], hashes[pair[1]])}


def with_minhash(hashes: Sequence[HashArray], threshold: float) -> tuple[set[Pair], float] | None:
    """Candidates by MinHash LSH with 128 permutations, and the seconds; None where datasketch is not installed."""
    try:
        from datasketch import MinHash, MinHashLSH
    except ImportError:
        return None
    began = time.process_time()
    lsh = MinHashLSH(threshold=threshold, num_perm=128)
    found: set[Pair] = set()
    for place, own in enumerate(hashes):
        if len(own):
            signature = MinHash(num_perm=128)
            signature.update_batch([value.tobytes() for value in own])
            found.update((other, place) for other in lsh.query(signature))
            lsh.insert(place, signature)
    return found, time.process_time() - began


def recall(found: set[Pair], wanted: set[Pair], hashes: Sequence[HashArray]) -> dict[str, float]:
    """The share of all pairs that was found, and of those where one is less than two thirds as long as the other."""
    unequal = {
        (one, two)
        for one, two in wanted
        if 3 * min(map(len, (hashes[one], hashes[two]))) < 2 * len(max(hashes[one], hashes[two], key=len))
    }
    return {
        "of_all": round(len(found & wanted) / len(wanted), 4),
        "of_short_versions": round(len(found & unequal) / len(unequal), 4),
        "short_versions": len(unequal),
    }


def show(articles: Sequence[Draft], sample: Sequence[Pair], hashes: Sequence[HashArray]) -> None:
    """Prints pairs for a person to judge: what both say, and where they differ."""
    for number, (one, two) in enumerate(sample, 1):
        print(f"--- {number}: {len(hashes[one])} and {len(hashes[two])} shingles")
        for place in (one, two):
            print(f"  [{articles[place].title}] {' '.join(articles[place].text.split())[:420]}", flush=True)


def main() -> None:
    """Measures and writes the results."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--wrong", type=int, nargs="*", help="numbers of the sample's pairs that are not one story")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    articles = drafts(options.data)
    with tempfile.TemporaryDirectory() as folder:
        pairs, groups, times = measure(articles, Path(folder))
    hashes = [np.unique(shingles(draft.title, draft.text).hashes) for draft in articles]
    sample = random.Random(5).sample(sorted(pairs), SAMPLE)
    if options.show:
        show(articles, sample, hashes)
    wanted = all_pairs(hashes)
    results: dict[str, Any] = {
        "rules": FINGERPRINT,
        "articles": len(articles),
        "pairs": len(pairs),
        "groups": len(groups),
        "articles_in_groups": sum(map(len, groups)),
        "largest_group": max(map(len, groups)),
        "time": times,
        "recall": recall(pairs, wanted, hashes),
        "minhash": {},
    }
    for threshold in (0.5, 0.3):
        if (other := with_minhash(hashes, threshold)) is not None:
            found, seconds = other
            results["minhash"][str(threshold)] = {**recall(found, wanted, hashes), "seconds": round(seconds, 1)}
    if options.wrong is not None:
        results["judged"] = {"pairs": SAMPLE, "right": SAMPLE - len(options.wrong), "wrong": sorted(options.wrong)}
    print(json.dumps(results, indent=1))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "near_duplicates.json").write_text(json.dumps(results, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
