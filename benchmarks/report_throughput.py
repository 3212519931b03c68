"""The section of ``docs/benchmarks.md`` on throughput; ``benchmarks.report`` puts it in its place."""

from __future__ import annotations

from typing import Any

from .report import number, table


def throughput(report: dict[str, Any]) -> str:
    """The section."""
    load = report["load_before"][0], report["load_after"][0]
    text = (
        "## Throughput\n\n`python -m benchmarks.throughput --data FOLDER`\n\n"
        f"{report['passages']:,} passages of real news in {report['rounds']} rounds, {report['threads']} "
        f"{'thread' if report['threads'] == 1 else 'threads'} of PyTorch on {report['cores']} cores, whose load "
        f"average was {load[0]:.1f} before and {load[1]:.1f} after. Each ratio is taken within a round, and the median "
        "of the rounds counts. Bare `encode` is sentence-transformers with the same model, as its documentation says: "
        "float32, batches of 32. Recall is of the ten passages nearest by bare `encode`.\n\n"
    )
    text += table(
        ["way", "time ÷ bare", "processor ÷ bare", "passages a second", "cores in use", "recall@10"], ways(report)
    )
    if report["not_installed"]:
        text += f"\nNot installed, and so not measured: {', '.join(report['not_installed'])}.\n"
    text += add_shares(report) + limit(report)
    # A run that was ended early has written only what it had measured by then.
    return text + "".join(
        part(report[name]) for name, part in (("reader", reader), ("memory", memory)) if name in report
    )


def ways(report: dict[str, Any]) -> list[list[str]]:
    """A row for each way of embedding, and one for ``add``."""
    return [
        [
            {"add": "`add`, from files to a finished index", "embedder": "our embedder"}.get(name, name),
            number(row["time_over_bare"], 2),
            number(row["processor_over_bare"], 2),
            number(row["passages_per_second"], 1),
            f"{100 * row['processor_use']:.0f} %",
            number(row.get("recall@10")),
        ]
        for name, row in report["ways"].items()
    ]


def add_shares(report: dict[str, Any]) -> str:
    """Where the time of ``add`` goes."""
    shares = sorted(report["add_shares"].items(), key=lambda pair: -pair[1])
    body = [[name, f"{100 * share:.1f} %"] for name, share in shares]
    return (
        "\nWhere the time of `add` goes (reading is what it waits for the threads that read; those work beside it):\n\n"
        + table(["step", "share"], body)
    )


def limit(report: dict[str, Any]) -> str:
    """The arithmetic limit."""
    found = report["limit"]
    imitated = found["bfloat16"]["gigaflops"] < found["float32"]["gigaflops"]
    kinds = ("float32",) if imitated else ("float32", "bfloat16")
    names = list(found["float32"]["reached"])
    body = [
        [
            kind,
            number(found[kind]["gigaflops"], 0),
            number(found[kind]["passages_per_second"], 1),
            *(f"{100 * found[kind]['reached'][name]:.0f} %" for name in names),
        ]
        for kind in kinds
    ]
    note = "\nThis processor only imitates bfloat16, more slowly than it computes in float32.\n" if imitated else ""
    return (
        f"\nThe arithmetic limit: {found['tokens']:,} tokens ({found['tokens_a_passage']:.0f} a passage) × 2 × "
        f"{found['weights']:,} weights of the encoder, and attention ({100 * found['attention_share']:.0f} % of all), "
        "over the rate at which this machine multiplies matrices of these shapes; and how much of it is reached:\n\n"
        + table(["matrices in", "billion operations a second", "passages a second at most", *names], body)
        + note
    )


def reader(report: dict[str, Any]) -> str:
    """The reader's network in the same runtimes."""
    counts = [key for key in report if key != "tokens"]
    body = [
        [
            name,
            *(
                f"{report[count][name]['ms']:.0f} ({number(report[count][name]['time_over_torch'], 2)})"
                for count in counts
            ),
            number(report[counts[0]][name]["cosine"], 4),
        ]
        for name in report[counts[0]]
    ]
    header = ["reader", *(f"{count} passages: ms (÷ PyTorch)" for count in counts), "cosine to float32"]
    return f"\nThe reader's network, passages of {report['tokens']} tokens:\n\n" + table(header, body)


def memory(report: dict[str, Any]) -> str:
    """The most memory of ``add``."""
    body = [
        [name, f"{row['passages']:,}", f"{row['before_mb']:.0f}", f"{row['peak_mb']:.0f}"]
        for name, row in report.items()
    ]
    return "\nMemory of its own of a process that adds, in MB:\n\n" + table(
        ["vectors by", "passages", "before", "at most"], body
    )
