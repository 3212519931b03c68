"""Finds the articles that may hold a quotation, through the index's own words; no article is read that shares none."""

from __future__ import annotations

import itertools
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from index import Article, ArticleIndex, Passage

from .folding import FoldedText, fold
from .quoted import Quoted
from .wording import is_word

MOST_CANDIDATES = 300
"""Passages that are looked at for one quotation."""
_PIECE = 8
"""Words that are looked for as one phrase."""
_MOST_PIECES = 6
_PHRASE_LIMIT = 150
"""Passages that may hold one phrase."""
_BEST = 10
"""Passages that share most words with a quotation."""
_STRADDLE_LIMIT = 20_000
_LONGEST_TERM = 60
"""Bytes; a longer word is not in the word index."""
_WHOLE = 20_000
"""Characters; of a longer article only what is around the candidate passages is read."""
_KEPT = 24
"""Texts that stay folded from one quotation of a draft to the next."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of an article in which a quotation is looked for, and where it begins."""

    article: Article
    start: int
    folded: FoldedText


class Candidates:
    """Finds what to compare quotations of one draft with; all of them see the index as it was at the beginning."""

    def __init__(self, index: ArticleIndex) -> None:
        self._index = index
        self._words = index.snapshot().words
        self._folded: OrderedDict[tuple[str, int, int], FoldedText] = OrderedDict()

    def holding(self, quoted: Quoted) -> list[Stretch]:
        """Stretches that hold a piece of the quotation word for word, those with most pieces first."""
        counted: Counter[int] = Counter()
        for piece in self._pieces(quoted):
            counted.update(self._words.containing(piece, _PHRASE_LIMIT).tolist())
        return self._stretches([number for number, _ in counted.most_common(MOST_CANDIDATES)], quoted)

    def sharing(self, quoted: Quoted) -> list[Stretch]:
        """Stretches that share most words with the quotation, the most first."""
        words = " ".join(self._plain_words(quoted, *part) for part in quoted.parts)
        terms = self._words.terms(words)
        if not terms:
            return []
        ids, _ = self._words.search(terms, _BEST, title_weight=1.0)
        return self._stretches(ids.tolist(), quoted)

    def straddling(self, quoted: Quoted) -> list[Stretch]:
        """Stretches of two neighbouring passages, the first of which holds the beginning of a short quotation."""
        if len(quoted.parts) != 1:
            return []
        first, last = quoted.parts[0]
        keys = quoted.folded.keys
        places = [place for place in range(first, last) if is_word(keys[place])]
        if not 2 <= len(places) <= _PIECE:
            return []
        found: list[int] = []
        for left, right in itertools.pairwise(places):
            if right - left == 1 and len(places) > _PIECE // 2 and "\n" not in self._between(quoted, left, right):
                continue  # in the middle of a sentence
            before = self._words.containing(self._plain_words(quoted, first, left + 1), _STRADDLE_LIMIT)
            after = self._words.containing(self._plain_words(quoted, right, last), _STRADDLE_LIMIT)
            found += np.intersect1d(before + 1, after).tolist()
        return self._stretches(list(dict.fromkeys(found))[:MOST_CANDIDATES], quoted)

    def _between(self, quoted: Quoted, left: int, right: int) -> str:
        return quoted.folded.text[quoted.folded.ends[left] : quoted.folded.starts[right]]

    def _pieces(self, quoted: Quoted) -> Iterator[str]:
        """Phrases of the quotation: all of a short one, some of a long one, from its beginning to its end."""
        pieces: list[str] = []
        for first, last in quoted.parts:
            words = [key for key in quoted.folded.keys[first:last] if is_word(key)]
            for run in _runs(words):
                count = -(-len(run) // _PIECE)
                edges = [round(number * len(run) / count) for number in range(count + 1)]
                pieces += [" ".join(run[low:high]) for low, high in itertools.pairwise(edges)]
        step = max(1, -(-len(pieces) // _MOST_PIECES))
        yield from dict.fromkeys(pieces[::step])

    def _plain_words(self, quoted: Quoted, first: int, last: int) -> str:
        return " ".join(key for key in quoted.folded.keys[first:last] if is_word(key))

    def _stretches(self, passage_ids: Sequence[int], quoted: Quoted) -> list[Stretch]:
        if not passage_ids:
            return []
        passages: dict[int, list[Passage]] = {}
        articles: dict[int, Article] = {}
        for passage, article in self._index.passages_with_articles(passage_ids):
            passages.setdefault(article.id, []).append(passage)
            articles[article.id] = article
        reach = 2 * len(quoted.folded.text) + 400
        return [
            Stretch(article, start, self._fold(article, start, end))
            for number, article in articles.items()
            for start, end in _around(article.text, passages[number], reach)
        ]

    def _fold(self, article: Article, start: int, end: int) -> FoldedText:
        key = (article.sha256, start, end)
        folded = self._folded.pop(key, None) or fold(article.text[start:end])
        self._folded[key] = folded
        if len(self._folded) > _KEPT:
            self._folded.popitem(last=False)
        return folded


def _runs(words: Sequence[str]) -> Iterator[list[str]]:
    """Rows of words that are all in the word index."""
    for long, group in itertools.groupby(words, key=lambda word: len(word.encode()) > _LONGEST_TERM):
        if not long:
            yield list(group)


def _around(text: str, passages: Iterable[Passage], reach: int) -> list[tuple[int, int]]:
    """The article, or the stretches around some of its passages when it is long, from word to word."""
    if len(text) <= _WHOLE:
        return [(0, len(text))]
    found: list[tuple[int, int]] = []
    for passage in sorted(passages, key=lambda one: one.start):
        start, end = max(0, passage.start - reach), min(len(text), passage.end + reach)
        while start and not text[start - 1].isspace() and passage.start - start < reach + 100:
            start -= 1
        while end < len(text) and not text[end].isspace() and end - passage.end < reach + 100:
            end += 1
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found
