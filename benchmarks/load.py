"""How many people one server answers, and how long they wait: an open-loop load on ``pullquote serve``.

    python -m benchmarks.load --data FOLDER [--users 1,10,25,50,100] [--seconds 60] [--flat 2000] [--many 10000]

People come at random (a Poisson process), each with a question about every ``PAUSE`` seconds, and do not wait for each
other: a server that falls behind is asked all the same. Each question is one of the dev sets' tuning half, over their
whole corpus, and each answer is compared with what ``ask`` says of the same question when nobody else asks. Then, for
the memory, ``--flat`` questions in a row, and ``--many`` over articles of one sentence each, which are read in a
fraction of the time, so that there can be many questions. What is not measured (``--users ""``, ``--flat 0``,
``--many 0``) stays as it was in ``benchmarks/results/load.json``.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from index import ArticleIndex
from index.paragraphs import paragraph_spans, sentence_spans
from qa import ask, ask_many

from .cases import spread
from .datasets import CORPUS_SETS, questions, write_articles
from .quality import RESULTS, build_index

PAUSE = 30.0
"""Seconds that somebody reads and thinks between two questions."""
QUESTIONS = 120
SHORT = 2_000
"""Articles of one sentence, at most."""
LONGEST_SENTENCE = 250
"""Characters of one."""
_PATIENCE = 300.0


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, int]]:
    """A server on an index: its address and its process id."""
    (folder / "server.json").unlink(missing_ok=True)
    program = "import sys; from ui.command_line import main; sys.exit(main())"
    command = [sys.executable, "-c", program, "serve", "--index", str(folder), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield _address(folder, process), process.pid
        finally:
            process.terminate()
            process.wait(30)


def _address(folder: Path, process: subprocess.Popen[bytes]) -> str:
    from ui.client import FILE

    ends = time.monotonic() + _PATIENCE
    while time.monotonic() < ends and process.poll() is None:
        try:
            url = str(json.loads((folder / FILE).read_text("utf-8"))["url"])
            if httpx.get(f"{url.rstrip('/')}/api/v1/status").status_code == httpx.codes.OK:
                return url.rstrip("/")
        except (OSError, ValueError, KeyError, httpx.HTTPError):
            time.sleep(0.2)
    raise SystemExit("the server did not start")


def anonymous_megabytes(process: int) -> float:
    """The memory of a process that stands in no file (``RssAnon``)."""
    text = Path(f"/proc/{process}/status").read_text("utf-8")
    line = next(line for line in text.splitlines() if line.startswith("RssAnon"))
    return int(line.split()[1]) / 1024


async def one(client: httpx.AsyncClient, question: str, expected: str | None) -> tuple[float, bool]:
    """Asks; the seconds until the answer was there, and whether it was the right one."""
    began = time.perf_counter()
    reply = (await client.post("/api/v1/ask", json={"question": question})).json()
    return time.perf_counter() - began, reply["asked"] == question and first_quote(reply) == expected


def first_quote(reply: dict[str, Any]) -> str | None:
    """The text of an answer's first quote, or None."""
    return str(reply["quotes"][0]["text"]) if reply["quotes"] else None


async def load(url: str, asked: Sequence[tuple[str, str | None]], users: int, seconds: float) -> dict[str, Any]:
    """Lets so many people ask for so long, and waits for the last answer."""
    generator = random.Random(users)
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=url, timeout=_PATIENCE, limits=limits) as client:
        running = []
        looks = asyncio.create_task(looking(client))
        began = time.perf_counter()
        due = began
        while (due := due + generator.expovariate(users / PAUSE)) < began + seconds:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            running.append(asyncio.create_task(one(client, *generator.choice(asked))))
        results = await asyncio.gather(*running)
        took = time.perf_counter() - began
        looks.cancel()
        pages = await looks
    waits = [wait for wait, _ in results]
    return {
        "users": users,
        "questions": len(results),
        "per_second": round(len(results) / took, 2),
        "seconds": percentiles(waits),
        "page_seconds": percentiles(pages),
        "wrong": sum(not right for _, right in results),
    }


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """p50, p95 and p99."""
    return {f"p{share}": round(float(np.percentile(seconds, share)), 3) for share in (50, 95, 99)}


async def looking(client: httpx.AsyncClient) -> list[float]:
    """Asks for the server's status twice a second until it is cancelled; the seconds that each took."""
    took: list[float] = []
    with suppress(asyncio.CancelledError):
        while True:
            began = time.perf_counter()
            await client.get("/api/v1/status")
            took.append(time.perf_counter() - began)
            await asyncio.sleep(0.5)
    return took


async def in_a_row(
    url: str, process: int, asked: Sequence[tuple[str, str | None]], count: int, save: Callable[[dict[str, Any]], None]
) -> None:
    """The memory before and while so many questions are asked, four at a time; saved after each tenth of them."""
    grown = [round(anonymous_megabytes(process), 1)]
    async with httpx.AsyncClient(base_url=url, timeout=_PATIENCE) as client:
        wrong, began = 0, time.perf_counter()
        for done in range(4, count + 1, 4):
            part = [one(client, *asked[number % len(asked)]) for number in range(done - 4, done)]
            wrong += sum(not right for _, right in await asyncio.gather(*part))
            if done % (4 * max(1, count // 40)) == 0:
                grown.append(round(anonymous_megabytes(process), 1))
                each = round(done / (time.perf_counter() - began), 2)
                save({"questions": done, "per_second": each, "megabytes": grown, "wrong": wrong})


def together(index: ArticleIndex, texts: Sequence[str], count: int = 4, rounds: int = 8) -> dict[str, Any]:
    """How long a few questions take when they are read together, by the time that they take one after the other."""
    ratios = []
    for number in range(rounds):
        some = [texts[(number * count + offset) % len(texts)] for offset in range(count)]
        began = time.perf_counter()
        ask_many(index, some)
        middle = time.perf_counter()
        for text in some:
            ask(index, text)
        ratios.append((middle - began) / (time.perf_counter() - middle))
    return {"count": count, "rounds": rounds, "ratio": round(float(np.median(ratios)), 3)}


def write_short(index: ArticleIndex, folder: Path) -> None:
    """Writes articles of one sentence each: the longest of the first paragraph of each article."""
    chosen = {}
    for article in itertools.islice(index.articles(), SHORT):
        paragraph = paragraph_spans(article.text)[1]  # after the title
        start, end = max(sentence_spans(article.text, paragraph, LONGEST_SENTENCE), key=lambda span: span[1] - span[0])
        chosen[article.title] = [article.text[start:end]]
    write_articles(folder, chosen)


def many_in_a_row(index: ArticleIndex, texts: Sequence[str], count: int) -> None:
    """The memory while so many questions are asked over short articles."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "index"
        write_short(index, Path(temporary) / "articles")
        with ArticleIndex.open(folder) as short:
            short.add(Path(temporary) / "articles")
            passages = short.counts()[1]
            asked = with_quotes(short, texts)
        with serving(folder) as (url, process):
            asyncio.run(load(url, asked, 10, 10))  # loads the models
            asyncio.run(in_a_row(url, process, asked, count, lambda row: save({"many": {"passages": passages, **row}})))


def with_quotes(index: ArticleIndex, texts: Sequence[str]) -> list[tuple[str, str | None]]:
    """The questions, each with the first quote of its answer when nobody else asks."""
    answers = [ask(index, text) for text in texts]
    return [
        (text, answer.quotes[0].text if answer.quotes else None) for text, answer in zip(texts, answers, strict=True)
    ]


def save(measured: dict[str, Any]) -> None:
    """Puts figures into the file of results; the others stay."""
    file = RESULTS / "load.json"
    before = json.loads(file.read_text("utf-8")) if file.exists() else {}
    file.write_text(json.dumps(before | measured, indent=1) + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--index", type=Path, default=Path(tempfile.gettempdir()) / "pullquote-quality")
    parser.add_argument("--users", default="1,10,25,50,100")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--flat", type=int, default=2_000, help="questions in a row, for the memory")
    parser.add_argument("--many", type=int, default=10_000, help="the same over articles of one sentence each")
    arguments = parser.parse_args()
    with build_index(arguments.data, arguments.index) as index:
        some = list(questions(arguments.data, CORPUS_SETS, list(index.articles()), "tuning"))
        texts = [question.text for question in spread(some, QUESTIONS)]
        asked = with_quotes(index, texts)
        report: dict[str, Any] = {
            "passages": index.counts()[1],
            "pause": PAUSE,
            "cores": os.cpu_count(),
            "rows": [],
        }
        if arguments.users:
            report["together"] = together(index, texts)
        if arguments.many:
            many_in_a_row(index, texts, arguments.many)
    if not (arguments.users or arguments.flat):
        return
    with serving(arguments.index) as (url, process):
        asyncio.run(load(url, asked, 10, 10))  # loads the models
        for users in map(int, filter(None, arguments.users.split(","))):
            report["rows"].append(asyncio.run(load(url, asked, users, arguments.seconds)))
            print(report["rows"][-1], flush=True)
        save({name: value for name, value in report.items() if value})
        if arguments.flat:
            asyncio.run(in_a_row(url, process, asked, arguments.flat, lambda flat: save({"flat": flat})))


if __name__ == "__main__":
    main()
