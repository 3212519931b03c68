"""The section of ``docs/benchmarks.md`` on growing, with its drawing; ``benchmarks.report`` puts it in its place."""

from __future__ import annotations

from typing import Any

from .report import PAGE, number, table

SLOWER, ANSWER_SLOWER = 2.5, 1.3
"""Times, of the same at 10,000 passages, that ``retrieve`` and ``ask`` may take at any size."""
MEMORY_MB, OPENING_S, CHANGE_MS, DISK_BYTES, RECALL = 1024, 2.0, 500.0, 2_500, 0.98


def scale(report: dict[str, Any]) -> str:
    """The section."""
    draw(report)
    return (
        "## Growing\n\n`python -m benchmarks.scale --data FOLDER --work FOLDER`\n\n"
        f"{report['processors']} cores. {report['real_passages']:,} passages of real news were embedded with the "
        "model; all others are derived from them, text and vector, by seeded recombination and perturbation. "
        f"{report.get('note', '')}\n\n"
        + table(["passages", *(f"{row['passages']:,}" for row in report["sizes"]), "limit"], body(report))
        + "\n\\* Question by question in turn with an index of 10,000 passages, in one process, so that whatever else "
        "the machine did hit both alike. Recall is of the vector search alone against a comparison with every vector; "
        "the search queries are real, and about other things than the articles.\n\n"
        "![Time, memory and disk from 1,000 to 1,000,000 passages](scale.svg)\n"
    )


def body(report: dict[str, Any]) -> list[list[str]]:
    """A row for each figure, a column for each size."""
    sizes = report["sizes"]

    def row(name: str, figure: Any, limit: str = "") -> list[str]:
        return [name, *(figure(one) for one in sizes), limit]

    def times(key: str) -> Any:
        return lambda one: f"{one[key]['p50']:.0f} / {one[key]['p95']:.0f}"

    def ratio(key: str) -> Any:
        return lambda one: number(one.get(key), 2)

    return [
        row("`retrieve`, ms (p50 / p95)", times("retrieve_ms")),
        row("÷ that at 10,000*", ratio("retrieve_ratio_of_p50"), f"≤ {SLOWER}"),
        row("`ask`, ms (p50 / p95)", times("ask_ms")),
        row("÷ that at 10,000*", ratio("ask_ratio_of_p50"), f"≤ {ANSWER_SLOWER}"),
        row("opening, seconds", lambda one: number(one["open_s"], 2), f"≤ {OPENING_S:.0f}"),
        row("adding one article, ms (p50 / p95)", times("add_one_ms"), f"≤ {CHANGE_MS:.0f}"),
        row("÷ that at 10,000*", ratio("add_one_ratio_of_p50")),
        row("removing one, ms (p50 / p95)", times("remove_one_ms"), f"≤ {CHANGE_MS:.0f}"),
        row("÷ that at 10,000*", ratio("remove_one_ratio_of_p50")),
        row("memory of its own, MB", lambda one: f"{one['memory_mb']['anonymous']}", f"≤ {MEMORY_MB}"),
        row("disk, bytes a passage", lambda one: f"{one['bytes_per_passage']:,.0f}", f"≤ {DISK_BYTES:,}"),
        row("recall@10, questions", lambda one: number(one["on_derived"]["recall@10"]), f"≥ {RECALL}"),
        row("recall@10, search queries", lambda one: number(one["on_search_queries"]["recall@10"]), f"≥ {RECALL}"),
    ]


def draw(report: dict[str, Any]) -> None:
    """Draws time, memory and disk against the number of passages, each with its limit, into ``docs/``."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "pullquote"  # the same figures give the same file
    from matplotlib import pyplot

    sizes = report["sizes"]
    passages = [row["passages"] for row in sizes]
    figure, (times, memory, disk) = pyplot.subplots(1, 3, figsize=(12.6, 4.4))
    kinds = (("retrieve", SLOWER), ("ask", ANSWER_SLOWER), ("add_one", None), ("remove_one", None))
    for color, (name, most) in zip(("C0", "C1", "C2", "C3"), kinds, strict=True):
        label = name.replace("_", " ")
        ratios = [row.get(f"{name}_ratio_of_p50", 1.0) for row in sizes]
        times.plot(passages, ratios, marker=".", color=color, label=label)
        if most is not None:
            times.axhline(most, color=color, linestyle=":", label=f"{label}, limit")
    times.set(title="Time, p50", ylabel="times that at 10,000 passages")
    memory.plot(passages, [row["memory_mb"]["anonymous"] for row in sizes], marker=".", label="its own")
    memory.plot(passages, [row["memory_mb"]["files"] for row in sizes], marker=".", label="mapped files")
    memory.axhline(MEMORY_MB, color="C0", linestyle=":", label="its own, limit")
    memory.set(title="Memory of a process that answers", ylabel="megabytes")
    disk.plot(passages, [row["bytes_per_passage"] * row["passages"] / 1e6 for row in sizes], marker=".", label="index")
    disk.plot(passages, [DISK_BYTES * count / 1e6 for count in passages], color="C0", linestyle=":", label="limit")
    disk.set(title="Disk", ylabel="megabytes")
    for axes in (times, memory, disk):
        axes.set(xscale="log", yscale="log", xlabel="passages")
        axes.grid(visible=True, alpha=0.3)
        axes.legend(fontsize="x-small")
    figure.tight_layout()
    figure.savefig(PAGE.parent / "scale.svg", metadata={"Date": None})
    pyplot.close(figure)
