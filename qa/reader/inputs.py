"""What the reader's network sees, and where its tokens stand in the text: the one place that maps between the two.

A *window* is ``[CLS] question [SEP] title. passage [SEP]``. A passage that is too long becomes several windows, cut
between sentences, each with the question and the title; a sentence that is too long by itself is cut off.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from index.embedding import default_model_folder

Span = tuple[int, int]

MAX_TOKENS = 272
QUESTION_TOKENS = 64
TITLE_TOKENS = 32


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text as tokens.

    Attributes:
        ids: the tokenizer's numbers.
        spans: for each token its characters in the text.
    """

    ids: tuple[int, ...]
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """One input of the network.

    Attributes:
        ids: all tokens.
        context: the first token of the title and passage; those before it are the question's.
        first: the first token of the passage.
        spans: for each token of the passage its characters in the passage.
        sentences: for each sentence that the window holds: its number in the passage, its first token, and the token
            after its last one, counted in ``ids``.
    """

    ids: tuple[int, ...]
    context: int
    first: int
    spans: tuple[Span, ...]
    sentences: tuple[tuple[int, int, int], ...]

    def characters(self, first: int, last: int) -> Span:
        """The characters in the passage of the tokens ``first`` to ``last``, both counted in ``ids`` and included."""
        return self.spans[first - self.first][0], self.spans[last - self.first][1]

    def tokens(self, start: int, end: int) -> Span | None:
        """The first and last token of some characters of the passage, or None when the window does not hold them."""
        inside = [number for number, (left, right) in enumerate(self.spans) if left < end and start < right]
        return (self.first + inside[0], self.first + inside[-1]) if inside else None


@functools.cache
def _tokenizer() -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(default_model_folder() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


@functools.cache
def _marks() -> tuple[int, int]:
    start, separator = (_tokenizer().token_to_id(mark) for mark in ("[CLS]", "[SEP]"))
    assert start is not None
    assert separator is not None
    return start, separator


def tokenize(texts: Sequence[str]) -> list[Tokens]:
    """Texts as tokens; what a text writes to look like a mark of the network is read as plain characters."""
    encoded = _tokenizer().encode_batch([_plain(text) for text in texts], add_special_tokens=False)
    return [Tokens(tuple(one.ids), tuple(one.offsets)) for one in encoded]


def _plain(text: str) -> str:
    # The same length: a bracket of "[SEP]" becomes another character, so that no article can end its own window.
    for mark in ("[CLS]", "[SEP]", "[PAD]", "[MASK]", "[UNK]"):
        text = text.replace(mark, "(" + mark[1:-1] + ")")
    # Not valid Unicode, but a Python string may hold it.
    return text.encode("utf-8", "replace").decode("utf-8") if not text.isascii() else text


def title_text(title: str) -> str:
    """How a title stands before a passage."""
    title = " ".join(title.split())
    return title if not title or title[-1] in ".?!" else f"{title}."


def windows(
    question: Tokens, title: Tokens | None, passage: Tokens, sentences: Iterable[Span], limit: int = MAX_TOKENS
) -> list[Window]:
    """The windows of a question and a passage.

    Args:
        question, passage: as tokens.
        title: ``title_text`` as tokens; None to leave it out.
        sentences: spans in the passage's characters, in order.
        limit: tokens in a window at most.
    """
    start, separator = _marks()
    head = (start, *question.ids[:QUESTION_TOKENS], separator)
    before = head + (title.ids[:TITLE_TOKENS] if title is not None else ())
    room = limit - len(before) - 1
    parts = _parts(passage, sentences, room)
    found = []
    for first, last, held in parts:
        shift = len(before) - first
        found.append(
            Window(
                (*before, *passage.ids[first:last], separator),
                len(head),
                len(before),
                passage.spans[first:last],
                tuple((number, left + shift, right + shift) for number, left, right in held),
            )
        )
    return found


def _parts(passage: Tokens, sentences: Iterable[Span], room: int) -> list[tuple[int, int, list[tuple[int, int, int]]]]:
    """Token ranges of the passage that fit, each with the sentences in it."""
    starts = np.array([span[0] for span in passage.spans])
    parts: list[tuple[int, int, list[tuple[int, int, int]]]] = []
    for number, (start, end) in enumerate(sentences):
        first, last = (int(place) for place in np.searchsorted(starts, (start, end)))
        last = min(last, first + room)
        if first >= last:
            continue
        if parts and last - parts[-1][0] <= room:
            opened = parts[-1]
            parts[-1] = (opened[0], last, [*opened[2], (number, first, last)])
        else:
            parts.append((first, last, [(number, first, last)]))
    return parts


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows as tensors; see ``ReaderModel.forward``."""

    ids: Tensor
    types: Tensor
    mask: Tensor
    sentences: Tensor

    def to(self, device: str) -> Batch:
        """The same on another device."""
        return Batch(*(part.to(device) for part in (self.ids, self.types, self.mask, self.sentences)))


def batch(some: Sequence[Window], *, multiple: int = 1) -> Batch:
    """Pads windows to the longest of them, and to a multiple of ``multiple`` tokens."""
    length = max(len(window.ids) for window in some)
    length = -(-length // multiple) * multiple
    ids = np.zeros((len(some), length), np.int64)
    types = np.zeros((len(some), length), np.int64)
    mask = np.zeros((len(some), length), np.int64)
    sentences = []
    for row, window in enumerate(some):
        ids[row, : len(window.ids)] = window.ids
        types[row, window.context : len(window.ids)] = 1
        mask[row, : len(window.ids)] = 1
        sentences += [(row, first, last) for _, first, last in window.sentences]
    return Batch(
        torch.from_numpy(ids),
        torch.from_numpy(types),
        torch.from_numpy(mask),
        torch.tensor(sentences, dtype=torch.int64).reshape(-1, 3),
    )


def by_length(some: Sequence[Window], tokens: int) -> list[list[int]]:
    """Positions of windows in batches of similar length, each of at most ``tokens`` tokens with its padding."""
    order = sorted(range(len(some)), key=lambda position: len(some[position].ids))
    batches: list[list[int]] = []
    for position in order:
        length = len(some[position].ids)
        if batches and (len(batches[-1]) + 1) * length <= tokens:
            batches[-1].append(position)
        else:
            batches.append([position])
    return batches
