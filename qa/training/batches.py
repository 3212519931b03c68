"""Step 3: examples as batches of windows with their targets."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from qa.reader.inputs import MAX_TOKENS, Batch, Tokens, Window, batch, title_text, tokenize, windows

from .mining import Example, TrainingPassage

UNTITLED = 0.3
"""The share of questions that see their passages without the title: not every article has one."""
SHORT = 0.6
"""The share of batches whose windows are cut to ``SHORT_TOKENS``: quicker to train on, and other places to look at."""
SHORT_TOKENS = 160
SECOND_NEGATIVE = 0.3
"""The share of questions that keep a second negative."""


@dataclass(frozen=True, slots=True)
class Target:
    """What the network should say of a window.

    Attributes:
        group: which question the window belongs to, counted in the batch.
        kind: 0 for the passage that answers, 1 for one that does not, 2 for a trap: its question was changed.
        starts, ends: the tokens at which an answer may begin and end; position 0 where there is none.
        sentences: for each sentence of the window whether it answers.
    """

    group: int
    kind: int
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    sentences: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class TrainingBatch:
    """Windows and their targets."""

    inputs: Batch
    targets: list[Target]
    sentence_window: Tensor
    sentence_right: Tensor


class Batches:
    """Makes the batches of each epoch, the same ones for the same seed."""

    def __init__(
        self, examples: Sequence[Example], passages: dict[int, TrainingPassage], *, windows_per_batch: int, seed: int
    ) -> None:
        self._passages = passages
        self._size = windows_per_batch
        self._seed = seed
        ids = list(passages)
        self._texts = dict(zip(ids, tokenize([passages[number].text for number in ids]), strict=True))
        self._examples = self._readable(examples)
        titles = sorted({passages[number].title for number in ids})
        self._titles = dict(zip(titles, tokenize([title_text(title) for title in titles]), strict=True))
        asked = sorted(
            {example.question for example in examples} | {example.trap for example in examples if example.trap}
        )
        self._questions = dict(zip(asked, tokenize(asked), strict=True))

    def _readable(self, examples: Sequence[Example]) -> list[Example]:
        """The examples without passages that have nothing to read, such as a line of invisible characters."""
        kept = []
        for example in examples:
            passages = tuple(number for number in example.passages if self._texts[number].ids)
            if passages[:1] == example.passages[:1]:
                kept.append(replace(example, passages=passages))
        return kept

    def epoch(self, number: int) -> list[list[int]]:
        """Which examples each batch of an epoch holds: of similar length, in random order."""
        generator = random.Random(f"{self._seed} {number}")
        order = list(range(len(self._examples)))
        generator.shuffle(order)
        batches: list[list[int]] = []
        # Sorted by length within large random pieces: little padding, yet other neighbours in each epoch.
        for first in range(0, len(order), 2048):
            piece = sorted(order[first : first + 2048], key=self._length)
            opened: list[int] = []
            held = 0
            for position in piece:
                count = self._windows(position)
                if opened and held + count > self._size:
                    batches.append(opened)
                    opened, held = [], 0
                opened.append(position)
                held += count
            batches.append(opened)
        generator.shuffle(batches)
        return batches

    def __len__(self) -> int:
        """How many examples there are."""
        return len(self._examples)

    def pairs(self) -> int:
        """About how many windows an epoch has."""
        return sum(self._windows(position) for position in range(len(self)))

    def _length(self, position: int) -> int:
        example = self._examples[position]
        return max(len(self._texts[number].ids) for number in example.passages[:2])

    def _windows(self, position: int) -> int:
        example = self._examples[position]
        return min(len(example.passages), 2) + (example.trap is not None) if example.answers else 1

    def make(self, epoch: int, positions: Sequence[int]) -> TrainingBatch:
        """The tensors of one batch."""
        some: list[Window] = []
        targets: list[Target] = []
        short = random.Random(f"{self._seed} {epoch} {positions[0]} short").random() < SHORT
        limit = SHORT_TOKENS if short else MAX_TOKENS
        for group, position in enumerate(positions):
            generator = random.Random(f"{self._seed} {epoch} {position}")
            for window, target in self._read(self._examples[position], group, limit, generator):
                some.append(window)
                targets.append(target)
        rows = [row for row, target in enumerate(targets) for _ in target.sentences]
        right = [flag for target in targets for flag in target.sentences]
        return TrainingBatch(
            batch(some, multiple=8), targets, torch.tensor(rows, dtype=torch.int64), torch.tensor(right)
        )

    def _read(
        self, example: Example, group: int, limit: int, generator: random.Random
    ) -> Iterator[tuple[Window, Target]]:
        untitled = generator.random() < UNTITLED
        negatives = list(example.passages[1:])
        if len(negatives) > 1 and generator.random() >= SECOND_NEGATIVE:
            negatives = [generator.choice(negatives)]
        if not example.answers:
            negatives = []
        question = self._questions[example.question]
        gold = self._window(question, example.passages[0], untitled, limit, example.answers)
        yield gold, self._target(gold, group, 0 if example.answers else 1, example.answers, example.passages[0])
        for number in negatives:
            window = self._window(question, number, untitled, limit, ())
            yield window, self._target(window, group, 1, (), number)
        if example.trap is not None:
            window = self._window(self._questions[example.trap], example.passages[0], untitled, limit, example.answers)
            yield window, self._target(window, group, 2, (), example.passages[0])

    def _window(
        self, question: Tokens, number: int, untitled: bool, limit: int, answers: tuple[tuple[int, int], ...]
    ) -> Window:
        """The window that holds the answer, or the first one."""
        passage = self._passages[number]
        title = None if untitled or not passage.title else self._titles[passage.title]
        found = windows(question, title, self._texts[number], passage.sentences, limit)
        return next((one for one in found for start, end in answers if one.tokens(start, end)), found[0])

    def _target(
        self, window: Window, group: int, kind: int, answers: tuple[tuple[int, int], ...], number: int
    ) -> Target:
        places = [place for start, end in answers if (place := window.tokens(start, end)) is not None]
        spans = [self._passages[number].sentences[sentence] for sentence, _, _ in window.sentences]
        right = tuple(any(left < end and start < right for start, end in answers) for left, right in spans)
        return Target(
            group,
            kind if places or kind else 1,
            tuple(sorted({first for first, _ in places})) or (0,),
            tuple(sorted({last for _, last in places})) or (0,),
            right,
        )
