"""Makes the fixtures of the present formats: ``python tests/index/make_formats.py EMPTY-FOLDER``.

A released format's fixture is never made anew; a new version of a format gets a new one beside the old ones.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from index import ArticleIndex, HashingEmbedder
from index.folder import CATALOG
from index.portable import FORMAT
from index.schema import VERSION

FERRY = """---
author: Ines Carvalho
date: 2024-03-05
---
# The ferry returns

“It is our bridge,” said the captain. The ferry crosses the sound in eleven minutes.

Tickets cost two crowns.
"""
ARTICLES = {
    "ferry.md": FERRY,
    "copy/ferry.md": FERRY,
    "owl.txt": "An owl in the town hall\n\nA tawny owl nested above the clock of Žilina’s town hall 🦉.\n\n"
    "The council let the clock stand still until June.\n",
    "gone.txt": "A fair is called off\n\nThe fair of Lindenau will not take place this year.\n",
}


def main(folder: Path) -> None:
    """Writes the catalog and the portable file of an index that has seen adding, changing and removing."""
    articles = folder / "stories"
    for name, text in ARTICLES.items():
        (articles / name).parent.mkdir(parents=True, exist_ok=True)
        (articles / name).write_text(text, "utf-8")
    with ArticleIndex.open(folder / "index", embedder=HashingEmbedder()) as index:
        index.add(articles)
        index.remove(str(articles / "gone.txt"))
        index.export_to(folder / f"export-{FORMAT}.pullquote")
    kept = folder / f"catalog-{VERSION}"
    kept.mkdir()
    for name in (CATALOG, "pullquote.json"):
        shutil.copy(folder / "index" / name, kept / name)
    shutil.rmtree(folder / "index")
    shutil.rmtree(articles)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
