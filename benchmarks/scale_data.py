"""Articles for ``benchmarks.scale``: real passages, embedded once, and as many derived from them as are wanted."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index import SentenceTransformerEmbedder
from index.embedding import FloatMatrix
from index.passages import embedded_text, passage_spans

from .datasets import CachingEmbedder, rows

SEED = 20_260
"""Of everything that is drawn."""
_REUTERS_EVERY = 5
"""One article in so many of the newswire, beside all of the BBC."""


@dataclass(frozen=True, slots=True)
class RealPassages:
    """Passages of real articles.

    Attributes:
        titles: of the article of each passage.
        texts: of the passages.
        vectors: of the model, ``(n, dimension)`` float32, unit length.
    """

    titles: list[str]
    texts: list[str]
    vectors: FloatMatrix


def real_passages(data: Path, remembered: Path, most: int) -> RealPassages:
    """Passages of the BBC's articles and of every fifth of Reuters', with the vectors of the default model.

    Args:
        data: the folder that holds ``corpora``.
        remembered: a file that keeps vectors from run to run.
        most: passages, evenly spread.
    """
    news = rows(data / "corpora" / "bbc_articles.jsonl.xz")
    wire = rows(data / "corpora" / "reuters_articles.jsonl.xz")[::_REUTERS_EVERY]
    found = []
    for row in itertools.chain(news, wire):
        title, text = row["title"], "\n\n".join(row["paragraphs"])
        spans = passage_spans(text, title)
        found += [(title, " ".join(text[span.start : span.end].split())) for span in spans]
    step = max(1.0, len(found) / most)
    chosen = [found[int(place * step)] for place in range(min(most, len(found)))]
    embedder = CachingEmbedder(SentenceTransformerEmbedder(), remembered)
    vectors = embedder.encode_passages([embedded_text(title, text) for title, text in chosen])
    embedder.save()
    return RealPassages([title for title, _ in chosen], [text for _, text in chosen], vectors)


@dataclass(frozen=True, slots=True)
class DerivedPassage:
    """A passage that nobody wrote.

    Attributes:
        text: of real words, sentence by sentence.
        sentences: their spans in it.
        vector: ``(dimension,)`` float32, unit length.
    """

    text: str
    sentences: tuple[tuple[int, int], ...]
    vector: npt.NDArray[np.float32]


class Deriver:
    """Derives passages from real ones, by a seed.

    Of a real passage, a third of the words are replaced by words drawn from all passages as often as they occur there,
    and one by a new word made of two, so that the vocabulary grows as that of a language does. Its vector is mixed
    with that of another passage, and moved a little along the difference of two more. So neither words nor vectors
    repeat, and both still tell of the same thing.

    Args:
        real: what is derived from.
        seed: another one gives other passages.
    """

    _REPLACED = 0.35
    _MOVED = 0.15

    def __init__(self, real: RealPassages, seed: int) -> None:
        self._real = real
        self._random = np.random.default_rng([SEED, seed])
        self._words = [np.array(text.split(), object) for text in real.texts]
        self._all = np.concatenate(self._words)

    def passages(self, count: int) -> list[DerivedPassage]:
        """So many new ones."""
        random, vectors = self._random, self._real.vectors
        base, other, first, second = random.integers(len(vectors), size=(4, count))
        share = random.uniform(0.6, 1.0, (count, 1)).astype(np.float32)
        mixed = share * vectors[base] + (1 - share) * vectors[other] + self._MOVED * (vectors[first] - vectors[second])
        mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
        return [DerivedPassage(*self._text(number), vector) for number, vector in zip(base, mixed, strict=True)]

    def title(self) -> str:
        """Some words in a row."""
        start = int(self._random.integers(len(self._all) - 6))
        return " ".join(self._all[start : start + 6])

    def _text(self, number: int) -> tuple[str, tuple[tuple[int, int], ...]]:
        random = self._random
        words = self._words[number].copy()
        places = np.flatnonzero(random.random(len(words)) < self._REPLACED)
        words[places] = self._all[random.integers(len(self._all), size=len(places))]
        one, two, place = random.integers([len(self._all), len(self._all), len(words)])
        words[place] = self._all[one][:4] + self._all[two][-4:]
        return _joined(words)


class RealFirst(Deriver):
    """Gives each real passage once, as it is, before the derived ones; agencies' stories come more than once."""

    def __init__(self, real: RealPassages, seed: int) -> None:
        super().__init__(real, seed)
        self._own = list({text: number for number, text in enumerate(real.texts)}.values())
        self._given = 0

    def passages(self, count: int) -> list[DerivedPassage]:
        """So many new ones."""
        first, self._given = self._given, min(self._given + count, len(self._own))
        own = [
            DerivedPassage(*_joined(self._words[number]), self._real.vectors[number])
            for number in self._own[first : self._given]
        ]
        return [*own, *super().passages(count - len(own))]


def _joined(words: npt.NDArray[np.object_]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """A text of words, and the spans of its sentences."""
    sentences, start, length = [], 0, 0
    for word in words:
        length += len(word)
        if word[-1] in ".!?" and length - start > 40:
            sentences.append((start, length))
            start = length + 1
        length += 1
    if start < length:
        sentences.append((start, length - 1))
    return " ".join(words), tuple(sentences)
