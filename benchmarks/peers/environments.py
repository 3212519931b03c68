"""A virtual environment for each library, since their requirements exclude each other (of huggingface-hub)."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import venv
from pathlib import Path

CONSTRAINTS = Path(__file__).with_name("constraints.txt")
PACKAGES = {
    "txtai": ["txtai"],
    "LlamaIndex": ["llama-index-core", "llama-index-embeddings-huggingface", "llama-index-retrievers-bm25"],
    "Haystack": ["haystack-ai", "sentence-transformers-haystack"],
    "LangChain": [
        "langchain-classic",
        "langchain-community",
        "langchain-huggingface",
        "langchain-text-splitters",
        "faiss-cpu",
        "rank-bm25",
    ],
}
COMMON = ["torch", "sentence-transformers", "numpy"]
TOLD = {*COMMON, "transformers", "huggingface-hub", "faiss-cpu", "bm25s", "tantivy"}
"""Packages whose versions the results give, beside the library's own."""


class NotInstalled(Exception):
    """A library could not be installed; the message is pip's own last word."""


def prepared(library: str, folder: Path) -> Path:
    """The Python of a library's environment, which is made when it is not there.

    Raises:
        NotInstalled: pip could not install the library.
    """
    wanted = "\n".join([*COMMON, *PACKAGES[library], CONSTRAINTS.read_text("utf-8")])
    place = folder / library.lower()
    python = place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    stamp = place / "installed"
    digest = hashlib.sha256(wanted.encode()).hexdigest()
    if stamp.exists() and stamp.read_text("utf-8") == digest:
        return python
    print(f"installing {library} …", flush=True)
    venv.create(place, with_pip=True, clear=True)
    command = [str(python), "-m", "pip", "install", "-c", str(CONSTRAINTS), *COMMON, *PACKAGES[library]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise NotInstalled((errors or done.stderr.splitlines() or ["pip failed"])[-1][:300])
    stamp.write_text(digest, "utf-8")
    return python


def versions(python: Path, library: str) -> dict[str, str]:
    """What is installed in an environment of what matters here."""
    command = [str(python), "-m", "pip", "list", "--format", "json", "--disable-pip-version-check"]
    listed = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    told = TOLD | set(PACKAGES.get(library, ()))
    names = {row["name"].replace("_", "-").lower(): row["version"] for row in listed}
    return {name: names[name] for name in sorted(told & set(names))}
