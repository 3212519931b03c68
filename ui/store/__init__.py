"""What the web page keeps for its users: chats, clippings and feedback, in one SQLite file beside the articles.

``Store`` is the way in. Whatever it gives and takes belongs to an owner, and nothing reaches another owner's.
"""

from .feedback import DISLIKE_REASONS, Feedback, QuestionSetExport
from .places import store_path
from .store import Store
from .values import (
    Clipping,
    FoundChat,
    NotKeptError,
    SavedAnswer,
    SavedArticle,
    SavedChat,
    SavedHit,
    SavedQuote,
    SavedTurn,
    State,
)

__all__ = [
    "DISLIKE_REASONS",
    "Clipping",
    "Feedback",
    "FoundChat",
    "NotKeptError",
    "QuestionSetExport",
    "SavedAnswer",
    "SavedArticle",
    "SavedChat",
    "SavedHit",
    "SavedQuote",
    "SavedTurn",
    "State",
    "Store",
    "store_path",
]
