"""Articles in, ranked passages out."""

from .article import AddReport, Article, Failure, Passage, Places, Progress, SyncReport, UnreadLink
from .article_index import ArticleIndex
from .embedding import Embedder, HashingEmbedder, ModelRecord, SentenceTransformerEmbedder
from .errors import (
    CorruptIndexError,
    FilterError,
    IndexFormatError,
    IndexLockedError,
    IndexNotFoundError,
    ModelError,
    ModelMismatchError,
    NotAnIndexError,
    PortableFileError,
    PullquoteError,
    QuestionError,
    QuestionSetError,
    SourceError,
    StorageError,
    StoreError,
)
from .searchable import Stats
from .selection import Filters
from .settings import Settings
from .verifying import Problem, VerifyReport
from .views import Snapshot

__all__ = [
    "AddReport",
    "Article",
    "ArticleIndex",
    "CorruptIndexError",
    "Embedder",
    "Failure",
    "FilterError",
    "Filters",
    "HashingEmbedder",
    "IndexFormatError",
    "IndexLockedError",
    "IndexNotFoundError",
    "ModelError",
    "ModelMismatchError",
    "ModelRecord",
    "NotAnIndexError",
    "Passage",
    "Places",
    "PortableFileError",
    "Problem",
    "Progress",
    "PullquoteError",
    "QuestionError",
    "QuestionSetError",
    "SentenceTransformerEmbedder",
    "Settings",
    "Snapshot",
    "SourceError",
    "Stats",
    "StorageError",
    "StoreError",
    "SyncReport",
    "UnreadLink",
    "VerifyReport",
]
