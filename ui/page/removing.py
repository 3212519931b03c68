"""Articles that were removed on the page, kept beside the index for a day, so that they can be brought back.

What is removed is written whole into a file (see ``index.undoing``): it comes back even when its source is gone.
"""

from __future__ import annotations

import contextlib
import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from index import AddReport, ArticleIndex, CorruptIndexError, PullquoteError, StorageError
from index.files import replace_file, storage_errors
from index.undoing import put_back, take_out

from .adding import UPLOADS
from .words import counted, say

KEPT = timedelta(hours=24)
"""How long removed articles can be brought back."""
MOST = 50
LARGEST = 500_000_000
"""Removals, and bytes of all of them, that are kept; more make the oldest ones go earlier."""
_FOLDER = "removed"
_TOKEN = re.compile(r"\d{14}-[\w-]{8}")
_TIME = "%Y%m%d%H%M%S"


@dataclass(frozen=True, slots=True)
class Removal:
    """Articles that were removed together.

    Attributes:
        token: names it; it begins with the time.
        what: the articles in words.
        uploads: those of their sources that lie in the folder of dropped files.
    """

    token: str
    what: str
    uploads: tuple[str, ...] = ()

    @property
    def removed(self) -> datetime:
        """When they were removed."""
        return datetime.strptime(self.token.partition("-")[0], _TIME).replace(tzinfo=UTC)


class Removals:
    """What was removed from an index lately."""

    def __init__(self, index: ArticleIndex) -> None:
        self._index = index
        self._folder = index.folder / _FOLDER

    def remove(self, articles: Sequence[int]) -> tuple[str, Removal | None]:
        """Removes articles.

        Returns:
            What was removed, in words (empty when nothing was), and what brings it back. A damaged article goes
            without that.

        Raises:
            PullquoteError: the index cannot be changed now; nothing was removed.
        """
        token = f"{datetime.now(UTC).strftime(_TIME)}-{secrets.token_urlsafe(6)}"
        with storage_errors(self._folder):
            self._folder.mkdir(exist_ok=True)
        try:
            gone = take_out(self._index, articles, self._file(token))
        except CorruptIndexError:
            gone = self._index.remove(list(articles))
            return _in_words([article.title for article in gone]), None
        if not gone:
            return "", None
        below = str(self._index.folder / UPLOADS)
        uploads = [source for article in gone for source in article.sources if source.startswith(below)]
        removal = Removal(token, _in_words([article.title for article in gone]), tuple(uploads))
        told = {"what": removal.what, "uploads": uploads}
        replace_file(self._about(token), json.dumps(told).encode())
        self.purge()
        return removal.what, removal

    def undo(self, token: str) -> AddReport:
        """Brings back what was removed together.

        Raises:
            PullquoteError: it is too late, or the index cannot be changed now.
        """
        if not _TOKEN.fullmatch(token) or not self._file(token).exists():
            raise PullquoteError(say("too_late"))
        report = put_back(self._index, self._file(token))
        self._forget(token)
        return report

    def recent(self) -> tuple[Removal, ...]:
        """What can be brought back, the last one first."""
        tokens = sorted(
            (path.stem for path in self._folder.glob("*.json") if _TOKEN.fullmatch(path.stem)), reverse=True
        )
        found = (self._read(token) for token in tokens)
        return tuple(removal for removal in found if removal is not None and _age(removal) < KEPT)

    def purge(self) -> None:
        """Deletes for good what has been kept long enough, with the dropped files that nothing else needs."""
        size = 0
        for place, path in enumerate(sorted(self._folder.glob("*.pullquote"), reverse=True)):
            removal = self._read(path.stem) if _TOKEN.fullmatch(path.stem) else None
            with contextlib.suppress(OSError):
                size += path.stat().st_size
            too_many = place > 0 and (place >= MOST or size > LARGEST)
            if removal is None or too_many or _age(removal) >= KEPT:
                for source in removal.uploads if removal else ():
                    self._drop(source)
                self._forget(path.stem)

    def _drop(self, source: str) -> None:
        """Deletes a dropped file, unless it was added again."""
        if not any(source in article.sources for article in self._index.find(source)):
            with contextlib.suppress(OSError):
                Path(source).unlink(missing_ok=True)

    def _read(self, token: str) -> Removal | None:
        try:
            told = json.loads(self._about(token).read_text("utf-8"))
            return Removal(token, str(told["what"]), tuple(map(str, told["uploads"])))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _forget(self, token: str) -> None:
        for path in (self._about(token), self._file(token)):
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise StorageError(f"{path}: {error.strerror or error}") from error

    def _file(self, token: str) -> Path:
        return self._folder / f"{token}.pullquote"

    def _about(self, token: str) -> Path:
        return self._folder / f"{token}.json"


def _age(removal: Removal) -> timedelta:
    return datetime.now(UTC) - removal.removed


def _in_words(titles: Sequence[str]) -> str:
    if not titles:
        return ""
    first = f"“{titles[0][:100]}”"
    return counted("and_more", len(titles) - 1, first=first) if len(titles) > 1 else first
