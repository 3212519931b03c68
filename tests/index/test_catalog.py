"""A model of what an index must hold, and random sequences of everything that can be done to one."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from index_support import catalog_of, check_stores

from index import ArticleIndex, HashingEmbedder, Settings

NAMES = ["a.txt", "b.txt", "one/a.txt", "one/b.txt", "two/a.txt"]
TEXTS = [
    f"Headline {number}\n\n"
    + " ".join(f"Text {number} says that point {point} holds." for point in range(20 * (number % 4)))
    + f"\n\nThe end of {number % 3}."
    for number in range(1, 9)
]
TITLES = [f"Headline {number}" for number in range(1, 9)]


class IndexMachine(RuleBasedStateMachine):
    """Writes, changes and deletes files; adds, removes and syncs; closes and opens again.

    The model: which text each file has, and which text each source had when it was added.
    """

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.files: dict[str, str] = {}
        self.sources: dict[str, str] = {}
        self.roots: set[str] = set()

    @initialize(window=st.sampled_from([1, 4, 512]))
    def start(self, window: int) -> None:
        self.settings = Settings(window=window, lock_timeout=0.5)
        self.articles = self.folder / "articles"
        for name in ("one", "two"):
            (self.articles / name).mkdir(parents=True)
        self.index = self.opened()

    def opened(self) -> ArticleIndex:
        return ArticleIndex.open(self.folder / "index", settings=self.settings, embedder=HashingEmbedder())

    def path(self, name: str) -> str:
        return str(self.articles / name)

    @rule(name=st.sampled_from(NAMES), text=st.sampled_from(TEXTS))
    def write_file(self, name: str, text: str) -> None:
        Path(self.path(name)).write_text(text)
        self.files[self.path(name)] = text

    @rule(name=st.sampled_from(NAMES), other=st.sampled_from(NAMES))
    def exchange_files(self, name: str, other: str) -> None:
        first, second = self.path(name), self.path(other)
        if first in self.files and second in self.files:
            self.files[first], self.files[second] = self.files[second], self.files[first]
            for path in (first, second):
                Path(path).write_text(self.files[path])

    @rule(name=st.sampled_from(NAMES), other=st.sampled_from(NAMES), text=st.sampled_from(TEXTS))
    def move_text_on(self, name: str, other: str, text: str) -> None:
        """One file gets a new text, and another one the text that it had; both are added at once."""
        self.write_file(other, self.files.get(self.path(name), text))
        self.write_file(name, text)
        self.add_files([name, other])

    @rule(name=st.sampled_from(NAMES))
    def age_file(self, name: str) -> None:
        """After this its size and time are trusted."""
        if self.path(name) in self.files:
            status = Path(self.path(name)).stat()
            os.utime(self.path(name), ns=(status.st_atime_ns, status.st_mtime_ns - 3_600_000_000_000))

    @rule(name=st.sampled_from(NAMES))
    def delete_file(self, name: str) -> None:
        if self.files.pop(self.path(name), None) is not None:
            Path(self.path(name)).unlink()

    @rule(names=st.lists(st.sampled_from(NAMES), min_size=1, max_size=4))
    def add_files(self, names: list[str]) -> None:
        paths = [self.path(name) for name in names]
        report = self.index.add(paths)
        present = [path for path in dict.fromkeys(paths) if path in self.files]
        self.took(present)
        assert sorted(self.reported(report)) == sorted(present)

    @rule(folder=st.sampled_from(["", "one", "two"]))
    def add_folder(self, folder: str) -> None:
        root = str(self.articles / folder)
        report = self.index.add(root)
        self.roots.add(root)
        below = self.below(root)
        self.took(below)
        assert sorted(self.reported(report)) == sorted(below)

    @rule()
    def add_all_again(self) -> None:
        self.add_folder("")
        generation = self.index.snapshot().generation
        report = self.index.add(self.articles)
        assert sorted(report.unchanged) == sorted(self.files)
        assert self.index.snapshot().generation == generation

    @rule(name=st.sampled_from(NAMES))
    def remove_by_path(self, name: str) -> None:
        self.index.remove(self.path(name))
        self.sources.pop(self.path(name), None)

    @rule(folder=st.sampled_from(["one", "two"]))
    def remove_folder(self, folder: str) -> None:
        root = str(self.articles / folder)
        self.index.remove(root)
        self.roots.discard(root)
        self.sources = {path: text for path, text in self.sources.items() if not path.startswith(root + "/")}

    @rule(number=st.integers(0, 7))
    def remove_by_id(self, number: int) -> None:
        articles = list(self.index.articles())
        if articles:
            chosen = articles[number % len(articles)]
            assert self.index.remove(chosen.id) == (chosen,)
            self.forget(chosen.text)

    @rule(number=st.integers(0, 7))
    def remove_by_title(self, number: int) -> None:
        self.index.remove(TITLES[number])
        self.forget(TEXTS[number])

    @rule()
    def sync(self) -> None:
        roots = list(self.roots)
        report = self.index.sync()
        for root in roots:
            self.took(self.below(root))
        self.took([path for path in self.sources if path in self.files])
        gone = {path for path in self.sources if path not in self.files}
        assert set(report.removed) == gone
        for path in gone:
            del self.sources[path]

    @rule()
    def close_and_open(self) -> None:
        self.index.close()
        self.index = self.opened()
        self.index.snapshot()
        assert self.index.notes == []

    @rule(cache=st.sampled_from(["vectors", "words"]))
    def lose_a_cache(self, cache: str) -> None:
        self.index.close()
        shutil.rmtree(self.index.folder / cache, ignore_errors=True)
        self.index = self.opened()

    def took(self, paths: list[str]) -> None:
        self.sources |= {path: self.files[path] for path in paths}

    def below(self, root: str) -> list[str]:
        return [path for path in self.files if path.startswith(root + "/")]

    def forget(self, text: str) -> None:
        self.sources = {path: known for path, known in self.sources.items() if known != text}

    @staticmethod
    def reported(report: object) -> list[str]:
        return [path for kind in ("added", "updated", "unchanged", "duplicates") for path in getattr(report, kind)]

    @invariant()
    def everything_is_as_it_should_be(self) -> None:
        if not hasattr(self, "index"):
            return
        found = {source: article.text for article in self.index.articles() for source in article.sources}
        assert found == self.sources
        texts = [article.text for article in self.index.articles()]
        assert sorted(texts) == sorted(set(self.sources.values()))
        check_stores(self.index)

    def teardown(self) -> None:
        if hasattr(self, "index"):
            self.index.close()
        shutil.rmtree(self.folder, ignore_errors=True)


TestIndex = IndexMachine.TestCase
TestIndex.settings = settings(max_examples=25, stateful_step_count=20)


def test_what_is_read_together_is_of_one_moment(index: ArticleIndex, write: Callable[..., Path]) -> None:
    path = write("a.txt", "Headline\n\nThe river rose by two metres.\n")
    index.add(path)
    catalog = catalog_of(index)
    try:
        (number,) = catalog.all_passage_ids().tolist()
        with catalog.reading():
            passage = catalog.passages([number])[number]
            write("a.txt", "Headline\n\nIt was the lake, and not the river, that rose by two metres.\n")
            assert index.add(path).updated == [str(path)]
            (article,) = catalog.articles([passage.article_id])
            assert article.text[passage.start : passage.end] == "The river rose by two metres."
        assert catalog.passages([number]) == {}
    finally:
        catalog.close()
    assert index.passages_with_articles([number]) == []
