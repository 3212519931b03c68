"""Step 1: the paragraphs of question sets become an index, so that training sees the passages that ``ask`` reads."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from index import Article, ArticleIndex
from index.reading import normalise
from qa.question_sets import LabelledQuestion, QuestionSet


@dataclass(frozen=True, slots=True)
class LocatedQuestion:
    """A question whose gold paragraph was found in an index; spans are in characters of the article."""

    question: LabelledQuestion
    article_id: int
    paragraph: tuple[int, int]
    answers: tuple[tuple[int, int], ...]


def write_articles(found: QuestionSet, folder: Path) -> dict[str, Path]:
    """Writes each article as a text file: its title, then its paragraphs. Returns the files by the article's name."""
    folder.mkdir(parents=True, exist_ok=True)
    written = {}
    for name, paragraphs in found.paragraphs.items():
        digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        path = folder / f"{re.sub(r'[^A-Za-z0-9]+', '-', name)[:40]}-{digest}.txt"
        title = one_line(found.titles.get(name, "")).strip()
        body = "\n\n".join(one_line(paragraph).strip() for paragraph in paragraphs)
        path.write_text(f"# {title}\n\n{body}\n" if title else f"{body}\n", "utf-8", errors="surrogatepass")
        written[name] = path
    return written


def locate(index: ArticleIndex, found: QuestionSet, written: dict[str, Path]) -> list[LocatedQuestion]:
    """The questions whose paragraph stands in the index; others (a paragraph without words, say) are left out."""
    by_source = {source: article for article in index.articles() for source in article.sources}
    located = []
    for question in found.questions:
        path = written.get(question.article)
        article = by_source.get(str(path)) if path is not None else None
        if article is None or not question.paragraph:
            continue
        place = locate_one(question, article)
        if place is not None:
            located.append(place)
    return located


def locate_one(question: LabelledQuestion, article: Article) -> LocatedQuestion | None:
    """The question with its paragraph and answers in an article's characters; None when they are not there."""
    paragraph = normalise(one_line(question.paragraph)).strip()
    start = article.text.find(paragraph) if paragraph else -1
    if start < 0:
        return None
    answers = []
    for text, offset in question.answers:
        if offset is None:
            continue
        before = len(normalise(one_line(question.paragraph[:offset])).lstrip())
        answers.append((start + before, start + before + len(normalise(one_line(text)))))
    if question.answerable and not answers:
        return None
    span = (start, start + len(paragraph))
    return LocatedQuestion(question, article.id, span, tuple(answers) if question.answerable else ())


def one_line(text: str) -> str:
    """The same length, so that offsets stay: a paragraph's own newlines would make several paragraphs of it."""
    return re.sub(r"\s", " ", text)
