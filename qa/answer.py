"""The values that come out of a question: hits, quotes, answers, and the turns of a conversation."""

from __future__ import annotations

from dataclasses import dataclass

from index import Article


@dataclass(frozen=True, slots=True)
class ScoreParts:
    """What a hit's score is made of.

    Attributes:
        dense: cosine similarity of question and passage, -1 to 1.
        lexical: BM25 of the question's words, 0 or more; not comparable between questions.
        fused: the mix of both that ranks passages, about 0 to 1.
        reader: the reader's score where one has read the passage, else None.
    """

    dense: float
    lexical: float
    fused: float
    reader: float | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found.

    Attributes:
        score: what the hits are ordered by, higher is better.
        text: the passage: ``article.text[start:end]``.
        start, end: its characters in the article's text.
        article: the article.
        explain: what the score is made of.
        sentences: spans of the passage's sentences, in the article's characters.
        copies: the same passage, or nearly, in other articles; they are left out of the hits.
    """

    score: float
    text: str
    start: int
    end: int
    article: Article
    explain: ScoreParts
    sentences: tuple[tuple[int, int], ...] = ()
    copies: tuple[Hit, ...] = ()

    @property
    def also_in(self) -> tuple[Article, ...]:
        """The other articles that hold the passage, or nearly, each once."""
        found = {copy.article.id: copy.article for copy in self.copies}
        return tuple(article for number, article in found.items() if number != self.article.id)


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of an article, or two that follow each other, word for word.

    Attributes:
        text: always ``article.text[start:end]``.
        start, end: its characters in the article's text.
        article: the article.
        sha256: the hash of the article's text from which the quote was cut; when the stored article has another
            one, the source has changed and nothing may be marked in it.
        score: what the quotes are ordered by, higher is better.
        confidence: calibrated probability, 0 to 1, that this quote answers the question.
        answer_start, answer_end: the words in the article's text that answer, within the quote, or None.
        page: the page number in a paged document, or None.
        also_in: other articles that hold the same sentence, or nearly when they are near-duplicates.
        context_start: where an earlier sentence begins without which the quote cannot be understood, or None;
            ``article.text[context_start:start]`` is shown before the quote, lighter.
    """

    text: str
    start: int
    end: int
    article: Article
    sha256: str
    score: float
    confidence: float
    answer_start: int | None = None
    answer_end: int | None = None
    page: int | None = None
    also_in: tuple[Article, ...] = ()
    context_start: int | None = None

    @property
    def answer(self) -> str | None:
        """The words that answer, or None."""
        if self.answer_start is None or self.answer_end is None:
            return None
        return self.article.text[self.answer_start : self.answer_end]

    @property
    def context(self) -> str | None:
        """The text directly before the quote without which it cannot be understood, or None."""
        return None if self.context_start is None else self.article.text[self.context_start : self.start]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer made of quotes, or the statement that the articles do not answer.

    Attributes:
        asked: the question as it was asked.
        question: the standalone question that was searched.
        answered: whether the articles answer it.
        text: what to show; when not answered, says so.
        reason: why it was not answered, or None.
        confidence: calibrated probability, 0 to 1, that the best quote answers the question.
        quotes: best first; newest first where articles differ, in the order of the text in an overview; empty when not
            answered.
        nearest: related passages, when not answered; not answers.
        shape: what kind of answer the question wants: one of ``qa.shapes.Shape``'s values.
        note: what should be known before the quotes are read, such as that the articles differ; or None.
    """

    asked: str
    question: str
    answered: bool
    text: str
    reason: str | None
    confidence: float
    quotes: tuple[Quote, ...] = ()
    nearest: tuple[Hit, ...] = ()
    shape: str = "fact"
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a conversation and its answer."""

    question: str
    answer: Answer
