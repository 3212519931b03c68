"""A question in, an answer made of quotes out."""

from .answer import Answer, Hit, Quote, ScoreParts, Turn
from .answering import ask, ask_many
from .chat import Chat
from .reading import Candidate, Reader
from .retrieval import retrieve, retrieve_many
from .sentence_reader import SentenceReader

__all__ = [
    "Answer",
    "Candidate",
    "Chat",
    "Hit",
    "Quote",
    "Reader",
    "ScoreParts",
    "SentenceReader",
    "Turn",
    "ask",
    "ask_many",
    "retrieve",
    "retrieve_many",
]
