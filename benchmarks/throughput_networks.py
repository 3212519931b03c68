"""The same network run in other ways, for ``benchmarks.throughput``: other batches, other runtimes, int8.

Nothing is fetched: the network is exported from the weights that come with the install. ONNX Runtime (packages
``onnxruntime`` and ``onnx``) and OpenVINO (``openvino``; ``nncf`` for int8) are measured where they are installed, and
named in the report where they are not.
"""

from __future__ import annotations

import copy
import importlib.util
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from index.embedding import FloatMatrix

Numbers = npt.NDArray[np.int64]
Network = Callable[[tuple[Numbers, ...]], npt.NDArray[np.float32]]
"""From the inputs of a batch, each ``(texts, tokens)``, to what the network says of it."""
RUNTIMES = {"onnxruntime": ("onnxruntime", "onnx"), "openvino": ("openvino", "onnx"), "nncf": ("openvino", "nncf")}
"""What must be installed for each."""
OPSET = 17


class Pooled(nn.Module):
    """BERT, the mean over the tokens, and unit length: what sentence-transformers does for the default model."""

    def __init__(self, bert: nn.Module) -> None:
        super().__init__()
        self.bert = bert

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """``(texts, tokens)`` to ``(texts, dimension)``."""
        hidden = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state
        weights = mask.unsqueeze(-1).to(hidden.dtype)
        return nn.functional.normalize((hidden * weights).sum(1) / weights.sum(1).clamp(min=1e-9), dim=-1)


class Hidden(nn.Module):
    """The encoder of the reader, which is all but a thousandth of its arithmetic."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> Tensor:
        """``(windows, tokens)`` to ``(windows, tokens, hidden)``."""
        hidden: Tensor = self.encoder(input_ids=ids, token_type_ids=types, attention_mask=mask).last_hidden_state
        return hidden


def is_there(runtime: str) -> bool:
    """Whether all that a runtime needs is installed."""
    return all(importlib.util.find_spec(package) is not None for package in RUNTIMES[runtime])


def by_tokens(texts: Sequence[str], tokenizer: Any, longest: int, budget: int) -> Iterator[tuple[list[int], Numbers]]:
    """Batches of texts of similar length, each of at most ``budget`` tokens with its padding.

    Yields:
        The positions of the texts, and their tokens, padded with 0, which is the padding of BERT's vocabulary.
    """
    tokens = tokenizer(list(texts), truncation=True, max_length=longest)["input_ids"]
    order = sorted(range(len(texts)), key=lambda position: -len(tokens[position]))
    first = 0
    while first < len(order):
        length = len(tokens[order[first]])
        some = order[first : first + max(1, budget // length)]
        ids = np.zeros((len(some), length), np.int64)
        for row, position in enumerate(some):
            ids[row, : len(tokens[position])] = tokens[position]
        yield some, ids
        first += len(some)


def encoder(network: Network, tokenizer: Any, longest: int, budget: int, dimension: int) -> Any:
    """What embeds texts with a network that takes tokens and mask."""

    def encode(texts: Sequence[str]) -> FloatMatrix:
        vectors = np.empty((len(texts), dimension), np.float32)
        for positions, ids in by_tokens(texts, tokenizer, longest, budget):
            vectors[positions] = network((ids, (ids != 0).astype(np.int64)))
        return vectors

    return encode


def in_torch(module: nn.Module) -> Network:
    """The module as it is."""

    def run(inputs: tuple[Numbers, ...]) -> npt.NDArray[np.float32]:
        with torch.inference_mode():
            result: npt.NDArray[np.float32] = module(*map(torch.from_numpy, inputs)).numpy()
        return result

    return run


def in_torch_int8(module: nn.Module) -> Network:
    """PyTorch's own dynamic int8: weights once, each layer's input as it comes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is to move into a package of its own
        return in_torch(torch.ao.quantization.quantize_dynamic(copy.deepcopy(module), {nn.Linear}, torch.qint8))


def export(module: nn.Module, names: Sequence[str], path: Path) -> Path:
    """Writes a module as ONNX, with any number of texts and tokens."""
    example = torch.ones(2, 16, dtype=torch.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # this exporter needs no further package, and is to go one day
        torch.onnx.export(
            module,
            (example,) * len(names),
            str(path),
            input_names=list(names),
            output_names=["output"],
            dynamic_axes={name: {0: "texts", 1: "tokens"} for name in names},
            opset_version=OPSET,
            dynamo=False,
        )
    return path


def quantized(path: Path) -> Path:
    """The same as int8, as ONNX Runtime does it dynamically; 7 bits where the processor would overflow with 8."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    target = path.with_suffix(".int8.onnx")
    # Without VNNI, pairs of products are added up in 16 bits; the library's documentation asks for reduced range then.
    reduce = not getattr(torch.cpu, "_is_vnni_supported", lambda: False)()
    quantize_dynamic(str(path), str(target), weight_type=QuantType.QInt8, reduce_range=reduce)
    return target


def in_onnx_runtime(path: Path, threads: int) -> Network:
    """A file in ONNX Runtime, on the processor."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = [one.name for one in session.get_inputs()]

    def run(inputs: tuple[Numbers, ...]) -> npt.NDArray[np.float32]:
        return np.asarray(session.run(None, dict(zip(names, inputs, strict=True)))[0], np.float32)

    return run


def in_openvino(path: Path, threads: int, calibration: Sequence[tuple[Numbers, ...]] = ()) -> Network:
    """A file in OpenVINO, on the processor; as int8 when there are batches from which to learn the ranges."""
    import openvino

    core = openvino.Core()
    model = core.read_model(str(path))
    if calibration:
        import nncf

        nncf.set_log_level(40)
        names = [one.get_any_name() for one in model.inputs]
        batches = nncf.Dataset([dict(zip(names, one, strict=True)) for one in calibration])
        model = nncf.quantize(
            model,
            batches,
            subset_size=len(calibration),
            model_type=nncf.ModelType.TRANSFORMER,
            fast_bias_correction=True,
        )
    settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    compiled = core.compile_model(model, "CPU", settings)

    def run(inputs: tuple[Numbers, ...]) -> npt.NDArray[np.float32]:
        return np.array(compiled(list(inputs))[0], np.float32)

    return run
