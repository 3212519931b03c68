"""Writes ``docs/benchmarks.md`` from the files that the benchmarks wrote: ``python -m benchmarks.report``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"


def table(header: list[str], body: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def number(value: float | None, digits: int = 3) -> str:
    """A figure, or a dash where there is none."""
    return "–" if value is None else f"{value:.{digits}f}"


def quality(report: dict[str, Any]) -> str:
    """The section on quality."""
    body = [
        [
            name,
            str(row["answerable"]),
            *(number(row[f"recall@{k}"]) for k in (1, 5, 10)),
            f"{number(row['first'])} ({number(row['first_contains'])})",
            f"{number(row['three'])} ({number(row['three_contains'])})",
            number(row["auroc"]),
            f"{number(row['coverage'])} / {number(row['precision'])}",
        ]
        for name, row in report["sets"].items()
    ]
    header = [
        "set",
        "answerable",
        "recall@1",
        "@5",
        "@10",
        "first quote right",
        "one of three",
        "AUROC",
        "coverage / precision",
    ]
    return (
        "## Quality\n\n`python -m benchmarks.quality --data FOLDER`\n\n"
        f"One corpus of {report['articles']:,} articles ({report['passages']:,} passages); questions on the reporting "
        "half of the titles (`benchmarks/titles.json`), on which no weight was chosen. A quote is right if it overlaps "
        "a gold answer by offset in the gold paragraph; in brackets, when it contains the words of a gold answer. "
        "Accuracy is with the threshold off; coverage (answerable questions that get an answer) and precision (answers "
        "whose first quote is right, among all questions of the set) are at the default threshold.\n\n"
        + table(header, body)
    )


def speed(report: dict[str, Any]) -> str:
    """The section on speed."""
    add, retrieve, start = report["add"], report["retrieve"], report["start"]
    precision = "bfloat16" if add["bfloat16"] else "float32, since this processor does not compute in bfloat16"
    body = [
        ["`add` ÷ bare `encode` of the same passages", number(add["add_over_bare"], 2), "≤ 1.15"],
        ["`retrieve` ÷ its parts called bare", number(retrieve["retrieve_over_parts"], 2), "≤ 1.5"],
        ["cold `pullquote ask` ÷ bare import and load of the model", number(start["cold_ask_over_bare"], 2), "≤ 1.3"],
        ["`pullquote --help`, p50 in seconds", number(start["help_ms"]["p50"] / 1000, 2), "≤ 0.3"],
    ]
    if "float32_over_add" in add:
        body.append(["float32 ÷ bfloat16 `add`", number(add["float32_over_add"], 2), "≥ 2.5"])
    times = [
        [name, *(number(values[key], 1) for key in ("p50", "p95"))]
        for name, values in (
            (f"`retrieve`, {retrieve['passages']:,} passages", retrieve["retrieve_ms"]),
            ("– encode the question", retrieve["encode_ms"]),
            ("– search FAISS", retrieve["faiss_ms"]),
            ("– search tantivy", retrieve["tantivy_ms"]),
            ("`pullquote ask`, cold", start["cold_ask_ms"]),
            ("`pullquote ask` while `serve` runs", start["ask_with_server_ms"]),
        )
    ]
    return (
        "## Speed\n\n`python -m benchmarks.speed --data FOLDER`\n\n"
        f"{report['articles']} news articles, {add['passages']:,} passages, two cores, {precision}; "
        f"{add['passages_per_second']:.0f} passages a second were added.\n\n"
        + table(["ratio, in one run", "measured", "aim"], body)
        + "\n"
        + table(["milliseconds", "p50", "p95"], times)
    )


def safety(report: dict[str, Any]) -> str:
    """The section on the cost of safety."""
    share = report["cost_as_share_of_add_with_the_model"]
    body = [
        ["`add` with all of it ÷ without, hashed vectors", number(report["add_ratio_of_medians"], 2)],
        ["the same cost as a share of `add` with the real model", f"{100 * share:.1f} %"],
        ["`verify`, articles a second", f"{report['verify_articles_per_s']:,}"],
    ]
    return (
        "## What safety costs\n\n`python -m benchmarks.safety --data FOLDER`\n\n"
        f"{report['articles']:,} news articles, {report['passages']:,} passages. Without: nothing is flushed to the "
        "disk, rows carry no checksums, and no file is checked when it is opened.\n\n"
        + table(["figure", "measured"], body)
    )


def main() -> None:
    sections = []
    for name, section in (("quality", quality), ("speed", speed), ("safety", safety)):
        path = RESULTS / f"{name}.json"
        if path.exists():
            sections.append(section(json.loads(path.read_text("utf-8"))))
    PAGE.parent.mkdir(exist_ok=True)
    head = "# Benchmarks\n\nWritten by `python -m benchmarks.report` from the files in `benchmarks/results/`.\n\n"
    PAGE.write_text(head + "\n".join(sections), "utf-8")


if __name__ == "__main__":
    main()
