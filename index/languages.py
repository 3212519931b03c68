"""Languages: found out for each article, and for a question where the index holds several. Codes are ISO 639-1."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from .reading import Draft
from .settings import DEFAULT_MODEL

MULTILINGUAL_MODEL = "paraphrase-multilingual-MiniLM-L12-v2"
"""Named to people whose articles are not in English."""

_SURE = 0.6
"""Of 3,000 English newswire articles none was taken for another language at this probability, many are only tables."""
_SURE_OF_QUESTION = 0.75
"""Names make short questions look foreign: "coup d'état in Niger" is 74% French."""
_LOOKED_AT = 3000
"""Characters of an article; the rest would not change the result."""
_NOT_FOREIGN = ("en", None)
_CODE = re.compile(r"([a-zA-Z]{2})(?:[-_.].*)?\Z")


@functools.cache
def _identifier() -> Any:
    """Naive Bayes over byte n-grams, read from a file of 4.5 MB on first use; see https://github.com/adbar/py3langid."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([label for label in identifier.labels if len(label) == 2])
    return identifier


def _classified(text: str) -> tuple[str, float]:
    language, probability = _identifier().classify(text.lower() if text.isupper() else text)
    return str(language), float(probability)


def detected(text: str) -> str | None:
    """The language of an article's text, or None when nothing is sure, as for tables and single words."""
    language, probability = _classified(text[:_LOOKED_AT])
    return language if probability >= _SURE else None


def detected_in_question(question: str, known: Collection[str]) -> str | None:
    """The language of a question among those of the articles; None when it is not sure, or there is no choice."""
    if len(known) < 2:
        return None
    language, probability = _classified(question)
    return language if probability >= _SURE_OF_QUESTION and language in known else None


def code(declared: str | None) -> str | None:
    """The two letters of a declared language, such as ``pt`` of ``pt-BR``; None when it is no such code."""
    match = _CODE.match((declared or "").strip())
    return match[1].lower() if match else None


def with_language(draft: Draft) -> Draft:
    """The draft with its language: as declared where it is, else as found in the text."""
    language = code(draft.language) or detected(f"{draft.title}\n{draft.text[:_LOOKED_AT]}")
    return draft if language == draft.language else replace(draft, language=language)


def add_note(notes: list[str], draft: Draft, model: str) -> None:
    """Says once that the default model does not know a language, and what to do about it."""
    if model != DEFAULT_MODEL or draft.language in _NOT_FOREIGN:
        return
    beginning = f"The model {DEFAULT_MODEL} knows English only"
    if not any(note.startswith(beginning) for note in notes):
        notes.append(
            f"{beginning}, and {draft.title!r} is in another language ({draft.language}): it is found by its "
            f"words, hardly by its meaning. For other languages set PULLQUOTE_MODEL={MULTILINGUAL_MODEL} (or a folder "
            "that holds such a model) and run `pullquote reembed`."
        )
