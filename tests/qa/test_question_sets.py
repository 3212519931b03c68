"""Question sets: SQuAD's JSON and JSON lines, plain and compressed; what is wrong with one is said in one line."""

from __future__ import annotations

import gzip
import json
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from index import QuestionSetError
from qa.question_sets import LabelledQuestion, QuestionSet, read_questions

PARAGRAPH = "The bridge opened in 1931. It cost 40 crowns."
SQUAD = {
    "version": "v2.0",
    "data": [
        {
            "title": "Old_bridges",
            "paragraphs": [
                {
                    "context": PARAGRAPH,
                    "qas": [
                        {
                            "id": "a",
                            "question": "When did it open?",
                            "answers": [{"text": "1931", "answer_start": 21}],
                            "is_impossible": False,
                        },
                        {
                            "id": "b",
                            "question": "Who built it?",
                            "answers": [],
                            "plausible_answers": [{"text": "crowns", "answer_start": 38}],
                            "is_impossible": True,
                        },
                    ],
                }
            ],
        }
    ],
}
EXPECTED = [
    LabelledQuestion("a", "Old_bridges", "Old bridges", PARAGRAPH, "When did it open?", (("1931", 21),), True),
    LabelledQuestion("b", "Old_bridges", "Old bridges", PARAGRAPH, "Who built it?", (), False),
]

Write = Callable[..., Path]


def read(path: Path) -> QuestionSet:
    return read_questions([path])


def question_of(write: Write, row: Any) -> LabelledQuestion:
    [question] = read(write("set.jsonl", json.dumps(row) + "\n")).questions
    return question


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("before", ["", "\ufeff", "\n\n"])
def test_squad_is_read_on_one_line_and_on_many(write: Write, indent: int | None, before: str) -> None:
    found = read(write("set.json", before + json.dumps(SQUAD, indent=indent)))
    assert found.questions == EXPECTED
    assert found.paragraphs == {"Old_bridges": {PARAGRAPH: None}}
    assert found.titles == {"Old_bridges": "Old bridges"}


def test_a_line_may_be_one_of_squads_articles(write: Write) -> None:
    assert read(write("set.jsonl", json.dumps(SQUAD["data"][0]) + "\n\n")).questions == EXPECTED  # type: ignore[index]


def test_a_list_of_questions_is_a_set(write: Write) -> None:
    rows = [{"question": "Who?", "answers": ["a"]}, {"question": "Why?", "answers": ["b"]}]
    for indent in (None, 1):
        assert [one.text for one in read(write("set.json", json.dumps(rows, indent=indent))).questions] == [
            "Who?",
            "Why?",
        ]


def test_one_question_may_be_spread_over_lines(write: Write) -> None:
    found = read(write("set.json", json.dumps({"question": "Who?", "answers": ["a"]}, indent=2)))
    assert [one.text for one in found.questions] == ["Who?"]


@pytest.mark.parametrize(("suffix", "compress"), [(".xz", lzma.compress), (".gz", gzip.compress), ("", bytes)])
def test_compressed_files_are_read(write: Write, suffix: str, compress: Callable[[bytes], bytes]) -> None:
    lines = '{"question": "Wer war’s?", "answers": ["Zoë"]}\n'.encode()
    [question] = read(write(f"set.jsonl{suffix}", compress(lines))).questions
    assert (question.text, question.answers, question.answerable) == ("Wer war’s?", (("Zoë", None),), True)


@pytest.mark.parametrize(
    "answers",
    [
        [{"text": "1931", "start": 21}],
        [{"text": "1931", "answer_start": 21}],
        {"text": "1931", "start": 21},
        {"text": ["1931"], "answer_start": [21]},
    ],
)
def test_answers_with_their_places(write: Write, answers: Any) -> None:
    row = {"question": "When?", "context": PARAGRAPH, "answers": answers}
    assert question_of(write, row).answers == (("1931", 21),)
    assert question_of(write, row).paragraph == PARAGRAPH


@pytest.mark.parametrize("answers", ["1931", ["1931"], {"text": ["1931"]}, [{"text": "1931"}]])
def test_answers_that_are_words_alone(write: Write, answers: Any) -> None:
    assert question_of(write, {"question": "When?", "answers": answers}).answers == (("1931", None),)


@pytest.mark.parametrize("extra", [{}, {"answers": []}, {"answers": None}, {"answerable": False, "answers": ["x"]}])
def test_a_question_without_answers_is_unanswerable(write: Write, extra: dict[str, Any]) -> None:
    question = question_of(write, {"question": "Who?", **extra})
    assert not question.answerable
    assert question.answers == ()


def test_articles_and_names_are_kept(write: Write) -> None:
    rows: list[dict[str, Any]] = [
        {"article": "7", "title": "Old bridges", "paragraphs": ["One.", "Two."]},
        {"question": "Who?", "answers": ["a"], "article": "7", "paragraph": "Three."},
        {"question": "Why?", "answers": ["b"]},
    ]
    path = write("set.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    found = read(path)
    assert list(found.paragraphs["7"]) == ["One.", "Two.", "Three."]
    assert found.titles["7"] == "Old bridges"
    assert [question.id for question in found.questions] == ["set.jsonl:2", "set.jsonl:3"]


def test_several_files_are_one_set(write: Write) -> None:
    paths = [write(name, '{"question": "Who?", "answers": ["a"]}') for name in ("a.jsonl", "b.jsonl")]
    assert [question.id for question in read_questions(paths).questions] == ["a.jsonl:1", "b.jsonl:1"]


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_an_empty_file_is_an_empty_set(write: Write, content: str) -> None:
    assert read(write("set.jsonl", content)).questions == []


GOOD = '{"question": "Who?", "answers": ["a"]}\n'


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("A plain text.\n", "neither SQuAD's JSON nor JSON lines"),
        ("7\n", "line 1: not a JSON object"),
        ('{"data": 7}', "'data' is not a list of articles"),
        ('{"data": [{"paragraphs": [{"qas": []}]}]}', "entry 1: a paragraph has no 'context'"),
        ('{"data": [{"paragraphs": [{"context": "a", "qas": ["b"]}]}]}', "entry 1: 'qas' is not a list of questions"),
        (GOOD + "{not JSON}\n", "line 2: not JSON"),
        (GOOD + "\n" + '{"answers": ["a"]}\n', "line 3: not a question with its answers"),
        (GOOD + '{"question": " ", "answers": ["a"]}', "line 2: not a question"),
        ('{"question": "Who?", "answers": 7}', "'answers' is not a list"),
        ('{"question": "Who?", "answers": [7]}', "the answer 7 is neither words"),
        ('{"question": "Who?", "answers": [" "]}', "the answer ' ' is neither words"),
        ('{"question": "Who?", "answers": [], "answerable": true}', "said to be answerable and has no answers"),
        ('{"question": "Who?", "answers": [], "is_impossible": false}', "said to be answerable and has no answers"),
        ('{"question": "Who?", "answers": ["a"], "answerable": "no"}', "'answerable' is 'no': give true or false"),
        ('{"question": "Who?", "paragraph": 7, "answers": ["a"]}', "'paragraph' is not text"),
        ('{"paragraphs": [7]}', "'paragraphs' is not text"),
        (
            '{"question": "Who?", "paragraph": "abc", "answers": [{"text": "b", "start": 0}]}',
            "line 1: the answer 'b' is not at character 0 of its paragraph",
        ),
        (
            '{"question": "Who?", "paragraph": "abc", "answers": [{"text": "c", "start": -1}]}',
            "the answer 'c' starts at -1",
        ),
        ('{"question": "Who?", "answers": {"text": ["a"], "start": [1, 2]}}', "1 texts and 2 starts"),
        ("[" * 200_000, "neither SQuAD's JSON nor JSON lines"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(write: Write, content: str, says: str) -> None:
    path = write("set.jsonl", content)
    with pytest.raises(QuestionSetError) as caught:
        read(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert says in message
    assert "\n" not in message
    assert len(message) < len(str(path)) + 300


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("set.jsonl", b"\xff\xfe\x00binary\x81"),
        ("set.jsonl.xz", b"not xz"),
        ("set.jsonl.gz", b"not gzip"),
        ("set.jsonl.xz", lzma.compress(GOOD.encode() * 1000)[:-20]),
        ("set.jsonl.gz", gzip.compress(GOOD.encode() * 1000)[:-20]),
        ("set.jsonl.gz", gzip.compress(GOOD.encode())[:12] + b"\xff" * 40),
    ],
    # Without names a gzip's own bytes would be the names: they hold the second in which it was packed.
    ids=["no text", "no xz", "no gzip", "xz cut off", "gzip cut off", "gzip overwritten"],
)
def test_a_file_that_is_damaged_or_no_text_is_one_line(write: Write, name: str, content: bytes) -> None:
    path = write(name, content)
    with pytest.raises(QuestionSetError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder_are_one_line(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.json", tmp_path):
        with pytest.raises(QuestionSetError, match=str(path)):
            read(path)
