"""Where the store of an index lies."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from index import ArticleIndex

FILE = "pullquote-web.sqlite"


def store_path(index: ArticleIndex) -> Path:
    """The file beside the index's own; in the user's data folder when nothing may be written beside the index."""
    beside = index.folder / FILE
    if os.access(beside if beside.exists() else index.folder, os.W_OK):
        return beside
    import platformdirs

    name = hashlib.sha256(os.path.realpath(index.folder).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return Path(platformdirs.user_data_dir("pullquote", appauthor=False), "web", name, FILE)
