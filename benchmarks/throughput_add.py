"""One ``add`` from files to a finished index: where its time goes, and the most memory that it takes.

As a program it is the process of its own in which ``benchmarks.throughput`` measures memory:

    python -m benchmarks.throughput_add --corpus FOLDER --model hashing
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

from index import ArticleIndex, Settings, adding, passages
from index.caches import Caches
from index.catalog import Catalog
from index.embedding import Embedder, embedder_from
from index.read_ahead import ReadAhead

from .peers.child import Peak, timed

STEPS = ("reading", "splitting", "embedding", "catalogue", "words", "vectors")
"""Of an ``add``, in its own thread; reading is what it waits for the threads that read."""
READERS = "reading, in threads of its own"


class Shares:
    """Adds up the seconds of the steps of ``add``, each without those of the steps that it calls."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._open: list[str] = []
        self._since = 0.0
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[None]:
        """What is done within it counts as this step, in the thread that adds."""
        self._settle()
        self._open.append(name)
        try:
            yield
        finally:
            self._settle()
            self._open.pop()

    def _settle(self) -> None:
        now = time.perf_counter()
        if self._open:
            self.seconds[self._open[-1]] += now - self._since
        self._since = now

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, counted as a step."""

        @functools.wraps(function)
        def run(*arguments: Any, **options: Any) -> Any:
            with self.step(name):
                return function(*arguments, **options)

        return run

    def of_readers(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, counted by its thread's own processor time; it runs beside the thread that adds."""

        @functools.wraps(function)
        def run(*arguments: Any) -> Any:
            started = time.thread_time()
            try:
                return function(*arguments)
            finally:
                with self._lock:
                    self.seconds[READERS] += time.thread_time() - started

        return run

    def steps_of(self, function: Callable[..., Generator[Any, None, None]]) -> Callable[..., Any]:
        """The generator, counted while it is waited for."""

        def run(*arguments: Any, **options: Any) -> Generator[Any, None, None]:
            with contextlib.closing(function(*arguments, **options)) as inner:
                while True:
                    with self.step("reading"):
                        found = next(inner, None)
                    if found is None:
                        return
                    yield found

        return run

    def writing(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The context manager, counted from its beginning to its end."""

        @contextlib.contextmanager
        def run(*arguments: Any) -> Iterator[Any]:
            with self.step("catalogue"), function(*arguments) as writer:
                yield writer

        return run


class TimedEmbedder:
    """Another embedder, counted as a step; what is called after a batch is not."""

    def __init__(self, inner: Embedder, shares: Shares) -> None:
        self._inner = inner
        self._shares = shares
        self.record = inner.record

    def encode_passages(self, texts: Sequence[str], on_batch: Any = None) -> Any:
        """See ``Embedder``."""
        with self._shares.step("embedding"):
            return self._inner.encode_passages(texts, on_batch and self._shares.timed("other", on_batch))

    def encode_questions(self, texts: Sequence[str]) -> Any:
        """See ``Embedder``."""
        return self._inner.encode_questions(texts)


@contextlib.contextmanager
def watched(shares: Shares) -> Iterator[None]:
    """Within it, the steps of every ``add`` are timed."""
    with contextlib.ExitStack() as stack:

        def replace(owner: Any, name: str, by: Callable[[Callable[..., Any]], Any]) -> None:
            stack.enter_context(mock.patch.object(owner, name, by(getattr(owner, name))))

        replace(adding, "steps_of", shares.steps_of)
        replace(passages, "passage_spans", functools.partial(shares.timed, "splitting"))
        replace(Catalog, "write", shares.writing)
        for name in ("article_by_hash", "vectors_by_text"):
            replace(Catalog, name, functools.partial(shares.timed, "catalogue"))
        replace(Caches, "catch_words_up", functools.partial(shares.timed, "words"))
        replace(Caches, "fold", functools.partial(shares.timed, "vectors"))
        replace(ReadAhead, "_read", shares.of_readers)
        yield


def add(corpus: Path, folder: Path, embedder: Embedder, shares: Shares) -> int:
    """Adds a folder to the index in another one, as ``pullquote add`` does; returns the passages that it embedded."""
    timed_embedder = TimedEmbedder(embedder, shares)
    with watched(shares), shares.step("other"), ArticleIndex.open(folder, embedder=timed_embedder) as index:
        return index.add(corpus).passages


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--model", required=True, help="hashing, or as PULLQUOTE_MODEL")
    arguments = parser.parse_args()
    embedder = embedder_from(Settings(model=arguments.model))
    embedder.encode_questions(["warm up"])
    peak = Peak()
    before = peak.look()
    peak.start()
    with tempfile.TemporaryDirectory() as folder, ArticleIndex.open(folder, embedder=embedder) as index:
        report, cost = timed(lambda: index.add(arguments.corpus))
    print(json.dumps({"passages": report.passages, "before_mb": before, "peak_mb": peak.look(), **cost}))


if __name__ == "__main__":
    main()
