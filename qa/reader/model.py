"""The reader's network: MiniLM with three heads, its weights, and how they are stored.

The encoder is all-MiniLM-L6-v2 (Wang et al. 2020), fine-tuned; its word embeddings are frozen and come with the
install, so that the weights in the package hold only what differs. Three heads read its last layer: *span* (start and
end of the words that answer, for each token; position 0 stands for "no answer", as in BERT for SQuAD 2.0, Devlin et
al. 2019), *relevance* (does the passage answer, on the first token) and *sentence* (does this sentence answer, on the
mean of its tokens).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor, nn

from index import ModelError
from index.embedding import computes_in_bfloat16, default_model_folder, device_of
from index.files import replace_file

if TYPE_CHECKING:
    from transformers import BertModel

WEIGHTS = Path(__file__).with_name("reader.safetensors")
"""The weights that come with the program."""
HIDDEN = 384
_WORDS = "embeddings.word_embeddings.weight"
_REMEDY = "give a file that `pullquote train-reader` has written"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the network says of a batch of windows.

    Attributes:
        start, end: ``(windows, tokens)`` logits for the first and last token of the answer; ``-inf`` on padding.
        relevance: ``(windows,)`` logits.
        sentences: ``(sentences,)`` logits, in the order of the windows' sentences.
    """

    start: Tensor
    end: Tensor
    relevance: Tensor
    sentences: Tensor


class ReaderModel(nn.Module):
    """MiniLM-L6 with a span, a relevance and a sentence head."""

    def __init__(self, *, attention: str = "sdpa") -> None:
        super().__init__()
        self.encoder = _empty_encoder(attention)
        self.span = nn.Linear(HIDDEN, 2)
        self.relevance = nn.Sequential(nn.Linear(HIDDEN, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, 1))
        self.sentence = nn.Sequential(nn.Linear(HIDDEN, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, 1))

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor, sentences: Tensor) -> Reading:
        """Reads windows.

        Args:
            ids, types, mask: ``(windows, tokens)``, as for BERT.
            sentences: ``(sentences, 3)``: the window, the first token, and the token after the last.
        """
        hidden = self.encoder(input_ids=ids, token_type_ids=types, attention_mask=mask).last_hidden_state
        span = self.span(hidden).float()
        span = span.masked_fill(mask.unsqueeze(-1) == 0, float("-inf"))
        sums = torch.cumsum(torch.nn.functional.pad(hidden.float(), (0, 0, 1, 0)), dim=1)
        window, first, last = sentences.unbind(-1)
        pooled = (sums[window, last] - sums[window, first]) / (last - first).unsqueeze(-1)
        return Reading(
            span[..., 0],
            span[..., 1],
            self.relevance(hidden[:, 0]).squeeze(-1).float(),
            self.sentence(pooled.to(hidden.dtype)).squeeze(-1).float(),
        )


def load_model(path: Path = WEIGHTS, *, sha256: str | None = None) -> ReaderModel:
    """The network with the weights of a file; heads that the file lacks start untrained.

    Args:
        path: what ``save_model`` wrote.
        sha256: what the file's SHA-256 must be, when it is known.

    Raises:
        ModelError: the file is missing, damaged, not a reader's, or not the expected one.
    """
    if sha256 is not None:
        found = file_sha256(path)
        if found != sha256:
            raise ModelError(
                f"the reader's weights are not the expected ones: {path} has SHA-256 {found[:12]}…, expected "
                f"{sha256[:12]}…; install Pullquote again"
            )
    try:
        stored = load_file(path)
    except OSError as error:
        raise _unreadable(path, error) from error
    except SafetensorError as error:
        raise ModelError(f"not a reader's weights: {path}: {error}; {_REMEDY}") from error
    model = ReaderModel()
    state = {name: tensor.float() for name, tensor in stored.items()}
    try:
        missing, unexpected = model.load_state_dict(state, strict=False)
    except RuntimeError as error:  # tensors of another shape
        raise ModelError(f"not a reader's weights: {path}: made for another network; {_REMEDY}") from error
    absent = [name for name in missing if name != f"encoder.{_WORDS}" and not name.startswith("sentence.")]
    if absent or unexpected:
        wrong = f"{absent[0]} is missing" if absent else f"{unexpected[0]} is in it"
        raise ModelError(f"not a reader's weights: {path}: {wrong}; {_REMEDY}")
    with torch.no_grad():
        model.encoder.get_parameter(_WORDS).copy_(_base_words())
    return model.eval()


def save_model(model: ReaderModel, path: Path, metadata: dict[str, str]) -> str:
    """Writes what differs from the base weights, in half precision. Returns the file's SHA-256.

    Raises:
        StorageError: the disk refused.
    """
    state = {
        name: tensor.detach().to("cpu", torch.float16).contiguous()
        for name, tensor in model.state_dict().items()
        if name != f"encoder.{_WORDS}" and tensor.is_floating_point()
    }
    data = save(state, metadata)
    replace_file(path, data)
    return hashlib.sha256(data).hexdigest()


def read_metadata(path: Path) -> dict[str, str]:
    """What ``save_model`` was told to write beside the weights."""
    with safe_open(path, "pt") as file:
        return dict(file.metadata() or {})


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal.

    Raises:
        ModelError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> ModelError:
    return ModelError(f"the reader's weights cannot be read: {path}: {error.strerror or error}")


def base_model() -> ReaderModel:
    """The network before any training: the base encoder and untrained heads."""
    model = ReaderModel()
    weights = load_file(default_model_folder() / "model.safetensors")
    known = set(model.encoder.state_dict())
    model.encoder.load_state_dict({name: tensor.float() for name, tensor in weights.items() if name in known})
    return model


def _empty_encoder(attention: str) -> BertModel:
    from transformers import BertConfig, BertModel
    from transformers.initialization import no_init_weights

    config: Any = BertConfig.from_pretrained(
        default_model_folder(), hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0
    )
    config._attn_implementation = attention
    with no_init_weights():
        return BertModel(config, add_pooling_layer=False)


def _base_words() -> Tensor:
    with safe_open(default_model_folder() / "model.safetensors", "pt") as file:
        words: Tensor = file.get_tensor(_WORDS)
        return words.float()


def load_for_reading(path: Path | None, sha256: str, device: str = "auto") -> ReaderModel:
    """The network ready to read: in bfloat16 where the device multiplies it itself, in float32 elsewhere.

    Args:
        path: the weights; those that come with the program when None.
        sha256: of those that come with the program.
        device: as in ``Settings``.

    Raises:
        ModelError: the weights cannot be used, or there is no such device.
    """
    model = load_model(WEIGHTS, sha256=sha256) if path is None else load_model(path)
    where = device_of(device)
    half = where.startswith("cuda") or computes_in_bfloat16()
    try:
        return model.to(where, torch.bfloat16 if half else torch.float32)
    except (AssertionError, RuntimeError) as error:  # PyTorch without CUDA asserts that it has it
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelError(f"the reader cannot compute on {device!r}: {reason}; give auto or cpu") from error
