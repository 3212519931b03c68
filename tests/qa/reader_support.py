"""Small question sets about invented places, and an untrained reader, for the tests of the reader and its training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from qa.question_sets import QuestionSet, read_questions

TOWNS = ("Velsund", "Marrick", "Odenhof", "Tarsk", "Lindow", "Brasca", "Ferrow", "Quillan")
BUILDERS = (
    "Ada Holm",
    "Piet Kruger",
    "Nora Finch",
    "Ivo Marsh",
    "Lena Quist",
    "Omar Reyes",
    "Tess Vale",
    "Hugo Brandt",
)


def entries(count: int = len(TOWNS)) -> list[dict[str, Any]]:
    """SQuAD's articles: each with two paragraphs, two questions that are answered and one that is not."""
    made = []
    for number in range(count):
        town, builder, year = TOWNS[number], BUILDERS[number], str(1801 + 17 * number)
        bridge = f"The bridge of {town} was built in {year} by {builder}. It has {number + 3} arches of grey stone."
        market = f"On market days the people of {town} sell cheese and wool. Boats come from {TOWNS[number - 1]}."
        made.append(
            {
                "title": f"The bridge of {town}",
                "paragraphs": [
                    {
                        "context": bridge,
                        "qas": [
                            _question(f"Who built the bridge of {town}?", bridge, builder),
                            _question(f"In which year was the bridge of {town} built?", bridge, year),
                            {"question": f"Who painted the bridge of {town}?", "answers": [], "is_impossible": True},
                        ],
                    },
                    {
                        "context": market,
                        "qas": [_question(f"What do the people of {town} sell?", market, "cheese and wool")],
                    },
                ],
            }
        )
    return made


def _question(text: str, paragraph: str, answer: str) -> dict[str, Any]:
    return {"question": text, "answers": [{"text": answer, "answer_start": paragraph.index(answer)}]}


def write_set(path: Path, count: int = len(TOWNS)) -> Path:
    """Writes such a set as SQuAD's JSON."""
    path.write_text(json.dumps({"version": "v2.0", "data": entries(count)}), "utf-8")
    return path


def small_set(folder: Path, count: int = len(TOWNS)) -> QuestionSet:
    """Such a set, as it is read."""
    return read_questions([write_set(folder / "questions.json", count)])
