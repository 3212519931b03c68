"""Step 4: trains the network on batches, with checkpoints from which a stopped training goes on."""

from __future__ import annotations

import math
import pickle
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from index import ModelError, StorageError
from index.embedding import computes_in_bfloat16
from index.files import disk_problem, replacing
from qa.reader.model import ReaderModel

from .batches import Batches, TrainingBatch
from .losses import losses, total

_WORDS = "encoder.embeddings.word_embeddings.weight"
_RECENT = 50
"""Steps over which speed and losses are told."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a reader is trained; the defaults are those of the reader that comes with the program.

    Attributes:
        epochs: how often each example is seen.
        windows: question-passage pairs in a batch.
        learning_rate: at its highest, after ``warm_up`` steps; it then falls to 0 in a line.
        warm_up: steps; a quarter of all in a short training.
        weight_decay: of AdamW.
        frozen_layers: of the encoder, from below, that stay as they were; the word embeddings always do.
        seed: decides the order of everything.
    """

    epochs: int = 1
    windows: int = 36
    learning_rate: float = 1.2e-4
    warm_up: int = 100
    weight_decay: float = 0.01
    frozen_layers: int = 2
    seed: int = 1


@dataclass(frozen=True, slots=True)
class TrainingProgress:
    """How far training has come.

    Attributes:
        step, steps: batches done and their total.
        pairs_per_second: question-passage pairs.
        losses: by name, over the last steps.
    """

    step: int
    steps: int
    pairs_per_second: float
    losses: dict[str, float]


def train(
    model: ReaderModel,
    batches: Batches,
    recipe: Recipe,
    checkpoint: Path,
    *,
    origin: str = "",
    device: str = "cpu",
    every: int = 100,
    progress: Callable[[TrainingProgress], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> bool:
    """Trains until the end, or until ``stop``; goes on where ``checkpoint`` left off, when there is one.

    Args:
        model: trained in place.
        batches: the examples.
        recipe: how; a checkpoint of another recipe is an error.
        checkpoint: written every ``every`` steps and at a stop.
        origin: names the examples and the weights to start from; a checkpoint of another origin is an error too.
        device: where to compute; ``cpu`` uses bfloat16 where the processor has it.
        every: steps between checkpoints.
        progress: told how far it is, after each step.
        stop: asked at each step.

    Returns:
        Whether the training is complete.

    Raises:
        ModelError: the checkpoint is damaged or of another training, or a loss is no number any more.
        StorageError: the checkpoint cannot be written.
    """
    plan = [(epoch, positions) for epoch in range(recipe.epochs) for positions in batches.epoch(epoch)]
    training = _Training(model, recipe, len(plan), origin, device)
    first = training.resume(checkpoint)
    meter = _Meter()
    for step in range(first, len(plan)):
        if stop is not None and stop():
            training.save(checkpoint, step)
            return False
        epoch, positions = plan[step]
        made = batches.make(epoch, positions)
        found = training.step(made)
        if not all(math.isfinite(loss) for loss in found.values()):
            raise ModelError(
                f"the training went astray at step {step + 1:,}: choose a lower learning rate, and begin anew"
            )
        if (step + 1) % every == 0 or step + 1 == len(plan):
            training.save(checkpoint, step + 1)
        meter.add(len(made.targets), found)
        if progress is not None:
            progress(meter.progress(step + 1, len(plan)))
    return True


class _Training:
    """A model in training, with all that a checkpoint holds of it."""

    def __init__(self, model: ReaderModel, recipe: Recipe, steps: int, origin: str, device: str) -> None:
        torch.manual_seed(recipe.seed)
        torch.set_flush_denormal(True)
        self._model = model.to(device).train()
        self._device = device
        self._half = device.startswith("cuda") or computes_in_bfloat16()
        self._trained = _trainable(model, recipe.frozen_layers)
        self._optimizer = torch.optim.AdamW(self._trained, lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._optimizer, _shape(recipe.warm_up, steps))
        self._about = {"recipe": asdict(recipe), "steps": steps, "origin": origin}

    def step(self, made: TrainingBatch) -> dict[str, float]:
        """Learns from one batch. Returns its losses by name."""
        inputs = made.inputs.to(self._device)
        with torch.autocast(self._device.split(":")[0], torch.bfloat16, enabled=self._half):
            read = self._model(inputs.ids, inputs.types, inputs.mask, inputs.sentences)
        found = losses(read, made)
        total(found).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._trained, 1.0)
        self._optimizer.step()
        self._schedule.step()
        self._optimizer.zero_grad(set_to_none=True)
        return {name: float(loss.detach()) for name, loss in found.items()}

    def save(self, path: Path, step: int) -> None:
        """Writes a checkpoint after so many steps."""
        stored = {
            **self._about,
            "step": step,
            "model": {name: value for name, value in self._model.state_dict().items() if name != _WORDS},
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
        }
        try:
            with replacing(path) as file:
                torch.save(stored, file)
        except RuntimeError as error:
            reason = disk_problem(path.parent) or str(error).splitlines()[0]
            raise StorageError(f"{path}: the checkpoint cannot be written: {reason}") from error

    def resume(self, path: Path) -> int:
        """Takes up a checkpoint. Returns how many steps are done, 0 when there is none."""
        if not path.exists():
            return 0
        try:
            stored = torch.load(path, map_location="cpu", weights_only=True)
            if {name: stored[name] for name in self._about} != self._about:
                raise ModelError(
                    f"{path} is the checkpoint of another training: other options, questions or weights to start "
                    "from; give another folder, or remove the file"
                )
            self._model.load_state_dict(stored["model"], strict=False)
            self._optimizer.load_state_dict(stored["optimizer"])
            self._schedule.load_state_dict(stored["schedule"])
            return int(stored["step"])
        except (OSError, EOFError, RuntimeError, ValueError, KeyError, TypeError, pickle.UnpicklingError) as error:
            raise ModelError(f"{path}: damaged, or not a checkpoint; remove it to begin anew") from error


class _Meter:
    """Speed and losses over the last steps."""

    def __init__(self) -> None:
        self._moments: deque[float] = deque([time.monotonic()], _RECENT + 1)
        self._steps: deque[tuple[int, dict[str, float]]] = deque(maxlen=_RECENT)

    def add(self, pairs: int, found: dict[str, float]) -> None:
        """Counts a step."""
        self._moments.append(time.monotonic())
        self._steps.append((pairs, found))

    def progress(self, step: int, steps: int) -> TrainingProgress:
        """What is told of the last steps."""
        seconds = max(1e-9, self._moments[-1] - self._moments[0])
        pairs = sum(pairs for pairs, _ in self._steps)
        names = self._steps[-1][1]
        means = {name: sum(found[name] for _, found in self._steps) / len(self._steps) for name in names}
        return TrainingProgress(step, steps, pairs / seconds, means)


def _trainable(model: ReaderModel, frozen_layers: int) -> list[torch.nn.Parameter]:
    model.encoder.embeddings.requires_grad_(frozen_layers == 0)
    model.encoder.embeddings.word_embeddings.requires_grad_(False)
    for number, layer in enumerate(model.encoder.encoder.layer):
        layer.requires_grad_(number >= frozen_layers)
    return [parameter for parameter in model.parameters() if parameter.requires_grad]


def _shape(warm_up: int, steps: int) -> Callable[[int], float]:
    warm_up = max(1, min(warm_up, steps // 4))
    return lambda step: min((step + 1) / warm_up, max(0.0, (steps - step) / max(1, steps - warm_up)))


def choose_device(wanted: str) -> str:
    """The device to compute on; ``auto`` is ``cuda`` where there is a GPU, and ``cpu`` elsewhere.

    Raises:
        ModelError: ``cuda`` is wanted, and PyTorch finds no GPU.
    """
    found = torch.cuda.is_available()
    if wanted == "auto":
        return "cuda" if found else "cpu"
    if wanted.startswith("cuda") and not found:
        raise ModelError("PyTorch finds no GPU that it can use here; train on the processor (cpu)")
    return wanted
