"""Compares saved quotes with the articles as they are stored now, and makes turns of a conversation of them again."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence

from index import Article, ArticleIndex
from qa import Answer, Hit, Quote, ScoreParts, Turn

from .values import SavedAnswer, SavedArticle, SavedHit, SavedQuote, SavedTurn, State

Piece = SavedQuote | SavedHit


class Sources:
    """The articles of some saved quotes as they are stored now, looked up once.

    Args:
        index: the articles.
        pieces: the quotes and passages that will be asked about.
    """

    def __init__(self, index: ArticleIndex, pieces: Iterable[Piece]) -> None:
        self._index = index
        self._by_id = index.articles_by_id({article.id for piece in pieces for article in _cited_in(piece)})
        self._moved: dict[str, Article | None] = {}

    def state(self, piece: Piece) -> State:
        """What has become of the source of a quote."""
        article = self.stored(piece)
        if article is None:
            return "gone"
        return "same" if _holds(article, piece) else "changed"

    def stored(self, piece: Piece) -> Article | None:
        """The article as it is stored now: with the same text if there is one, else whatever is at its source."""
        article = self._by_id.get(piece.article.id)
        if article is not None and article.sha256 == piece.sha256:
            return article
        # Removed and added again, it has another number.
        return self._at_source(piece) or article

    def same_or_cited(self, article: SavedArticle) -> Article:
        """An article as it is stored when its text is the same, else as it was cited, without its text."""
        stored = self._by_id.get(article.id)
        return stored if stored is not None and stored.sha256 == article.sha256 else _cited(article, "")

    def _at_source(self, piece: Piece) -> Article | None:
        key = f"{piece.sha256} {piece.article.source}"
        if key not in self._moved:
            found = [
                article
                for source in piece.article.sources
                for article in self._index.find(source)
                if source in article.sources
            ]
            same = (article for article in found if article.sha256 == piece.sha256)
            self._moved[key] = next(same, found[0] if found else None)
        return self._moved[key]


def with_states(index: ArticleIndex, turns: Sequence[SavedTurn]) -> tuple[SavedTurn, ...]:
    """Saved turns whose quotes and passages tell what has become of their sources."""
    sources = Sources(index, _pieces(turns))
    return tuple(dataclasses.replace(turn, answer=_with_states(sources, turn.answer)) for turn in turns)


def quotes_with_states(index: ArticleIndex, quotes: Sequence[SavedQuote]) -> tuple[SavedQuote, ...]:
    """Saved quotes that tell what has become of their sources."""
    sources = Sources(index, quotes)
    return tuple(dataclasses.replace(quote, state=sources.state(quote)) for quote in quotes)


def as_turns(index: ArticleIndex, turns: Sequence[SavedTurn]) -> tuple[Turn, ...]:
    """Saved turns as a conversation that can be shown and gone on with.

    A quote whose source is the same stands in the stored article. One whose source has changed or is gone stands in
    an article that holds nothing but the pieces that were saved, each at its place, with the hash of the text as it
    was: so it is still a slice, and a comparison with the stored article says that the source has changed.
    """
    sources = Sources(index, _pieces(turns))
    return tuple(Turn(turn.question, _as_answer(sources, turn.answer)) for turn in turns)


def _cited_in(piece: Piece) -> tuple[SavedArticle, ...]:
    return (piece.article, *piece.also_in) if isinstance(piece, SavedQuote) else (piece.article,)


def _pieces(turns: Sequence[SavedTurn]) -> Iterator[Piece]:
    for turn in turns:
        yield from turn.answer.quotes
        yield from turn.answer.nearest


def _with_states(sources: Sources, answer: SavedAnswer) -> SavedAnswer:
    return dataclasses.replace(
        answer,
        quotes=tuple(dataclasses.replace(quote, state=sources.state(quote)) for quote in answer.quotes),
        nearest=tuple(dataclasses.replace(hit, state=sources.state(hit)) for hit in answer.nearest),
    )


def _as_answer(sources: Sources, saved: SavedAnswer) -> Answer:
    return Answer(
        asked=saved.asked,
        question=saved.question,
        answered=saved.answered,
        text=saved.text,
        reason=saved.reason,
        confidence=saved.confidence,
        quotes=tuple(_as_quote(sources, quote) for quote in saved.quotes),
        nearest=tuple(_as_hit(sources, hit) for hit in saved.nearest),
        shape=saved.shape,
        note=saved.note,
    )


def _as_quote(sources: Sources, quote: SavedQuote) -> Quote:
    return Quote(
        text=quote.text,
        start=quote.start,
        end=quote.end,
        article=_article(sources, quote),
        sha256=quote.sha256,
        score=quote.score,
        confidence=quote.confidence,
        answer_start=quote.answer_start,
        answer_end=quote.answer_end,
        page=quote.page,
        also_in=tuple(sources.same_or_cited(article) for article in quote.also_in),
        context_start=quote.context_start,
    )


def _as_hit(sources: Sources, hit: SavedHit) -> Hit:
    parts = ScoreParts(dense=0.0, lexical=0.0, fused=hit.score)
    return Hit(hit.score, hit.text, hit.start, hit.end, _article(sources, hit), parts)


def _article(sources: Sources, piece: Piece) -> Article:
    stored = sources.stored(piece)
    if stored is not None and _holds(stored, piece):
        return stored
    before = piece.context if isinstance(piece, SavedQuote) and piece.context_start is not None else None
    return _cited(piece.article, f"{before or ''}{piece.text}".rjust(piece.end))


def _cited(article: SavedArticle, text: str) -> Article:
    """An article as it is cited, with no more of its text than is known."""
    return Article(
        id=article.id,
        title=article.title,
        sources=article.sources,
        author=article.author,
        published=article.published,
        language=article.language,
        text=text,
        sha256=article.sha256,
        site=article.site,
        url=article.url,
    )


def _holds(article: Article, piece: Piece) -> bool:
    return article.sha256 == piece.sha256 and article.text[piece.start : piece.end] == piece.text
