"""Embeds an index anew with another model: all of it in one transaction, so that it is the old index or the new one."""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Callable

from .catalog import Catalog
from .embedding import Embedder
from .passages import embedded_text

_ARTICLES = 100
"""Articles whose passages are embedded together."""


def reembed(catalog: Catalog, embedder: Embedder, progress: Callable[[int, int], None] | None) -> int:
    """Gives every passage a vector of another model. Needs the writer's lock.

    Passages keep their spans and get new ids, so that the caches drop the old vectors. Searches go on with the old
    ones until the end; an error or Ctrl-C leaves everything as it was.

    Args:
        catalog: of the index.
        embedder: the new model.
        progress: told the number of articles done so far and their total.

    Returns:
        The number of passages embedded.
    """
    total = catalog.counts()[0]
    done = embedded = 0
    articles = catalog.articles()
    with catalog.write() as writer:
        while some := list(itertools.islice(articles, _ARTICLES)):
            spans = {article.id: writer.passage_bounds(article.id) for article in some}
            texts = [
                embedded_text(article.title, article.text[start:end])
                for article in some
                for start, end in spans[article.id]
            ]
            vectors = embedder.encode_passages(texts)
            first = 0
            for article in some:
                count = len(spans[article.id])
                writer.renew_passages(article.id, vectors[first : first + count])
                first += count
            done += len(some)
            embedded += len(texts)
            if progress is not None:
                progress(done, total)
        writer.put_meta("model", json.dumps(dataclasses.asdict(embedder.record)))
    return embedded
