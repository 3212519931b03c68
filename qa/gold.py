"""Finds where in an index the paragraphs and answers of a question set stand."""

from __future__ import annotations

import bisect
import itertools
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index import Article, ArticleIndex
from index.reading import normalise

from .question_sets import LabelledQuestion

Span = tuple[int, int]

_BEGINNING = 4
"""Words by which a paragraph is looked up; rare enough together that few articles are searched for it in vain."""
_MOST = 20
"""Places of one paragraph in one article; news articles often repeat one, and no real one so often."""


@dataclass(frozen=True, slots=True)
class GoldPlace:
    """Where the paragraph of a question and its answers stand, in an article's characters."""

    article_id: int
    paragraph: Span
    answers: tuple[Span, ...]


def find_places(index: ArticleIndex, questions: Sequence[LabelledQuestion]) -> list[tuple[GoldPlace, ...]]:
    """For each question all places of the index that hold its paragraph word for word, whatever the white space.

    The articles are gone through once, whatever the number of questions: their words are looked up among the first
    words of all paragraphs. In an article that has the title of the question's, the paragraph may begin anywhere.
    """
    wanted = _Wanted(questions)
    found: list[list[GoldPlace]] = [[] for _ in questions]
    for article in index.articles():
        paragraphs = wanted.perhaps_in(article)
        if not paragraphs:
            continue
        text = SingleSpaced(article.text)
        for paragraph in paragraphs:
            for start in itertools.islice(_occurrences(text.text, paragraph), _MOST):
                for position, answers in wanted.asked[paragraph]:
                    found[position].append(
                        GoldPlace(
                            article.id,
                            text.original(start, start + len(paragraph)),
                            tuple(text.original(start + first, start + last) for first, last in answers),
                        )
                    )
    return [tuple(places) for places in found]


def single_spaced(text: str) -> str:
    """A text as it is stored, with single spaces for white space, so that line breaks make no difference."""
    return " ".join(normalise(text).split())


class _Wanted:
    """The paragraphs of the questions, by their first words and by the title of their article.

    Attributes:
        asked: for each paragraph the positions of its questions, with the spans of their answers in the paragraph.
    """

    def __init__(self, questions: Sequence[LabelledQuestion]) -> None:
        self.asked: dict[str, list[tuple[int, tuple[Span, ...]]]] = defaultdict(list)
        self._by_beginning: dict[tuple[str, ...], set[str]] = defaultdict(set)
        self._by_title: dict[str, set[str]] = defaultdict(set)
        for position, question in enumerate(questions):
            paragraph = single_spaced(question.paragraph)
            if not paragraph:
                continue
            self.asked[paragraph].append((position, answer_spans(question, paragraph)))
            self._by_beginning[tuple(paragraph.split(" ")[:_BEGINNING])].add(paragraph)
            if question.title:
                self._by_title[single_spaced(question.title).casefold()].add(paragraph)

    def perhaps_in(self, article: Article) -> list[str]:
        """Paragraphs that the article may hold, in a settled order."""
        words = article.text.split()
        found = set(self._by_title.get(single_spaced(article.title).casefold(), ()))
        for length in {len(beginning) for beginning in self._by_beginning}:
            for beginning in zip(*(words[first:] for first in range(length)), strict=False):
                if beginning in self._by_beginning:
                    found |= self._by_beginning[beginning]
        return sorted(found)


class SingleSpaced:
    """A text with single spaces for white space, and the way back to its own characters.

    Attributes:
        text: with single spaces.
    """

    def __init__(self, text: str) -> None:
        matches = list(re.finditer(r"\S+", text))
        self.text = " ".join(match[0] for match in matches)
        self._originals = [match.start() for match in matches]
        lengths = (len(match[0]) + 1 for match in matches)
        self._starts = list(itertools.accumulate(lengths, initial=0))[: len(matches)]

    def original(self, start: int, end: int) -> Span:
        """A span in the original text's characters; neither end of it may be white space."""
        return self._character(start), self._character(end - 1) + 1

    def _character(self, position: int) -> int:
        word = bisect.bisect_right(self._starts, position) - 1
        return self._originals[word] + position - self._starts[word]


def _occurrences(text: str, words: str) -> Iterator[int]:
    """Where a text holds some words as whole words."""
    pattern = re.escape(words)
    before = r"(?<!\w)" if words[:1].isalnum() else ""
    after = r"(?!\w)" if words[-1:].isalnum() else ""
    return (match.start() for match in re.finditer(before + pattern + after, text))


def answer_spans(question: LabelledQuestion, paragraph: str) -> tuple[Span, ...]:
    """The spans of the answers in the single-spaced paragraph; of one without a start, wherever it stands."""
    spans: dict[Span, None] = {}
    for text, offset in question.answers:
        words = single_spaced(text)
        if not words:
            continue
        if offset is not None:
            begins = offset + len(text) - len(text.lstrip())
            start = len(single_spaced(question.paragraph[:begins] + "x")) - 1
            if paragraph.startswith(words, start):
                spans[start, start + len(words)] = None
                continue
        spans |= {
            (start, start + len(words)): None for start in itertools.islice(_occurrences(paragraph, words), _MOST)
        }
    return tuple(spans)
