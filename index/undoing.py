"""Takes articles out of an index in such a way that they can be put back, even when their files are gone.

What is taken out is written into a portable file first: texts, what is known of them, passages and vectors. So putting
back needs neither the sources nor the model, and what comes back is checked as a file from elsewhere would be.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .exporting import export
from .importing import Importer
from .portable import PortableFile

if TYPE_CHECKING:
    from .article import AddReport, Article
    from .article_index import ArticleIndex


def take_out(index: ArticleIndex, articles: Sequence[int], path: Path) -> tuple[Article, ...]:
    """Removes articles after writing them into a file.

    Args:
        index: the articles.
        articles: ids; those that are not there are left out.
        path: the new file.

    Returns:
        The articles that are gone. When there are none, there is no file.

    Raises:
        CorruptIndexError: one of them is damaged; nothing is removed.
        IndexLockedError: another process is writing.
        StorageError: the disk refused; nothing is removed.
    """
    with index._writing():
        there = sorted(index.articles_by_id(articles))
        if not there:
            return ()
        export(index._catalog, index.model, path, articles=there)
        with index._catalog.write() as writer:
            gone = tuple(index._catalog.articles(there))
            for number in there:
                writer.remove_article(number)
    return gone


def put_back(index: ArticleIndex, path: Path) -> AddReport:
    """Puts back what ``take_out`` has written, with its sources as they were; ids are new.

    Raises:
        PortableFileError: the file is damaged; nothing was put back.
        IndexLockedError: another process is writing.
        StorageError: the disk refused, or there is no such file.
    """
    file = PortableFile(path)
    with contextlib.closing(file), index._writing():
        importer = Importer(index._catalog, index._embedder, index.settings.window, index._caches.catch_up, own=True)
        return importer.run(file)
