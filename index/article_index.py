"""``ArticleIndex``: a folder of articles that can be searched."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from . import database, vectors, words
from . import passages as splitting
from .adding import Adder
from .article import AddReport, Article, Passage, Progress, SyncReport
from .catalog import Catalog, IdArray
from .embedding import Embedder, FloatMatrix, ModelRecord, SentenceTransformerEmbedder
from .errors import (
    CorruptIndexError,
    IndexLockedError,
    IndexNotFoundError,
    ModelMismatchError,
    NotAnIndexError,
    StorageError,
    StoreError,
)
from .files import replace_file, storage_errors
from .finding import find
from .lock import writer_lock
from .schema import VERSION
from .selection import Filters, source_pattern
from .settings import Settings
from .verifying import Verifier, VerifyReport

CATALOG = "catalog.sqlite"
MANIFEST = "pullquote.json"

Source = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a search looks at: both caches at one generation; a write that goes on meanwhile does not touch it."""

    generation: int
    vectors: vectors.VectorIndex
    words: words.WordView


@dataclass(frozen=True, slots=True)
class Stats:
    """Figures about an index.

    Attributes:
        folder: where it is.
        articles, passages: how many it holds.
        bytes: its size on disk.
        generation: how many times its passages have changed.
        model: the record of its embedding model.
        splitter: the fingerprint of what makes passages now.
        vectors: what kind of FAISS index is used, and how many vectors it searches.
    """

    folder: str
    articles: int
    passages: int
    bytes: int
    generation: int
    model: ModelRecord
    splitter: str
    vectors: str


class ArticleIndex:
    """Articles in one folder on disk, and what is needed to search them.

    Open it with ``ArticleIndex.open``. It may be used from several threads; other processes may read and write the
    same folder meanwhile, and what they add is seen without opening it again.

    Attributes:
        folder: the folder.
        notes: one line for each thing that had to be mended when the index was opened, such as a missing cache.
    """

    def __init__(self, folder: Path, catalog: Catalog, embedder: Embedder, settings: Settings, writable: bool) -> None:
        self.folder = folder
        self.notes: list[str] = []
        self._catalog = catalog
        self._embedder = embedder
        self._settings = settings
        self._writable = writable
        self._lock = threading.RLock()
        self._words: words.WordIndex | None = None
        self._snapshot: Snapshot | None = None

    @classmethod
    def open(
        cls,
        folder: Source,
        *,
        create: bool = True,
        settings: Settings | None = None,
        embedder: Embedder | None = None,
    ) -> ArticleIndex:
        """Opens the index in a folder.

        Args:
            folder: the folder; made when it is missing and ``create`` is true.
            create: whether a missing index is made; False raises instead.
            settings: the model, precision and so on; the defaults when None.
            embedder: used instead of the settings' model, such as a ``HashingEmbedder`` in tests.

        Raises:
            IndexNotFoundError: there is no index, and ``create`` is False.
            NotAnIndexError: the folder holds something else, or is a file.
            ModelMismatchError: the index was embedded with another model.
            IndexFormatError: it was written by a newer version of Pullquote.
            CorruptIndexError: its catalog is damaged.
            StorageError: the disk refused.
        """
        settings = settings or Settings()
        embedder = embedder or SentenceTransformerEmbedder(settings)
        path = Path(os.path.abspath(os.path.expanduser(folder)))
        if not _holds_index(path, create):
            with storage_errors(path):
                path.mkdir(parents=True, exist_ok=True)
            with writer_lock(path, settings.lock_timeout):
                database.create(path / CATALOG, {"model": json.dumps(dataclasses.asdict(embedder.record))})
        writable = os.access(path, os.W_OK) and os.access(path / CATALOG, os.W_OK)
        catalog = Catalog(path / CATALOG, read_only=not writable)
        index = cls(path, catalog, embedder, settings, writable)
        try:
            index._check_model()
        except StoreError:
            catalog.close()
            raise
        index._write_manifest()
        return index

    def close(self) -> None:
        """Gives files and memory back; the index cannot be used after this."""
        with self._lock:
            self._snapshot = None
            self._words = None
            self._catalog.close()

    def __enter__(self) -> ArticleIndex:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def add(
        self,
        sources: Source | Iterable[Source],
        *,
        progress: Callable[[Progress], None] | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> AddReport:
        """Adds files, and all articles in folders. What is in the index already, and unchanged, costs next to nothing.

        Args:
            sources: paths of files or folders; one or several.
            progress: called as work is done.
            stop: asked often; once it returns True, adding ends and keeps every article that is complete.

        Returns:
            What happened to each source. A source that cannot be read is reported in ``failed``; the others go on.

        Raises:
            IndexLockedError: another process is writing.
            StorageError: the disk refused. Articles stored before that are kept.
        """
        findings = find([sources] if isinstance(sources, str | os.PathLike) else sources)
        with self._writing():
            adder = Adder(self._catalog, self._embedder, self._settings, self._catch_words_up, progress, stop)
            try:
                return adder.run(findings)
            finally:
                self._fold()

    def remove(self, what: int | Article | Source | Iterable[int | Article | Source]) -> tuple[Article, ...]:
        """Removes articles, from the catalog and both search indexes.

        Args:
            what: an article, its id, its title, or a path or URL (a folder means everything below it, ``*`` matches
                as in a shell); one or several. An article that was found in several places goes when its last
                source is removed, or at once when it is named by id or title.

        Returns:
            The articles that are gone.
        """
        items = [what] if isinstance(what, int | str | Article | os.PathLike) else list(what)
        with self._writing():
            gone: list[Article] = []
            for item in items:
                locations, ids = self._named(item)
                before = {article.id: article for article in self._catalog.articles([*ids, *locations.values()])}
                with self._catalog.write() as writer:
                    removed = set(ids)
                    for number in ids:
                        writer.remove_article(number)
                    for location in locations:
                        last = writer.remove_source(location)
                        removed |= {last} if last is not None else set()
                    if isinstance(item, str | os.PathLike):
                        writer.remove_root(os.path.abspath(item))
                gone += [article for number, article in before.items() if number in removed]
            self._catch_words_up()
            self._fold()
            return tuple(gone)

    def find(self, what: int | Article | Source) -> tuple[Article, ...]:
        """The articles that ``remove`` would take for the same argument."""
        locations, ids = self._named(what)
        return tuple(self._catalog.articles([*ids, *locations.values()]))

    def _named(self, what: int | Article | Source) -> tuple[dict[str, int], list[int]]:
        """Sources (with their article's id) or article ids that a person named."""
        if isinstance(what, int | Article):
            number = what if isinstance(what, int) else what.id
            return {}, [article.id for article in self._catalog.articles([number])]
        name = os.fspath(what)
        pattern = source_pattern(name)
        sources = self._catalog.sources()
        found = {
            location: state.article_id
            for location, state in sources.items()
            if location == name or pattern.match(location.replace("\\", "/"))
        }
        if found:
            return found, []
        return {}, [article.id for article in self._catalog.articles() if article.title.casefold() == name.casefold()]

    def sync(
        self,
        *,
        progress: Callable[[Progress], None] | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> SyncReport:
        """Brings the index to the state of the files and folders that were added: new, changed and deleted files.

        A folder that is missing altogether (a drive that is not plugged in) is reported as failed, and nothing
        under it is removed.
        """
        roots = self._catalog.roots()
        present = [root for root in roots if os.path.isdir(root)]
        absent = [root for root in roots if root not in present]
        sources = self._catalog.sources()
        single = [state.location for state in sources.values() if state.root is None and "://" not in state.location]
        report = self.add(
            [*present, *(path for path in single if os.path.lexists(path)), *absent], progress=progress, stop=stop
        )
        gone = [
            state.location
            for state in sources.values()
            if "://" not in state.location
            and not os.path.lexists(state.location)
            and os.path.isdir(state.root or Path(state.location).parent)
        ]
        with self._writing(), self._catalog.write() as writer:
            for location in gone:
                writer.remove_source(location)
        with self._writing():
            self._catch_words_up()
            self._fold()
        return SyncReport(report, tuple(gone))

    def verify(self, *, progress: Callable[[int, int], None] | None = None) -> VerifyReport:
        """Checks every passage, article, vector and source, and both search indexes against the catalog.

        Args:
            progress: told the number of articles checked so far and their total.

        Returns:
            What was checked and what differs.
        """
        return Verifier(self._catalog, self.folder, self._embedder.record.dimension, progress).run()

    def articles(self, filters: Filters | None = None) -> Iterator[Article]:
        """All articles, or those that pass the filters, in the order in which they were added."""
        ids = filters.article_ids(self._catalog) if filters else None
        return self._catalog.articles(ids)

    def article(self, number: int) -> Article | None:
        """The article with this id, or None."""
        return next(self._catalog.articles([number]), None)

    def counts(self) -> tuple[int, int]:
        """The number of articles and of passages."""
        return self._catalog.counts()

    def stats(self) -> Stats:
        """Figures about the index."""
        articles, passages = self.counts()
        snapshot = self.snapshot()
        size = 0
        for path in self.folder.rglob("*"):
            with contextlib.suppress(OSError):
                size += path.stat().st_size
        return Stats(
            str(self.folder),
            articles,
            passages,
            size,
            self._catalog.generation(),
            self._embedder.record,
            splitting.fingerprint(),
            f"exact search over {snapshot.vectors.size - len(snapshot.vectors.dead)} vectors in memory",
        )

    # What the package qa searches with.

    def snapshot(self) -> Snapshot:
        """Both caches at the newest generation; the same object until something changes."""
        with self._lock:
            newest = self._catalog.generation()
            current = self._snapshot
            if current is not None and current.vectors.generation == newest == current.words.generation:
                return current
            dimension = self._embedder.record.dimension
            if current is None:
                dense, problem = vectors.load(self.folder / vectors.FOLDER, self._catalog, dimension)
                if problem:
                    self.notes.append(f"{problem}: the vectors were taken from the catalog")
            else:
                dense = vectors.refreshed(current.vectors, self._catalog, dimension)
            self._snapshot = Snapshot(dense.generation, dense, self._word_view())
            return self._snapshot

    def embed_questions(self, texts: Sequence[str]) -> FloatMatrix:
        """Vectors of questions, ``(n, dimension)`` float32, unit length."""
        return self._embedder.encode_questions(texts)

    def embed_sentences(self, texts: Sequence[str]) -> FloatMatrix:
        """Vectors of sentences or passages, ``(n, dimension)`` float32, unit length."""
        return self._embedder.encode_passages(texts)

    def passages(self, ids: Sequence[int]) -> dict[int, Passage]:
        """Passages by id; those that are gone are left out."""
        return self._catalog.passages([int(number) for number in ids])

    def articles_by_id(self, ids: Iterable[int]) -> dict[int, Article]:
        """Articles by id; those that are gone are left out."""
        return {article.id: article for article in self._catalog.articles(ids)}

    def passage_ids(self, articles: Sequence[int]) -> IdArray:
        """Ids of the passages of some articles, ascending."""
        return self._catalog.passage_ids(articles)

    def article_ids(self, filters: Filters) -> list[int] | None:
        """The articles that pass the filters; None when nothing is filtered."""
        return filters.article_ids(self._catalog)

    @property
    def model(self) -> ModelRecord:
        """The record of the embedding model."""
        return self._embedder.record

    # Keeping the caches in step with the catalog.

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        if not self._writable:
            raise StorageError(f"{self.folder}: no permission to write here; choose another folder with --index")
        with self._lock, writer_lock(self.folder, self._settings.lock_timeout):
            yield

    def _catch_words_up(self) -> None:
        """Brings the word index on disk up to the catalog. Needs the writer's lock."""
        if self._words is None:
            self._words, problem = words.open_or_none(self.folder / words.FOLDER)
            if problem and self._catalog.generation():
                self.notes.append(f"{problem}: the word index was rebuilt from the catalog")
        try:
            if self._words is not None and words.caught_up(self._words, self._catalog):
                return
        except StorageError as error:
            self.notes.append(f"the word index could not be caught up ({error}): it was rebuilt from the catalog")
        self._words = None
        self._words = words.rebuilt(self.folder / words.FOLDER, self._catalog)

    def _word_view(self) -> words.WordView:
        """The word index at the catalog's generation if that can be had.

        Another process may be writing: it will catch the word index up itself, and until then the older view is
        used. Where nothing may be written, the index is made in memory.
        """
        if self._words is None:
            self._words, _ = words.open_or_none(self.folder / words.FOLDER)
        newest = self._catalog.generation()
        view = self._words.view() if self._words is not None else None
        if view is not None and view.generation == newest:
            return view
        if self._writable:
            try:
                with writer_lock(self.folder, 0.0 if view is not None else self._settings.lock_timeout):
                    self._catch_words_up()
                    assert self._words is not None
                    return self._words.view()
            except IndexLockedError:
                if view is not None:
                    return view
        self._words = words.rebuilt(None, self._catalog)
        return self._words.view()

    def _fold(self) -> None:
        """Writes the FAISS file anew when enough has changed. Needs the writer's lock."""
        snapshot = self.snapshot()
        if snapshot.vectors.wants_rebuild:
            dense = vectors.write(self.folder / vectors.FOLDER, self._catalog, self._embedder.record.dimension)
            self._snapshot = Snapshot(dense.generation, dense, snapshot.words)

    def _check_model(self) -> None:
        try:
            stored = ModelRecord(**json.loads(self._catalog.meta("model") or "{}"))
        except (TypeError, ValueError) as error:
            raise CorruptIndexError(f"{self.folder}: the catalog does not say which model it was made with") from error
        if stored != self._embedder.record:
            now = self._embedder.record
            what = f"{now.name!r}" if now.name != stored.name else f"another copy of {now.name!r} ({now.sha256[:12]}…)"
            raise ModelMismatchError(
                f"{self.folder} was embedded with {stored.name!r}, not with {what}: set PULLQUOTE_MODEL={stored.name} "
                f"to use it as it is, or embed it anew with `pullquote reembed --index {self.folder}`"
            )

    def _write_manifest(self) -> None:
        """Writes a copy, for people and other programs, of what the catalog records about the index."""
        manifest = {
            "format": VERSION,
            "model": dataclasses.asdict(self._embedder.record),
            "splitter": splitting.fingerprint(),
            "about": "A Pullquote index. catalog.sqlite holds the articles; vectors/ and words/ are made from it.",
        }
        data = (json.dumps(manifest, indent=1) + "\n").encode()
        path = self.folder / MANIFEST
        with contextlib.suppress(OSError):
            if path.read_bytes() == data:
                return
        if self._writable:
            replace_file(path, data)


def _holds_index(path: Path, create: bool) -> bool:
    """Whether a folder holds an index; raises when it does not and none may be made there."""
    try:
        if (path / CATALOG).is_file():
            # A catalog whose making was cut short has no version yet: it is made again.
            return _is_complete(path / CATALOG)
        if path.exists() and not path.is_dir():
            raise NotAnIndexError(f"{path} is a file, not an index folder; choose a folder with --index")
        rest = [entry for entry in os.listdir(path) if not entry.startswith(".")] if path.is_dir() else []
    except OSError as error:
        raise StorageError(f"{path}: the index folder cannot be read: {error.strerror or error}") from error
    if rest and not set(rest) <= {"writer.lock", "writer.json", MANIFEST, vectors.FOLDER, words.FOLDER}:
        raise NotAnIndexError(
            f"{path} holds other files ({rest[0]!r}) and is not an index; choose another folder with --index"
        )
    if not create:
        raise IndexNotFoundError(f"there is no index at {path}; make one with `pullquote add FILES --index {path}`")
    return False


def _is_complete(path: Path) -> bool:
    with path.open("rb") as file:
        header = file.read(100)
    # Bytes 60 to 63 of an SQLite file are its user version; see https://www.sqlite.org/fileformat2.html
    return len(header) == 100 and header[60:64] != b"\0\0\0\0"
