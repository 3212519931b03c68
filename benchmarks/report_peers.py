"""The section of ``docs/benchmarks.md`` on peers, with its drawing; ``benchmarks.report`` puts it in its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .report import PAGE, number, table

OURS = "Pullquote"
WAYS = {"searcher": "vectors", "hybrid_searcher": "vectors and words"}


def peers(report: dict[str, Any]) -> str:
    """The section."""
    draw(report)
    ours = report["libraries"][OURS]
    first, last = ours["add"], ours["add_again"]
    precision = "bfloat16" if report["bfloat16"] else "float32, like all others, since this processor has no bfloat16"
    failed = "".join(f" {name} could not be measured: `{error}`." for name, error in report["failed"].items())
    return (
        "## Beside other libraries\n\n`python -m benchmarks.peers --data FOLDER`\n\n"
        f"{report['articles']:,} articles ({report['passages']:,} paragraphs, {report['characters']:,} characters) and "
        f"{report['questions']} answerable questions of the reporting half, on which no weight of Pullquote was "
        "chosen; the tuning half, on which they were, is of the same sets, and the others were not tuned at all. Each "
        "library is used as its own documentation says, with its own splitting at its defaults "
        "(`benchmarks/peers/run_*.py`), the same weights of all-MiniLM-L6-v2 and two threads, and saves what it added. "
        "Txtai does not split by itself; it was told to by paragraphs. The model that ranks again in Haystack's page "
        "on hybrid search would come from a hub, and was left out. "
        f"Pullquote computed in {precision}.{failed}\n\n"
        + table(ADDING, adding(report))
        + f"\n\\* Of the mean of Pullquote, which added twice, before the others ({first['seconds']:.1f} s; "
        f"{first['processor']:.1f} s of the processor) and after them ({last['seconds']:.1f} s; "
        f"{last['processor']:.1f} s): processor seconds change less with what else the machine does. Memory: the most "
        "that was the process's own (RssAnon) until all questions were asked, of its first way to search.\n\n"
        + table(ASKING, asking(report))
        + "\n\\* Of Pullquote's `retrieve`, question by question in turn. A returned text is right if it comes from "
        "the gold article and covers a whole gold answer at its own place. Larger pieces hold more: characters are "
        f"those of the first five texts, and *met early* counts the questions whose answer is met within the first "
        f"{report['budget']:,} letters and digits of what was returned.\n\n"
        + ahead(report)
        + answering(report)
        + failures(report)
        + "![Time, memory and recall beside other libraries](peers.svg)\n"
    )


OF_THE_PROCESS = ("adding, processor seconds", "memory")
"""Figures that hold for every way to search."""
ADDING = ["library", "version", "add, s", "× *", "processor, s", "× *", "memory, MB"]
ASKING = [
    "library",
    "searches",
    "p50 / p95, ms",
    "× *",
    "recall@1",
    "@5",
    "@10",
    "characters",
    "met early",
    "lines of code",
]


def version(name: str, versions: dict[str, str]) -> str:
    """The version of the library itself."""
    packages = ("txtai", "llama-index-core", "haystack-ai", "langchain-community")
    return next((versions[package] for package in packages if package in versions), "this one")


def adding(report: dict[str, Any]) -> list[list[str]]:
    """A row for each library."""
    ours = report["libraries"][OURS]
    mean = {key: (ours["add"][key] + ours["add_again"][key]) / 2 for key in ("seconds", "processor")}
    memory: dict[str, float] = {}
    for row in report["ways"]:
        memory.setdefault(row["name"], row["megabytes"])  # its first way
    return [
        [
            name,
            version(name, one["versions"]),
            number(one["add"]["seconds"], 1),
            number(one["add"]["seconds"] / mean["seconds"], 2),
            number(one["add"]["processor"], 1),
            number(one["add"]["processor"] / mean["processor"], 2),
            f"{memory[name]:,.0f}",
        ]
        for name, one in report["libraries"].items()
        if name in memory
    ]


def searches(report: dict[str, Any]) -> list[dict[str, Any]]:
    """The ways to search, each once, those of Pullquote first."""
    chosen: dict[tuple[str, str], dict[str, Any]] = {}
    for row in report["ways"]:
        if row["way"] in WAYS:
            chosen.setdefault((row["name"], row["way"]), row)
    return list(chosen.values())


def name_of(row: dict[str, Any]) -> tuple[str, str]:
    """The library and what it searches."""
    if row["name"] == OURS:
        return f"{OURS}, `retrieve`", "vectors and words"
    return row["name"].removesuffix(", hybrid"), WAYS[row["way"]]


def asking(report: dict[str, Any]) -> list[list[str]]:
    """A row for each way to search."""
    return [
        [
            *name_of(row),
            f"{row['ms']['p50']:.0f} / {row['ms']['p95']:.0f}",
            number(row["times_ours"], 2),
            *(number(row[f"recall@{k}"]) for k in (1, 5, 10)),
            f"{row['characters@5']:,}",
            number(row["recall_within"]),
            str(row["lines"]),
        ]
        for row in searches(report)
    ]


def ahead(report: dict[str, Any]) -> str:
    """Who does better than Pullquote, and in what."""
    ours, *others = searches(report)
    adds = {name: one["add"]["processor"] for name, one in report["libraries"].items()}
    figures: tuple[tuple[str, Callable[[dict[str, Any]], float]], ...] = (
        (OF_THE_PROCESS[0], lambda row: adds[row["name"]]),
        ("a question (p50 of the ratios)", lambda row: row["times_ours"]),
        (OF_THE_PROCESS[1], lambda row: row["megabytes"]),
        *((f"recall@{k}", lambda row, k=k: -row[f"recall@{k}"]) for k in (1, 5, 10)),
        ("met early", lambda row: -row["recall_within"]),
        ("lines of code", lambda row: row["lines"]),
    )
    said = []
    for title, figure in figures:
        better = dict.fromkeys(
            name_of(row)[0] if title in OF_THE_PROCESS else ", ".join(name_of(row))
            for row in others
            if figure(row) < figure(ours)
        )
        said.append(f"{title}: {'; '.join(better) or 'none'}")
    return "Ahead of Pullquote in\n\n" + "".join(f"- {one}\n" for one in said) + "\n"


def answering(report: dict[str, Any]) -> str:
    """What ``ask`` does beyond searching."""
    row = next((one for one in report["ways"] if one["way"] == "answerer"), None)
    if row is None:
        return ""
    return (
        f"`ask` also reads the passages, and quotes: p50 {row['ms']['p50']:.0f} ms, p95 {row['ms']['p95']:.0f} ms. "
        f"With the threshold on, one of its first three quotes, {row['characters@3']:,} characters together, covers "
        f"the answer to {100 * row['recall@3']:.0f} % of the questions, the first one to "
        f"{100 * row['recall@1']:.0f} %. The others stop at passages, or hand them to a language model.\n\n"
    )


def failures(report: dict[str, Any]) -> str:
    """Texts that came back changed."""
    changed = [f"{name_of(row)[0]} {row['unplaced']}" for row in searches(report) if row["unplaced"]]
    if not changed:
        return ""
    return f"Returned texts that are not in their article as they are, and count as wrong: {', '.join(changed)}.\n\n"


def draw(report: dict[str, Any]) -> None:
    """Draws adding, asking, memory and recall, library by library, into ``docs/``."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "pullquote"  # the same figures give the same file
    from matplotlib import pyplot

    rows = searches(report)[::-1]
    labels = [OURS if row["name"] == OURS else ", ".join(name_of(row)) for row in rows]
    colors = ["C0" if row["name"] == OURS else "C7" for row in rows]
    panels = (
        ("Adding, processor seconds", [report["libraries"][row["name"]]["add"]["processor"] for row in rows], 0),
        ("A question, p50 in milliseconds", [row["ms"]["p50"] for row in rows], 0),
        ("Memory of its own, megabytes", [row["megabytes"] for row in rows], 0),
        ("recall@5", [row["recall@5"] for row in rows], 2),
        (f"Found within {report['budget']:,} letters", [row["recall_within"] for row in rows], 2),
    )
    figure, every = pyplot.subplots(1, len(panels), figsize=(15, 0.45 * len(rows) + 1.2), sharey=True)
    for axes, (title, values, digits) in zip(every, panels, strict=True):
        bars = axes.barh(labels, values, color=colors)
        axes.bar_label(bars, [f"{value:.{digits}f}" for value in values], padding=2, fontsize="small")
        axes.set_title(title, fontsize="medium")
        axes.set_xlim(0, 1.2 * max(values))
        axes.set_xticks([])  # the bars carry their figures
        axes.spines[["top", "right", "bottom"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(PAGE.parent / "peers.svg", metadata={"Date": None})
    pyplot.close(figure)
