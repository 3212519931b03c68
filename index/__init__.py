"""Articles in, ranked passages out."""

from .article import AddReport, Article, Failure, Passage, Progress, SyncReport
from .article_index import ArticleIndex, Snapshot, Stats
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
    PullquoteError,
    QuestionError,
    SourceError,
    StorageError,
    StoreError,
)
from .selection import Filters
from .settings import Settings

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
    "Progress",
    "PullquoteError",
    "QuestionError",
    "SentenceTransformerEmbedder",
    "Settings",
    "Snapshot",
    "SourceError",
    "Stats",
    "StorageError",
    "StoreError",
    "SyncReport",
]
