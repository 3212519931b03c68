"""Answers, hits and articles as plain dictionaries: what ``--json`` prints and what the HTTP API returns."""

from __future__ import annotations

import dataclasses
from typing import Any

from index import Article
from qa import Answer, CheckedQuotation, Hit, Notice, Quote, WrittenSentence

Json = dict[str, Any]


def article_json(article: Article, *, with_text: bool = False) -> Json:
    """An article; its text only where it is asked for."""
    found: Json = {
        "id": article.id,
        "title": article.title,
        "source": article.source,
        "sources": list(article.sources),
        "author": article.author,
        "published": article.published.isoformat() if article.published else None,
        "language": article.language,
        "sha256": article.sha256,
        "characters": len(article.text),
    }
    if with_text:
        found["text"] = article.text
    return found


def hit_json(hit: Hit) -> Json:
    """A passage that was found."""
    return {
        "score": hit.score,
        "text": hit.text,
        "start": hit.start,
        "end": hit.end,
        "article": article_json(hit.article),
        "explain": dataclasses.asdict(hit.explain),
    }


def quote_json(quote: Quote) -> Json:
    """A quote; ``context`` is the text directly before it where the quote cannot be understood without."""
    return {
        "text": quote.text,
        "start": quote.start,
        "end": quote.end,
        "sha256": quote.sha256,
        "score": quote.score,
        "confidence": quote.confidence,
        "answer": quote.answer,
        "answer_start": quote.answer_start,
        "answer_end": quote.answer_end,
        "page": quote.page,
        "context_start": quote.context_start,
        "context": quote.context,
        "article": article_json(quote.article),
        "also_in": [article_json(article) for article in quote.also_in],
    }


def answer_json(answer: Answer) -> Json:
    """An answer with its quotes, or with the nearest passages when the articles do not answer."""
    return {
        "asked": answer.asked,
        "question": answer.question,
        "answered": answer.answered,
        "text": answer.text,
        "reason": answer.reason,
        "confidence": answer.confidence,
        "quotes": [quote_json(quote) for quote in answer.quotes],
        "nearest": [hit_json(hit) for hit in answer.nearest],
        "shape": answer.shape,
        "note": answer.note,
    }


def checked_json(checked: CheckedQuotation, draft: str) -> Json:
    """A quotation of a draft, with what the articles say about it; ``line`` is the draft's, from 1."""
    check = checked.check
    return {
        "quotation": check.quotation,
        "verdict": check.verdict.value,
        "start": checked.start,
        "end": checked.end,
        "line": draft.count("\n", 0, checked.start) + 1,
        "closed": checked.closed,
        "citations": list(checked.citations),
        "similarity": check.similarity,
        "marked_only": check.marked_only,
        "places": [
            {
                "text": place.text,
                "start": place.start,
                "end": place.end,
                "page": place.page,
                "article": article_json(place.article),
            }
            for place in check.places
        ],
        "more": check.more,
        "differences": [dataclasses.asdict(one) | {"kind": one.kind.value} for one in check.differences],
        "notes": list(check.notes),
    }


def written_json(item: WrittenSentence | Notice) -> Json:
    """A sentence that a language model wrote about an answer, or the notice about its writing."""
    return {"notice": item.text} if isinstance(item, Notice) else dataclasses.asdict(item)
