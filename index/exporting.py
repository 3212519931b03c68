"""Writes the portable file: the whole catalog at one moment, streamed, checked row by row on the way out."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np

from . import passages as splitting
from .catalog import Catalog
from .embedding import ModelRecord
from .errors import StorageError
from .files import replacing
from .inspection import Inspection, at_one_moment
from .portable import ARTICLES, FORMAT, MANIFEST, PASSAGES, VECTORS, Manifest, Member
from .rows import SourceState, as_article, as_passage_row

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of every member: the same articles make the same bytes."""


def export(
    catalog: Catalog,
    model: ModelRecord,
    path: Path,
    progress: Callable[[int, int], None] | None = None,
    articles: Sequence[int] | None = None,
) -> tuple[int, int]:
    """Writes everything in a catalog into one file; readers and writers of the index go on meanwhile.

    Args:
        catalog: of the index.
        model: the record of its embedding model.
        path: the file; one that is there already is replaced when the new one is complete.
        progress: told the number of articles written so far and their total.
        articles: the ids of those that are written, or None for all.

    Returns:
        The number of articles and of passages written.

    Raises:
        CorruptIndexError: a row fails its checksum; there is no new file.
        StorageError: the disk refused, or the index is being closed; there is no new file.
    """
    if path.is_dir():
        raise StorageError(f"{path} is a folder; give the name of a file, such as {path.name}/articles.pullquote")
    with (
        replacing(path) as file,
        at_one_moment(catalog) as moment,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive,
    ):
        manifest = _write_members(archive, moment, model, progress or (lambda done, total: None), articles)
        with _member(archive, MANIFEST) as (write, _result):
            write(manifest.as_json())
    return manifest.articles, manifest.passages


def _write_members(
    archive: zipfile.ZipFile,
    catalog: Inspection,
    model: ModelRecord,
    progress: Callable[[int, int], None],
    articles: Sequence[int] | None,
) -> Manifest:
    total = catalog.counts()[0] if articles is None else len(articles)
    together = 200 if articles is None else 1  # what lies between two of a few is not wanted
    ids = []
    passages = 0
    members: dict[str, Member] = {}
    with _member(archive, ARTICLES) as (write, member):
        for rows in catalog.article_rows(", added_at", articles):
            for row in rows:
                ids.append(row[0])
                write(_article_line(row, catalog))
            progress(len(ids) // 3, total)
    members[ARTICLES] = member()
    with _member(archive, PASSAGES) as (write, member):
        for position, rows in _passages_by_position(catalog, ids, together):
            for raw in rows:
                passages += 1
                write(_passage_line(position, raw))
            progress((total + position) // 3, total)
    members[PASSAGES] = member()
    # Vectors look like noise: packing them would cost time and save nothing.
    with _member(archive, VECTORS, zipfile.ZIP_STORED) as (write, member):
        for position, rows in _passages_by_position(catalog, ids, together):
            for raw in rows:
                write(np.ascontiguousarray(as_passage_row(raw).vector, "<f2").tobytes())
            progress((2 * total + position) // 3, total)
    members[VECTORS] = member()
    progress(total, total)
    program = f"pullquote {importlib.metadata.version('pullquote')}"
    return Manifest(FORMAT, program, model, splitting.fingerprint(), len(ids), passages, members)


def _passages_by_position(
    catalog: Inspection, ids: list[int], together: int
) -> Iterator[tuple[int, list[tuple[Any, ...]]]]:
    """The passages of each article, with the article's place in the file, from 1; so many articles are read at once."""
    for first in range(0, len(ids), together):
        chunk = ids[first : first + together]
        found = catalog.passages_between(chunk[0], chunk[-1])
        for position, number in enumerate(chunk, first + 1):
            yield position, found.get(number, [])


@contextlib.contextmanager
def _member(archive: zipfile.ZipFile, name: str, method: int = zipfile.ZIP_DEFLATED) -> Iterator[Any]:
    """Writes one member; gives a function that writes, and one that tells size and hash after it."""
    information = zipfile.ZipInfo(name, _EPOCH)
    information.compress_type = method
    information.external_attr = 0o600 << 16
    digest = hashlib.sha256()
    size = 0
    file: IO[bytes]
    with archive.open(information, "w", force_zip64=True) as file:

        def write(data: bytes) -> None:
            nonlocal size
            size += len(data)
            digest.update(data)
            file.write(data)

        yield write, lambda: Member(size, digest.hexdigest())


def _article_line(row: tuple[Any, ...], catalog: Inspection) -> bytes:
    *checked, added_at = row
    article = as_article(tuple(checked), ())
    states = catalog.sources_of_article(article.id)
    line = {
        "title": article.title,
        "author": article.author,
        "published": article.published.isoformat() if article.published else None,
        "language": article.language,
        "site": article.site,
        "url": article.url,
        "sha256": article.sha256,
        "page_starts": article.page_starts,
        "splitter": checked[9],
        "added_at": added_at,
        "sources": [_source_fields(state) for state in states],
        "text": article.text,
    }
    return _line(line)


def _source_fields(state: SourceState) -> dict[str, Any]:
    return {
        "location": state.location,
        "root": state.root,
        "bytes": state.bytes,
        "modified_ns": state.modified_ns,
        "read_at_ns": state.read_at_ns,
        "bytes_sha256": state.bytes_sha256,
    }


def _passage_line(position: int, raw: tuple[Any, ...]) -> bytes:
    row = as_passage_row(raw)
    passage = row.passage
    return _line(
        {
            "article": position,
            "start": passage.start,
            "end": passage.end,
            "sentences": passage.sentences,
            "embedded_sha256": row.embedded_sha256.hex(),
        }
    )


def _line(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
