"""Articles to be written in all formats: those in ``examples/``, and new ones of their paragraphs."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from index.paragraphs import sentence_spans

EXAMPLES = Path(__file__).parents[1] / "examples"
_SHORTEST = 80
"""Characters; a shorter block of an example is a heading, a byline or an item of a list."""
_MARKS = re.compile(r"\*+|(?<!\w)_|_(?!\w)|`")
_PLACES = ("Wendlebury", "Halvmark", "Dunmarsh", "Carrow", "Velsund", "Ostra", "Skarn", "Lindenau", "Vendel", "Marram")
_THINGS = ("council", "harbour", "orchestra", "bakery", "glacier", "night train", "library", "lift bridge", "mill")
_DEEDS = ("opens again", "asks for money", "loses a vote", "turns a hundred", "surprises everybody", "waits for rain")
_NAMES = ("Ines Carvalho", "Mara Oskarsson", "Fitzroy Lindgren", "Aurel Pettersen", "Rosalind Achterberg", "Ida Moreau")


@dataclass(frozen=True, slots=True)
class Story:
    """An article that is to be written.

    Attributes:
        title, author, day: invented.
        paragraphs: each in one line.
    """

    title: str
    author: str
    day: date
    paragraphs: tuple[str, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """The sentences of the paragraphs, in order."""
        return tuple(
            paragraph[start:end]
            for paragraph in self.paragraphs
            for start, end in sentence_spans(paragraph, (0, len(paragraph)), len(paragraph))
        )


@functools.cache
def _examples() -> tuple[tuple[str, ...], ...]:
    """The paragraphs of each example, without marks and without what is no paragraph."""
    found = []
    for path in sorted(EXAMPLES.iterdir()):
        if path.suffix in (".txt", ".md"):
            blocks = re.split(r"\n\s*\n", path.read_text("utf-8"))
            plain = [
                " ".join(_MARKS.sub("", block).split()) for block in blocks if not block.startswith(("#", "-", "|"))
            ]
            found.append(tuple(block for block in plain if len(block) >= _SHORTEST and block[-1] in ".!?\"”'’"))
    return tuple(found)


def stories(seed: str, count: int, *, examples: bool) -> list[Story]:
    """So many articles, the same for the same seed; with ``examples`` the first is one of the examples as it is."""
    random = Random(seed)
    pool = [paragraph for paragraphs in _examples() for paragraph in paragraphs]
    made = []
    for number in range(count):
        paragraphs = random.choice(_examples()) if examples and not number else tuple(random.sample(pool, 8))
        title = f"The {random.choice(_THINGS)} of {random.choice(_PLACES)} {random.choice(_DEEDS)}"
        day = date(2015, 1, 1) + timedelta(days=random.randrange(3600))
        made.append(Story(title, random.choice(_NAMES), day, paragraphs))
    return made
