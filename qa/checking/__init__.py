"""Quotations checked: is each one verbatim in the articles, where, and what differs if not."""

from .comparing import compare
from .drafts import check_draft, draft_text, read_draft
from .finding import find_quote
from .quotations import Quotation, find_quotations
from .result import CheckedQuotation, Comparison, Kind, QuoteCheck, QuoteDifference, QuotePlace, Verdict

__all__ = [
    "CheckedQuotation",
    "Comparison",
    "Kind",
    "Quotation",
    "QuoteCheck",
    "QuoteDifference",
    "QuotePlace",
    "Verdict",
    "check_draft",
    "compare",
    "draft_text",
    "find_quotations",
    "find_quote",
    "read_draft",
]
