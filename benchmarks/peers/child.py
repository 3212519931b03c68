"""A process that runs one library: it adds a folder, then answers one question a line. Standard library only.

    python child.py MODULE FOLDER MODEL SAVED

``MODULE`` is one of the ``run_*`` files beside this one. Lines of JSON go in and out: the first line out says what
adding took, then each line in (``{"way": ..., "question": ...}``) gets one line back. What the library itself prints
goes to standard error.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

K = 10
"""Texts that are asked for."""


class Peak(threading.Thread):
    """Follows the most memory that this process had of its own (RssAnon), in megabytes."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.megabytes = 0.0

    def run(self) -> None:
        while True:
            self.look()
            time.sleep(0.05)

    def look(self) -> float:
        for line in Path("/proc/self/status").read_text("utf-8").splitlines():
            if line.startswith("RssAnon"):
                self.megabytes = max(self.megabytes, int(line.split()[1]) / 1024)
        return round(self.megabytes, 1)


def timed(work: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """What a call returns, with its seconds by the clock and of the processor, in all threads."""
    clock, processor = time.perf_counter(), time.process_time()
    result = work()
    return result, {"seconds": time.perf_counter() - clock, "processor": time.process_time() - processor}


def main() -> None:
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # libraries that print must not get between the lines

    def reply(values: dict[str, Any]) -> None:
        print(json.dumps(values), file=replies, flush=True)

    name, folder, model, saved = sys.argv[1:]
    import sentence_transformers  # noqa: F401  # seconds of importing that every library needs: not what is measured

    module = importlib.import_module(name)
    peak = Peak()
    peak.start()
    index, cost = timed(lambda: module.add(folder, model, saved))
    reply({**cost, "megabytes": peak.look()})
    ways: dict[str, Callable[[str], list[tuple[str, str]]]] = {}
    for line in sys.stdin:
        asked = json.loads(line)
        way, question = asked["way"], asked["question"]
        if way not in ways:  # the first question of a way only warms up
            ways[way], prepared = timed(lambda way=way: getattr(module, way)(index, model, K))
            ways[way](question)
            reply({**prepared, "megabytes": peak.look()})
            continue
        texts, cost = timed(lambda way=way, question=question: ways[way](question))
        found = [(Path(file).name, text) for file, text in texts]
        reply({**cost, "megabytes": peak.look(), "found": found})


if __name__ == "__main__":
    main()
