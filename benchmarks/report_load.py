"""The section of ``docs/benchmarks.md`` on many users; ``benchmarks.report`` puts it in its place."""

from __future__ import annotations

from typing import Any

from .report import number, table


def load(report: dict[str, Any]) -> str:
    """The section."""
    flat, many, together = report["flat"], report["many"], report["together"]
    wrong, asked = (sum(row[name] for row in (*report["rows"], flat, many)) for name in ("wrong", "questions"))
    body = [
        [
            str(row["users"]),
            number(row["users"] / report["pause"], 2),
            number(row["per_second"], 2),
            *(number(row["seconds"][share], 2) for share in ("p50", "p95", "p99")),
            *(number(row["page_seconds"][share], 3) for share in ("p50", "p95")),
        ]
        for row in report["rows"]
    ]
    header = ["people", "asked a second", "answered a second", "p50, s", "p95, s", "p99, s", "status p50, s", "p95, s"]
    return (
        "## Many people on one server\n\n`python -m benchmarks.load --data FOLDER`\n\n"
        f"`pullquote serve` on {report['cores']} cores, {report['passages']:,} passages. People come at random, each "
        f"with a question about every {report['pause']:.0f} seconds, and do not wait for each other (an open loop: a "
        "server that falls behind is asked all the same). Questions are read in the order in which they come. "
        "Meanwhile the server is asked for its status twice a second, which says whether a question holds up the "
        "rest.\n\n"
        + table(header, body)
        + f"\n{wrong:,} of {asked:,} answers differed from what `ask` says alone, or went to somebody else. After "
        f"{flat['questions']:,} questions, four at a time ({flat['per_second']:.1f} a second), the server's own memory "
        f"was {_memory(flat)}. After {many['questions']:,} over {many['passages']:,} articles of one sentence each, "
        f"which the reader reads faster ({many['per_second']:.1f} questions a second), it was {_memory(many)}. "
        f"{together['count']} questions read together took {together['ratio']:.2f} of the time that they take one "
        "after the other (median of rounds in turn), so the reader does not wait to gather them.\n"
    )


def _memory(row: dict[str, Any]) -> str:
    """The memory after some questions, and what it was when it was first looked at while they were asked."""
    _, first, *_, last = row["megabytes"]
    return (
        f"{last:,.0f} MB; after the first {row['questions'] // (len(row['megabytes']) - 1):,} it had been {first:,.0f}"
    )
