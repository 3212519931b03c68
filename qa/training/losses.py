"""What training minimises: five losses, each about something that ``ask`` shows or decides."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from qa.reader.model import Reading

from .batches import TrainingBatch

WEIGHTS = {"span": 1.0, "relevance": 0.5, "pairs": 0.5, "choice": 0.7, "sentences": 0.5}
"""What each loss counts."""


def losses(read: Reading, made: TrainingBatch) -> dict[str, Tensor]:
    """The losses of a batch, by name.

    *span*: cross-entropy of start and end over the window's tokens, position 0 where nothing answers; any gold answer
    may be chosen. *relevance*: whether the passage answers. *pairs*: the answering passage above each other one of the
    same question, and the question above its trap. *choice*: the answering sentence among all sentences of all passages
    of the question. *sentences*: whether each sentence answers.
    """
    device = read.relevance.device
    targets = made.targets
    answers = torch.tensor([target.kind == 0 for target in targets], device=device)
    start = _any_of(read.start, [target.starts for target in targets])
    end = _any_of(read.end, [target.ends for target in targets])
    found = {
        "span": (start + end).mean() / 2,
        "relevance": functional.binary_cross_entropy_with_logits(read.relevance, answers.float()),
    }
    right = made.sentence_right.to(device)
    window = made.sentence_window.to(device)
    found["sentences"] = functional.binary_cross_entropy_with_logits(
        read.sentences, right.float(), reduction="sum"
    ) / max(1, len(targets))
    pairs: list[Tensor] = []
    choices: list[Tensor] = []
    group_of = torch.tensor([target.group for target in targets], device=device)
    kind_of = torch.tensor([target.kind for target in targets], device=device)
    for gold in torch.nonzero(answers).flatten().tolist():
        same = group_of == group_of[gold]
        others = torch.nonzero(same & (kind_of > 0)).flatten()
        if len(others):
            pairs.append(functional.softplus(read.relevance[others] - read.relevance[gold]).mean())
        untrapped = (same & (kind_of < 2))[window]
        chosen = right & (window == gold)
        if chosen.any():
            best = read.sentences[chosen].logsumexp(0)
            choices.append(read.sentences[untrapped].logsumexp(0) - best)
            trapped = (same & (kind_of == 2))[window]
            if trapped.any():
                pairs.append(functional.softplus(read.sentences[trapped].max() - best))
    nothing = read.relevance.sum() * 0
    found["pairs"] = torch.stack(pairs).mean() if pairs else nothing
    found["choice"] = torch.stack(choices).mean() if choices else nothing
    return found


def total(found: dict[str, Tensor]) -> Tensor:
    """The weighted sum."""
    return torch.stack([WEIGHTS[name] * loss for name, loss in found.items()]).sum()


def _any_of(logits: Tensor, places: list[tuple[int, ...]]) -> Tensor:
    """For each row the negative logarithm of the probability of any of some positions."""
    allowed = torch.zeros_like(logits, dtype=torch.bool)
    for row, positions in enumerate(places):
        allowed[row, list(positions)] = True
    return logits.logsumexp(-1) - logits.masked_fill(~allowed, float("-inf")).logsumexp(-1)
