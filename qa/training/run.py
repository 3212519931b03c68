"""From question sets to weights: ``train_reader``, which the command ``pullquote train-reader`` calls."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from index import Settings
from qa.reader.model import WEIGHTS, ReaderModel, base_model, file_sha256, load_model, save_model

from .batches import Batches
from .preparing import Watcher, prepare, writing
from .trainer import Recipe, choose_device, train

BASE = "base"
"""Stands for the base encoder with untrained heads, where weights to start from are named."""


@dataclass(frozen=True, slots=True)
class TrainedReader:
    """What a training made.

    Attributes:
        path: the weights.
        sha256: of the file.
        bytes: its size.
        questions: how many it was trained on.
    """

    path: Path
    sha256: str
    bytes: int
    questions: int


def train_reader(
    files: Sequence[Path],
    folder: Path,
    *,
    recipe: Recipe | None = None,
    start: Path | str | None = None,
    traps: float = 0.3,
    device: str = "auto",
    settings: Settings | None = None,
    watcher: Watcher | None = None,
) -> TrainedReader | None:
    """Trains a reader on question sets.

    Args:
        files: question sets; see ``read_questions``.
        folder: takes everything: the passages, the examples, checkpoints, and at the end ``reader.safetensors``. Run
            again with the same folder, training goes on where it was stopped.
        recipe: how to train.
        start: the weights to start from; those that come with Pullquote when None; ``"base"`` for the base encoder.
        traps: the share of answerable questions that are also made into unanswerable ones.
        device: ``cpu``, ``cuda``, or ``auto``.
        settings: of the index that the passages are embedded in.
        watcher: who follows it, and may stop it; it is told on stdout when None.

    Returns:
        The weights, or None when it was stopped before the end.

    Raises:
        QuestionSetError: a file that cannot be read, or no question that can be trained on.
        ModelError: the weights to start from cannot be read, the folder holds another training, or there is no such
            device.
        StorageError: the folder cannot be written.
    """
    recipe = recipe or Recipe()
    folder = Path(os.path.abspath(os.path.expanduser(folder)))
    where = choose_device(device)
    model, start_name = _first(start, recipe.seed)
    watcher = watcher or Watcher()
    prepared = prepare(files, folder, traps=traps, seed=recipe.seed, settings=settings, watcher=watcher)
    if prepared is None:
        return None
    batches = Batches(prepared.examples, prepared.passages, windows_per_batch=recipe.windows, seed=recipe.seed)
    watcher.say(f"Training on {where}: {len(batches):,} questions, {batches.pairs():,} pairs with a passage an epoch")
    origin = f"{prepared.sha256} {start_name}"
    checkpoint = folder / "checkpoint.pt"
    complete = train(
        model,
        batches,
        recipe,
        checkpoint,
        origin=origin,
        device=where,
        progress=watcher.trained,
        stop=watcher.stop,
    )
    if not complete:
        return None
    target = folder / "reader.safetensors"
    about = {**asdict(recipe), "traps": traps, "start": start_name, "data": [path.name for path in files]}
    digest = save_model(model, target, {"training": json.dumps(about)})
    with writing(folder):
        (folder / "recipe.json").write_text(json.dumps({**about, "sha256": digest}, indent=1) + "\n", "utf-8")
    return TrainedReader(target, digest, target.stat().st_size, len(batches))


def _first(start: Path | str | None, seed: int) -> tuple[ReaderModel, str]:
    """The network before training, and what names its weights."""
    torch.manual_seed(seed)  # heads that are not trained yet begin at random
    if start == BASE:
        return base_model(), BASE
    path = WEIGHTS if start is None else Path(start)
    model = load_model(path)
    return model, file_sha256(path)
