"""Which share of the sentences that went into files of each format comes out of the catalog, whole and in order.

    python -m benchmarks.formats_share [--files 300] [--seed 5] [--keep FOLDER]

The texts are those in ``examples/``, and new articles of their paragraphs with invented titles, authors and dates. They
are rendered by what people use: LibreOffice (Word, OpenDocument, rich text, PDF), pandoc (the same, e-books and
slides), Chromium (print to PDF, a page saved in one file), reportlab, and Python's own mail, table and archive writers.
All files are added with one ``add``; then every sentence is looked for in the text of its file, after the one before
it. What a format does not keep is taken out on both sides: the width of white space, and hyphens at line ends.

Needs ``soffice``, ``pandoc`` and ``chromium``; a producer that is missing is left out, and the result says so. Writes
``benchmarks/results/formats_share.json``.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from index import ArticleIndex, HashingEmbedder

from .formats_stories import Story, stories
from .formats_writing import PRODUCERS, Producer
from .speed import RESULTS

SHOWN = 40
"""Missing sentences of a format that are listed."""


@dataclass(slots=True)
class Share:
    """What came out of the files of one format.

    Attributes:
        files: how many there were.
        sentences, found: how many went in, and how many of them came out, whole and in order.
        missing: the file and text of sentences that did not come out.
    """

    files: int = 0
    sentences: int = 0
    found: int = 0
    missing: list[dict[str, str]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """For the result's file."""
        return {**asdict(self), "share": round(self.found / max(1, self.sentences), 4)}


def plain(text: str) -> str:
    """A text with single spaces."""
    return " ".join(text.split())


def missing(text: str, sentences: tuple[str, ...]) -> list[str]:
    """The sentences that do not stand in a text after the one before them."""
    whole, place, absent = plain(text), 0, []
    for sentence in map(plain, sentences):
        found = whole.find(sentence, place)
        if found < 0:
            absent.append(sentence)
        else:
            place = found + len(sentence)
    return absent


def write_all(folder: Path, count: int, seed: int) -> tuple[dict[Path, tuple[Producer, list[Story]]], list[str]]:
    """Writes the files.

    Returns:
        For each file who made it and what is in it, and the producers that are missing here.
    """
    there = [producer for producer in PRODUCERS if producer.needs is None or shutil.which(producer.needs)]
    absent = sorted({f"{producer.name} ({producer.needs})" for producer in PRODUCERS if producer not in there})
    each = -(-count // len(there))
    written: dict[Path, tuple[Producer, list[Story]]] = {}
    for number, producer in enumerate(there):
        place = folder / f"{number:02}-{producer.name}"
        place.mkdir(parents=True)
        groups = [
            stories(f"{seed} {producer.name} {file}", producer.stories, examples=file == 0) for file in range(each)
        ]
        paths = [place / f"{producer.name}-{file:03}{producer.suffix}" for file in range(each)]
        producer.write(list(zip(paths, groups, strict=True)))
        written |= {path: (producer, group) for path, group in zip(paths, groups, strict=True)}
        print(f"{producer.name}: {each} files", flush=True)
    return written, absent


def measure(folder: Path, count: int, seed: int) -> dict[str, Any]:
    """The report that is written."""
    written, absent = write_all(folder / "files", count, seed)
    with ArticleIndex.open(folder / "index", embedder=HashingEmbedder()) as index:
        report = index.add([folder / "files"])
        texts: dict[str, list[str]] = defaultdict(list)
        for article in index.articles():
            for source in article.sources:
                texts[source].append(article.text)
    shares: dict[str, Share] = defaultdict(Share)
    for path, (producer, group) in written.items():
        share = shares[producer.name]
        share.files += 1
        inside = [
            text
            for source, found in texts.items()
            if source == str(path) or source.startswith((f"{path}#", f"{path}!/"))
            for text in found
        ]
        for story in group:
            best = min((missing(text, story.sentences) for text in inside), key=len, default=list(story.sentences))
            share.sentences += len(story.sentences)
            share.found += len(story.sentences) - len(best)
            share.missing += [{"file": path.name, "sentence": sentence} for sentence in best]
    for share in shares.values():
        del share.missing[SHOWN:]
    whole = sum(share.sentences for share in shares.values())
    return {
        "files": len(written),
        "sentences": whole,
        "share": round(sum(share.found for share in shares.values()) / max(1, whole), 4),
        "failed": [f"{Path(failure.source).name}: {failure.reason}" for failure in report.failed],
        "notes": [note.replace(str(folder), "") for note in report.notes],
        "producers_missing": absent,
        "formats": {name: share.as_dict() for name, share in shares.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=300)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="an empty folder in which the files are left, to look at them")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = measure(given.keep or Path(folder), given.files, given.seed)
    for name, share in report["formats"].items():
        print(f"{name:20} {share['files']:3} files, {share['found']:5}/{share['sentences']:5} {share['share']:.4f}")
    (RESULTS / "formats_share.json").write_text(
        json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
