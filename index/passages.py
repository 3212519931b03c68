"""Makes passages: stretches of an article, long enough to be understood alone, short enough to be about one thing."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
from dataclasses import dataclass

from .article import Span
from .paragraphs import OTHER_SPLITTER, SENTENCE_SPLITTER, is_english, paragraph_spans, sentence_spans

TARGET = 450
"""Characters: neighbouring paragraphs are joined until a passage has so many. Chosen by benchmarks/lengths.py."""
LONGEST = 900
"""Characters: a longer passage is split between sentences; about 200 tokens, and the model reads 256."""


@dataclass(frozen=True, slots=True)
class PassageSpan:
    """A passage before it is stored: its span and those of its sentences, in the article's characters."""

    start: int
    end: int
    sentences: tuple[Span, ...]


def fingerprint(language: str | None = None) -> str:
    """Names everything that decides where the passages of an article begin and end; another one means other passages.

    Args:
        language: of the article, ISO 639-1; None means English.
    """
    splitter = SENTENCE_SPLITTER if is_english(language) else OTHER_SPLITTER
    return f"passages-2/{splitter}-{_version(splitter)}/{TARGET}-{LONGEST}"


def is_current(splitter: str | None) -> bool:
    """Whether a fingerprint is that of the present rules, for English or for another language."""
    return splitter in (fingerprint(), fingerprint("other"))


@functools.cache
def _version(package: str) -> str:
    return importlib.metadata.version(package)


def embedded_text(title: str, passage: str) -> str:
    """What the model sees of a passage: the title for context, then the passage, white space made single."""
    return " ".join(f"{title}\n{passage}".split())


def embedded_sha256(title: str, passage: str) -> bytes:
    """The SHA-256 of what the model sees of a passage; it is stored beside the vector."""
    return hashlib.sha256(embedded_text(title, passage).encode("utf-8", "surrogatepass")).digest()


def passage_spans(
    text: str, title: str, *, language: str | None = None, target: int = TARGET, longest: int = LONGEST
) -> list[PassageSpan]:
    """Splits an article into passages, in order; sentences by the rules of its language.

    Paragraphs that repeat an earlier one or the title are left out before neighbours are joined, so nothing is
    embedded or quoted twice; a passage never reaches across one that was left out. Each passage is one slice of the
    text, and each sentence a slice of its passage.
    """
    passages: list[PassageSpan] = []
    open_sentences: list[Span] = []

    def length() -> int:
        return open_sentences[-1][1] - open_sentences[0][0] if open_sentences else 0

    def close() -> None:
        if open_sentences:
            passages.append(PassageSpan(open_sentences[0][0], open_sentences[-1][1], tuple(open_sentences)))
            open_sentences.clear()

    runs = _runs(text, title)
    for run in runs:
        for paragraph in run:
            sentences = sentence_spans(text, paragraph, longest, language)
            extended = length() + paragraph[1] - paragraph[0] + 1
            heads_next = open_sentences and _is_heading(text, paragraph) and length() >= target // 2
            if length() >= target or heads_next or (open_sentences and extended > longest):
                close()
            for sentence in sentences:
                if open_sentences and sentence[1] - open_sentences[0][0] > longest:
                    close()
                open_sentences.append(sentence)
        close()
    return _merge_short_tails(passages, {run[0][0] for run in runs}, target, longest)


def _key(paragraph: str) -> str:
    return " ".join(paragraph.split()).casefold()


def _runs(text: str, title: str) -> list[list[Span]]:
    """Runs of neighbouring paragraphs to keep; a repeated one ends a run."""
    seen = {_key(title)}
    runs: list[list[Span]] = [[]]
    paragraphs = paragraph_spans(text)
    for start, end in paragraphs:
        key = _key(text[start:end])
        if key in seen or not any(character.isalnum() for character in key):
            if runs[-1]:
                runs.append([])
            continue
        seen.add(key)
        runs[-1].append((start, end))
    kept = [run for run in runs if run]
    # An article that is nothing but its title is still something that can be quoted.
    return kept or [[span] for span in paragraphs[:1]]


def _is_heading(text: str, paragraph: Span) -> bool:
    line = text[paragraph[0] : paragraph[1]]
    return len(line) <= 80 and "\n" not in line and line[-1:] not in ".!?…”\"'’:;,"


def _merge_short_tails(passages: list[PassageSpan], joints: set[int], target: int, longest: int) -> list[PassageSpan]:
    """Joins a short last passage of a run to the one before; never across ``joints``, where runs begin."""
    merged: list[PassageSpan] = []
    for passage in passages:
        before = merged[-1] if merged else None
        if (
            before is not None
            and passage.start not in joints
            and passage.end - passage.start < target // 2
            and passage.end - before.start <= longest
        ):
            merged[-1] = PassageSpan(before.start, passage.end, before.sentences + passage.sentences)
        else:
            merged.append(passage)
    return merged
