"""A reader that many threads share: questions are read one after the other, in the order in which they come.

One question keeps all cores busy while it is read. Several at once would share them, so that each takes as many times
longer, and who came first would often be served last.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from index import ArticleIndex

from .answer import Hit
from .reading import Candidate, Reader


class InTurn:
    """Another reader behind a queue; see ``Reader``.

    Args:
        reader: what reads.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._turns = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reader")
        weakref.finalize(self, self._turns.shutdown, wait=False)

    @property
    def fingerprint(self) -> str:
        """See ``Reader``."""
        return self._reader.fingerprint

    def read(self, index: ArticleIndex, asked: Sequence[tuple[str, Sequence[Hit]]]) -> list[list[Candidate]]:
        """See ``Reader``; waits until all that came before has been read."""
        return self._turns.submit(self._reader.read, index, asked).result()
