"""Question sets for measuring: one article per title, the gold answers as offsets in it, titles split in two halves."""

from __future__ import annotations

import functools
import hashlib
import json
import lzma
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from index import Article, Embedder, ModelRecord
from index.embedding import FloatMatrix
from index.reading import normalise
from qa.training.corpus import one_line

TITLES = Path(__file__).with_name("titles.json")
CORPUS_SETS = ("squad2_dev_half", "xquad_en", "nq_open_oracle", "clapnq_dev")
"""Their paragraphs are one corpus."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its gold paragraph and answers, in characters of the article that holds the paragraph."""

    set: str
    id: str
    title: str
    text: str
    article_id: int
    paragraph: tuple[int, int]
    answers: tuple[tuple[int, int], ...]

    @property
    def answerable(self) -> bool:
        return bool(self.answers)


@functools.cache
def rows(path: Path) -> list[dict[str, Any]]:
    """The lines of an xz-compressed JSON-lines file."""
    with lzma.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def half_of(title: str) -> str:
    """``tuning`` or ``reporting``; the list of titles is committed, so that the split never moves."""
    listed: dict[str, list[str]] = _listed()
    for half in ("tuning", "reporting"):
        if title in listed[half]:
            return half
    raise KeyError(f"{title!r} is not in {TITLES.name}; run python -m benchmarks.datasets --data FOLDER")


_cache: dict[str, Any] = {}


def _listed() -> dict[str, Any]:
    if not _cache:
        stored = json.loads(TITLES.read_text("utf-8"))
        _cache.update({half: frozenset(stored[half]) for half in ("tuning", "reporting")})
    return _cache


def plain_title(title: str) -> str:
    """A title as a reader would write it."""
    return " ".join(title.replace("_", " ").split())


def write_corpus(data: Path, folder: Path, sets: Iterable[str] = CORPUS_SETS) -> None:
    """Writes the paragraphs of question sets as text files, one article per title, without repetition."""
    paragraphs: dict[str, dict[str, None]] = defaultdict(dict)
    for name in sets:
        for row in rows(data / "dev" / f"{name}.jsonl.xz"):
            paragraphs[plain_title(row["title"])].setdefault(one_line(row["paragraph"]))
    write_articles(folder, paragraphs)


def write_articles(folder: Path, articles: dict[str, Iterable[str]] | dict[str, dict[str, None]]) -> None:
    """Writes articles as text files: the title, then its paragraphs with a blank line between them."""
    folder.mkdir(parents=True, exist_ok=True)
    for title, paragraphs in articles.items():
        name = re.sub(r"\W+", "-", title)[:60] + "-" + hashlib.sha256(title.encode()).hexdigest()[:8]
        body = "\n\n".join(paragraphs)
        (folder / f"{name}.txt").write_text(f"# {title}\n\n{body}\n", "utf-8")


def questions(data: Path, names: Iterable[str], articles: Sequence[Article], half: str | None) -> list[Question]:
    """The questions of some sets whose articles are in an index that ``write_corpus`` filled."""
    by_title = {article.title: article for article in articles}
    found = []
    for name in names:
        for row in rows(data / "dev" / f"{name}.jsonl.xz"):
            title = plain_title(row["title"])
            if half is not None and half_of(title) != half:
                continue
            article = by_title.get(" ".join(normalise(title).split()))
            if article is not None:
                found.append(_located(name, row, article))
    return found


def _located(name: str, row: dict[str, Any], article: Article) -> Question:
    raw = row["paragraph"]
    paragraph = normalise(one_line(raw)).strip()
    start = article.text.find(paragraph)
    if start < 0:
        raise ValueError(f"{name} {row['id']}: its paragraph is not in the article {article.title!r}")
    answers = []
    for answer in row["answers"]:
        before = len(normalise(one_line(raw[: answer["start"]])).lstrip())
        length = len(normalise(one_line(answer["text"])))
        answers.append((start + before, start + before + length))
    return Question(
        name,
        str(row["id"]),
        plain_title(row["title"]),
        row["question"],
        article.id,
        (start, start + len(paragraph)),
        tuple(answers) if row["answerable"] else (),
    )


class CachingEmbedder:
    """Remembers vectors by text, also from run to run, so that the same sentences are embedded once.

    Args:
        inner: what embeds the texts that are not known yet.
        path: the file that keeps the vectors, half precision; None keeps them in memory only.
    """

    _SAVE_EVERY = 2_000

    def __init__(self, inner: Embedder, path: Path | None = None) -> None:
        self._inner = inner
        self._path = path
        self._known: dict[bytes, Any] = {}
        self._unsaved = 0
        if path is not None and path.exists():
            with np.load(path) as stored:
                self._known = {
                    key.tobytes(): vector.astype(np.float32)
                    for key, vector in zip(stored["keys"], stored["vectors"], strict=True)
                }

    @property
    def record(self) -> ModelRecord:
        return self._inner.record

    def encode_passages(self, texts: Sequence[str], on_batch: Any = None) -> FloatMatrix:
        keys = [self._key(text) for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        for first in range(0, len(missing), self._SAVE_EVERY):
            part = list(missing.items())[first : first + self._SAVE_EVERY]
            vectors = self._inner.encode_passages([text for _, text in part])
            for (key, _), vector in zip(part, vectors, strict=True):
                self._known[key] = vector
            self._unsaved += len(part)
            if self._unsaved >= self._SAVE_EVERY:
                self.save()
        found = np.array([self._known[key] for key in keys], np.float32).reshape(len(texts), -1)
        if on_batch is not None:
            on_batch(range(len(texts)), found)
        return found

    def encode_questions(self, texts: Sequence[str]) -> FloatMatrix:
        return self.encode_passages(texts)

    def remember(self, text: str, vector: Any) -> None:
        """Takes a vector that is known from elsewhere; it is not saved."""
        self._known.setdefault(self._key(text), vector)

    @staticmethod
    def _key(text: str) -> bytes:
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()

    def save(self) -> None:
        """Writes the vectors to the file."""
        if self._path is not None and self._unsaved:
            keys = np.frombuffer(b"".join(self._known), np.uint8).reshape(-1, 16)
            temporary = self._path.with_suffix(".tmp.npz")
            np.savez(temporary, keys=keys, vectors=np.array(list(self._known.values()), np.float16))
            temporary.replace(self._path)
            self._unsaved = 0


def main() -> None:
    """Writes the split of titles: a seeded half of all titles of the dev sets, the same title in one half only."""
    import argparse

    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--data", type=Path, required=True)
    data: Path = parser.parse_args().data
    titles: set[str] = set()
    for name in (*CORPUS_SETS, "covidqa"):
        titles |= {plain_title(row["title"]) for row in rows(data / "dev" / f"{name}.jsonl.xz")}
    halves: dict[str, list[str]] = {"tuning": [], "reporting": []}
    for title in sorted(titles):
        even = hashlib.sha256(b"pullquote titles 1:" + title.encode()).digest()[0] % 2 == 0
        halves["tuning" if even else "reporting"].append(title)
    TITLES.write_text(json.dumps(halves, indent=0, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
