"""``pullquote train-reader``: trains the reader on questions of one's own."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from .command_support import INTERRUPTED, print_result
from .options import JsonOption

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live
    from rich.progress import Progress as Bar

    from index import Progress
    from qa.training.preparing import Watcher
    from qa.training.run import TrainedReader
    from qa.training.trainer import TrainingProgress

_LAYERS = 6
_LINE_EVERY = 100
"""Steps between two lines where there is no terminal for a bar."""


def train_reader(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Questions with answers: SQuAD's JSON, or JSON lines.")
    ],
    out: Annotated[
        str, typer.Option(metavar="DIR", help="The folder for the work and the weights; made when missing.")
    ],
    start: Annotated[
        str | None,
        typer.Option(metavar="WEIGHTS", help='Start from these weights, or from "base"; Pullquote\'s own by default.'),
    ] = None,
    epochs: Annotated[int, typer.Option(min=1, metavar="N", help="How often each question is read.")] = 1,
    windows: Annotated[int, typer.Option(min=2, metavar="N", help="Questions with a passage in a batch.")] = 36,
    learning_rate: Annotated[float, typer.Option(min=0, max=1, metavar="X", help="The highest one.")] = 1.2e-4,
    freeze_layers: Annotated[
        int,
        typer.Option(min=0, max=_LAYERS, metavar="N", help="Of the 6 layers, the lowest that are left as they are."),
    ] = 2,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Decides every choice and the order.")] = 1,
    device: Annotated[
        Literal["auto", "cpu", "cuda"], typer.Option(metavar="NAME", help="auto, cpu or cuda (a graphics card).")
    ] = "auto",
    as_json: JsonOption = False,
) -> int:
    """Trains the reader, which chooses the sentences that answer, on your own questions.

    In JSON lines, each line is a question with the paragraph that answers it, and where in the paragraph:
    {"question": "...", "paragraph": "...", "answers": [{"text": "...", "start": 0}]}; with "answerable": false it is
    one that only seems to be answered. Some thousand questions are needed to gain much.

    Ctrl-C stops at a checkpoint; run the same command again to go on. The weights are DIR/reader.safetensors.
    """
    from index import Settings
    from qa.training.run import train_reader as train
    from qa.training.trainer import Recipe

    from .progress import Interruption
    from .terminal import tell

    recipe = Recipe(epochs=epochs, windows=windows, learning_rate=learning_rate, frozen_layers=freeze_layers, seed=seed)
    with Interruption() as interruption, _shown(lambda: interruption.requested) as watcher:
        made = train(
            [Path(file) for file in files],
            Path(out),
            recipe=recipe,
            start=start,
            device=device,
            settings=Settings.from_environment(),
            watcher=watcher,
        )
    if made is None:
        tell(f"Stopped. What is done is kept in {out}; run the same command again to go on.", prefix="")
        print_result(as_json, {"stopped": True, "folder": os.path.abspath(out)}, lambda console: None)
        return INTERRUPTED
    document = dataclasses.asdict(made) | {"path": str(made.path), "stopped": False}
    print_result(as_json, document, lambda console: _show(console, made))
    return 0


def _show(console: Console, made: TrainedReader) -> None:
    from .marking import plain
    from .terminal import place, size

    lines = (
        f"Trained on {made.questions:,} question{'' if made.questions == 1 else 's'}.",
        f"Weights: {plain(place(str(made.path)))} ({size(made.bytes)})",
        f"SHA-256: {made.sha256}",
        f"To use them, set PULLQUOTE_READER to {plain(str(made.path))}",
    )
    for line in lines:
        console.print(line, soft_wrap=True, markup=False)


@contextlib.contextmanager
def _shown(stop: Callable[[], bool]) -> Iterator[Watcher]:
    """Shows a training on stderr: a bar on a terminal, a line now and then elsewhere."""
    from qa.training.preparing import Watcher

    from .terminal import console_for, tell

    console = console_for(sys.stderr)
    if not console.is_terminal:
        yield Watcher(say=lambda line: tell(line, prefix=""), trained=_Lines().trained, stop=stop)
        return
    from rich.live import Live
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Live(console=console, transient=True) as live:
        shown = _Stages(Bar(*columns), live)
        yield Watcher(
            say=lambda line: live.console.print(line, soft_wrap=True),
            added=shown.added,
            chosen=shown.chosen,
            trained=shown.trained,
            stop=stop,
        )


class _Stages:
    """One bar for the three stages of a training one after the other, with a line of details below it."""

    def __init__(self, bar: Bar, live: Live) -> None:
        self._bar = bar
        self._live = live
        self._task = bar.add_task("Getting ready", total=None)
        self._stage = ""

    def added(self, progress: Progress) -> None:
        """How far embedding has come."""
        detail = f"{progress.passages:,} passages"
        self._show("Embedding", progress.done_bytes, progress.total_bytes, detail)

    def chosen(self, done: int, total: int) -> None:
        """How far the choice of passages has come."""
        self._show("Choosing passages", done, total, f"{done:,} of {total:,} questions")

    def trained(self, progress: TrainingProgress) -> None:
        """How far training has come."""
        step = f"step {progress.step:,} of {progress.steps:,}"
        self._show("Training", progress.step, progress.steps, f"{step}, {_told(progress)}")

    def _show(self, stage: str, done: int, total: int, detail: str) -> None:
        from rich.console import Group
        from rich.text import Text

        if stage != self._stage:
            # Begun anew, so that the time that is left is not reckoned from the stage before, or from a checkpoint.
            self._bar.reset(self._task, description=stage, total=total, completed=done)
            self._stage = stage
        self._bar.update(self._task, completed=done, total=total)
        self._live.update(Group(self._bar, Text(detail, "dim")))


class _Lines:
    """A line every hundred steps, for a pipe or a log."""

    def __init__(self) -> None:
        self._told = 0

    def trained(self, progress: TrainingProgress) -> None:
        """How far training has come."""
        from .terminal import tell

        if progress.step % _LINE_EVERY == 0 or progress.step == progress.steps or not self._told:
            self._told = progress.step
            tell(f"Step {progress.step:,} of {progress.steps:,}: {_told(progress)}", prefix="")


def _told(progress: TrainingProgress) -> str:
    losses = ", ".join(f"{name} {value:.2f}" for name, value in progress.losses.items())
    return f"{progress.pairs_per_second:.1f} pairs/s; losses: {losses}"
