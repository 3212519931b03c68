"""The section of ``docs/benchmarks.md`` on the page; ``benchmarks.report`` puts it in its place."""

from __future__ import annotations

from typing import Any

from .report import table

_DONE = {
    "open": "the library is opened",
    "search": "a word is searched, or taken away",
    "sort": "another order",
    "turn": "the next page",
    "tick": "an article is ticked",
}


def page(report: dict[str, Any]) -> str:
    """The section."""
    text = (
        "## The page\n\n`python -m benchmarks.page`\n\n"
        "In a real Chromium (headless, 1280 × 800), browser and server on the same machine, timed in the browser from "
        "the key or the click up to the frame that shows it, in milliseconds.\n\n"
    )
    if asking := report.get("asking"):
        text += (
            f"From Enter to the first quote on the screen, {asking['questions']} questions about the example articles "
            f"among {asking['passages']:,} passages, each in a new conversation, with the real model and reader (the "
            "passages beside the examples have hashed words in the place of the model's vectors); each question is put "
            "to `ask` in the same process too, before or after it in turn. Machine: "
            f"{_machine(asking)}.\n\n"
            + table(
                ["", "p50", "p95"],
                [
                    ["from Enter to the first quote", *_times(asking["page_ms"])],
                    ["`ask` directly", *_times(asking["ask_ms"])],
                    ["what the page adds", *_times(asking["added_ms"])],
                ],
            )
            + f"\nThe page takes {asking['ratio']:.2f} times as long as `ask` alone (median of the questions).\n\n"
        )
    if article := report.get("article"):
        shown = article["shown_ms"]
        text += (
            f"An article of {article['words']:,} words: from the click on a quote until its sentence is marked and in "
            f"view, p50 {shown['p50']:.0f}, p95 {shown['p95']:.0f} (limit: {article['limit_ms']}); in view in "
            f"{'all' if article['always_in_view'] else 'not all'} of {shown['n']} clicks. Machine: "
            f"{_machine(article)}.\n\n"
        )
    if weight := report.get("weight"):
        kinds = ", ".join(f"{kind} {size / 1000:,.0f}" for kind, size in weight["by_kind"].items() if size)
        text += (
            f"A first visit fetches {weight['bytes'] / 1000:,.0f} kB in {weight['requests']} requests, as they cross "
            f"the wire ({kinds} kB).\n\n"
        )
    if listed := report.get("table"):
        body = [[name, *_times(listed[f"{kind}_ms"])] for kind, name in _DONE.items()]
        text += (
            f"A library of {listed['articles']:,} articles; machine: {_machine(listed)}.\n\n"
            + table(["", "p50", "p95"], body)
            + "\n"
        )
    return text


def _times(spread: dict[str, float]) -> list[str]:
    return [f"{spread['p50']:.0f}", f"{spread['p95']:.0f}"]


def _machine(part: dict[str, Any]) -> str:
    return f"{part['cores']} cores, load {part['load_before']:.1f} before"
