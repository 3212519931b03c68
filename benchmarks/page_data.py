"""Articles for ``benchmarks.page``: any number, written by a seed from sentences of the examples."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from unittest import mock

import numpy as np

from index import ArticleIndex
from index import passages as splitting
from index.catalog_writer import CatalogWriter
from index.paragraphs import paragraph_spans, sentence_spans
from index.passages import PassageSpan
from index.reading import Draft, read_file
from index.rows import SourceState

SEED = 20_261
"""Of everything that is drawn."""
PUFFINS = {
    "beginning": ("Oda Brandvik", "puffins", "Oda Brandvik counted 4,711 puffins on the northern cliff of Skerrøy."),
    "middle": ("Iver Solstad", "kittiwakes", "Iver Solstad counted 902 kittiwakes below the lighthouse of Skerrøy."),
    "end": ("Runa Hestvik", "razorbills", "Runa Hestvik counted 318 razorbills behind the harbour of Skerrøy."),
}
"""By their places in the long article, what can be asked of it: who counted what, and the sentence that says it."""
_PER_TRANSACTION = 2_000
_SITES = ("The Harbour Post", "Evening Ledger", "Valley Gazette", "Northern Wire", None)
_FIRST_DAY = date(2015, 1, 1)


def example_sentences(folder: Path) -> list[str]:
    """The sentences of the example articles, each once."""
    found: dict[str, None] = {}
    for path in sorted(folder.iterdir()):
        text = read_file(path, 1_000_000)[0].text
        for paragraph in paragraph_spans(text):
            for start, end in sentence_spans(text, paragraph, 1_000):
                if end - start > 40:
                    found[" ".join(text[start:end].split())] = None
    return list(found)


def written(sentences: list[str], count: int, words: int) -> Iterator[Draft]:
    """Drafts of about so many words each, in paragraphs of four sentences, with authors, sites and days."""
    draw = random.Random(SEED)
    vocabulary = [word.strip(".,“”\"'") for sentence in sentences for word in sentence.split()]
    names = [word for word in vocabulary if word[:1].isupper() and word.isalpha() and len(word) > 4]
    for number in range(count):
        title = " ".join(draw.choices(vocabulary, k=7)).capitalize()
        paragraphs, length = [title], 0
        while length < words:
            own = []
            for sentence in draw.choices(sentences, k=4):
                # Two words of each are others, so that no two articles tell the same.
                told = sentence.split()
                for place in draw.sample(range(1, len(told)), k=2):
                    told[place] = draw.choice(vocabulary) or told[place]
                own.append(" ".join(told))
                length += len(told)
            paragraphs.append(" ".join(own))
        yield Draft(
            title,
            "\n\n".join(paragraphs),
            author=f"{draw.choice(names)} {draw.choice(names)}" if number % 7 else None,
            published=_FIRST_DAY + timedelta(days=draw.randrange(3_600)) if number % 9 else None,
            language="en" if number % 6 else "de",
            site=draw.choice(_SITES),
        )


def fill(
    index: ArticleIndex,
    sentences: list[str],
    count: int,
    words: int,
    *,
    split: bool = True,
    most_passages: int | None = None,
) -> None:
    """Writes articles straight into the catalog and makes the search indexes.

    The steps of ``add`` before that are left out, and so is looking for near-duplicates: there are none.

    Args:
        index: where they are written.
        sentences, count, words: see ``written``.
        split: whether each paragraph is a passage, or the whole article.
        most_passages: ends when the index holds so many.
    """
    drafts = written(sentences, count, words)
    for first in range(0, count, _PER_TRANSACTION):
        with (
            mock.patch("index.database._SYNCHRONOUS", "OFF"),
            index._catalog.write() as writer,
            mock.patch.object(writer.near_duplicates, "join", return_value=[]),
        ):
            passages = index.counts()[1]
            for number in range(first, min(count, first + _PER_TRANSACTION)):
                if most_passages is not None and passages >= most_passages:
                    break
                path = f"/archive/{number // 500:03}/{number:06}.txt"
                passages += _put(index, writer, next(drafts), path, split=split)
    with index._writing():
        pass


def long_article(index: ArticleIndex, sentences: list[str], words: int) -> None:
    """One article of so many words, with the sentences of ``PUFFINS`` at its beginning, middle and end."""
    draft = replace(next(written(sentences, 1, words)), author="Oda Brandvik")
    paragraphs = draft.text.split("\n\n")
    for share, (_who, _what, sentence) in zip((0.02, 0.5, 0.98), PUFFINS.values(), strict=True):
        paragraphs.insert(round(share * len(paragraphs)), sentence)
    draft = replace(draft, text="\n\n".join(paragraphs))
    with index._catalog.write() as writer:
        _put(index, writer, draft, "/archive/long.txt", split=True, embedded=True)
    with index._writing():
        pass


def _put(
    index: ArticleIndex, writer: CatalogWriter, draft: Draft, path: str, *, split: bool, embedded: bool = False
) -> int:
    """Writes an article, split and embedded as always or in a quick way; gives the number of its passages."""
    if embedded:
        spans = splitting.passage_spans(draft.text, draft.title, language=draft.language)
    elif split:
        spans = [_paragraph(draft.text, match) for match in re.finditer(r"(?<=\n\n).+", draft.text)]
    else:
        spans = [PassageSpan(0, len(draft.text), ((0, len(draft.text)),))]
    texts = [draft.text[span.start : span.end] for span in spans]
    hashes = [splitting.embedded_sha256(draft.title, text) for text in texts]
    if embedded:
        vectors = index.embedder.encode_passages([splitting.embedded_text(draft.title, text) for text in texts])
    else:
        vectors = np.stack([_hashed(text, index.model.dimension) for text in texts])
    number = writer.put_article(draft, splitting.fingerprint(draft.language), spans, hashes, vectors)
    digest = hashlib.sha256(draft.text.encode()).hexdigest()
    writer.put_source(SourceState(path, number, "/archive", len(draft.text), 1, 1, digest))
    return len(spans)


def _paragraph(text: str, match: re.Match[str]) -> PassageSpan:
    """A paragraph as a passage, with its sentences."""
    edges = [found.end() for found in re.finditer(r"[.!?][”\"]? (?=[A-ZÀ-Þ“\"])", match[0])]
    starts = [match.start() + edge for edge in (0, *edges)]
    ends = [*(start - 1 for start in starts[1:]), match.end()]
    return PassageSpan(match.start(), match.end(), tuple(zip(starts, ends, strict=True)))


def _hashed(text: str, dimension: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    vector = np.zeros(dimension, np.float32)
    for word in text.lower().split():
        number = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")
        vector[number % dimension] += 1.0 if number >> 63 else -1.0
    vector[0] += 1e-3
    return vector / np.float32(np.linalg.norm(vector))
