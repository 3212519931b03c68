"""How fast passages are embedded and articles added, against what the machine could do; and whether others do better.

    python -m benchmarks.throughput --data FOLDER [--passages 1000] [--rounds 4]

In one run, on the same passages of real news, round by round in turn, each round with other passages:

* bare ``SentenceTransformer.encode`` of the default model as its documentation says (batches of 32, float32), which is
  the measure of all others: ratios are taken within a round, and the median counts;
* our embedder; the whole ``add``, from files to a finished index, and where its time goes;
* the same network in other batches and other runtimes (``benchmarks.throughput_networks``), with the recall of its
  vectors: the share of the ten passages nearest by bare ``encode`` that are among the ten nearest by them;
* the arithmetic limit: tokens x 2 x the encoder's weights, and what attention multiplies, over the rate at which this
  machine multiplies matrices of the model's shapes. Padding, activations and reading tokens are not in it.

Then the most memory of its own that ``add`` takes, in processes of their own, for a corpus and one of four times its
size; and the reader's network in the same runtimes. Writes ``benchmarks/results/throughput.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from index import SentenceTransformerEmbedder, Settings
from index.embedding import HASHING, FloatMatrix, default_model_folder
from index.passages import passage_spans
from index.settings import DEFAULT_MODEL

from . import throughput_networks as networks
from .datasets import rows, write_articles
from .speed import RESULTS, passage_texts
from .throughput_add import Shares, add
from .throughput_reader import measure_reader

BATCH = 32
BUDGETS = (2_048, 8_192)
"""Tokens in a batch, padding included."""
CALIBRATION = 4
"""Batches from which OpenVINO learns the ranges of int8."""
MEMORY_PASSAGES = 1_000
"""At least, of the smaller corpus with hashed vectors; the larger one has four times as many."""
ROWS = 2_048
"""Of the matrices by which the machine is measured: tokens in a batch."""

Encode = Callable[[Sequence[str]], FloatMatrix]


def news(data: Path) -> list[dict[str, Any]]:
    """The BBC's articles and Reuters', in a seeded order, as far as their titles differ."""
    found = {}
    for name in ("bbc_articles", "reuters_articles"):
        for row in rows(data / "corpora" / f"{name}.jsonl.xz"):
            found.setdefault(row["title"], row)
    order = np.random.default_rng(20_261).permutation(len(found))
    listed = list(found.values())
    return [listed[place] for place in order]


def write_corpora(articles: Iterator[dict[str, Any]], folder: Path, sizes: Sequence[int]) -> list[Path]:
    """Writes folders of articles that hold at least so many passages each; no article stands in two."""
    corpora = []
    for number, size in enumerate(sizes):
        chosen: dict[str, list[str]] = {}
        count = 0
        while count < size:
            row = next(articles)
            chosen[row["title"]] = row["paragraphs"]
            count += len(passage_spans("\n\n".join(row["paragraphs"]), row["title"]))
        corpora.append(folder / f"corpus-{number}")
        write_articles(corpora[-1], chosen)
    return corpora


def processor() -> float:
    """Seconds of the processors so far, in all threads, of the user and the system."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measured(work: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """What a call returns, and its seconds by the clock and of the processors."""
    clock, used = time.perf_counter(), processor()
    result = work()
    return result, {"seconds": time.perf_counter() - clock, "processor": processor() - used}


def bare_model() -> SentenceTransformer:
    """The default model as its documentation says, in float32 on the processor."""
    return SentenceTransformer(str(default_model_folder()), device="cpu", local_files_only=True)


def bare(model: SentenceTransformer) -> Encode:
    """The documentation's own call."""

    def encode(texts: Sequence[str]) -> FloatMatrix:
        options = {"batch_size": BATCH, "normalize_embeddings": True, "show_progress_bar": False}
        return np.asarray(model.encode(list(texts), **options), np.float32)

    return encode


def variants(model: SentenceTransformer, folder: Path, sample: Sequence[str]) -> tuple[dict[str, Encode], list[str]]:
    """The same network run in other ways, by name; and what is not installed.

    Args:
        model: bare.
        folder: for exported files.
        sample: texts from which ranges are learnt; none that is measured.
    """
    tokenizer, longest = model.tokenizer, int(model.max_seq_length or 256)
    dimension, threads = int(model.get_embedding_dimension() or 0), torch.get_num_threads()
    module = networks.Pooled(model[0].auto_model).eval()

    def encoded(network: networks.Network, budget: int = BUDGETS[0]) -> Encode:
        encode: Encode = networks.encoder(network, tokenizer, longest, budget, dimension)
        return encode

    found = {
        f"PyTorch float32, batches of {budget:,} tokens": encoded(networks.in_torch(module), budget)
        for budget in BUDGETS
    }
    found["PyTorch int8 (dynamic)"] = encoded(networks.in_torch_int8(module))
    missing = [name for name in networks.RUNTIMES if not networks.is_there(name)]
    if len(missing) == len(networks.RUNTIMES):
        return found, missing
    path = networks.export(module, ("ids", "mask"), folder / "embedder.onnx")
    if "onnxruntime" not in missing:
        found["ONNX Runtime float32"] = encoded(networks.in_onnx_runtime(path, threads))
        found["ONNX Runtime int8 (dynamic)"] = encoded(networks.in_onnx_runtime(networks.quantized(path), threads))
    if "openvino" not in missing:
        found["OpenVINO float32"] = encoded(networks.in_openvino(path, threads))
    if "nncf" not in missing:
        batches = [(ids, (ids != 0).astype(np.int64)) for _, ids in networks.by_tokens(sample, tokenizer, longest, 256)]
        found["OpenVINO int8"] = encoded(networks.in_openvino(path, threads, batches[:CALIBRATION]))
    return found, missing


def rates(config: Any) -> dict[str, float]:
    """Multiplications and additions a second in matrices of the model's shapes: the best of some tries."""
    found = {}
    for name, kind in (("float32", torch.float32), ("bfloat16", torch.bfloat16)):
        left = torch.randn(ROWS, config.hidden_size).to(kind)
        right = torch.randn(config.hidden_size, config.intermediate_size).to(kind)
        best = float("inf")
        with torch.inference_mode():
            for _ in range(6):
                started = time.perf_counter()
                left @ right
                best = min(best, time.perf_counter() - started)
        found[name] = 2 * ROWS * config.hidden_size * config.intermediate_size / best
    return found


def operations(model: SentenceTransformer, texts: Sequence[str]) -> dict[str, int]:
    """What the network must multiply and add for these texts, without padding."""
    bert = model[0].auto_model
    layers, hidden = bert.config.num_hidden_layers, bert.config.hidden_size
    weights = sum(one.weight.numel() for one in bert.encoder.modules() if isinstance(one, torch.nn.Linear))
    longest = int(model.max_seq_length or 256)
    lengths = [len(one) for one in model.tokenizer(list(texts), truncation=True, max_length=longest)["input_ids"]]
    attention = sum(4 * layers * hidden * length * length for length in lengths)
    return {"tokens": sum(lengths), "weights": weights, "dense": 2 * weights * sum(lengths), "attention": attention}


def recall(exact: FloatMatrix, vectors: FloatMatrix, k: int = 10) -> float:
    """The share of each passage's nearest neighbours that the other vectors find among as many."""

    def nearest(some: FloatMatrix) -> Any:
        scores = some @ some.T
        np.fill_diagonal(scores, -np.inf)
        return np.argsort(-scores, axis=1)[:, :k]

    pairs = zip(nearest(exact), nearest(vectors), strict=True)
    return float(np.mean([len(set(left) & set(right)) / k for left, right in pairs]))


def measure_rounds(model: SentenceTransformer, encoders: dict[str, Encode], corpora: list[Path]) -> dict[str, Any]:
    """Every way on every corpus, in turn; each round begins with another one."""
    embedder = SentenceTransformerEmbedder(Settings(device="cpu"))
    ways: dict[str, Encode] = {"bare encode": bare(model), "embedder": embedder.encode_passages, **encoders}
    costs: dict[str, list[dict[str, float]]] = defaultdict(list)
    vectors: dict[str, list[FloatMatrix]] = defaultdict(list)
    shares, speeds, counts, needed = Shares(), [], [], []
    warming = passage_texts(corpora[0])[:4]
    for encode in ways.values():
        encode(warming)
    with tempfile.TemporaryDirectory() as folder:
        for number, corpus in enumerate(corpora):
            texts = passage_texts(corpus)
            counts.append(len(texts))
            needed.append(operations(model, texts))
            speeds.append(rates(model[0].auto_model.config))
            names = [*ways, "add"]
            for name in names[number % len(names) :] + names[: number % len(names)]:
                if name == "add":
                    _, cost = measured(lambda corpus=corpus: add(corpus, Path(folder) / "index", embedder, shares))
                else:
                    found, cost = measured(lambda name=name, texts=texts: ways[name](texts))
                    vectors[name].append(found)
                costs[name].append(cost)
                print(f"round {number + 1}, {len(texts)} passages, {name}: {cost['seconds']:.1f} s", flush=True)
    exact = np.concatenate(vectors["bare encode"])
    table = {
        name: {
            **against(costs["bare encode"], own, counts),
            **({"recall@10": recall(exact, np.concatenate(vectors[name]))} if name in vectors else {}),
        }
        for name, own in costs.items()
    }
    return {
        "passages": sum(counts),
        "rounds": len(corpora),
        "ways": table,
        "add_shares": {
            name: value / sum(one["seconds"] for one in costs["add"]) for name, value in shares.seconds.items()
        },
        "limit": limit(needed, speeds, costs, sum(counts)),
    }


def against(
    reference: list[dict[str, float]], own: list[dict[str, float]], counts: list[int]
) -> dict[str, float | list[float]]:
    """The figures of one way; times are ratios within a round, the median of rounds."""
    ratios = [one["seconds"] / base["seconds"] for base, one in zip(reference, own, strict=True)]
    spent = [one["processor"] / base["processor"] for base, one in zip(reference, own, strict=True)]
    seconds = sum(one["seconds"] for one in own)
    return {
        "time_over_bare": median(ratios),
        "ratios": ratios,
        "processor_over_bare": median(spent),
        "passages_per_second": sum(counts) / seconds,
        "processor_use": sum(one["processor"] for one in own) / seconds / (os.cpu_count() or 1),
    }


def limit(
    needed: list[dict[str, int]],
    speeds: list[dict[str, float]],
    costs: dict[str, list[dict[str, float]]],
    passages: int,
) -> dict[str, Any]:
    """The seconds that the arithmetic alone would take, as a share of what each way took."""
    total = {key: sum(one[key] for one in needed) for key in ("tokens", "dense", "attention")}
    found: dict[str, Any] = {
        "tokens": total["tokens"],
        "tokens_a_passage": total["tokens"] / passages,
        "weights": needed[0]["weights"],
        "attention_share": total["attention"] / (total["dense"] + total["attention"]),
    }
    for kind in ("float32", "bfloat16"):
        ideal = [(one["dense"] + one["attention"]) / rate[kind] for one, rate in zip(needed, speeds, strict=True)]
        found[kind] = {
            "gigaflops": median(rate[kind] for rate in speeds) / 1e9,
            "passages_per_second": passages / sum(ideal),
            "reached": {
                name: median(best / one["seconds"] for best, one in zip(ideal, costs[name], strict=True))
                for name in ("bare encode", "embedder", "add")
            },
        }
    return found


def measure_memory(corpora: dict[str, tuple[Path, str]]) -> dict[str, Any]:
    """The most memory of its own of a process that adds a corpus; by name, the corpus and the model."""
    found = {}
    for name, (corpus, model) in corpora.items():
        command = [sys.executable, "-m", "benchmarks.throughput_add", "--corpus", str(corpus), "--model", model]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found[name] = json.loads(done.stdout.splitlines()[-1])
        print(name, found[name], flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds corpora/")
    parser.add_argument("--passages", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--out", type=Path, default=RESULTS / "throughput.json")
    arguments = parser.parse_args()
    report: dict[str, Any] = {
        "load_before": os.getloadavg(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
    }
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        hashed = max(MEMORY_PASSAGES, arguments.passages)
        articles = iter(news(arguments.data))
        size = -(-arguments.passages // arguments.rounds)
        corpora = write_corpora(articles, folder / "real", [size] * arguments.rounds)
        sample, small, large = write_corpora(articles, folder / "more", [64, hashed, 4 * hashed])
        model = bare_model()
        encoders, missing = variants(model, folder, passage_texts(sample))
        report["not_installed"] = missing
        report |= measure_rounds(model, encoders, corpora)
        write(report, arguments.out)
        report["reader"] = measure_reader(passage_texts(corpora[0]), folder)
        write(report, arguments.out)
        report["memory"] = measure_memory(
            {
                "hashed vectors": (small, HASHING),
                "hashed vectors, four times as many": (large, HASHING),
                "the model": (folder / "real", DEFAULT_MODEL),
            }
        )
    write(report, arguments.out)


def write(report: dict[str, Any], path: Path) -> None:
    """Writes what has been measured so far, so that a run that is ended early is not for nothing."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(report | {"load_after": os.getloadavg()}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
