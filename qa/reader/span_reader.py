"""``SpanReader``: the trained reader, which chooses sentences by reading question and passage together."""

from __future__ import annotations

import functools
import math
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index import ArticleIndex
from index.views import WordSearch
from qa.answer import Hit
from qa.answer_kind import holds_kind
from qa.reading import Candidate
from qa.sentence_reader import coverage, term_weights

from .scoring import PASSAGES, in_order, score, weights

if TYPE_CHECKING:
    from .inputs import Tokens, Window
    from .model import ReaderModel

SHA256 = "ffcf44622db9d40432f42bcd59ba4a1b9ff0c3dd1030857081239a43762011dc"
"""Of the weights that come with the program."""
_BATCH_TOKENS = 512
"""In one pass through the network, padding included: more means more padding, and on a processor no more speed."""
_LONGEST_ANSWER = 40
"""Tokens."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    """What the network says of one sentence of a passage."""

    sentence: float
    span: float
    relevance: float
    answer: tuple[int, int] | None


class SpanReader:
    """Reads question and passage with a small network that was trained to answer questions; see ``docs/reader.md``.

    Args:
        weights: of another reader that ``pullquote train-reader`` made; those that come with the program when None.
        passages: how many of the retrieved passages are read.
        device: where the network computes, as in ``Settings``.

    Raises:
        ModelError: at the first use: the weights are missing, damaged, or not a reader's, or there is no such device.
    """

    def __init__(self, weights: Path | None = None, *, passages: int = PASSAGES, device: str = "auto") -> None:
        self._weights = weights
        self._device = device
        self._passages = passages
        self._lock = threading.Lock()
        self._loaded: ReaderModel | None = None

    @functools.cached_property
    def fingerprint(self) -> str:
        """See ``Reader``."""
        from .model import file_sha256

        digest = SHA256 if self._weights is None else file_sha256(self._weights)
        return f"spans-1/{digest[:12]}/{self._passages}/" + "-".join(map(str, weights().values()))

    @property
    def _model(self) -> ReaderModel:
        from .model import load_for_reading

        with self._lock:
            if self._loaded is None:
                self._loaded = load_for_reading(self._weights, SHA256, self._device)
            return self._loaded

    def read(self, index: ArticleIndex, asked: Sequence[tuple[str, Sequence[Hit]]]) -> list[list[Candidate]]:
        """See ``Reader``. The passages of all questions go through the network together, sorted by length."""
        read = self.read_all(index, [(question, hits[: self._passages]) for question, hits in asked])
        return [in_order(one for of_hit in some for one in of_hit) for some in read]

    def read_all(self, index: ArticleIndex, asked: Sequence[tuple[str, Sequence[Hit]]]) -> list[list[list[Candidate]]]:
        """For each question and each of its passages, all of them, the sentences in the order of the text."""
        read = iter(self._read_pairs([(question, hit) for question, hits in asked for hit in hits]))
        words = index.snapshot().words
        found = []
        for question, hits in asked:
            terms = term_weights(words, question)
            found.append([list(_candidates(words, question, terms, hit, next(read))) for hit in hits])
        return found

    def _read_pairs(self, pairs: Sequence[tuple[str, Hit]]) -> list[list[_Sentence | None]]:
        """For each question and passage what the network says of each sentence; None where it had no words."""
        import torch

        from .inputs import batch, by_length, title_text, tokenize, windows

        if not pairs:
            return []
        texts = list(
            dict.fromkeys(
                text for question, hit in pairs for text in (question, title_text(hit.article.title), hit.text)
            )
        )
        tokens: dict[str, Tokens] = dict(zip(texts, tokenize(texts), strict=True))
        found: list[list[_Sentence | None]] = [[None] * len(hit.sentences) for _, hit in pairs]
        some: list[Window] = []
        owner: list[int] = []
        for number, (question, hit) in enumerate(pairs):
            sentences = [(start - hit.start, end - hit.start) for start, end in hit.sentences]
            title = tokens[title_text(hit.article.title)] if hit.article.title else None
            for window in windows(tokens[question], title, tokens[hit.text], sentences):
                some.append(window)
                owner.append(number)
        model = self._model
        device = str(model.span.weight.device)
        for positions in by_length(some, _BATCH_TOKENS):
            made = batch([some[position] for position in positions]).to(device)
            with torch.inference_mode():
                read = model(made.ids, made.types, made.mask, made.sentences)
            start, end, relevance = (one.cpu().numpy() for one in (read.start, read.end, read.relevance))
            logits = iter(read.sentences.tolist())
            for row, position in enumerate(positions):
                window = some[position]
                for number, first, last in window.sentences:
                    span, answer = _best_span(window, start[row], end[row], first, last)
                    found[owner[position]][number] = _Sentence(next(logits), span, float(relevance[row]), answer)
        return found


def _candidates(
    words: WordSearch, question: str, terms: dict[str, float], hit: Hit, read: Sequence[_Sentence | None]
) -> Iterator[Candidate]:
    """The sentences of a passage with all that is known of each."""
    passage_coverage = coverage(terms, set(words.content_terms(f"{hit.article.title} {hit.text}")))
    for (start, end), said in zip(hit.sentences, read, strict=True):
        if said is None:
            continue
        text = hit.article.text[start:end]
        evidence = {
            "sentence": said.sentence,
            "span": said.span,
            "relevance": said.relevance,
            "fused": hit.explain.fused,
            "dense": hit.explain.dense,
            "coverage": coverage(terms, set(words.content_terms(text))),
            "passage_coverage": passage_coverage,
            "kind": holds_kind(question, text),
            "size": math.log10(max(1, words.documents)),
        }
        total = score(evidence)
        answer = (hit.start + said.answer[0], hit.start + said.answer[1]) if said.answer else (None, None)
        yield Candidate(hit, start, end, total, {**evidence, "score": total}, *answer)


def _best_span(
    window: Window,
    start: np.ndarray[tuple[int], np.dtype[np.float32]],
    end: np.ndarray[tuple[int], np.dtype[np.float32]],
    first: int,
    last: int,
) -> tuple[float, tuple[int, int]]:
    """The best span of a sentence: how far above "no answer" it is, and its characters in the passage."""
    starts, ends = start[first:last], end[first:last]
    scores = starts[:, None] + ends[None, :]
    allowed = np.triu(np.tril(np.ones(scores.shape, bool), _LONGEST_ANSWER - 1))
    scores = np.where(allowed, scores, -np.inf)
    left, right = np.unravel_index(int(np.argmax(scores)), scores.shape)
    margin = float(scores[left, right] - start[0] - end[0])
    return margin, window.characters(first + int(left), first + int(right))


@functools.cache
def default_span_reader(weights: str | None = None, device: str = "auto") -> SpanReader:
    """The reader that comes with the program, or one of other weights (``Settings.reader``); they are loaded once."""
    return SpanReader(None if weights is None else Path(weights).expanduser(), device=device)
