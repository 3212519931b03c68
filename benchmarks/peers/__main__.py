"""Pullquote beside txtai, LlamaIndex, Haystack and LangChain with FAISS, in one run on one machine.

    python -m benchmarks.peers --data FOLDER [--passages 2000] [--questions 150] [--work FOLDER]

Every library is used as its own documentation says (``run_*.py`` here), with its own way of splitting, the same model
(the weights that Pullquote comes with) and two threads, and reads the same folder of text files. It saves what it
added, as Pullquote does. Each is a process of its own. They add one after the other, Pullquote first and once more
last; then each question goes round all of them in turn, so that what else the machine does meanwhile hits all alike.
No hub is asked. ``judging.py`` is the rule for recall. Environments are made in the work folder by pip
(``environments.py``), once. Writes ``benchmarks/results/peers.json``.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from index.embedding import computes_in_bfloat16, default_model_folder

from ..speed import RESULTS, spread
from .corpus import Task, write_task
from .environments import NotInstalled, prepared, versions
from .judging import Found, hit_at, hit_within, unplaced
from .lines import lines_of_code

HERE = Path(__file__).parent
OURS = "Pullquote"
LIBRARIES = {
    OURS: ("Pullquote", "run_pullquote"),
    "txtai": ("txtai", "run_txtai"),
    "txtai, hybrid": ("txtai", "run_txtai_hybrid"),
    "LlamaIndex": ("LlamaIndex", "run_llama_index"),
    "Haystack": ("Haystack", "run_haystack"),
    "LangChain, FAISS": ("LangChain", "run_langchain"),
}
"""What runs in a process of its own: the library's name in ``environments.py``, and its file."""
STAGES: list[dict[str, str]] = [
    {name: "searcher" for name in LIBRARIES if name != "txtai, hybrid"},
    {name: "hybrid_searcher" for name in LIBRARIES if name not in (OURS, "txtai")} | {OURS: "searcher"},
    {OURS: "answerer"},
]
"""Ways to ask that go round together."""
BUDGET = 2_000
"""Letters and digits that somebody reads of what was found."""
SETTING = {
    "OMP_NUM_THREADS": "2",
    "OMP_WAIT_POLICY": "PASSIVE",  # threads that wait by spinning would count as work on a busy machine
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
}


class Failed(Exception):
    """A library's process ended; the message is the last line that it said."""


class Child:
    """A library in its process."""

    def __init__(self, python: Path, module: str, folder: Path, saved: Path) -> None:
        self._said = saved.with_name(saved.name + ".log")
        command = [str(python), str(HERE / "child.py"), module, str(folder), str(default_model_folder()), str(saved)]
        with self._said.open("w", encoding="utf-8") as said:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
                encoding="utf-8",
                env={**os.environ, **SETTING},
            )

    def reply(self) -> dict[str, Any]:
        """The next line of the process.

        Raises:
            Failed: there is none.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            said = self._said.read_text("utf-8", errors="replace").strip().splitlines()
            raise Failed((said or ["it said nothing"])[-1][:300])
        values: dict[str, Any] = json.loads(line)
        return values

    def ask(self, way: str, question: str) -> dict[str, Any]:
        """What came of a question."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # its last words are read next
            print(json.dumps({"way": way, "question": question}), file=self._process.stdin, flush=True)
        return self.reply()

    def close(self) -> None:
        """Ends the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(60)


def start(name: str, task: Task, work: Path, turn: str = "") -> tuple[Child, dict[str, Any]]:
    """Has a library add the folder.

    Raises:
        NotInstalled: pip could not install it.
        Failed: it could not add the folder.
    """
    library, module = LIBRARIES[name]
    python = Path(sys.executable) if name == OURS else prepared(library, work / "environments")
    child = Child(python, module, task.folder, work / "saved" / f"{module}{turn}")
    added = child.reply()
    print(f"{name}: added in {added['seconds']:.0f} s", flush=True)
    return child, {"versions": versions(python, library), "add": added}


def ask_all(
    children: dict[str, Child], ways: dict[str, str], task: Task, failed: dict[str, str]
) -> dict[str, list[dict[str, Any]]]:
    """Each question to each library, a different one first each time; one that ends is noted and left out."""
    answers: dict[str, list[dict[str, Any]]] = {name: [] for name in ways if name in children}
    first = task.questions[0][0]  # asked once more before the others: what the way took to prepare
    for position, question in enumerate([first, *(question for question, _ in task.questions)]):
        names = list(answers)
        turn = position % len(names)
        for name in names[turn:] + names[:turn]:
            try:
                answers[name].append(children[name].ask(ways[name], question))
            except Failed as error:
                failed[f"{name}, {ways[name]}"] = str(error)
                del answers[name], children[name]
    return answers


def judged(answers: list[dict[str, Any]], ours: list[dict[str, Any]], task: Task) -> dict[str, Any]:
    """The figures of one way to ask; ``answers`` and ``ours`` begin with what was prepared."""
    golds = [gold for _, gold in task.questions]
    found: list[list[Found]] = [[(file, text) for file, text in one["found"]] for one in answers[1:]]
    pairs = list(zip(found, golds, strict=True))
    asked = len(golds)
    row: dict[str, Any] = {
        "prepare_seconds": round(answers[0]["seconds"], 2),
        "megabytes": max(one["megabytes"] for one in answers),
        "ms": spread([one["seconds"] for one in answers[1:]]),
        "processor_ms": spread([one["processor"] for one in answers[1:]]),
        "times_ours": median(
            one["seconds"] / other["seconds"] for one, other in zip(answers[1:], ours[1:], strict=True)
        ),
    }
    for k in (1, 3, 5, 10):
        row[f"recall@{k}"] = sum(hit_at(some, gold, task.articles, k) for some, gold in pairs) / asked
        row[f"characters@{k}"] = round(sum(len(text) for some in found for _, text in some[:k]) / asked)
    row["recall_within"] = sum(hit_within(some, gold, task.articles, BUDGET) for some, gold in pairs) / asked
    row["unplaced"] = sum(unplaced(some, task.articles) for some in found)
    return row


def measure(task: Task, work: Path) -> dict[str, Any]:
    """The whole run."""
    children: dict[str, Child] = {}
    libraries: dict[str, Any] = {}
    failed: dict[str, str] = {}
    for name in LIBRARIES:
        try:
            children[name], libraries[name] = start(name, task, work)
        except (NotInstalled, Failed) as error:
            failed[name] = str(error)
            print(f"{name}: {error}", flush=True)
    again, second = start(OURS, task, work, "-again")
    again.close()
    libraries[OURS]["add_again"] = second["add"]
    ways: list[dict[str, Any]] = []
    for stage in STAGES:
        answers = ask_all(children, stage, task, failed)
        for name, some in answers.items():
            row = {"name": name, "way": stage[name], **judged(some, answers[OURS], task)}
            row["lines"] = lines_of_code(HERE / f"{LIBRARIES[name][1]}.py", stage[name])
            ways.append(row)
            print(json.dumps(row), flush=True)
    for child in children.values():
        child.close()
    return {"libraries": libraries, "ways": ways, "failed": failed}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds dev/")
    parser.add_argument("--passages", type=int, default=2_000, help="at least so many paragraphs, or all there are")
    parser.add_argument("--questions", type=int, default=150, help="at most about so many")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "pullquote-peers")
    parser.add_argument("--out", type=Path, default=RESULTS / "peers.json")
    arguments = parser.parse_args()
    for name in ("articles", "saved"):
        shutil.rmtree(arguments.work / name, ignore_errors=True)
    (arguments.work / "saved").mkdir(parents=True)
    task = write_task(arguments.data, arguments.work / "articles", arguments.passages, arguments.questions)
    report = {
        "articles": len(task.articles),
        "passages": task.passages,
        "characters": task.characters,
        "questions": len(task.questions),
        "threads": int(SETTING["OMP_NUM_THREADS"]),
        "bfloat16": computes_in_bfloat16(),
        "budget": BUDGET,
        **measure(task, arguments.work),
    }
    arguments.out.write_text(json.dumps(report, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
