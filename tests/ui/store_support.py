"""Articles, an index on them, and real answers, for the tests of what the page keeps and exports."""

from __future__ import annotations

from pathlib import Path

from index import ArticleIndex, HashingEmbedder
from qa import Answer, SentenceReader, Turn, ask

FERRY = """# Ferry Replaces the Bridge at Tornio

The ferry Aurora carries two hundred cars across the river at Tornio while the bridge is being repaired.

Tickets cost nothing for people who live in the town. The captain is Élodie Dürr.
"""
BEES = """# Wild Bees Return to the Railway Yard

Botanists counted forty-three species of wild bees in the disused railway yard of Basel last summer.

The rarest of them, the violet carpenter bee, nests in old sleepers.
"""
QUESTION = "How many cars does the ferry Aurora carry?"
FOLLOW_UP = "And what do tickets cost?"
ABOUT_BEES = "How many species of wild bees did botanists count?"


def write_articles(folder: Path) -> Path:
    """Writes the articles."""
    folder.mkdir()
    (folder / "ferry.md").write_text(FERRY, "utf-8")
    (folder / "bees.md").write_text(BEES, "utf-8")
    return folder


def make_index(folder: Path) -> ArticleIndex:
    """An index of the articles, with hashed vectors."""
    index = ArticleIndex.open(folder / "index", embedder=HashingEmbedder())
    assert len(index.add(write_articles(folder / "articles")).added) == 2
    return index


def answered(index: ArticleIndex, question: str, history: tuple[Turn, ...] = ()) -> Answer:
    """An answer with quotes, whatever their confidence."""
    return ask(index, question, history, threshold=0.0, reader=SentenceReader())


def refused(index: ArticleIndex, question: str) -> Answer:
    """An answer that says that the articles do not answer."""
    return ask(index, question, threshold=1.0, reader=SentenceReader())
