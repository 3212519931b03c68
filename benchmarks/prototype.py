"""The first reader that was trained for Pullquote, in the names that ``qa.reader.model`` gives its weights."""

from __future__ import annotations

from pathlib import Path

from safetensors.torch import load_file, save_file


def convert(source: Path, target: Path) -> None:
    """Renames the weights, so that ``load_model`` and ``pullquote train-reader --start`` read them."""
    names = {"enc.": "encoder.", "rel.": "relevance."}
    converted = {}
    for name, tensor in load_file(source).items():
        prefix = next((old for old in names if name.startswith(old)), "")
        converted[names.get(prefix, "") + name.removeprefix(prefix)] = tensor
    save_file(converted, target)
