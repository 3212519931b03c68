"""Conversations for measuring follow-ups: turns with their history, the passages among which they are searched."""

from __future__ import annotations

import hashlib
import random
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from index import Article
from index.article import text_sha256
from index.words import Document, WordIndex, WordView
from qa import Answer, Quote, Turn

from .datasets import half_of, plain_title, rows

PARAGRAPHS = ("squad2_dev_half", "xquad_en", "nq_open_oracle", "clapnq_dev", "covidqa")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z“\"])")
_CLAUSE = 1_000
"""Characters of a quote in a simulated turn."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a conversation.

    Attributes:
        set, conversation, number: where it is from.
        question: as it was asked.
        questions, answers: of the earlier turns, oldest first; an answer is the text that was shown, or empty.
        gold: the texts that answer.
        rewrite: the standalone question that a person wrote, or None.
    """

    set: str
    conversation: str
    number: int
    question: str
    questions: tuple[str, ...]
    answers: tuple[str, ...]
    gold: tuple[str, ...]
    rewrite: str | None = None

    @property
    def half(self) -> str:
        """``tuning`` or ``reporting``; all turns of a conversation in the same."""
        return half_of_conversation(self.conversation)


def half_of_conversation(name: str) -> str:
    """A seeded half of the conversations."""
    digest = hashlib.sha256(("fu1" + name).encode()).hexdigest()
    return "reporting" if int(digest, 16) % 2 else "tuning"


def one_line(text: str) -> str:
    """A text with single spaces."""
    return " ".join(text.split())


def conversations(data: Path) -> list[Asked]:
    """The turns of the three sets of conversations."""
    found = []
    for row in rows(data / "dev" / "cast_rewrites.jsonl.xz"):
        name, number = row["id"].rsplit("-", 1)
        said = row["history"]
        paired = name.startswith("cast2021")  # with the passage that was shown after each question
        questions, answers = (said[::2], said[1::2]) if paired else (said, [""] * len(said))
        gold = (one_line(row["passage"]),) if row["passage"] else ()
        found.append(
            Asked("cast", name, int(number), row["question"], tuple(questions), tuple(answers), gold, row["rewrite"])
        )
    for row in rows(data / "dev" / "inscit_dev.jsonl.xz"):
        name, number = row["id"].rsplit("-", 1)
        said = row["context"]
        texts = {one_line(one["passage_text"]) for label in row["labels"] for one in label["evidence"]}
        found.append(
            Asked("inscit", name, int(number), said[-1], tuple(said[:-1:2]), tuple(said[1:-1:2]), tuple(sorted(texts)))
        )
    for row in rows(data / "dev" / "mtragun_half.jsonl.xz"):
        said = {
            speaker: tuple(one["text"] for one in row["history"] if one["speaker"] == speaker)
            for speaker in ("user", "agent")
        }
        texts = {one_line(one["text"]) for one in row["contexts"]}
        name = row["id"].split("<")[0]
        found.append(
            Asked("mtragun", name, int(row["turn"]), row["question"], said["user"], said["agent"], tuple(sorted(texts)))
        )
    return found


def shortened(asked: Asked, words: WordView) -> Asked:
    """The same turn, but of each earlier answer only the sentence that shares most with its question was shown."""
    answers = []
    for question, answer in zip(asked.questions, asked.answers, strict=True):
        terms = set(words.content_terms(question))
        answers.append(max(_SENTENCE.split(answer), key=lambda text: len(terms & set(words.content_terms(text)))))
    return replace(asked, answers=tuple(answers))


def documents(data: Path) -> list[str]:
    """All passages of the conversations, and the paragraphs of the question sets to search among, each once."""
    texts = dict.fromkeys(text for asked in conversations(data) for text in asked.gold)
    for name in PARAGRAPHS:
        texts.update(dict.fromkeys(one_line(row["paragraph"]) for row in rows(data / "dev" / f"{name}.jsonl.xz")))
    return list(texts)


def word_index(texts: Sequence[str]) -> WordView:
    """The texts in a word index in memory, numbered from 1."""
    words = WordIndex(None, "follow-ups")
    words.apply((Document(number, number, "", text) for number, text in enumerate(texts, 1)), [], 1)
    return words.view()


def turn(question: str, searched: str, shown: str) -> Turn:
    """A turn whose answer quoted a text, or found nothing when the text is empty."""
    if not shown:
        return Turn(
            question, Answer(question, searched, False, "Not in your articles.", "Nothing relevant was found.", 0.0)
        )
    digest = text_sha256(shown)
    article = Article(1, "", (), None, None, "en", shown, digest)
    text = shown[:_CLAUSE]
    quote = Quote(text, 0, len(text), article, digest, 1.0, 0.9)
    return Turn(question, Answer(question, searched, True, text, None, 0.9, (quote,)))


def history(asked: Asked, resolve: Callable[[str, Sequence[Turn]], str]) -> list[Turn]:
    """The earlier turns; each searched question is what ``resolve`` made of it and the turns before it."""
    turns: list[Turn] = []
    for question, answer in zip(asked.questions, asked.answers, strict=True):
        turns.append(turn(question, resolve(question, turns) if turns else question, answer))
    return turns


def standing_alone(data: Path, half: str, seed: int = 5) -> list[Asked]:
    """Questions of the tuning half of the titles that were written to stand alone, each after another question.

    Sets ``same``: after a question on the same article. ``other``: after one on another article. ``queries``: what
    people typed into a search engine, after another such query. The titles are split in two halves once more.
    """
    by_title: dict[str, list[dict[str, object]]] = defaultdict(list)
    for name in ("squad2_dev_half", "xquad_en"):
        for row in rows(data / "dev" / f"{name}.jsonl.xz"):
            title = plain_title(row["title"])
            if half_of(title) == "tuning" and half_of_conversation(title) == half and row["answerable"]:
                by_title[title].append(row)
    generator = random.Random(seed)
    titles = sorted(title for title, some in by_title.items() if len(some) > 3)
    found = []
    for title in titles:
        for row in generator.sample(by_title[title], min(40, len(by_title[title]))):
            other = generator.choice([name for name in titles if name != title])
            for name, source in (("same", by_title[title]), ("other", by_title[other])):
                before = generator.choice([one for one in source if one is not row])
                found.append(_after(name, title, row, before))
    queries = [
        row
        for row in rows(data / "dev" / "nq_open_oracle.jsonl.xz")
        if half_of(plain_title(row["title"])) == "tuning" and half_of_conversation(plain_title(row["title"])) == half
    ]
    for row in generator.sample(queries, min(300, len(queries))):
        found.append(_after("queries", plain_title(row["title"]), row, generator.choice(queries)))
    return found


def _after(name: str, title: str, row: dict, before: dict) -> Asked:  # type: ignore[type-arg]
    answer = before["answers"][0]
    paragraph = before["paragraph"]
    position, shown = 0, paragraph
    for sentence in _SENTENCE.split(paragraph):
        if position <= answer["start"] < position + len(sentence) + 1:
            shown = sentence
        position += len(sentence) + 1
    return Asked(name, title, 2, row["question"], (before["question"],), (shown,), (one_line(row["paragraph"]),))
