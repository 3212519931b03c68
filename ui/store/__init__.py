"""What the web page keeps for its users, in one SQLite file beside the articles: chats, clippings, feedback, accounts.

``Store`` is the way in. Chats, clippings and feedback belong to an owner, and nothing reaches another owner's.
"""

from .accounts import Account, Accounts, account_name
from .feedback import DISLIKE_REASONS, Feedback, QuestionSetExport
from .owned import is_account
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
    "Account",
    "Accounts",
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
    "account_name",
    "is_account",
    "store_path",
]
