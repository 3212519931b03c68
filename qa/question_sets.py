"""Question sets: SQuAD's JSON, or JSON lines; for training a reader and for measuring one."""

from __future__ import annotations

import gzip
import json
import lzma
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from index import QuestionSetError

OPENERS: dict[str, Any] = {".xz": lzma.open, ".gz": gzip.open}

_SHOWN = 80
"""Characters of a wrong value that a message shows."""


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A question whose answer is known.

    Attributes:
        id: its name in the set.
        article: names the article that the paragraph is from.
        title: the article's title, "" when unknown.
        paragraph: the text that holds the answer, "" when only the answer's words are known.
        text: the question.
        answers: the words that answer, each with its first character in the paragraph, or None for words only.
        answerable: False for a question that the paragraph does not answer.
    """

    id: str
    article: str
    title: str
    paragraph: str
    text: str
    answers: tuple[tuple[str, int | None], ...]
    answerable: bool


@dataclass(slots=True)
class QuestionSet:
    """Questions, and the paragraphs of their articles in order, by the article's name."""

    questions: list[LabelledQuestion] = field(default_factory=list)
    paragraphs: dict[str, dict[str, None]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)


def read_questions(paths: Iterable[Path]) -> QuestionSet:
    """Reads question sets.

    A file is either SQuAD's JSON (``{"data": [{"title", "paragraphs": [{"context", "qas"}]}]}``), or holds one JSON
    object a line: a question (``question``, ``answers``: texts, or ``{"text", "start"}``; and, where known, ``id``,
    ``article``, ``title``, ``paragraph``, ``answerable``), or an article (``article``, ``title``, ``paragraphs``).
    SQuAD's own names are understood there too: ``context``, ``answer_start``, ``is_impossible``, and ``answers`` as
    two lists. Files may be compressed (``.xz``, ``.gz``).

    Raises:
        QuestionSetError: a file that cannot be read, or a line that is none of these, with its number.
    """
    found = QuestionSet()
    for path in paths:
        try:
            with OPENERS.get(path.suffix, open)(path, "rt", encoding="utf-8-sig") as file:
                _read(path, file, found)
        except UnicodeDecodeError as error:
            raise QuestionSetError(f"{path}: not UTF-8 text; give SQuAD's JSON or JSON lines") from error
        except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
            raise QuestionSetError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    return found


def _read(path: Path, file: IO[str], found: QuestionSet) -> None:
    number, first = 1, file.readline()
    while first and not first.strip():
        number, first = number + 1, file.readline()
    if not first:
        return
    row = _json(first)
    if row is None or isinstance(row, list) or (isinstance(row, dict) and "data" in row):
        whole = row if row is not None else _json(first + file.read())
        if not isinstance(whole, dict | list):
            raise QuestionSetError(f"{path}: neither SQuAD's JSON nor JSON lines")
        entries = whole if isinstance(whole, list) else whole.get("data", [whole])
        if not isinstance(entries, list):
            raise QuestionSetError(f"{path}: 'data' is not a list of articles, as it is in SQuAD's JSON")
        for position, entry in enumerate(entries, 1):
            _take(f"{path}, entry {position}", f"{path.name}:{position}", entry, found)
        return
    _take(f"{path}, line {number}", f"{path.name}:{number}", row, found)
    for following, line in enumerate(file, number + 1):
        if line.strip():
            row = _json(line)
            if row is None:
                raise QuestionSetError(f"{path}, line {following}: not JSON")
            _take(f"{path}, line {following}", f"{path.name}:{following}", row, found)


def _json(text: str) -> Any:
    """What a text says in JSON, or None when it is none, or nested deeper than any question set."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _take(place: str, name: str, row: Any, found: QuestionSet) -> None:
    """Takes a question, an article, or an article with its questions as SQuAD has it."""
    try:
        if not isinstance(row, dict):
            raise _WrongError("not a JSON object")
        title = str(row.get("title") or "").replace("_", " ")
        if "paragraphs" not in row:
            _add(_question(name, title, row), found)
            return
        paragraphs = _listed(row["paragraphs"], "paragraphs")
        article = str(row.get("article") or row.get("title") or "")
        if any(isinstance(paragraph, dict) for paragraph in paragraphs):
            for position, question in enumerate(_squad(article, paragraphs), 1):
                _add(_question(f"{name}:{position}", title, question), found)
            return
        found.titles.setdefault(article, title)
        # The article's own order, also when questions about some of its paragraphs came first.
        whole = dict.fromkeys(_text(paragraph, "paragraphs") for paragraph in paragraphs)
        found.paragraphs[article] = whole | found.paragraphs.get(article, {})
    except _WrongError as error:
        raise QuestionSetError(f"{place}: {error}") from error


class _WrongError(ValueError):
    """What is wrong with a row; the place is added where it is known."""


def _squad(article: str, paragraphs: list[Any]) -> Iterator[dict[str, Any]]:
    """The questions of an article in SQuAD's JSON as rows of JSON lines."""
    for paragraph in paragraphs:
        if not isinstance(paragraph, dict) or "context" not in paragraph:
            raise _WrongError("a paragraph has no 'context'")
        for question in _listed(paragraph.get("qas", []), "qas"):
            if not isinstance(question, dict):
                raise _WrongError("'qas' is not a list of questions")
            yield {**question, "article": article, "paragraph": paragraph["context"]}


def _question(name: str, title: str, row: dict[str, Any]) -> LabelledQuestion:
    if not isinstance(row.get("question"), str) or not row["question"].strip():
        raise _WrongError("not a question with its answers: 'question' is missing or empty")
    paragraph = _text(row.get("paragraph") or row.get("context") or "", "paragraph")
    given = () if row.get("is_impossible") is True else tuple(_answers(row.get("answers"), paragraph))
    answerable = row.get("answerable", not row["is_impossible"] if "is_impossible" in row else bool(given))
    if not isinstance(answerable, bool):
        raise _WrongError(f"'answerable' is {repr(answerable)[:_SHOWN]}: give true or false")
    if answerable and not given:
        raise _WrongError(f"the question {row['question'][:_SHOWN]!r} is said to be answerable and has no answers")
    return LabelledQuestion(
        str(row.get("id") or name),
        str(row.get("article") or title or paragraph[:80]),
        title,
        paragraph,
        row["question"],
        given if answerable else (),
        answerable,
    )


def _add(question: LabelledQuestion, found: QuestionSet) -> None:
    found.questions.append(question)
    found.titles.setdefault(question.article, question.title)
    if question.paragraph:
        found.paragraphs.setdefault(question.article, {}).setdefault(question.paragraph)


def _answers(given: Any, paragraph: str) -> Iterator[tuple[str, int | None]]:
    """The answers of a row: texts, objects with a text and where it begins, or one object with lists of both."""
    if isinstance(given, dict) and isinstance(given.get("text"), list):
        texts = given["text"]
        starts = given.get("answer_start", given.get("start")) or [None] * len(texts)
        if len(_listed(starts, "answer_start")) != len(texts):
            raise _WrongError(f"'answers' has {len(texts)} texts and {len(starts)} starts")
        given = [{"text": text, "start": start} for text, start in zip(texts, starts, strict=True)]
    elif isinstance(given, str | dict):
        given = [given]
    for item in _listed(given or [], "answers"):
        answer = {"text": item} if isinstance(item, str) else item
        if not isinstance(answer, dict) or not isinstance(answer.get("text"), str) or not answer["text"].strip():
            raise _WrongError(f'the answer {repr(item)[:_SHOWN]} is neither words nor {{"text", "start"}}')
        yield answer["text"], _start(answer, paragraph)


def _start(answer: dict[str, Any], paragraph: str) -> int | None:
    text, start = answer["text"], answer.get("start", answer.get("answer_start"))
    if start is None:
        return None
    if not isinstance(start, int) or start < 0:
        raise _WrongError(f"the answer {text[:_SHOWN]!r} starts at {repr(start)[:_SHOWN]}, not at a character")
    if paragraph and paragraph[start : start + len(text)] != text:
        raise _WrongError(f"the answer {text[:_SHOWN]!r} is not at character {start} of its paragraph")
    return start


def _listed(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise _WrongError(f"{name!r} is not a list")
    return value


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise _WrongError(f"{name!r} is not text")
    return value
