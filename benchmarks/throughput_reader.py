"""The reader's network in other runtimes, for ``benchmarks.throughput``: as many passages as ``ask`` reads, and ten."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch

from qa.reader import span_reader
from qa.reader.inputs import Batch, Window, batch, by_length, tokenize, windows
from qa.reader.model import load_model

from . import throughput_networks as networks

TOKENS = 150
COUNTS = (5, 10)
QUESTION = "Who said that the decision would have to be taken again?"
CALIBRATION = 4
REFERENCE = "PyTorch float32"

Read = Callable[[list[Window]], list[Any]]


def real_windows(texts: Sequence[str]) -> list[Window]:
    """Windows of exactly ``TOKENS`` tokens of passages that are long enough."""
    question = tokenize([QUESTION])[0]
    found = []
    for text, tokens in zip(texts, tokenize(texts), strict=True):
        window = windows(question, None, tokens, [(0, len(text))], TOKENS)[0]
        if len(window.ids) == TOKENS:
            found.append(window)
    return found


def inputs(made: Batch) -> tuple[networks.Numbers, ...]:
    """What the encoder takes of a batch."""
    return made.ids.numpy(), made.types.numpy(), made.mask.numpy()


def reading(network: networks.Network, tokens: int) -> Read:
    """Reads windows in batches of at most so many tokens."""

    def read(some: list[Window]) -> list[Any]:
        found: list[Any] = [None] * len(some)
        for positions in by_length(some, tokens):
            hidden = network(inputs(batch([some[position] for position in positions])))
            for position, one in zip(positions, hidden, strict=True):
                found[position] = one
        return found

    return read


def ways_of(folder: Path, calibration: list[Window]) -> dict[str, Read]:
    """The encoder run in each way that is installed."""
    model = load_model()
    module = networks.Hidden(model.encoder).eval()
    threads, most = torch.get_num_threads(), span_reader._BATCH_TOKENS
    plain = networks.in_torch(module)
    found = {
        REFERENCE: reading(plain, most),
        "PyTorch float32, all in one batch": reading(plain, 100_000),
        "PyTorch float32, one by one": reading(plain, 1),
        "PyTorch int8 (dynamic)": reading(networks.in_torch_int8(module), most),
    }
    if not (networks.is_there("onnxruntime") or networks.is_there("openvino")):
        return found
    path = networks.export(module, ("ids", "types", "mask"), folder / "reader.onnx")
    if networks.is_there("onnxruntime"):
        found["ONNX Runtime float32"] = reading(networks.in_onnx_runtime(path, threads), most)
        int8 = networks.in_onnx_runtime(networks.quantized(path), threads)
        found["ONNX Runtime int8 (dynamic)"] = reading(int8, most)
    if networks.is_there("openvino"):
        found["OpenVINO float32"] = reading(networks.in_openvino(path, threads), most)
    if networks.is_there("nncf"):
        batches = [inputs(batch([one])) for one in calibration]
        found["OpenVINO int8"] = reading(networks.in_openvino(path, threads, batches), most)
    return found


def measure_reader(texts: Sequence[str], folder: Path, rounds: int = 7) -> dict[str, Any]:
    """Milliseconds for each number of passages, and times as a ratio to PyTorch's within a round.

    Args:
        texts: passages.
        folder: for exported files.
        rounds: each way once in each, with passages drawn anew; the median counts.

    Returns:
        By number of passages and way: ``ms``, ``time_over_torch``, and ``cosine``, the mean over the tokens between
        what it makes of them and what PyTorch does in float32.
    """
    every = real_windows(texts)
    random = np.random.default_rng(20_262)
    ways = ways_of(folder, every[:CALIBRATION])
    rest = every[CALIBRATION:]
    report: dict[str, Any] = {"tokens": TOKENS}
    for count in COUNTS:
        times: dict[str, list[float]] = defaultdict(list)
        cosines: dict[str, list[float]] = defaultdict(list)
        for number in range(rounds + 1):
            some = [rest[int(place)] for place in random.choice(len(rest), count, replace=False)]
            made = {}
            for name, read in ways.items():
                started = time.perf_counter()
                made[name] = read(some)
                if number:  # the first only warms up
                    times[name].append(time.perf_counter() - started)
            for name, hidden in made.items():
                cosines[name].append(cosine(np.stack(hidden), np.stack(made[REFERENCE])))
        report[str(count)] = {
            name: {
                "ms": 1000 * median(own),
                "time_over_torch": median(one / base for one, base in zip(own, times[REFERENCE], strict=True)),
                "cosine": float(np.mean(cosines[name])),
            }
            for name, own in times.items()
        }
    return report


def cosine(left: Any, right: Any) -> float:
    """The mean cosine of vectors in the last dimension."""
    lengths = np.linalg.norm(left, axis=-1) * np.linalg.norm(right, axis=-1)
    return float(np.mean(np.sum(left * right, axis=-1) / lengths))
