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
            f"{row['first_characters']:.0f}",
            number(row["auroc"]),
            f"{number(row['coverage'])} / {number(row['precision'])}",
            number(row.get("coverage_at_90")),
            number(row.get("calibration_error")),
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
        "characters",
        "AUROC",
        "coverage / precision",
        "coverage at 90% precision",
        "calibration error",
    ]
    return (
        "## Quality\n\n`python -m benchmarks.quality --data FOLDER`\n\n"
        f"One corpus of {report['articles']:,} articles ({report['passages']:,} passages); questions on the reporting "
        "half of the titles (`benchmarks/titles.json`), on which no weight was chosen"
        + (f", at most about {report['limit']} of a kind from each set. " if report.get("limit") else ". ")
        + "A quote is right if it overlaps "
        "a gold answer by offset in the gold paragraph; in brackets, when it contains the words of a gold answer. "
        "*Characters* is the mean length of a first quote. "
        "Accuracy is with the threshold off; coverage (answerable questions that get an answer) and precision (answers "
        "whose first quote is right, among all questions of the set) are at the default threshold.\n\n"
        + table(header, body)
        + readers(report)
    )


def readers(report: dict[str, Any]) -> str:
    """The readers that were measured beside the default one, in the same run."""
    if not report.get("readers"):
        return ""
    every = {"default": report["sets"], **report["readers"]}
    body = [
        [
            name,
            *(
                f"{number(row['first'])} / {number(row['three'])} / {row['first_characters']:.0f}"
                for row in (every[reader][name] for reader in every)
            ),
            *(number(every[reader][name]["auroc"]) for reader in every),
        ]
        for name in report["sets"]
    ]
    header = [
        "set",
        *(f"{reader}: first / three / characters" for reader in every),
        *(f"{reader}: AUROC" for reader in every),
    ]
    return "\nThe same questions with other readers, in the same run:\n\n" + table(header, body)


def reliability(report: dict[str, Any]) -> str:
    """The section on the confidence, with its two drawings."""
    draw_reliability(report)
    body = [
        [
            name,
            f"{row['questions']} ({100 * row['share_answerable']:.0f} %)",
            f"{number(row['first'])} / {number(row['three'])}",
            number(row["calibration_error"]),
            f"{number(row['auroc'])} / {number(row['auroc_absent'])}",
            f"{number(row['coverage'])} / {number(row['precision'])}",
            f"{number(row['absent_refused'])} / {number(row['misleading_refused'])}",
            number(row["coverage_at_90"]),
        ]
        for name, row in report["groups"].items()
    ]
    header = [
        "index",
        "questions (answerable)",
        "first / three",
        "calibration error",
        "AUROC trap / absent",
        "coverage / precision",
        "refused: absent / misleading",
        "coverage at 90% precision",
    ]
    return (
        "## How far the confidence can be trusted\n\n`python -m benchmarks.reliability --data FOLDER`\n\n"
        "Reporting half of the titles, candidates from the whole index. The confidence assumes, and precision and "
        f"calibration error are weighted so, that {100 * report['mix']['answered']:.0f} % of the questions are "
        f"answered by the articles, {100 * report['mix']['trap']:.0f} % only seem to be (clapnq's, asked by people who "
        f"wanted to know), and {100 * report['mix']['absent']:.0f} % are about something else; a kind of which there "
        "are hardly any does not count. The unanswerable questions of SQuAD 2.0, written to mislead such programs, "
        "stand beside that: AUROC has both kinds, *misleading* only them. The largest index holds the same articles "
        f"among {report['news']:,} real passages of news and others derived from these, as under *Growing*.\n\n"
        + table(header, body)
        + "\n![Reliability diagram](reliability.svg)\n\n![Risk against coverage](risk-coverage.svg)\n"
    )


def draw_reliability(report: dict[str, Any]) -> None:
    """Draws the reliability diagram and the risk-coverage curve into ``docs/``."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "pullquote"  # the same figures give the same file
    from matplotlib import pyplot

    for name, axes_names, title in (
        ("reliability", ("confidence", "share of first quotes that are right"), "Is it right as often as it says?"),
        (
            "risk-coverage",
            ("coverage: share of answerable questions that get an answer", "share of wrong answers"),
            "What an answer more costs",
        ),
    ):
        figure, axes = pyplot.subplots(figsize=(6.4, 4.8))
        for group, row in report["groups"].items():
            points = row["bins"] if name == "reliability" else row["risk_coverage"]
            axes.plot(
                [one[0] for one in points],
                [one[1] for one in points],
                marker="." * (name == "reliability"),
                label=group,
            )
        if name == "reliability":
            axes.plot([0, 1], [0, 1], color="grey", linestyle=":")
        else:
            axes.axhline(0.1, color="grey", linestyle=":")
        axes.set(xlabel=axes_names[0], ylabel=axes_names[1], title=title, xlim=(0, 1), ylim=(0, None))
        axes.legend(fontsize="small")
        figure.tight_layout()
        figure.savefig(PAGE.parent / f"{name}.svg", metadata={"Date": None})
        pyplot.close(figure)


def reading(report: dict[str, Any]) -> str:
    """The section on the reader's speed."""
    body = [
        [
            str(row["passages"]),
            number(row["read_ms"]["p50"], 0),
            number(row["read_ms"]["p95"], 0),
            number(row["first"]),
            number(row["three"]),
        ]
        for row in report["rows"]
    ]
    return (
        "## What reading costs\n\n`python -m benchmarks.reading --data FOLDER`\n\n"
        f"{report['questions']} questions of the tuning half, one at a time, two cores, {report['precision']}; "
        f"{report['pairs_per_second']:.0f} pairs of question and passage a second.\n\n"
        + table(["passages read", "p50 ms", "p95 ms", "first quote right", "one of three"], body)
    )


def boilerplate(report: dict[str, Any]) -> str:
    """The section on web pages."""
    body = []
    for name, pages in report.items():
        whole = pages["overall"]
        body.append([name, *(number(whole[figure]) for figure in ("precision", "recall", "paragraphs"))])
    pages = len(next(iter(report.values()))) - 1
    return (
        "## Web pages\n\n`python -m benchmarks.boilerplate`\n\n"
        f"{pages} pages in the layouts of common news sites, written for the tests and known while the rules were "
        "made; precision and recall count words.\n\n"
        + table(["extractor", "precision", "recall", "paragraphs whole and in order"], body)
    )


def formats_share(report: dict[str, Any]) -> str:
    """The section on what comes out of files of each format."""
    body = [
        [name, str(row["files"]), f"{row['sentences']:,}", f"{row['found']:,}", f"{100 * row['share']:.1f} %"]
        for name, row in report["formats"].items()
    ]
    absent = f" Not here: {', '.join(report['producers_missing'])}." if report["producers_missing"] else ""
    return (
        "## Formats\n\n`python -m benchmarks.formats_share`\n\n"
        f"{report['files']} files rendered by real programs, added by one `add`; {100 * report['share']:.2f} % of the "
        f"{report['sentences']:,} sentences that went in are in the catalog, whole and in order. Those that are not "
        f"are listed in `benchmarks/results/formats_share.json`.{absent}\n\n"
        + table(["format and producer", "files", "sentences", "found", "share"], body)
    )


def unchanged(report: dict[str, Any]) -> str:
    """The section on adding what is in the index already."""
    again = sorted(one["processor"] for one in report["unchanged"])[len(report["unchanged"]) // 2]
    first = report["first_with_the_model_derived"]["processor"]
    body = [
        ["the first `add`, derived", number(first, 1)],
        ["`add` of the same files, unchanged", number(again, 2)],
        ["share (aim: under 1 %)", f"{100 * report['share_of_first_processor']:.3f} %"],
    ]
    sample = report["sample"]
    return (
        "## Adding what has not changed\n\n`python -m benchmarks.unchanged --data FOLDER`\n\n"
        f"{report['articles']:,} news articles, {report['passages']:,} passages, a file each. What the first `add` "
        f"takes is derived: that of all articles with hashed vectors was measured, and what the model takes for a "
        f"passage was measured on a sample of {sample['articles']} articles ({sample['passages']} passages).\n\n"
        + table(["processor time", "seconds"], body)
    )


def near_duplicates(report: dict[str, Any]) -> str:
    """The section on near-duplicates."""
    judged, minhash = report["judged"], report["minhash"]
    body = [
        ["fingerprints (in use)", number(report["recall"]["of_all"]), number(report["recall"]["of_short_versions"])],
        *(
            [f"MinHash LSH, threshold {name}", number(row["of_all"]), number(row["of_short_versions"])]
            for name, row in minhash.items()
        ),
    ]
    times = [[f"{row['articles']:,}", number(row["ms_each"], 2)] for row in report["time"]]
    return (
        "## Near-duplicates\n\n`python -m benchmarks.near_duplicates --data FOLDER`\n\n"
        f"{report['articles']:,} newswire articles: {report['pairs']} pairs in {report['groups']} groups. Of "
        f"{judged['pairs']} pairs that were read, {judged['right']} are versions of one story. Pairs found, of those "
        "that comparing all with all finds:\n\n"
        + table(["how", "all pairs", "short versions"], body)
        + "\n"
        + table(["articles", "milliseconds each"], times)
    )


def checking(report: dict[str, Any]) -> str:
    """The section on checking quotations."""
    told = report["told"]
    body = []
    for name, drawn in report["drawn"].items():
        more = [str(told.get(f"{name}: {what}", "–")) for what in ("place found", "said so")]
        body.append([name, str(drawn), str(told.get(name, 0)), *more])
    times = [[name, *(number(values[key], 1) for key in ("p50", "p95"))] for name, values in report["ms"].items()]
    return (
        "## Checking quotations\n\n`python -m benchmarks.checking --data FOLDER`\n\n"
        f"{report['articles']:,} news articles, {report['passages']:,} passages. True sentences, the same as a "
        "newspaper would print them (curly marks, other line breaks, a comma before the closing mark), and others with "
        "one digit, name or negation changed; milliseconds of the processor for each quotation.\n\n"
        + table(["sentences", "drawn", "told right", "right place", "change named"], body)
        + "\n"
        + table(["milliseconds", "p50", "p95"], times)
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


def follow_ups(report: dict[str, Any]) -> str:
    """The section on follow-up questions."""
    text = (
        "## Follow-up questions\n\n`python -m benchmarks.follow_ups --data FOLDER`\n\n"
        f"Turns of conversations, searched by words among {report['documents']:,} passages; reporting half of the "
        "conversations, on which nothing was fitted. *New*: recall@5 with the passages left out that earlier turns "
        "had shown. What a follow-up is made into takes "
        f"{report['ms']['p50']:.0f} ms of the processor (p50; p95 {report['ms']['p95']:.0f} ms), without a language "
        "model.\n\n"
    )
    for name, found in report["sets"].items():
        body = [
            [
                way,
                *(
                    number(row[figure])
                    for figure in ("recall@1", "recall@5", "recall@10", "reciprocal_rank", "fresh@5")
                ),
            ]
            for way, row in found["methods"].items()
        ]
        text += (
            f"{name}, {found['turns']} turns:\n\n"
            + table(["searched", "recall@1", "@5", "@10", "MRR", "new"], body)
            + "\n"
        )
        against = found["resolved_against"]
        gains = ", ".join(
            f"{100 * row['difference']:+.1f} ({100 * row['low']:+.1f} to {100 * row['high']:+.1f}) on “{way}”"
            for way, row in against.items()
            if not way.startswith(("resolved", "rewritten"))
        )
        text += f"Points of recall@5 that resolving gains, with the interval of 95 % (paired bootstrap): {gains}."
        if found.get("closed") is not None:
            text += f" It closes {100 * found['closed']:.0f} % of the distance to the hand-written question."
        text += "\n\n"
    body = [
        [
            {"same": "same article", "other": "another article", "queries": "search queries"}[name],
            str(row["questions"]),
            f"{100 * row['unchanged']:.1f} %",
            number(row["recall@5_alone"]),
            number(row["recall@5_after_another"]),
        ]
        for name, row in report["alone"].items()
    ]
    return (
        text
        + "Questions that were written to stand alone, asked after another question:\n\n"
        + table(["after one on the", "questions", "left as they are", "recall@5 asked first", "asked second"], body)
    )


def main() -> None:
    from .report_load import load
    from .report_milvus import milvus
    from .report_page import page
    from .report_peers import peers
    from .report_scale import scale
    from .report_throughput import throughput

    sections = []
    for name, section in (
        ("quality", quality),
        ("reliability", reliability),
        ("reading", reading),
        ("boilerplate", boilerplate),
        ("formats_share", formats_share),
        ("near_duplicates", near_duplicates),
        ("follow_ups", follow_ups),
        ("checking", checking),
        ("speed", speed),
        ("throughput", throughput),
        ("safety", safety),
        ("unchanged", unchanged),
        ("scale", scale),
        ("milvus", milvus),
        ("load", load),
        ("page", page),
        ("peers", peers),
    ):
        path = RESULTS / f"{name}.json"
        if path.exists():
            sections.append(section(json.loads(path.read_text("utf-8"))))
    PAGE.parent.mkdir(exist_ok=True)
    head = "# Benchmarks\n\nWritten by `python -m benchmarks.report` from the files in `benchmarks/results/`.\n\n"
    PAGE.write_text(head + "\n".join(sections), "utf-8")


if __name__ == "__main__":
    main()
