"""The portable file: an index as one zip that another machine and another version can take in.

It holds a manifest (format, model, splitter, counts, and the size and SHA-256 of each member) and three members that
are read side by side: one article a line, one passage a line, and the vectors as raw little-endian float16. Nothing is
ever unpacked to the disk, so names in the file cannot lead anywhere.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from . import passages as splitting
from .article import text_sha256
from .embedding import ModelRecord
from .errors import PortableFileError
from .files import storage_errors
from .passages import PassageSpan
from .reading import Draft
from .rows import SourceState

FORMAT = 1
"""Of the portable file. A reader knows every format up to its own."""

MANIFEST, ARTICLES, PASSAGES, VECTORS = "manifest.json", "articles.jsonl", "passages.jsonl", "vectors.f16"
MEMBERS = (ARTICLES, PASSAGES, VECTORS)

_MANIFEST_LIMIT = 1_000_000
_LINE_LIMIT = 200_000_000
"""Bytes: an article comes from a file of at most 50 MB, which can grow fourfold in UTF-8 and JSON."""
_MEMBER_LIMIT = 1 << 38
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
_NOT_READABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    RuntimeError,  # an encrypted member, an unknown way of packing, JSON that is nested too deeply
    ValueError,
    OverflowError,
)
"""What ``zipfile``, ``zlib`` and ``json`` raise for a file that is damaged."""


@dataclass(frozen=True, slots=True)
class Member:
    """Size and SHA-256 of one part of the file."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a portable file says about itself.

    Attributes:
        format: of the file.
        program: what wrote it, for people.
        model: the embedding model of the vectors.
        splitter: the fingerprint of what made the passages.
        articles, passages: how many it holds.
        members: size and hash of each of ``MEMBERS``.
    """

    format: int
    program: str
    model: ModelRecord
    splitter: str
    articles: int
    passages: int
    members: dict[str, Member]

    def as_json(self) -> bytes:
        """The manifest as it stands in the file."""
        return (json.dumps(dataclasses.asdict(self), indent=1, ensure_ascii=False) + "\n").encode()


@dataclass(frozen=True, slots=True)
class PortableArticle:
    """An article out of a portable file, checked.

    Attributes:
        draft: its text and what is known of it.
        added_at: when it was first added, ISO 8601.
        sources: where it was found; article ids in them mean nothing.
        splitter: the fingerprint of what made its passages.
        passages, embedded, vectors: each passage's span, the SHA-256 of what was embedded, and its vector.
    """

    draft: Draft
    added_at: str
    sources: tuple[SourceState, ...]
    splitter: str
    passages: list[PassageSpan]
    embedded: list[bytes]
    vectors: npt.NDArray[np.float16]


class PortableFile:
    """Reads a portable file, and believes nothing of it that it has not checked.

    Args:
        path: the file.

    Raises:
        PortableFileError: it is not such a file, is damaged, or was written in a newer format.
        StorageError: it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._checked():
            self._archive = zipfile.ZipFile(path)
        try:
            with self._checked():
                self.manifest = self._read_manifest()
                self._check_members()
        except BaseException:
            self._archive.close()
            raise

    def close(self) -> None:
        """Gives the file back."""
        self._archive.close()

    def articles(self) -> Iterator[PortableArticle]:
        """All articles, one after the other; what comes before an error has been checked by itself, the rest has not.

        Raises:
            PortableFileError: something does not match its hash, its place or its count.
        """
        with self._checked(), contextlib.ExitStack() as stack:
            parts = {name: _Part(stack.enter_context(self._archive.open(name)), self._member(name)) for name in MEMBERS}
            lines, passage = parts[ARTICLES].lines(), None
            passage_lines = parts[PASSAGES].lines()
            articles = passages = 0
            seen: set[str] = set()
            passage = next(passage_lines, None)
            for articles, row in enumerate(lines, 1):
                if row["sha256"] in seen:
                    raise ValueError("it holds the same article twice")
                seen.add(row["sha256"])
                own = []
                while passage is not None and passage["article"] == articles:
                    own.append(passage)
                    passage = next(passage_lines, None)
                passages += len(own)
                size = 2 * self.manifest.model.dimension * len(own)
                yield self._article(row, own, parts[VECTORS].exactly(size))
            if passage is not None or (articles, passages) != (self.manifest.articles, self.manifest.passages):
                raise ValueError(f"it holds {articles} articles and {passages} passages, not what its manifest says")
            for part in parts.values():
                part.finish()

    def _member(self, name: str) -> Member:
        return self.manifest.members[name]

    @contextlib.contextmanager
    def _checked(self) -> Iterator[None]:
        """Turns every way in which a damaged file makes itself felt into one line."""
        try:
            with storage_errors(self.path):
                yield
        except _NOT_READABLE as error:
            what = " ".join(str(error).split())[:200] or type(error).__name__
            raise PortableFileError(f"{self.path} cannot be imported: {what}; nothing was taken from it") from error
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            raise PortableFileError(
                f"{self.path} cannot be imported: it is not laid out as a Pullquote export; nothing was taken from it"
            ) from error

    def _read_manifest(self) -> Manifest:
        names = self._archive.namelist()
        if MANIFEST not in names:
            raise ValueError("it is a zip file, but not one that `pullquote export` has written")
        if self._archive.getinfo(MANIFEST).file_size > _MANIFEST_LIMIT:
            raise ValueError("its manifest is far too large")
        with self._archive.open(MANIFEST) as file:
            stored = json.loads(file.read(_MANIFEST_LIMIT))
        number = _whole(stored["format"])
        if number > FORMAT:
            raise ValueError(
                f"it was written by a newer Pullquote (format {number}, this one knows {FORMAT}); upgrade pullquote"
            )
        members = {
            name: Member(_whole(item["bytes"]), _text(item["sha256"])) for name, item in stored["members"].items()
        }
        model = ModelRecord(**stored["model"])
        if not 0 < _whole(model.dimension) <= 65_536:
            raise ValueError(f"its vectors have {model.dimension} numbers")
        return Manifest(
            number,
            _text(stored["program"]),
            model,
            _text(stored["splitter"]),
            _whole(stored["articles"]),
            _whole(stored["passages"]),
            members,
        )

    def _check_members(self) -> None:
        """The members that the manifest names, each once, of the sizes that it names, and none besides."""
        expected = sorted((MANIFEST, *MEMBERS))
        if sorted(self._archive.namelist()) != expected or sorted(self.manifest.members) != sorted(MEMBERS):
            raise ValueError(f"it holds other members than {', '.join(expected)}")
        for name in MEMBERS:
            information = self._archive.getinfo(name)
            if information.file_size != self._member(name).bytes or information.file_size > _MEMBER_LIMIT:
                raise ValueError(f"{name} has not the size that its manifest says")
        if self._member(VECTORS).bytes != 2 * self.manifest.model.dimension * self.manifest.passages:
            raise ValueError(f"{VECTORS} does not hold one vector for each of {self.manifest.passages} passages")

    def _article(self, row: dict[str, Any], passages: list[dict[str, Any]], vectors: bytes) -> PortableArticle:
        title, text = _text(row["title"]), _text(row["text"])
        if text_sha256(text) != row["sha256"]:
            raise ValueError(f"the text of {title!r} does not match its hash")
        author, language, published = _text_or_none(row["author"]), _text_or_none(row["language"]), row["published"]
        site, url = _text_or_none(row.get("site")), _text_or_none(row.get("url"))  # files of before have neither
        if any(_CONTROLS.search(value or "") for value in (text, title, author, language, site, url)):
            raise ValueError(f"the article {title!r} holds control characters")
        draft = Draft(
            title,
            text,
            author,
            date.fromisoformat(published) if published is not None else None,
            language,
            tuple(_whole(start) for start in row["page_starts"]),
            site,
            url,
        )
        matrix = np.frombuffer(vectors, "<f2").reshape(len(passages), self.manifest.model.dimension)
        lengths = np.linalg.norm(matrix.astype(np.float32), axis=1)
        if not passages or not bool((np.abs(lengths - 1) < 0.01).all()):
            raise ValueError(f"the vectors of {title!r} are not unit vectors")
        splitter = _text(row["splitter"])
        spans = [_span(item, text, title) for item in passages]
        embedded = [bytes.fromhex(item["embedded_sha256"]) for item in passages]
        if splitting.is_current(splitter):
            for span, digest in zip(spans, embedded, strict=True):
                if splitting.embedded_sha256(title, text[span.start : span.end]) != digest:
                    raise ValueError(f"a vector of {title!r} was made from another text")
        sources = tuple(_source(item) for item in row["sources"])
        if not sources:
            raise ValueError(f"the article {title!r} has no source")
        return PortableArticle(draft, _text(row["added_at"]), sources, splitter, spans, embedded, matrix)


class _Part:
    """One member as it is read: hashed on the way, and never further than its manifest says."""

    def __init__(self, file: IO[bytes], member: Member) -> None:
        self._file = file
        self._member = member
        self._digest = hashlib.sha256()
        self._read = 0

    def _took(self, data: bytes) -> bytes:
        self._digest.update(data)
        self._read += len(data)
        return data

    def exactly(self, size: int) -> bytes:
        data = self._took(self._file.read(size))
        if len(data) != size:
            raise ValueError("it ends too early")
        return data

    def lines(self) -> Iterator[dict[str, Any]]:
        while line := self._took(self._file.readline(_LINE_LIMIT)):
            if not line.endswith(b"\n"):
                raise ValueError("it holds a line that is cut off or far too long")
            yield json.loads(line)

    def finish(self) -> None:
        if self._read != self._member.bytes or self._digest.hexdigest() != self._member.sha256:
            raise ValueError(f"{self._file.name} does not match its hash: it was changed or damaged")


def _span(item: dict[str, Any], text: str, title: str) -> PassageSpan:
    start, end = _whole(item["start"]), _whole(item["end"])
    sentences = tuple((_whole(left), _whole(right)) for left, right in item["sentences"])
    edge, inside = start, start < end <= len(text) and bool(sentences)
    for left, right in sentences:
        inside = inside and edge <= left < right <= end
        edge = right
    if not inside:
        raise ValueError(f"a passage of {title!r} is not a slice of its text")
    return PassageSpan(start, end, sentences)


def _source(item: dict[str, Any]) -> SourceState:
    for name in ("bytes", "modified_ns", "read_at_ns"):
        value = item[name]
        if value is not None and not (isinstance(value, int) and abs(value) < 1 << 63):
            raise ValueError(f"{value!r:.40} stands where a number should")
    return SourceState(
        location=_text(item["location"]),
        article_id=0,
        root=_text_or_none(item["root"]),
        bytes=item["bytes"],
        modified_ns=item["modified_ns"],
        read_at_ns=item["read_at_ns"],
        bytes_sha256=_text_or_none(item["bytes_sha256"]),
    )


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 63:
        raise ValueError(f"{value!r:.40} stands where a whole number should")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r:.40} stands where a text should")
    value.encode()  # refuses halves of characters, which cannot be stored
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)
