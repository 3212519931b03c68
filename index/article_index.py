"""``ArticleIndex``: a folder of articles that can be searched."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from . import database, syncing
from .adding import Adder
from .article import AddReport, Article, Places, Progress, SyncReport
from .catalog import Catalog
from .embedding import Embedder, embedder_from
from .errors import (
    CorruptIndexError,
    IndexFormatError,
    ModelMismatchError,
    NotAnIndexError,
    StorageError,
    StoreError,
)
from .exporting import export
from .files import storage_errors
from .finding import find
from .folder import CATALOG, check_model, holds_index, manifest_model, new_record, write_manifest
from .formats.tables import checked_columns
from .importing import Importer
from .lock import writer_lock
from .portable import PortableFile
from .reembedding import reembed
from .removing import named, remove
from .repairing import Repairer
from .salvaging import Salvage, salvage
from .searchable import SearchableIndex
from .settings import Settings
from .verifying import Verifier, VerifyReport

Source = str | os.PathLike[str]


class ArticleIndex(SearchableIndex):
    """Articles in one folder on disk, and what is needed to search them.

    Open it with ``ArticleIndex.open``. It may be used from several threads; other processes may read and write the
    same folder meanwhile, and what they add is seen without opening it again.

    Attributes:
        folder: the folder.
        notes: one line for each thing that had to be mended when the index was opened, such as a missing cache.
    """

    def __init__(self, folder: Path, catalog: Catalog, embedder: Embedder, settings: Settings, writable: bool) -> None:
        super().__init__(folder, catalog, embedder, settings, writable=writable)
        self._writer = threading.RLock()

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
        embedder = embedder or embedder_from(settings)
        path = Path(os.path.abspath(os.path.expanduser(folder)))
        if not holds_index(path, create):
            record = new_record(embedder.record, settings)
            with storage_errors(path):
                path.mkdir(parents=True, exist_ok=True)
            with writer_lock(path, settings.lock_timeout):
                database.create(path / CATALOG, record)
        writable = os.access(path, os.W_OK) and os.access(path / CATALOG, os.W_OK)
        catalog = Catalog(path / CATALOG, read_only=not writable)
        try:
            check_model(path, catalog, embedder.record)
            if writable:
                write_manifest(path, catalog.version(), embedder.record)
        except StoreError:
            catalog.close()
            raise
        return cls(path, catalog, embedder, settings, writable)

    @property
    def settings(self) -> Settings:
        """What it was opened with."""
        return self._settings

    def close(self) -> None:
        """Gives files and memory back; the index cannot be used after this."""
        self._caches.close()
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
        columns: Mapping[str, str] | None = None,
        progress: Callable[[Progress], None] | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> AddReport:
        """Adds files, and all articles in folders. What is in the index already, and unchanged, costs next to nothing.

        Args:
            sources: paths of files or folders, links; one or several.
            columns: which columns of the tables among them hold what, such as ``{"text": "body"}``; kept with the
                sources, so that ``sync`` reads them in the same way. Where it is None, what was said before counts.
            progress: called as work is done.
            stop: asked often; once it returns True, adding ends and keeps every article that is complete.

        Returns:
            What happened to each source. A source that cannot be read is reported in ``failed``; the others go on.

        Raises:
            PullquoteError: ``columns`` names something that articles do not have.
            IndexLockedError: another process is writing.
            StorageError: the disk refused. Articles stored before that are kept.
        """
        said = checked_columns(columns) if columns else None
        findings = find([sources] if isinstance(sources, str | os.PathLike) else sources)
        with self._writing():
            adder = Adder(self._catalog, self._embedder, self._settings, self._caches.catch_up, progress, stop)
            return adder.run(findings, columns=said)

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
            return tuple(article for item in items for article in remove(self._catalog, item))

    def find(self, what: int | Article | Source) -> tuple[Article, ...]:
        """The articles that ``remove`` would take for the same argument."""
        locations, ids = named(self._catalog, what)
        return tuple(self._catalog.unchecked_articles([*ids, *locations.values()]))

    def sync(
        self,
        *,
        dry_run: bool = False,
        links: bool = True,
        progress: Callable[[Progress], None] | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> SyncReport:
        """Brings the index to the state of the files and folders that were added: new, changed, moved, deleted files.

        A folder that is missing altogether (a drive that is not plugged in) is reported as failed, and nothing
        under it is removed; nor is a file that is only out of reach, such as one in a folder without permission.

        Args:
            dry_run: only look, and say what would be done. Nothing is stored, and of links only the feeds are read:
                of each page its site is asked whether it has changed.
            links: whether links and feeds are looked at too.
            progress, stop: as for ``add``.

        Raises:
            IndexLockedError: another process is writing.
            StorageError: the disk refused. What was done before that is kept.
        """
        if dry_run:
            return syncing.rehearse(self._catalog, self._settings, progress, stop, links=links)
        with self._writing():
            adder = Adder(self._catalog, self._embedder, self._settings, self._caches.catch_up, progress, stop)
            return syncing.sync(self._catalog, adder, links=links)

    def places(self) -> Places:
        """The folders and files on this machine that ``sync`` looks at."""
        return syncing.places(self._catalog)

    def verify(self, *, repair: bool = False, progress: Callable[[int, int], None] | None = None) -> VerifyReport:
        """Checks every passage, article, vector and source, and both search indexes against the catalog.

        Args:
            repair: mend what differs: search indexes are made anew, damaged passages are split and embedded again,
                damaged articles are read again from their sources, and what cannot be read any more is taken out and
                named in ``lost``. When the catalog itself was damaged, the damaged file is kept.
            progress: told the number of articles dealt with so far and their total.

        Returns:
            What was checked and what differs; after a repair, what was mended, what was lost, and what still differs.

        Raises:
            IndexLockedError: another process is writing.
            StorageError: the disk refused.
        """
        if repair and not self._writable:
            raise StorageError(f"{self.folder}: no permission to write here, so nothing can be repaired")
        with self._writer, self._lock_if_writable():
            report = self._checked(progress)
            return self._repaired(report, None, progress) if repair and report.problems else report

    @classmethod
    def reembed(
        cls,
        folder: Source,
        *,
        settings: Settings | None = None,
        embedder: Embedder | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> int:
        """Embeds an index anew with the model of the settings, whichever model it was made with.

        It is one transaction: an error or Ctrl-C leaves the index as it was.

        Args:
            folder, settings, embedder: as for ``open``; the model is the new one.
            progress: told the number of articles done so far and their total.

        Returns:
            The number of passages embedded; 0 when the index has this model already.

        Raises:
            IndexNotFoundError, NotAnIndexError, IndexFormatError, CorruptIndexError: as ``open`` does.
            IndexLockedError: another process is writing.
            StorageError: the disk refused.
        """
        settings = settings or Settings()
        embedder = embedder or embedder_from(settings)
        path = Path(os.path.abspath(os.path.expanduser(folder)))
        holds_index(path, create=False)
        with contextlib.closing(Catalog(path / CATALOG)) as catalog, writer_lock(path, settings.lock_timeout):
            with contextlib.suppress(ModelMismatchError):
                check_model(path, catalog, embedder.record)
                return 0
            embedded = reembed(catalog, embedder, progress)
        with cls.open(path, create=False, settings=settings, embedder=embedder) as index, index._writing():
            return embedded

    @classmethod
    def salvage(
        cls,
        folder: Source,
        *,
        settings: Settings | None = None,
        embedder: Embedder | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> VerifyReport:
        """``verify(repair=True)`` for an index that may be so damaged that ``open`` refuses it.

        Args:
            folder, settings, embedder: as for ``open``.
            progress: as for ``verify``.

        Raises:
            IndexNotFoundError, NotAnIndexError, IndexFormatError, ModelMismatchError: as ``open`` does.
            IndexLockedError: another process is writing.
            StorageError: the disk refused.
        """
        settings = settings or Settings()
        embedder = embedder or embedder_from(settings)
        saved = None
        try:
            index = cls.open(folder, create=False, settings=settings, embedder=embedder)
        except (CorruptIndexError, NotAnIndexError, IndexFormatError) as error:
            path = Path(os.path.abspath(os.path.expanduser(folder)))
            model = manifest_model(path)
            # The manifest tells a damaged catalog of ours from another program's file, and from a newer version's.
            if model is None and not isinstance(error, CorruptIndexError):
                raise
            with writer_lock(path, settings.lock_timeout):
                saved = salvage(path / CATALOG, model or json.dumps(dataclasses.asdict(embedder.record)))
            saved.model = saved.model or model
            index = cls.open(path, create=False, settings=settings, embedder=embedder)
        with index:
            if saved is None:
                return index.verify(repair=True, progress=progress)
            with index._writer, index._lock_if_writable():
                return index._repaired(index._checked(progress), saved, progress)

    def _checked(self, progress: Callable[[int, int], None] | None) -> VerifyReport:
        dimension = self._embedder.record.dimension
        return Verifier(
            self._catalog, self.folder, dimension, writable=self._writable, progress=progress, milvus=self._milvus
        ).run()

    def _repaired(
        self, report: VerifyReport, saved: Salvage | None, progress: Callable[[int, int], None] | None
    ) -> VerifyReport:
        """Repairs, and checks again."""

        def add(paths: Sequence[str]) -> AddReport:
            return Adder(self._catalog, self._embedder, self._settings, lambda: None, None, None).run(find(paths))

        repairer = Repairer(self._catalog, self.folder, self._embedder, self._settings, add, progress, self._milvus)
        if saved is not None:
            repairer.take(saved)
        repairer.run(report)
        self._caches.close()
        after = self._checked(progress)
        after.repaired, after.lost = repairer.repaired, repairer.lost
        return after

    def export_to(self, path: Source, *, progress: Callable[[int, int], None] | None = None) -> tuple[int, int]:
        """Writes the whole index into one portable file, which ``import_from`` takes in, here or on another machine.

        Args:
            path: the file; one that is there already is replaced once the new one is complete.
            progress: told the number of articles written so far and their total.

        Returns:
            The number of articles and of passages written.

        Raises:
            CorruptIndexError: something in the catalog fails its checksum; there is no new file.
            StorageError: the disk refused; there is no new file.
        """
        target = Path(os.path.abspath(os.path.expanduser(path)))
        return export(self._catalog, self._embedder.record, target, progress)

    def import_from(
        self,
        path: Source,
        *,
        progress: Callable[[int, int], None] | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> AddReport:
        """Takes in the articles of a portable file. It is checked as a whole before anything of it is stored.

        Vectors are taken over where model and splitter are the same; otherwise the articles are split and embedded
        anew. An article whose text is in the index already only gets the sources that it lacked.

        Args:
            path: a file that ``export_to`` has written.
            progress: told the number of articles taken in so far and their total.
            stop: asked often; once it returns True, importing ends and keeps what is complete. Import again to go on.

        Returns:
            ``added``, ``duplicates`` (sources joined to an article that was there) and ``unchanged``, by each
            article's first source.

        Raises:
            PortableFileError: the file is damaged, was changed, or comes from a newer version; nothing was taken in.
            IndexLockedError: another process is writing.
            StorageError: the disk refused.
        """
        file = PortableFile(Path(os.path.abspath(os.path.expanduser(path))))
        with contextlib.closing(file), self._writing():
            importer = Importer(
                self._catalog, self._embedder, self._settings.window, self._caches.catch_up, progress, stop
            )
            return importer.run(file)

    def _lock_if_writable(self) -> contextlib.AbstractContextManager[None]:
        """Keeps other writers out where there can be any."""
        return writer_lock(self.folder, self._settings.lock_timeout) if self._writable else contextlib.nullcontext()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Holds the right to write; the caches are brought up to the catalog before it is given back."""
        if not self._writable:
            raise StorageError(f"{self.folder}: no permission to write here; choose another folder with --index")
        with self._writer, writer_lock(self.folder, self._settings.lock_timeout):
            self._caches.prepare()
            try:
                yield
                self._caches.catch_words_up()
            finally:
                self._caches.fold()
