"""A question in, an answer made of quotes out."""

from .answer import Answer, Hit, Quote, ScoreParts, Turn
from .answering import ask, ask_many
from .chat import Chat
from .checking import CheckedQuotation, QuoteCheck, check_draft, find_quote
from .reading import Candidate, Reader
from .retrieval import retrieve, retrieve_many
from .sentence_reader import SentenceReader
from .writer import Notice, WriterSettings, Written, WrittenSentence, write, write_stream

__all__ = [
    "Answer",
    "Candidate",
    "Chat",
    "CheckedQuotation",
    "Hit",
    "Notice",
    "Quote",
    "QuoteCheck",
    "Reader",
    "ScoreParts",
    "SentenceReader",
    "Turn",
    "WriterSettings",
    "Written",
    "WrittenSentence",
    "ask",
    "ask_many",
    "check_draft",
    "find_quote",
    "retrieve",
    "retrieve_many",
    "write",
    "write_stream",
]
