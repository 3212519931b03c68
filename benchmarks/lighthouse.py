"""What Lighthouse says of the page: accessibility, performance and best practices, on the desktop preset.

    python -m benchmarks.lighthouse [--runs 5] [--url http://127.0.0.1:7860]

Serves the page on the example articles with the real model and lets Lighthouse (npm ``lighthouse``, run by ``npx``)
load it in Chromium. Another program that computes at the same time makes the page look slow: run it on an idle machine.
The median of the runs counts; the machine's load before and after is written beside it.

Needs Node.js with ``npx`` and Chromium. Writes ``benchmarks/results/lighthouse.json``.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from .page import chromium, served_examples

PACKAGE = "lighthouse@12"
RESULT = Path(__file__).parent / "results" / "lighthouse.json"
CATEGORIES = ("performance", "accessibility", "best-practices")
METRICS = (
    "first-contentful-paint",
    "largest-contentful-paint",
    "total-blocking-time",
    "cumulative-layout-shift",
    "speed-index",
    "total-byte-weight",
)
AIMS = {"accessibility": 95, "performance": 80}
_SECONDS = 300

Report = dict[str, Any]


def audited(command: list[str], url: str, folder: Path) -> Report:
    """One run of Lighthouse.

    Raises:
        SystemExit: it failed; with what it said last.
    """
    out = folder / "report.json"
    flags = ["--preset=desktop", "--output=json", f"--output-path={out}", "--quiet", "--no-enable-error-reporting"]
    flags += [f"--only-categories={','.join(CATEGORIES)}", "--chrome-flags=--headless --no-sandbox --disable-gpu"]
    environment = os.environ | {"CHROME_PATH": chromium()}
    done = subprocess.run(
        [*command, url, *flags],
        check=False,
        env=environment,
        cwd=folder,
        timeout=_SECONDS,
        capture_output=True,
        text=True,
    )
    if done.returncode or not out.exists():
        said = (done.stderr or done.stdout).strip().splitlines()
        raise SystemExit(f"Lighthouse ended with exit code {done.returncode}: {said[-1] if said else 'without a word'}")
    report: Report = json.loads(out.read_text("utf-8"))
    if problem := report.get("runtimeError"):
        raise SystemExit(f"Lighthouse could not load the page: {problem['message']}")
    return report


def scores(report: Report) -> dict[str, float]:
    """The categories of a run, from 0 to 100, and its measures in milliseconds or bytes."""
    found = {name: round(100 * (report["categories"][name]["score"] or 0), 1) for name in CATEGORIES}
    return found | {name: round(report["audits"][name]["numericValue"], 3) for name in METRICS}


def failures(report: Report) -> dict[str, list[str]]:
    """By category, the audits that are not passed."""
    audits = report["audits"]
    return {
        name: sorted(
            one["id"]
            for one in report["categories"][name]["auditRefs"]
            if audits[one["id"]]["score"] is not None and audits[one["id"]]["score"] < 0.9 and one["weight"]
        )
        for name in CATEGORIES
    }


def summary(reports: list[Report], load: tuple[float, float]) -> Report:
    """The medians of some runs."""
    runs = [scores(report) for report in reports]
    medians = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
    return {
        "lighthouse": reports[0]["lighthouseVersion"],
        "preset": "desktop",
        "runs": len(runs),
        "load_before": load[0],
        "load_after": load[1],
        "processors": os.cpu_count(),
        "median": medians,
        "each": {name: [run[name] for run in runs] for name in CATEGORIES},
        "not_passed": failures(reports[0]),
        "aims": AIMS,
        "met": all(medians[name] >= aim for name, aim in AIMS.items()),
    }


def _load() -> float:
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else -1.0


def main() -> None:
    """Runs Lighthouse some times and writes the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--url", help="a page that is served already; by default one on the examples is")
    options = parser.parse_args()
    npx = shutil.which("npx")
    if npx is None:
        raise SystemExit("npx is missing; install Node.js 20 or newer, which brings it")
    before = _load()
    serving = contextlib.nullcontext(options.url) if options.url else served_examples()
    with serving as url, tempfile.TemporaryDirectory() as folder:
        reports = []
        for number in range(options.runs):
            reports.append(audited([npx, "--yes", PACKAGE], url, Path(folder)))
            shown = {name: scores(reports[-1])[name] for name in CATEGORIES}
            print(f"run {number + 1}: {shown}", flush=True)
    result = summary(reports, (before, _load()))
    RESULT.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    print(json.dumps(result["median"], indent=1))


if __name__ == "__main__":
    main()
