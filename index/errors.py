"""The errors that Pullquote raises on purpose.

One root, so that a caller can write one ``except``::

    PullquoteError
    ├── SourceError          a file, folder or link could not be read
    ├── QuestionError        a question that cannot be asked (empty, far too long)
    ├── FilterError          a filter that cannot be understood
    ├── QuestionSetError     a file of questions and answers that cannot be read
    ├── ModelError           an embedding model that is missing, damaged or not the expected one
    ├── PortableFileError    an exported file that is damaged, was changed, or comes from a newer version
    └── StoreError           the index folder
        ├── IndexNotFoundError   there is no index at that path
        ├── NotAnIndexError      the folder holds something else
        ├── IndexFormatError     written by a newer version of Pullquote
        ├── ModelMismatchError   embedded with another model than the one in use
        ├── IndexLockedError     another process is writing
        ├── CorruptIndexError    stored data fail their checksums
        └── StorageError         the disk refused: full, read-only, gone

Every message says what happened, with which value, and what to do next. Failures of SQLite, FAISS, tantivy and the
file system are turned into these in the module that owns the library.
"""

from __future__ import annotations


class PullquoteError(Exception):
    """The root of all errors that Pullquote raises on purpose."""


class SourceError(PullquoteError):
    """A file, folder or link that could not be read.

    Attributes:
        source: the path or URL as it was given.
        reason: what was wrong with it and what to do, without the source's name.
    """

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"{source}: {reason}")
        self.source = source
        self.reason = reason


class QuestionError(PullquoteError):
    """A question that cannot be asked: empty, or longer than the limit."""


class FilterError(PullquoteError):
    """A filter whose value cannot be understood, such as a date that is none."""


class QuestionSetError(PullquoteError):
    """A file of questions and answers cannot be read."""


class ModelError(PullquoteError):
    """An embedding model that is missing, damaged or not the expected one."""


class PortableFileError(PullquoteError):
    """A file to import that is damaged, was changed, or was written by a newer version of Pullquote."""


class StoreError(PullquoteError):
    """Something about the index folder; the parent of the errors below."""


class IndexNotFoundError(StoreError):
    """There is no index at the given path."""


class NotAnIndexError(StoreError):
    """The folder exists and holds something that is not an index."""


class IndexFormatError(StoreError):
    """The index was written by a newer version of Pullquote."""


class ModelMismatchError(StoreError):
    """The index was embedded with another model than the one in use."""


class IndexLockedError(StoreError):
    """Another process is writing to the index."""


class CorruptIndexError(StoreError):
    """Stored data fail their checksums."""


class StorageError(StoreError):
    """The disk refused: it is full, read-only or no longer there."""
