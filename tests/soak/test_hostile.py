"""Files made to break the reader cost at most themselves; a sample of them is tried in every test run."""

from __future__ import annotations

import contextlib
import io
import sys
from pathlib import Path

import pytest

from index import AddReport, ArticleIndex, Failure, HashingEmbedder

from .hostile import Outcome, add, spread
from .processes import Child, children

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes, links and memory are looked at as on Unix")

SECONDS = 60.0
"""Of the processor. A PDF of thousands of pages has a limit of its own, ``pdf.TOTAL_SECONDS``."""
SECONDS_A_MEGABYTE = 2
"""More for a large file: thirty megabytes of words are as many passages as in ten thousand articles."""
MEGABYTES = 1500
"""The program may never have more, whatever is in a file."""
PDF_MEGABYTES = 3100
"""Nor the process that reads a PDF; ``pdf.MAX_MEMORY`` is its limit."""


def check(folder: Path, count: int, seed: int) -> Outcome:
    """Adds a folder of hostile files, and looks that nothing came of them but lines about them."""
    articles = folder / "articles"
    made = spread(articles, count, seed)
    child = Child(add, str(articles), str(folder / "index"))
    with children(child):
        messages = child.finish()
    assert len(messages) == 1, f"the process ended with exit code {child.process.exitcode}"
    outcome = messages[0]
    assert isinstance(outcome, Outcome), outcome
    report = AddReport(**{**outcome.report, "failed": [Failure(**failure) for failure in outcome.report["failed"]]})

    assert outcome.problems == []
    slow = [
        (seconds, path) for seconds, path in outcome.stalls if seconds >= SECONDS + SECONDS_A_MEGABYTE * _size(path)
    ]
    assert slow == []
    assert outcome.megabytes[0] < MEGABYTES, outcome.megabytes
    assert outcome.megabytes[1] < PDF_MEGABYTES, outcome.megabytes

    _check_good(folder / "index", made.good)
    told = [*report.added, *report.updated, *report.unchanged, *report.duplicates]
    told += [failure.source for failure in report.failed]
    reported = "\n".join(f"{one}#" for one in sorted(told)).replace("!/", "#")
    forgotten = [path for path in made.hostile if f"{path}#" not in reported]
    assert forgotten == []
    assert len(set(told)) == len(told), "something is told twice"
    _check_lines(folder / "index", report)
    return outcome


def _size(path: str) -> float:
    """The megabytes of the file that a source stands in."""
    file = Path(path.split("!/")[0].rpartition("#")[0] or path.split("!/")[0])
    return (file if file.is_file() else Path(path)).stat().st_size / 1e6 if Path(file).exists() else 0.0


def _check_good(index_folder: Path, good: dict[str, str]) -> None:
    """Every good article is in the catalog, with its own words."""
    with ArticleIndex.open(index_folder, embedder=HashingEmbedder()) as index:
        texts = {source: article.text for article in index.articles() for source in article.sources}
    for path, word in good.items():
        found = [
            text for source, text in texts.items() if source == path or source.startswith((f"{path}#", f"{path}!/"))
        ]
        assert found, f"{path} was not added"
        assert any(word in text for text in found), f"{path} has lost its text"


def _check_lines(index_folder: Path, report: AddReport) -> None:
    """Each failure is one line with a name and a reason, as the command line prints it."""
    from ui.command_support import reported

    said = io.StringIO()
    with (
        ArticleIndex.open(index_folder, embedder=HashingEmbedder()) as index,
        contextlib.redirect_stderr(said),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        reported(index, report, None, as_json=False)
    lines = said.getvalue().removesuffix("\n").split("\n")
    assert len(lines) == len(report.failed) + len(report.notes)
    assert sum(line.startswith("Failed: ") for line in lines) == len(report.failed)
    # Joiners shape letters and emoji, in a file name too, and act on nothing; Python does not count them as printable.
    shown = [line.replace("\u200c", "").replace("\u200d", "") for line in lines]
    assert all(line.isprintable() for line in shown), next(line for line in shown if not line.isprintable())
    for failure in report.failed:
        assert failure.reason
        assert failure.reason.isprintable(), failure


def test_a_sample_of_hostile_files_costs_no_good_article(tmp_path: Path) -> None:
    outcome = check(tmp_path, 40, 1)
    assert len(outcome.report["failed"]) >= 13


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_two_thousand_hostile_files_cost_no_good_article(tmp_path: Path) -> None:
    from .test_soak import SEED

    outcome = check(tmp_path, 2000, SEED)
    print(f"\nhostile files, seed {SEED}: {outcome.seconds:.0f} s, {outcome.megabytes} MB, {outcome.stalls[:8]}")
    assert len(outcome.report["failed"]) >= 500
