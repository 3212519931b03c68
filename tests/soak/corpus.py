"""Articles that can be told apart: each version of each has a word that stands nowhere else."""

from __future__ import annotations

import random
from pathlib import Path

from index import ArticleIndex, Settings
from qa import retrieve

SETTINGS = Settings(window=6, lock_timeout=60.0)
"""Small windows: many commits, and so many moments between two of them."""


def marker(number: int, version: int = 0) -> str:
    """The word of one version of an article."""
    return f"zq{number}v{version}"


def text_of(number: int, version: int = 0) -> str:
    """An article of a few passages; the same for the same arguments."""
    word = marker(number, version)
    source = random.Random(f"{number} {version}")
    places = ("harbour", "station", "bakery", "library", "quarry", "mill", "court", "market")
    paragraphs = [
        f"On day {source.randrange(365)} the {source.choice(places)} of {word} was the talk of the town. "
        f"Nobody at the {source.choice(places)} wanted to say who had asked for {word}, “and nobody will,” said the "
        f"mayor of {word}, who counted {source.randrange(10_000)} visitors in {source.randrange(1900, 2030)}."
        for _ in range(source.randrange(2, 7))
    ]
    return "\n\n".join([f"# The {word} affair", *paragraphs]) + "\n"


def write_article(folder: Path, number: int, version: int = 0) -> Path:
    """Writes one version of an article, in a way that its time and size need not tell it from another."""
    path = folder / f"article-{number}.md"
    path.write_text(text_of(number, version), "utf-8")
    return path


def finds(index: ArticleIndex, number: int, version: int = 0) -> bool:
    """Whether a question for an article's word is answered out of that article.

    Raises:
        AssertionError: a hit is not a slice of its article, or holds another article's words.
    """
    word = marker(number, version)
    hits = retrieve(index, f'"{word}"', 3)
    for hit in hits:
        assert hit.article.text[hit.start : hit.end] == hit.text, f"{hit.text!r} is not a slice of its article"
        assert hit.article.title == f"The {word} affair", f"{word} was found under the title {hit.article.title!r}"
        assert hit.text in text_of(number, version), f"{hit.text!r} was never written"
    return bool(hits)
