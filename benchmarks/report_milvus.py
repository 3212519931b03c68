"""The section of ``docs/benchmarks.md`` on Milvus beside files; ``benchmarks.report`` puts it in its place."""

from __future__ import annotations

from typing import Any

from .report import number, table


def milvus(report: dict[str, Any]) -> str:
    """The section."""
    names = {"files": "files (FAISS, tantivy)", "milvus": "Milvus"}
    body = [
        [
            names[name],
            number(row["recall@10"]),
            number(row["first_right"]),
            *(number(row["retrieve_ms"][share], 1) for share in ("p50", "p95")),
        ]
        for name, row in report["stores"].items()
    ]
    return (
        "## Milvus instead of files\n\n`python -m benchmarks.milvus --data FOLDER`\n\n"
        f"{report['passages']:,} passages with the same vectors in both, {report['questions']} questions, each asked "
        f"of both in turn. It is {report['described']['milvus']}. Times do not include embedding the question.\n\n"
        + table(["vectors and words in", "recall@10", "first quote right", "`retrieve` p50, ms", "p95, ms"], body)
        + f"\nThe ten passages, in their order, were the same for {100 * report['same_passages']:.1f} % of the "
        f"questions, and the first quote for {100 * report['same_first_quote']:.1f} %. "
        "[scale.md](scale.md) says what a cluster would need.\n"
    )
